"""Scans as rows: what the carriers printed, kept verbatim and once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from carriers.contract import Milestone, Reason, Scan
from watcher.store.tables import scan
from watcher.store.unknown_texts import Link
from watcher.store.upserts import upsert

_TEXTS = (
    "carrier_code", "text", "local_time", "city", "facility", "facility_phone", "courier_name", "courier_phone",
    "station", "station_phone", "pickup_code", "signed_by",
)  # fmt: skip


def scan_of(row: sa.Row[Any]) -> Scan:
    """The dataclass of a row."""
    cells = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    return Scan(
        occurred_at=cells["occurred_at"],
        milestone=Milestone(cells["milestone"]),
        reasons=tuple(Reason(word) for word in cells["reasons"]),
        **{name: cells[name] for name in _TEXTS},
    )


def standing(connection: sa.Connection, shipment_ids: Iterable[int]) -> dict[int, list[Scan]]:
    """For each shipment its scans that were not withdrawn, oldest first; a shipment without any has an empty list."""
    ids = list(shipment_ids)
    found: dict[int, list[Scan]] = {shipment_id: [] for shipment_id in ids}
    if not ids:
        return found
    query = (
        sa.select(scan)
        .where(scan.c.shipment_id.in_(ids), scan.c.withdrawn_at.is_(None))
        .order_by(scan.c.shipment_id, scan.c.occurred_at, scan.c.id)
    )
    for row in connection.execute(query):
        found[row.shipment_id].append(scan_of(row))
    return found


def seen_after(connection: sa.Connection, shipment_id: int, *, moment: datetime) -> frozenset[str]:
    """The identities of one shipment's lines that were first seen after `moment`."""
    query = sa.select(scan.c.identity).where(scan.c.shipment_id == shipment_id, scan.c.first_seen_at > moment)
    return frozenset(connection.scalars(query))


def present(connection: sa.Connection, lines: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of the lines (shipment id, identity) that are stored, standing or withdrawn."""
    if not lines:
        return set()
    query = sa.select(scan.c.shipment_id, scan.c.identity).where(
        scan.c.shipment_id.in_({shipment_id for shipment_id, _ in lines}),
        scan.c.identity.in_({identity for _, identity in lines}),
    )
    return {(row.shipment_id, row.identity) for row in connection.execute(query)}.intersection(lines)


def add(
    connection: sa.Connection,
    scans: Mapping[int, Sequence[Scan]],
    *,
    source: str,
    seen_at: datetime,
    links: Mapping[tuple[int, str], Link] | None = None,
) -> None:
    """Write new scans by shipment; a line that is there stays as it is, and stands again if it was withdrawn.

    `links` are those of lines that no phrase explains, by shipment id and identity.
    """
    rows = [
        _row(shipment_id, line, source=source, seen_at=seen_at, links=links or {})
        for shipment_id, lines in scans.items()
        for line in lines
    ]
    if not rows:
        return
    statement = upsert(connection, scan).on_conflict_do_update(
        index_elements=["shipment_id", "identity"], set_={"withdrawn_at": None}
    )
    connection.execute(statement, rows)


def withdraw(connection: sa.Connection, identities: Mapping[int, Iterable[str]], *, at: datetime) -> None:
    """Mark lines that their source no longer prints."""
    rows = [
        {"b_shipment_id": shipment_id, "b_identity": identity}
        for shipment_id, gone in identities.items()
        for identity in sorted(gone)
    ]
    if not rows:
        return
    statement = (
        sa.update(scan)
        .where(
            scan.c.shipment_id == sa.bindparam("b_shipment_id"), scan.c.identity == sa.bindparam("b_identity")
        )
        .values(withdrawn_at=at)
    )
    connection.execute(statement, rows)


def withdraw_all(connection: sa.Connection, shipment_ids: Sequence[int], *, at: datetime) -> None:
    """Mark every line of these shipments: they are about other parcels."""
    if shipment_ids:
        standing_lines = sa.and_(scan.c.shipment_id.in_(shipment_ids), scan.c.withdrawn_at.is_(None))
        connection.execute(sa.update(scan).where(standing_lines).values(withdrawn_at=at))


def _row(
    shipment_id: int,
    line: Scan,
    *,
    source: str,
    seen_at: datetime,
    links: Mapping[tuple[int, str], Link],
) -> dict[str, Any]:
    identity = line.identity
    link = links.get((shipment_id, identity))
    return {
        "shipment_id": shipment_id,
        "identity": identity,
        "unknown_text_id": link.unknown_text_id if link else None,
        "code_said": link.code_said if link else None,
        "source": source,
        "occurred_at": line.occurred_at,
        "milestone": line.milestone,
        "reasons": list(line.reasons),
        "first_seen_at": seen_at,
        **{name: getattr(line, name) for name in _TEXTS},
    }
