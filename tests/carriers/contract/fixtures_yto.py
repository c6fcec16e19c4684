"""YTO's side of the contract test.

Answers and pushes are made: the shapes are those that the vendor's console and public clients show, numbers, names and
phones are invented. Two signature vectors are published by the vendor, one of its test console; the others are made by
its rule.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import urlencode

import httpx

from carriers.china import yto
from carriers.contract import Account, PushReply, PushRequest, Query

ACCOUNT = Account(
    id="yto-contract",
    source="yto",
    credentials={"secret": "demo-yto-secret"},
    options={"client_id": "K00000001"},
)
QUERIES = tuple(Query("yto", f"YT{number:013}") for number in range(1, 3))
NAME, PHONE = "测试姓名丁", "13800000047"
UNKNOWN_CODE = "NEVER_SEEN"
PUSH_SECRET = "demo-yto-secret"
PUSH_CODE = "GOT"
ACCEPTED = PushReply(
    200,
    "application/xml;charset=UTF-8",
    b"<Response><logisticProviderID>YTO</logisticProviderID><txLogisticID>DEMO-ORDER-1</txLogisticID>"
    b"<success>true</success></Response>",
)

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone
_PUSH = (
    "<UpdateInfo><logisticProviderID>YTO</logisticProviderID><clientID>K00000001</clientID>"
    "<mailNo>YT0000000000001</mailNo><txLogisticID>DEMO-ORDER-1</txLogisticID><infoType>STATUS</infoType>"
    "<infoContent>SIGNED</infoContent><acceptTime>2025-01-02 03:04:05.0 CST</acceptTime>"
    "<remark>已签收</remark></UpdateInfo>"
)
_WISH = (
    '{"client_id":"K00000001","logistics_interface":"{\\"clientId\\":\\"K00000001\\",'
    '\\"waybillNo\\":\\"YT0000000000001\\"}","msg_type":"online"}'
)


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> list[Any]:
    """An answer with one line for each code, an hour apart."""
    ((query, told),) = codes.items()
    lines = [
        _line(query.tracking_number, code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(told)
    ]
    return lines[::-1] if newest_first else lines


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about a number of which nothing is known yet."""
    numbers = {query.tracking_number: [] for query in queries}
    return {"map": numbers, "code": "1001", "success": "true", "message": "查询结果为空。"}


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code, which is printed as a number where it is one."""
    return {
        "success": False,
        "code": int(code) if code.isdecimal() else code,
        "reason": f"{NAME} {PHONE}",
    }


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The signature on the wire."""
    return json.loads(request.content)["sign"]


def signature_due(request: httpx.Request) -> str:
    """The signature that the vendor computes from what it received."""
    return _digest(json.loads(request.content)["param"] + "track_query_adapter" + "v1" + "demo-yto-secret")


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return [json.loads(json.loads(request.content)["param"])["NUMBER"]]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """The children of one push's document."""
    (code,) = codes
    return {
        "logisticProviderID": "YTO",
        "clientID": "K00000001",
        "mailNo": query.tracking_number,
        "txLogisticID": "DEMO-ORDER-1",
        "infoType": "STATUS",
        "infoContent": code,
        "acceptTime": f"{_BIRTH:%Y-%m-%d %H:%M:%S}",
        "remark": f"{code} {NAME} {PHONE}",
        "orgName": "示例网点",
        "empName": NAME,
        "contactInfo": PHONE,
        "city": "上海市",
    }


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed."""
    children = document.items() if isinstance(document, dict) else ()
    inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in children)
    told = f"<UpdateInfo>{inner}</UpdateInfo>"
    fields = {
        "logistics_interface": told,
        "data_digest": _digest(told + secret),
        "clientId": "K00000001",
        "type": "online",
    }
    # the digest last, so that damage at the end is damage to the proof
    fields["data_digest"] = fields.pop("data_digest")
    return PushRequest({"content-type": "application/x-www-form-urlencoded"}, {}, urlencode(fields).encode())


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription of one number."""
    (code,) = refused.values()
    return {"success": code is None, "code": code or "", "reason": f"{NAME} {PHONE}"}


VECTORS = (
    ("published: a push", yto.signature("<order></order>", "123456"), "LghTkEmsD2tbQ3fsIBRcBg=="),
    ("published: the rule alone", yto.signature("opentest", "123456"), "YLstCNa3x8ijQx16e/jqOA=="),
    (
        "published: the test console's question",
        yto.signature('{"NUMBER":"YT2600227881409"}', "123456", method="track_query_adapter", version="v1"),
        "uhSL6hg8txxadZi26YPYPg==",
    ),
    (
        "made: a question",
        yto.signature(
            '{"NUMBER":"YT0000000000001"}', "demo-yto-secret", method="track_query_adapter", version="v1"
        ),
        "DUUjN0236g8wsRohbuorCQ==",
    ),
    (
        "made: a question to the marketing gateway",
        yto.signature(
            '{"NUMBER":"YT0000000000001"}',
            "demo-yto-secret",
            method="yto.Marketing.WaybillTrace",
            version="1.01",
        ),
        "zDXPWLQrbVScTqLq7P06bw==",
    ),
    (
        "made: a subscription",
        yto.signature(_WISH, "demo-yto-secret", method="subscribe_adapter", version="v1"),
        "HBLB62ZEUdu4w4boRyxP5A==",
    ),
    ("made: a push", yto.signature(_PUSH, "demo-yto-secret"), "FJiW27krLf30gJ/Q2rfbDQ=="),
)


def _line(number: str, code: str, printed: datetime) -> dict[str, Any]:
    return {
        "waybill_No": number,
        "upload_Time": f"{printed:%Y-%m-%d %H:%M:%S}",
        "infoContent": code,
        "processInfo": f"{code} {NAME} {PHONE}",
        "city": "上海市",
        "district": "某区",
        "weight": 0.68,
    }


def _digest(signed: str) -> str:
    return base64.b64encode(hashlib.md5(signed.encode()).digest()).decode()
