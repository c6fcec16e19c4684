"""17TRACK's side of the contract test.

Answers and pushes are made: the shape is the vendor's documentation, numbers, names and phones are invented. The
signature vectors are computed by hand from the vendor's rule; a question bears the key and no signature.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx

from carriers.aggregators import seventeentrack
from carriers.contract import Account, PushReply, PushRequest, Query
from carriers.errors import OwnershipRefused

KEY = "KEYOFTHECONTRACTTEST000000000017"
ACCOUNT = Account(id="seventeentrack-contract", source="seventeentrack", credentials={"key": KEY})
QUERIES = tuple(
    Query("ems", f"EA1234567{number:02}CN")
    if number % 2
    else Query("sf", f"SF10000000001{number:02}", phone_tail="4711")
    for number in range(41)
)
NAME, PHONE = "测试姓名己", "13800000047"
UNKNOWN_CODE = "Teleported_Other"
NEIGHBOUR_ERROR = OwnershipRefused
PUSH_SECRET = KEY
PUSH_CODE = "InTransit_PickedUp"
ACCEPTED = PushReply(200, "text/plain; charset=utf-8", b"ok")

_BIRTH = datetime(2026, 1, 10, 8, tzinfo=timezone(timedelta(hours=8)))


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = True) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    return _answer([_told(query, told, newest_first=newest_first) for query, told in codes.items()], [])


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about numbers of which nothing is known yet."""
    nothing = {"latest_status": {"status": "NotFound", "sub_status": "NotFound_Other"}, "tracking": None}
    return _answer([_named(query) | {"track_info": nothing} for query in queries], [])


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"code": code, "data": {"errors": [_failure(code)]}}


def bad_neighbour(bad: Query, good: Sequence[Query]) -> dict[str, Any]:
    """An answer that rejects one number and tells about the others."""
    told = [_told(query, ["InTransit_PickedUp", "InTransit_Other"], newest_first=True) for query in good]
    return _answer(told, [_rejected(bad, "-18010020")])


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """What lets the question in."""
    return str(request.headers["17token"])


def signature_due(request: httpx.Request) -> str:
    """The key itself, whatever is asked."""
    return KEY if request.content else ""


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return [item["number"] for item in json.loads(request.content)]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says."""
    return {"event": "TRACKING_UPDATED", "data": _told(query, codes, newest_first=True)}


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return PushRequest({"sign": hashlib.sha256(body + b"/" + secret.encode()).hexdigest()}, {}, body)


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a registration."""
    return _answer(
        [_named(query) | {"origin": 1} for query, code in refused.items() if code is None],
        [_rejected(query, code) for query, code in refused.items() if code is not None],
    )


VECTORS = (
    (
        "made: a push",
        seventeentrack.signature(
            b'{"event":"TRACKING_UPDATED","data":{"number":"RR123456789CN","carrier":3011,"param":null,'
            b'"tag":"order-1"}}',
            key="DEMO17TOKEN0000000000000000000000",
        ),
        "81c8efcef8694b63a80d3da97f9aff6fae0b74f3f3b34a2c465448b4f5a4ce82",
    ),
)


def _answer(accepted: Sequence[object], rejected: Sequence[object]) -> dict[str, Any]:
    return {"code": 0, "data": {"accepted": list(accepted), "rejected": list(rejected)}}


def _failure(code: str) -> dict[str, Any]:
    return {"code": code, "message": f"{NAME} {PHONE}"}


def _rejected(query: Query, code: str) -> dict[str, Any]:
    return {"number": query.tracking_number, "error": _failure(code)}


def _named(query: Query) -> dict[str, Any]:
    number = 3013 if query.carrier == "ems" else 900001
    return {"number": query.tracking_number, "carrier": number, "param": None, "tag": query.carrier}


def _told(query: Query, codes: Sequence[str], *, newest_first: bool) -> dict[str, Any]:
    events = [_event(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(codes)]
    state = {"status": codes[-1].partition("_")[0], "sub_status": codes[-1], "sub_status_descr": NAME}
    provider = {"key": 3013, "name": "Carrier of the test", "tel": PHONE, "country": "CN"}
    info = {
        "shipping_info": {"recipient_address": {"country": "US", "city": None}},
        "latest_status": state,
        "latest_event": events[-1],
        "time_metrics": {
            "estimated_delivery_date": {"source": "x", "from": None, "to": "2026-01-12T18:00:00-05:00"}
        },
        "misc_info": {"local_number": "9400000000000000000001"},
        "tracking": {
            "providers": [{"provider": provider, "events": events[::-1] if newest_first else events}]
        },
    }
    return _named(query) | {"track_info": info}


def _event(code: str, at: datetime) -> dict[str, Any]:
    return {
        "time_iso": at.isoformat(),
        "time_utc": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "time_raw": {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M:%S}", "timezone": None},
        "description": f"{code} {NAME} {PHONE}",
        "location": "Test City",
        "stage": None,
        "sub_status": code,
        "address": {"country": "CN", "city": "深圳市"},
    }
