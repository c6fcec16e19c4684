"""AfterShip's side of the contract test.

Answers and pushes are made: the shape is the vendor's documentation, numbers, names and phones are invented. The
signature vectors are computed by hand from the vendor's rule; here the account signs no questions, so that what lets
them in is the key.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx

from carriers.aggregators import aftership
from carriers.contract import Account, PushReply, PushRequest, Query
from carriers.errors import UnreadableResponse
from carriers.signing import hmac_sha256_base64

KEY = "asat_key_of_the_contract_test"
ACCOUNT = Account(id="aftership-contract", source="aftership", credentials={"api_key": KEY})
QUERIES = tuple(
    Query("ems", f"EA1234567{number:02}CN")
    if number % 2
    else Query("sf", f"SF10000000001{number:02}", phone_tail="4711")
    for number in range(51)
)
NAME, PHONE = "测试姓名庚", "13800000047"
UNKNOWN_CODE = "Teleported_001"
NEIGHBOUR_ERROR = UnreadableResponse
PUSH_SECRET = "webhook-secret-of-the-contract-test"
FOR_PUSHES_ALONE = {"webhook_secret": PUSH_SECRET}
PUSH_CODE = "InTransit_002"
ACCEPTED = PushReply(200, "text/plain; charset=utf-8", b"ok")

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> dict[str, Any]:
    """An answer with one checkpoint for each code, an hour apart."""
    return _answer([_tracking(query, told, newest_first=newest_first) for query, told in codes.items()])


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about numbers of which nothing is known yet."""
    return _answer([_tracking(query, ["Pending_001"]) | {"checkpoints": []} for query in queries])


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"meta": {"code": code, "message": f"{NAME} {PHONE}", "type": "BadRequest"}, "data": {}}


def bad_neighbour(bad: Query, good: Sequence[Query]) -> dict[str, Any]:
    """An answer of which one number is out of shape: a list refuses no number."""
    broken = _tracking(bad, ["InTransit_001"])
    broken["checkpoints"][0]["checkpoint_time"] = NAME
    return _answer([broken, *(_tracking(query, ["InTransit_002", "InTransit_001"]) for query in good)])


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """What lets the question in."""
    return str(request.headers["as-api-key"])


def signature_due(request: httpx.Request) -> str:
    """The key itself, whatever is asked."""
    return KEY if request.url.query else ""


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    (numbers,) = parse_qs(request.url.query.decode())["tracking_numbers"]
    return numbers.split(",")


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says."""
    return {
        "ts": 1768000000,
        "event": "tracking_update",
        "event_id": "00000000-0000-4000-8000-000000000000",
        "is_tracking_first_tag": True,
        "msg": _tracking(query, codes),
    }


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed."""
    body = json.dumps(document, ensure_ascii=False).encode()
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    headers = {"aftership-hmac-sha256": base64.b64encode(digest).decode(), "as-webhook-version": "2025-01"}
    return PushRequest(headers, {}, body)


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to the creation of one tracking."""
    ((query, code),) = refused.items()
    if code is not None:
        return {"meta": {"code": code, "message": f"{NAME} {PHONE}", "type": "BadRequest"}, "data": {}}
    return {"meta": {"code": 201}, "data": _tracking(query, ["Pending_001"])}


_DATE = "Thu, 02 Jan 2025 03:04:05 GMT"
_HEADERS = {"as-api-key": "asat_demo_key", "date": _DATE}
_URL = "https://api.aftership.com/tracking/2025-01/trackings"
VECTORS = (
    (
        "made: a list",
        aftership.signature(
            httpx.Request("GET", f"{_URL}?limit=1&page=1", headers=_HEADERS), secret="asak_demo_secret"
        ),
        "HlXqUnH5Hrv7OX//dXc66ArvfCvKFRLE4Thzjy56FAg=",
    ),
    (
        "made: a creation",
        aftership.signature(
            httpx.Request(
                "POST",
                _URL,
                content=b'{"tracking_number":"1Z0000000000000000","slug":"ups"}',
                headers=_HEADERS | {"content-type": "application/json"},
            ),
            secret="asak_demo_secret",
        ),
        "QHcFL/0v6LcNkNFP28jhMPk6txQDnZWjgbfIctqF8J0=",
    ),
    (
        "made: a push",
        hmac_sha256_base64(
            b'{"ts":1735787045,"event":"tracking_update","event_id":"00000000-0000-4000-8000-000000000000",'
            b'"is_tracking_first_tag":true,"msg":{"id":"abc","tracking_number":"1Z0000000000000000",'
            b'"slug":"ups","tag":"InTransit","subtag":"InTransit_001"}}',
            "demo-webhook-secret",
        ),
        "mHMxJ8+5UuCObw9MQEYJyBkaTloUkuyHqiJNA9qswSc=",
    ),
)


def _answer(trackings: Sequence[object]) -> dict[str, Any]:
    pagination = {"total": len(trackings), "next_cursor": "", "has_next_page": False}
    return {"meta": {"code": 200}, "data": {"pagination": pagination, "trackings": list(trackings)}}


def _tracking(query: Query, codes: Sequence[str], *, newest_first: bool = False) -> dict[str, Any]:
    checkpoints = [_checkpoint(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(codes)]
    return {
        "id": "00000000000000000000000000000000",
        "tracking_number": query.tracking_number,
        "slug": {"ems": "china-ems", "sf": "sf-express"}[query.carrier],
        "active": True,
        "tag": codes[-1].partition("_")[0],
        "subtag": codes[-1],
        "subtag_message": NAME,
        "signed_by": NAME,
        "destination_country_region": "CHN",
        "latest_estimated_delivery": {"type": "specific", "datetime": "2026-01-12T18:00:00+08:00"},
        "courier_estimated_delivery_date": None,
        "last_mile": {"tracking_number": "9400000000000000000001"},
        "checkpoints": checkpoints[::-1] if newest_first else checkpoints,
    }


def _checkpoint(code: str, printed: datetime) -> dict[str, Any]:
    return {
        "tag": code.partition("_")[0],
        "subtag": code,
        "message": f"{code} {NAME} {PHONE}",
        "checkpoint_time": printed.isoformat(),
        "created_at": f"{printed.isoformat()}+00:00",
        "location": "深圳市",
        "city": None,
        "country_region": "CHN",
        "country_region_name": "China",
    }
