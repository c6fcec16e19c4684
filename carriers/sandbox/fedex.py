"""Plays FedEx: tokens for client credentials, /track/v1/trackingnumbers with up to thirty numbers, pushes by account.

A return scan is shown as delivered, as the vendor's website does. That wrong check digits are let in, that a push has
one scan and which reply counts as taken is unverified.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.life import CHINA, EventKind, Life, LifeEvent
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import form_of, json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "fedex"
CLIENT_ID = "l7sandbox0000000000000000000000fedex"
CLIENT_SECRET = "sandbox-fedex-secret-0001"  # noqa: S105 - the sandbox's own, opens nothing else
SECURITY_TOKEN = "sandbox-fedex-security-token"  # noqa: S105 - signs until the console names another
TOKEN_LASTS = timedelta(seconds=3599)
MOST_NUMBERS = 30
_NUMBER = re.compile(r"(?:\d{12}|\d{15}|\d{18}|\d{20}|96\d{20}|3\d{31}|\d{34})\Z", re.ASCII)
_LOCALE = re.compile(r"[a-z]{2}_[A-Z]{2}\Z", re.ASCII)

_EMPTY = "TRACKING.TRACKINGNUMBER.EMPTY"
_INVALID = "TRACKING.TRACKINGNUMBER.INVALID"
_NOT_FOUND = "TRACKING.TRACKINGNUMBER.NOTFOUND"
_TOO_MANY_NUMBERS = "TRACKING.TRACKINGNUMBERS.LIMITEXCEEDED"
_WRONG_LOCALE = "TRACKING.LOCALE.INVALID"
_NOT_AUTHORIZED = "NOT.AUTHORIZED.ERROR"
_UNAVAILABLE = "SERVICE.UNAVAILABLE.ERROR"
_TOO_MANY = "TOO.MANY.REQUESTS"
_STATUSES = {_NOT_AUTHORIZED: 401, _TOO_MANY: 429, _UNAVAILABLE: 503}


class _Printed(NamedTuple):
    """The codes of an event, what the website shows for it, and the words before the reason."""

    event_type: str
    exception: str = ""
    derived: str = ""
    words: str = ""


_DELIVERY, _SHIPMENT = "Delivery exception", "Shipment exception"
_CODES: dict[EventKind, _Printed] = {
    EventKind.ORDERED: _Printed("OC", derived="IN"),
    EventKind.COLLECTED: _Printed("PU"),
    EventKind.DEPARTED: _Printed("DP", derived="IT"),
    EventKind.ARRIVED: _Printed("AR", derived="IT"),
    EventKind.ARRIVED_DESTINATION: _Printed("FD", derived="IT"),
    EventKind.OUT_FOR_DELIVERY: _Printed("OD"),
    EventKind.ATTEMPT_FAILED: _Printed("DE", "099", words=_DELIVERY),
    EventKind.RECIPIENT_UNREACHABLE: _Printed("DE", "007", words=_DELIVERY),
    EventKind.REFUSED: _Printed("DE", "07", words=_DELIVERY),
    EventKind.OUT_OF_AREA: _Printed("SE", "78", words=_SHIPMENT),
    EventKind.PICKUP_ONLY: _Printed("SE", "81", words=_SHIPMENT),
    EventKind.AT_STATION: _Printed("HL"),
    EventKind.COLLECTED_FROM_STATION: _Printed("DL"),
    EventKind.DELIVERED: _Printed("DL"),
    EventKind.DELIVERED_TO_PROXY: _Printed("DL"),
    EventKind.RETURNING: _Printed("RS", "060G", derived="DL"),
    EventKind.RETURNED: _Printed("DL"),
    EventKind.HANDED_OVER: _Printed("TR", derived="IT"),
    EventKind.HELD: _Printed("CD"),
    EventKind.DAMAGED: _Printed("SE", "10", words=_SHIPMENT),
    EventKind.NOTE: _Printed("IT"),
}


class _NumberInfo(msgspec.Struct):
    trackingNumber: str = ""  # noqa: N815 - the vendor's word


class _Wanted(msgspec.Struct):
    trackingNumberInfo: _NumberInfo  # noqa: N815 - the vendor's word


class _Question(msgspec.Struct):
    trackingInfo: list[_Wanted] = []  # noqa: N815 - the vendor's word


def signature(body: bytes, token: str) -> str:
    """`fdx-signature` by the vendor's rule: HMAC-SHA256 of the body, base64."""
    return base64.b64encode(hmac.new(token.encode(), body, hashlib.sha256).digest()).decode()


