"""Deppon's side of the contract test.

Answers and pushes are made: the shape of answers is that of public clients, that of pushes the same turned round (the
vendor's own is not public); numbers, names and phones are invented. The signature vectors are computed by hand from the
vendor's rule.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx

from carriers.china import deppon
from carriers.contract import Account, PushReply, PushRequest, Query

APP_KEY = "fakeappkeyfakeappkeyfakeappkey01"
ACCOUNT = Account(
    id="deppon-contract",
    source="deppon",
    credentials={"company_code": "EWBOFTHETEST", "app_key": APP_KEY, "customer_code": "CUSTOMER-OF-THE-TEST"},
)
QUERIES = tuple(Query("deppon", f"DPK00000000000{number}") for number in (1, 2))
NAME, PHONE = "测试姓名丁", "13800000047"
UNKNOWN_CODE = "20"
PUSH_SECRET = APP_KEY
PUSH_CODE = "GOT"
ACCEPTED = PushReply(
    200,
    "application/json;charset=UTF-8",
    '{"success":true,"error_code":"1000","error_message":"成功","result":true}'.encode(),
)

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone
_TIMESTAMP = "1768000000000"


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    ((query, told),) = codes.items()
    return _answer(_number(query, told, newest_first=newest_first))


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about a number of which nothing is known yet."""
    return _answer(_number(queries[0], [])) | {"reason": "暂无查询记录"}


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"result": "false", "reason": f"{NAME} {PHONE}", "resultCode": code}


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The signature on the wire."""
    return _form(request)["digest"]


def signature_due(request: httpx.Request) -> str:
    """The signature that the vendor computes from what it received."""
    form = _form(request)
    return _digest(form["params"] + APP_KEY + form["timestamp"])


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return [json.loads(_form(request)["params"])["mailNo"]]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says."""
    return {"track_list": [_number(query, codes)]}


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it may come over the wire, signed."""
    params = json.dumps(document, ensure_ascii=False)
    form = {
        "companyCode": "EWBOFTHETEST",
        "timestamp": _TIMESTAMP,
        "params": params,
        "digest": _digest(params + secret + _TIMESTAMP),
    }
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return PushRequest(headers, {}, urlencode(form).encode())


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription of one number."""
    (code,) = refused.values()
    taken = code is None
    return {
        "result": taken,
        "error_message": f"{NAME} {PHONE}",
        "error_code": code or "1000",
        "success": taken,
    }


VECTORS = (
    (
        "made: a query",
        deppon.signature(
            '{"mailNo":"DPK000000000001","customerCode":"000001"}', "1760000000000", app_key=APP_KEY
        ),
        "YjgzOGE4NDJlYzE0NzA3NDZlNWE4MmZlMTc5YzgwYTY=",
    ),
)


def _answer(number: dict[str, Any]) -> dict[str, Any]:
    return {
        "result": "true",
        "reason": "",
        "resultCode": "1000",
        "uniquerRequestNumber": "38500000000000001",
        "responseParam": number,
    }


def _number(query: Query, codes: Sequence[str], *, newest_first: bool = False) -> dict[str, Any]:
    traces = [_trace(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(codes)]
    return {"tracking_number": query.tracking_number, "trace_list": traces[::-1] if newest_first else traces}


def _trace(code: str, printed: datetime) -> dict[str, Any]:
    """A line that bears a key of the adapter's table: `GOT`, or `FAILED/作废`, of which the text holds the end."""
    return {
        "city": "上海市",
        "site": "【示例营业部】",
        "status": code.partition("/")[0],
        "time": f"{printed:%Y-%m-%d %H:%M:%S}",
        "description": f"{code} {NAME} {PHONE}",
    }


def _form(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def _digest(signed: str) -> str:
    return base64.b64encode(hashlib.md5(signed.encode()).hexdigest().encode()).decode()
