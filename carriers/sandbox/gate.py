"""The doorman before every player: the fault that strikes, the vendor's check of the caller, its limit, its answer.

In that order, and what is refused on the way is counted here; what a number comes to is counted by the player.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from carriers.sandbox.faults import Fault, FaultKind
from carriers.sandbox.limits import Verdict
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.world import Outcome, World

Sleep = Callable[[float], Awaitable[None]]
Ask = Callable[[Request, timedelta], Awaitable[Response]]

_IN_TIME = timedelta(0)
_PAGE = "<!DOCTYPE html><html><head><title>系统维护</title></head><body><h1>系统维护中，请稍后再试</h1></body></html>"


class HalfResponse(Response):
    """Promises more than it sends; the server closes the connection when the rest does not come."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the head and the first bytes, and stop."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"65536")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"', "more_body": True})


async def answered(
    played: Played, door: Door, request: Request, world: World, *, ahead: timedelta
) -> Response:
    """What the vendor says when nothing goes wrong: its check of the caller, its limit, its answer."""
    question = await door.question(request)
    if isinstance(question, Refused):
        return _no(played, question, world)
    verdict = world.enter(played.source, played.limit) if door.limited else Verdict.LET_IN
    if verdict is not Verdict.LET_IN:
        used_up = played.used_up if verdict is Verdict.QUOTA_USED_UP else None
        return _no(played, Refused(used_up or played.too_many, Outcome.RATE_LIMITED), world)
    answer = door.answer(question, world, ahead=ahead)
    return _no(played, answer, world) if isinstance(answer, Refused) else answer


def _no(played: Played, refused: Refused, world: World) -> Response:
    world.count(played.source, refused.outcome)
    return played.refuse(refused.code)


async def through_gate(
    played: Played, ask: Ask, request: Request, world: World, *, sleep: Sleep = asyncio.sleep
) -> Response:
    """The player's answer, or what the fault in force makes of it."""
    fault = world.faults.take(played.source)
    if fault is None:
        return await ask(request, _IN_TIME)
    world.count(played.source, Outcome.FAULT)
    return _instead(fault, played) or await _upon(fault, ask, request, sleep=sleep)


def _instead(fault: Fault, played: Played) -> Response | None:
    """The answer of a fault that never reaches the player."""
    make = _INSTEAD.get(fault.kind)
    return make(fault, played) if make else None


def _too_many(fault: Fault, played: Played) -> Response:
    response = played.refuse(played.too_many)
    response.status_code = 429
    response.headers["retry-after"] = str(max(1, round(fault.delay_seconds)))
    return response


_INSTEAD: dict[FaultKind, Callable[[Fault, Played], Response]] = {
    FaultKind.RATE_LIMITED: _too_many,
    FaultKind.SERVER_ERROR: lambda _fault, _played: PlainTextResponse("Service Unavailable", 503),
    FaultKind.ERROR_IN_200: lambda _fault, played: played.refuse(played.system_error),
    FaultKind.HTML: lambda _fault, _played: Response(_PAGE, media_type="text/html"),
    FaultKind.EMPTY: lambda _fault, _played: Response(b"", media_type="application/json"),
    FaultKind.DROP_CONNECTION: lambda _fault, _played: HalfResponse(),
}


async def _upon(fault: Fault, ask: Ask, request: Request, *, sleep: Sleep) -> Response:
    """The player's answer, late, cut in half or with the wrong times."""
    if fault.kind is FaultKind.SLOW:
        await sleep(fault.delay_seconds)
        return await ask(request, _IN_TIME)
    if fault.kind is FaultKind.WRONG_CLOCK:
        return await ask(request, timedelta(seconds=fault.delay_seconds))
    whole = await ask(request, _IN_TIME)
    return Response(
        bytes(whole.body)[: len(whole.body) // 2], whole.status_code, media_type="application/json"
    )
