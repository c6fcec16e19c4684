"""Plays Yunda's open platform: `logictis/query` of one number, `logictis/subscribe`, and pushes event by event.

Of a number that was not subscribed nothing is told, as of one that is unknown; parcels ordered through the account need
no subscription. Unverified: the codes beside the messages, the words of these, how many orders a subscription may hold,
and that a push is signed like a question.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.life import EventKind, Life, LifeEvent, printed
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "yunda"
APP_KEY = "sandbox-yunda-app"
APP_SECRET = "sandbox-yunda-secret-0001"  # noqa: S105 - the sandbox's own, opens nothing else
MOST_ORDERS = 20
_NUMBER = re.compile(r"(?:\d{13}|\d{15})\Z")
_WORDS = {
    "1001": "app-key无效",
    "1002": "签名错误",
    "1003": "参数错误",
    "1004": "单号格式错误",
    "9998": "请求频率超限",
    "9999": "系统繁忙",
}
_ACTIONS: dict[EventKind, str] = {
    EventKind.ORDERED: "OTHER",
    EventKind.COLLECTED: "GOT",
    EventKind.DEPARTED: "DEPARTURE",
    EventKind.ARRIVED: "ARRIVAL",
    EventKind.ARRIVED_DESTINATION: "ARRIVAL",
    EventKind.OUT_FOR_DELIVERY: "SENT",
    EventKind.ATTEMPT_FAILED: "SIGNFAIL",
    EventKind.RECIPIENT_UNREACHABLE: "ISSUE",
    EventKind.REFUSED: "REJECTION",
    EventKind.OUT_OF_AREA: "ISSUE",
    EventKind.PICKUP_ONLY: "ISSUE",
    EventKind.AT_STATION: "INBOUND",
    EventKind.COLLECTED_FROM_STATION: "SIGNED",
    EventKind.DELIVERED: "SIGNED",
    EventKind.DELIVERED_TO_PROXY: "SIGNED",
    EventKind.RETURNING: "RETURN",
    EventKind.RETURNED: "SIGNED",
    EventKind.HANDED_OVER: "TRANSFER",
    EventKind.HELD: "ISSUE",
    EventKind.DAMAGED: "ISSUE",
    EventKind.NOTE: "OTHER",
}
_STATUSES = {
    "ACCEPT": "GOT",
    "GOT": "GOT",
    "SIGNED": "SIGNED",
    "SIGNFAIL": "SIGNFAIL",
    "REJECTION": "SIGNFAIL",
    "RETURN": "RETURN",
}


class _Question(msgspec.Struct):
    mailno: str = ""


class _Order(msgspec.Struct):
    orderid: str = ""
    mailno: str = ""


class _Orders(msgspec.Struct):
    orders: list[_Order] = msgspec.field(default_factory=list)


def sign(body: str, secret: str) -> str:
    """The signature by the vendor's rule: lower-case hex MD5 over the body, a line below, the secret."""
    return hashlib.md5(b"_".join((body.encode(), secret.encode())), usedforsecurity=False).hexdigest()


async def question(request: Request) -> bytes | Refused:
    """The body, if key and sign are right."""
    headers, body = request.headers, await request.body()
    if headers.get("app-key") != APP_KEY:
        return Refused("1001")
    right = sign(body.decode(errors="replace"), APP_SECRET)
    if not hmac.compare_digest(right.encode(), headers.get("sign", "").encode()):
        return Refused("1002", Outcome.SIGNATURE_REFUSED)
    return body if headers.get("req-time", "").isdigit() else Refused("1003")


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What is known of the number, if somebody subscribed it."""
    try:
        number = msgspec.json.decode(question, type=_Question).mailno
    except msgspec.DecodeError:
        return Refused("1003")
    if not number:
        return Refused("1003")
    if not well_formed(number):
        return Refused("1004", Outcome.NUMBER_REFUSED)
    life = world.find(SOURCE, number)
    known = life is not None and (life.owned or (SOURCE, number) in world.subscribers.get(SOURCE, {}))
    if life is None or not known or not life.seen_at(world.now()):
        world.count(SOURCE, Outcome.NOTHING_YET)
        return _said(None)
    world.count(SOURCE, Outcome.ANSWERED)
    return _said(_told(life, life.seen_at(world.now()), ahead=ahead))


def refuse(code: str) -> Response:
    """The envelope of a call that failed."""
    return json_response({"result": False, "code": code, "message": _WORDS[code], "data": None})


def well_formed(number: str) -> bool:
    """Whether it can be one of the vendor's numbers."""
    return _NUMBER.match(number) is not None


