"""DHL's pushes: takes subscriptions of up to ten numbers, asks the subscriber's hook whether it is there, and calls it
with the whole shipment at every change, once somebody has confirmed with the secret that the hook was told.

The header that a subscriber wants to see comes with every call. How often a call that was not taken is repeated is
unverified: here three times, an hour apart; a hook that was not confirmed is asked again whenever pushes are due.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import msgspec

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.dhl_shipments import service_of, shipment
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.world import World

SOURCE = "dhl"
MOST_NUMBERS = 10
SUBSCRIPTIONS = "https://api-eu.dhl.com/tracking/push/v1/subscription/"
_NOT_CONFIRMED = datetime(9999, 1, 1, tzinfo=UTC)
_LOOK_EVERY = timedelta(minutes=10)
_RETRY_AFTER = timedelta(hours=1)


class _Authentication(msgspec.Struct):
    type: str
    header: str
    token: str


class _Hook(msgspec.Struct):
    uri: str
    authentication: _Authentication


class Wish(msgspec.Struct):
    """What a subscriber posts."""

    hook: _Hook
    format: str
    type: str
    events: list[str]
    shipmentIDs: list[str]  # noqa: N815 - the vendor's word
    service: str = ""


def is_right(wish: Wish) -> bool:
    """Whether the vendor takes it in. Subscriptions by account need its approval, so that none is taken in here."""
    known = all(service_of(number) for number in wish.shipmentIDs)
    reachable = wish.hook.uri.startswith(("http://", "https://"))
    proved = wish.hook.authentication.type == "ApiKeyAuthentication" and wish.hook.authentication.header
    return bool(
        wish.type == "Shipment"
        and 1 <= len(wish.shipmentIDs) <= MOST_NUMBERS
        and known
        and reachable
        and proved
    )


def take_in(wish: Wish, world: World) -> str:
    """Remember every number, not to be told of before the confirmation; gives the subscription's id."""
    subscription = sha256(msgspec.json.encode(wish)).hexdigest()[:32]
    said = {"header": wish.hook.authentication.header, "once": _secret_of(subscription), "state": "new"}
    for number in wish.shipmentIDs:
        new = world.subscribe(
            SOURCE,
            "dhl",
            number,
            callback_url=wish.hook.uri,
            secret=wish.hook.authentication.token,
            word=subscription,
            wishes=said,
        )
        if new:
            world.subscribers[SOURCE]["dhl", number].next_at = _NOT_CONFIRMED
    return subscription


def confirm(subscription: str, once: str, world: World) -> bool:
    """Let the calls begin, if the secret is the one that the hook was told."""
    ours = _of(subscription, world)
    if not ours or not hmac.compare_digest(ours[0].wishes["once"].encode(), once.encode()):
        return False
    for one in ours:
        one.wishes, one.next_at = {**one.wishes, "state": "confirmed"}, world.now()
    return True


def _secret_of(subscription: str) -> str:
    return sha256(f"once {subscription}".encode()).hexdigest()


def _of(subscription: str, world: World) -> list[Subscriber]:
    return [one for one in world.subscribers.get(SOURCE, {}).values() if one.word == subscription]


@dataclass(slots=True)
class Hooks:
    """All subscriptions, from the first call that asks whether anybody is there. `client` reaches the subscribers."""

    world: World
    client: httpx.AsyncClient
    news: Callbacks = field(init=False)

    def __post_init__(self) -> None:
        """News are told in the usual manner."""
        self.news = Callbacks(MANNER, self.world, self.client)

    @property
    def subscriptions(self) -> Mapping[tuple[str, str], Subscriber]:
        """All that were taken in."""
        return self.news.subscriptions

    @property
    def outcomes(self) -> Mapping[PushOutcome, int]:
        """How the calls with news ended."""
        return self.news.outcomes

    async def push_due(self) -> int:
        """Ask those that are new, and tell those that have confirmed; gives the number of parcels told of."""
        for subscription in dict.fromkeys(one.word for one in self.subscriptions.values()):
            await self._set_up(_of(subscription, self.world))
        return await self.news.push_due()

    async def _set_up(self, ours: Sequence[Subscriber]) -> None:
        first = ours[0]
        if first.wishes["state"] == "new":
            asks = _call(first, "subscription.validate", secret=first.wishes["once"])
            await self._post(first, asks)
        if first.wishes["state"] == "confirmed":
            await self._post(first, _call(first, "subscription.ready"))
            for one in ours:
                one.wishes = {**one.wishes, "state": "ready"}

    async def _post(self, one: Subscriber, call: Call) -> None:
        try:
            await self.client.post(one.callback_url, content=call.content, headers=dict(call.headers))
        except (httpx.HTTPError, httpx.InvalidURL):
            return


def _call(one: Subscriber, scope: str, **more: Any) -> Call:
    said = {"scope": scope, "self": SUBSCRIPTIONS + one.word, **more}
    headers = {"Content-Type": "application/json", one.wishes["header"]: one.secret or ""}
    return Call(msgspec.json.encode(said), headers)


def _calls(news: News, one: Subscriber) -> list[Call]:
    service = service_of(one.number) or "express"
    return [_call(one, "subscription.push", shipments=[shipment(news.life, news.seen, service=service)])]


MANNER = Manner(
    SOURCE,
    _calls,
    lambda reply: reply.is_success,
    every=_LOOK_EVERY,
    retry_after=_RETRY_AFTER,
    most_retries=3,
)
