"""Stands before a vendor's player and lets the ordered fault strike: instead of the answer, or upon it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from carriers.sandbox import kuaidi100, sf, zto
from carriers.sandbox.faults import Fault, FaultKind
from carriers.sandbox.world import Outcome, World

Sleep = Callable[[float], Awaitable[None]]

_PAGE = "<!DOCTYPE html><html><head><title>系统维护</title></head><body><h1>系统维护中，请稍后再试</h1></body></html>"
_SYSTEM_ERROR: dict[str, Callable[[], Response]] = {
    "sf": lambda: sf.gateway_error("A1099"),
    "zto": lambda: zto.failure("S203"),
    "kuaidi100": lambda: kuaidi100.failure("501"),
}
_TOO_MANY: dict[str, Callable[[], Response]] = {
    "sf": lambda: sf.gateway_error("A1005"),
    "zto": lambda: zto.failure("S221"),
    "kuaidi100": lambda: kuaidi100.failure("504"),
}


class Player(Protocol):
    """What plays a vendor: a question in, the vendor's answer out, its times `ahead` of the truth."""

    def __call__(self, request: Request, world: World, /, *, ahead: timedelta = ...) -> Awaitable[Response]:
        """The answer."""
        ...


class HalfResponse(Response):
    """Promises more than it sends; the server closes the connection when the rest does not come."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the head and the first bytes, and stop."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"65536")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"', "more_body": True})


async def through_gate(
    source: str, player: Player, request: Request, world: World, *, sleep: Sleep = asyncio.sleep
) -> Response:
    """The player's answer, or what the fault in force makes of it."""
    fault = world.faults.take(source)
    if fault is None:
        return await player(request, world)
    world.count(source, Outcome.FAULT)
    return _instead(fault) or await _upon(fault, player, request, world, sleep=sleep)


def _instead(fault: Fault) -> Response | None:
    """The answer of a fault that never reaches the player."""
    make = _INSTEAD.get(fault.kind)
    return make(fault) if make else None


def _too_many(fault: Fault) -> Response:
    response = _TOO_MANY[fault.source]()
    response.status_code = 429
    response.headers["retry-after"] = str(max(1, round(fault.delay_seconds)))
    return response


_INSTEAD: dict[FaultKind, Callable[[Fault], Response]] = {
    FaultKind.RATE_LIMITED: _too_many,
    FaultKind.SERVER_ERROR: lambda _: PlainTextResponse("Service Unavailable", 503),
    FaultKind.ERROR_IN_200: lambda fault: _SYSTEM_ERROR[fault.source](),
    FaultKind.HTML: lambda _: Response(_PAGE, media_type="text/html"),
    FaultKind.EMPTY: lambda _: Response(b"", media_type="application/json"),
    FaultKind.DROP_CONNECTION: lambda _: HalfResponse(),
}


async def _upon(fault: Fault, player: Player, request: Request, world: World, *, sleep: Sleep) -> Response:
    """The player's answer, late, cut in half or with the wrong times."""
    if fault.kind is FaultKind.SLOW:
        await sleep(fault.delay_seconds)
        return await player(request, world)
    if fault.kind is FaultKind.WRONG_CLOCK:
        return await player(request, world, ahead=timedelta(seconds=fault.delay_seconds))
    whole = await player(request, world)
    return Response(
        bytes(whole.body)[: len(whole.body) // 2], whole.status_code, media_type="application/json"
    )
