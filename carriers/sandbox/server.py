"""Puts the players behind one HTTP server: /sf, /zto and /kuaidi100 as the vendors have them, /sandbox for control."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from carriers.sandbox import control, kuaidi100, sf, zto
from carriers.sandbox.gate import Player, Sleep, through_gate
from carriers.sandbox.pushes import Pushes
from carriers.sandbox.world import World

_NOT_AHEAD = timedelta(0)
_LOOK_EVERY_SECONDS = 0.2
_PUSH_TIMEOUT_SECONDS = 5.0

Door = Callable[[Request], Awaitable[Response]]


def create_app(
    world: World, *, client: httpx.AsyncClient | None = None, sleep: Sleep = asyncio.sleep
) -> Starlette:
    """The application over `world`. `client` carries the pushes, `sleep` waits for slow answers and between pushes.

    `app.state.pushes` is the `Pushes` of this application: a test calls its `push_due()`, a server's life does so by
    itself.
    """
    pushes = Pushes(world, client or httpx.AsyncClient(timeout=_PUSH_TIMEOUT_SECONDS))
    app = Starlette(routes=_routes(world, pushes, sleep), lifespan=_lifespan)
    app.state.pushes = pushes
    app.state.sleep = sleep
    return app


def _routes(world: World, pushes: Pushes, sleep: Sleep) -> list[Route]:
    def played(source: str, player: Player) -> Door:
        async def door(request: Request) -> Response:
            return await through_gate(source, player, request, world, sleep=sleep)

        return door

    # A subscription prints no times, so nothing of it can be ahead.
    async def subscribe(request: Request, _world: World, *, ahead: timedelta = _NOT_AHEAD) -> Response:  # noqa: ARG001
        return await pushes.subscribe(request)

    async def faults(request: Request) -> Response:
        return await control.faults_door(request, world)

    async def parcels(request: Request) -> Response:
        return control.add_parcel(await request.body(), world)

    async def truth(_request: Request) -> Response:
        return control.truth(world)

    async def stats(_request: Request) -> Response:
        return control.stats(world, pushes)

    return [
        Route("/sf/std/service", played("sf", sf.answer), methods=["POST"]),
        Route("/zto/{method}", played("zto", zto.answer), methods=["POST"]),
        Route("/kuaidi100/poll/query.do", played("kuaidi100", kuaidi100.answer), methods=["POST"]),
        Route("/kuaidi100/poll", played("kuaidi100", subscribe), methods=["POST"]),
        Route("/sandbox/faults", faults, methods=["POST", "DELETE"]),
        Route("/sandbox/parcels", parcels, methods=["POST"]),
        Route("/sandbox/truth", truth),
        Route("/sandbox/stats", stats),
    ]


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    """Call the subscribers back for as long as the server stands."""
    pushes: Pushes = app.state.pushes
    calling = asyncio.create_task(_push_forever(pushes, app.state.sleep))
    try:
        yield
    finally:
        calling.cancel()
        with suppress(asyncio.CancelledError):
            await calling
        await pushes.client.aclose()


async def _push_forever(pushes: Pushes, sleep: Sleep) -> None:
    while True:
        await pushes.push_due()
        await sleep(_LOOK_EVERY_SECONDS)
