"""Asks the sources about what is due: one account at a time under a lease, in rounds.

A round claims due shipments (and puts them off, so that a crash only delays them), asks in batches within the account's
rate, and records all answers in one transaction. Losing the lease drops what was learnt; it is asked again.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
import structlog

from carriers.contract import Query, Track
from carriers.errors import AccountError, CarrierError, RateLimited, ShipmentError, UnreadableResponse
from carriers.questions import batch_size
from watcher.clock import Clock
from watcher.intake.phones import phone_tail
from watcher.model import Breaker, PollOutcome, PollReason, PollWay
from watcher.polling.asking import SourceClient
from watcher.polling.budget import Due, calls
from watcher.polling.recording import Answered, Recorder, Told
from watcher.store import accounts, findings, pushes, watches
from watcher.store.accounts import AccountStanding, Lease, LeaseLost
from watcher.store.engine import Store
from watcher.store.watches import DueWatch
from watcher.telemetry import Metrics

log = structlog.get_logger()

# candidates looked at for one round, as a multiple of what it can ask: room for "most to lose first"
_CHOICE = 5
_PAUSE_AFTER_RATE_LIMIT = timedelta(seconds=30)
# an account that is held back for longer is left alone for now, so that nothing is claimed that cannot be asked
LONGEST_HOLD = timedelta(seconds=5)
# a clock that is further behind than this was set back
_SET_BACK = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(minutes=15)
# a number that its source has to be told of first is asked about so much later
_TOLD_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Patience:
    """The settings of the asking: batches at once, lease in seconds, and when an account is left alone."""

    batches_at_once: int = 4
    lease_seconds: float = 15.0
    breaker_failures: int = 5
    breaker_open: timedelta = timedelta(minutes=1)
    breaker_longest: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class PolledAccount:
    """Everything needed to poll one account; with `tells_first` its source is told of a number before it is asked."""

    client: SourceClient
    recorder: Recorder
    rate_per_second: float
    burst: int
    tells_first: bool = False

    @property
    def id(self) -> str:
        """The account's id."""
        return self.client.account.id

    @property
    def batch_size(self) -> int:
        """Numbers in one call."""
        return batch_size(self.client.adapter.INFO, self.client.account)


@dataclass(frozen=True, slots=True)
class _Round:
    """What one round asks: batches, and how long each waits for its turn."""

    batches: Sequence[tuple[Due, ...]] = ()
    waits: Sequence[float] = ()


