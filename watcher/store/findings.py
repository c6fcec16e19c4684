"""Findings as rows, and the watches that wait for detection. Episodes count from 1 per shipment and rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from watcher.model import Box, Finding, KnownFinding, PollOutcome, PollSummary, Rule, Suppression
from watcher.store.tables import finding, watch

_POLLS = ("watched_since", "last_polled_at", "last_answered_at", "failures_in_a_row", "next_poll_at")


@dataclass(frozen=True, slots=True)
class DueLook:
    """A shipment whose rules are to be asked now."""

    shipment_id: int
    box: Box
    polls: PollSummary


def take_looks(connection: sa.Connection, *, now: datetime, limit: int) -> list[DueLook]:
    """At most `limit` watches that wait for detection, longest waiting first, held until the transaction ends.

    On PostgreSQL rows that another worker holds are passed over.
    """
    query = (
        sa.select(watch)
        .where(watch.c.evaluate_at <= now)
        .order_by(watch.c.evaluate_at, watch.c.shipment_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_look_of(row) for row in connection.execute(query)]


def set_looks(connection: sa.Connection, looks: Mapping[int, datetime | None]) -> None:
    """Write when each shipment is looked at again; None: only when something new is heard."""
    if not looks:
        return
    statement = (
        sa.update(watch)
        .where(watch.c.shipment_id == sa.bindparam("b_shipment_id"))
        .values(evaluate_at=sa.bindparam("b_at", type_=watch.c.evaluate_at.type))
    )
    connection.execute(
        statement, [{"b_shipment_id": shipment_id, "b_at": at} for shipment_id, at in looks.items()]
    )


def open_of(connection: sa.Connection, shipment_ids: Iterable[int]) -> dict[int, dict[Rule, KnownFinding]]:
    """For each shipment its findings that have not ended, by rule."""
    ids = list(shipment_ids)
    found: dict[int, dict[Rule, KnownFinding]] = {shipment_id: {} for shipment_id in ids}
    query = sa.select(finding).where(finding.c.shipment_id.in_(ids), finding.c.ended_at.is_(None))
    for row in connection.execute(query):
        known = finding_of(row)
        found[known.shipment_id][known.rule] = known
    return found


def open_or_pending(connection: sa.Connection, shipment_ids: Iterable[int]) -> dict[int, list[KnownFinding]]:
    """For each shipment the findings that alerting has to weigh: those that stand, and those it has not seen end."""
    ids = list(shipment_ids)
    found: dict[int, list[KnownFinding]] = {shipment_id: [] for shipment_id in ids}
    query = (
        sa.select(finding)
        .where(
            finding.c.shipment_id.in_(ids), sa.or_(finding.c.ended_at.is_(None), finding.c.alerting_pending)
        )
        .order_by(finding.c.shipment_id, finding.c.rule, finding.c.episode)
    )
    for row in connection.execute(query):
        found[row.shipment_id].append(finding_of(row))
    return found


def of_shipment(connection: sa.Connection, shipment_id: int) -> list[KnownFinding]:
    """Everything ever found about one shipment, oldest first."""
    query = (
        sa.select(finding)
        .where(finding.c.shipment_id == shipment_id)
        .order_by(finding.c.found_at, finding.c.id)
    )
    return [finding_of(row) for row in connection.execute(query)]


def last_episodes(connection: sa.Connection, shipment_ids: Iterable[int]) -> dict[tuple[int, Rule], int]:
    """How often each rule has been true for each shipment so far; rules that never were are left out."""
    query = (
        sa.select(finding.c.shipment_id, finding.c.rule, sa.func.max(finding.c.episode).label("episode"))
        .where(finding.c.shipment_id.in_(list(shipment_ids)))
        .group_by(finding.c.shipment_id, finding.c.rule)
    )
    return {(row.shipment_id, Rule(row.rule)): row.episode for row in connection.execute(query)}


def add(
    connection: sa.Connection, findings: Sequence[tuple[int, int, Finding]], *, found_at: datetime
) -> None:
    """Write new findings, given as (shipment id, episode, finding); alerting is to see them."""
    if findings:
        rows = [_row(shipment_id, episode, new, found_at) for shipment_id, episode, new in findings]
        connection.execute(sa.insert(finding), rows)


def change(connection: sa.Connection, changes: Mapping[int, Finding], *, at: datetime) -> None:
    """Write new evidence into findings that stand, by finding id; alerting is to see them."""
    if not changes:
        return
    names = ("since", "facts", "weight", "deadline")
    statement = (
        sa.update(finding)
        .where(finding.c.id == sa.bindparam("b_id"))
        .values(
            {name: sa.bindparam(f"b_{name}", type_=finding.c[name].type) for name in names}
            | {"changed_at": at, "alerting_pending": True}
        )
    )
    connection.execute(
        statement,
        [
            {"b_id": key} | {f"b_{name}": getattr(evidence, name) for name in names}
            for key, evidence in changes.items()
        ],
    )


def end(connection: sa.Connection, finding_ids: Sequence[int], *, at: datetime) -> None:
    """These findings are no longer true; alerting is to see that."""
    if finding_ids:
        connection.execute(
            sa.update(finding)
            .where(finding.c.id.in_(finding_ids))
            .values(ended_at=at, changed_at=at, alerting_pending=True)
        )


def weigh_again(connection: sa.Connection, finding_ids: Sequence[int]) -> None:
    """Nothing changed, but what held these findings back may be over: alerting is to see them."""
    if finding_ids:
        connection.execute(
            sa.update(finding).where(finding.c.id.in_(finding_ids)).values(alerting_pending=True)
        )


def release_outage(connection: sa.Connection, account: str) -> int:
    """An account works again: what its outage held back is weighed again; tells how many findings.

    `cannot_watch` is left out: it would be raised for every parcel that was not asked about yet. Detection hands those
    over itself when it looks at them after their next answer.
    """
    held = sa.and_(
        finding.c.suppressed_by == Suppression.SOURCE_OUTAGE,
        finding.c.rule != Rule.CANNOT_WATCH,
        finding.c.ended_at.is_(None),
    )
    query = (
        sa.select(watch.c.shipment_id)
        .where(
            watch.c.account == account, watch.c.shipment_id.in_(sa.select(finding.c.shipment_id).where(held))
        )
        .order_by(watch.c.shipment_id)
        # whoever changes findings holds the watch first, so that two never wait for each other
        .with_for_update()
    )
    ids = list(connection.scalars(query))
    changed = connection.execute(
        sa.update(finding).where(held, finding.c.shipment_id.in_(ids)).values(alerting_pending=True)
    )
    return int(changed.rowcount)


def take_pending(connection: sa.Connection, *, limit: int) -> list[int]:
    """At most `limit` shipments with findings that alerting has not seen, held until the transaction ends.

    The watch is what is held: one shipment is weighed by one worker, and not while its findings change.
    """
    # not EXISTS: SQLite would go through all watches
    pending = sa.select(finding.c.shipment_id).where(finding.c.alerting_pending)
    query = (
        sa.select(watch.c.shipment_id)
        .where(watch.c.shipment_id.in_(pending))
        .order_by(watch.c.shipment_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(connection.scalars(query))


def weighed(connection: sa.Connection, suppressed: Mapping[int, Suppression | None]) -> None:
    """Alerting has seen these findings, by id: what holds each back, or None."""
    if not suppressed:
        return
    statement = (
        sa.update(finding)
        .where(finding.c.id == sa.bindparam("b_id"))
        .values(alerting_pending=False, suppressed_by=sa.bindparam("b_suppressed_by", type_=sa.Text))
    )
    connection.execute(
        statement, [{"b_id": key, "b_suppressed_by": word} for key, word in suppressed.items()]
    )


def finding_of(row: sa.Row[Any]) -> KnownFinding:
    """The dataclass of a row."""
    return KnownFinding(
        id=row.id,
        shipment_id=row.shipment_id,
        episode=row.episode,
        finding=Finding(
            rule=Rule(row.rule),
            since=row.since,
            facts=row.facts,
            weight=row.weight,
            deadline=row.deadline,
        ),
        found_at=row.found_at,
        ended_at=row.ended_at,
        suppressed_by=None if row.suppressed_by is None else Suppression(row.suppressed_by),
        alerting_pending=row.alerting_pending,
    )


def _look_of(row: sa.Row[Any]) -> DueLook:
    outcome = None if row.last_outcome is None else PollOutcome(row.last_outcome)
    cells = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    polls = PollSummary(last_outcome=outcome, **{name: cells[name] for name in _POLLS})
    return DueLook(shipment_id=row.shipment_id, box=Box(row.box), polls=polls)


def _row(shipment_id: int, episode: int, new: Finding, found_at: datetime) -> dict[str, Any]:
    return {
        "shipment_id": shipment_id,
        "rule": new.rule,
        "episode": episode,
        "since": new.since,
        "facts": new.facts,
        "weight": new.weight,
        "deadline": new.deadline,
        "found_at": found_at,
        "changed_at": found_at,
        "alerting_pending": True,
    }
