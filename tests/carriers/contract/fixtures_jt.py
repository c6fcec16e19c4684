"""J&T's side of the contract test.

Answers and pushes are made: the shape is that of public clients, numbers, names and phones are invented. The vendor
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

from carriers.china import jt
from carriers.contract import Account, PushReply, PushRequest, Query
from carriers.errors import UnreadableResponse

ACCOUNT = Account(
    id="jt-contract",
    source="jt",
    credentials={"api_account": "ACCOUNT-OF-THE-TEST", "private_key": "demo-jt-private-key"},
)
QUERIES = tuple(Query("jt", f"JT00000000000{number:02}", phone_tail="4711") for number in range(1, 12))
NAME, PHONE = "测试姓名丁", "13800000047"
UNKNOWN_CODE = "从未见过"
NEIGHBOUR_ERROR = UnreadableResponse
PUSH_SECRET = ACCOUNT.credentials["private_key"]
PUSH_CODE = "快件揽收"
ACCEPTED = PushReply(200, "application/json; charset=utf-8", b'{"code":"1","msg":"success","data":"SUCCESS"}')

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = True) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    return _answer([_number(query, told, newest_first=newest_first) for query, told in codes.items()])


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about numbers of which nothing is known yet."""
    return _answer([_number(query, (), newest_first=True) for query in queries])


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"code": code, "msg": f"{NAME} {PHONE}", "data": None}


def bad_neighbour(bad: Query, good: Sequence[Query]) -> dict[str, Any]:
    """An answer of which one number is out of shape: the vendor has no code that stands beside a number."""
    element = {"billCode": bad.tracking_number, "details": [{"scanTime": NAME, "desc": PHONE}]}
    told = [_number(query, ["快件揽收", "发件扫描"], newest_first=True) for query in good]
    return _answer([element, *told])


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The signature on the wire."""
    return request.headers["digest"]


def signature_due(request: httpx.Request) -> str:
    """The signature that the vendor computes from what it received."""
    return _digest(_biz_content(request), PUSH_SECRET)


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return list(json.loads(_biz_content(request))["billCodes"].split(","))


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says."""
    return _number(query, codes, newest_first=True) | {"txlogisticId": "DEMO-ORDER-1"}


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed."""
    biz_content = json.dumps(document, ensure_ascii=False)
    headers = {
        "apiaccount": ACCOUNT.credentials["api_account"],
        "digest": _digest(biz_content, secret),
        "timestamp": "1767231845000",
    }
    return PushRequest(headers, {}, urlencode({"bizContent": biz_content}).encode())


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription of these numbers."""
    taken = [
        {
            "id": ACCOUNT.credentials["api_account"],
            "waybillCode": query.tracking_number,
            "isSuccess": code is None,
            "traceNode": "1&3",
        }
        for query, code in refused.items()
    ]
    return {"code": "1", "msg": "success", "data": {"list": taken}}


VECTORS = (
    (
        "made: a query",
        jt.signature('{"billCodes":"JT0000000000001,JT0000000000002"}', "demo-jt-private-key"),
        "+eBM6ZlvT2LomVJapySlQA==",
    ),
    (
        "made: a subscription",
        jt.signature(
            '{"id":"demo-api-account","list":[{"traceNode":"1&3&4&5&6&7&8&9&10&11&12&13&14",'
            '"waybillCode":"JT0000000000001","backUrl":"https://example.invalid/jt"}]}',
            "demo-jt-private-key",
        ),
        "pBpTIdrLSc5busxKbzJSXg==",
    ),
)


def _answer(numbers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"code": "1", "msg": "success", "data": list(numbers)}


def _number(query: Query, codes: Sequence[str], *, newest_first: bool) -> dict[str, Any]:
    details = [
        _detail(query.tracking_number, code, _BIRTH + timedelta(hours=hour))
        for hour, code in enumerate(codes)
    ]
    return {"billCode": query.tracking_number, "details": details[::-1] if newest_first else details}


def _detail(number: str, code: str, printed: datetime) -> dict[str, Any]:
    """A line that bears a key of the adapter's table: `快件揽收`, `1`, `@10`, `问题件扫描/A1` or `@110/A1`."""
    scan_type, _, problem = code.partition("/")
    by_number = scan_type.startswith("@")
    return {
        "billCode": number,
        "scanTime": f"{printed:%Y-%m-%d %H:%M:%S}",
        "scanType": None if by_number else scan_type,
        "scanTypeCode": scan_type[1:] if by_number else None,
        "problemType": problem or None,
        "desc": f"{code} {NAME} {PHONE}",
        "scanNetworkName": "示例网点",
        "scanNetworkCity": "上海市",
        "scanNetworkContact": "021-00000000",
        "staffName": NAME,
        "staffContact": PHONE,
    }


def _digest(biz_content: str, key: str) -> str:
    return base64.b64encode(hashlib.md5((biz_content + key).encode()).digest()).decode()


def _biz_content(request: httpx.Request) -> str:
    (biz_content,) = parse_qs(request.content.decode())["bizContent"]
    return biz_content
