"""Reading stored scans again: which unknown texts have another label than their scans were read with, and how far that
has come.

Whoever works here holds first watches, then the text, then its scans, as those who record new scans do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from carriers.contract import Milestone, Reason, Scan
from watcher.store.scans import scan_of
from watcher.store.tables import label, scan, unknown_text

_READ = (
    "milestone", "facility", "facility_phone", "courier_name", "courier_phone", "station", "station_phone",
    "pickup_code", "signed_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Astray:
    """A text whose row does not hold the label that may stand for it."""

    id: int
    carrier: str
    template: str
    label_id: int | None


@dataclass(frozen=True, slots=True)
class Replay:
    """A text whose scans with ids above `after` are to be read again.

    `label_id` is the label that stands; `about` the one that was made or withdrawn.
    """

    unknown_text_id: int
    carrier: str
    label_id: int | None
    after: int
    about: int | None


@dataclass(frozen=True, slots=True)
class StoredLine:
    """One scan to be read again: as it stands, and as its code alone would have it."""

    id: int
    shipment_id: int
    standing: Scan
    said: Scan


def labelled_texts(connection: sa.Connection) -> list[Astray]:
    """All texts with a label that stands, or with one that was withdrawn and is still in their row."""
    columns = (unknown_text.c.id, unknown_text.c.carrier, unknown_text.c.template, unknown_text.c.label_id)
    about = sa.and_(
        unknown_text.c.template == label.c.template, label.c.carrier.in_(["", unknown_text.c.carrier])
    )
    stands = (
        sa.select(*columns).select_from(label).join(unknown_text, about).where(label.c.withdrawn_at.is_(None))
    )
    over = (
        sa.select(*columns)
        .select_from(unknown_text)
        .join(label, label.c.id == unknown_text.c.label_id)
        .where(unknown_text.c.label_id.isnot(None), label.c.withdrawn_at.isnot(None))
    )
    return [Astray(*row) for row in connection.execute(sa.union(stands, over))]


def begin(connection: sa.Connection, labels: Mapping[Astray, int | None]) -> None:
    """Write the label that stands now into these rows, and let all their scans be read again."""
    ordered = sorted(labels, key=lambda text: (text.carrier, text.template))
    for text in ordered:
        label_id = labels[text]
        connection.execute(
            sa.update(unknown_text)
            .where(unknown_text.c.id == text.id)
            .values(label_id=label_id, replay_after=0, replay_label_id=label_id or text.label_id)
        )


def begin_again(connection: sa.Connection, unknown_text_ids: Sequence[int]) -> None:
    """Scans of these texts were read with another label than the one that stands."""
    if unknown_text_ids:
        connection.execute(
            sa.update(unknown_text)
            .where(unknown_text.c.id.in_(unknown_text_ids))
            .values(
                replay_after=0,
                replay_label_id=sa.func.coalesce(unknown_text.c.label_id, unknown_text.c.replay_label_id),
            )
        )


def next_replay(connection: sa.Connection) -> Replay | None:
    """The replay to go on with."""
    query = _replays().where(unknown_text.c.replay_after.isnot(None)).order_by(unknown_text.c.id).limit(1)
    row = connection.execute(query).first()
    return None if row is None else Replay(*row)


def hold(connection: sa.Connection, replay: Replay) -> bool:
    """Hold the text; False where another worker has gone on with it meanwhile."""
    query = _replays().where(unknown_text.c.id == replay.unknown_text_id).with_for_update()
    row = connection.execute(query).first()
    return row is not None and Replay(*row) == replay


def shipments_of(connection: sa.Connection, replay: Replay, *, limit: int) -> set[int]:
    """The shipments of the next `limit` scans."""
    return set(connection.scalars(_next(replay, scan.c.shipment_id).limit(limit)))


def lines_of(connection: sa.Connection, replay: Replay, *, limit: int) -> list[StoredLine]:
    """The next `limit` scans, in the order of their ids."""
    return [_line_of(row) for row in connection.execute(_next(replay, scan).limit(limit))]


def rewrite(connection: sa.Connection, lines: Mapping[int, Scan]) -> None:
    """Write what reading scans again has given, by scan id."""
    if not lines:
        return
    names = (*_READ, "reasons")
    statement = (
        sa.update(scan)
        .where(scan.c.id == sa.bindparam("b_id"))
        .values({name: sa.bindparam(f"b_{name}", type_=scan.c[name].type) for name in names})
    )
    rows = [
        {"b_id": key, "b_reasons": list(line.reasons), **{f"b_{name}": getattr(line, name) for name in _READ}}
        for key, line in sorted(lines.items())
    ]
    connection.execute(statement, rows)


def move(connection: sa.Connection, replay: Replay, *, after: int | None) -> None:
    """How far the replay has come; None: to the end."""
    connection.execute(
        sa.update(unknown_text).where(unknown_text.c.id == replay.unknown_text_id).values(replay_after=after)
    )


def code_words(said: Scan) -> str:
    """What the carrier's code alone said of a line, as it is stored."""
    return " ".join([said.milestone, *said.reasons])


def _replays() -> sa.Select[Any]:
    return sa.select(
        unknown_text.c.id,
        unknown_text.c.carrier,
        unknown_text.c.label_id,
        unknown_text.c.replay_after,
        unknown_text.c.replay_label_id,
    )


def _next(replay: Replay, *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .where(scan.c.unknown_text_id == replay.unknown_text_id, scan.c.id > replay.after)
        .order_by(scan.c.id)
    )


def _line_of(row: sa.Row[Any]) -> StoredLine:
    standing = scan_of(row)
    milestone, *reasons = (row.code_said or Milestone.UNKNOWN).split(" ")
    said = replace(standing, milestone=Milestone(milestone), reasons=tuple(map(Reason, reasons)))
    return StoredLine(row.id, row.shipment_id, standing, said)
