"""Labels as rows: who said what about lines that no phrase explains, and when it was taken back; none is deleted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from carriers.contract import Milestone, Reason
from carriers.reading.labels import Label
from watcher.store.tables import label, staff, unknown_text
from watcher.store.upserts import upsert

Version = tuple[int, int, int]
"""Differs whenever other labels stand than before."""

_EVERYBODY = ""


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One label with what came of it.

    `made_by` None: from the command line. `scans_read` counts stored scans that were read again with it,
    `scans_changed` those it changed, `scans_restored` those that its withdrawal changed back; `replaying` tells that
    more are to come.
    """

    id: int
    label: Label
    made_by: str | None
    made_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    scans_read: int
    scans_changed: int
    scans_restored: int
    replaying: bool


def version(connection: sa.Connection) -> Version:
    """Which labels stand; cheap enough to be asked before each reading."""
    query = sa.select(sa.func.count(), sa.func.count(label.c.withdrawn_at), sa.func.max(label.c.id))
    made, withdrawn, last = connection.execute(query.select_from(label)).one()
    return int(made), int(withdrawn), int(last or 0)


def standing(connection: sa.Connection) -> dict[int, Label]:
    """The labels in force, by id."""
    query = sa.select(label).where(label.c.withdrawn_at.is_(None)).order_by(label.c.id)
    return {row.id: _label_of(row) for row in connection.execute(query)}


def count(connection: sa.Connection) -> int:
    """How many labels are in force."""
    query = sa.select(sa.func.count()).select_from(label).where(label.c.withdrawn_at.is_(None))
    return int(connection.execute(query).scalar_one())


def add(connection: sa.Connection, new: Label, *, staff_id: int | None, at: datetime) -> int | None:
    """The id of a new label; None where one stands for the same lines."""
    statement = (
        upsert(connection, label)
        .values(
            carrier=new.carrier or _EVERYBODY,
            template=new.template,
            milestone=new.milestone,
            reasons=list(new.reasons),
            made_by=staff_id,
            made_at=at,
        )
        .on_conflict_do_nothing(
            index_elements=["template", "carrier"], index_where=label.c.withdrawn_at.is_(None)
        )
        .returning(label.c.id)
    )
    return connection.execute(statement).scalar_one_or_none()


def withdraw(connection: sa.Connection, label_id: int, *, staff_id: int | None, at: datetime) -> bool:
    """Take a label back; False where it was taken back before, or never was."""
    statement = (
        sa.update(label)
        .where(label.c.id == label_id, label.c.withdrawn_at.is_(None))
        .values(withdrawn_by=staff_id, withdrawn_at=at)
    )
    return bool(connection.execute(statement).rowcount)


def by_id(connection: sa.Connection, label_id: int) -> LabelRow | None:
    """One label."""
    row = connection.execute(_rows().where(label.c.id == label_id)).first()
    return None if row is None else _row_of(row)


def newest(
    connection: sa.Connection, *, standing_only: bool = False, limit: int = 100, offset: int = 0
) -> list[LabelRow]:
    """Labels, those in force first, newest first."""
    query = _rows().order_by(label.c.withdrawn_at.isnot(None), label.c.id.desc()).limit(limit).offset(offset)
    if standing_only:
        query = query.where(label.c.withdrawn_at.is_(None))
    return [_row_of(row) for row in connection.execute(query)]


def of_text(connection: sa.Connection, template: str, *, carrier: str) -> list[LabelRow]:
    """The labels in force for one carrier's text, its own before the one for all."""
    query = (
        _rows()
        .where(label.c.template == template, label.c.carrier.in_([carrier, _EVERYBODY]))
        .where(label.c.withdrawn_at.is_(None))
        .order_by(label.c.carrier.desc())
    )
    return [_row_of(row) for row in connection.execute(query)]


def total(connection: sa.Connection) -> int:
    """How many labels there ever were."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(label)).scalar_one())


def note_replay(connection: sa.Connection, label_id: int, *, read: int, changed: int) -> None:
    """Count what reading stored scans again has come to, for the label that was made or withdrawn."""
    restores = label.c.withdrawn_at.isnot(None)
    connection.execute(
        sa.update(label)
        .where(label.c.id == label_id)
        .values(
            scans_read=label.c.scans_read + read,
            scans_changed=label.c.scans_changed + sa.case((restores, 0), else_=changed),
            scans_restored=label.c.scans_restored + sa.case((restores, changed), else_=0),
        )
    )


def _rows() -> sa.Select[Any]:
    maker, withdrawer = staff.alias(), staff.alias()
    replaying = (
        sa.select(unknown_text.c.id)
        .where(unknown_text.c.replay_after.isnot(None), unknown_text.c.replay_label_id == label.c.id)
        .exists()
    )
    return (
        sa.select(
            label,
            maker.c.name.label("maker"),
            withdrawer.c.name.label("withdrawer"),
            replaying.label("replaying"),
        )
        .outerjoin(maker, maker.c.id == label.c.made_by)
        .outerjoin(withdrawer, withdrawer.c.id == label.c.withdrawn_by)
    )


def _row_of(row: sa.Row[Any]) -> LabelRow:
    return LabelRow(
        id=row.id,
        label=_label_of(row),
        made_by=row.maker,
        made_at=row.made_at,
        withdrawn_by=row.withdrawer,
        withdrawn_at=row.withdrawn_at,
        scans_read=row.scans_read,
        scans_changed=row.scans_changed,
        scans_restored=row.scans_restored,
        replaying=bool(row.replaying),
    )


def _label_of(row: sa.Row[Any]) -> Label:
    return Label(
        template=row.template,
        carrier=row.carrier or None,
        milestone=Milestone(row.milestone),
        reasons=tuple(Reason(word) for word in row.reasons),
    )
