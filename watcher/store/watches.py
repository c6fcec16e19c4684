"""Watches: what is due, what was learnt, and in which box each shipment is. `next_poll_at` moves on every outcome."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from carriers.contract import Milestone
from watcher.model import Box, PollOutcome, PollReason, PollSummary, PushState, RouteReason
from watcher.store.tables import push_subscription, shipment, watch

_OF_THE_SOURCE = (
    PollOutcome.UNREACHABLE, PollOutcome.UNAVAILABLE, PollOutcome.RATE_LIMITED, PollOutcome.AUTHENTICATION_FAILED,
    PollOutcome.ACCESS_DENIED, PollOutcome.QUOTA_EXHAUSTED, PollOutcome.UNREADABLE,
)  # fmt: skip
_LONGEST_CLAIM = timedelta(hours=6)
HAS_TAIL = sa.or_(
    *(
        sa.func.coalesce(column, "") != ""
        for column in (shipment.c.sender_phone_tail, shipment.c.phone, shipment.c.second_phone)
    )
)
"""Whether the last digits of a phone are known that a source may ask for."""
_AT_STAKE = sa.func.coalesce(sa.func.nullif(shipment.c.cod_fen, 0), shipment.c.value_fen, 0)


@dataclass(frozen=True, slots=True)
class Watch:
    """One shipment's watch, with what is needed to judge an answer about it."""

    shipment_id: int
    carrier: str
    tracking_number: str
    account: str | None
    box: Box
    poll_reason: PollReason
    milestone: Milestone
    milestone_since: datetime | None
    last_scan_at: datetime | None
    watched_since: datetime
    next_poll_at: datetime | None
    last_polled_at: datetime | None
    last_answered_at: datetime | None
    last_outcome: PollOutcome | None
    failures_in_a_row: int
    track_digest: str | None
    push: PushState | None
    evaluate_at: datetime | None
    coverage_pending: bool
    route_reason: RouteReason
    asked_elsewhere: tuple[str, ...]
    has_tail: bool

    @property
    def summary(self) -> PollSummary:
        """What the rules of detection need to know about the asking."""
        return PollSummary(
            watched_since=self.watched_since,
            last_polled_at=self.last_polled_at,
            last_answered_at=self.last_answered_at,
            last_outcome=self.last_outcome,
            failures_in_a_row=self.failures_in_a_row,
            next_poll_at=self.next_poll_at,
        )


@dataclass(frozen=True, slots=True)
class DueWatch:
    """One shipment that is due, with the phones whose last digits its source may ask for."""

    shipment_id: int
    carrier: str
    tracking_number: str
    reason: PollReason
    due_at: datetime
    at_stake_fen: int
    failures_in_a_row: int
    last_outcome: PollOutcome | None
    sender_phone_tail: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    second_phone: str | None = field(repr=False)


def accounts_with_due(connection: sa.Connection, accounts: Iterable[str], *, now: datetime) -> list[str]:
    """Which of `accounts` have something due; one index probe each."""
    return [
        account
        for account in accounts
        if connection.execute(
            sa.select(watch.c.shipment_id)
            .where(watch.c.account == account, watch.c.next_poll_at <= now)
            .limit(1)
        ).first()
        is not None
    ]


def due(connection: sa.Connection, account: str, *, now: datetime, limit: int) -> list[DueWatch]:
    """At most `limit` due shipments of one account, the longest due first."""
    query = (
        sa.select(
            watch.c.shipment_id,
            watch.c.poll_reason,
            watch.c.next_poll_at,
            watch.c.failures_in_a_row,
            watch.c.last_outcome,
            shipment.c.carrier,
            shipment.c.tracking_number,
            shipment.c.sender_phone_tail,
            shipment.c.phone,
            shipment.c.second_phone,
            _AT_STAKE.label("at_stake_fen"),
        )
        .join(shipment, shipment.c.id == watch.c.shipment_id)
        .where(watch.c.account == account, watch.c.next_poll_at <= now)
        .order_by(watch.c.next_poll_at)
        .limit(limit)
    )
    return [_due_of(row) for row in connection.execute(query).all()]


