"""What the health page and the probes look at: loops, accounts, boxes, and what waits between the stages.

Only counts and names of our own parts; no row of a person.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from watcher.model import Box, Breaker, PollOutcome
from watcher.store.tables import (
    account_state,
    alert,
    finding,
    heartbeat,
    poll,
    shipment,
    unknown_text,
    unmapped_code,
    watch,
)

_FAULTS = frozenset(
    {
        PollOutcome.UNREACHABLE,
        PollOutcome.UNAVAILABLE,
        PollOutcome.RATE_LIMITED,
        PollOutcome.AUTHENTICATION_FAILED,
        PollOutcome.ACCESS_DENIED,
        PollOutcome.QUOTA_EXHAUSTED,
        PollOutcome.UNREADABLE,
    }
)


@dataclass(frozen=True, slots=True)
class LoopRow:
    """The last tick of one loop; all times are real time."""

    loop: str
    ticked_at: datetime
    every_seconds: float
    took_seconds: float
    last_error: str | None
    last_error_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """How one account at one source stands; `breaker_until` is seconds since 1970 in real time."""

    account: str
    source: str
    breaker: Breaker
    breaker_until: float
    failures_in_a_row: int
    last_error: str | None
    last_error_at: datetime | None
    last_answered_at: datetime | None
    broken_since: datetime | None


@dataclass(frozen=True, slots=True)
class BlindAccount:
    """An account that does not answer, since when (the clock object's time), and how many shipments it watches."""

    account: str
    source: str
    broken_since: datetime | None
    shipments: int


@dataclass(frozen=True, slots=True)
class UnmappedRow:
    """A code of a source that no table explains; the sample is a tracking number."""

    source: str
    code: str
    seen: int
    first_seen_at: datetime
    last_seen_at: datetime
    sample_tracking_number: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows wait in front of each stage, and since when the oldest question is due."""

    polls_due: int
    oldest_due_at: datetime | None
    to_evaluate: int
    to_alert: int
    to_queue: int
    to_count: int
    to_replay: int


def loops(connection: sa.Connection) -> list[LoopRow]:
    """All loops that ever ticked, by name."""
    query = sa.select(heartbeat).order_by(heartbeat.c.loop)
    return [
        LoopRow(
            row.loop, row.ticked_at, row.every_seconds, row.took_seconds, row.last_error, row.last_error_at
        )
        for row in connection.execute(query)
    ]


def accounts(connection: sa.Connection) -> list[AccountRow]:
    """All accounts, broken ones first."""
    query = sa.select(account_state).order_by(
        account_state.c.breaker == Breaker.CLOSED, account_state.c.account
    )
    return [_account_of(row) for row in connection.execute(query)]


def watched(connection: sa.Connection) -> dict[str, int]:
    """How many shipments each account watches; looks at all of them, so it is for pages and not for probes."""
    query = (
        sa.select(watch.c.account, sa.func.count().label("shipments"))
        .where(watch.c.box == Box.WATCHING, watch.c.account.isnot(None))
        .group_by(watch.c.account)
    )
    return {row.account: row.shipments for row in connection.execute(query)}


def unassigned(connection: sa.Connection, *, at_most: int | None = None) -> dict[str, int]:
    """How many shipments wait because no account answers for their carrier, by carrier, most first.

    With `at_most` counted up to so many in all, so that every page may ask.
    """
    counted = sa.select(watch.c.shipment_id).where(watch.c.box == Box.UNASSIGNED).limit(at_most).subquery()
    how_many = sa.func.count()
    query = (
        sa.select(shipment.c.carrier, how_many.label("shipments"))
        .join(counted, counted.c.shipment_id == shipment.c.id)
        .group_by(shipment.c.carrier)
        .order_by(how_many.desc(), shipment.c.carrier)
    )
    return {row.carrier: row.shipments for row in connection.execute(query)}


def blind(connection: sa.Connection, *, at_most: int) -> list[BlindAccount]:
    """The accounts that do not answer; the shipments of each are counted up to `at_most`, by the index alone."""
    return [
        BlindAccount(one.account, one.source, one.broken_since, _watched(connection, one.account, at_most))
        for one in accounts(connection)
        if one.breaker is not Breaker.CLOSED or one.broken_since is not None
    ]


def last_faults(connection: sa.Connection, *, among: int = 20_000) -> dict[str, PollOutcome]:
    """How each account failed whose last question did, by the newest `among` of all; what fails one number only is
    no fault of the account."""
    newest = sa.select(poll.c.id, poll.c.account).order_by(poll.c.id.desc()).limit(among).subquery()
    last = sa.select(sa.func.max(newest.c.id)).group_by(newest.c.account)
    query = sa.select(poll.c.account, poll.c.outcome).where(poll.c.id.in_(last))
    told = ((row.account, PollOutcome(row.outcome)) for row in connection.execute(query))
    return {account: outcome for account, outcome in told if outcome in _FAULTS}


def unmapped(connection: sa.Connection, *, limit: int = 50) -> list[UnmappedRow]:
    """The codes that nothing explains, most frequent first."""
    query = (
        sa.select(unmapped_code, shipment.c.tracking_number)
        .outerjoin(shipment, shipment.c.id == unmapped_code.c.sample_shipment_id)
        .order_by(unmapped_code.c.seen.desc(), unmapped_code.c.source, unmapped_code.c.code)
        .limit(limit)
    )
    return [
        UnmappedRow(row.source, row.code, row.seen, row.first_seen_at, row.last_seen_at, row.tracking_number)
        for row in connection.execute(query)
    ]


def boxes(connection: sa.Connection) -> dict[Box, int]:
    """How many shipments are in each state of watching; every state is a key."""
    query = sa.select(watch.c.box, sa.func.count()).group_by(watch.c.box)
    counted = {Box(word): count for word, count in connection.execute(query)}
    return {box: counted.get(box, 0) for box in Box}


def waiting(connection: sa.Connection, *, now: datetime) -> Waiting:
    """What each stage has in front of it at `now`."""
    due = sa.select(sa.func.count(), sa.func.min(watch.c.next_poll_at)).where(watch.c.next_poll_at <= now)
    polls_due, oldest = connection.execute(due).one()
    return Waiting(
        polls_due=polls_due,
        oldest_due_at=oldest,
        to_evaluate=_count(connection, watch, watch.c.evaluate_at <= now),
        to_alert=_count(connection, finding, finding.c.alerting_pending),
        to_queue=_count(connection, alert, alert.c.queue_pending),
        to_count=_count(connection, watch, watch.c.coverage_pending),
        to_replay=_count(connection, unknown_text, unknown_text.c.replay_after.isnot(None)),
    )


def _watched(connection: sa.Connection, account: str, at_most: int) -> int:
    found = sa.select(watch.c.box).where(watch.c.box == Box.WATCHING, watch.c.account == account)
    query = sa.select(sa.func.count()).select_from(found.limit(at_most).subquery())
    return int(connection.execute(query).scalar_one())


def _count(connection: sa.Connection, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(condition)
    return int(connection.execute(query).scalar_one())


def _account_of(row: sa.Row[tuple[object, ...]]) -> AccountRow:
    cells = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    return AccountRow(
        **{name: cells[name] for name in AccountRow.__slots__} | {"breaker": Breaker(cells["breaker"])}
    )
