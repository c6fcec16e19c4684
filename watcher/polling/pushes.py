"""Being told instead of asking: subscribes at sources that push, and takes their pushes down the same path as polls.

A push is checked before it is read, recorded in one transaction, and only then acknowledged; a source that hears
nothing good sends it again. A subscription that the source ended is written down, and the parcel is polled again.
"""

import asyncio
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import sqlalchemy as sa
import structlog

from carriers.contract import (
    Account,
    Pushed,
    PushEnd,
    Pushing,
    PushReply,
    PushRequest,
    Query,
    Subscription,
)
from carriers.errors import CarrierError, UnreadableResponse
from watcher.clock import Clock
from watcher.intake.phones import phone_tail
from watcher.model import Breaker, PollReason, PollWay, PushState
from watcher.polling.asking import SourceClient, stamp
from watcher.polling.poller import LONGEST_HOLD, count
from watcher.polling.recording import Answered, Recorder
from watcher.store import accounts, pushes, watches
from watcher.store.engine import Store
from watcher.telemetry import Metrics

log = structlog.get_logger()

PUSH_SALT = "push_salt"
"""The name of the secret that signs an account's pushes, where the operator gives one."""

# how long an account is left alone after a subscription that failed
_REST_SECONDS = 300.0
_ENDS = {PushEnd.FINISHED: PushState.FINISHED, PushEnd.ABANDONED: PushState.ABANDONED}
_UNKNOWN_ACCOUNT = PushReply(status=404, content_type="text/plain", body=b"unknown account")


@dataclass(frozen=True, slots=True)
class PushedAccount:
    """One account whose source calls us back at `callback_url`."""

    client: SourceClient
    adapter: Pushing
    recorder: Recorder
    callback_url: str
    rate_per_second: float = 5.0
    burst: int = 5

    @property
    def subscription(self) -> Subscription:
        """Where and how the source shall call."""
        return Subscription(callback_url=self.callback_url, secret=push_secret(self.client.account))


@dataclass(frozen=True, slots=True)
class Pushes:
    """Subscribes, and receives."""

    store: Store
    clock: Clock
    accounts: Mapping[str, PushedAccount]
    metrics: Metrics
    at_once: int = 20
    _rests_until: dict[str, float] = field(default_factory=dict)

    async def tick(self) -> None:
        """Ask for the subscriptions that are wanted, some of each account."""
        for account_id, account in self.accounts.items():
            if time.monotonic() < self._rests_until.get(account_id, 0.0):
                continue
            try:
                await self._subscribe_wanted(account_id, account)
            except CarrierError as error:
                # the source or the account is in trouble: wanted stays wanted, and is tried again after a while
                log.warning("subscribing_failed", account=account_id, error=str(error))
                self._rests_until[account_id] = time.monotonic() + _REST_SECONDS

    async def receive(self, account_id: str, push: PushRequest) -> PushReply:
        """One call of a source; gives the reply that it wants to see."""
        account = self.accounts.get(account_id)
        if account is None:
            return _UNKNOWN_ACCOUNT
        if not account.adapter.verify(push, account.subscription.secret):
            log.warning("push_not_signed", account=account_id)
            return account.adapter.acknowledge(accepted=False)
        try:
            said = account.adapter.read_push(push)
        except UnreadableResponse:
            self.metrics.unreadable_responses.labels(source=account.recorder.source).inc()
            log.warning("push_unreadable", account=account_id)
            return account.adapter.acknowledge(accepted=False)
        await asyncio.to_thread(self._record, account, said)
        return account.adapter.acknowledge(accepted=True)

    async def _subscribe_wanted(self, account_id: str, account: PushedAccount) -> None:
        wanted, wait = await asyncio.to_thread(self._wanted, account_id, account)
        await asyncio.sleep(wait)
        states: dict[int, PushState] = {}
        try:
            for shipment_id, query in wanted:
                states[shipment_id] = await self._subscribe(account, query)
        finally:
            await asyncio.to_thread(self._move, states)

    async def _subscribe(self, account: PushedAccount, query: Query) -> PushState:
        request = account.adapter.subscribe(query, account.client.account, stamp(), account.subscription)
        refused = account.adapter.read_subscription(await account.client.send(request), query)
        return PushState.ACTIVE if refused is None else PushState.REFUSED

    def _wanted(self, account_id: str, account: PushedAccount) -> tuple[list[tuple[int, Query]], float]:
        """The questions, and how long they wait for their place in the account's rate; none past a breaker."""
        with self.store.read() as connection:
            rows = pushes.wanted(connection, account_id, limit=self.at_once)
        if not rows:
            return [], 0.0
        with self.store.write() as connection:
            standing = accounts.standing(connection, account_id)
            if standing.breaker is not Breaker.CLOSED or standing.held_for > LONGEST_HOLD:
                return [], 0.0
            rate, burst = account.rate_per_second, account.burst
            wait = accounts.reserve(connection, account_id, calls=len(rows), rate=rate, burst=burst)
        return [
            (
                row.shipment_id,
                Query(
                    carrier=row.carrier,
                    tracking_number=row.tracking_number,
                    phone_tail=row.sender_phone_tail or (phone_tail(row.phone) if row.phone else None),
                ),
            )
            for row in rows
        ], wait

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
        """Write down what was heard, and which subscriptions the source ended."""
        now = self.clock.now()
        numbers = [(pushed.carrier, pushed.tracking_number) for pushed in said]
        concerned = watches.of_numbers(connection, account.recorder.account, numbers)
        for pushed in said:
            ids = [watch.shipment_id for watch in concerned.get((pushed.carrier, pushed.tracking_number), [])]
            pushes.heard(connection, ids, at=now)
            if pushed.ended is not None:
                pushes.move(connection, dict.fromkeys(ids, _ENDS[pushed.ended]), at=now, detail=pushed.ended)
                log.info("push_ended", account=account.recorder.account, end=pushed.ended, shipments=len(ids))


def push_secret(account: Account) -> str:
    """The secret that signs pushes to this account: `push_salt` where given, else made from the credentials, so that
    every container knows it and no row holds it."""
    given = account.credentials.get(PUSH_SALT)
    if given:
        return given
    key = "\x1f".join(f"{name}={value}" for name, value in sorted(account.credentials.items()))
    return hmac.new(key.encode(), f"push {account.id}".encode(), sha256).hexdigest()[:32]
