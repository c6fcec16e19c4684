"""Evidence as rows: one per shipment and fate, with the place it speaks of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from watcher.model import Fate
from watcher.store.tables import evidence, shipment, watch
from watcher.store.upserts import upsert

_SHIPMENTS = sa.func.count(evidence.c.shipment_id.distinct())
_TOLD = ("carrier", "province", "city", "district", "town", "at", "days_in_transit")


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One fate of one shipment. Region codes as in `watcher.model.Region`; `at` aware UTC."""

    shipment_id: int
    fate: Fate
    carrier: str
    province: str | None
    city: str | None
    district: str | None
    town: str | None
    at: datetime
    days_in_transit: float | None


@dataclass(frozen=True, slots=True)
class CellRow:
    """The counts of one carrier in one region. `codes` and `names` go down to the level asked for, None where the
    addresses say no more; `under_way` were shipped and have none of the final fates yet."""

    carrier: str
    codes: tuple[str | None, ...]
    names: tuple[str | None, ...]
    shipments: int
    troubled: int
    under_way: int
    counts: Mapping[Fate, int]
    days_in_transit: float | None


def pending(connection: sa.Connection, *, limit: int) -> list[int]:
    """Shipments whose fates are to be looked at again, held until the transaction ends."""
    query = (
        sa.select(watch.c.shipment_id)
        .where(watch.c.coverage_pending)
        .order_by(watch.c.shipment_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(connection.execute(query).scalars())


def taken(connection: sa.Connection, shipment_ids: Sequence[int]) -> None:
    """Their fates have been looked at."""
    connection.execute(
        sa.update(watch).where(watch.c.shipment_id.in_(shipment_ids)).values(coverage_pending=False)
    )


def of_shipments(connection: sa.Connection, shipment_ids: Iterable[int]) -> dict[int, list[EvidenceRow]]:
    """The evidence of each of these shipments; one without any has an empty list."""
    found: dict[int, list[EvidenceRow]] = {key: [] for key in shipment_ids}
    query = sa.select(evidence).where(evidence.c.shipment_id.in_(list(found))).order_by(evidence.c.id)
    for row in connection.execute(query):
        cells = {name: getattr(row, name) for name in _TOLD}
        found[row.shipment_id].append(EvidenceRow(row.shipment_id, Fate(row.fate), **cells))
    return found


def put(connection: sa.Connection, rows: Iterable[EvidenceRow]) -> None:
    """Write evidence; what was said before of the same shipment and fate is replaced."""
    values = [
        {"shipment_id": row.shipment_id, "fate": row.fate, **{name: getattr(row, name) for name in _TOLD}}
        for row in rows
    ]
    if not values:
        return
    statement = upsert(connection, evidence)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["shipment_id", "fate"],
            set_={name: statement.excluded[name] for name in _TOLD},
        ),
        values,
    )


def remove(connection: sa.Connection, rows: Iterable[EvidenceRow]) -> None:
    """Take back evidence that is no longer true."""
    gone: defaultdict[Fate, list[int]] = defaultdict(list)
    for row in rows:
        gone[row.fate].append(row.shipment_id)
    for fate, shipment_ids in gone.items():
        connection.execute(
            sa.delete(evidence).where(evidence.c.fate == fate, evidence.c.shipment_id.in_(shipment_ids))
        )


def cells(
    connection: sa.Connection,
    *,
    levels: Sequence[str],
    trouble: Sequence[Fate],
    final: Sequence[Fate],
    carrier: str | None = None,
    province: str | None = None,
    minimum: int = 1,
) -> list[CellRow]:
    """Counts per carrier and region down to the last of `levels` (`province`, `city`, …), most troubled ones first.

    Cells with fewer than `minimum` shipments are left out. Names are those of the latest shipment of the cell.
    """
    query = _counted(levels, trouble, final, carrier=carrier, province=province)
    found = query.having(minimum <= _SHIPMENTS).subquery()
    names = [shipment.c[f"{level}_name"] for level in levels]
    query = (
        sa.select(found, *names)
        .join(shipment, shipment.c.id == found.c.latest)
        .order_by(
            found.c.troubled.desc(), found.c.shipments.desc(), found.c.carrier, *(found.c[x] for x in levels)
        )
    )
    return [_cell_of(row, levels) for row in connection.execute(query)]


def _counted(
    levels: Sequence[str],
    trouble: Sequence[Fate],
    final: Sequence[Fate],
    *,
    carrier: str | None,
    province: str | None,
) -> sa.Select[Any]:
    place = [evidence.c.carrier, *(evidence.c[level] for level in levels)]
    query = sa.select(
        *place,
        _SHIPMENTS.label("shipments"),
        _with_any(trouble).label("troubled"),
        (_SHIPMENTS - _with_any(final)).label("under_way"),
        sa.func.max(evidence.c.shipment_id).label("latest"),
        sa.func.avg(evidence.c.days_in_transit).label("days_in_transit"),
        *(sa.func.count(sa.case((evidence.c.fate == fate, 1))).label(fate.value) for fate in Fate),
    )
    if carrier:
        query = query.where(evidence.c.carrier == carrier)
    if province:
        query = query.where(evidence.c.province == province)
    return query.group_by(*place)


def _with_any(fates: Sequence[Fate]) -> sa.ColumnElement[int]:
    """How many shipments have any of these fates."""
    return sa.func.count(sa.case((evidence.c.fate.in_(fates), evidence.c.shipment_id)).distinct())


def _cell_of(row: sa.Row[Any], levels: Sequence[str]) -> CellRow:
    cells = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    return CellRow(
        carrier=row.carrier,
        codes=tuple(cells[level] for level in levels),
        names=tuple(cells[f"{level}_name"] for level in levels),
        shipments=row.shipments,
        troubled=row.troubled,
        under_way=row.under_way,
        counts={fate: cells[fate.value] for fate in Fate},
        days_in_transit=row.days_in_transit,
    )
