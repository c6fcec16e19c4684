"""Puts the players behind one HTTP server: each under its own path as the vendor has it, /sandbox for control."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from carriers.sandbox import control
from carriers.sandbox.gate import Ask, Sleep, answered, through_gate
from carriers.sandbox.played import CallsBack, Door, Played
from carriers.sandbox.players import PLAYERS
from carriers.sandbox.world import World

_LOOK_EVERY_SECONDS = 0.2
_PUSH_TIMEOUT_SECONDS = 5.0

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Callers:
    """The vendors that call back, by source, and the client that carries their calls."""

    client: httpx.AsyncClient
    by_source: Mapping[str, CallsBack]

    async def push_due(self) -> None:
        """Let each make the calls that are due."""
        for caller in self.by_source.values():
            await caller.push_due()


def create_app(
    world: World,
    *,
    players: Sequence[Played] = PLAYERS,
    client: httpx.AsyncClient | None = None,
    sleep: Sleep = asyncio.sleep,
) -> Starlette:
    """The application over `world`. `client` carries the pushes, `sleep` waits for slow answers and between pushes.

    `app.state.pushes` are the `Callers` of this application: a test calls a `push_due()`, a server's life does so by
    itself.
    """
    client = client or httpx.AsyncClient(timeout=_PUSH_TIMEOUT_SECONDS)
    pushes = Callers(
        client,
        {played.source: played.calls_back(world, client) for played in players if played.calls_back},
    )
    routes = [*_vendors_routes(players, world, sleep), *_own_routes(players, pushes, world)]
    app = Starlette(routes=routes, lifespan=_lifespan)
    app.state.pushes = pushes
    app.state.sleep = sleep
    return app


def _vendors_routes(players: Sequence[Played], world: World, sleep: Sleep) -> Iterator[Route]:
    for played in players:
        gated = partial(_gated, played, world, sleep)
        for door in played.doors:
            yield Route(played.path + door.path, gated(_asked(played, door, world)), methods=[*door.methods])


def _gated(played: Played, world: World, sleep: Sleep, ask: Ask) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await through_gate(played, ask, request, world, sleep=sleep)

    return endpoint


def _asked(played: Played, door: Door, world: World) -> Ask:
    return lambda request, ahead: answered(played, door, request, world, ahead=ahead)


def _own_routes(players: Sequence[Played], pushes: Callers, world: World) -> list[Route]:
    sources = tuple(played.source for played in players)

    async def faults(request: Request) -> Response:
        return await control.faults_door(request, world, sources)

    async def parcels(request: Request) -> Response:
        return control.add_parcel(await request.body(), world)

    async def truth(_request: Request) -> Response:
        return control.truth(world)

    async def consoles(request: Request) -> Response:
        return control.enter_address(await request.body(), world, sources)

    async def stats(_request: Request) -> Response:
        return control.stats(world, tuple(pushes.by_source.values()))

    return [
        Route("/sandbox/faults", faults, methods=["POST", "DELETE"]),
        Route("/sandbox/parcels", parcels, methods=["POST"]),
        Route("/sandbox/consoles", consoles, methods=["POST"]),
        Route("/sandbox/truth", truth),
        Route("/sandbox/stats", stats),
    ]


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    """Call the subscribers back for as long as the server stands."""
    pushes: Callers = app.state.pushes
    calling = asyncio.create_task(_push_forever(pushes, app.state.sleep))
    try:
        yield
    finally:
        calling.cancel()
        with suppress(asyncio.CancelledError):
            await calling
        await pushes.client.aclose()


async def _push_forever(pushes: Callers, sleep: Sleep) -> None:
    while True:
        await pushes.push_due()
        await sleep(_LOOK_EVERY_SECONDS)
