"""Plays ZTO's open platform: `zto.merchant.waybill.track.query`, one number per call, signed over the body's bytes.

Every error is HTTP 200. A parcel opens only with the last four digits of a phone. Two things are unverified and played
strictly: that a body with blanks fails in the backend, and that an unknown number answers with an empty list.
"""

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.life import EventKind, Life, LifeEvent
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "zto"
APP_KEY = "sandbox-zto-app"
APP_SECRET = "sandbox-zto-secret-0001"  # noqa: S105 - the sandbox's own, opens nothing else
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


async def question(request: Request) -> bytes | Refused:
    """The body, if its digest is right."""
    body = await request.body()
    headers = request.headers
    if (headers.get("x-appkey") or headers.get("x-companyid")) != APP_KEY:
        return Refused("S210")
    if not hmac.compare_digest(digest(body, APP_SECRET), headers.get("x-datadigest", "")):
        return Refused("S211", Outcome.SIGNATURE_REFUSED)
    return body if request.path_params.get("method") == METHOD else Refused("S207")


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What ZTO's gateway answers to a body it has let in."""
    try:
        raw = msgspec.json.decode(question)
        asked = msgspec.convert(raw, _Body)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Refused("S208")
    if msgspec.json.encode(raw) != question:
        return Refused("S202")
    return _track(asked, world, ahead=ahead) if asked.billCode else Refused("S208")


def refuse(code: str) -> Response:
    """The envelope of a call that failed."""
    return json_response({"result": None, "message": _WORDS[code], "statusCode": code, "status": False})


def well_formed(number: str) -> bool:
    """Whether the vendor takes it for one of its numbers."""
    return _NUMBER.match(number) is not None


def _track(asked: _Body, world: World, *, ahead: timedelta) -> Response | Refused:
    number = asked.billCode or ""
    life = world.find("zto", number)
    if life is None and not well_formed(number):
        return Refused("E416", Outcome.NUMBER_REFUSED)
    refused = _wrong_tail(life, asked.mobilePhone)
    if refused is not None:
        return Refused(refused, Outcome.TAIL_REFUSED)
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


PLAYS = Played(
    source=SOURCE,
    path="/zto",
    credentials=MappingProxyType({"app_key": APP_KEY, "app_secret": APP_SECRET}),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(Door("/{method}", question, answer),),
    refuse=refuse,
    system_error="S203",
    too_many="S221",
    used_up="S206",
)
