"""Yunda's side of the contract test.

Answers and pushes are made: the shape is that of public clients, numbers, names and phones are invented. The vendor
publishes no signature sample that can be computed; the vectors are computed by hand from its rule.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from carriers.china import yunda
from carriers.contract import Account, PushReply, PushRequest, Query

ACCOUNT = Account(
    id="yunda-contract",
    source="yunda",
    credentials={"app_key": "KEY-OF-THE-TEST", "app_secret": "demo-yunda-secret"},
)
QUERIES = tuple(Query("yunda", f"3100000000000{number:02}", phone_tail="4711") for number in range(1, 3))
NAME, PHONE = "测试姓名戊", "13800000047"
UNKNOWN_CODE = "NEVER_SEEN"
PUSH_SECRET = ACCOUNT.credentials["app_secret"]
PUSH_CODE = "GOT"
ACCEPTED = PushReply(
    200, "application/json; charset=utf-8", b'{"result":true,"code":"0000","message":"success"}'
)

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> dict[str, Any]:
    """An answer with one step for each code, an hour apart."""
    ((query, told),) = codes.items()
    steps = [_step(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(told)]
    return _answer(query, steps[::-1] if newest_first else steps)


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about a number of which nothing is known yet."""
    return _answer(queries[0], [])


def refused(code: str) -> dict[str, Any]:
    """A call that failed: what the adapter knows stands in the message."""
    return {"result": False, "code": code, "message": f"{code} {NAME} {PHONE}", "data": None}


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The signature on the wire."""
    return request.headers["sign"]


def signature_due(request: httpx.Request) -> str:
    """The signature that the vendor computes from what it received."""
    return hashlib.md5(request.content + b"_demo-yunda-secret").hexdigest()


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return [json.loads(request.content)["mailno"]]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says: one event."""
    (code,) = codes
    step = _step(code, _BIRTH)
    del step["status"]
    return {"partner_id": "demo", "orderid": "DEMO-1", "mailno": int(query.tracking_number)} | step


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed like a question (unverified)."""
    data = json.dumps(document, ensure_ascii=False)
    sign = hashlib.md5(f"{data}_{secret}".encode()).hexdigest()
    body = {"appKey": ACCOUNT.credentials["app_key"], "sign": sign, "data": data}
    return PushRequest({"content-type": "application/json"}, {}, encode(body))


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription, by order."""
    told = [
        {"orderid": query.tracking_number, "result": code is None, "remark": f"{NAME} {PHONE}"}
        for query, code in refused.items()
    ]
    return {"result": True, "code": "0000", "message": "请求成功", "data": told}


VECTORS = (
    (
        "made: a query",
        yunda.signature('{"mailno":"310000000000001"}', "demo-yunda-secret"),
        "99b78d174d2f91291a9c20e27ea52a89",
    ),
    (
        "made: a subscription",
        yunda.signature(
            '{"orders":[{"orderid":"DEMO-ORDER-1","mailno":"310000000000001"}]}', "demo-yunda-secret"
        ),
        "5db872319842177129ee140ceb223049",
    ),
)


def _answer(query: Query, steps: Sequence[dict[str, Any]]) -> dict[str, Any]:
    told = {
        "mailno": query.tracking_number,
        "result": "true",
        "time": "2026-01-10 08:00:00",
        "remark": "",
        "status": "TRANSIT",
        "steps": list(steps),
    }
    return {"result": True, "code": "0000", "message": "请求成功", "data": told}


def _step(code: str, printed: datetime) -> dict[str, Any]:
    return {
        "time": f"{printed:%Y-%m-%d %H:%M:%S}",
        "action": code,
        "city": "上海市",
        "station": 900001,
        "station_name": "示例市某区公司",
        "station_type": 1,
        "phone": PHONE,
        "next": 0,
        "next_type": "",
        "next_name": "",
        "next_city": "",
        "signer": NAME,
        "description": f"{code} {NAME} {PHONE}",
        "status": "TRANSIT",
    }
