"""How most vendors call back: whoever subscribed, or stands in the vendor's console, is told of every news.

A player brings a `Manner` (what the vendor says, and what it wants to hear); its doors put subscriptions into the world
with `World.subscribe`. All of it runs on the world's clock.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from carriers.sandbox.life import END_KINDS, Life, LifeEvent
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.world import World

_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class News:
    """What a call can speak of: all that was `seen` of a life by now, of which `new` was not told before."""

    life: Life
    seen: tuple[LifeEvent, ...]
    new: tuple[LifeEvent, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One POST to a subscriber."""

    content: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a vendor calls.

    `calls` gives the calls for some news: one, one for each event, or none; `is_taken` whether a reply is what the
    vendor wants. A vendor looks again `every` so often, and repeats a call that was not taken `most_retries` times,
    `retry_after` apart; then the news is lost, and the next is told with it. `by_account` are the carriers whose
    parcels are told to the address in the vendor's console without a subscription.
    """

    source: str
    calls: Callable[[News, Subscriber], Sequence[Call]]
    is_taken: Callable[[httpx.Response], bool]
    every: timedelta = timedelta(minutes=10)
    retry_after: timedelta = timedelta(minutes=30)
    most_retries: int = 3
    by_account: frozenset[str] = frozenset()


@dataclass(slots=True)
class Callbacks:
    """One vendor's calls. `client` reaches the subscribers."""

    manner: Manner
    world: World
    client: httpx.AsyncClient
    outcomes: dict[PushOutcome, int] = field(default_factory=lambda: dict.fromkeys(PushOutcome, 0))

    @property
    def subscriptions(self) -> Mapping[tuple[str, str], Subscriber]:
        """All that were taken."""
        return self.world.subscribers.setdefault(self.manner.source, {})

    async def push_due(self) -> int:
        """Tell all that is new by now; gives the number of parcels that were told of."""
        self._subscribe_by_account()
        now = self.world.now()
        due = [
            (one, news)
            for one in self.subscriptions.values()
            if one.ended_at is None and one.next_at <= now and (news := self._news(one, now))
        ]
        for start in range(0, len(due), _AT_ONCE):
            await asyncio.gather(*(self._tell(one, news, now) for one, news in due[start : start + _AT_ONCE]))
        return len(due)

    def _subscribe_by_account(self) -> None:
        source = self.manner.source
        if self.manner.by_account and self.world.consoles.get(source):
            for carrier, number in self.world.lives:
                if carrier in self.manner.by_account:
                    secret = self.world.console_secrets.get(source)
                    self.world.subscribe(source, carrier, number, secret=secret)

    def _news(self, one: Subscriber, now: datetime) -> News | None:
        one.next_at = now + self.manner.every
        life = self.world.find(one.carrier, one.number)
        seen = () if life is None else life.seen_at(now)
        return News(life, seen, seen[one.told :]) if life is not None and len(seen) > one.told else None

    async def _tell(self, one: Subscriber, news: News, now: datetime) -> None:
        calls, taken = self.manner.calls(news, one), True
        for call in calls:
            taken = taken and await self._is_taken(one, call)
        if not taken and one.retries < self.manner.most_retries:
            self.outcomes[PushOutcome.NOT_TAKEN] += 1
            one.retries += 1
            one.next_at = now + self.manner.retry_after
            return
        if calls:
            self.outcomes[PushOutcome.TAKEN if taken else PushOutcome.GIVEN_UP] += 1
        one.told, one.retries = len(news.seen), 0
        one.ended_at = now if news.seen[-1].kind in END_KINDS else None

    async def _is_taken(self, one: Subscriber, call: Call) -> bool:
        url = one.callback_url or self.world.consoles.get(self.manner.source, "")
        try:
            response = await self.client.post(url, content=call.content, headers=dict(call.headers))
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return self.manner.is_taken(response)
