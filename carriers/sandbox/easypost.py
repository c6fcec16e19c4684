"""Plays EasyPost: trackers are created one by one, listed by their numbers, and pushed as events.

The key is the user of HTTP Basic. Failures are HTTP statuses with a code in the body. Events go to the address in the
console, signed with the secret that was entered there; one that is not taken comes again six times (how much later is
unverified).
"""

import base64
import binascii
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.easypost_trackers import COMPANIES, printed, tracker
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "easypost"
API_KEY = "EZTKsandbox0000000001"
LARGEST_PAGE = 100
_NUMBER = re.compile(r"[A-Za-z0-9]{6,40}\Z")
_MALFORMED = "BAD_REQUEST"
_UNAUTHORIZED = "USER.UNAUTHORIZED"
_NOT_CREATED = "TRACKER.CREATE.ERROR"
_NO_CARRIER = "TRACKER.UNSUPPORTED_CARRIER"
_TOO_MANY = "RATE_LIMIT.EXCEEDED"
_SYSTEM_ERROR = "INTERNAL_SERVER_ERROR"
_STATUSES = {
    _MALFORMED: 400,
    _UNAUTHORIZED: 401,
    _NOT_CREATED: 422,
    _NO_CARRIER: 422,
    _TOO_MANY: 429,
    _SYSTEM_ERROR: 500,
}


class _Wish(msgspec.Struct):
    tracking_code: str = ""
    carrier: str = ""


class _Creation(msgspec.Struct):
    tracker: _Wish = msgspec.field(default_factory=_Wish)


async def question(request: Request) -> bytes | Refused:
    """The numbers that are asked about, one in each line, after the size of a page."""
    if not _is_let_in(request):
        return Refused(_UNAUTHORIZED, Outcome.SIGNATURE_REFUSED)
    size = request.query_params.get("page_size", "20")
    return "\n".join([size, *request.query_params.getlist("tracking_codes[]")]).encode()


async def creation(request: Request) -> bytes | Refused:
    """The body of a creation."""
    if not _is_let_in(request):
        return Refused(_UNAUTHORIZED, Outcome.SIGNATURE_REFUSED)
    return await request.body()


def _is_let_in(request: Request) -> bool:
    """HTTP Basic: the key for a user, nothing for a password."""
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        said = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return False
    return kind.lower() == "basic" and hmac.compare_digest(said, f"{API_KEY}:".encode())


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """The trackers of these numbers, whatever their carrier, a page of them."""
    size, *numbers = question.decode().split("\n")
    if not size.isdecimal() or not 1 <= int(size) <= LARGEST_PAGE:
        return Refused(_MALFORMED)
    created = [
        one for one in world.subscribers.get(SOURCE, {}).values() if one.number in numbers or not numbers
    ]
    for number in numbers:
        if number not in {one.number for one in created}:
            world.count(SOURCE, Outcome.NOTHING_YET)
    shown = [_tracker(one, world, ahead=ahead) for one in created[: int(size)]]
    return json_response({"trackers": shown, "has_more": len(created) > int(size)})


def _tracker(one: Subscriber, world: World, *, ahead: timedelta = timedelta(0)) -> dict[str, Any]:
    life = world.find(one.carrier, one.number)
    seen = () if life is None else life.seen_at(world.now())
    world.count(SOURCE, Outcome.ANSWERED if seen else Outcome.NOTHING_YET)
    return tracker(one.word, one.number, one.since, life, seen, ahead=ahead)


def answer_creation(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """The new tracker, or the one that is there."""
    try:
        wish = msgspec.json.decode(question, type=_Creation).tracker
    except msgspec.DecodeError:
        return Refused(_MALFORMED)
    if not _NUMBER.match(wish.tracking_code):
        return Refused(_NOT_CREATED, Outcome.NUMBER_REFUSED)
    if wish.carrier not in COMPANIES:
        return Refused(_NO_CARRIER)
    carrier = COMPANIES[wish.carrier]
    world.count(SOURCE, Outcome.SUBSCRIBED)
    is_new = world.subscribe(SOURCE, carrier, wish.tracking_code, word=wish.carrier)
    created = world.subscribers[SOURCE][carrier, wish.tracking_code]
    return json_response(_tracker(created, world, ahead=ahead), 201 if is_new else 200)


def refuse(code: str) -> Response:
    """A failure: its HTTP status, and the code in the body."""
    said = {"code": code, "message": f"The request failed: {code}", "errors": []}
    return json_response({"error": said}, _STATUSES[code])


def push_signature(body: bytes, secret: str) -> str:
    """The header by the vendor's rule: HMAC-SHA256 over the body, keyed with the secret in Unicode's form NFKD."""
    key = unicodedata.normalize("NFKD", secret).encode()
    return f"hmac-sha256-hex={hmac.new(key, body, hashlib.sha256).hexdigest()}"


def _calls(world: World, news: News, one: Subscriber) -> Sequence[Call]:
    """One event that shows the whole tracker as it is by now."""
    now = world.now()
    body = msgspec.json.encode(_event(news, one, now))
    secret = world.console_secrets.get(SOURCE)
    signed = {"x-hmac-signature": push_signature(body, secret)} if secret else {}
    return [Call(body, {"content-type": "application/json"} | signed)]


def _event(news: News, one: Subscriber, now: datetime) -> dict[str, Any]:
    return {
        "object": "Event",
        "id": f"evt_{int(now.timestamp()):032x}",
        "mode": "test",
        "description": "tracker.updated" if one.told else "tracker.created",
        "created_at": printed(now),
        "updated_at": printed(now),
        "previous_attributes": {},
        "pending_urls": [],
        "completed_urls": [],
        "status": "pending",
        "user_id": "user_sandbox",
        "result": tracker(one.word, one.number, one.since, news.life, news.seen),
    }


def _is_taken(reply: httpx.Response) -> bool:
    return reply.is_success


PLAYS = Played(
    source=SOURCE,
    path="/easypost/v2",
    credentials=MappingProxyType({"api_key": API_KEY}),
    # published for lists; for all else the vendor calls it dynamic
    limit=Limit(5),
    doors=(
        Door("/trackers", question, answer, methods=("GET",)),
        Door("/trackers", creation, answer_creation),
    ),
    refuse=refuse,
    system_error=_SYSTEM_ERROR,
    too_many=_TOO_MANY,
    calls_back=lambda world, client: Callbacks(
        Manner(SOURCE, partial(_calls, world), _is_taken, most_retries=6), world, client
    ),
)
