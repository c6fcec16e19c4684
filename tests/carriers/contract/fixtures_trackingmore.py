"""TrackingMore's side of the contract test.

Answers and pushes are made: the shape is that of the vendor's published clients, numbers, names and phones are
invented. Questions are not signed, the "signature" is the key they bear. The vectors are those of pushes: the first is
published by the vendor, the others are computed by hand from its rule.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from carriers.aggregators import trackingmore
from carriers.contract import Account, PushReply, PushRequest, Query
from carriers.errors import InvalidNumber

ACCOUNT = Account(
    id="trackingmore-contract",
    source="trackingmore",
    credentials={"api_key": "demo-trackingmore-key-0001"},
)
QUERIES = (
    Query("zto", "78400000000001", phone_tail="4711"),
    *(Query("yto", f"YT00000000000{place:02}") for place in range(40)),
)
NAME, PHONE = "测试姓名己", "13800000047"
UNKNOWN_CODE = "mystery001"
NEIGHBOUR_ERROR = InvalidNumber
PUSH_SECRET = "00000000-1111-2222-3333-444444444444"
FOR_PUSHES_ALONE = {"webhook_secret": PUSH_SECRET}
PUSH_CODE = "pickup_date"
ACCEPTED = PushReply(200, "text/plain; charset=utf-8", b"")

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone
_OF_THE_PARCEL = {"exception007/lost": "exception007", "pickup_date": "transit001"}


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = True) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    return _answer([_parcel(query, told, newest_first=newest_first) for query, told in codes.items()])


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about numbers that are followed, of which nothing is known yet."""
    return _answer([_parcel(query, []) for query in queries])


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"meta": {"code": code, "type": "Error", "message": f"{NAME} {PHONE}"}, "data": []}


def bad_neighbour(bad: Query, good: Sequence[Query]) -> dict[str, Any]:
    """An answer in which one number is of no carrier's form."""
    wrong = _parcel(bad, []) | {"substatus": "pending002"}
    return _answer([wrong, *(_parcel(query, ["transit001"]) for query in good)])


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The key on the wire."""
    return request.headers["Tracking-Api-Key"]


def signature_due(request: httpx.Request) -> str:
    """The key that lets this account in."""
    return ACCOUNT.credentials["api_key"]


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return request.url.params["tracking_numbers"].split(",")


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says."""
    return {"event": "TRACKING_UPDATED", "meta": {"code": 200}, "data": _parcel(query, codes)}


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed over its timestamp."""
    sign = hmac.new(secret.encode(), b"1735787045", hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "timestamp": "1735787045", "signature": sign}
    return PushRequest(headers, {}, encode(document))


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a creation of these numbers."""
    named = {
        query: {"tracking_number": query.tracking_number, "courier_code": query.carrier} for query in refused
    }
    return {
        "meta": {"code": 200, "type": "Success", "message": f"{NAME} {PHONE}"},
        "data": {
            "success": [named[query] for query, code in refused.items() if code is None],
            "error": [
                named[query] | {"errorCode": code, "errorMessage": f"{NAME} {PHONE}"}
                for query, code in refused.items()
                if code is not None
            ],
        },
    }


VECTORS = (
    (
        "published: the vendor's article about webhooks",
        trackingmore.signature("1662371528", "2e55b9a3-4dd1-4416-9897-c4bd1e3d738f"),
        "a37084ab68ae16b77db1f8463f31be9fcc965e2515e03efecf8139bb1e511b06",
    ),
    (
        "made: today's pushes",
        trackingmore.signature("1735787045", "00000000-1111-2222-3333-444444444444"),
        "d41be876ae4c2446ff70f7cd155bd57c18e2920166cc97e6c9940aedc1a9ed58",
    ),
    (
        "made: older pushes, with an e-mail for the secret",
        trackingmore.signature("1735787045", "ops@example.com"),
        "e4a354107350be4bb972b43c067ea20d334dad9cda80be0146142caf1109dc00",
    ),
)


def _answer(parcels: Sequence[dict[str, Any]]) -> dict[str, Any]:
    meta = {"code": 200, "type": "Success", "message": "Request response is successful"}
    return {"meta": meta, "data": list(parcels)}


def _parcel(query: Query, codes: Sequence[str], *, newest_first: bool = True) -> dict[str, Any]:
    lines = [_line(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(codes)]
    collected = [
        line["checkpoint_date"][:16] for code, line in zip(codes, lines, strict=True) if code == "pickup_date"
    ]
    return {
        "id": "00000000000000000000000000000000",
        "tracking_number": query.tracking_number,
        "courier_code": query.carrier,
        "delivery_status": lines[-1]["checkpoint_delivery_status"] if lines else "pending",
        "substatus": lines[-1]["checkpoint_delivery_substatus"] if lines else "pending001",
        "origin_country": "CN",
        "destination_country": "CN",
        "customer_name": NAME,
        "signed_by": NAME,
        "scheduled_delivery_date": "2026-01-12",
        "exchange_number": None,
        "destination_track_number": None,
        "origin_info": {
            "courier_code": query.carrier,
            "courier_phone": PHONE,
            "milestone_date": {
                "inforeceived_date": None,
                "pickup_date": collected[-1] if collected else None,
            },
            "trackinfo": lines[::-1] if newest_first else lines,
        },
        "destination_info": {"courier_code": None, "trackinfo": []},
    }


def _line(code: str, printed: datetime) -> dict[str, Any]:
    """A line that bears a key of the adapter's table: a status alone, a substatus, or what tells it apart."""
    known = _OF_THE_PARCEL.get(code, code)
    status = known.rstrip("0123456789")
    return {
        "checkpoint_date": f"{printed:%Y-%m-%d %H:%M:%S}",
        "checkpoint_delivery_status": status,
        "checkpoint_delivery_substatus": known if known != status else None,
        "tracking_detail": f"{code} {NAME} {PHONE}",
        "location": "Shanghai",
        "country_iso2": "CN",
        "city": "Shanghai",
        "raw_status": None,
    }
