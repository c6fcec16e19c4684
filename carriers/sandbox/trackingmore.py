"""Plays TrackingMore: numbers are created, up to forty in a call, and only those are known from then on.

Every call bears the key in a header; the codes of failures stand in `meta`, here with an HTTP status that fits them,
which is unverified, like the field of a phone's tail and the headers of a push. A push is signed over its timestamp
alone. The vendor calls again up to fourteen times, twice as late each time; here each is as late as the first.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.trackingmore_parcels import COURIERS, parcel
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "trackingmore"
API_KEY = "sandbox-trackingmore-key-01"
WEBHOOK_SECRET = "00000000-2222-4444-8888-sandboxhooks"  # noqa: S105 - invented
MOST_NUMBERS = 40
_NUMBER = re.compile(r"[A-Za-z0-9-]{6,40}\Z")
_TAIL_WANTED = frozenset({"sf-express", "zto"})
_WORDS = {
    "400": "The request could not be read",
    "401": "The API key is missing or invalid",
    "429": "Too many requests, wait for two minutes",
    "511": "Server error",
    "4101": "The tracking exists already",
    "4103": "More than 40 tracking numbers",
    "4110": "The tracking number is invalid",
    "4111": "A tracking number is required",
    "4120": "The courier code is invalid",
    "4122": "A field that the courier requires is missing",
    "4190": "The quota is used up",
}
_SYSTEM_ERROR = "511"


class _Wish(msgspec.Struct):
    tracking_number: str = ""
    courier_code: str = ""
    tracking_key: str = ""


async def question(request: Request) -> bytes | Refused:
    """The numbers that are asked about, with a comma between them."""
    if not _is_let_in(request):
        return Refused("401", Outcome.SIGNATURE_REFUSED)
    return request.query_params.get("tracking_numbers", "").encode()


async def wish(request: Request) -> bytes | Refused:
    """The body of a creation."""
    return (await request.body()) if _is_let_in(request) else Refused("401", Outcome.SIGNATURE_REFUSED)


def _is_let_in(request: Request) -> bool:
    return hmac.compare_digest(request.headers.get("tracking-api-key", "").encode(), API_KEY.encode())


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """The parcels that were created under these numbers, whatever their courier."""
    numbers = [number for number in question.decode().split(",") if number]
    if not numbers:
        return Refused("4111")
    if len(numbers) > MOST_NUMBERS:
        return Refused("4103")
    created = [one for one in world.subscribers.get(SOURCE, {}).values() if one.number in numbers]
    for number in numbers:
        if number not in {one.number for one in created}:
            world.count(SOURCE, Outcome.NOTHING_YET)
    return _said([_parcel(one, world, ahead=ahead) for one in created])


def _parcel(one: Subscriber, world: World, *, ahead: timedelta) -> dict[str, Any]:
    life = world.find(one.carrier, one.number)
    seen = () if life is None else life.seen_at(world.now())
    world.count(SOURCE, Outcome.ANSWERED if seen else Outcome.NOTHING_YET)
    return parcel(one.word, one.number, life, seen, ahead=ahead)


def answer_creation(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """Says of each number whether it was created; no times are printed, so nothing of it can be ahead."""
    try:
        wishes = msgspec.json.decode(question, type=list[_Wish])
    except msgspec.DecodeError:
        return Refused("400")
    if not wishes:
        return Refused("4111")
    if len(wishes) > MOST_NUMBERS:
        return Refused("4103")
    done = [(one, _created(one, world)) for one in wishes]
    success = [_named(one) for one, code in done if code is None]
    error = [
        _named(one) | {"errorCode": int(code), "errorMessage": _WORDS[code]} for one, code in done if code
    ]
    return _said({"success": success, "error": error})


def _created(one: _Wish, world: World) -> str | None:
    """Create it, or give the code that says why not."""
    wrong = _wrong(one, world)
    if wrong is not None:
        code, outcome = wrong
        world.count(SOURCE, outcome)
        return code
    world.count(SOURCE, Outcome.SUBSCRIBED)
    carrier = COURIERS[one.courier_code]
    is_new = world.subscribe(SOURCE, carrier, one.tracking_number, word=one.courier_code)
    return None if is_new else "4101"


def _wrong(one: _Wish, world: World) -> tuple[str, Outcome] | None:
    if one.courier_code not in COURIERS:
        return "4120", Outcome.CALL_REFUSED
    if not _NUMBER.match(one.tracking_number):
        return "4110", Outcome.NUMBER_REFUSED
    life = world.find(COURIERS[one.courier_code], one.tracking_number)
    opens = bool(one.tracking_key) and (life is None or one.tracking_key in life.phone_tails)
    if one.courier_code in _TAIL_WANTED and not opens:
        return "4122", Outcome.TAIL_REFUSED
    return None


def _named(one: _Wish) -> dict[str, Any]:
    return {"tracking_number": one.tracking_number, "courier_code": one.courier_code}


def refuse(code: str) -> Response:
    """A failure: its code in `meta`, and an HTTP status of its kind."""
    status = int(code) if code in {"401", "429"} else 500 if code == _SYSTEM_ERROR else 400
    meta = {"code": int(code), "type": "Error", "message": _WORDS[code]}
    return json_response({"meta": meta, "data": []}, status)


def _said(data: object) -> Response:
    meta = {"code": 200, "type": "Success", "message": "Request response is successful"}
    return json_response({"meta": meta, "data": data})


def push_signature(timestamp: str, secret: str) -> str:
    """The signature by the vendor's own sample: lower-case hex HMAC-SHA256 of the timestamp, not of the body."""
    return hmac.new(secret.encode(), timestamp.encode(), hashlib.sha256).hexdigest()


def _calls(world: World, news: News, one: Subscriber) -> Sequence[Call]:
    """One call that shows the whole parcel as it is by now."""
    told = parcel(one.word, one.number, news.life, news.seen, ahead=timedelta(0))
    meta = {"code": 200, "type": "Success", "message": "Request response is successful"}
    timestamp = str(int(world.now().timestamp()))
    headers = {
        "content-type": "application/json",
        "timestamp": timestamp,
        "signature": push_signature(timestamp, WEBHOOK_SECRET),
    }
    return [Call(msgspec.json.encode({"event": "TRACKING_UPDATED", "meta": meta, "data": told}), headers)]


def _is_taken(reply: httpx.Response) -> bool:
    return reply.is_success


PLAYS = Played(
    source=SOURCE,
    path="/trackingmore/v4",
    credentials=MappingProxyType({"api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET}),
    limit=Limit(10),
    doors=(
        Door("/trackings/get", question, answer, methods=("GET",)),
        Door("/trackings/batch", wish, answer_creation),
    ),
    refuse=refuse,
    system_error=_SYSTEM_ERROR,
    too_many="429",
    calls_back=lambda world, client: Callbacks(
        Manner(
            SOURCE,
            partial(_calls, world),
            _is_taken,
            every=timedelta(hours=3),
            retry_after=timedelta(seconds=60),
            most_retries=14,
        ),
        world,
        client,
    ),
)
