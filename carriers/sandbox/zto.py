"""Plays ZTO's open platform: tracks are asked and subscribed, one number per call, signed over the body's bytes.

Every error is HTTP 200. A parcel opens only with the last four digits of a phone. Two things are unverified and played
strictly: that a body with blanks fails in the backend, and that an unknown number answers with an empty list.
What was subscribed, `zto_pushes` tells.
"""

import hmac
import re
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.life import EventKind, Life, LifeEvent
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World
from carriers.sandbox.zto_pushes import APP_KEY, APP_SECRET, MANNER, SOURCE, digest, return_type

METHOD = "zto.merchant.waybill.track.query"
SUBSCRIBE = "zto.merchant.waybill.track.subsrcibe"
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
_SUCCESS: dict[str, Any] = {"status": True, "statusCode": "SYS000", "message": "操作成功"}


class _Body(msgspec.Struct):
    billCode: str | None = None  # noqa: N815 - the vendor's word
    mobilePhone: str | None = None  # noqa: N815


async def question(request: Request) -> bytes | Refused:
    """The body, if its digest is right."""
    body = await request.body()
    headers = request.headers
    if (headers.get("x-appkey") or headers.get("x-companyid")) != APP_KEY:
        return Refused("S210")
    if not hmac.compare_digest(digest(body, APP_SECRET), headers.get("x-datadigest", "")):
        return Refused("S211", Outcome.SIGNATURE_REFUSED)
    return body


async def no_question(request: Request) -> bytes | Refused:
    """A function that the platform does not have; the caller is looked at first."""
    body = await question(request)
    return body if isinstance(body, Refused) else Refused("S207")


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What ZTO's gateway answers to a body it has let in."""
    asked = _asked(question)
    return asked if isinstance(asked, Refused) else _track(asked, world, ahead=ahead)


def answer_subscription(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """What it answers to the wish to be told of a number; it prints no times, so nothing of it can be ahead."""
    asked = _asked(question)
    if isinstance(asked, Refused):
        return asked
    closed = _closed(asked, world)
    if closed is not None:
        return closed
    world.subscribe(SOURCE, SOURCE, asked.billCode or "")
    world.count(SOURCE, Outcome.SUBSCRIBED)
    return json_response(_SUCCESS | {"result": None})


def _asked(question: bytes) -> _Body | Refused:
    try:
        raw = msgspec.json.decode(question)
        asked = msgspec.convert(raw, _Body)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Refused("S208")
    if msgspec.json.encode(raw) != question:
        return Refused("S202")
    return asked if asked.billCode else Refused("S208")


def refuse(code: str) -> Response:
    """The envelope of a call that failed."""
    return json_response({"result": None, "message": _WORDS[code], "statusCode": code, "status": False})


def well_formed(number: str) -> bool:
    """Whether the vendor takes it for one of its numbers."""
    return _NUMBER.match(number) is not None


def _track(asked: _Body, world: World, *, ahead: timedelta) -> Response | Refused:
    closed = _closed(asked, world)
    if closed is not None:
        return closed
    life = world.find(SOURCE, asked.billCode or "")
    scans = [] if life is None else [_scan(life, event, ahead=ahead) for event in life.seen_at(world.now())]
    world.count(SOURCE, Outcome.ANSWERED if scans else Outcome.NOTHING_YET)
    return json_response(_SUCCESS | {"result": scans})


def _closed(asked: _Body, world: World) -> Refused | None:
    """Why nothing is said about this number."""
    number = asked.billCode or ""
    life = world.find(SOURCE, number)
    if life is None and not well_formed(number):
        return Refused("E416", Outcome.NUMBER_REFUSED)
    refused = _wrong_tail(life, asked.mobilePhone)
    return Refused(refused, Outcome.TAIL_REFUSED) if refused else None


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
        "returnType": return_type(event) or None,
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


PLAYS = Played(
    source=SOURCE,
    path="/zto",
    credentials=MappingProxyType({"app_key": APP_KEY, "app_secret": APP_SECRET}),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(
        Door(f"/{METHOD}", question, answer),
        Door(f"/{SUBSCRIBE}", question, answer_subscription),
        Door("/{method}", no_question, answer),
    ),
    refuse=refuse,
    system_error="S203",
    too_many="S221",
    used_up="S206",
    calls_back=lambda world, client: Callbacks(MANNER, world, client),
)
