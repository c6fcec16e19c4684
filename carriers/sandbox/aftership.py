"""Plays AfterShip: one address that creates a tracking (POST) and lists those of some numbers (GET), both signed.

The code of an answer is in its `meta`; HTTP has the same, or 400 for the vendor's own. A number that nobody created a
tracking of is missing from the list. News are told with the whole tracking to the address in the console, signed with
the webhook's own secret; a call that is not taken comes again fourteen times (here at even distances; the vendor's
grow).
"""

import base64
import hashlib
import hmac
import re
import time
from datetime import timedelta
from email.utils import formatdate
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs
from zlib import crc32

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.aftership_trackings import SLUGS, a_tracking
from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.life import Life, LifeEvent
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "aftership"
API_KEY = "asat_sandbox_key"
API_SECRET = "asak_sandbox_secret_0001"  # noqa: S105 - the sandbox's own, opens nothing else
WEBHOOK_SECRET = "sandbox-webhook-secret-0001"  # noqa: S105
MOST_NUMBERS = 50
_NUMBER = re.compile(r"[A-Z0-9._/-]{4,100}\Z")
_TAIL_WANTED = frozenset({"sf", "zto"})
_OF_HTTP = len("404")
_WORDS = {
    "400": "The request was invalid or cannot be otherwise served.",
    "4001": "The JSON in the body cannot be parsed.",
    "4003": "Tracking already exists.",
    "4005": "The value of `tracking_number` is invalid.",
    "4007": "Tracking number is required.",
    "4010": "The value of `slug` is invalid.",
    "4011": "Missing or invalid value of the required fields for this courier.",
    "401": "Invalid API key.",
    "429": "You have exceeded the API call rate limit.",
    "500": "Something went wrong on AfterShip's end.",
}


class _Customer(msgspec.Struct):
    phone_number: str = ""


class _Wish(msgspec.Struct):
    tracking_number: str = ""
    slug: str = ""
    tracking_key: str = ""
    customers: list[_Customer] = msgspec.field(default_factory=list)

    @property
    def tail(self) -> str:
        """What the carrier wants beside the number, in whichever field it came."""
        phones = [customer.phone_number[-4:] for customer in self.customers]
        return self.tracking_key or next(iter(phones), "")


def sign(signed: bytes, secret: str) -> str:
    """The vendor's digest: HMAC with SHA-256, its bytes as base64."""
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def signed_text(method: str, path: str, *, headers: dict[str, str], body: bytes = b"") -> bytes:
    """What a request is signed over, line by line; names of `headers` are in lower case."""
    own = sorted(
        f"{name}:{value.strip()}"
        for name, value in headers.items()
        if name.startswith("as-") and name != "as-signature-hmac-sha256"
    )
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest().upper() if body else ""
    kind = headers.get("content-type", "") if body else ""
    return "\n".join([method, digest, kind, headers.get("date", ""), *own, path]).encode()


async def question_list(request: Request) -> bytes | Refused:
    """The query of a signed question."""
    refused = await _refused(request)
    return refused or request.url.query.encode()


async def question_creation(request: Request) -> bytes | Refused:
    """The body of a signed wish."""
    refused = await _refused(request)
    return refused or await request.body()


async def _refused(request: Request) -> Refused | None:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = "&".join(sorted(request.url.query.split("&"))) if request.url.query else ""
    path = request.url.path + (f"?{query}" if query else "")
    due = sign(signed_text(request.method, path, headers=headers, body=await request.body()), API_SECRET)
    known = hmac.compare_digest(headers.get("as-api-key", "").encode(), API_KEY.encode())
    proved = hmac.compare_digest(headers.get("as-signature-hmac-sha256", "").encode(), due.encode())
    return None if known and proved else Refused("401", Outcome.SIGNATURE_REFUSED)


