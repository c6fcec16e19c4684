"""UPS's side of the contract test.

Answers and pushes are made: the shape is that of the vendor's published specification, numbers, names and phones are
invented. A line bears a key of the adapter's table: `exception/48` comes as type X with code 48, `status/021` as a
statusCode alone.

Nothing is signed: a question bears no credentials before the token is put on, and what a push bears is the secret of
the subscription itself. The vectors are those of the token's credentials, from the standard and made.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from carriers.code_tables import CodeTable
from carriers.contract import Account, Milestone, PushReply, PushRequest, Query, Token
from carriers.worldwide import ups

ACCOUNT = Account(
    id="ups-contract",
    source="ups",
    credentials={"client_id": "demo-ups-client", "client_secret": "demo-ups-secret-0001"},
)
QUERIES = (Query("ups", "1Z5R89390357567127"), Query("ups", "1Z879E930346834440"))
NAME, PHONE = "测试姓名丁", "13800000049"
UNKNOWN_CODE = "status/999"
PUSH_SECRET = "my-long-random-credential"
PUSH_CODE = "movement/PU"
ACCEPTED = PushReply(200, "text/plain", b"")
BODY_NOT_PROVED = "the header that proves a push bears a secret, which says nothing about the body"
TOKEN = Token("eyJ-demo-token", timedelta(seconds=14399))

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - in Greenwich
_BY_MAIL = "920000000000000000"
_ENDS = (Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY, Milestone.RETURNED)
_TYPES = {"exception": "X", "other": "D", "movement": "I", "manifest": "M", "updates": "U"}
_TABLE = CodeTable("ups")


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = True) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    ((query, told),) = codes.items()
    lines = [_line(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(told)]
    by_mail = any(code.startswith("mail_innovations/") for code in told)
    package = {
        "trackingNumber": _BY_MAIL if by_mail else query.tracking_number,
        "packageCount": 1,
        "currentStatus": {"code": "021", "description": f"{NAME} {PHONE}"},
        "deliveryDate": [{"type": "SDD", "date": "20260112"}],
        "deliveryTime": {"type": "EDW", "startTime": "141500", "endTime": "181500"},
        "deliveryInformation": {"location": "FRONT DOOR", "receivedBy": NAME},
        "activity": lines[::-1] if newest_first else lines,
        "packageAddress": [{"type": "DESTINATION", "name": NAME, "address": {"countryCode": "CN"}}],
        "alternateTrackingNumber": [{"type": "1Z", "number": query.tracking_number}],
    }
    return _shipment({"inquiryNumber": query.tracking_number, "package": [package], "warnings": []})


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about a number of which nothing is known yet."""
    warning = {"code": "TW0001", "message": "Tracking Information Not Found"}
    return _shipment({"inquiryNumber": queries[0].tracking_number, "warnings": [warning]})


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"response": {"errors": [{"code": code, "message": f"{NAME} {PHONE}"}]}}


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The credentials on the wire."""
    return request.headers.get("Authorization", "")


def signature_due(request: httpx.Request) -> str:
    """None: whoever sends the question puts the token on."""
    return ""


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return [request.url.path.rpartition("/")[2]]


def token_answer() -> dict[str, Any]:
    """The vendor's answer with a token."""
    return {
        "token_type": "Bearer",
        "issued_at": "1770127509000",
        "client_id": "demo-ups-client",
        "access_token": "eyJ-demo-token",
        "expires_in": "14399",
        "status": "approved",
    }


def token_refused() -> tuple[int, dict[str, Any]]:
    """Its refusal of the credentials."""
    return 401, refused("250003")


def token_asked(request: httpx.Request) -> Sequence[str]:
    """What the request for a token carries."""
    kind, _, encoded = request.headers["Authorization"].partition(" ")
    assert kind == "Basic"
    assert request.content == b"grant_type=client_credentials"
    return base64.b64decode(encoded).decode().split(":")


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says: one event."""
    (code,) = codes
    status = _status(code)
    printed = _BIRTH + timedelta(hours=8)
    return {
        "trackingNumber": query.tracking_number,
        "localActivityDate": f"{printed:%Y%m%d}",
        "localActivityTime": f"{printed:%H%M%S}",
        "activityLocation": {"city": "SHANGHAI", "stateProvince": "", "postalCode": "", "country": "CN"},
        "activityStatus": {
            "type": status["type"],
            "code": status["code"],
            "description": status["description"],
            "descriptionCode": status["statusCode"],
        },
        "scheduledDeliveryDate": "20260112",
        "gmtActivityDate": f"{_BIRTH:%Y%m%d}",
        "gmtActivityTime": f"{_BIRTH:%H%M%S}",
        "gmtOffset": "+08.00",
        "deliveryPhoto": "",
        "receivedBy": NAME,
    }


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire."""
    headers = {
        "content-type": "application/json",
        "user-agent": "UPSPubSubTrackingService",
        "credential": secret,
    }
    return PushRequest(headers, {}, encode(document))


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription."""
    return {
        "validTrackingNumbers": [query.tracking_number for query, code in refused.items() if code is None],
        "invalidTrackingNumbers": [query.tracking_number for query, code in refused.items() if code],
    }


VECTORS = (
    (
        "published: the example of HTTP Basic, with other words for user and password",
        ups.token_request(
            Account("a", "ups", {"client_id": "Aladdin", "client_secret": "open sesame"})
        ).headers["Authorization"],
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    ),
    (
        "made: the credentials of this account",
        ups.token_request(ACCOUNT).headers["Authorization"],
        "Basic ZGVtby11cHMtY2xpZW50OmRlbW8tdXBzLXNlY3JldC0wMDAx",
    ),
)


def _shipment(shipment: dict[str, Any]) -> dict[str, Any]:
    return {"trackResponse": {"shipment": [shipment]}}


def _line(code: str, in_greenwich: datetime) -> dict[str, Any]:
    printed = in_greenwich + timedelta(hours=8)
    return {
        "date": f"{printed:%Y%m%d}",
        "time": f"{printed:%H%M%S}",
        "gmtDate": f"{in_greenwich:%Y%m%d}",
        "gmtTime": f"{in_greenwich:%H:%M:%S}",
        "gmtOffset": "+08:00",
        "location": {"slic": "9999", "address": {"city": "SHANGHAI", "countryCode": "CN", "country": "CN"}},
        "status": _status(code),
        "logicalScan": False,
    }


def _status(key: str) -> dict[str, str]:
    """The levels that bear a key of the table: a code goes with the type whose table it stands in."""
    table, _, code = key.partition("/")
    words = {"description": f"{key} {NAME} {PHONE}", "simplifiedTextDescription": ""}
    if table == "status":
        return {"type": "", "code": "", "statusCode": code} | words
    if table == "type":
        return {"type": code, "code": "", "statusCode": ""} | words
    kind = _TYPES.get(table, "I")
    if table == "dials":
        kind = "D" if _TABLE[key].milestone in _ENDS else "X"
    return {"type": kind, "code": code, "statusCode": ""} | words
