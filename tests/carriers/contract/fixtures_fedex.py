"""FedEx's side of the contract test.

Answers, pushes and tokens are made: the shape is that of the vendor's documentation, numbers, names and phones are
invented. Requests bear no signature; the vectors are those of pushes, made by the vendor's rule.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs

import httpx

from carriers.contract import Account, PushReply, PushRequest, Query, Token
from carriers.errors import InvalidNumber
from carriers.worldwide import fedex

ACCOUNT = Account(
    id="fedex-contract",
    source="fedex",
    credentials={"client_id": "l7-client-of-the-test", "client_secret": "demo-fedex-secret-0001"},
)
QUERIES = tuple(Query("fedex", f"96110209876543{number:08}") for number in range(1, 32))
NAME, PHONE = "Testname Jia", "13800000047"
UNKNOWN_CODE = "status/ZZ"
NEIGHBOUR_ERROR = InvalidNumber
PUSH_SECRET = "wh-demo-token-3f9a7c"
PUSH_CODE = "status/PU"
ACCEPTED = PushReply(200, "application/json", b"{}")
TOKEN = Token("eyJ.demo.token", timedelta(seconds=3599))

_BIRTH = datetime(2026, 2, 1, 16, tzinfo=timezone(timedelta(hours=-6)))
# An event of the kind after which codes of this list are printed.
_EVENT_TYPES = {"exception_sample": "SE", "dex": "DE", "stat": "SE", "pux": "PD"}
_BODY = (
    b'{"transactionId":"c1d2e3f4-0000-4a6b-9c00-111122223333","output":{"completeTrackResults":'
    b'[{"trackingNumber":"568283610012000","trackResults":'
    b'[{"latestStatusDetail":{"code":"OD","derivedCode":"OD"}}]}]}}'
)
VECTORS = (
    (
        "made: a push",
        fedex.signature(_BODY, "wh-demo-token-3f9a7c"),
        "mYv29smAVQMrBvwNdYnsta3aQTX2waA5XnTP1Zm3RBM=",
    ),
    (
        "made: the same in hex",
        fedex.signature(_BODY, "wh-demo-token-3f9a7c", encoding="hex"),
        "998bf6f6c98055032b06fc0d7589ecb5adda4135f6c1a0395e74cfd599b74413",
    ),
)


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = True) -> dict[str, Any]:
    """An answer with one scan for each code, an hour apart."""
    return _answer(
        [_told(query.tracking_number, _result(told, newest_first)) for query, told in codes.items()]
    )


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about numbers of which nothing is known yet."""
    return _answer([_refused(query, "TRACKING.TRACKINGNUMBER.NOTFOUND") for query in queries])


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    error = {"code": code, "message": f"{NAME} {PHONE}", "parameterList": []}
    return {"transactionId": "0000", "errors": [error]}


def bad_neighbour(bad: Query, good: Sequence[Query]) -> dict[str, Any]:
    """An answer that refuses one number and tells about the others."""
    told = [_told(query.tracking_number, _result(["status/PU"], newest_first=True)) for query in good]
    return _answer([_refused(bad, "TRACKING.TRACKINGNUMBER.INVALID"), *told])


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """What of the credentials goes with a question: nothing, whoever sends it puts the token on."""
    told = f"{request.url} {request.headers} {request.content.decode()}"
    return " ".join(value for value in ACCOUNT.credentials.values() if value in told)


def signature_due(request: httpx.Request) -> str:
    """Nothing."""
    return ""


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    asked = json.loads(request.content)["trackingInfo"]
    return [one["trackingNumberInfo"]["trackingNumber"] for one in asked]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says: as an answer does."""
    return history({query: codes})


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed."""
    body = encode(document)
    signed = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return PushRequest({"content-type": "application/json", "fdx-signature": signed}, {}, body)


def token_answer() -> dict[str, Any]:
    """An answer with a token."""
    return {"access_token": TOKEN.value, "token_type": "bearer", "expires_in": 3599, "scope": "CXS"}


def token_refused() -> tuple[int, dict[str, Any]]:
    """An answer to wrong credentials."""
    return 401, refused("NOT.AUTHORIZED.ERROR")


def token_asked(request: httpx.Request) -> Sequence[str]:
    """The values of the form."""
    return [value for values in parse_qs(request.content.decode()).values() for value in values]


def _answer(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "transactionId": "0000",
        "output": {"alerts": "VIRTUAL.RESPONSE", "completeTrackResults": list(told)},
    }


def _told(number: str, result: dict[str, Any]) -> dict[str, Any]:
    return {"trackingNumber": number, "trackResults": [result]}


def _refused(query: Query, code: str) -> dict[str, Any]:
    return _told(query.tracking_number, {"error": {"code": code, "message": f"{NAME} {PHONE}"}})


def _result(codes: Sequence[str], newest_first: bool) -> dict[str, Any]:  # noqa: FBT001
    scans = [_scan(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(codes)]
    namespace, _, last = codes[-1].partition("/")
    delay = {"type": last, "status": "DELAYED"} if namespace == "delay_type" else {"type": "", "status": ""}
    return {
        "latestStatusDetail": {"code": scans[-1]["eventType"], "ancillaryDetails": [], "delayDetail": delay},
        "dateAndTimes": [{"type": "ESTIMATED_DELIVERY", "dateTime": "2026-02-03T20:00:00-06:00"}],
        "deliveryDetails": {"deliveryAttempts": "1", "receivedByName": NAME},
        "serviceCommitMessage": {"type": last if namespace == "commit_message" else ""},
        "holdAtLocation": {"locationContactAndAddress": {"contact": {"phoneNumber": PHONE}}},
        "additionalTrackingInfo": {
            "packageIdentifiers": [{"type": "CUSTOMER_REFERENCE", "values": ["ORDER-1"]}]
        },
        "scanEvents": scans[::-1] if newest_first else scans,
        "error": {"code": "", "message": ""},
    }


def _scan(code: str, at: datetime) -> dict[str, Any]:
    """A scan that bears a key of the adapter's table: what is said of the whole parcel leaves the scan without one."""
    namespace, _, plain = code.partition("/")
    event_type = plain if namespace == "status" else _EVENT_TYPES.get(namespace, "")
    return {
        "date": at.isoformat(),
        "eventType": event_type,
        "eventDescription": f"{code} {NAME} {PHONE}",
        "exceptionCode": plain if namespace in _EVENT_TYPES else "",
        "derivedStatusCode": "DL",
        "locationId": "787",
        "scanLocation": {"city": "AUSTIN", "countryCode": "US"},
    }