def answer_creation(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """What becomes of a number that shall be followed; nothing has come in of it yet."""
    try:
        wish = msgspec.json.decode(question, type=_Wish)
    except msgspec.DecodeError:
        return Refused("4001")
    carrier = SLUGS.get(wish.slug)
    code = _fault(wish, carrier)
    if code is not None or carrier is None:
        tail = code == "4011"
        return Refused(code or "4010", Outcome.TAIL_REFUSED if tail else Outcome.NUMBER_REFUSED)
    if not world.subscribe(SOURCE, carrier, wish.tracking_number, wishes={"tail": wish.tail}):
        return Refused("4003", Outcome.SUBSCRIBED)
    world.count(SOURCE, Outcome.SUBSCRIBED)
    one = world.subscribers[SOURCE][carrier, wish.tracking_number]
    return json_response(_envelope(201, a_tracking(one, None, ())), 201)


def _fault(wish: _Wish, carrier: str | None) -> str | None:
    """Why a number is not followed."""
    if not wish.tracking_number:
        return "4007"
    if not _NUMBER.match(wish.tracking_number):
        return "4005"
    if carrier is None:
        return "4010"
    return "4011" if carrier in _TAIL_WANTED and not wish.tail else None


def answer_list(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """The trackings of the numbers that are named."""
    numbers = parse_qs(question.decode()).get("tracking_numbers", [""])[0].split(",")
    if not all(numbers) or len(numbers) > MOST_NUMBERS:
        return Refused("400")
    trackings = []
    for one in world.subscribers.get(SOURCE, {}).values():
        if one.number in numbers:
            seen = _seen(one, world)
            world.count(SOURCE, Outcome.ANSWERED if seen else Outcome.NOTHING_YET)
            trackings.append(a_tracking(one, world.find(one.carrier, one.number), seen, ahead=ahead))
    pagination = {"total": len(trackings), "next_cursor": "", "has_next_page": False}
    return json_response(_envelope(200, {"pagination": pagination, "trackings": trackings}))


def _seen(one: Subscriber, world: World) -> tuple[LifeEvent, ...]:
    """What has happened by now; nothing ever comes of a parcel that wants another tail."""
    life = world.find(one.carrier, one.number)
    return life.seen_at(world.now()) if life is not None and _opens(one, life) else ()


def _opens(one: Subscriber, life: Life) -> bool:
    """Whether the tail is right; who created a tracking elsewhere, in the console, was not asked for one here."""
    tail = one.wishes.get("tail")
    return one.carrier not in _TAIL_WANTED or tail is None or tail in life.phone_tails


def refuse(code: str) -> Response:
    """A refusal; too many calls hear when the next second begins."""
    status = int(code) if len(code) == _OF_HTTP else 400
    response = json_response(
        {"meta": {"code": int(code), "message": _WORDS[code], "type": "BadRequest"}, "data": {}}, status
    )
    if code == "429":
        now = time.time()
        response.headers["date"] = formatdate(now, usegmt=True)
        response.headers["x-ratelimit-remaining"] = "0"
        response.headers["x-ratelimit-reset"] = str(int(now) + 1)
    return response


def _envelope(code: int, data: dict[str, Any]) -> dict[str, Any]:
    return {"meta": {"code": code}, "data": data}


def _calls(news: News, one: Subscriber) -> list[Call]:
    if not _opens(one, news.life):
        return []
    told = a_tracking(one, news.life, news.seen)
    body = msgspec.json.encode(
        {
            "ts": int(news.life.moment(news.seen[-1]).timestamp()),
            "event": "tracking_update",
            "event_id": f"00000000-0000-4000-8000-{crc32(f'{one.number}/{len(news.seen)}'.encode()):012x}",
            "is_tracking_first_tag": len(news.seen) == 1,
            "msg": told,
        }
    )
    headers = {
        "Content-Type": "application/json",
        "aftership-hmac-sha256": sign(body, WEBHOOK_SECRET),
        "as-webhook-version": "2025-01",
    }
    return [Call(body, headers)]


def _is_taken(reply: httpx.Response) -> bool:
    return reply.is_success


MANNER = Manner(SOURCE, _calls, _is_taken, most_retries=14)

PLAYS = Played(
    source=SOURCE,
    path="/aftership/tracking/2025-01",
    credentials=MappingProxyType(
        {"api_key": API_KEY, "api_secret": API_SECRET, "webhook_secret": WEBHOOK_SECRET}
    ),
    # The vendor's is for each address of its own: 20 a second that create, 6 that list.
    limit=Limit(20),
    doors=(
        Door("/trackings", question_list, answer_list, methods=("GET",)),
        Door("/trackings", question_creation, answer_creation),
    ),
    refuse=refuse,
    system_error="500",
    too_many="429",
    calls_back=lambda world, client: Callbacks(MANNER, world, client),
)
