"""Being told instead of asking: subscribes at sources that want it, and takes all pushes down the same path as polls.

A push is checked before it is read, recorded in one transaction, and only then acknowledged; a source that hears
nothing good sends it again. One that asks whether we are there hears yes. A subscription that the source ended is
written down, and the parcel is polled again; a push that only hints at news makes its parcel due.
"""

import asyncio
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
import structlog

from carriers.contract import (
    Arranged,
    Confirming,
    Proof,
    Pushed,
    PushEnd,
    Pushing,
    PushReply,
    PushRequest,
    Query,
    Subscribing,
    Subscription,
)
from carriers.errors import CarrierError, ShipmentError, UnreadableResponse
from watcher.clock import Clock
from watcher.intake.phones import phone_tail
from watcher.model import Breaker, PollReason, PollWay, PushState
from watcher.polling.asking import SourceClient, stamp
from watcher.polling.poller import LONGEST_HOLD, count
from watcher.polling.recording import Answered, Recorder
from watcher.source_accounts import push_key, push_secret
from watcher.store import accounts, pushes, watches
from watcher.store.engine import Store
from watcher.telemetry import Metrics

log = structlog.get_logger()

# how long an account is left alone after a subscription that failed
_REST_SECONDS = 300.0
_ENDS = {PushEnd.FINISHED: PushState.FINISHED, PushEnd.ABANDONED: PushState.ABANDONED}
_UNKNOWN_ACCOUNT = PushReply(status=404, content_type="text/plain", body=b"unknown account")


@dataclass(frozen=True, slots=True)
class PushedAccount:
    """One account whose source calls us back at `callback_url`; `subscriber` asks for it and `confirmer` answers for
    us, where that is needed."""

    client: SourceClient
    adapter: Pushing
    recorder: Recorder
    callback_url: str
    subscriber: Subscribing | None = None
    confirmer: Confirming | None = None
    rate_per_second: float = 5.0
    burst: int = 5

    @property
    def subscription(self) -> Subscription:
        """Where and how the source shall call."""
        return Subscription(callback_url=self.callback_url, secret=push_secret(self.client.account))

    def is_at(self, key: str | None) -> bool:
        """Whether this is the address that only the source knows; one without a key does where pushes are signed."""
        if key is None:
            return self.adapter.PUSH.proof is Proof.SIGNATURE
        return hmac.compare_digest(key.encode(), push_key(self.client.account).encode())


