"""ZTO's side of the contract test.

Answers and pushes are made: the shape is that of public clients, numbers, names and phones are invented. The vendor
publishes no signature sample; the vectors are computed by hand from its rule.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from carriers.china import zto
from carriers.china.zto_push import push_signature
from carriers.contract import Account, PushReply, PushRequest, Query

ACCOUNT = Account(
    id="zto-contract",
    source="zto",
    credentials={"app_key": "KEY-OF-THE-TEST", "app_secret": "demo-zto-secret-0001"},
)
QUERIES = tuple(Query("zto", f"784000000000{number:02}", phone_tail="4711") for number in range(1, 3))
NAME, PHONE = "测试姓名乙", "13800000047"
UNKNOWN_CODE = "从未见过"
PUSH_SECRET = ACCOUNT.credentials["app_secret"]
PUSH_CODE = "GOT"
ACCEPTED = PushReply(
    200, "application/json;charset=UTF-8", b'{"status":true,"message":"","result":"","statusCode":"200"}'
)

_BIRTH = 1_735_786_800_000
_HOUR = 3_600_000
_BIRTH_PRINTED = datetime(2025, 1, 2, 11)  # noqa: DTZ001 - printed without a zone


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    ((query, told),) = codes.items()
    traces = [_trace(query.tracking_number, code, _BIRTH + hour * _HOUR) for hour, code in enumerate(told)]
    return _answer(traces[::-1] if newest_first else traces)


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about a number of which nothing is known yet."""
    return _answer([])


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"status": False, "statusCode": code, "message": f"{NAME} {PHONE}", "result": None}


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The signature on the wire."""
    return request.headers["x-dataDigest"]


def signature_due(request: httpx.Request) -> str:
    """The signature that the vendor computes from what it received."""
    signed = request.content + ACCOUNT.credentials["app_secret"].encode()
    return base64.b64encode(hashlib.md5(signed).digest()).decode()


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return [json.loads(request.content)["billCode"]]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says: one event."""
    (code,) = codes
    return {
        "billCode": query.tracking_number,
        "facilityCode": "02100",
        "actionTime": f"{_BIRTH_PRINTED + timedelta(hours=1):%Y-%m-%d %H:%M:%S}",
        "city": "上海市",
        "courier": NAME,
        "courierPhone": PHONE,
        "action": code,
        "facilityName": "示例网点",
        "facilityContactPhone": "021-00000000",
        "desc": f"{code} {NAME} {PHONE}",
    }


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription of one number."""
    (code,) = refused.values()
    return {
        "result": None,
        "message": f"{NAME} {PHONE}",
        "statusCode": code or "SYS000",
        "status": code is None,
    }


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire, signed."""
    data = json.dumps(document, ensure_ascii=False)
    digest = base64.b64encode(hashlib.md5((data + secret).encode()).digest()).decode()
    form = {"company_id": "KEY-OF-THE-TEST", "msg_type": "Traces", "data_digest": digest, "data": data}
    return PushRequest({"content-type": "application/x-www-form-urlencoded"}, {}, urlencode(form).encode())


_PUSHED = (
    '{"billCode":"78400000000001","facilityCode":"02100","actionTime":"2025-01-02 03:04:05","city":"上海市",'
    '"courier":"张三","courierPhone":"13800000000","action":"DISPATCH","facilityName":"示例网点",'
    '"facilityContactPhone":"021-00000000",'
    '"desc":"【上海市】【示例网点】的业务员张三(13800000000)正在派件"}'
)


def _in_mode(**options: str) -> Account:
    return Account(
        id="zto-mode",
        source="zto",
        credentials={**ACCOUNT.credentials, "hmac_key": "demo-hmac-key"},
        options=options,
    )


_BODY = '{"billCode":"78400000000001","mobilePhone":"0000"}'
VECTORS = (
    ("made: MD5, base64", zto.signature(_BODY, ACCOUNT), "9xlnThFB1bHgcTI2huwr4Q=="),
    (
        "made: MD5, hex",
        zto.signature(_BODY, _in_mode(digest_encoding="hex")),
        "f719674e1141d5b1e071323686ec2be1",
    ),
    (
        "made: SHA256, base64",
        zto.signature(_BODY, _in_mode(digest="sha256")),
        "rVTs/zbQ7mkW5pyI3WeJ9EVjAy9tNvpbwy+AuAxCcUM=",
    ),
    (
        "made: HmacSHA256, base64",
        zto.signature(_BODY, _in_mode(digest="hmac_sha256")),
        "LSxs3bsfTQUjBcXHet6gMJFcJ85uJyxFaIo3XimrdLM=",
    ),
    (
        "made: MD5, base64, with time stamp",
        zto.signature(_BODY, ACCOUNT, timestamp="1700000000000"),
        "kGlZV8MTra+5a57XBBhavQ==",
    ),
    ("made: a push", push_signature(_PUSHED, "demo-zto-secret-0001"), "X7h65mbhQSWCRU7M8kcSJA=="),
)


def _answer(traces: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"status": True, "statusCode": "SYS000", "message": "操作成功", "result": list(traces)}


def _trace(number: str, code: str, moment: int) -> dict[str, Any]:
    """A line that bears a key of the adapter's table: `收件`, `退件/5` or `问题件/A5`."""
    scan_type, _, detail = code.partition("/")
    field = "problemCode" if scan_type == "问题件" else "returnType"
    return {
        "billCode": number,
        "scanType": scan_type,
        "scanDate": moment,
        "scanSite": {
            "name": "示例网点",
            "code": "02100",
            "phone": "021-00000000",
            "city": "上海市",
            "id": 1850,
        },
        "preOrNextSite": {"name": "示例转运中心", "code": "02101"},
        "operateUser": NAME,
        "operateUserPhone": PHONE,
        "signMan": "",
        "returnType": None,
        "desc": f"{code} {NAME} {PHONE}",
        field: detail or None,
    }
