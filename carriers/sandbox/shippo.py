"""Plays Shippo: numbers are registered one by one, read one by one, and pushed with all that is known of them.

The token stands in a header. Failures are HTTP statuses with a body of no fixed shape. Pushes go to the address in the
console, with a signature where a secret was entered there; one that is not taken comes again twice (how much later is
unverified).
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any
from zlib import crc32

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.life import CHINA, EventKind, Life, LifeEvent
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "shippo"
TOKEN = "shippo_test_sandbox0000000001"  # noqa: S105 - the same in every sandbox
COMPANIES = {"usps": "usps", "ups": "ups", "fedex": "fedex", "dhl_express": "dhl"}
"""The vendor's token for each carrier that the sandbox may have parcels of."""

_NUMBER = re.compile(r"[A-Za-z0-9]{6,40}\Z")
_NO_CARRIER = "no such carrier"
_NO_NUMBER = "no such number"
_MALFORMED = "malformed"
_NO_TOKEN = "no token"  # noqa: S105 - a name for a refusal
_NOT_REGISTERED = "not registered"
_TOO_MANY = "throttled"
_SYSTEM_ERROR = "server error"
_REFUSALS: dict[str, tuple[int, dict[str, Any]]] = {
    _NO_CARRIER: (400, {"carrier": [f"{_NO_CARRIER}"]}),
    _NO_NUMBER: (400, {"tracking_number": [_NO_NUMBER]}),
    _MALFORMED: (400, {"detail": _MALFORMED}),
    _NO_TOKEN: (401, {"detail": _NO_TOKEN}),
    _NOT_REGISTERED: (404, {"detail": _NOT_REGISTERED}),
    _TOO_MANY: (429, {"detail": _TOO_MANY}),
    _SYSTEM_ERROR: (500, {"detail": _SYSTEM_ERROR}),
}
_PRINTED: dict[EventKind, tuple[str, str]] = {
    EventKind.ORDERED: ("PRE_TRANSIT", "information_received"),
    EventKind.COLLECTED: ("TRANSIT", "package_accepted"),
    EventKind.DEPARTED: ("TRANSIT", "package_departed"),
    EventKind.ARRIVED: ("TRANSIT", "package_arrived"),
    EventKind.ARRIVED_DESTINATION: ("TRANSIT", "package_arrived"),
    EventKind.OUT_FOR_DELIVERY: ("TRANSIT", "out_for_delivery"),
    EventKind.ATTEMPT_FAILED: ("TRANSIT", "delivery_attempted"),
    EventKind.RECIPIENT_UNREACHABLE: ("TRANSIT", "notice_left"),
    EventKind.REFUSED: ("FAILURE", "package_undeliverable"),
    EventKind.OUT_OF_AREA: ("TRANSIT", "location_inaccessible"),
    EventKind.PICKUP_ONLY: ("TRANSIT", "contact_carrier"),
    EventKind.AT_STATION: ("TRANSIT", "pickup_available"),
    EventKind.COLLECTED_FROM_STATION: ("DELIVERED", "delivered"),
    EventKind.DELIVERED: ("DELIVERED", "delivered"),
    EventKind.DELIVERED_TO_PROXY: ("DELIVERED", "delivered"),
    EventKind.RETURNING: ("RETURNED", "return_to_sender"),
    EventKind.RETURNED: ("RETURNED", "return_to_sender"),
    EventKind.HANDED_OVER: ("TRANSIT", "package_forwarded"),
    EventKind.HELD: ("TRANSIT", "package_held"),
    EventKind.DAMAGED: ("TRANSIT", "package_damaged"),
    EventKind.NOTE: ("TRANSIT", "package_processing"),
}
_SAID = {
    EventKind.RETURNING: "Package is on its way back.",
    EventKind.RETURNED: "Package was delivered to the sender.",
}
_WANTS_SOMEBODY = frozenset(
    {
        "delivery_attempted",
        "notice_left",
        "package_undeliverable",
        "location_inaccessible",
        "contact_carrier",
        "pickup_available",
        "package_held",
        "package_damaged",
    }
)


class _Wish(msgspec.Struct):
    carrier: str = ""
    tracking_number: str = ""


async def question(request: Request) -> bytes | Refused:
    """Carrier and number that are asked about, as JSON."""
    if not _is_let_in(request):
        return Refused(_NO_TOKEN, Outcome.SIGNATURE_REFUSED)
    asked = _Wish(request.path_params["carrier"], request.path_params["number"])
    return msgspec.json.encode(asked)


async def registration(request: Request) -> bytes | Refused:
    """The body of a registration."""
    if not _is_let_in(request):
        return Refused(_NO_TOKEN, Outcome.SIGNATURE_REFUSED)
    return await request.body()


