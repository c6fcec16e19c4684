"""Plays YTO's open platform: queries, subscriptions and pushes, every interface of a customer at an address of its own.

A question is JSON of four fields, its `param` JSON in a string, signed with method and version of the address. What was
found is a list, nothing found an object. Unverified and played so: what answers a subscription, that a number of a
wrong form is a bad parameter, and that a push not taken comes again three times, half an hour apart.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import timedelta
from html import escape
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

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

SOURCE = "yto"
SECRET = "sandbox-yto-secret-0001"  # noqa: S105 - the sandbox's own, opens nothing else
CUSTOMER = "K00000001"
QUERY, SUBSCRIBE = "track_query_adapter", "subscribe_adapter"
_FIELDS = ("timestamp", "param", "sign", "format")
_NUMBER = re.compile(r"YT\d{13}", re.ASCII)
_TAKEN = re.compile(rb'<success>true</success>|"success":\s*"?true')
_WORDS = {
    "401": "请求加密校验失败",
    "200010002": "系统异常",
    "200010003": "参数错误",
}
_ONLY_PUSHED = frozenset({EventKind.ORDERED})
_CODES: dict[EventKind, str] = {
    EventKind.ORDERED: "ACCEPT",
    EventKind.COLLECTED: "GOT",
    EventKind.DEPARTED: "DEPARTURE",
    EventKind.ARRIVED: "ARRIVAL",
    EventKind.ARRIVED_DESTINATION: "ARRIVAL",
    EventKind.OUT_FOR_DELIVERY: "SENT_SCAN",
    EventKind.ATTEMPT_FAILED: "FAILED",
    EventKind.RECIPIENT_UNREACHABLE: "FAILED",
    EventKind.REFUSED: "FAILED",
    EventKind.OUT_OF_AREA: "FAILED",
    EventKind.PICKUP_ONLY: "FAILED",
    EventKind.AT_STATION: "INBOUND",
    EventKind.COLLECTED_FROM_STATION: "SIGNED",
    EventKind.DELIVERED: "SIGNED",
    EventKind.DELIVERED_TO_PROXY: "SIGNED",
    EventKind.RETURNING: "TMS_RETURN",
    EventKind.RETURNED: "SIGNED",
    EventKind.HANDED_OVER: "FORWARDING",
    EventKind.HELD: "ARRIVAL",
    EventKind.DAMAGED: "FAILED",
    EventKind.NOTE: "ARRIVAL",
}


class _Wish(msgspec.Struct):
    """`param` of a subscription."""

    client_id: str
    logistics_interface: str
    msg_type: str


class _WishedNumber(msgspec.Struct):
    clientId: str  # noqa: N815 - the vendor's word
    waybillNo: str  # noqa: N815


def sign(text: str, secret: str, *, method: str = "", version: str = "") -> str:
    """The signature by the vendor's rule: MD5 over text, method, version and secret, base64; pushes have only text."""
    signed = f"{text}{method}{version}{secret}".encode()
    return base64.b64encode(hashlib.md5(signed, usedforsecurity=False).digest()).decode()


async def question(request: Request) -> bytes | Refused:
    """The method on a line, then `param`; if the four fields are there and signed for this address."""
    fields = await _fields(request)
    if fields is None or not all(isinstance(fields.get(name), str) for name in _FIELDS):
        return Refused("200010003")
    method, version = request.path_params["method"], request.path_params["version"]
    right = sign(fields["param"], SECRET, method=method, version=version)
    known = request.path_params["customer"] == CUSTOMER and version == "v1" and method in {QUERY, SUBSCRIBE}
    if not known or not hmac.compare_digest(right.encode(), fields["sign"].encode()):
        return Refused("401", Outcome.SIGNATURE_REFUSED)
    return f"{method}\n{fields['param']}".encode()


