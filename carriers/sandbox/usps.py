"""Plays USPS: tokens, Tracking v3r2 with up to 35 numbers and v3 with one, subscriptions and pushes.

Unverified and played so: what a number that is refused looks like among others, that one with a routing code before it
is unknown, that a push tells of one event, and that any good HTTP status takes it. Times are printed in three ways in
turn: with GMT beside them, with only the distance from it, and with nothing but a Z that is not meant. A subscription
of a whole mailer is about the parcels that there are by then.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5
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

SOURCE = "usps"
CLIENT_ID = "sandbox-usps-client"
CLIENT_SECRET = "sandbox-usps-secret-0001"  # noqa: S105 - the sandbox's own, opens nothing else
MAILER_ID = "900000000"
TOKEN_LASTS = timedelta(seconds=28799)
MOST_NUMBERS = 35
SECRET_LENGTH = 32
# A token lets in where its scope does: each scope is a source of its own among the world's tokens.
SCOPES = MappingProxyType({"tracking": SOURCE, "subscriptions-tracking": "usps-subscriptions"})
_NUMBER = re.compile(r"(?:9[1-5]\d{20}(?:\d{4})?|\d{20}|[A-Z]{2}\d{9}US)\Z", re.ASCII)
_WRONG_CLIENT = "invalid_client"
_WRONG_SHAPE = "OASValidation"
_MISTYPED, _UNKNOWN = "150002", "150003"
_STATUSES = {
    _WRONG_CLIENT: 401,
    _WRONG_SHAPE: 400,
    _MISTYPED: 400,
    _UNKNOWN: 404,
    "401": 401,
    "403": 403,
    "429": 429,
    "500": 500,
}
_WORDS = {
    _WRONG_SHAPE: "OASValidation: the request does not match the schema of this resource",
    _MISTYPED: "The number may be mistyped",
    _UNKNOWN: "Tracking is not available for this item",
    "401": "Unauthorized",
    "403": "Not granted to this application",
    "429": "Too Many Requests",
    "500": "Internal Server Error",
}


class _Printed(NamedTuple):
    """The code of an event, and the category of a parcel whose newest it is."""

    code: str
    category: str


_ALERT, _ATTEMPT, _MOVING = "Alert", "Delivery Attempt", "In Transit"
_PICKUP, _DONE = "Available for Pickup", "Delivered"
_CODES: dict[EventKind, _Printed] = {
    EventKind.ORDERED: _Printed("GX", "Pre-Shipment"),
    EventKind.COLLECTED: _Printed("03", "Accepted"),
    EventKind.DEPARTED: _Printed("T1", _MOVING),
    EventKind.ARRIVED: _Printed("10", _MOVING),
    EventKind.ARRIVED_DESTINATION: _Printed("07", _MOVING),
    EventKind.OUT_FOR_DELIVERY: _Printed("OF", "Out for Delivery"),
    EventKind.ATTEMPT_FAILED: _Printed("02", _ATTEMPT),
    EventKind.RECIPIENT_UNREACHABLE: _Printed("02", _ATTEMPT),
    EventKind.REFUSED: _Printed("04", _ALERT),
    EventKind.OUT_OF_AREA: _Printed("OH", _ALERT),
    EventKind.PICKUP_ONLY: _Printed("16", _PICKUP),
    EventKind.AT_STATION: _Printed("14", _PICKUP),
    EventKind.COLLECTED_FROM_STATION: _Printed("01", _DONE),
    EventKind.DELIVERED: _Printed("01", _DONE),
    EventKind.DELIVERED_TO_PROXY: _Printed("01", "Delivered to Agent"),
    EventKind.RETURNING: _Printed("09", _ALERT),
    EventKind.RETURNED: _Printed("86", _ALERT),
    EventKind.HANDED_OVER: _Printed("TP", _MOVING),
    EventKind.HELD: _Printed("OH", _ALERT),
    EventKind.DAMAGED: _Printed("12", _ALERT),
    EventKind.NOTE: _Printed("SC", _MOVING),
}


class _Credentials(msgspec.Struct):
    client_id: str = ""
    client_secret: str = ""
    grant_type: str = ""
    scope: str = ""


class _Wanted(msgspec.Struct, forbid_unknown_fields=True):
    trackingNumber: str  # noqa: N815 - the vendor's word
    destinationZIPCode: str = ""  # noqa: N815
    mailingDate: str = ""  # noqa: N815


class _Filter(msgspec.Struct, forbid_unknown_fields=True):
    MID: str = ""
    trackingNumber: str = ""  # noqa: N815
    trackingEventTypes: list[str] = []  # noqa: N815


class _Wish(msgspec.Struct):
    listenerURL: str  # noqa: N815
    secret: str
    filterProperties: _Filter  # noqa: N815


_WANTED = msgspec.json.Decoder(list[_Wanted])


def x_hmac(timestamp: str, payload: str, secret: str) -> str:
    """The signature of a push by the vendor's rule: HMAC-SHA256 over the two with the subscriber's secret, base64."""
    signed = hmac.new(secret.encode(), f"{timestamp}{payload}".encode(), hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()


async def token_question(request: Request) -> bytes | Refused:
    """The scopes that are asked for, if the credentials are right."""
    try:
        asked = msgspec.json.decode(await request.body(), type=_Credentials)
    except msgspec.DecodeError:
        return Refused(_WRONG_CLIENT, Outcome.SIGNATURE_REFUSED)
    right = hmac.compare_digest(asked.client_secret.encode(), CLIENT_SECRET.encode())
    if not right or asked.client_id != CLIENT_ID or asked.grant_type != "client_credentials":
        return Refused(_WRONG_CLIENT, Outcome.SIGNATURE_REFUSED)
    return asked.scope.encode()


def answer_token(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """A new token, which lets in nowhere without a scope."""
    granted = [scope for scope in question.decode().split() if scope in SCOPES]
    token = world.issue_token("usps-app", TOKEN_LASTS)
    for scope in granted:
        world.tokens[SCOPES[scope], token] = world.tokens["usps-app", token]
    return json_response(
        {
            "access_token": token,
            "token_type": "Bearer",
            "issued_at": str(int(world.now().timestamp() * 1000)),
            "expires_in": int(TOKEN_LASTS.total_seconds()),
            "status": "approved",
            "scope": " ".join(granted),
        }
    )


async def question(request: Request) -> bytes | Refused:
    """What lets in, and the body under it."""
    return request.headers.get("authorization", "").encode() + b"\n" + await request.body()


async def question_of_one(request: Request) -> bytes | Refused:
    """What lets in, and the number of the path under it; all that can be told is told only in detail."""
    if request.query_params.get("expand") != "DETAIL":
        return Refused(_WRONG_SHAPE)
    number = str(request.path_params["number"])
    return f"{request.headers.get('authorization', '')}\n{number}".encode()


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What is told about up to 35 numbers; HTTP 207 when some are refused."""
    authorization, _, body = question.partition(b"\n")
    if not world.lets_in(SOURCE, authorization.decode()):
        return Refused("401", Outcome.SIGNATURE_REFUSED)
    try:
        wanted = _WANTED.decode(body)
    except msgspec.DecodeError:
        return Refused(_WRONG_SHAPE)
    if not 1 <= len(wanted) <= MOST_NUMBERS:
        return Refused(_WRONG_SHAPE)
    pieces = [_piece_of(one.trackingNumber, world, ahead=ahead) for one in wanted]
    return json_response(pieces, 207 if any("error" in piece for piece in pieces) else 200)


