"""Aliyun Market's side of the contract test.

Answers are made: the shapes are those of the sellers' pages, numbers, names and phones are invented. A line's code is
printed as the product prints it that has such codes: words line by line (express3), numbers for the whole parcel
(wuliu, ShowAPI). Nothing is signed by default, the "signature" is the code that the question bears; the vector is made,
computed by hand from the gateway's rule.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx

from carriers.aggregators import aliyun_market
from carriers.contract import Account, Query

APP_CODE = "demo0appcode0of0the0contract0test"
ACCOUNT = Account(id="aliyun-contract", source="aliyun_market", credentials={"app_code": APP_CODE})
QUERIES = (
    Query("sf", "SF1000000000001", phone_tail="4711"),
    Query("yto", "YT1000000000001", phone_tail="4711"),
)
NAME, PHONE = "测试姓名癸", "13800000047"
UNKNOWN_CODE = "99"

_BIRTH = datetime(2026, 1, 10, 8, tzinfo=UTC)
_CHINA = timezone(timedelta(hours=8))
_COMPANIES = {"sf": "SF", "yto": "YTO"}


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = True) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    ((query, told),) = list(codes.items())[:1]
    moments = [_BIRTH + timedelta(hours=hour) for hour in range(len(told))]
    order = slice(None, None, -1 if newest_first else 1)
    kind, _, status = told[-1].rpartition("/")
    if kind:
        return _showapi(
            query, [_words(*both, "context") for both in zip(told, moments, strict=True)][order], status
        )
    if status.isdigit() and len(status) == 1:
        return _wuliu(
            query, [_words(*both, "status") for both in zip(told, moments, strict=True)][order], status
        )
    return _express3(query, [_line(*both) for both in zip(told, moments, strict=True)][order])


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about a number of which nothing is known yet."""
    return _express3(queries[0], [])


def refused(code: str) -> dict[str, Any]:
    """A question that was refused with this code."""
    return {"status": code, "msg": f"{NAME} {PHONE}", "result": ""}


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """What lets the question in."""
    return str(request.headers["Authorization"])


def signature_due(request: httpx.Request) -> str:
    """What the gateway wants there."""
    return f"APPCODE {APP_CODE}"


def numbers_sent(request: httpx.Request) -> list[str]:
    """The number that the request asks about."""
    return [request.url.params["number"]]


VECTORS = (
    (
        "made: a signed question",
        aliyun_market.signature(
            "demoAppSecret",
            "GET",
            "/kdi",
            {"type": "yto", "no": "YT0000000000000"},
            {
                "x-ca-key": "24000000",
                "x-ca-nonce": "00000000-0000-4000-8000-000000000000",
                "x-ca-timestamp": "1735787045000",
            },
        ),
        "pL7mq/x2YF9X6dEcTvbLsJBydCXjh27cCbJClN2xCY8=",
    ),
)


def _express3(query: Query, lines: list[dict[str, Any]]) -> dict[str, Any]:
    info = {
        "cpCode": _COMPANIES[query.carrier],
        "mailNo": query.tracking_number,
        "logisticsCompanyName": "",
        "theLastMessage": f"{NAME} {PHONE}",
        "logisticsStatus": "TRANSPORT",
        "logisticsTraceDetailList": lines,
    }
    data = {"orderNo": "000000000000000000", "info": [info]}
    return {"msg": "成功", "success": True, "code": 200, "data": data}


def _line(code: str, moment: datetime) -> dict[str, Any]:
    return {
        "areaCode": "CN310000000000",
        "areaName": "上海市",
        "time": round(moment.timestamp() * 1000),
        "logisticsStatus": code,
        "subLogisticsStatus": code,
        "desc": f"{code} {NAME} {PHONE}",
    }


def _wuliu(query: Query, lines: list[dict[str, Any]], status: str) -> dict[str, Any]:
    result = {
        "number": query.tracking_number,
        "type": _COMPANIES[query.carrier].lower(),
        "list": lines,
        "deliverystatus": status,
        "issign": "0",
        "courier": NAME,
        "courierPhone": PHONE,
    }
    return {"status": "0", "msg": "ok", "result": result}


def _showapi(query: Query, lines: list[dict[str, Any]], status: str) -> dict[str, Any]:
    body = {
        "mailNo": query.tracking_number,
        "ret_code": 0,
        "flag": True,
        "status": int(status),
        "data": lines,
    }
    return {"showapi_res_code": 0, "showapi_res_error": "", "showapi_res_body": body}


def _words(code: str, moment: datetime, name: str) -> dict[str, Any]:
    return {
        "time": f"{moment.astimezone(_CHINA):%Y-%m-%d %H:%M:%S}",
        name: f"{code} {NAME} {PHONE}",
    }
