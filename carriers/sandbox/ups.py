"""Plays UPS: the token, the Track API v1 and the subscriptions of Track Alert, which `ups_alerts` serves.

A number without a record is HTTP 200 with a warning. Lines are printed in the vendor's three manners, by the number:
with the time in Greenwich, with that time's leading zeros lost, and without it. Unverified and played so: that a token
lasts 14,399 seconds, and that a number of less than 7 or more than 34 characters is refused.
"""

import base64
import binascii
import hmac
from datetime import UTC, timedelta
from types import MappingProxyType
from typing import Any
from zlib import crc32

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.life import CHINA, EventKind, Life, LifeEvent
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.ups_alerts import MANNER, SOURCE, levels, take_subscription
from carriers.sandbox.wire import form_of, json_response
from carriers.sandbox.world import Outcome, World

CLIENT_ID = "sandbox-ups-client"
CLIENT_SECRET = "sandbox-ups-secret-0001"  # noqa: S105 - the sandbox's own, opens nothing else
TOKEN_LASTS = timedelta(seconds=14_399)
_LENGTHS = range(7, 35)
_WORDS = {
    "250002": (401, "Invalid Authentication Information."),
    "250003": (401, "Invalid Access License number."),
    "251004": (401, "The token has expired."),
    "UJ0001": (401, "Invalid token or token is not present."),
    "10004": (500, "Something went wrong, please try again later."),
    "10429": (429, "Too many requests."),
    "TV1001": (400, "Missing transId or transactionSrc."),
    "TV1002": (400, "Invalid inquiry number."),
    "VSS002": (400, "Missing transId."),
    "VSS110": (400, "The subscription request is empty."),
    "VSS200": (400, "The list of tracking numbers is required."),
    "VSS210": (400, "At least one valid tracking number is required."),
    "VSS220": (400, "More than 100 tracking numbers."),
    "VSS300": (400, "Locale is required."),
    "VSS400": (400, "A valid country code is required."),
    "VSS500": (400, "Destination is required."),
    "VSS600": (400, "URL is empty."),
    "VSS700": (400, "Credential is empty."),
    "VSS800": (400, "CredentialType is empty."),
}


class _Asked(msgspec.Struct):
    """What came through a door that wants a token."""

    authorization: str
    named: bool
    content: str


async def token_question(request: Request) -> bytes | Refused:
    """The client's id, if the credentials are right and the form asks for what it may."""
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        said = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        said = b""
    right = f"{CLIENT_ID}:{CLIENT_SECRET}".encode()
    if kind != "Basic" or not hmac.compare_digest(said, right):
        return Refused("250003", Outcome.SIGNATURE_REFUSED)
    form = await form_of(request)
    if form is None or form.get("grant_type") != "client_credentials":
        return Refused("250002")
    return CLIENT_ID.encode()


def token_answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """A new token; what it prints of times nobody looks at."""
    return json_response(
        {
            "token_type": "Bearer",
            "issued_at": str(int(world.now().timestamp() * 1000)),
            "client_id": question.decode(),
            "access_token": world.issue_token(SOURCE, TOKEN_LASTS),
            "expires_in": str(int(TOKEN_LASTS.total_seconds())),
            "status": "approved",
        }
    )


