"""EasyPost's side of the contract test.

Answers and pushes are made: the shape is the vendor's documentation, numbers, names and phones are invented. Questions
are not signed, the "signature" is the key they bear. The vectors are made: computed by hand from the vendor's rule for
pushes.
"""

import base64
import hashlib
import hmac
import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from carriers.aggregators import easypost
from carriers.contract import Account, PushReply, PushRequest, Query
from carriers.errors import Expired

ACCOUNT = Account(
    id="easypost-contract",
    source="easypost",
    credentials={"api_key": "EZTKdemo00000000000001"},
)
QUERIES = tuple(Query("usps", f"94001000000000000000{place:02}") for place in range(51))
NAME, PHONE = "测试姓名庚", "13800000047"
UNKNOWN_CODE = "beamed_up"
NEIGHBOUR_ERROR = Expired
PUSH_SECRET = "s\N{LATIN SMALL LETTER E WITH ACUTE}cret-of-the-test"
FOR_PUSHES_ALONE = {"webhook_secret": PUSH_SECRET}
PUSH_CODE = "received_at_origin_facility"
ACCEPTED = PushReply(200, "text/plain; charset=utf-8", b"")

_BIRTH = datetime(2026, 1, 10, 8, tzinfo=UTC)
_STATUSES = {
    "unknown",
    "pre_transit",
    "in_transit",
    "out_for_delivery",
    "delivered",
    "available_for_pickup",
    "return_to_sender",
    "failure",
    "cancelled",
    "error",
    "beamed_up",
}


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    trackers = [_tracker(query, told, newest_first=newest_first) for query, told in codes.items()]
    return {"trackers": trackers, "has_more": False}


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about numbers that have trackers, of which nothing is known yet."""
    return history({query: [] for query in queries})


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"error": {"code": code, "message": f"{NAME} {PHONE}", "errors": [{"message": NAME}]}}


def bad_neighbour(bad: Query, good: Sequence[Query]) -> dict[str, Any]:
    """An answer in which one number is followed no more."""
    expired = _tracker(bad, []) | {"status_detail": "expired"}
    return {"trackers": [expired, *(_tracker(query, ["in_transit"]) for query in good)], "has_more": False}


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The key on the wire, with a colon behind it."""
    kind, _, encoded = request.headers["Authorization"].partition(" ")
    assert kind == "Basic"
    return base64.b64decode(encoded).decode()


def signature_due(request: httpx.Request) -> str:
    """The key that lets this account in, and no password."""
    return ACCOUNT.credentials["api_key"] + ":"


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return request.url.params.get_list("tracking_codes[]")


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says."""
    return {
        "object": "Event",
        "id": "evt_demo0001",
        "mode": "test",
        "description": "tracker.updated",
        "created_at": "2026-02-03T17:00:01Z",
        "previous_attributes": {"status": "unknown"},
        "status": "pending",
        "result": _tracker(query, codes),
    }


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed."""
    body = encode(document)
    key = unicodedata.normalize("NFKD", secret).encode()
    sign = "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    return PushRequest({"content-type": "application/json", "x-hmac-signature": sign}, {}, body)


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a creation of one tracker."""
    ((query, code),) = refused.items()
    return {"error": {"code": code, "message": f"{NAME} {PHONE}"}} if code else _tracker(query, [])


_EVENT = (
    b'{"description":"tracker.updated","id":"evt_demo","result":{"object":"Tracker","tracking_code":"EZ4000000004",'
    b'"status":"delivered"}}'
)
VECTORS = (
    (
        "made: an event",
        easypost.signature(_EVENT, "demo-secret"),
        "hmac-sha256-hex=b92211238559cfed3780e51c290830fcb32d46f11fe27a2e6fa83d52b8eb5be8",
    ),
    (
        "made: a secret with an accent, which is two characters in the form NFKD",
        easypost.signature(b"{}", "s\N{LATIN SMALL LETTER E WITH ACUTE}cret"),
        "hmac-sha256-hex=2b77ab9f4435a56a39713f2fa735e3ece5b5ec64f109503233e17033efc7f486",
    ),
)


def _tracker(query: Query, codes: Sequence[str], *, newest_first: bool = False) -> dict[str, Any]:
    lines = [_line(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(codes)]
    return {
        "id": "trk_demo0001",
        "object": "Tracker",
        "mode": "test",
        "tracking_code": query.tracking_number,
        "status": lines[-1]["status"] if lines else "unknown",
        "status_detail": lines[-1]["status_detail"] if lines else "unknown",
        "created_at": "2026-01-10T07:00:00Z",
        "updated_at": "2026-01-12T07:00:00Z",
        "signed_by": NAME,
        "est_delivery_date": "2026-01-12T17:00:00Z",
        "carrier": "USPS",
        "tracking_details": lines[::-1] if newest_first else lines,
        "carrier_detail": {"object": "CarrierDetail", "service": "First-Class Package"},
        "finalized": False,
        "is_return": False,
        "delivery_evidence": None,
    }


def _line(code: str, moment: datetime) -> dict[str, Any]:
    """A line that bears a key of the adapter's table: a status alone, or a detail on the way."""
    return {
        "object": "TrackingDetail",
        "message": f"{code} {NAME} {PHONE}",
        "description": None,
        "status": code if code in _STATUSES else "in_transit",
        "status_detail": "status_update" if code in _STATUSES else code,
        "datetime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "source": "USPS",
        "carrier_code": "03",
        "tracking_location": {"object": "TrackingLocation", "city": "AUSTIN", "state": "TX", "country": "US"},
    }