def _said(data: object) -> Response:
    return json_response({"result": True, "code": "0000", "message": "请求成功", "data": data})


def _told(life: Life, seen: Sequence[LifeEvent], *, ahead: timedelta) -> dict[str, Any]:
    steps = [_step(life, event, ahead=ahead) | {"status": _status(event)} for event in seen]
    return {
        "mailno": life.tracking_number,
        "result": "true",
        "time": steps[-1]["time"],
        "remark": "",
        "status": steps[-1]["status"],
        "steps": steps,
    }


def _step(life: Life, event: LifeEvent, *, ahead: timedelta = timedelta(0)) -> dict[str, Any]:
    """What a query and a push print of an event."""
    hub = event.kind in {EventKind.DEPARTED, EventKind.ARRIVED}
    return {
        "time": printed(life.moment(event) + ahead),
        "action": _action(event),
        "city": event.city,
        "station": 900002 if hub else 900001,
        "station_name": event.facility,
        "station_type": "2" if hub else "1",
        "phone": event.courier_phone if event.kind is EventKind.OUT_FOR_DELIVERY else "",
        "next": "",
        "next_type": "",
        "next_name": event.next_facility,
        "next_city": "",
        "signer": event.signer,
        "description": event.text,
    }


def _action(event: LifeEvent) -> str:
    return event.code or _ACTIONS[event.kind]


def _status(event: LifeEvent) -> str:
    return _STATUSES.get(_action(event), "TRANSIT")


def answer_subscription(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """Says of every order whether it was taken; no times are printed, so nothing of it can be ahead."""
    try:
        orders = msgspec.json.decode(question, type=_Orders).orders
    except msgspec.DecodeError:
        return Refused("1003")
    if not 1 <= len(orders) <= MOST_ORDERS:
        return Refused("1003")
    return _said([_taken(order, world) for order in orders])


def _taken(order: _Order, world: World) -> dict[str, Any]:
    if not well_formed(order.mailno):
        world.count(SOURCE, Outcome.NUMBER_REFUSED)
        return {"orderid": order.orderid, "result": False, "remark": _WORDS["1004"]}
    world.subscribe(SOURCE, SOURCE, order.mailno, wishes={"orderid": order.orderid})
    world.count(SOURCE, Outcome.SUBSCRIBED)
    return {"orderid": order.orderid, "result": True, "remark": ""}


def _calls(news: News, one: Subscriber) -> Sequence[Call]:
    """One call for each event; numbers are printed as numbers."""
    return [_call(_step(news.life, event), one) for event in news.new]


def _call(step: dict[str, Any], one: Subscriber) -> Call:
    event = {
        "partner_id": "sandbox",
        "orderid": one.wishes.get("orderid", ""),
        "mailno": int(one.number),
        **step,
        "station_type": int(step["station_type"]),
    }
    data = msgspec.json.encode(event).decode()
    call = {"appKey": APP_KEY, "sign": sign(data, APP_SECRET), "data": data}
    return Call(msgspec.json.encode(call), {"content-type": "application/json; charset=utf-8"})


def _is_taken(reply: httpx.Response) -> bool:
    try:
        said = msgspec.json.decode(reply.content)
    except msgspec.DecodeError:
        return False
    told = isinstance(said, dict) and said.get("result") in {True, "true"}
    return told and reply.status_code == httpx.codes.OK


_MANNER = Manner(SOURCE, _calls, _is_taken)

PLAYS = Played(
    source=SOURCE,
    path="/yunda",
    credentials=MappingProxyType({"app_key": APP_KEY, "app_secret": APP_SECRET}),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(
        Door("/openapi/outer/logictis/query", question, answer),
        Door("/openapi/outer/logictis/subscribe", question, answer_subscription),
    ),
    refuse=refuse,
    system_error="9999",
    too_many="9998",
    calls_back=lambda world, client: Callbacks(_MANNER, world, client),
)