async def token_question(request: Request) -> bytes | Refused:
    """Whether the form holds the client's own credentials."""
    form = await form_of(request) or {}
    right = form.get("grant_type") == "client_credentials" and form.get("client_id") == CLIENT_ID
    if right and hmac.compare_digest(form.get("client_secret", "").encode(), CLIENT_SECRET.encode()):
        return b""
    return Refused(_NOT_AUTHORIZED, Outcome.SIGNATURE_REFUSED)


def answer_token(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """A new token."""
    token = world.issue_token(SOURCE, TOKEN_LASTS)
    seconds = int(TOKEN_LASTS.total_seconds())
    return json_response(
        {"access_token": token, "token_type": "bearer", "expires_in": seconds, "scope": "CXS"}
    )


async def question(request: Request) -> bytes | Refused:
    """The header that lets in, and the body under it."""
    if not _LOCALE.match(request.headers.get("x-locale", "en_US")):
        return Refused(_WRONG_LOCALE)
    return request.headers.get("authorization", "").encode() + b"\n" + await request.body()


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What FedEx answers to whoever has a token."""
    authorization, _, body = question.partition(b"\n")
    if not world.lets_in(SOURCE, authorization.decode()):
        return Refused(_NOT_AUTHORIZED, Outcome.SIGNATURE_REFUSED)
    try:
        asked = msgspec.json.decode(body, type=_Question)
    except msgspec.DecodeError:
        return Refused(_EMPTY)
    numbers = [wanted.trackingNumberInfo.trackingNumber for wanted in asked.trackingInfo]
    if not numbers:
        return Refused(_EMPTY)
    if len(numbers) > MOST_NUMBERS:
        return Refused(_TOO_MANY_NUMBERS)
    told = [_told(number, world, ahead=ahead) for number in numbers]
    return json_response(_envelope(told))


def refuse(code: str) -> Response:
    """The answer to a call that failed."""
    error = {"code": code, "message": "Please try again later.", "parameterList": []}
    return json_response({"transactionId": "0000", "errors": [error]}, _STATUSES.get(code, 400))


def well_formed(number: str) -> bool:
    """Whether the vendor takes it for one of its numbers."""
    return _NUMBER.match(number) is not None


def _envelope(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"transactionId": "0000", "output": {"completeTrackResults": list(told)}}


def _told(number: str, world: World, *, ahead: timedelta) -> dict[str, Any]:
    life = world.find(SOURCE, number)
    seen = () if life is None else life.seen_at(world.now())
    if life is not None and seen:
        world.count(SOURCE, Outcome.ANSWERED)
        return _complete(number, _result(life, seen, seen, ahead=ahead))
    known = life is not None or well_formed(number)
    world.count(SOURCE, Outcome.NOTHING_YET if known else Outcome.NUMBER_REFUSED)
    error = {"code": _NOT_FOUND if known else _INVALID, "message": "Please correct the tracking number."}
    return _complete(number, {"trackingNumberInfo": _number_info(number), "error": error})


def _complete(number: str, result: dict[str, Any]) -> dict[str, Any]:
    return {"trackingNumber": number, "trackResults": [result]}


def _number_info(number: str) -> dict[str, str]:
    return {
        "trackingNumber": number,
        "carrierCode": "FDXG",
        "trackingNumberUniqueId": f"12029~{number}~FDEG",
    }


def _result(
    life: Life, seen: Sequence[LifeEvent], printed: Sequence[LifeEvent], *, ahead: timedelta = timedelta(0)
) -> dict[str, Any]:
    """All that is said of a parcel that has come so far; of its scans those that shall be printed."""
    latest = seen[-1]
    attempts = sum(_codes(event).event_type == "DE" for event in seen)
    return {
        "trackingNumberInfo": _number_info(life.tracking_number),
        "additionalTrackingInfo": {"hasAssociatedShipments": False, "packageIdentifiers": []},
        "latestStatusDetail": _latest(latest),
        "dateAndTimes": _times(life, seen, ahead),
        "deliveryDetails": {"deliveryAttempts": str(attempts), "receivedByName": latest.signer},
        "holdAtLocation": {"locationId": "", "locationContactAndAddress": _contact(latest)},
        "scanEvents": [_scan(life, event, ahead) for event in reversed(printed)],
        "error": {"code": "", "message": ""},
    }


def _codes(event: LifeEvent) -> _Printed:
    """The kind's codes, or those that the event brings: `DE/08`."""
    if event.code:
        event_type, _, exception = event.code.partition("/")
        return _Printed(event_type, exception)
    return _CODES[event.kind]


def _latest(event: LifeEvent) -> dict[str, Any]:
    printed = _codes(event)
    reason = {"reason": printed.exception, "reasonDescription": event.text, "action": ""}
    return {
        "code": printed.event_type,
        "derivedCode": printed.derived or printed.event_type,
        "description": printed.words or event.text,
        "scanLocation": {"city": event.city, "countryCode": "CN"},
        "ancillaryDetails": [reason] if printed.exception else [],
    }


def _times(life: Life, seen: Sequence[LifeEvent], ahead: timedelta) -> list[dict[str, str]]:
    kinds = {EventKind.COLLECTED: "ACTUAL_PICKUP", EventKind.DELIVERED: "ACTUAL_DELIVERY"}
    return [
        {"type": kinds[event.kind], "dateTime": _moment(life, event, ahead)}
        for event in seen
        if event.kind in kinds
    ]


def _contact(event: LifeEvent) -> dict[str, Any]:
    contact = {"companyName": event.station, "phoneNumber": event.station_phone}
    return {"contact": contact, "address": {"city": event.city}} if event.station else {"address": {}}


def _scan(life: Life, event: LifeEvent, ahead: timedelta) -> dict[str, Any]:
    printed = _codes(event)
    return {
        "date": _moment(life, event, ahead),
        "eventType": printed.event_type,
        "eventDescription": printed.words or event.text,
        "exceptionCode": printed.exception,
        "exceptionDescription": event.text if printed.words else "",
        "derivedStatusCode": printed.derived or printed.event_type,
        "locationId": event.facility,
        "locationType": "FEDEX_FACILITY",
        "scanLocation": {"city": event.city, "countryCode": "CN"},
    }


def _moment(life: Life, event: LifeEvent, ahead: timedelta) -> str:
    return (life.moment(event) + ahead).astimezone(CHINA).replace(microsecond=0).isoformat()


def _calls(news: News, one: Subscriber) -> list[Call]:
    """One call for each event, which tells nothing of those before it."""
    told = len(news.seen) - len(news.new)
    return [
        _call(_result(news.life, news.seen[: told + place], [event]), news.life.tracking_number, one)
        for place, event in enumerate(news.new, 1)
    ]


def _call(result: dict[str, Any], number: str, one: Subscriber) -> Call:
    body = msgspec.json.encode(_envelope([_complete(number, result)]))
    signed = signature(body, one.secret or SECURITY_TOKEN)
    return Call(body, {"Content-Type": "application/json", "fdx-signature": signed})


def _is_taken(response: httpx.Response) -> bool:
    return response.is_success


_MANNER = Manner(SOURCE, _calls, _is_taken, by_account=frozenset({SOURCE}))

PLAYS = Played(
    source=SOURCE,
    path="/fedex",
    credentials=MappingProxyType({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
    # 1,400 in ten seconds
    limit=Limit(140, per_day=100_000),
    doors=(
        Door("/oauth/token", token_question, answer_token),
        Door("/track/v1/trackingnumbers", question, answer),
    ),
    refuse=refuse,
    system_error=_UNAVAILABLE,
    too_many=_TOO_MANY,
    calls_back=lambda world, client: Callbacks(_MANNER, world, client),
)