def _is_let_in(request: Request) -> bool:
    said = request.headers.get("authorization", "")
    return hmac.compare_digest(said.encode(), f"ShippoToken {TOKEN}".encode())


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """The track of a number that was registered."""
    asked = msgspec.json.decode(question, type=_Wish)
    carrier = COMPANIES.get(asked.carrier, "")
    one = world.subscribers.get(SOURCE, {}).get((carrier, asked.tracking_number))
    if one is None:
        return Refused(_NOT_REGISTERED, Outcome.NOTHING_YET)
    return json_response(_track_of(one, world, ahead=ahead))


def answer_registration(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """The track of the number, registered once more if it was before."""
    try:
        wish = msgspec.json.decode(question, type=_Wish)
    except msgspec.DecodeError:
        return Refused(_MALFORMED)
    if wish.carrier not in COMPANIES:
        return Refused(_NO_CARRIER)
    if not _NUMBER.match(wish.tracking_number):
        return Refused(_NO_NUMBER, Outcome.NUMBER_REFUSED)
    carrier = COMPANIES[wish.carrier]
    world.subscribe(SOURCE, carrier, wish.tracking_number, word=wish.carrier)
    world.count(SOURCE, Outcome.SUBSCRIBED)
    one = world.subscribers[SOURCE][carrier, wish.tracking_number]
    return json_response(_track_of(one, world, ahead=ahead), 201)


def _track_of(one: Subscriber, world: World, *, ahead: timedelta) -> dict[str, Any]:
    life = world.find(one.carrier, one.number)
    seen = () if life is None else life.seen_at(world.now())
    world.count(SOURCE, Outcome.ANSWERED if seen else Outcome.NOTHING_YET)
    return _track(one, life, seen, ahead=ahead)


def _track(
    one: Subscriber, life: Life | None, seen: Sequence[LifeEvent], *, ahead: timedelta = timedelta(0)
) -> dict[str, Any]:
    """All that is known of a number: its lines oldest first, and the newest of them once more."""
    lines = [_line(event, life.moment(event) + ahead, one) for event in seen] if life else []
    nowhere = {"city": "", "state": "", "zip": "", "country": ""}
    return {
        "carrier": one.word,
        "tracking_number": one.number,
        "address_from": nowhere,
        "address_to": nowhere,
        "eta": None,
        "original_eta": None,
        "servicelevel": {"token": None, "name": None, "parent_servicelevel": None},
        "metadata": "",
        "messages": [],
        "transaction": None,
        "test": True,
        "tracking_status": lines[-1] if lines else None,
        "tracking_history": lines,
    }


def _line(event: LifeEvent, moment: datetime, one: Subscriber) -> dict[str, Any]:
    status, detail = _PRINTED[event.kind]
    status, detail = event.code.split("/") if "/" in event.code else (status, detail)
    at = printed(moment)
    return {
        "object_id": f"{crc32(f'{one.number} {event.after} {event.text}'.encode()):032x}",
        "object_created": at,
        "object_updated": None,
        "status": status,
        "status_details": event.text,
        "status_date": at,
        "substatus": {
            "code": detail,
            "text": _SAID.get(event.kind, ""),
            "action_required": detail in _WANTS_SOMEBODY,
        },
        "location": {"city": event.city, "state": "", "zip": "", "country": "CN"},
    }


def printed(moment: datetime) -> str:
    """With the offset of China, whose clock the sandbox's parcels run on; the vendor writes the same moment in UTC."""
    return moment.astimezone(CHINA).isoformat(timespec="seconds")


def refuse(code: str) -> Response:
    """A failure: its HTTP status, and some words."""
    status, said = _REFUSALS[code]
    return json_response(said, status)


def push_signature(body: bytes, moment: int, secret: str) -> str:
    """The header by the vendor's rule: HMAC-SHA256 over the Unix seconds, a dot and the body."""
    mac = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={mac.hexdigest()}"


def _calls(world: World, news: News, one: Subscriber) -> Sequence[Call]:
    """One event that shows the whole track as it is by now."""
    told = {"event": "track_updated", "test": True, "data": _track(one, news.life, news.seen)}
    body = msgspec.json.encode(told)
    secret = world.console_secrets.get(SOURCE)
    moment = int(world.now().timestamp())
    signed = {"shippo-auth-signature": push_signature(body, moment, secret)} if secret else {}
    return [Call(body, {"content-type": "application/json"} | signed)]


def _is_taken(reply: httpx.Response) -> bool:
    return reply.is_success


PLAYS = Played(
    source=SOURCE,
    path="/shippo",
    credentials=MappingProxyType({"token": TOKEN}),
    # 500 questions and 750 registrations a minute, together by the second
    limit=Limit(20),
    doors=(
        Door("/tracks/{carrier}/{number}", question, answer, methods=("GET",)),
        Door("/tracks/", registration, answer_registration),
    ),
    refuse=refuse,
    system_error=_SYSTEM_ERROR,
    too_many=_TOO_MANY,
    calls_back=lambda world, client: Callbacks(
        Manner(SOURCE, partial(_calls, world), _is_taken, most_retries=2), world, client
    ),
)
