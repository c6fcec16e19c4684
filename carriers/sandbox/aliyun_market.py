"""Plays two products of Aliyun Market behind its gateway: "express3", and "wuliu" with its sister "kdwlcxf".

One AppCode opens both. The gateway refuses with HTTP statuses and words in a header, the products with codes inside
HTTP 200. What they answer to a wrong tail is in no document: here it is as if nothing were known of the number.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import EventKind, Life, LifeEvent, printed
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "aliyun_market"
APP_CODE = "5a11db0c0de05a11db0c0de05a11db00"
APP_KEY = "24000001"
APP_SECRET = "sandboxAppSecret0001"  # noqa: S105 - the same in every sandbox
COMPANIES = {
    "sf": "SF",
    "zto": "ZTO",
    "yto": "YTO",
    "sto": "STO",
    "yunda": "YUNDA",
    "jt": "JT",
    "jd": "JDVD",
    "ems": "EMS",
    "deppon": "DBKD",
}
"""The word of "express3" for each carrier that it finds; "wuliu" writes them small."""

_NUMBER = re.compile(r"[A-Za-z0-9]{8,32}\Z")
_TAIL_WANTED = frozenset({"sf", "zto"})
_WRONG_APP_CODE = "Invalid AppCode"
_THROTTLED = "Throttled by API Flow Control"
_SYSTEM_ERROR = "Internal Error"
_GATEWAY = {_WRONG_APP_CODE: 400, _THROTTLED: 429, _SYSTEM_ERROR: 500}
_WORDS = {
    "201": "快递单号错误",
    "203": "快递公司不存在",
    "204": "快递公司识别失败",
    "205": "没有信息",
    "207": "该单号被限制",
}
_STATUSES: dict[EventKind, tuple[str, str]] = {
    EventKind.ORDERED: ("WAIT_ACCEPT", "WAIT_ACCEPT"),
    EventKind.COLLECTED: ("ACCEPT", "ACCEPT"),
    EventKind.DEPARTED: ("TRANSPORT", "TRANSPORT"),
    EventKind.ARRIVED: ("TRANSPORT", "TRANSPORT"),
    EventKind.ARRIVED_DESTINATION: ("TRANSPORT", "ARRIVE_CITY"),
    EventKind.OUT_FOR_DELIVERY: ("DELIVERING", "DELIVERING"),
    EventKind.ATTEMPT_FAILED: ("FAILED", "DELIVER_ABNORMAL"),
    EventKind.RECIPIENT_UNREACHABLE: ("FAILED", "DELIVER_ABNORMAL"),
    EventKind.REFUSED: ("FAILED", "REFUSE_SIGN"),
    EventKind.OUT_OF_AREA: ("FAILED", "ISSUE"),
    EventKind.PICKUP_ONLY: ("FAILED", "ISSUE"),
    EventKind.AT_STATION: ("DELIVERING", "STA_INBOUND"),
    EventKind.COLLECTED_FROM_STATION: ("SIGN", "STA_SIGN"),
    EventKind.DELIVERED: ("SIGN", "SIGN"),
    EventKind.DELIVERED_TO_PROXY: ("AGENT_SIGN", "AGENT_SIGN"),
    EventKind.RETURNING: ("FAILED", "RETURN"),
    EventKind.RETURNED: ("SIGN", "RETURN_SIGN"),
    EventKind.HANDED_OVER: ("TRANSPORT", "SEND_ON"),
    EventKind.HELD: ("FAILED", "RETENTION"),
    EventKind.DAMAGED: ("FAILED", "DAMAGE"),
    EventKind.NOTE: ("TRANSPORT", "TRANSPORT"),
}
_DELIVERY_STATUSES: dict[EventKind, str] = {
    EventKind.COLLECTED: "0",
    EventKind.OUT_FOR_DELIVERY: "2",
    EventKind.AT_STATION: "2",
    EventKind.COLLECTED_FROM_STATION: "3",
    EventKind.DELIVERED: "3",
    EventKind.DELIVERED_TO_PROXY: "3",
    EventKind.ATTEMPT_FAILED: "4",
    EventKind.RECIPIENT_UNREACHABLE: "4",
    EventKind.REFUSED: "4",
    EventKind.OUT_OF_AREA: "5",
    EventKind.PICKUP_ONLY: "5",
    EventKind.RETURNING: "5",
    EventKind.HELD: "5",
    EventKind.DAMAGED: "5",
    EventKind.RETURNED: "6",
}
_ON_ITS_WAY = "1"
_SIGNED_IN_ANY_CASE = ("accept", "content-md5", "content-type", "date")


class _Question(msgspec.Struct):
    number: str = ""
    company: str = ""
    tail: str = ""


async def express3_question(request: Request) -> bytes | Refused:
    """Number, carrier and phone, each a parameter."""
    asked = request.query_params
    number, company, phone = (asked.get(name, "") for name in ("number", "type", "mobile"))
    return _let_in(request, _Question(number, company.upper(), phone[-4:]))


async def wuliu_question(request: Request) -> bytes | Refused:
    """Number and carrier; the tail stands behind the number."""
    number, _, tail = request.query_params.get("no", "").partition(":")
    return _let_in(request, _Question(number, request.query_params.get("type", "").upper(), tail))


def _let_in(request: Request, asked: _Question) -> bytes | Refused:
    if not (_bears_the_code(request) or _is_signed(request)):
        return Refused(_WRONG_APP_CODE, Outcome.SIGNATURE_REFUSED)
    return msgspec.json.encode(asked)


def _bears_the_code(request: Request) -> bool:
    said = request.headers.get("authorization", "")
    return hmac.compare_digest(said.encode(), f"APPCODE {APP_CODE}".encode())


def _is_signed(request: Request) -> bool:
    """By the gateway's rule, with the headers that the request itself names."""
    headers = request.headers
    names = sorted(name for name in headers.get("x-ca-signature-headers", "").lower().split(",") if name)
    if headers.get("x-ca-key") != APP_KEY or {"x-ca-key", "x-ca-timestamp"} - set(names):
        return False
    asked = "&".join(f"{name}={value}" for name, value in sorted(request.query_params.items()))
    said = [request.method, *(headers.get(name, "") for name in _SIGNED_IN_ANY_CASE)]
    said += [*(f"{name}:{headers.get(name, '')}" for name in names), f"{request.url.path}?{asked}"]
    return hmac.compare_digest(gateway_signature("\n".join(said)), headers.get("x-ca-signature", ""))


