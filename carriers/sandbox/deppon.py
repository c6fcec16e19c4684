"""Plays Deppon's open platform: the standard trace query, one number in one call, and the subscription to pushes.

In comes a signed form with JSON in `params`. Of the vendor's codes three are known; all else it refuses in words, with
the code left empty. Unverified, and played as the other sources of this platform have it: what a push looks like and
hears, how a wrong customer code is refused, and that subscribing twice does no harm.
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

SOURCE = "deppon"
COMPANY_CODE = "EWBSANDBOXDEPPON"
APP_KEY = "sandbox0deppon0appkey0000000001"
CUSTOMER_CODE = "700001"
_FIELDS = ("companyCode", "timestamp", "params", "digest")
_NUMBER = re.compile(r"(?:DPK\d{12}|\d{8,12})\Z")
_WORDS = {"1000": "成功", "2006": "参数校验失败", "3002": "没有该接口权限"}
_WRONG_DIGEST = "摘要校验失败"
_WRONG_COMPANY = "companyCode不存在"
_SYSTEM_ERROR = "系统异常"
_TOO_MANY = "调用频率超限"
_STATUSES: dict[EventKind, str] = {
    EventKind.ORDERED: "OTHER",  # an order has statuses of its own, a track none for it
    EventKind.COLLECTED: "GOT",
    EventKind.DEPARTED: "DEPARTURE",
    EventKind.ARRIVED: "ARRIVAL",
    EventKind.ARRIVED_DESTINATION: "ARRIVAL",
    EventKind.OUT_FOR_DELIVERY: "SENT_SCAN",
    EventKind.ATTEMPT_FAILED: "ERROR",
    EventKind.RECIPIENT_UNREACHABLE: "ERROR",
    EventKind.REFUSED: "FAILED",
    EventKind.OUT_OF_AREA: "ERROR",
    EventKind.PICKUP_ONLY: "ERROR",
    EventKind.AT_STATION: "STA_INBOUND",
    EventKind.COLLECTED_FROM_STATION: "STA_SIGN",
    EventKind.DELIVERED: "SIGNED",
    EventKind.DELIVERED_TO_PROXY: "SIGNED",
    EventKind.RETURNING: "OPERATETRACK",
    EventKind.RETURNED: "BACK_SIGNED",
    EventKind.HANDED_OVER: "OTHER",
    EventKind.HELD: "INBOUND",
    EventKind.DAMAGED: "ERROR",
    EventKind.NOTE: "OTHER",
}


class _Query(msgspec.Struct, rename="camel"):
    mail_no: str = ""
    customer_code: str = ""


class _Wish(msgspec.Struct):
    tracking_number: str = ""
    order_number: str = ""


def digest(params: str, timestamp: str, key: str) -> str:
    """The signature by the vendor's rule: MD5 over the three, and its lower-case hex text once more as base64."""
    hexadecimal = hashlib.md5(f"{params}{key}{timestamp}".encode(), usedforsecurity=False).hexdigest()
    return base64.b64encode(hexadecimal.encode("ascii")).decode()


