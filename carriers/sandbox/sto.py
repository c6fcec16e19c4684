"""Plays STO's link gateway: queries, subscriptions and pushes behind one address, chosen by fields of a signed form.

Several numbers go into one question; one without a record has no list, an empty one or none at all. Unverified and
played so: that ten numbers are the most, the codes of refusals, that a problem's name begins with its number for every
other parcel, and that a push not taken comes again three times, half an hour apart.
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
from zlib import crc32

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.life import EventKind, Life, LifeEvent, printed
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import form_of, json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "sto"
APP_KEY = "sandbox-sto-app"
SECRET_KEY = "sandbox-sto-secret-0001"  # noqa: S105 - the sandbox's own, opens nothing else
QUERY, SUBSCRIBE = "STO_TRACE_QUERY_COMMON", "STO_TRACE_PLATFORM_SUBSCRIBE"
MOST_NUMBERS = 10
_FIELDS = ("content", "data_digest", "api_name", "from_appkey", "from_code", "to_appkey", "to_code")
_SERVICES = {QUERY: "sto_trace_query", SUBSCRIBE: "sto_trace_platform"}
_NUMBER = re.compile(r"\d{12,13}|\d{15}|STO\d{10}", re.ASCII)
_WORDS = {
    "S01": "非法的JSON",
    "S02": "非法的数字签名",
    "S03": "非法的合作方",
    "S04": "非法的消息类型",
    "S07": "系统异常",
    "S12": "参数不合法",
    "S14": "触发流控",
}
_RETRIED = ("S07", "S14")
# The gateway prints nothing of an order that was not yet collected.
_NOT_PRINTED = frozenset({EventKind.ORDERED})
_SCAN_TYPES: dict[EventKind, str] = {
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
    EventKind.AT_STATION: "驿站代收",
    EventKind.COLLECTED_FROM_STATION: "客户签收",
    EventKind.DELIVERED: "签收",
    EventKind.DELIVERED_TO_PROXY: "签收",
    EventKind.RETURNING: "退回件",
    EventKind.RETURNED: "签收",
    EventKind.HANDED_OVER: "转邮",
    EventKind.HELD: "问题件",
    EventKind.DAMAGED: "问题件",
    EventKind.NOTE: "到件",
}
# number and name; where none fits only the memo says what the problem is
_PROBLEMS: dict[EventKind, tuple[str, str]] = {
    EventKind.RECIPIENT_UNREACHABLE: ("35", "客户不在联系不上"),
    EventKind.REFUSED: ("40", "客户拒收"),
    EventKind.OUT_OF_AREA: ("24", "超区件"),
    EventKind.PICKUP_ONLY: ("44", "自提件"),
    EventKind.HELD: ("17", "面单与内件不符"),
    EventKind.DAMAGED: ("14", "外包装破损"),
}


class _Question(msgspec.Struct):
    """`content` of a query."""

    waybillNoList: list[str]  # noqa: N815 - the vendor's word
    order: str = "asc"


class _Wished(msgspec.Struct):
    waybillNo: str  # noqa: N815


class _Wish(msgspec.Struct):
    """`content` of a subscription."""

    subscribeInfoList: list[_Wished]  # noqa: N815


def digest(content: str, secret_key: str) -> str:
    """The signature by the vendor's rule: MD5 over content and secret, base64."""
    signed = (content + secret_key).encode()
    return base64.b64encode(hashlib.md5(signed, usedforsecurity=False).digest()).decode()


