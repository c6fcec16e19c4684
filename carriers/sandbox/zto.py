"""Plays ZTO's open platform: `zto.merchant.waybill.track.query`, one number per call, signed over the body's bytes.

Every error is HTTP 200. A parcel opens only with the last four digits of a phone. Two things are unverified and played
strictly: that a body with blanks fails in the backend, and that an unknown number answers with an empty list.
"""

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.accounts import ZTO_APP_KEY, ZTO_APP_SECRET
from carriers.sandbox.life import EventKind, Life, LifeEvent
from carriers.sandbox.limits import Verdict
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "zto"
METHOD = "zto.merchant.waybill.track.query"
_NUMBER = re.compile(r"(?:7[3-68]\d{12}|\d{12})\Z")
_WORDS = {
    "S202": "服务异常",
    "S203": "服务不可用",
    "S206": "已达到调用次数上限",
    "S207": "API不存在",
    "S208": "参数缺失",
    "S210": "未绑定该服务",
    "S211": "签名错误",
    "S221": "触发流控",
    "E409": "手机号后四位不匹配",
    "E413": "请传入手机号后四位",
    "E416": "非中通单号",
}
_SCAN_TYPES: dict[EventKind, str] = {
    EventKind.ORDERED: "事件",
    EventKind.COLLECTED: "收件",
    EventKind.DEPARTED: "发件",
    EventKind.ARRIVED: "到件",
    EventKind.ARRIVED_DESTINATION: "到件",
    EventKind.OUT_FOR_DELIVERY: "派件",
    EventKind.ATTEMPT_FAILED: "问题件",
    EventKind.RECIPIENT_UNREACHABLE: "问题件",
    EventKind.REFUSED: "问题件",
    EventKind.OUT_OF_AREA: "问题件",
    EventKind.PICKUP_ONLY: "问题件",
    EventKind.AT_STATION: "ARRIVAL",
    EventKind.COLLECTED_FROM_STATION: "SIGNED",
    EventKind.DELIVERED: "签收",
    EventKind.DELIVERED_TO_PROXY: "签收",
    EventKind.RETURNING: "退件",
    EventKind.RETURNED: "退件签收",
    EventKind.HANDED_OVER: "转单",
    EventKind.HELD: "问题件",
    EventKind.DAMAGED: "问题件",
    EventKind.NOTE: "事件",
}


class _Body(msgspec.Struct):
    billCode: str | None = None  # noqa: N815 - the vendor's word
    mobilePhone: str | None = None  # noqa: N815


def digest(body: bytes, secret: str) -> str:
    """The signature by the vendor's rule: MD5 over body and secret, base64."""
    return base64.b64encode(hashlib.md5(body + secret.encode(), usedforsecurity=False).digest()).decode()


async def answer(request: Request, world: World, *, ahead: timedelta = timedelta(0)) -> Response:
    """What ZTO's gateway answers; times of scans are printed `ahead` of the truth."""
    body = await request.body()
    refused = _refused_at_the_gate(request, body)
    if refused is not None:
        world.count(SOURCE, Outcome.SIGNATURE_REFUSED if refused == "S211" else Outcome.CALL_REFUSED)
        return failure(refused)
    verdict = world.enter(SOURCE)
    if verdict is not Verdict.LET_IN:
        world.count(SOURCE, Outcome.RATE_LIMITED)
        return failure("S221" if verdict is Verdict.TOO_FAST else "S206")
    question = _question(body)
    if isinstance(question, str):
        world.count(SOURCE, Outcome.CALL_REFUSED)
        return failure(question)
    return _track(question, world, ahead=ahead)


def failure(code: str) -> Response:
    """The envelope of a call that failed."""
    return json_response({"result": None, "message": _WORDS[code], "statusCode": code, "status": False})


def _refused_at_the_gate(request: Request, body: bytes) -> str | None:
    headers = request.headers
    if (headers.get("x-appkey") or headers.get("x-companyid")) != ZTO_APP_KEY:
        return "S210"
    if not hmac.compare_digest(digest(body, ZTO_APP_SECRET), headers.get("x-datadigest", "")):
        return "S211"
    if request.path_params.get("method") != METHOD:
        return "S207"
    return None


def _question(body: bytes) -> _Body | str:
    """The question, or the code that refuses it."""
    try:
        raw = msgspec.json.decode(body)
        question = msgspec.convert(raw, _Body)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return "S208"
    if msgspec.json.encode(raw) != body:
        return "S202"
    return question if question.billCode else "S208"


def _track(question: _Body, world: World, *, ahead: timedelta) -> Response:
    number = question.billCode or ""
    life = world.find("zto", number)
    if life is None and not _NUMBER.match(number):
        world.count(SOURCE, Outcome.NUMBER_REFUSED)
        return failure("E416")
    refused = _wrong_tail(life, question.mobilePhone)
    if refused is not None:
        world.count(SOURCE, Outcome.TAIL_REFUSED)
        return failure(refused)
    scans = [] if life is None else [_scan(life, event, ahead=ahead) for event in life.seen_at(world.now())]
    world.count(SOURCE, Outcome.ANSWERED if scans else Outcome.NOTHING_YET)
    return json_response({"status": True, "statusCode": "SYS000", "message": "操作成功", "result": scans})


def _wrong_tail(life: Life | None, tail: str | None) -> str | None:
    if life is not None and life.owned:
        return None
    if not tail:
        return "E413"
    return None if life is None or tail in life.phone_tails else "E409"


def _scan(life: Life, event: LifeEvent, *, ahead: timedelta) -> dict[str, Any]:
    return {
        "billCode": life.tracking_number,
        "scanType": event.code or _SCAN_TYPES[event.kind],
        "scanDate": int((life.moment(event) + ahead).timestamp() * 1000),
        "scanSite": _site(event),
        "preOrNextSite": {"name": event.next_facility, "code": "", "phone": ""}
        if event.next_facility
        else None,
        "operateUser": event.courier_name,
        "operateUserCode": "",
        "operateUserPhone": event.courier_phone,
        "signMan": event.signer,
        "country": "China",
        "weight": 1000,
        "returnType": _return_type(event),
        "returnUpdateType": None,
        "agentInfo": None,
        "extend": None,
        "desc": event.text,
    }


def _site(event: LifeEvent) -> dict[str, Any]:
    hub = event.kind in {EventKind.DEPARTED, EventKind.ARRIVED}
    # A scan of a station or locker names that, with the hall's code and no id.
    at_station = bool(event.station)
    return {
        "name": event.station or event.facility,
        "code": "HALL0001" if at_station else "02100",
        "siteId": None if at_station else 1850,
        "id": None if at_station else 1850,
        "phone": event.station_phone if at_station else event.facility_phone,
        "prov": "",
        "city": event.city,
        "isCenter": "T" if hub else "F",
        "isTransfer": 1 if hub else 2,
    }


def _return_type(event: LifeEvent) -> str | None:
    if event.kind is not EventKind.RETURNING:
        return None
    return "5" if event.refused else "2"
