"""STO's side of the contract test.

Answers and pushes are made: the shapes are those of public clients, numbers, names and phones are invented. The vendor
publishes no signature sample; the vectors are computed by hand from its rule.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx

from carriers.china import sto
from carriers.contract import Account, PushReply, PushRequest, Query
from carriers.errors import UnreadableResponse

ACCOUNT = Account(
    id="sto-contract",
    source="sto",
    credentials={"app_key": "KEY-OF-THE-TEST", "secret_key": "demo-sto-secret"},
)
QUERIES = tuple(Query("sto", f"77{number:013}") for number in range(1, 12))
NAME, PHONE = "测试姓名戊", "13800000047"
UNKNOWN_CODE = "从未见过"
NEIGHBOUR_ERROR = UnreadableResponse
PUSH_SECRET = "demo-sto-secret"
PUSH_CODE = "收件"
ACCEPTED = PushReply(200, "application/json;charset=UTF-8", b'{"success":true,"errorCode":"","errorMsg":""}')

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone
_PUSH = (
    '{"waybillNo":"777000000000001","linkCode":"DEMO-ORDER-1","trace":{"outBizCode":"demo-biz-1",'
    '"opOrgName":"示例网点","opOrgCode":"900000","opOrgType":"1","opOrgCityName":"上海市",'
    '"opOrgProvinceName":"上海","opOrgTel":"021-00000000","opTime":"2025-01-02 03:04:05","scanType":"派件",'
    '"memo":"【示例网点】的派件员【张三】正在为您派件，联系电话【13800000000】","bizEmpName":"张三",'
    '"bizEmpCode":"9000000001","bizEmpPhone":"13800000000"}}'
)


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    return _answer(
        {query.tracking_number: _lines(query, told, newest_first) for query, told in codes.items()}
    )


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about numbers of which nothing is known yet."""
    return _answer({query.tracking_number: [] for query in queries})


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    said = {"success": "false", "errorCode": code, "errorMsg": f"{NAME} {PHONE}", "needRetry": "false"}
    return said | {"requestId": "demo-req-1", "data": None}


def bad_neighbour(bad: Query, good: Sequence[Query]) -> dict[str, Any]:
    """An answer that has no list for one number and tells about the others."""
    told = {query.tracking_number: _lines(query, ["收件", "发件"], newest_first=False) for query in good}
    return _answer({bad.tracking_number: {"error": NAME}, **told})


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The signature on the wire."""
    return _form(request)["data_digest"]


def signature_due(request: httpx.Request) -> str:
    """The signature that the vendor computes from what it received."""
    return _digest(_form(request)["content"] + "demo-sto-secret")


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return list(json.loads(_form(request)["content"])["waybillNoList"])


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says."""
    (code,) = codes
    trace = _line(query.tracking_number, code, _BIRTH) | {"outBizCode": "demo-biz-1", "opOrgType": "1"}
    return {"waybillNo": query.tracking_number, "linkCode": "DEMO-ORDER-1", "trace": trace}


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed."""
    content = json.dumps(document, ensure_ascii=False)
    body = urlencode({"content": content, "data_digest": _digest(content + secret)}).encode()
    return PushRequest({"content-type": "application/x-www-form-urlencoded"}, {}, body)


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription: a status for each number."""
    return _answer(
        [
            {
                "waybillNo": query.tracking_number,
                "status": "false" if code else "true",
                "message": f"{NAME} {PHONE}",
            }
            for query, code in refused.items()
        ]
    )


VECTORS = (
    (
        "made: a query",
        sto.signature('{"order":"asc","waybillNoList":["777000000000001"]}', "demo-sto-secret"),
        "CCeiVkGQ8CTPMlr3VhQvPw==",
    ),
    (
        "made: a subscription",
        sto.signature('{"subscribeInfoList":[{"waybillNo":"777000000000001"}]}', "demo-sto-secret"),
        "RNnbJVgIhvl0SWmoNV6r5Q==",
    ),
    ("made: a push", sto.signature(_PUSH, "demo-sto-secret"), "S7XKbOjh/z/bMkAvY7/p/A=="),
)


def _answer(data: object) -> dict[str, Any]:
    said = {"success": "true", "errorCode": "", "errorMsg": "", "needRetry": "false"}
    return said | {"requestId": "demo-req-1", "expInfo": "", "data": data}


def _lines(query: Query, codes: Sequence[str], newest_first: bool) -> list[dict[str, Any]]:  # noqa: FBT001
    lines = [
        _line(query.tracking_number, code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(codes)
    ]
    return lines[::-1] if newest_first else lines


def _line(number: str, code: str, printed: datetime) -> dict[str, Any]:
    """A line that bears a key of the adapter's table: `派件`, `问题件/40` or `驿站出库/签收`."""
    scan_type, _, detail = code.partition("/")
    return {
        "waybillNo": number,
        "opTime": f"{printed:%Y-%m-%d %H:%M:%S}",
        "scanType": scan_type,
        "opOrgName": "示例网点",
        "opOrgTel": "021-00000000",
        "opOrgTypeCode": "0001",
        "opOrgCityName": "上海市",
        "bizEmpName": NAME,
        "bizEmpPhone": PHONE,
        "issueName": detail if detail.isdecimal() else "",
        "signoffPeople": "",
        "weight": "0.0",
        "memo": f"{code} {NAME} {PHONE}",
    }


def _form(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def _digest(signed: str) -> str:
    return base64.b64encode(hashlib.md5(signed.encode()).digest()).decode()
