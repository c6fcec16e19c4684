"""Shippo's side of the contract test.

Answers and pushes are made: the shape is the vendor's documentation, numbers, names and phones are invented. Questions
are not signed, the "signature" is the token they bear. The vector is made: computed by hand from the vendor's rule for
pushes.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from carriers.aggregators import shippo
from carriers.contract import Account, PushReply, PushRequest, Query

ACCOUNT = Account(
    id="shippo-contract", source="shippo", credentials={"token": "shippo_test_demo0000000000001"}
)
QUERIES = (Query("usps", "9400100000000000000001"), Query("fedex", "961102095000000000001"))
NAME, PHONE = "测试姓名壬", "13800000047"
UNKNOWN_CODE = "BEAMED_UP"
REFUSES_BY_STATUS = "the vendor's failures have no codes, and bodies of no fixed shape"
PUSH_SECRET = "webhook-secret-of-the-contract-test"
FOR_PUSHES_ALONE = {"webhook_secret": PUSH_SECRET}
PUSH_CODE = "TRANSIT/package_accepted"
ACCEPTED = PushReply(200, "text/plain; charset=utf-8", b"")

_BIRTH = datetime(2026, 1, 10, 8, tzinfo=UTC)


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    ((query, told),) = list(codes.items())[:1]
    return _track(query, told, newest_first=newest_first)


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about a number that is registered, of which nothing is known yet."""
    return _track(queries[0], [])


def refused(code: str) -> dict[str, Any]:
    """What stands in the body of a failure; the status says the rest."""
    return {"detail": f"{code} {NAME} {PHONE}"}


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """What lets the question in."""
    return str(request.headers["Authorization"])


def signature_due(request: httpx.Request) -> str:
    """What the vendor wants there."""
    return "ShippoToken " + ACCOUNT.credentials["token"]


def numbers_sent(request: httpx.Request) -> list[str]:
    """The number that the request asks about."""
    return [request.url.path.rpartition("/")[2]]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says."""
    return {"event": "track_updated", "test": False, "data": _track(query, codes)}


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed."""
    body = encode(document)
    mac = hmac.new(secret.encode(), b"1770127509." + body, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/json",
        "shippo-auth-signature": f"t=1770127509,v1={mac}",
    }
    return PushRequest(headers, {}, body)


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a registration of one number."""
    (query,) = refused
    return _track(query, [])


VECTORS = (
    (
        "made: the body of a push",
        shippo.signature(
            b'{"event":"track_updated","test":true,"data":{"carrier":"shippo","tracking_number":"SHIPPO_DELIVERED",'
            b'"tracking_status":{"status":"DELIVERED"}}}',
            "1770127509",
            "demo-secret",
        ),
        "5cf2c28f581e6aba10e61aa215b4c7bc6b198fa2d2c7adeef12d25388f445643",
    ),
)


def _track(query: Query, codes: Sequence[str], *, newest_first: bool = False) -> dict[str, Any]:
    lines = [_line(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(codes)]
    return {
        "carrier": query.carrier,
        "tracking_number": query.tracking_number,
        "address_from": {"city": NAME, "state": "IL", "zip": "61602", "country": "US"},
        "address_to": {"city": NAME, "state": "TX", "zip": "78701", "country": "US"},
        "eta": "2026-01-12T21:00:00Z",
        "original_eta": "2026-01-11T21:00:00Z",
        "servicelevel": {"token": "usps_ground_advantage", "name": "Ground Advantage"},
        "metadata": PHONE,
        "messages": [],
        "transaction": None,
        "test": False,
        "tracking_status": lines[-1] if lines else None,
        "tracking_history": lines[::-1] if newest_first else lines,
    }


def _line(code: str, moment: datetime) -> dict[str, Any]:
    """A line that bears a key of the adapter's table: a status, with its substatus or alone."""
    status, _, detail = code.partition("/")
    at = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    substatus = {"code": detail, "text": "", "action_required": False}
    return {
        "object_id": f"aa{moment:%d%H}",
        "object_created": at,
        "object_updated": None,
        "status": status,
        "status_details": f"{code} {NAME} {PHONE}",
        "status_date": at,
        "substatus": substatus if detail else None,
        "location": {"city": "Austin", "state": "TX", "zip": "78701", "country": "US"},
    }