async def question(request: Request) -> bytes | Refused:
    """The function's name on a line, then `content`; if the form is whole, ours and signed."""
    form = await form_of(request)
    if form is None or not all(form.get(name) for name in _FIELDS):
        return Refused("S12")
    if form["from_appkey"] != APP_KEY:
        return Refused("S03", Outcome.SIGNATURE_REFUSED)
    right = digest(form["content"], SECRET_KEY)
    if not hmac.compare_digest(right.encode(), form["data_digest"].encode()):
        return Refused("S02", Outcome.SIGNATURE_REFUSED)
    service = _SERVICES.get(form["api_name"])
    if service is None or {form["to_appkey"], form["to_code"]} != {service}:
        return Refused("S04")
    return f"{form['api_name']}\n{form['content']}".encode()


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What STO answers to a `content` it has let in."""
    function, _, content = question.decode().partition("\n")
    try:
        if function == SUBSCRIBE:
            return _subscription(msgspec.json.decode(content, type=_Wish), world)
        return _tracks(msgspec.json.decode(content, type=_Question), world, ahead=ahead)
    except msgspec.ValidationError:
        return Refused("S12")
    except msgspec.DecodeError:
        return Refused("S01")


def refuse(code: str) -> Response:
    """A refusal, HTTP 200, its flags as text."""
    return _said(None, success="false", code=code, retry=code in _RETRIED)


def well_formed(number: str) -> bool:
    """Whether the vendor takes it for one of its numbers."""
    return _NUMBER.fullmatch(number) is not None


def _said(data: Any, *, success: str = "true", code: str = "", retry: bool = False) -> Response:
    return json_response(
        {
            "success": success,
            "errorCode": code,
            "errorMsg": _WORDS.get(code, ""),
            "needRetry": "true" if retry else "false",
            "requestId": "sandbox-request",
            "expInfo": "",
            "data": data,
        }
    )


def _tracks(asked: _Question, world: World, *, ahead: timedelta) -> Response | Refused:
    numbers = asked.waybillNoList
    if not 1 <= len(numbers) <= MOST_NUMBERS or asked.order not in {"asc", "desc"}:
        return Refused("S12")
    data: dict[str, Any] = {}
    for number in numbers:
        traces = _traces(number, world, ahead=ahead)
        if traces:
            data[number] = traces if asked.order == "asc" else traces[::-1]
        elif crc32(number.encode()) % 3:
            # nothing is said in three ways: an empty list, null, and no word about the number
            data[number] = [] if crc32(number.encode()) % 3 == 1 else None
    return _said(data)


def _traces(number: str, world: World, *, ahead: timedelta) -> list[dict[str, Any]]:
    if not well_formed(number):
        world.count(SOURCE, Outcome.NUMBER_REFUSED)
        return []
    life = world.find("sto", number)
    seen = _printed_of(life.seen_at(world.now())) if life else []
    world.count(SOURCE, Outcome.ANSWERED if seen else Outcome.NOTHING_YET)
    return [_trace(life, event, ahead=ahead) for event in seen] if life else []


def _printed_of(events: Sequence[LifeEvent]) -> list[LifeEvent]:
    return [event for event in events if event.kind not in _NOT_PRINTED]


def _trace(life: Life, event: LifeEvent, *, ahead: timedelta) -> dict[str, Any]:
    """A line of an answer; there an organisation of type 0003 is a hub."""
    hub = event.kind in {EventKind.DEPARTED, EventKind.ARRIVED}
    return {
        **_common(life, event, ahead=ahead),
        "opOrgName": event.facility,
        "opOrgTel": event.facility_phone,
        "opOrgTypeCode": "0003" if hub else "0001",
        "weight": "0.0",
        "containerNo": "",
        "carNo": "",
        "partnerName": "",
    }


def _common(life: Life, event: LifeEvent, *, ahead: timedelta) -> dict[str, Any]:
    """What a line says in an answer and in a push."""
    return {
        "waybillNo": life.tracking_number,
        "opTime": printed(life.moment(event) + ahead),
        "scanType": event.code or _SCAN_TYPES[event.kind],
        "opOrgCode": "900000",
        "opOrgProvinceName": "",
        "opOrgCityName": event.city,
        "opEmpName": "",
        "bizEmpName": event.courier_name,
        "bizEmpPhone": event.courier_phone,
        "bizEmpTel": "",
        "nextOrgName": event.next_facility,
        "issueName": _problem(life, event),
        "signoffPeople": event.signer,
        "memo": event.text,
    }


def _problem(life: Life, event: LifeEvent) -> str:
    number, name = _PROBLEMS.get(event.kind, ("", ""))
    return f"{number}{name}" if crc32(life.tracking_number.encode()) % 2 else name


def _subscription(wish: _Wish, world: World) -> Response | Refused:
    numbers = [wished.waybillNo for wished in wish.subscribeInfoList]
    if not 1 <= len(numbers) <= MOST_NUMBERS:
        return Refused("S12")
    return _said([_subscribed(number, world) for number in numbers])


def _subscribed(number: str, world: World) -> dict[str, str]:
    if not well_formed(number):
        world.count(SOURCE, Outcome.NUMBER_REFUSED)
        return {"waybillNo": number, "status": "false", "message": "单号不合法"}
    world.subscribe(SOURCE, "sto", number)
    world.count(SOURCE, Outcome.SUBSCRIBED)
    return {"waybillNo": number, "status": "true", "message": ""}


def _calls(news: News, _subscriber: Subscriber) -> Sequence[Call]:
    """One call for each event."""
    return [_call(news.life, event) for event in _printed_of(news.new)]


def _call(life: Life, event: LifeEvent) -> Call:
    number = life.tracking_number
    pushed = {"waybillNo": number, "linkCode": f"ORDER-{number}", "trace": _pushed_trace(life, event)}
    content = msgspec.json.encode(pushed).decode()
    form = {"content": content, "data_digest": digest(content, SECRET_KEY)}
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    return Call(urlencode(form).encode(), headers)


def _pushed_trace(life: Life, event: LifeEvent) -> dict[str, Any]:
    """A line of a push; there an organisation of type 3 is a station."""
    hub = event.kind in {EventKind.DEPARTED, EventKind.ARRIVED}
    return {
        **_common(life, event, ahead=timedelta(0)),
        "outBizCode": f"{life.tracking_number}-{int(event.after.total_seconds())}",
        "opOrgName": event.station or event.facility,
        "opOrgTel": event.station_phone if event.station else event.facility_phone,
        "opOrgType": "3" if event.station else "2" if hub else "1",
        "tz": "",
    }


def _is_taken(response: httpx.Response) -> bool:
    try:
        reply = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return False
    said = reply.get("success") if isinstance(reply, dict) else None
    return response.status_code == httpx.codes.OK and str(said).lower() == "true"


_MANNER = Manner(SOURCE, calls=_calls, is_taken=_is_taken)

PLAYS = Played(
    source=SOURCE,
    path="/sto/gateway/link.do",
    credentials=MappingProxyType({"app_key": APP_KEY, "secret_key": SECRET_KEY}),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(Door("", question, answer),),
    refuse=refuse,
    system_error="S07",
    too_many="S14",
    calls_back=lambda world, client: Callbacks(_MANNER, world, client),
)
