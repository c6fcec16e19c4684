"""Texts that no phrase explains, as rows: one for each carrier and skeleton, with how often it was seen.

A scan points to its text, so a label touches no other scans. Kept are skeletons and references, no line as printed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from carriers.contract import Milestone
from watcher.store.tables import label, reading_count, scan, shipment, unknown_text
from watcher.store.upserts import upsert

Key = tuple[str, str]
"""(carrier, template)"""


@dataclass(frozen=True, slots=True)
class Noted:
    """New scans with one unknown text; `milestone` is what the code said, `label_id` the label they were read with."""

    carrier: str
    template: str
    milestone: Milestone
    seen: int
    shipment_id: int
    label_id: int | None


@dataclass(frozen=True, slots=True)
class Link:
    """How a scan points to its unknown text, and what its code alone had said."""

    unknown_text_id: int
    code_said: str


@dataclass(frozen=True, slots=True)
class UnknownText:
    """One text; `milestone` is what the code said, `unknown` as soon as it once said nothing."""

    id: int
    carrier: str
    template: str
    milestone: Milestone
    seen: int
    first_seen_at: datetime
    last_seen_at: datetime
    sample_tracking_number: str | None
    label_id: int | None
    replaying: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """A line as it was printed, and the shipment that shows it."""

    shipment_id: int
    tracking_number: str
    occurred_at: datetime
    carrier_code: str
    text: str


@dataclass(frozen=True, slots=True)
class Touched:
    """How many stored scans of how many shipments have one text."""

    scans: int
    shipments: int


@dataclass(frozen=True, slots=True)
class Share:
    """How many texts of one carrier were read, and how many of them something explained."""

    carrier: str
    texts: int
    explained: int

    @property
    def shown(self) -> str:
        """In percent, rounded down, so that only all of them are 100 %."""
        return f"{self.explained * 1000 // self.texts / 10:.1f} %" if self.texts else "–"


def note(
    connection: sa.Connection, noted: Sequence[Noted], *, at: datetime
) -> dict[Key, tuple[int, int | None]]:
    """Count new scans; gives for each text its id and the label that its row holds, both held from now on."""
    if not noted:
        return {}
    statement = upsert(connection, unknown_text)
    silent = statement.excluded.milestone == Milestone.UNKNOWN
    statement = statement.on_conflict_do_update(
        index_elements=["carrier", "template"],
        set_={
            "seen": unknown_text.c.seen + statement.excluded.seen,
            "last_seen_at": statement.excluded.last_seen_at,
            "sample_shipment_id": statement.excluded.sample_shipment_id,
            "milestone": sa.case((silent, statement.excluded.milestone), else_=unknown_text.c.milestone),
        },
    )
    # in one order everywhere, or two accounts of one carrier could wait for each other
    rows = [_row(one, at=at) for one in sorted(noted, key=lambda one: (one.carrier, one.template))]
    columns = (unknown_text.c.id, unknown_text.c.carrier, unknown_text.c.template, unknown_text.c.label_id)
    return {
        (row.carrier, row.template): (row.id, row.label_id)
        for row in connection.execute(statement.returning(*columns), rows)
    }


def count_texts(connection: sa.Connection, counts: Mapping[str, tuple[int, int]], *, day: str) -> None:
    """Add texts read and explained, by carrier."""
    if not counts:
        return
    statement = upsert(connection, reading_count)
    statement = statement.on_conflict_do_update(
        index_elements=["carrier", "day"],
        set_={
            "texts": reading_count.c.texts + statement.excluded.texts,
            "explained": reading_count.c.explained + statement.excluded.explained,
        },
    )
    rows = [
        {"carrier": carrier, "day": day, "texts": texts, "explained": explained}
        for carrier, (texts, explained) in sorted(counts.items())
    ]
    connection.execute(statement, rows)


def shares(connection: sa.Connection, *, since: str) -> list[Share]:
    """What was understood since a day, by carrier, the least understood first."""
    texts, explained = sa.func.sum(reading_count.c.texts), sa.func.sum(reading_count.c.explained)
    query = (
        sa.select(reading_count.c.carrier, texts, explained)
        .where(reading_count.c.day >= since)
        .group_by(reading_count.c.carrier)
        .order_by((texts - explained).desc(), reading_count.c.carrier)
    )
    return [Share(carrier, int(read), int(known)) for carrier, read, known in connection.execute(query)]


def ranked(
    connection: sa.Connection, *, carrier: str | None = None, limit: int = 50, offset: int = 0
) -> list[UnknownText]:
    """Texts without a label, those under a code that says nothing first, then the most seen."""
    query = (
        _texts()
        .where(*_unlabelled(carrier))
        .order_by(
            unknown_text.c.milestone != Milestone.UNKNOWN,
            unknown_text.c.seen.desc(),
            unknown_text.c.last_seen_at.desc(),
            unknown_text.c.id,
        )
        .limit(limit)
        .offset(offset)
    )
    return [_text_of(row) for row in connection.execute(query)]


def count(connection: sa.Connection, *, carrier: str | None = None) -> int:
    """How many texts have no label."""
    query = sa.select(sa.func.count()).select_from(unknown_text).where(*_unlabelled(carrier))
    return int(connection.execute(query).scalar_one())


def carriers(connection: sa.Connection) -> list[str]:
    """The carriers that have any."""
    query = sa.select(unknown_text.c.carrier).distinct().order_by(unknown_text.c.carrier)
    return list(connection.scalars(query))


def by_id(connection: sa.Connection, unknown_text_id: int) -> UnknownText | None:
    """One text."""
    row = connection.execute(_texts().where(unknown_text.c.id == unknown_text_id)).first()
    return None if row is None else _text_of(row)


def known(connection: sa.Connection, template: str, *, carrier: str | None) -> bool:
    """Whether such a text was ever seen, of this carrier or (None) of any."""
    query = sa.select(unknown_text.c.id).where(unknown_text.c.template == template).limit(1)
    if carrier is not None:
        query = query.where(unknown_text.c.carrier == carrier)
    return connection.execute(query).first() is not None


def samples(connection: sa.Connection, unknown_text_id: int, *, limit: int = 3) -> list[Sample]:
    """The newest lines with this text."""
    query = (
        sa.select(
            scan.c.shipment_id,
            shipment.c.tracking_number,
            scan.c.occurred_at,
            scan.c.carrier_code,
            scan.c.text,
        )
        .join(shipment, shipment.c.id == scan.c.shipment_id)
        .where(scan.c.unknown_text_id == unknown_text_id)
        .order_by(scan.c.id.desc())
        .limit(limit)
    )
    return [Sample(*row) for row in connection.execute(query)]


def touched(connection: sa.Connection, template: str, *, carrier: str | None) -> Touched:
    """What a label for this text would touch, of one carrier or (None) of all."""
    texts = sa.select(unknown_text.c.id).where(unknown_text.c.template == template)
    if carrier is not None:
        texts = texts.where(unknown_text.c.carrier == carrier)
    query = sa.select(sa.func.count(), sa.func.count(scan.c.shipment_id.distinct()))
    row = connection.execute(query.where(scan.c.unknown_text_id.in_(list(connection.scalars(texts))))).one()
    return Touched(*row)


def crowded(connection: sa.Connection, *, most: int) -> dict[str, int]:
    """The carriers that have more than `most` texts, and by how many."""
    over = sa.func.count() - most
    query = (
        sa.select(unknown_text.c.carrier, over)
        .group_by(unknown_text.c.carrier)
        .having(sa.func.count() > most)
    )
    return {carrier: int(count) for carrier, count in connection.execute(query)}


def drop_rarest(connection: sa.Connection, *, most: int) -> dict[str, int]:
    """Where a carrier has more than `most` texts, forget the rarest and of these the oldest; how many, by carrier.

    Labelled ones stay. A crash forgets nothing; scans of what is forgotten stand as they are.
    """
    dropped = {}
    for carrier, over in crowded(connection, most=most).items():
        ids = _rarest(connection, carrier, limit=over)
        connection.execute(
            sa.update(scan)
            .where(scan.c.unknown_text_id.in_(ids))
            .values(unknown_text_id=None, code_said=None)
        )
        connection.execute(sa.delete(unknown_text).where(unknown_text.c.id.in_(ids)))
        dropped[carrier] = len(ids)
    return dropped


def _rarest(connection: sa.Connection, carrier: str, *, limit: int) -> list[int]:
    query = (
        sa.select(unknown_text.c.id)
        .where(
            *_unlabelled(carrier), unknown_text.c.label_id.is_(None), unknown_text.c.replay_after.is_(None)
        )
        .order_by(unknown_text.c.seen, unknown_text.c.last_seen_at, unknown_text.c.id)
        # more than a statement can name is left for the next round
        .limit(min(limit, 5_000))
        .with_for_update(skip_locked=True)
    )
    return list(connection.scalars(query))


def _unlabelled(carrier: str | None) -> Iterator[sa.ColumnElement[bool]]:
    """No label stands, whether or not stored scans have heard of it already."""
    about = sa.and_(
        label.c.template == unknown_text.c.template,
        label.c.carrier.in_(["", unknown_text.c.carrier]),
        label.c.withdrawn_at.is_(None),
    )
    yield ~sa.exists().where(about)
    if carrier:
        yield unknown_text.c.carrier == carrier


def _texts() -> sa.Select[Any]:
    return sa.select(unknown_text, shipment.c.tracking_number).outerjoin(
        shipment, shipment.c.id == unknown_text.c.sample_shipment_id
    )


def _text_of(row: sa.Row[Any]) -> UnknownText:
    return UnknownText(
        id=row.id,
        carrier=row.carrier,
        template=row.template,
        milestone=Milestone(row.milestone),
        seen=row.seen,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        sample_tracking_number=row.tracking_number,
        label_id=row.label_id,
        replaying=row.replay_after is not None,
    )


def _row(one: Noted, *, at: datetime) -> dict[str, Any]:
    return {
        "carrier": one.carrier,
        "template": one.template,
        "milestone": one.milestone,
        "seen": one.seen,
        "first_seen_at": at,
        "last_seen_at": at,
        "sample_shipment_id": one.shipment_id,
        "label_id": one.label_id,
    }