@dataclass(frozen=True, slots=True)
class Pushes:
    """Subscribes, and receives."""

    store: Store
    clock: Clock
    accounts: Mapping[str, PushedAccount]
    metrics: Metrics
    at_once: int = 20
    _rests_until: dict[str, float] = field(default_factory=dict)
    _asking: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def tick(self) -> None:
        """Ask for the subscriptions that are wanted, some of each account; whoever has to wait long for a turn goes on
        beside the next ticks, so that no account waits for another. Raises what broke."""
        for account_id, account in self.accounts.items():
            if account_id not in self._asking:
                asking = asyncio.create_task(
                    self._tick_of(account_id, account), name=f"subscribe {account_id}"
                )
                self._asking[account_id] = asking
        if not self._asking:
            return
        await asyncio.wait(self._asking.values(), timeout=LONGEST_HOLD.total_seconds())
        done = [account_id for account_id, asking in self._asking.items() if asking.done()]
        failures = [self._asking.pop(account_id).exception() for account_id in done]
        for failure in failures:
            if failure is not None:
                raise failure

    async def _tick_of(self, account_id: str, account: PushedAccount) -> None:
        if time.monotonic() < self._rests_until.get(account_id, 0.0):
            return
        try:
            await self._subscribe_wanted(account_id, account)
        except CarrierError as error:
            # the source or the account is in trouble: wanted stays wanted, and is tried again after a while
            log.warning("subscribing_failed", account=account_id, error=str(error))
            self._rests_until[account_id] = time.monotonic() + _REST_SECONDS

    async def receive(self, account_id: str, push: PushRequest, key: str | None = None) -> PushReply:
        """One call of a source; gives the reply that it wants to see.

        `key` is the end of the address that was called.
        """
        account = self.accounts.get(account_id)
        if account is None or not account.is_at(key):
            return _UNKNOWN_ACCOUNT
        adapter, ours = account.adapter, account.client.account
        try:
            # what comes here is anybody's: an adapter that breaks on it must neither fall nor log its words
            with account.client.guarded():
                if not adapter.verify(push, ours, account.subscription.secret):
                    log.warning("push_not_signed", account=account_id)
                    return adapter.acknowledge(push, ours, accepted=False)
                said = adapter.read_push(push, ours)
        except UnreadableResponse:
            self.metrics.unreadable_responses.labels(source=account.recorder.source).inc()
            log.warning("push_unreadable", account=account_id)
            return adapter.acknowledge(push, ours, accepted=False)
        if not await _is_confirmed(account, push):
            return adapter.acknowledge(push, ours, accepted=False)
        await asyncio.to_thread(self._record, account, said)
        return adapter.acknowledge(push, ours, accepted=True)

    async def _subscribe_wanted(self, account_id: str, account: PushedAccount) -> None:
        subscriber = account.subscriber
        if subscriber is None:
            return
        wanted, wait = await asyncio.to_thread(self._wanted, account_id, account, subscriber.PUSH.batch_size)
        await asyncio.sleep(wait)
        states: dict[int, PushState] = {}
        try:
            for batch in wanted:
                refused = await _subscribe(subscriber, account, list(batch.values()))
                states |= {
                    shipment_id: PushState.REFUSED if refused.get(query) else PushState.ACTIVE
                    for shipment_id, query in batch.items()
                }
                if subscriber.PUSH.before_asking:
                    await asyncio.to_thread(self._record_refusals, account, refused)
        finally:
            await asyncio.to_thread(self._move, states)

    def _wanted(
        self, account_id: str, account: PushedAccount, batch_size: int
    ) -> tuple[list[dict[int, Query]], float]:
        """Batches of questions by shipment, and how long they wait for their place in the account's rate; none past a
        breaker."""
        # no more than have their turn soon: whoever may call once a minute must not keep the loop for an hour
        soon = max(1, int(account.rate_per_second * LONGEST_HOLD.total_seconds()))
        with self.store.read() as connection:
            rows = pushes.wanted(connection, account_id, limit=min(self.at_once, soon) * batch_size)
        if not rows:
            return [], 0.0
        with self.store.write() as connection:
            standing = accounts.standing(connection, account_id)
            if standing.breaker is not Breaker.CLOSED or standing.held_for > LONGEST_HOLD:
                return [], 0.0
            rate, burst = account.rate_per_second, account.burst
            calls = -(-len(rows) // batch_size)
            wait = accounts.reserve(connection, account_id, calls=calls, rate=rate, burst=burst)
        asked = [
            (
                row.shipment_id,
                Query(
                    carrier=row.carrier,
                    tracking_number=row.tracking_number,
                    phone_tail=_tail(row, recipient_only=account.adapter.PUSH.recipient_phone),
                ),
            )
            for row in rows
        ]
        return [dict(asked[start : start + batch_size]) for start in range(0, len(asked), batch_size)], wait

    def _record_refusals(self, account: PushedAccount, refused: Mapping[Query, CarrierError | None]) -> None:
        """Where a number must be told before it is asked about, its refusal is the answer to the question."""
        said = [
            Answered(
                number=(query.carrier, query.tracking_number), answer=error, reason=PollReason.TOLD_FIRST
            )
            for query, error in refused.items()
            if error is not None
        ]
        if not said:
            return
        with self.store.write() as connection:
            told = account.recorder.record(connection, said, way=PollWay.POLL, now=self.clock.now())
        count(self.metrics, account.recorder, told, way=PollWay.POLL)

    def _move(self, states: Mapping[int, PushState]) -> None:
        if not states:
            return
        with self.store.write() as connection:
            pushes.move(connection, states, at=self.clock.now())

    def _record(self, account: PushedAccount, said: Sequence[Pushed]) -> None:
        answers = [
            Answered(
                number=(pushed.carrier, pushed.tracking_number),
                answer=pushed.answer,
                reason=PollReason.SAFETY_NET,
            )
            for pushed in said
            if pushed.answer is not None
        ]
        now = self.clock.now()
        with self.store.write() as connection:
            self._end(connection, account, said)
            told = account.recorder.record(connection, answers, way=PollWay.PUSH, now=now)
        count(self.metrics, account.recorder, told, way=PollWay.PUSH)

    def _end(self, connection: sa.Connection, account: PushedAccount, said: Sequence[Pushed]) -> None:
        """Write down what was heard, which subscriptions the source ended, and what has to be asked."""
        now = self.clock.now()
        numbers = [(pushed.carrier, pushed.tracking_number) for pushed in said]
        concerned = watches.of_numbers(connection, account.recorder.account, numbers)
        for pushed in said:
            told = concerned.get((pushed.carrier, pushed.tracking_number), [])
            ids = [watch.shipment_id for watch in told]
            if account.adapter.PUSH.arranged is Arranged.BY_ACCOUNT:
                pushes.came_by_themselves(connection, account.recorder.account, ids, at=now)
            pushes.heard(connection, ids, at=now)
            if pushed.answer is None and pushed.ended is None:
                watches.hinted(connection, told, now=now, minimum_interval=account.recorder.minimum_interval)
            if pushed.ended is not None:
                pushes.move(connection, dict.fromkeys(ids, _ENDS[pushed.ended]), at=now, detail=pushed.ended)
                log.info("push_ended", account=account.recorder.account, end=pushed.ended, shipments=len(ids))


def _tail(row: sa.Row[tuple[int, str, str, str, str]], *, recipient_only: bool) -> str | None:
    """The sender's where there is one and the source takes it, else the recipient's."""
    recipients = phone_tail(row.phone) if row.phone else None
    return recipients if recipient_only else row.sender_phone_tail or recipients


async def _is_confirmed(account: PushedAccount, push: PushRequest) -> bool:
    """Says yes to a source that asks whether we are there; false when that did not reach it."""
    if account.confirmer is None:
        return True
    try:
        request = account.confirmer.confirmation(push, account.client.account)
        if request is not None:
            account.confirmer.read_confirmation(await account.client.send(request))
            log.info("subscription_confirmed", account=account.client.account.id)
    except CarrierError as error:
        log.warning("confirming_failed", account=account.client.account.id, error=str(error))
        return False
    return True


async def _subscribe(
    subscriber: Subscribing, account: PushedAccount, queries: list[Query]
) -> Mapping[Query, CarrierError | None]:
    """Whom the source refuses, or the adapter cannot ask about; one by one where a whole batch is refused for a number
    that is not named."""
    client = account.client
    try:
        with client.guarded():
            request = subscriber.subscribe(queries, client.account, stamp(), account.subscription)
    except UnreadableResponse as error:
        if len(queries) == 1:
            return {queries[0]: error}
        return await _one_by_one(subscriber, account, queries)
    response = await client.send(request)
    try:
        with client.guarded():
            return subscriber.read_subscription(response, queries)
    except ShipmentError as error:
        if len(queries) == 1:
            return {queries[0]: error}
    return await _one_by_one(subscriber, account, queries)


async def _one_by_one(
    subscriber: Subscribing, account: PushedAccount, queries: list[Query]
) -> Mapping[Query, CarrierError | None]:
    refused: dict[Query, CarrierError | None] = {}
    for query in queries:
        refused |= await _subscribe(subscriber, account, [query])
    return refused
