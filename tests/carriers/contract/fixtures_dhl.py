"""DHL's side of the contract test.

Answers and pushes are made: the shape is the vendor's documentation, numbers, names and phones are invented.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx

from carriers.contract import Account, PushReply, PushRequest, Query

ACCOUNT = Account("dhl-contract", "dhl", {"api_key": "demoDhlConsumerKey0123456789"})
QUERIES = (Query("dhl", "JVGL0999999990"), Query("dhl", "JJD0099999999"))
NAME, PHONE = "N. Invented", "13800000047"
UNKNOWN_CODE = "express/QQ"
NOTHING_SIGNED = "the key is a header, and pushes bear a header of our own"
VECTORS = ()
PUSH_SECRET = "my-long-random-0123456789"
PUSH_CODE = "express/PU"
ACCEPTED = PushReply(200, "application/json", b"{}")

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed with an offset
# what each division prints for "picked up"
_PICKED_UP = {
    "express": "PU",
    "parcel-de": "AE",
    "parcel-de-ice": "PCKDU:PUBCR:AE",
    "parcel-nl": "COLLECTED",
    "parcel-pl": "DWP",
    "ecommerce": "100",
    "ecommerce-europe": "2",
    "ecommerce-ppl": "150",
    "freight": "13-0",
    "svb": "POSTED",
    "dgf": "PICKUP_SUCCESSFUL",
}


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = True) -> dict[str, Any]:
    """An answer with one event for each code, an hour apart; the last code says which division it is."""
    ((query, told),) = codes.items()
    return {"url": "/shipments", "shipments": [_shipment(query, told, newest_first=newest_first)]}


def _shipment(query: Query, told: Sequence[str], *, newest_first: bool = True) -> dict[str, Any]:
    namespace = told[-1].partition("/")[0]
    events = [_event(code, namespace, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(told)]
    return {
        "id": query.tracking_number,
        "service": "parcel-de" if namespace == "parcel-de-ice" else namespace,
        "destination": {"address": {"countryCode": "IE", "addressLocality": "DUBLIN - IRELAND"}},
        "status": events[-1] | {"nextSteps": ""},
        "estimatedTimeOfDelivery": "2026-02-03T18:00:00Z",
        "returnFlag": False,
        "details": {
            "proofOfDelivery": {"documentUrl": "", "signed": {"@type": "Person", "name": NAME}},
            "references": [{"number": "ORDER-0001", "type": "customer-reference"}],
        },
        "events": events[::-1] if newest_first else events,
    }


def _event(key: str, namespace: str, printed: datetime) -> dict[str, Any]:
    """A line; a code of another division than the shipment's stands for its own "picked up"."""
    own, _, code = key.partition("/")
    return {
        "timestamp": f"{printed.isoformat()}+08:00",
        "location": {"address": {"countryCode": "CN", "addressLocality": "SHENZHEN - CHINA MAINLAND"}},
        "statusCode": "unknown" if key == UNKNOWN_CODE else "transit",
        **_fields(code if own == namespace else _PICKED_UP[namespace], namespace),
        "description": f"{key} {NAME} {PHONE}",
    }


def _fields(code: str, namespace: str) -> dict[str, str]:
    if namespace != "parcel-de-ice":
        return {"status": code}
    pair, _, summary = code.rpartition(":")
    return {"status": summary, "statusDetailed": pair}


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """The answer about a number of which nothing is known."""
    detail = "No shipment with given tracking number found."
    return {"status": 404, "title": "No result found", "detail": detail, "instance": "/shipments"}


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"status": code, "title": f"{NAME} {PHONE}", "detail": f"{NAME} {PHONE}"}


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The key on the wire."""
    return request.headers["DHL-API-Key"]


def signature_due(request: httpx.Request) -> str:
    """The key that the vendor gave."""
    return "demoDhlConsumerKey0123456789"


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return parse_qs(request.url.query.decode())["trackingNumber"]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says."""
    return {
        "scope": "subscription.push",
        "self": "https://api-eu.dhl.com/tracking/push/v1/subscription/0a5a11db",
        "shipments": [_shipment(query, codes)],
    }


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, with the header that was asked for."""
    headers = {"content-type": "application/json", "x-parcel-watcher-key": secret}
    return PushRequest(headers, {}, encode(document))


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription that was taken in."""
    return {"id": "0a5a11db", "self": "https://api-eu.dhl.com/tracking/push/v1/subscription/0a5a11db"}
