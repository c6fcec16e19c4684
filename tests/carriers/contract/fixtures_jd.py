"""JD's side of the contract test.

Answers and pushes are made after the shapes that public clients send and read; numbers, names and phones are invented.
The signature vectors are made, too: computed by hand from the vendor's rule.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx

from carriers.china import jd, jd_jos
from carriers.contract import Account, PushReply, PushRequest, Query

SECRET = "fakesecret0000000000000000000001"
ACCOUNT = Account(
    id="jd-contract",
    source="jd",
    credentials={
        "app_key": "fakeappkey0000000000000000000001",
        "app_secret": SECRET,
        "customer_code": "010K000001",
    },
)
WITH_TOKEN = replace(
    ACCOUNT, credentials={**ACCOUNT.credentials, "access_token": "faketoken00000000000000000000001"}
)
QUERIES = (Query("jd", "JDVA00000000001", phone_tail="0047"), Query("jd", "JDVA00000000002"))
NAME, PHONE = "测试姓名己", "13800000047"
UNKNOWN_CODE = "299999"
PRINTS_NO_CITY = "only pushes name one"
WANTED_IN_THE_ADDRESS = frozenset({"app_key"})
PUSH_SECRET = SECRET
PUSH_CODE = "200001"
ACCEPTED = PushReply(200, "application/json;charset=UTF-8", b'{"code":"200","msg":"success","success":true}')

_BIRTH = datetime(2026, 1, 10, 8)  # noqa: DTZ001 - printed without a zone
_STAGE_DIGITS = 3


def history(codes: Mapping[Query, Sequence[str]], *, newest_first: bool = False) -> dict[str, Any]:
    """An answer with one line for each code, an hour apart."""
    ((query, told),) = codes.items()
    lines = [_line(query, code, _BIRTH + timedelta(hours=hour)) for hour, code in enumerate(told)]
    return _answer({"collectorName": NAME, "traceDetails": lines[::-1] if newest_first else lines})


def empty(queries: Sequence[Query]) -> dict[str, Any]:
    """An answer about a number of which nothing is known yet."""
    return _answer({"traceDetails": []})


def refused(code: str) -> dict[str, Any]:
    """A call that a gateway refused with this code."""
    return {"error_response": {"code": code, "zh_desc": f"{NAME} {PHONE}", "en_desc": ""}}


def encode(document: object) -> bytes:
    """What goes over the wire."""
    return json.dumps(document, ensure_ascii=False).encode()


def signature_sent(request: httpx.Request) -> str:
    """The signature on the wire."""
    return request.url.params["sign"]


def signature_due(request: httpx.Request) -> str:
    """The signature that the vendor computes from what it received."""
    said = request.url.params
    signed = (
        f"{SECRET}access_token{said['access_token']}app_key{said['app_key']}method{request.url.path}"
        f"param_json{request.content.decode()}timestamp{said['timestamp']}v{said['v']}{SECRET}"
    )
    return hashlib.md5(signed.encode()).hexdigest().upper()


def numbers_sent(request: httpx.Request) -> list[str]:
    """The numbers that the request asks about."""
    return [parcel["waybillCode"] for parcel in json.loads(request.content)]


def push_document(query: Query, codes: Sequence[str]) -> dict[str, Any]:
    """What a push says of one event."""
    (code,) = codes
    return _line(query, code, _BIRTH) | {"operateSite": "示例营业部", "routeCityName": "上海市"}


def push(document: object, *, secret: str) -> PushRequest:
    """A push as it comes over the wire; nothing in it proves whose it is."""
    return PushRequest({"content-type": "application/json"}, {}, encode(document))


def subscribed(refused: Mapping[Query, str | None]) -> dict[str, Any]:
    """The answer to a subscription of one number."""
    (words,) = refused.values()
    taken = words is None
    return {
        "code": 0 if taken else 1,
        "msg": words or f"{NAME} {PHONE}",
        "success": taken,
        "data": "订阅成功",
    }


_BODY = '[{"waybillCode":"JDVA00000000001","orderOrigin":1,"customerCode":"010K000001"}]'


def _vector(algorithm: str) -> str:
    account = replace(WITH_TOKEN, options={"algorithm": algorithm})
    return jd.signature("/ecap/v1/orders/trace/query", _BODY, "2026-01-15 10:30:00", account=account)


VECTORS = (
    ("made: md5-salt", _vector("md5-salt"), "EC6172EE9970849A1569DFF8C27FC670"),
    ("made: HMacMD5", _vector("HMacMD5"), "5/zJTuKRlDljdM/Q9fhRRw=="),
    ("made: HMacSHA1", _vector("HMacSHA1"), "W4nKauYARQAhLvQq5DVPdtGO2OE="),
    ("made: HMacSHA256", _vector("HMacSHA256"), "rMXqJBRH/1Rc43ozt0KxaE/dmVC/qmVgz0hJQqWECgw="),
    (
        "made: HMacSHA512",
        _vector("HMacSHA512"),
        "z/aLucssMGYfWVJnZeW9c0LTFYFwWuHzpSkENwNbmc35wArMjQcr9T3p+xAcF5feFzoP4MPAE3eWrso5tvm2Jg==",
    ),
    (
        "made: the older platform",
        jd_jos.signature(
            {
                "v": "2.0",
                "timestamp": "2026-01-15 10:30:00",
                "method": "jingdong.ldop.receive.trace.get",
                "app_key": WITH_TOKEN.credentials["app_key"],
                "access_token": WITH_TOKEN.credentials["access_token"],
                "360buy_param_json": '{"customerCode":"010K000001","waybillCode":"JDVA00000000001"}',
            },
            SECRET,
        ),
        "FDED73091D25B9F3380CF542D11E2F40",
    ),
)


def _answer(data: dict[str, Any]) -> dict[str, Any]:
    return {"code": 0, "msg": "成功", "success": True, "mills": 120, "requestId": "demo-1", "data": data}


def _line(query: Query, code: str, printed: datetime) -> dict[str, Any]:
    """A line that bears a key of the adapter's table: a state, `200020/转寄` whose text holds the end, or a stage."""
    state = code.partition("/")[0]
    is_stage = len(state) == _STAGE_DIGITS
    return {
        "waybillCode": query.tracking_number,
        "category": int(state) if is_stage else None,
        "categoryName": "",
        "state": "" if is_stage else state,
        "operationTitle": "一行",
        "operationRemark": f"{code} {NAME} {PHONE}",
        "operationTime": f"{printed:%Y-%m-%d %H:%M:%S}",
        "operatorName": NAME,
        "operatorPhone": PHONE,
        "operateSiteId": "11111111",
    }
