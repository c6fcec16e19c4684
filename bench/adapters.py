"""Measures the reading of every source's answers into tracks, against `json.loads` of the same body.

The answers come from the sandbox: a full batch of parcels (at most ten) with eleven scans each, asked for by the
adapter itself, so that a new source is measured as soon as it is played.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import httpx

from bench.databases import Databases
from bench.figures import Figure, compare, timed
from bench.scale import Scale
from carriers.contract import Account, Carrier, Query, Stamp, Subscription, Track
from carriers.registry import SOURCES, SUBSCRIBING, TOKEN_BEARING
from carriers.sandbox.accounts import ACCOUNTS
from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import EventKind, Life, LifeEvent
from carriers.sandbox.limits import Limit
from carriers.sandbox.server import create_app
from carriers.sandbox.world import World

_SCANS = 11
_BATCH = 10
_NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
_TAIL = "0001"
_UNLIMITED = Limit(per_second=100_000)
_HUB = LifeEvent(
    timedelta(0), EventKind.DEPARTED, "快件离开【成都转运中心】，正发往【成都武侯网点】", city="成都市"
)


def measure(scale: Scale, _databases: Databases) -> Iterator[Figure]:
    """One answer of each source."""
    for source, adapter in SOURCES.items():
        queries = _queries(adapter)
        response = asyncio.run(_answer(source, adapter, queries))
        yield _figure(source, adapter, queries, response, scale)


def _figure(
    name: str, adapter: Carrier, queries: Sequence[Query], response: httpx.Response, scale: Scale
) -> Figure:
    tracks = adapter.read(response, queries).values()
    assert all(isinstance(track, Track) and len(track.scans) == _SCANS for track in tracks), name
    bodies = max(1, scale.bodies // len(queries))
    return compare(
        f"answers read, {name}, {_SCANS} scans each",
        lambda: timed(lambda: [adapter.read(response, queries) for _ in range(bodies)]),
        lambda: timed(lambda: [_loads(response.content) for _ in range(bodies)]),
        against="json.loads of the same body",
        amount=bodies * len(queries),
        unit="answers/s",
        rounds=scale.rounds,
    )


def _loads(body: bytes) -> None:
    """All of it: some answers are a string inside the answer."""
    document = json.loads(body)
    for value in document.values() if isinstance(document, dict) else ():
        if isinstance(value, str) and value.startswith(("{", "[")):
            json.loads(value)


def _queries(adapter: Carrier) -> list[Query]:
    carrier = next(carrier for carrier in adapter.INFO.carriers if carrier in CARRIED)
    rng = Random(1)  # noqa: S311 - numbers of invented parcels
    return [
        Query(carrier, CARRIED[carrier].tracking_number(place, rng), _TAIL)
        for place in range(1, min(adapter.INFO.batch_size, _BATCH) + 1)
    ]


async def _answer(source: str, adapter: Carrier, queries: Sequence[Query]) -> httpx.Response:
    """What the source's player says about parcels with that many scans."""
    played = next(account for account in ACCOUNTS if account.source == source)
    account = Account(source, source, played.credentials, played.base_url("http://sandbox"))
    stamp = Stamp(at=datetime.now(UTC), nonce="0" * 32)
    world = World(now=lambda: _NOW, limits=dict.fromkeys(SOURCES, _UNLIMITED))
    for query in queries:
        world.add(_life(query))
    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(404))) as nobody,
        httpx.AsyncClient(transport=httpx.ASGITransport(create_app(world, client=nobody))) as client,
    ):
        headers = {}
        if source in TOKEN_BEARING:
            bearing = TOKEN_BEARING[source]
            token = bearing.read_token(await client.send(bearing.token_request(account)))
            headers["Authorization"] = f"Bearer {token.value}"
        if source in SUBSCRIBING:
            for asking in _subscriptions(source, queries, account, stamp):
                asking.headers.update(headers)
                await client.send(asking)
        request = adapter.request(queries, account, stamp)
        request.headers.update(headers)
        return await client.send(request)


def _subscriptions(
    source: str, queries: Sequence[Query], account: Account, stamp: Stamp
) -> Iterator[httpx.Request]:
    """What tells the source of these numbers: some answer about no others."""
    adapter = SUBSCRIBING[source]
    size, wish = adapter.PUSH.batch_size, Subscription("http://us.test/push", "pepper")
    for start in range(0, len(queries), size):
        yield adapter.subscribe(queries[start : start + size], account, stamp, wish)


def _life(query: Query) -> Life:
    """Collected, then from hub to hub every two hours."""
    events = [replace(_HUB, after=timedelta(hours=2 * place)) for place in range(1, _SCANS + 1)]
    events[0] = replace(events[0], kind=EventKind.COLLECTED)
    return Life(
        query.carrier, query.tracking_number, _NOW - timedelta(days=2), tuple(events), phone_tails=(_TAIL,)
    )
