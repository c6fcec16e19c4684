"""The sandbox's own doors: order a fault, add a parcel, enter an address in a vendor's console, read the truth and the
counters. No vendor has these."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.faults import Fault
from carriers.sandbox.life import RULES, Life
from carriers.sandbox.played import CallsBack
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World


def add_fault(body: bytes, world: World, sources: Collection[str]) -> Response:
    """Put a fault in force: `{"source", "kind", "times" or "seconds", "delay"}`."""
    try:
        fault = msgspec.json.decode(body, type=Fault)
    except msgspec.DecodeError as error:
        return json_response({"error": str(error)}, 400)
    if fault.source not in sources:
        return json_response({"error": f"no source {fault.source!r}", "sources": sorted(sources)}, 400)
    world.faults.add(fault)
    return json_response({"faults": world.faults.in_force()}, 201)


def add_parcel(body: bytes, world: World) -> Response:
    """Add a life, given in the shape of `Life`: `birth` with offset, each event's `after` as an ISO 8601 duration."""
    try:
        life = msgspec.json.decode(body, type=Life)
    except msgspec.DecodeError as error:
        return json_response({"error": str(error)}, 400)
    unknown = sorted(set(life.expected) - set(RULES))
    if life.birth.tzinfo is None or unknown:
        return json_response({"error": f"unknown rules {unknown}" if unknown else "birth has no offset"}, 400)
    world.add(life)
    return json_response({"tracking_number": life.tracking_number}, 201)


class _Console(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    callback_url: str
    secret: str | None = None


def enter_address(body: bytes, world: World, sources: Collection[str]) -> Response:
    """What a merchant enters in a vendor's console: `{"source", "callback_url"}`, where pushes shall go, and `secret`,
    what they shall be signed with."""
    try:
        entered = msgspec.json.decode(body, type=_Console)
    except msgspec.DecodeError as error:
        return json_response({"error": str(error)}, 400)
    if entered.source not in sources:
        return json_response({"error": f"no source {entered.source!r}", "sources": sorted(sources)}, 400)
    world.consoles[entered.source] = entered.callback_url
    if entered.secret:
        world.console_secrets[entered.source] = entered.secret
    return json_response({"consoles": sorted(world.consoles)}, 201)


def truth(world: World) -> Response:
    """What a watcher should raise, per number.

    `expected` over the whole life, `due` what can be seen by now, `ended` whether the parcel is where it belongs or
    back (its troubles are over then).
    """
    now = world.now()
    return json_response({"now": now, "parcels": [_truth_of(life, now) for life in world.lives.values()]})


def stats(world: World, callers: Collection[CallsBack]) -> Response:
    """Calls per source and outcome, locks and pushes."""
    calls: dict[str, dict[str, int]] = {}
    for (source, outcome), count in sorted(world.counts.items()):
        calls.setdefault(source, {})[outcome.value] = count
    refused = sum(
        count for (_, outcome), count in world.counts.items() if outcome is Outcome.SIGNATURE_REFUSED
    )
    pushes: Counter[str] = Counter()
    for caller in callers:
        pushes.update(caller.outcomes)
    return json_response(
        {
            "now": world.now(),
            "parcels": len(world.lives),
            "calls": calls,
            "refused_signatures": refused,
            "asked_too_soon": world.locks.too_soon,
            "locked": world.locks.locked,
            "subscriptions": sum(len(caller.subscriptions) for caller in callers),
            "pushes": pushes,
            "faults": world.faults.in_force(),
        }
    )


async def faults_door(request: Request, world: World, sources: Collection[str]) -> Response:
    """POST adds a fault, DELETE ends all."""
    if request.method == "DELETE":
        world.faults.clear()
        return Response(status_code=204)
    return add_fault(await request.body(), world, sources)


def _truth_of(life: Life, now: datetime) -> dict[str, Any]:
    return {
        "carrier": life.carrier,
        "tracking_number": life.tracking_number,
        "story": life.story,
        "expected": life.expected,
        "due": life.due_at(now),
        "ended": life.ends_at is not None and life.ends_at <= now,
    }
