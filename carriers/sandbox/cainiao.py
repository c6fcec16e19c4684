"""Plays Cainiao's LINK gateway: a signed form with a message, two of which are known: ask about a number, or subscribe.

Errors are codes inside HTTP 200. What is played here for an unknown application, carrier or number is unverified, like
all of the vendor's own codes behind the gateway's. What was subscribed is told with the whole list, signed like a
question, to the address in the vendor's console.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.life import EventKind, Life, LifeEvent
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import form_of, json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "cainiao"
RESOURCE_CODE = "sandbox-resource-0001"
APP_CODE = "sandbox-app"
SECRET_KEY = "sandboxCainiaoSecretKey0000000001"  # noqa: S105 - the sandbox's own, opens nothing else
QUERY = "CNTECH_LV_LOGISTICS_DETAIL_GET"
SUBSCRIBE = "CNTECH_LV_LOGISTICS_DETAIL_SUBSCRIBE"
CARRIERS = {
    "SF": "sf",
    "ZTO": "zto",
    "YTO": "yto",
    "STO": "sto",
    "YUNDA": "yunda",
    "JT": "jt",
    "JDVD": "jd",
    "JDLEX": "jd",
    "DBKD": "deppon",
}
_FIELDS = ("logistic_provider_id", "msg_type", "logistics_interface", "data_digest")
_NUMBER = re.compile(r"[A-Z0-9]{6,32}\Z")
_FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
_WORDS = {
    "S01": "非法的JSON",
    "S02": "非法的数字签名",
    "S03": "非法的资源编码",
    "S04": "非法的消息类型",
    "S07": "系统异常，请重试",
    "S12": "非法的请求参数",
    "S14": "系统流控",
}
# kind -> sub status, main status, the main status in words.
_STATUSES: dict[EventKind, tuple[str, str, str]] = {
    EventKind.ORDERED: ("WAIT_ACCEPT", "WAIT_ACCEPT", "待揽收"),
    EventKind.COLLECTED: ("ACCEPT", "ACCEPT", "已揽收"),
    EventKind.DEPARTED: ("TRANSPORT", "TRANSPORT", "运输中"),
    EventKind.ARRIVED: ("TRANSPORT", "TRANSPORT", "运输中"),
    EventKind.ARRIVED_DESTINATION: ("ARRIVE_CITY", "TRANSPORT", "运输中"),
    EventKind.OUT_FOR_DELIVERY: ("DELIVERING", "DELIVERING", "派件中"),
    EventKind.ATTEMPT_FAILED: ("DELIVER_ABNORMAL", "FAILED", "包裹异常"),
    EventKind.RECIPIENT_UNREACHABLE: ("DELIVER_ABNORMAL", "FAILED", "包裹异常"),
    EventKind.REFUSED: ("REFUSE_SIGN", "FAILED", "包裹异常"),
    EventKind.OUT_OF_AREA: ("ISSUE", "FAILED", "包裹异常"),
    EventKind.PICKUP_ONLY: ("ISSUE", "FAILED", "包裹异常"),
    EventKind.AT_STATION: ("STA_INBOUND", "DELIVERING", "派件中"),
    EventKind.COLLECTED_FROM_STATION: ("STA_SIGN", "SIGN", "已签收"),
    EventKind.DELIVERED: ("SIGN", "SIGN", "已签收"),
    EventKind.DELIVERED_TO_PROXY: ("AGENT_SIGN", "AGENT_SIGN", "已代签收"),
    EventKind.RETURNING: ("RETURN", "FAILED", "包裹异常"),
    EventKind.RETURNED: ("RETURN_SIGN", "SIGN", "已签收"),
    EventKind.HANDED_OVER: ("SEND_ON", "TRANSPORT", "运输中"),
    EventKind.HELD: ("RETENTION", "FAILED", "包裹异常"),
    EventKind.DAMAGED: ("DAMAGE", "FAILED", "包裹异常"),
    EventKind.NOTE: ("TRANSPORT", "TRANSPORT", "运输中"),
}


class _Asked(msgspec.Struct):
    appCode: str = ""  # noqa: N815 - the vendor's word
    cpCode: str = ""  # noqa: N815
    mailNo: str = ""  # noqa: N815


class _Content(msgspec.Struct):
    arg0: _Asked


class _Message(msgspec.Struct):
    """What the gateway hands on: the kind of the message and its content."""

    kind: str
    content: str


def digest(content: str, secret: str) -> str:
    """The signature by the vendor's rule: MD5 over content and secret, its sixteen bytes as base64."""
    return base64.b64encode(hashlib.md5((content + secret).encode(), usedforsecurity=False).digest()).decode()