async def question(request: Request) -> bytes | Refused:
    """What is asked and with which token, which the world knows."""
    content = request.path_params.get("number") or (await request.body()).decode(errors="replace")
    named = bool(request.headers.get("transid") and request.headers.get("transactionsrc"))
    return msgspec.json.encode(_Asked(request.headers.get("authorization", ""), named, content))


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What the Track API says about a number."""
    asked = msgspec.json.decode(question, type=_Asked)
    if not world.lets_in(SOURCE, asked.authorization):
        return _shut_out(asked.authorization, world)
    if not asked.named:
        return Refused("TV1001")
    if len(asked.content) not in _LENGTHS:
        return Refused("TV1002", Outcome.NUMBER_REFUSED)
    return _track(asked.content, world, ahead=ahead)


def subscription_answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """What Track Alert says to a subscription; it prints no times."""
    asked = msgspec.json.decode(question, type=_Asked)
    if not world.lets_in(SOURCE, asked.authorization):
        return _shut_out(asked.authorization, world)
    if not asked.named:
        return Refused("VSS002")
    return take_subscription(asked.content, world)


def _shut_out(authorization: str, world: World) -> Refused:
    kind, _, token = authorization.partition(" ")
    if kind != "Bearer":
        return Refused("UJ0001", Outcome.SIGNATURE_REFUSED)
    known = (SOURCE, token) in world.tokens
    return Refused("251004" if known else "250002", Outcome.SIGNATURE_REFUSED)


def refuse(code: str) -> Response:
    """The list of errors, here always one, under its own HTTP status."""
    status, words = _WORDS[code]
    return json_response({"response": {"errors": [{"code": code, "message": words}]}}, status)


def _track(number: str, world: World, *, ahead: timedelta) -> Response:
    life = world.find("ups", number)
    seen = () if life is None else life.seen_at(world.now())
    shipment: dict[str, Any] = {"inquiryNumber": number}
    if life is None or not seen:
        world.count(SOURCE, Outcome.NOTHING_YET)
        shipment["warnings"] = [{"code": "TW0001", "message": "Tracking Information Not Found"}]
    else:
        world.count(SOURCE, Outcome.ANSWERED)
        shipment["package"] = [_package(life, seen, ahead=ahead)]
    return json_response({"trackResponse": {"shipment": [shipment]}})


def _package(life: Life, seen: tuple[LifeEvent, ...], *, ahead: timedelta) -> dict[str, Any]:
    newest = seen[-1]
    _, _, status = levels(newest)
    package: dict[str, Any] = {
        "trackingNumber": life.tracking_number,
        "packageCount": 1,
        "currentStatus": {"code": status, "description": newest.text},
        "activity": [_activity(life, event, ahead=ahead) for event in reversed(seen)],
        "packageAddress": [{"type": "DESTINATION", "address": {"countryCode": "CN", "country": "CN"}}],
        "service": {"code": "518", "levelCode": "011", "description": "UPS Ground"},
    }
    if newest.signer:
        package["deliveryInformation"] = {"location": "FRONT DESK", "receivedBy": newest.signer}
    if newest.kind is EventKind.OUT_FOR_DELIVERY:
        day = life.moment(newest).astimezone(CHINA)
        package["deliveryDate"] = [{"type": "SDD", "date": f"{day:%Y%m%d}"}]
        package["deliveryTime"] = {"type": "EOD", "endTime": "210000"}
    return package


def _activity(life: Life, event: LifeEvent, *, ahead: timedelta) -> dict[str, Any]:
    kind, code, status = levels(event)
    here = (life.moment(event) + ahead).astimezone(CHINA)
    return {
        "date": f"{here:%Y%m%d}",
        "time": f"{here:%H%M%S}",
        **_in_greenwich(life, event, ahead=ahead),
        "location": {"slic": "9999", "address": {"city": event.city, "country": "CN", "countryCode": "CN"}},
        "status": {"type": kind, "code": code, "statusCode": status, "description": event.text},
        "logicalScan": False,
    }


def _in_greenwich(life: Life, event: LifeEvent, *, ahead: timedelta) -> dict[str, str]:
    moment = (life.moment(event) + ahead).astimezone(UTC)
    manner = crc32(life.tracking_number.encode()) % 3
    if manner == 0:
        return {}
    time = f"{moment:%H:%M:%S}" if manner == 1 else str(int(f"{moment:%H%M%S}"))
    return {"gmtDate": f"{moment:%Y%m%d}", "gmtTime": time, "gmtOffset": "+08:00"}


PLAYS = Played(
    source=SOURCE,
    path="/ups",
    credentials=MappingProxyType({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(
        Door("/security/v1/oauth/token", token_question, token_answer),
        Door("/api/track/v1/details/{number}", question, answer, methods=("GET",)),
        Door("/api/track/v1/subscription/standard/package", question, subscription_answer),
    ),
    refuse=refuse,
    system_error="10004",
    too_many="10429",
    calls_back=lambda world, client: Callbacks(MANNER, world, client),
)