def answer_one(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What the older version tells about one number."""
    authorization, _, number = question.decode().partition("\n")
    if not world.lets_in(SOURCE, authorization):
        return Refused("401", Outcome.SIGNATURE_REFUSED)
    piece = _piece_of(number, world, ahead=ahead)
    return json_response(piece, int(piece.pop("statusCode")))


def refuse(code: str) -> Response:
    """A refusal, with the HTTP status that is repeated in it."""
    status = _STATUSES[code]
    if code == _WRONG_CLIENT:
        words = {"error": code, "error_description": "Invalid client", "error_uri": ""}
        return json_response(words, status)
    return json_response(_error(code), status)


def well_formed(number: str) -> bool:
    """Whether the vendor takes it for a number; wrong check digits are let in."""
    return _NUMBER.match(number) is not None


def _error(code: str, words: str = "") -> dict[str, Any]:
    status, said = str(_STATUSES[code]), words or _WORDS[code]
    inner = code not in {status, _WRONG_SHAPE}
    causes = [{"status": status, "code": code, "title": said, "detail": said}] if inner else []
    return {"apiVersion": "/tracking/v3r2", "error": {"code": status, "message": said, "errors": causes}}


def _piece_of(number: str, world: World, *, ahead: timedelta) -> dict[str, Any]:
    """What is said about one number."""
    if not well_formed(number):
        world.count(SOURCE, Outcome.NUMBER_REFUSED)
        return _no(number, _MISTYPED)
    life = world.find("usps", number)
    seen = life.seen_at(world.now()) if life else ()
    world.count(SOURCE, Outcome.ANSWERED if seen else Outcome.NOTHING_YET)
    if life is None or not seen:
        return _no(number, _UNKNOWN)
    return _told(life, seen, ahead=ahead)


def _no(number: str, code: str) -> dict[str, Any]:
    return {"trackingNumber": number, "statusCode": str(_STATUSES[code]), **_error(code)}


def _told(life: Life, seen: Sequence[LifeEvent], *, ahead: timedelta) -> dict[str, Any]:
    newest = seen[-1]
    told: dict[str, Any] = {
        "trackingNumber": life.tracking_number,
        "statusCode": "200",
        "mailClass": "USPS_GROUND_ADVANTAGE",
        "destinationCity": newest.city,
        "destinationCountryCode": "CN",
        "destinationState": "",
        "status": newest.text,
        "statusCategory": _CODES[newest.kind].category,
        "trackingEvents": [_event(life, event, ahead=ahead) for event in reversed(seen)],
    }
    if newest.kind is EventKind.OUT_FOR_DELIVERY:
        today = f"{life.moment(newest).astimezone(CHINA):%Y-%m-%d}"
        told["deliveryDateExpectation"] = {"expectedDeliveryDate": today, "endOfDay": "by 9:00pm"}
    return told


def _event(life: Life, event: LifeEvent, *, ahead: timedelta) -> dict[str, Any]:
    by_proxy = event.kind is EventKind.DELIVERED_TO_PROXY
    return {
        "eventType": event.text,
        **_printed_times(life, life.moment(event) + ahead),
        "eventCountry": "CHINA",
        "eventCity": event.city,
        "eventState": "",
        "eventZIPCode": "",
        "firm": "",
        "name": event.signer,
        "authorizedAgent": "true" if by_proxy else "false",
        "eventCode": event.code or _CODES[event.kind].code,
        "actionCode": "",
        "reasonCode": "",
    }


def _printed_times(life: Life, moment: datetime) -> dict[str, str]:
    local = f"{moment.astimezone(CHINA):%Y-%m-%dT%H:%M:%S}"
    way = crc32(life.tracking_number.encode()) % 3
    if way == 0:
        gmt = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
        return {"eventTimestamp": local, "GMTTimestamp": gmt, "GMTOffset": "+08:00"}
    if way == 1:
        return {"eventTimestamp": local, "GMTTimestamp": "", "GMTOffset": "480"}
    return {"eventTimestamp": f"{local}Z"}


def answer_subscription(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """The vendor's answer to a subscription: 201, or 400 with the name of the one that stands."""
    authorization, _, body = question.partition(b"\n")
    if not world.lets_in(SCOPES["subscriptions-tracking"], authorization.decode()):
        return Refused("401", Outcome.SIGNATURE_REFUSED)
    try:
        wish = msgspec.json.decode(body, type=_Wish)
    except msgspec.DecodeError:
        return Refused(_WRONG_SHAPE)
    about = wish.filterProperties
    if not _is_whole(wish) or not (about.MID or well_formed(about.trackingNumber)):
        return Refused(_WRONG_SHAPE)
    if about.MID not in {"", MAILER_ID}:
        return Refused("403")
    return _subscribed(wish, world)


def _is_whole(wish: _Wish) -> bool:
    about = wish.filterProperties
    return (
        wish.listenerURL.startswith(("http://", "https://"))
        and len(wish.secret) == SECRET_LENGTH
        and bool(about.MID) is not bool(about.trackingNumber)
        and about.trackingEventTypes in (["ALL"], ["ALL_UPDATES"])
    )


def _subscribed(wish: _Wish, world: World) -> Response:
    about, said = wish.filterProperties, {"callback_url": wish.listenerURL, "secret": wish.secret}
    subject = ("mailer", about.MID) if about.MID else ("usps", about.trackingNumber)
    subscription = _subscription_id(*subject)
    if not world.subscribe(SOURCE, *subject, **said):
        words = f"Duplicate of subscriptionId: {subscription}"
        return json_response(_error(_WRONG_SHAPE, words), 400)
    for carrier, number in world.lives if about.MID else ():
        if carrier == "usps":
            world.subscribe(SOURCE, carrier, number, **said)
    world.count(SOURCE, Outcome.SUBSCRIBED)
    return json_response({"subscriptionId": subscription}, 201)


def _subscription_id(kind: str, subject: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{kind}:{subject}"))


def _calls(news: News, one: Subscriber) -> list[Call]:
    return [_call(news.life, event, one) for event in news.new]


def _call(life: Life, event: LifeEvent, one: Subscriber) -> Call:
    told = {
        "trackingNumber": life.tracking_number,
        "statusCategory": _CODES[event.kind].category,
        **_event(life, event, ahead=timedelta(0)),
    }
    payload = msgspec.json.encode(told).decode()
    timestamp = f"{life.moment(event).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    call = {
        "subscriptionId": _subscription_id("usps", life.tracking_number),
        "subscriptionType": "TRACKING",
        "timestamp": timestamp,
        "payload": payload,
        "links": [],
    }
    signed = x_hmac(timestamp, payload, one.secret or "")
    return Call(msgspec.json.encode(call), {"Content-Type": "application/json", "X-HMAC": signed})


def _is_taken(reply: httpx.Response) -> bool:
    return reply.is_success


MANNER = Manner(SOURCE, _calls, _is_taken)

PLAYS = Played(
    source=SOURCE,
    path="/usps",
    credentials=MappingProxyType({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
    # Reported by developers, not written down by the vendor.
    limit=Limit(per_second=60, per_hour=60),
    doors=(
        Door("/oauth2/v3/token", token_question, answer_token),
        Door("/tracking/v3r2/tracking", question, answer),
        Door("/tracking/v3/tracking/{number}", question_of_one, answer_one, methods=("GET",)),
        Door("/subscriptions-tracking/v3/subscriptions", question, answer_subscription),
    ),
    refuse=refuse,
    system_error="500",
    too_many="429",
    calls_back=lambda world, client: Callbacks(MANNER, world, client),
)