async def question(request: Request) -> bytes | Refused:
    """The text of `params`, if the form is whole and signed."""
    form = await form_of(request)
    if form is None or not all(form.get(name) for name in _FIELDS) or not form["timestamp"].isdigit():
        return Refused("2006")
    if form["companyCode"] != COMPANY_CODE:
        return Refused(_WRONG_COMPANY)
    if not hmac.compare_digest(digest(form["params"], form["timestamp"], APP_KEY), form["digest"]):
        return Refused(_WRONG_DIGEST, Outcome.SIGNATURE_REFUSED)
    return form["params"].encode()


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What the trace query answers to `params` it has let in."""
    try:
        asked = msgspec.json.decode(question, type=_Query)
    except msgspec.DecodeError:
        return Refused("2006")
    if not asked.customer_code:
        return Refused("2006")
    if asked.customer_code != CUSTOMER_CODE:
        return Refused("3002")
    if not well_formed(asked.mail_no):
        return Refused("2006", Outcome.NUMBER_REFUSED)
    return _track(asked.mail_no, world, ahead=ahead)


def answer_subscription(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """What the subscription answers; it prints no times, so nothing of it can be ahead."""
    try:
        wish = msgspec.json.decode(question, type=_Wish)
    except msgspec.DecodeError:
        wish = _Wish()
    if not well_formed(wish.tracking_number):
        world.count(SOURCE, Outcome.NUMBER_REFUSED)
        return _subscribed("2006")
    world.subscribe(SOURCE, "deppon", wish.tracking_number)
    world.count(SOURCE, Outcome.SUBSCRIBED)
    return _subscribed("1000")


def refuse(code: str) -> Response:
    """A refusal, HTTP 200; what has no code of its own is said in words alone."""
    known = code in _WORDS
    return _envelope("false", code if known else "", _WORDS.get(code, code))


def well_formed(number: str) -> bool:
    """Whether the vendor takes it for one of its numbers."""
    return _NUMBER.match(number) is not None


def _track(number: str, world: World, *, ahead: timedelta) -> Response:
    life = world.find("deppon", number)
    seen = () if life is None else life.seen_at(world.now())
    world.count(SOURCE, Outcome.ANSWERED if seen else Outcome.NOTHING_YET)
    if life is None or not seen:
        nothing = {"tracking_number": number, "trace_list": []}
        return _envelope("true", "1000", "暂无查询记录", responseParam=nothing)
    traces = _traces(life, seen, ahead=ahead)
    # The order is not guaranteed: half of the parcels get theirs newest first.
    told = traces[::-1] if crc32(number.encode()) % 2 else traces
    return _envelope("true", "1000", "", responseParam={"tracking_number": number, "trace_list": told})


def _traces(
    life: Life, events: Sequence[LifeEvent], *, ahead: timedelta = timedelta(0)
) -> list[dict[str, str]]:
    return [
        {
            "city": event.city,
            "site": f"【{event.station or event.facility}】" if event.station or event.facility else "",
            "status": event.code or _STATUSES[event.kind],
            "time": printed(life.moment(event) + ahead),
            "description": event.text,
        }
        for event in events
    ]


def _envelope(result: str, code: str, reason: str, **more: Any) -> Response:
    said = {
        "result": result,
        "reason": reason,
        "resultCode": code,
        "uniquerRequestNumber": "38500000000000001",
    }
    return json_response(said | more)


def _subscribed(code: str) -> Response:
    taken = code == "1000"
    words = "订阅成功" if taken else _WORDS[code]
    said = {"result": taken, "error_message": words, "error_code": code, "success": taken}
    return json_response(said | {"uniquerRequestNumber": "38500000000000002"})


def _calls(news: News, one: Subscriber) -> list[Call]:
    """One call with all that is new."""
    told = {"tracking_number": one.number, "trace_list": _traces(news.life, news.new)}
    params = msgspec.json.encode({"track_list": [told]}).decode()
    timestamp = str(int(news.life.moment(news.new[-1]).timestamp() * 1000))
    form = {
        "companyCode": COMPANY_CODE,
        "timestamp": timestamp,
        "params": params,
        "digest": digest(params, timestamp, APP_KEY),
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    return [Call(urlencode(form).encode(), headers)]


def _is_taken(reply: httpx.Response) -> bool:
    try:
        said = msgspec.json.decode(reply.content)
    except msgspec.DecodeError:
        return False
    return (
        reply.status_code == httpx.codes.OK
        and isinstance(said, dict)
        and (said.get("success"), said.get("error_code")) == (True, "1000")
    )


_MANNER = Manner(SOURCE, _calls, _is_taken)

PLAYS = Played(
    source=SOURCE,
    path="/deppon",
    credentials=MappingProxyType(
        {"company_code": COMPANY_CODE, "app_key": APP_KEY, "customer_code": CUSTOMER_CODE}
    ),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(
        Door("/standard-query/newTraceQuery.action", question, answer),
        Door("/dop-nonstandard-extension/standTraceSubscribe.action", question, answer_subscription),
    ),
    refuse=refuse,
    system_error=_SYSTEM_ERROR,
    too_many=_TOO_MANY,
    calls_back=lambda world, client: Callbacks(_MANNER, world, client),
)
