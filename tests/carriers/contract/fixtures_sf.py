"""SF's side of the contract test.

Answers and pushes are made: the shape is the vendor's documentation, numbers, names and phones are invented. The first
signature vector is published in that documentation; the others are computed by hand from its rule.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx

from carriers.china import sf
from carriers.contract import Account, PushReply, PushRequest, Query
from carriers.errors import OwnershipRefused

ACCOUNT = Account(
    id="sf-contract",
    source="sf",
    credentials={"partner_id": "PARTNER-OF-THE-TEST", "checkword": "FAKE0CHECKWORD0FOR0TESTS0ONLY0001"},
)
QUERIES = tuple(Query("sf", f"SF1000000000{number:03}", phone_tail="4711") for number in range(1, 12))
NAME, PHONE = "测试姓名甲", "13800000047"
UNKNOWN_CODE = "99999"
NEIGHBOUR_ERROR = OwnershipRefused
PUSH_SECRET = ACCOUNT.credentials["checkword"]
PUSH_CODE = "50"
ACCEPTED = PushReply(
    200, "application/json;charset=UTF-8", '{"return_code":"0000","return_msg":"成功"}'.encode()
)

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    return _answer([_number(query.tracking_number, told, newest_first) for query, told in codes.items()])


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about numbers of which nothing is known yet."""
    return _answer([{"mailNo": query.tracking_number, "routes": []} for query in queries])


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code; the gateway's begin with A."""
    if code.startswith("A"):
        return {"apiResultCode": code, "apiErrorMsg": f"{NAME} {PHONE}", "apiResultData": None}
    inner = {"success": False, "errorCode": code, "errorMsg": f"{NAME} {PHONE}", "msgData": None}
    return {"apiResultCode": "A1000", "apiErrorMsg": "", "apiResultData": inner}


def bad_neighbour(bad: Query, good: Sequence[Query]) -> dict[str, Any]:
    """An answer that refuses one number and tells about the others."""
    element = {"mailNo": bad.tracking_number, "routes": [], "reasonCode": "20028", "reasonRemark": NAME}
    return _answer(
        [element, *(_number(query.tracking_number, ["50", "36"], newest_first=False) for query in good)]
    )


def encode(document: object) -> bytes:
    """What goes over the wire: the service's answer is a string inside the gateway's."""
    if isinstance(document, dict) and isinstance(document.get("apiResultData"), dict):
        document = document | {"apiResultData": json.dumps(document["apiResultData"], ensure_ascii=False)}
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The signature on the wire."""
    return _form(request)["msgDigest"]


def signature_due(request: httpx.Request) -> str:
    """The signature that the vendor computes from what it received."""
    form = _form(request)
    signed = form["msgData"] + form["timestamp"] + ACCOUNT.credentials["checkword"]
    quoted = "".join(_java(character) for character in signed)
    return base64.b64encode(hashlib.md5(quoted.encode()).digest()).decode()


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return list(json.loads(_form(request)["msgData"])["trackingNumber"])


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says: one line for each code."""
    number = {"mailno": query.tracking_number, "orderid": "TEST-ORDER-1", "id": "176000000000001"}
    lines = [number | _route(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(codes)]
    return {"Body": {"WaybillRoute": lines}}


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire; nothing signs it."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return PushRequest({"content-type": "application/json;charset=UTF-8"}, {}, body)


VECTORS = (
    (
        "published",
        sf.signature(
            '{"language":"zh-CN","orderId":"QIAO-20200618-004"}',
            "12312334453453",
            checkword="fjcg5PGKaNpPSHFAZ4QsCOkV71R3zVci",
        ),
        "IIKJtuLVzoFTu4kHI8M8vA==",
    ),
    (
        "made: what the urlencoding changes",
        sf.signature(
            '{"language":"zh-CN","trackingNumber":["SF1000000000001"],"note":"张三 a+b&c*d-e_f.g~h"}',
            "1760000000000",
            checkword="FAKE0CHECKWORD0FOR0TESTS0ONLY0001",
        ),
        "HJpNWb5pBvDBJsJNhmTQAQ==",
    ),
    (
        "made: the same without urlencoding",
        sf.signature(
            '{"language":"zh-CN","trackingNumber":["SF1000000000001"],"note":"张三 a+b&c*d-e_f.g~h"}',
            "1760000000000",
            checkword="FAKE0CHECKWORD0FOR0TESTS0ONLY0001",
            urlencoded=False,
        ),
        "pJZim2js7iPiKxiod4QGWQ==",
    ),
)


def _answer(numbers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    inner = {
        "success": True,
        "errorCode": "S0000",
        "errorMsg": None,
        "msgData": {"routeResps": list(numbers)},
    }
    return {"apiResponseID": "0001", "apiErrorMsg": "", "apiResultCode": "A1000", "apiResultData": inner}


def _number(number: str, codes: Sequence[str], newest_first: bool) -> dict[str, Any]:  # noqa: FBT001
    routes = [_route(code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(codes)]
    return {"mailNo": number, "routes": routes[::-1] if newest_first else routes}


def _route(code: str, printed: datetime) -> dict[str, Any]:
    """A line that bears a key of the adapter's table: `50`, `70/46`, `44@2` or `@4`."""
    plain, _, status = code.partition("@")
    op, _, reason = plain.partition("/")
    return {
        "acceptTime": f"{printed:%Y-%m-%d %H:%M:%S}",
        "acceptAddress": "深圳市",
        "remark": f"{code} {NAME} {PHONE}",
        "opCode": op,
        "reasonCode": reason,
        "firstStatusCode": status,
    }


def _form(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def _java(character: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9.*_-]", character):
        return character
    return "+" if character == " " else "".join(f"%{byte:02X}" for byte in character.encode())