async def question(request: Request) -> bytes | Refused:
    """The message, if the form is whole, known and signed."""
    form = await form_of(request)
    if form is None or not all(form.get(name) for name in _FIELDS):
        return Refused("S12")
    if form["logistic_provider_id"] != RESOURCE_CODE:
        return Refused("S03")
    if not hmac.compare_digest(digest(form["logistics_interface"], SECRET_KEY), form["data_digest"]):
        return Refused("S02", Outcome.SIGNATURE_REFUSED)
    if form["msg_type"] not in {QUERY, SUBSCRIBE}:
        return Refused("S04")
    return msgspec.json.encode(_Message(form["msg_type"], form["logistics_interface"]))


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What the service says to a message that the gateway has let in."""
    message = msgspec.json.decode(question, type=_Message)
    try:
        asked = msgspec.json.decode(message.content, type=_Content).arg0
    except msgspec.DecodeError:
        return Refused("S01")
    if asked.appCode != APP_CODE:
        return Refused("S03")
    carrier = CARRIERS.get(asked.cpCode)
    if carrier is None or not _NUMBER.match(asked.mailNo):
        return Refused("S12", Outcome.NUMBER_REFUSED)
    if message.kind == SUBSCRIBE:
        return _subscribed(asked, carrier, world)
    return _told(asked, world.find(carrier, asked.mailNo), world, ahead=ahead)


def refuse(code: str) -> Response:
    """A refusal, HTTP 200."""
    return json_response({"success": False, "errorCode": code, "errorMsg": _WORDS[code]})


def _subscribed(asked: _Asked, carrier: str, world: World) -> Response:
    world.subscribe(SOURCE, carrier, asked.mailNo, word=asked.cpCode)
    world.count(SOURCE, Outcome.SUBSCRIBED)
    return json_response({"success": True})


def _told(asked: _Asked, life: Life | None, world: World, *, ahead: timedelta) -> Response:
    seen = () if life is None else life.seen_at(world.now())
    world.count(SOURCE, Outcome.ANSWERED if seen else Outcome.NOTHING_YET)
    found: dict[str, Any] = {"success": True, "mailNo": asked.mailNo, "cpCode": asked.cpCode}
    if life is not None and seen:
        found |= _state(seen) | {"fullTraceDetail": _lines(life, seen, ahead=ahead)}
    return json_response(found)


def _state(seen: Sequence[LifeEvent]) -> dict[str, str]:
    _, main, words = _STATUSES[seen[-1].kind]
    return {"logisticsStatus": main, "logisticsStatusDesc": words}


def _lines(life: Life, seen: Sequence[LifeEvent], *, ahead: timedelta = timedelta(0)) -> list[dict[str, str]]:
    return [_line(event, life, ahead=ahead) for event in seen]


def _line(event: LifeEvent, life: Life, *, ahead: timedelta) -> dict[str, str]:
    sub, main, _ = _STATUSES[event.kind]
    line = {
        "areaCode": "",
        "areaName": event.city,
        "logisticsStatus": main,
        "subLogisticsStatus": sub,
        "time": str(int((life.moment(event) + ahead).timestamp() * 1000)),
        "desc": event.text,
    }
    if event.kind is EventKind.OUT_FOR_DELIVERY:
        line |= {"deliveryMan": event.courier_name, "deliveryManTel": event.courier_phone}
    return line


def _calls(news: News, one: Subscriber) -> list[Call]:
    told = {"mailNo": one.number, "cpCode": one.word, **_state(news.seen)}
    content = msgspec.json.encode(told | {"logisticsFullTraceList": _lines(news.life, news.seen)}).decode()
    form = {"logistics_interface": content, "data_digest": digest(content, SECRET_KEY)}
    return [Call(urlencode(form).encode(), _FORM)]


def _is_taken(reply: httpx.Response) -> bool:
    try:
        said = msgspec.json.decode(reply.content)
    except msgspec.DecodeError:
        return False
    return reply.status_code == httpx.codes.OK and isinstance(said, dict) and said.get("success") is True


MANNER = Manner(SOURCE, _calls, _is_taken)

PLAYS = Played(
    source=SOURCE,
    path="/cainiao/gateway/link.do",
    credentials=MappingProxyType(
        {"resource_code": RESOURCE_CODE, "app_code": APP_CODE, "secret_key": SECRET_KEY}
    ),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(Door("", question, answer),),
    refuse=refuse,
    system_error="S07",
    too_many="S14",
    calls_back=lambda world, client: Callbacks(MANNER, world, client),
)