def put_off(
    connection: sa.Connection,
    shipment_ids: Sequence[int],
    *,
    until: datetime,
    reason: PollReason = PollReason.INTERRUPTED,
) -> None:
    """Move shipments that are about to be asked about: if we die now, they are due again at `until`."""
    _hold(connection, shipment_ids)
    connection.execute(
        sa.update(watch)
        .where(watch.c.shipment_id.in_(shipment_ids))
        .values(next_poll_at=until, poll_reason=reason)
    )


def give_back(connection: sa.Connection, unasked: Sequence[tuple[int, datetime, PollReason]]) -> None:
    """Shipments that were put off and then not asked about are due as before: (shipment id, when, why)."""
    _hold(connection, [shipment_id for shipment_id, _, _ in unasked])
    update_many(
        connection,
        [
            {"shipment_id": shipment_id, "next_poll_at": due_at, "poll_reason": reason}
            for shipment_id, due_at, reason in unasked
        ],
    )


def forgive(connection: sa.Connection, account: str, *, since: datetime | None) -> None:
    """A source answers again: what failed during its outage counts against no shipment."""
    failed = sa.and_(
        watch.c.account == account,
        watch.c.failures_in_a_row > 0,
        watch.c.last_polled_at >= since,
        watch.c.last_outcome.in_(_OF_THE_SOURCE),
    )
    # in the order in which everybody holds watches, so that two never wait for each other
    held = sa.select(watch.c.shipment_id).where(failed).order_by(watch.c.shipment_id).with_for_update()
    ids = list(connection.scalars(held))
    update_many(connection, [{"shipment_id": shipment_id, "failures_in_a_row": 0} for shipment_id in ids])


def bring_back(connection: sa.Connection, *, now: datetime, slack: timedelta) -> int:
    """The clock was set back: what was learnt in a future that is not to be counts from `now`; tells how many.

    The wait that was decided then stays; a claim that is further ahead than any claim is over.
    """
    ahead = now + slack
    strange = sa.or_(
        watch.c.last_polled_at > ahead,
        watch.c.watched_since > ahead,
        sa.and_(watch.c.poll_reason == PollReason.INTERRUPTED, watch.c.next_poll_at > now + _LONGEST_CLAIM),
    )
    query = _watches().where(strange).order_by(watch.c.shipment_id).with_for_update(of=watch)
    found = [watch_of_row(row) for row in connection.execute(query)]
    update_many(connection, [_brought_back(one, now=now) for one in found])
    return len(found)


def _brought_back(one: Watch, *, now: datetime) -> dict[str, Any]:
    learnt_at = max(one.last_polled_at or one.watched_since, one.watched_since)
    waits = (
        timedelta(0)
        if one.poll_reason is PollReason.INTERRUPTED or one.next_poll_at is None
        else (max(one.next_poll_at - learnt_at, timedelta(0)))
    )
    return {
        "shipment_id": one.shipment_id,
        "next_poll_at": None if one.next_poll_at is None else min(one.next_poll_at, now + waits),
        "watched_since": min(one.watched_since, now),
        "last_polled_at": one.last_polled_at and min(one.last_polled_at, now),
        "last_answered_at": one.last_answered_at and min(one.last_answered_at, now),
        "evaluate_at": now,
    }


def of_numbers(
    connection: sa.Connection, account: str, numbers: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], list[Watch]]:
    """The watches at one account by (carrier, tracking number), held until the transaction ends.

    A number can belong to several orders.
    """
    wanted = set(numbers)
    query = (
        _watches()
        .where(watch.c.account == account, shipment.c.tracking_number.in_([number for _, number in wanted]))
        .order_by(watch.c.shipment_id)
        # both: after a wait for an import the watch would be as it left it, and the shipment as it was before
        .with_for_update(of=(watch, shipment), key_share=True)
    )
    found: dict[tuple[str, str], list[Watch]] = {}
    for row in connection.execute(query):
        if (row.carrier, row.tracking_number) in wanted:
            found.setdefault((row.carrier, row.tracking_number), []).append(watch_of_row(row))
    return found


def watch_of(connection: sa.Connection, shipment_id: int) -> Watch | None:
    """One shipment's watch."""
    row = connection.execute(_watches().where(watch.c.shipment_id == shipment_id)).first()
    return None if row is None else watch_of_row(row)


def held(connection: sa.Connection, shipment_ids: Iterable[int]) -> list[Watch]:
    """These watches, held until the transaction ends."""
    query = (
        _watches()
        .where(watch.c.shipment_id.in_(list(shipment_ids)))
        .order_by(watch.c.shipment_id)
        .with_for_update(of=watch)
    )
    return [watch_of_row(row) for row in connection.execute(query)]