def gateway_signature(text: str, secret: str = APP_SECRET) -> str:
    """Base64 of the HMAC-SHA256 over the text that is signed."""
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def answer_express3(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """A list with one parcel; without one where nothing is known."""
    asked = msgspec.json.decode(question, type=_Question)
    if not _NUMBER.match(asked.number):
        return Refused("201", Outcome.NUMBER_REFUSED)
    life = _found(asked, world)
    info = [_info(life, life.seen_at(world.now()), ahead)] if life else []
    told = {"orderNo": "000000000000000000", "info": info}
    return json_response({"msg": "成功", "success": True, "code": 200, "data": told})


def answer_wuliu(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """The parcel, newest line first, with one state for the whole of it."""
    asked = msgspec.json.decode(question, type=_Question)
    if not _NUMBER.match(asked.number):
        return Refused("201", Outcome.NUMBER_REFUSED)
    if asked.company and asked.company not in COMPANIES.values():
        return Refused("203")
    life = _found(asked, world)
    if life is None:
        return json_response({"status": "205", "msg": _WORDS["205"], "result": ""})
    result = _result(life, life.seen_at(world.now()), ahead)
    return json_response({"status": "0", "msg": "ok", "result": result})


def _found(asked: _Question, world: World) -> Life | None:
    """The parcel of which something has been seen, for whoever may see it; counts what was found."""
    lives = (world.find(carrier, asked.number) for carrier in CARRIED if carrier in COMPANIES)
    life = next((one for one in lives if one and asked.company in {"", COMPANIES[one.carrier]}), None)
    if life is not None and life.carrier in _TAIL_WANTED and asked.tail not in life.phone_tails:
        world.count(SOURCE, Outcome.TAIL_REFUSED)
        return None
    is_seen = life is not None and bool(life.seen_at(world.now()))
    world.count(SOURCE, Outcome.ANSWERED if is_seen else Outcome.NOTHING_YET)
    return life if is_seen else None


def _info(life: Life, seen: Sequence[LifeEvent], ahead: timedelta) -> dict[str, Any]:
    lines = [_line(life, event, ahead) for event in seen]
    return {
        "cpCode": COMPANIES[life.carrier],
        "mailNo": life.tracking_number,
        "logisticsCompanyName": "",
        "cpMobile": "",
        "cpUrl": "",
        "theLastTime": printed(life.moment(seen[-1]) + ahead),
        "theLastMessage": seen[-1].text,
        "takeTime": "",
        "logisticsStatus": lines[-1]["logisticsStatus"],
        "logisticsStatusDesc": "",
        "logisticsTraceDetailList": lines,
    }


def _line(life: Life, event: LifeEvent, ahead: timedelta) -> dict[str, Any]:
    main, sub = _STATUSES[event.kind]
    return {
        "areaCode": "",
        "areaName": event.city,
        "time": round((life.moment(event) + ahead).timestamp() * 1000),
        "logisticsStatus": main,
        "subLogisticsStatus": sub,
        "desc": event.text,
    }


def _result(life: Life, seen: Sequence[LifeEvent], ahead: timedelta) -> dict[str, Any]:
    status = _DELIVERY_STATUSES.get(seen[-1].kind, _ON_ITS_WAY)
    lines = [{"time": printed(life.moment(event) + ahead), "status": event.text} for event in seen]
    return {
        "number": life.tracking_number,
        "type": COMPANIES[life.carrier].lower(),
        "list": lines[::-1],
        "deliverystatus": status,
        "issign": "1" if status == "3" else "0",
        "expName": "",
        "expSite": "",
        "expPhone": "",
        "logo": "",
        "courier": seen[-1].courier_name,
        "courierPhone": seen[-1].courier_phone,
        "updateTime": lines[-1]["time"],
        "takeTime": "",
    }


def refuse(code: str) -> Response:
    """The gateway's words in a header, or a product's code in the body."""
    if code in _GATEWAY:
        response = json_response({"message": code}, _GATEWAY[code])
        response.headers["x-ca-error-message"] = code
        return response
    return json_response({"status": code, "msg": _WORDS[code], "result": ""})


PLAYS = Played(
    source=SOURCE,
    path="/aliyun_market",
    credentials=MappingProxyType({"app_code": APP_CODE}),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(
        Door("/express3", express3_question, answer_express3, methods=("GET",)),
        Door("/kdi", wuliu_question, answer_wuliu, methods=("GET",)),
        Door("/kdwlcx", wuliu_question, answer_wuliu, methods=("GET",)),
    ),
    refuse=refuse,
    system_error=_SYSTEM_ERROR,
    too_many=_THROTTLED,
)