async def _fields(request: Request) -> dict[str, Any] | None:
    """The fields of the body, JSON or form."""
    form = await form_of(request)
    if form is not None:
        return form
    try:
        return msgspec.json.decode(await request.body(), type=dict[str, Any])
    except msgspec.DecodeError:
        return None


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What YTO answers to a `param` it has let in."""
    method, _, param = question.decode().partition("\n")
    try:
        if method == SUBSCRIBE:
            return _subscription(msgspec.json.decode(param, type=_Wish), world)
        asked = msgspec.json.decode(param, type=dict[str, str])
    except msgspec.DecodeError:
        return Refused("200010003")
    return _track(asked.get("NUMBER") or asked.get("Number") or "", world, ahead=ahead)


def refuse(code: str) -> Response:
    """A refusal, HTTP 200; its code is a number."""
    return json_response({"success": False, "code": int(code), "reason": _WORDS[code]})


def well_formed(number: str) -> bool:
    """Whether the vendor takes it for one of its numbers."""
    return _NUMBER.fullmatch(number) is not None


def _track(number: str, world: World, *, ahead: timedelta) -> Response | Refused:
    if not well_formed(number):
        return Refused("200010003", Outcome.NUMBER_REFUSED)
    life = world.find("yto", number)
    seen = [] if life is None else [one for one in life.seen_at(world.now()) if one.kind not in _ONLY_PUSHED]
    world.count(SOURCE, Outcome.ANSWERED if seen else Outcome.NOTHING_YET)
    if life is None or not seen:
        nothing = {"map": {number: []}, "code": "1001", "success": "true", "message": "查询结果为空。"}
        return json_response(nothing)
    return json_response([_trace(life, event, ahead=ahead) for event in seen])


def _trace(life: Life, event: LifeEvent, *, ahead: timedelta) -> dict[str, Any]:
    return {
        "waybill_No": life.tracking_number,
        "upload_Time": printed(life.moment(event) + ahead),
        "infoContent": event.code or _CODES[event.kind],
        "processInfo": event.text,
        "city": event.city,
        "district": "",
        "weight": 1.0,
    }


def _subscription(wish: _Wish, world: World) -> Response | Refused:
    wished = msgspec.json.decode(wish.logistics_interface, type=_WishedNumber)
    if wish.client_id != CUSTOMER or wished.clientId != CUSTOMER:
        return Refused("401")
    if not well_formed(wished.waybillNo):
        return Refused("200010003", Outcome.NUMBER_REFUSED)
    world.subscribe(SOURCE, "yto", wished.waybillNo, word=wish.msg_type)
    world.count(SOURCE, Outcome.SUBSCRIBED)
    return json_response({"success": "true", "code": "200", "message": "订阅成功"})


def _calls(news: News, subscriber: Subscriber) -> Sequence[Call]:
    """One call for each event."""
    return [_call(news.life, event, kind=subscriber.word) for event in news.new]


def _call(life: Life, event: LifeEvent, *, kind: str) -> Call:
    told = _document(life, event)
    form = {
        "logistics_interface": told,
        "data_digest": sign(told, SECRET),
        "clientId": CUSTOMER,
        "type": kind,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    return Call(urlencode(form).encode(), headers)


def _document(life: Life, event: LifeEvent) -> str:
    out = event.kind is EventKind.OUT_FOR_DELIVERY
    children = {
        "logisticProviderID": "YTO",
        "clientID": CUSTOMER,
        "mailNo": life.tracking_number,
        "txLogisticID": f"ORDER-{life.tracking_number}",
        "infoType": "STATUS",
        "infoContent": event.code or _CODES[event.kind],
        "acceptTime": f"{printed(life.moment(event))}.0 CST",
        "remark": event.text,
        "orgName": event.facility,
        "orgPhone": event.facility_phone,
        "empName": event.courier_name,
        "deliveryName": event.courier_name if out else "",
        "contactInfo": event.courier_phone if out else "",
        "city": event.city,
        "signedName": event.signer,
    }
    inner = "".join(
        f"<{name}>{escape(words, quote=False)}</{name}>" for name, words in children.items() if words
    )
    return f"<UpdateInfo>{inner}</UpdateInfo>"


def _is_taken(response: httpx.Response) -> bool:
    return response.status_code == httpx.codes.OK and _TAKEN.search(response.content) is not None


_MANNER = Manner(SOURCE, calls=_calls, is_taken=_is_taken)

PLAYS = Played(
    source=SOURCE,
    path="/yto",
    account_path=f"/open/{QUERY}/v1/sandbox/{CUSTOMER}",
    credentials=MappingProxyType({"secret": SECRET}),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(Door("/open/{method}/{version}/{segment}/{customer}", question, answer),),
    refuse=refuse,
    # The vendor has no code for "too many".
    system_error="200010002",
    too_many="200010002",
    calls_back=lambda world, client: Callbacks(_MANNER, world, client),
)