@dataclass(slots=True)
class Poller:
    """Polls every account that has something due."""

    store: Store
    clock: Clock
    accounts: Mapping[str, PolledAccount]
    owner: str
    patience: Patience
    metrics: Metrics
    _running: dict[str, asyncio.Task[int]] = field(default_factory=dict)
    _draining: asyncio.Event = field(default_factory=asyncio.Event)
    _latest: datetime | None = None

    async def tick(self) -> None:
        """Start polling each account that has something due and is not being polled already."""
        await asyncio.to_thread(self._notice_set_back, self.clock.now())
        for account_id in await asyncio.to_thread(self._with_due):
            if account_id not in self._running and not self._draining.is_set():
                task = asyncio.create_task(self.poll_account(account_id), name=f"poll {account_id}")
                self._running[account_id] = task
                task.add_done_callback(partial(self._done, account_id))

    def _done(self, account_id: str, _task: asyncio.Task[int]) -> None:
        self._running.pop(account_id, None)

    async def drain(self) -> None:
        """Let the calls under way finish, start no more; what waits for its turn is given back."""
        self._draining.set()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def poll_account(self, account_id: str) -> int:
        """Poll one account until nothing is due; gives the number of answers recorded."""
        account = self.accounts[account_id]
        try:
            lease = await asyncio.to_thread(self._take_lease, account_id)
            return 0 if lease is None else await self._under(lease, account)
        except LeaseLost:
            log.warning("lease_lost", account=account_id)
            return 0
        except Exception:
            # one account's trouble must not stop the others; what it claimed is due again soon
            log.exception("polling_broke", account=account_id)
            self.metrics.loop_errors.labels(loop="poll").inc()
            return 0

    async def _under(self, lease: Lease, account: PolledAccount) -> int:
        keeping = asyncio.create_task(self._keep(lease), name=f"keep {account.id}")
        try:
            return await self._rounds(account, lease)
        finally:
            keeping.cancel()
            # where the database is away the lease runs out by itself
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                await asyncio.to_thread(self._release, lease)

    async def _rounds(self, account: PolledAccount, lease: Lease) -> int:
        recorded = 0
        while not self._draining.is_set():
            planned = await asyncio.to_thread(self._plan, account, lease)
            if not planned.batches:
                break
            turns = list(zip(planned.batches, planned.waits, strict=True))
            asked_at = self.clock.now()
            answers = await asyncio.gather(*(self._ask(account, batch, wait) for batch, wait in turns))
            said = [replace(one, asked_at=asked_at) for batch in answers for one in batch or ()]
            unasked = [
                due
                for (batch, _), given in zip(turns, answers, strict=True)
                if given is None
                for due in batch
            ]
            await asyncio.to_thread(self._record, account, lease, said, unasked=unasked)
            recorded += len(said)
        return recorded

    async def _keep(self, lease: Lease) -> None:
        """Renew the lease while a round waits for slow answers; a lost one is noticed when the round is recorded."""
        while True:
            await asyncio.sleep(self.patience.lease_seconds / 3)
            with contextlib.suppress(LeaseLost, sa.exc.SQLAlchemyError):
                await asyncio.to_thread(self._renew, lease)

    def _renew(self, lease: Lease) -> None:
        with self.store.write() as connection:
            accounts.renew_lease(connection, lease, seconds=self.patience.lease_seconds)

    def _notice_set_back(self, now: datetime) -> None:
        """At the start, and when the clock was set back: nothing waits for a moment that was never meant."""
        if self._latest is None or now < self._latest - _SET_BACK:
            with self.store.write() as connection:
                moved = watches.bring_back(connection, now=now, slack=_SET_BACK)
            if moved:
                log.warning("clock_was_set_back", shipments=moved)
        self._latest = now

    def _with_due(self) -> list[str]:
        with self.store.read() as connection:
            return watches.accounts_with_due(connection, self.accounts, now=self.clock.now())

    def _take_lease(self, account_id: str) -> Lease | None:
        with self.store.write() as connection:
            return accounts.take_lease(
                connection, account_id, owner=self.owner, seconds=self.patience.lease_seconds
            )

    def _release(self, lease: Lease) -> None:
        with self.store.write() as connection:
            accounts.release_lease(connection, lease)

    def _plan(self, account: PolledAccount, lease: Lease) -> _Round:
        """Claim what the next round asks, and its place in the account's rate."""
        now = self.clock.now()
        with self.store.write() as connection:
            standing = accounts.renew_lease(connection, lease, seconds=self.patience.lease_seconds)
            at_most = self._calls_allowed(standing)
            if not at_most:
                return _Round()
            room = account.batch_size * at_most
            due = watches.due(connection, account.id, now=now, limit=room * _CHOICE)
            self._note_lag(account, due)
            if account.tells_first:
                due = self._told(connection, account, due, now=now)
            batches = calls(_questions(due), batch_size=account.batch_size, at_most=at_most)
            if not batches:
                return _Round()
            claimed = [one.shipment_id for batch in batches for one in batch]
            # it may have been asked when we died, and must not be asked again too soon
            again = max(account.recorder.timetable.interrupted, account.recorder.minimum_interval)
            watches.put_off(connection, claimed, until=now + again)
            waits = self._reserve(connection, account, len(batches))
        return _Round(batches=batches, waits=waits)

    def _told(
        self, connection: sa.Connection, account: PolledAccount, due: Sequence[DueWatch], *, now: datetime
    ) -> list[DueWatch]:
        """Those whose source was told of them; the others are told first, and asked about a little later."""
        told = pushes.told(connection, account.id, [one.shipment_id for one in due])
        untold = [one.shipment_id for one in due if one.shipment_id not in told]
        pushes.want(connection, account.id, untold, at=now)
        watches.put_off(connection, untold, until=now + _TOLD_WITHIN, reason=PollReason.TOLD_FIRST)
        return [one for one in due if one.shipment_id in told]

    def _calls_allowed(self, standing: AccountStanding) -> int:
        """None through an open breaker or while the account is held back, one to try a half-open breaker."""
        if standing.breaker is Breaker.OPEN or standing.held_for > LONGEST_HOLD:
            return 0
        return 1 if standing.breaker is Breaker.HALF_OPEN else self.patience.batches_at_once

    def _reserve(self, connection: sa.Connection, account: PolledAccount, number: int) -> list[float]:
        rate = account.rate_per_second
        last = accounts.reserve(connection, account.id, calls=number, rate=rate, burst=account.burst)
        waits = [max(0.0, last - (number - 1 - place) / rate) for place in range(number)]
        self.metrics.rate_wait_seconds.labels(account=account.id).observe(waits[-1])
        return waits

    def _note_lag(self, account: PolledAccount, due: Sequence[DueWatch]) -> None:
        if due:
            late = (self.clock.now() - due[0].due_at).total_seconds()
            self.metrics.poll_lag_seconds.labels(account=account.id).observe(max(0.0, late))

    async def _ask(self, account: PolledAccount, batch: Sequence[Due], wait: float) -> list[Answered] | None:
        """The answers for one batch; None when we are to stop before its turn has come."""
        if wait > 0 and await self._drains_within(wait):
            return None
        answers = await account.client.ask([due.query for due in batch])
        return [
            Answered(
                number=(due.query.carrier, due.query.tracking_number),
                answer=answers[due.query],
                reason=due.reason,
            )
            for due in batch
        ]

    async def _drains_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._draining.wait()
        except TimeoutError:
            return False

    def _record(
        self, account: PolledAccount, lease: Lease, said: Sequence[Answered], *, unasked: Sequence[Due] = ()
    ) -> None:
        now = self.clock.now()
        with self.store.write() as connection:
            # first of all: whoever lost the lease writes nothing
            accounts.renew_lease(connection, lease, seconds=self.patience.lease_seconds)
            told = account.recorder.record(connection, said, way=PollWay.POLL, now=now)
            watches.give_back(connection, [(due.shipment_id, due.due_at, due.reason) for due in unasked])
            if said:
                self._record_standing(connection, account, lease, said)
        count(self.metrics, account.recorder, told, way=PollWay.POLL)

    def _record_standing(
        self, connection: sa.Connection, account: PolledAccount, lease: Lease, said: Sequence[Answered]
    ) -> None:
        """What the round says about the account itself: answering, failing, blocked, or too fast."""
        now = self.clock.now()
        pause = _pause_asked_for(said)
        if pause:
            accounts.hold_back(connection, account.id, seconds=pause.total_seconds())
        failed = _whole_call_failure(said)
        before = accounts.standing(connection, account.id)
        if failed is None:
            if account.id in accounts.broken(connection):
                findings.release_outage(connection, account.id)
            if accounts.record_answered(connection, lease, at=now):
                watches.forgive(connection, account.id, since=before.broken_since)
                log.info("source_recovered", account=account.id, source=account.client.account.source)
            return
        opens = self._opens_for(before, failed)
        if accounts.record_failed(connection, lease, error=str(failed), at=now, opens_for=opens):
            log.error("source_broke", account=account.id, source=failed.source, error=str(failed))

    def _opens_for(self, before: AccountStanding, failed: CarrierError) -> float | None:
        """Seconds for which the breaker opens after this failure; None leaves it closed.

        Being too fast is a failure like another: a source that says nothing else for long does not answer us.
        """
        failures = before.failures_in_a_row + 1
        if isinstance(failed, AccountError):
            return self.patience.breaker_longest.total_seconds()
        if failures < self.patience.breaker_failures and before.breaker is Breaker.CLOSED:
            return None
        again = min(max(failures - self.patience.breaker_failures, 0), 16)
        return min(self.patience.breaker_open * (1 << again), self.patience.breaker_longest).total_seconds()


