"""Kuaidi100's side of the contract test.

Answers and pushes are made: the shape is the vendor's documentation, numbers, names and phones are invented. The
signature vectors are computed by hand from the vendor's rule.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx

from carriers.aggregators import kuaidi100
from carriers.contract import Account, PushReply, PushRequest, Query

ACCOUNT = Account(
    id="kuaidi100-contract",
    source="kuaidi100",
    credentials={"key": "demoKEY12345", "customer": "0123456789ABCDEF0123456789ABCDEF"},
)
QUERIES = (
    Query("sf", "SF1000000000001", phone_tail="4711"),
    Query("yto", "YT1000000000001", phone_tail="4711"),
)
NAME, PHONE = "测试姓名丙", "13800000047"
UNKNOWN_CODE = "99"
PUSH_SECRET = "s3cr3tsalt0123456789abcdefABCDEF"
PUSH_CODE = "103"
ACCEPTED = PushReply(
    200,
    "application/json;charset=UTF-8",
    '{"result":true,"returnCode":"200","message":"成功"}'.encode(),
)

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone
_COMPANIES = {"sf": "shunfeng", "yto": "yuantong"}


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = True) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    ((query, told),) = codes.items()
    rows = [_row(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(told)]
    return {
        "message": "ok",
        "nu": query.tracking_number,
        "com": _COMPANIES[query.carrier],
        "ischeck": "0",
        "status": "200",
        "state": told[-1],
        "condition": "F00",
        "courierInfo": {"deliveryManName": NAME, "deliveryManPhone": PHONE},
        "arrivalTime": "2026-01-12 18:00:00",
        "data": rows[::-1] if newest_first else rows,
    }


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about a number of which nothing is known yet."""
    return history({queries[0]: ["1"]}) | {"data": []}


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"result": False, "returnCode": code, "message": f"{NAME} {PHONE}"}


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The signature on the wire."""
    return _form(request)["sign"]


def signature_due(request: httpx.Request) -> str:
    """The signature that the vendor computes from what it received."""
    return _upper_md5(_form(request)["param"] + "demoKEY12345" + "0123456789ABCDEF0123456789ABCDEF")


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return [json.loads(_form(request)["param"])["num"]]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says."""
    return {
        "status": "polling",
        "billstatus": "got",
        "message": f"{NAME} {PHONE}",
        "autoCheck": "0",
        "comOld": "",
        "comNew": "",
        "lastResult": history({query: codes}),
    }


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription of one number."""
    (code,) = refused.values()
    return {"result": code is None, "returnCode": code or "200", "message": f"{NAME} {PHONE}"}


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed."""
    param = json.dumps(document, ensure_ascii=False)
    body = urlencode({"sign": _upper_md5(param + secret), "param": param}).encode()
    return PushRequest({"content-type": "application/x-www-form-urlencoded"}, {}, body)


VECTORS = (
    (
        "made: a query",
        kuaidi100.signature(
            '{"com":"shunfeng","num":"SF0000000000000","phone":"0000","resultv2":"4","show":"0","order":"desc"}',
            "demoKEY12345",
            "0123456789ABCDEF0123456789ABCDEF",
        ),
        "152D9C7910C47D679F4E87394CC1AB48",
    ),
    (
        "made: characters outside ASCII",
        kuaidi100.signature(
            '{"com":"yuantong","num":"YT0000000000000","from":"广东省深圳市","to":"北京市"}',
            "demoKEY12345",
            "0123456789ABCDEF0123456789ABCDEF",
        ),
        "AEC32B7B00A52A57A086368BF3757826",
    ),
)


def _row(code: str, printed: datetime) -> dict[str, Any]:
    moment = f"{printed:%Y-%m-%d %H:%M:%S}"
    return {
        "time": moment,
        "ftime": moment,
        "context": f"{code} {NAME} {PHONE}",
        "location": "",
        "areaCode": "CN440300000000",
        "areaName": "广东,深圳市",
        "status": "",
        "statusCode": code,
    }


def _form(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def _upper_md5(signed: str) -> str:
    return hashlib.md5(signed.encode()).hexdigest().upper()
