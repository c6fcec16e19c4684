"""Plays 17TRACK: numbers are registered, up to forty in a call, then read by whoever holds the key, or pushed.

What happened to a number stands beside it under HTTP 200; only a call as a whole is refused with an error of HTTP. The
carrier may be left out: the vendor finds it out. News are told with everything known, signed over the raw body, to the
address in the console; that they come every ten minutes, and again half an hour later, is unverified.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.seventeentrack_infos import CARRIERS, NOBODY, OF_CARRIER, track_info
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "seventeentrack"
KEY = "SANDBOX17TOKEN000000000000000000"
QUOTA = 100_000
MOST_NUMBERS = 40
_NUMBER = re.compile(r"[A-Za-z0-9]{5,50}\Z")
_TAIL_WANTED = frozenset({"sf"})
_TOO_FAST = "429"
_STATUSES = {"-18010002": 401, _TOO_FAST: 429}
_WORDS = {
    "-18010002": "The security key is invalid.",
    "-18010003": "Internal service error. Please retry later.",
    "-18010010": "The submitted data is empty.",
    "-18010012": "The format of the number is invalid.",
    "-18010013": "Invalid data.",
    "-18010014": "More than 40 numbers.",
    "-18010020": "The carrier requires a phone number.",
    "-18019901": "The number is registered.",
    "-18019902": "The number is not registered. Register it first.",
    "-18019903": "The carrier cannot be detected.",
    "-18019908": "The quota is used up.",
    "-18019910": "The carrier is wrong.",
    _TOO_FAST: "Too many requests.",
}


class _Asked(msgspec.Struct):
    number: str = ""
    carrier: int | None = None
    tag: str | None = None
    param: str | None = None


def sign(body: bytes, key: str) -> str:
    """The signature of a push by the vendor's rule: SHA-256 over body, slash and key, lower-case hex."""
    return hashlib.sha256(b"/".join((body, key.encode()))).hexdigest()


async def question(request: Request) -> bytes | Refused:
    """The body of a call with the right key."""
    if not hmac.compare_digest(request.headers.get("17token", "").encode(), KEY.encode()):
        return Refused("-18010002", Outcome.SIGNATURE_REFUSED)
    return await request.body()