def count(metrics: Metrics, recorder: Recorder, told: Told, *, way: PollWay) -> None:
    """Put what one recording changed into the metrics."""
    for outcome, number in told.outcomes.items():
        metrics.polls.labels(source=recorder.source, account=recorder.account, outcome=outcome, way=way).inc(
            number
        )
    if told.outcomes.get(PollOutcome.UNREADABLE):
        metrics.unreadable_responses.labels(source=recorder.source).inc(told.outcomes[PollOutcome.UNREADABLE])
    metrics.new_scans.labels(source=recorder.source).inc(told.new_scans)
    metrics.unmapped_codes.labels(source=recorder.source).inc(told.unmapped)
    for carrier, (texts, explained) in told.texts.items():
        metrics.texts_read.labels(carrier=carrier, explained="yes").inc(explained)
        metrics.texts_read.labels(carrier=carrier, explained="no").inc(texts - explained)


def tail_for(due: DueWatch) -> str | None:
    """The phone tail to try: the sender's, the recipient's, the second phone's; the next one after each refusal."""
    phones = (phone_tail(phone) for phone in (due.phone, due.second_phone) if phone)
    tails = [tail for tail in dict.fromkeys((due.sender_phone_tail, *phones)) if tail]
    if not tails:
        return None
    refused = due.last_outcome is PollOutcome.OWNERSHIP_REFUSED
    return tails[due.failures_in_a_row % len(tails)] if refused else tails[0]


def _questions(due: Sequence[DueWatch]) -> list[Due]:
    """One question for each number, whatever the number of orders in the parcel."""
    first = {(one.carrier, one.tracking_number): one for one in reversed(due)}
    chosen = {one.shipment_id for one in first.values()}
    return [
        Due(
            shipment_id=one.shipment_id,
            query=Query(carrier=one.carrier, tracking_number=one.tracking_number, phone_tail=tail_for(one)),
            reason=one.reason,
            due_at=one.due_at,
            at_stake_fen=one.at_stake_fen,
        )
        for one in due
        if one.shipment_id in chosen
    ]


def _pause_asked_for(said: Sequence[Answered]) -> timedelta | None:
    """How long the source wants to be left alone, where it said "too many calls"."""
    pauses = [
        answered.answer.retry_after or _PAUSE_AFTER_RATE_LIMIT
        for answered in said
        if isinstance(answered.answer, RateLimited)
    ]
    return min(max(pauses), _LONGEST_PAUSE) if pauses else None


def _whole_call_failure(said: Sequence[Answered]) -> CarrierError | None:
    """The failure of a round in which no call was answered; one answered call shows that the source is there."""
    failures = []
    for answered in said:
        if isinstance(answered.answer, Track | ShipmentError):
            return None
        failures.append(answered.answer)
    blocked = next((failure for failure in failures if isinstance(failure, AccountError)), None)
    unreadable = next((failure for failure in failures if isinstance(failure, UnreadableResponse)), None)
    return blocked or unreadable or (failures[0] if failures else None)
