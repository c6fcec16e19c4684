"""Kdniao's side of the contract test.

Answers and pushes are made: the shape is the vendor's documentation, numbers, names and phones are invented. The
signature vectors are computed by hand from the vendor's rule.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx

from carriers.aggregators import kdniao
from carriers.contract import Account, PushReply, PushRequest, Query

API_KEY = "00000000-1111-2222-3333-444444444444"
ACCOUNT = Account(
    id="kdniao-contract", source="kdniao", credentials={"business_id": "1000000", "api_key": API_KEY}
)
QUERIES = (
    Query("sf", "SF1000000000001", phone_tail="4711"),
    Query("yto", "YT1000000000001", phone_tail="4711"),
)
NAME, PHONE = "测试姓名戊", "13800000047"
UNKNOWN_CODE = "99"
PUSH_SECRET = API_KEY
PUSH_CODE = "1"
ACCEPTED = PushReply(
    200,
    "application/json;charset=UTF-8",
    b'{"EBusinessID":"1000000","UpdateTime":"2026-01-12 11:04:05","Success":true,"Reason":""}',
)

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone
_COMPANIES = {"sf": "SF", "yto": "YTO"}


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    ((query, told),) = codes.items()
    lines = [_line(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(told)]
    return {
        "EBusinessID": "1000000",
        "OrderCode": "",
        "ShipperCode": _COMPANIES[query.carrier],
        "LogisticCode": query.tracking_number,
        "Success": True,
        "Reason": "",
        "State": told[-1][0],
        "StateEx": told[-1],
        "Location": "北京市",
        "Station": "测试驿站",
        "StationTel": PHONE,
        "StationAdd": "测试路1号",
        "DeliveryMan": NAME,
        "DeliveryManTel": PHONE,
        "EstimatedDeliveryTime": "2026-01-12 18:00:00",
        "Traces": lines[::-1] if newest_first else lines,
    }


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about a number of which nothing is known yet."""
    return history({queries[0]: ["0"]}) | {"Traces": []}


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"EBusinessID": "1000000", "Success": False, "Code": code, "Reason": f"{NAME} {PHONE}"}


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The signature on the wire."""
    return _form(request)["DataSign"]


def signature_due(request: httpx.Request) -> str:
    """The signature that the vendor computes from what it received."""
    return _sign(_form(request)["RequestData"] + API_KEY)


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return [json.loads(_form(request)["RequestData"])["LogisticCode"]]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says."""
    told = history({query: codes}) | {"Callback": ""}
    return {"PushTime": "2026-01-12 11:04:05", "EBusinessID": "1000000", "Count": "1", "Data": [told]}


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed."""
    request_data = json.dumps(document, ensure_ascii=False)
    form = {"RequestData": request_data, "RequestType": "102", "DataSign": _sign(request_data + secret)}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return PushRequest(headers, {}, urlencode(form).encode())


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription of one number."""
    (code,) = refused.values()
    said = {
        "EBusinessID": "1000000",
        "UpdateTime": "2026-01-12 11:04:05",
        "Success": code is None,
        "Reason": f"{NAME} {PHONE}",
        "EstimatedDeliveryTime": "",
    }
    return said | ({"Code": code} if code else {})


_PUSHED = (
    '{"PushTime":"2025-01-02 03:04:05","EBusinessID":"1000000","Data":[{"StateEx":"202","LogisticCode":'
    '"YT0000000000000","ShipperCode":"YTO","Traces":[{"Action":"202","AcceptStation":"派件中","AcceptTime":'
    '"2025-01-02 03:00:00","Location":"深圳市"}],"State":"2","EBusinessID":"1000000","Success":true,"Location":'
    '"深圳市"}],"Count":"1"}'
)
VECTORS = (
    (
        "made: a query",
        kdniao.signature(
            '{"OrderCode":"","ShipperCode":"SF","LogisticCode":"SF0000000000000","CustomerName":"0000"}',
            api_key=API_KEY,
        ),
        "NzMxYWJjNWVhNjhkN2RkNmMzMjA3NThiNmVhYTYzNTE=",
    ),
    (
        "made: a subscription",
        kdniao.signature(
            '{"ShipperCode":"YTO","LogisticCode":"YT0000000000000","Callback":"订单1"}', api_key=API_KEY
        ),
        "ODI5NDUyY2QzOTU2MWNhYjZhZmIyM2QzMDA0ZmU3YjI=",
    ),
    (
        "made: a push",
        kdniao.signature(_PUSHED, api_key=API_KEY),
        "ZGY5Mzc3MzM2MmI3NmFlY2ZkZDMyOTc4NjhmY2Y1NzE=",
    ),
)


def _line(code: str, printed: datetime) -> dict[str, Any]:
    return {
        "AcceptTime": f"{printed:%Y-%m-%d %H:%M:%S}",
        "AcceptStation": f"{code} {NAME} {PHONE}",
        "Location": "深圳市",
        "Action": code,
        "Remark": "",
    }


def _form(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def _sign(signed: str) -> str:
    return base64.b64encode(hashlib.md5(signed.encode()).hexdigest().encode()).decode()
