"""USPS's side of the contract test.

Answers and pushes are made: the shape is the vendor's documentation, numbers, names and phones are invented. What a
number that is refused looks like among others is made as well, for no document shows it. The signature of pushes is
computed by hand from a rule that public clients agree on.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from carriers.contract import Account, PushReply, PushRequest, Query, Token
from carriers.errors import OwnershipRefused
from carriers.worldwide import usps

ACCOUNT = Account(
    id="usps-contract",
    source="usps",
    credentials={"client_id": "CLIENT-OF-THE-TEST", "client_secret": "FAKE0SECRET0FOR0TESTS0ONLY00001"},
)
QUERIES = tuple(Query("usps", f"94001000000000000000{number:02}") for number in range(1, 37))
NAME, PHONE = "Testname Maier", "13800000047"
UNKNOWN_CODE = "event/Q9"
NEIGHBOUR_ERROR = OwnershipRefused
PUSH_SECRET = "0123456789abcdef0123456789abcdef"
PUSH_CODE = "event/03"
ACCEPTED = PushReply(200, "application/json", b"{}")
TOKEN = Token("made-token", timedelta(seconds=28799))

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = True) -> list[Any]:
    """An answer with one event for each code, an hour apart; a code of the whole parcel stands beside its events."""
    return [_piece(query, told, newest_first=newest_first) for query, told in codes.items()]


def empty(queries: Sequence[Query]) -> list[Any]:
    """An answer about numbers of which nothing is known yet: refused, or without events."""
    return [
        _no(query, "404", "150003") if place % 2 else _piece(query, []) for place, query in enumerate(queries)
    ]


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code; those of the interface stand under one of HTTP."""
    inner = code.startswith("150")
    causes = [{"status": "400", "code": code, "title": NAME, "detail": PHONE}] if inner else []
    outer = "400" if inner else code
    error = {"code": outer, "message": f"{NAME} {PHONE}", "errors": causes}
    return {"apiVersion": "/tracking/v3r2", "error": error}


def bad_neighbour(bad: Query, good: Sequence[Query]) -> list[Any]:
    """An answer that refuses one number and tells about the others."""
    return [_no(bad, "403", ""), *(_piece(query, ["event/03", "event/10"]) for query in good)]


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """What proves who asks: nothing in the request itself, the token is put on when it is sent."""
    return request.headers.get("Authorization", "")


def signature_due(request: httpx.Request) -> str:
    """Nothing, and no credential anywhere."""
    said = f"{request.url} {request.headers} {request.content.decode()}"
    return "".join(value for value in ACCOUNT.credentials.values() if value in said)


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return [asked["trackingNumber"] for asked in json.loads(request.content)]


def token_answer() -> dict[str, Any]:
    """An answer with a token."""
    return {
        "access_token": TOKEN.value,
        "token_type": "Bearer",
        "issued_at": "1770000000000",
        "expires_in": 28799,
        "status": "approved",
        "scope": "tracking subscriptions-tracking",
    }


def token_refused() -> tuple[int, dict[str, Any]]:
    """Credentials that nobody knows."""
    return 401, {"error": "invalid_client", "error_description": f"{NAME} {PHONE}", "error_uri": ""}


def token_asked(request: httpx.Request) -> list[str]:
    """The values that the request for a token carries."""
    return list(json.loads(request.content).values())


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription of one number."""
    (code,) = refused.values()
    if code is None:
        return {"subscriptionId": "00000000-0000-4000-8000-000000000001"}
    return {"error": {"code": code, "message": f"{NAME} {PHONE}"}}


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says: one event."""
    (code,) = codes
    return {"trackingNumber": query.tracking_number, "statusCategory": "", **_event(code, _BIRTH)}


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire: the document as a string, signed."""
    payload, timestamp = json.dumps(document, ensure_ascii=False), "2026-01-10T14:00:09Z"
    signed = hmac.new(secret.encode(), (timestamp + payload).encode(), hashlib.sha256).digest()
    call = {
        "subscriptionId": "00000000-0000-4000-8000-000000000001",
        "timestamp": timestamp,
        "payload": payload,
    }
    headers = {"content-type": "application/json", "x-hmac": base64.b64encode(signed).decode()}
    return PushRequest(headers, {}, json.dumps(call, ensure_ascii=False).encode())


VECTORS = (
    (
        "made: the rule for pushes",
        usps.signature(
            '{"trackingNumber":"9400111206206406260787","statusCategory":"Out for Delivery","eventCode":"OF"}',
            "2026-02-03T14:05:09Z",
            secret="0123456789abcdef0123456789abcdef",
        ),
        "cPcwyP0qDNdRUyKOppk02yAVC+LCKCl5Xu5pJfwIN80=",
    ),
)


def _piece(query: Query, codes: Sequence[str], *, newest_first: bool = True) -> dict[str, Any]:
    events = [_event(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(codes)]
    categories = [code.partition("/")[2] for code in codes if code.startswith("statusCategory/")]
    return {
        "trackingNumber": query.tracking_number,
        "statusCode": "200",
        "destinationCity": "AUSTIN",
        "destinationCountryCode": "US",
        "destinationState": "TX",
        "statusCategory": "".join(categories),
        "statusSummary": f"{NAME} {PHONE}",
        "deliveryDateExpectation": {"expectedDeliveryDate": "2026-01-12", "endOfDay": "by 9:00pm"},
        "trackingEvents": events[::-1] if newest_first else events,
    }


def _event(code: str, printed: datetime) -> dict[str, Any]:
    """An event that bears a key of the adapter's table: `event/03`, or none for a `statusCategory/Accepted`."""
    namespace, _, event = code.partition("/")
    return {
        "eventType": f"{code} {NAME} {PHONE}",
        "eventTimestamp": f"{printed:%Y-%m-%dT%H:%M:%S}",
        "GMTTimestamp": f"{printed + timedelta(hours=6):%Y-%m-%dT%H:%M:%S}",
        "GMTOffset": "-06:00",
        "eventCountry": "",
        "eventCity": "AUSTIN",
        "eventState": "TX",
        "eventZIP": "78701",
        "firm": "",
        "name": NAME,
        "authorizedAgent": "false",
        "eventCode": event if namespace == "event" else "",
        "actionCode": "",
        "reasonCode": "",
    }


def _no(query: Query, status: str, code: str) -> dict[str, Any]:
    causes = [{"status": status, "code": code, "title": NAME, "detail": PHONE}] if code else []
    error = {"code": status, "message": f"{NAME} {PHONE}", "errors": causes}
    return {"trackingNumber": query.tracking_number, "statusCode": status, "error": error}
