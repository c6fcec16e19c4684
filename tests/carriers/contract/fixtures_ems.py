"""China Post's side of the contract test.

Answers and pushes are made: the shape is that of public clients, numbers, names and phones are invented. The first
vector is published in the vendor's documentation; the others are computed from its rule.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from carriers.china.ems_cipher import sealed
from carriers.contract import Account, PushReply, PushRequest, Query

ACCOUNT = Account(
    id="ems-contract",
    source="ems",
    credentials={"sender_no": "1100000000047", "authorization": "RkFLRS1TTTQtS0VZLTA0Nw=="},
)
QUERIES = (Query("ems", "1000000000001"), Query("ems", "1000000000002"))
NAME, PHONE = "测试姓名丁", "13800000047"
UNKNOWN_CODE = "099"
PUSH_SECRET = ACCOUNT.credentials["authorization"]
PUSH_CODE = "203"
SERIAL = "ABCDEF0123456789ABCDEF0123456789"
ACCEPTED = PushReply(
    200,
    "application/json;charset=UTF-8",
    b'{"serialNo":"ABCDEF0123456789ABCDEF0123456789","code":"00000","codeMessage":"","senderNo":"1100000000047"}',
)
VECTORS = (
    (
        "published: the documentation's sample",
        sealed(
            '{"language":"zh-CN","orderId":"QIAO-20200618-004"}TvaBgrhE46sft3nZlfe7xw==',
            "TvaBgrhE46sft3nZlfe7xw==",
        ),
        "|$4|efB6PnjDpgHG4xfrvYlXonyBuMJoGTynkfasopHvbl2u3nmNeP+rznA3DyRwb/2GeZL7I3rL6HKD5+Tv3Uy6x8jIDISbYG8Bg14caH2flYE=",
    ),
    (
        "made: a question",
        sealed(
            '{"waybillNo":"1000000000001","direction":"0"}RkFLRS1TTTQtS0VZLTAwMQ==',
            "RkFLRS1TTTQtS0VZLTAwMQ==",
        ),
        "|$4|oCMMjsWs2FIVEK1WBI01YNwWu5zvBCLF/lMcLtBmvmWJAgzsuyi4SnFTEm9+XpVJMLkgryOIqrYIvt3AqpsKaX9qDnwj2eyem/04hW9RnV0=",
    ),
)

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    ((query, told),) = codes.items()
    lines = [
        _line(query.tracking_number, code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(told)
    ]
    return _answer(lines[::-1] if newest_first else lines)


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about a number of which nothing is known yet."""
    return _answer([]) | {"retMsg": "当前邮件无客户信息！"}


def refused(code: str) -> dict[str, Any]:
    """A call that failed with this code."""
    return {"serialNo": SERIAL, "retCode": code, "retMsg": f"{NAME} {PHONE}", "retBody": None}


def encode(document: object) -> bytes:
    """What goes over the wire: the lines are JSON in a text of the answer."""
    if isinstance(document, dict) and isinstance(document.get("retBody"), dict):
        document = document | {"retBody": json.dumps(document["retBody"], ensure_ascii=False)}
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """Nothing is signed; what is sealed stands for it."""
    return _form(request)["logitcsInterface"]


def signature_due(request: httpx.Request) -> str:
    """What the vendor would seal for the same question."""
    key = ACCOUNT.credentials["authorization"]
    (number,) = numbers_sent(request)
    return _sealed(f'{{"waybillNo":"{number}","direction":"0"}}{key}', key)


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    key = ACCOUNT.credentials["authorization"]
    raw = base64.b64decode(_form(request)["logitcsInterface"].removeprefix("|$4|"))
    plain = _cipher(key).decryptor().update(raw)
    question, behind = json.JSONDecoder().raw_decode(plain[: -plain[-1]].decode())
    assert plain[: -plain[-1]].decode()[behind:] == key
    return [question["waybillNo"]]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says: one line, which `push` seals."""
    return {
        "method": "040002",
        "msgType": "0",
        "version": "v1.0.0",
        "senderNo": "",
        "serialNo": SERIAL,
        "timeStamp": "2026-01-10 08:00:09",
        "logitcsInterface": _line(query.tracking_number, codes[0], _BIRTH) | {"orderNo": "TEST-ORDER-1"},
    }


def push(document: object, *, secret: str) -> PushRequest:
    """The vendor's call: the line is sealed inside the message."""
    if isinstance(document, dict) and isinstance(document.get("logitcsInterface"), dict):
        plain = json.dumps(document["logitcsInterface"], ensure_ascii=False)
        document = document | {"logitcsInterface": _sealed(plain, secret)}
    return PushRequest({"content-type": "application/json"}, {}, json.dumps(document).encode())


def _form(request: httpx.Request) -> dict[str, str]:
    return {
        name: values[0] for name, values in parse_qs(request.content.decode(), keep_blank_values=True).items()
    }


def _sealed(plain: str, key: str) -> str:
    raw = plain.encode()
    gap = 16 - len(raw) % 16
    return "|$4|" + base64.b64encode(_cipher(key).encryptor().update(raw + bytes([gap]) * gap)).decode()


def _cipher(key: str) -> Cipher[modes.ECB]:
    """A key that is no base64 of 16 bytes is some other key."""
    try:
        raw = base64.b64decode(key, validate=True)
    except ValueError:
        raw = hashlib.sha256(key.encode()).digest()[:16]
    return Cipher(algorithms.SM4(raw), modes.ECB())


def _answer(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "serialNo": SERIAL,
        "retCode": "00000",
        "retMsg": "查询结果正常返回！",
        "retDate": "2026-01-15 10:30:01",
        "retBody": {"responseItems": list(lines)},
    }


def _line(number: str, code: str, moment: datetime) -> dict[str, Any]:
    """A line that bears a key of the adapter's table: `702` or `704/20`."""
    operation, _, detail = code.partition("/")
    delivered = operation in {"704", "463", "748"}
    return {
        "waybillNo": number,
        "opTime": f"{moment}",
        "opCode": operation,
        "opName": f"{code} 操作",
        "opDesc": f"{code} {NAME} {PHONE}",
        "opOrgProvName": "广东省",
        "opOrgCity": "深圳市",
        "opOrgCode": "00000001",
        "opOrgName": "测试揽投部",
        "operatorNo": "00000001001",
        "operatorName": NAME,
        "deliverCode": detail if delivered else "",
        "attemptDeliveryCode": "" if delivered else detail,
        "productName": "特快专递",
    }
