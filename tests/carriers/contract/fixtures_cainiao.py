"""Cainiao's side of the contract test.

Answers and pushes are made: the shape is that of public clients, numbers, names and phones are invented. The vendor
publishes one signature sample in its help pages; the other vector is computed by hand from its rule.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx

from carriers.aggregators import cainiao
from carriers.contract import Account, PushReply, PushRequest, Query

ACCOUNT = Account(
    id="cainiao-contract",
    source="cainiao",
    credentials={
        "resource_code": "RESOURCE-OF-THE-TEST",
        "app_code": "demoapp-of-the-test",
        "secret_key": "demoCainiaoSecretKey000000000000",
    },
)
QUERIES = (
    Query("zto", "78400000000001", phone_tail="4711"),
    Query("yto", "YT1000000000001", phone_tail="4711"),
)
NAME, PHONE = "测试姓名丁", "13800000047"
UNKNOWN_CODE = "TELEPORTED"
PUSH_SECRET = ACCOUNT.credentials["secret_key"]
PUSH_CODE = "ACCEPT"
ACCEPTED = PushReply(200, "application/json;charset=UTF-8", b'{"success":true,"errorCode":"","errorMsg":""}')

_BIRTH = 1_735_786_800_000
_HOUR = 3_600_000
_COMPANIES = {"zto": "ZTO", "yto": "YTO"}


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    ((query, told),) = codes.items()
    lines = [_line(code, _BIRTH + hour * _HOUR) for hour, code in enumerate(told)]
    return {
        "success": True,
        "errorCode": None,
        "errorMsg": NAME,
        "mailNo": query.tracking_number,
        "cpCode": _COMPANIES[query.carrier],
        "logisticsStatus": "TRANSPORT",
        "logisticsStatusDesc": "运输中",
        "fullTraceDetail": lines[::-1] if newest_first else lines,
    }


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about a number of which nothing is known yet."""
    return history({queries[0]: ["ACCEPT"]}) | {"fullTraceDetail": []}


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"success": False, "errorCode": code, "errorMsg": f"{NAME} {PHONE}"}


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The signature on the wire."""
    return _form(request)["data_digest"]


def signature_due(request: httpx.Request) -> str:
    """The signature that the vendor computes from what it received."""
    return _digest(_form(request)["logistics_interface"], "demoCainiaoSecretKey000000000000")


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return [json.loads(_form(request)["logistics_interface"])["arg0"]["mailNo"]]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says."""
    return {
        "mailNo": query.tracking_number,
        "cpCode": _COMPANIES[query.carrier],
        "logisticsStatus": "TRANSPORT",
        "logisticsStatusDesc": "运输中",
        "logisticsFullTraceList": [_line(code, _BIRTH + hour * _HOUR) for hour, code in enumerate(codes)],
    }


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription of one number."""
    (code,) = refused.values()
    return {"success": code is None, "errorCode": code, "errorMsg": f"{NAME} {PHONE}"}


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed."""
    content = json.dumps(document, ensure_ascii=False)
    form = {"data_digest": _digest(content, secret), "logistics_interface": content}
    return PushRequest({"content-type": "application/x-www-form-urlencoded"}, {}, urlencode(form).encode())


VECTORS = (
    ("published", cainiao.signature("hello1234", "key123"), "ufYU7rvXhHY3IDyZgyt6SA=="),
    (
        "made: a query",
        cainiao.signature(
            '{"arg0":{"appCode":"demoapp","cpCode":"YTO","mailNo":"YT0000000000000"}}',
            "demoCainiaoSecretKey000000000000",
        ),
        "7UkjAx4iDkpg5LBnvY+INA==",
    ),
)


def _line(code: str, moment: int) -> dict[str, Any]:
    return {
        "areaCode": "CN310000000000",
        "areaName": "上海,上海市,青浦区",
        "logisticsStatus": "",
        "subLogisticsStatus": code,
        "time": str(moment),
        "desc": f"{code} {NAME} {PHONE}",
        "deliveryMan": NAME,
        "deliveryManTel": PHONE,
    }


def _form(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def _digest(content: str, secret: str) -> str:
    return base64.b64encode(hashlib.md5((content + secret).encode()).digest()).decode()