def update_many(connection: sa.Connection, changes: Sequence[Mapping[str, Any]]) -> None:
    """Write what was learnt. All mappings have the same keys: `shipment_id` and column names of `watch`."""
    if not changes:
        return
    names = [name for name in changes[0] if name != "shipment_id"]
    statement = (
        sa.update(watch)
        .where(watch.c.shipment_id == sa.bindparam("b_shipment_id"))
        .values({name: sa.bindparam(f"b_{name}", type_=watch.c[name].type) for name in names})
    )
    connection.execute(
        statement, [{f"b_{name}": value for name, value in change.items()} for change in changes]
    )


def ask_now(connection: sa.Connection, shipment_ids: Sequence[int], *, now: datetime) -> int:
    """Staff want to know: due at once (the source's minimum interval still holds); tells how many are watched."""
    changed = connection.execute(
        sa.update(watch)
        .where(watch.c.shipment_id.in_(shipment_ids), watch.c.box == Box.WATCHING)
        .values(next_poll_at=now, poll_reason=PollReason.ASKED_BY_STAFF)
    )
    return int(changed.rowcount)


def hinted(
    connection: sa.Connection, told: Iterable[Watch], *, now: datetime, minimum_interval: timedelta
) -> None:
    """Something happened to these parcels, and the source did not say what: due as soon as it may be asked again."""
    update_many(
        connection,
        [
            {
                "shipment_id": one.shipment_id,
                "next_poll_at": max(now, (one.last_polled_at or now - minimum_interval) + minimum_interval),
                "poll_reason": PollReason.HINTED,
            }
            for one in told
            if one.box is Box.WATCHING
        ],
    )


def _hold(connection: sa.Connection, shipment_ids: Sequence[int]) -> None:
    """Hold these watches until the transaction ends, in the order of ids, so that two never wait for each other."""
    held = sa.select(watch.c.shipment_id).where(watch.c.shipment_id.in_(shipment_ids))
    connection.execute(held.order_by(watch.c.shipment_id).with_for_update(key_share=True)).all()


def _watches() -> sa.Select[Any]:
    joined = watch.join(shipment, shipment.c.id == watch.c.shipment_id).outerjoin(
        push_subscription,
        sa.and_(
            push_subscription.c.shipment_id == watch.c.shipment_id,
            # one of an account that is no longer asked counts for nothing
            push_subscription.c.account == watch.c.account,
        ),
    )
    return sa.select(
        watch,
        shipment.c.carrier,
        shipment.c.tracking_number,
        push_subscription.c.state.label("push"),
        HAS_TAIL.label("has_tail"),
    ).select_from(joined)


def watch_of_row(row: sa.Row[Any]) -> Watch:
    """The dataclass of a row of `watch` joined with its shipment and push subscription."""
    return Watch(
        shipment_id=row.shipment_id,
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        account=row.account,
        box=Box(row.box),
        poll_reason=PollReason(row.poll_reason),
        milestone=Milestone(row.milestone),
        milestone_since=row.milestone_since,
        last_scan_at=row.last_scan_at,
        watched_since=row.watched_since,
        next_poll_at=row.next_poll_at,
        last_polled_at=row.last_polled_at,
        last_answered_at=row.last_answered_at,
        last_outcome=None if row.last_outcome is None else PollOutcome(row.last_outcome),
        failures_in_a_row=row.failures_in_a_row,
        track_digest=row.track_digest,
        route_reason=RouteReason(row.route_reason),
        asked_elsewhere=tuple(row.asked_elsewhere.split()),
        has_tail=bool(row.has_tail),
        push=None if row.push is None else PushState(row.push),
        evaluate_at=row.evaluate_at,
        coverage_pending=row.coverage_pending,
    )


def _due_of(row: Any) -> DueWatch:
    return DueWatch(
        shipment_id=row.shipment_id,
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        reason=PollReason(row.poll_reason),
        due_at=row.next_poll_at,
        at_stake_fen=row.at_stake_fen,
        failures_in_a_row=row.failures_in_a_row,
        last_outcome=None if row.last_outcome is None else PollOutcome(row.last_outcome),
        sender_phone_tail=row.sender_phone_tail,
        phone=row.phone,
        second_phone=row.second_phone,
    )