def answer_registration(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """What becomes of each number that shall be followed; no times are printed, so nothing of it can be ahead."""
    items = _items(question)
    if isinstance(items, Refused):
        return items
    return _sorted_out([(item, _registered(item, world)) for item in items])


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What is known of each number."""
    items = _items(question)
    if isinstance(items, Refused):
        return items
    return _sorted_out([(item, _known(item, world, ahead=ahead)) for item in items])


def refuse(code: str) -> Response:
    """The refusal of a whole call; the key and the pace have an HTTP error as well."""
    failure = {"code": int(code), "message": _WORDS[code]}
    return json_response({"code": int(code), "data": {"errors": [failure]}}, _STATUSES.get(code, 200))


def _items(question: bytes) -> list[_Asked] | Refused:
    try:
        items = msgspec.json.decode(question, type=list[_Asked])
    except msgspec.DecodeError:
        return Refused("-18010013")
    if len(items) > MOST_NUMBERS:
        return Refused("-18010014")
    return items or Refused("-18010010")


def _sorted_out(told: Sequence[tuple[_Asked, dict[str, Any] | str]]) -> Response:
    """Accepted are those of which something is told, rejected those with a code."""
    rejected = [
        {"number": item.number, "error": {"code": int(code), "message": _WORDS[code]}}
        for item, code in told
        if isinstance(code, str)
    ]
    accepted = [said for _, said in told if not isinstance(said, str)]
    return json_response({"code": 0, "data": {"accepted": accepted, "rejected": rejected}})


def _registered(item: _Asked, world: World) -> dict[str, Any] | str:
    carrier = _carrier(item, world)
    code = _refused(item, carrier, world)
    if code is not None or carrier is None:
        world.count(SOURCE, Outcome.TAIL_REFUSED if code == "-18010020" else Outcome.NUMBER_REFUSED)
        return code or "-18019903"
    wishes = {"tag": item.tag or "", "param": item.param or ""}
    new = world.subscribe(SOURCE, carrier, item.number, wishes=wishes)
    world.count(SOURCE, Outcome.SUBSCRIBED)
    if not new:
        return "-18019901"
    origin = 1 if item.carrier is not None else 2
    return {
        "origin": origin,
        "number": item.number,
        "carrier": OF_CARRIER[carrier],
        "tag": item.tag,
        "email": None,
        "lang": None,
    }


def _refused(item: _Asked, carrier: str | None, world: World) -> str | None:
    """Why a number is not followed."""
    if not _NUMBER.match(item.number):
        return "-18010012"
    if item.carrier is not None and item.carrier not in CARRIERS:
        return "-18019910"
    if carrier in _TAIL_WANTED and not item.param:
        return "-18010020"
    registered = world.subscribers.get(SOURCE, {})
    return "-18019908" if len(registered) >= QUOTA and (carrier, item.number) not in registered else None


def _carrier(item: _Asked, world: World) -> str | None:
    """The carrier that was named, or the one that the number tells."""
    if item.carrier is not None:
        return CARRIERS.get(item.carrier)
    known = (carrier for carrier, number in world.lives if number == item.number)
    looks_like = (carrier for carrier, form in CARRIED.items() if item.number.startswith(form.heads))
    return next((carrier for carrier in (*known, *looks_like) if carrier in OF_CARRIER), None)


def _known(item: _Asked, world: World, *, ahead: timedelta) -> dict[str, Any] | str:
    one = _subscriber(item, world)
    if one is None:
        world.count(SOURCE, Outcome.NOTHING_YET)
        return "-18019902"
    news = _news(one, world)
    world.count(SOURCE, Outcome.ANSWERED if news else Outcome.NOTHING_YET)
    return _said(one, news, ahead=ahead)


def _subscriber(item: _Asked, world: World) -> Subscriber | None:
    registered = world.subscribers.get(SOURCE, {}).values()
    of_number = (one for one in registered if one.number == item.number)
    return next((one for one in of_number if item.carrier in {None, OF_CARRIER[one.carrier]}), None)


def _news(one: Subscriber, world: World) -> News | None:
    """What is seen by now; nothing ever comes of a parcel that wants another tail."""
    life = world.find(one.carrier, one.number)
    seen = () if life is None else life.seen_at(world.now())
    if life is None or not seen:
        return None
    return News(life, seen, ()) if _opens(one, life) else None


def _opens(one: Subscriber, life: Life) -> bool:
    """Whether the tail is right; who registered a number elsewhere, in the console, was not asked for one here."""
    param = one.wishes.get("param")
    return one.carrier not in _TAIL_WANTED or param is None or param in life.phone_tails


def _said(one: Subscriber, news: News | None, *, ahead: timedelta = timedelta(0)) -> dict[str, Any]:
    return {
        "number": one.number,
        "carrier": OF_CARRIER[one.carrier],
        "param": one.wishes.get("param") or None,
        "tag": one.wishes.get("tag") or None,
        "track_info": track_info(news.life, news.seen, ahead=ahead) if news else NOBODY,
    }


def _calls(news: News, one: Subscriber) -> list[Call]:
    if not _opens(one, news.life):
        return []
    body = msgspec.json.encode({"event": "TRACKING_UPDATED", "data": _said(one, news)})
    return [Call(body, {"Content-Type": "application/json", "sign": sign(body, KEY)})]


def _is_taken(reply: httpx.Response) -> bool:
    return reply.status_code == httpx.codes.OK


MANNER = Manner(SOURCE, _calls, _is_taken)

PLAYS = Played(
    source=SOURCE,
    path="/seventeentrack",
    credentials=MappingProxyType({"key": KEY}),
    limit=Limit(3),
    doors=(
        Door("/gettrackinfo", question, answer),
        Door("/register", question, answer_registration),
    ),
    refuse=refuse,
    system_error="-18010003",
    too_many=_TOO_FAST,
    calls_back=lambda world, client: Callbacks(MANNER, world, client),
)
