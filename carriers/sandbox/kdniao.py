"""Plays Kdniao: the signed query of one number, and the subscription with pushes to the address in its console.

One form for everything, whose RequestType says what is wanted; both addresses take queries, as the vendor's own client
has it, subscriptions go to one. Refusals are words, some with a code beside them. Unverified, and played so: which
refusals bear one, and how a push that was not taken is repeated. Each push tells of one parcel.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.kdniao_results import COMPANIES, nothing, result
from carriers.sandbox.life import Life, printed
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import form_of, json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "kdniao"
BUSINESS_ID = "1900001"
API_KEY = "00000000-aaaa-bbbb-cccc-sandbox00001"
_FIELDS = ("RequestData", "EBusinessID", "RequestType", "DataSign", "DataType")
_QUERIES = frozenset({"1002", "8001"})
_SUBSCRIPTIONS = frozenset({"1008", "8008"})
_FREE = frozenset({"1002", "1008"})
_TAIL_WANTED = frozenset({"SF", "ZTO", "KYSY"})
_LENGTHS = range(6, 33)
_SPECIAL = re.compile(r"[^A-Za-z0-9-]")
_WORDS = {
    "101": "缺少必要参数",
    "102": "数据签名验证失败",
    "104": "用户账号异常",
    "105": "系统繁忙，请稍后再试",
    "401": "RequestData格式不正确",
    "402": "缺少物流单号",
    "403": "单号存在特殊字符",
    "404": "单号长度不正确",
    "405": "超出当日查询上限",
}
_WRONG_TYPE = "没有可用套餐"
_WRONG_TAIL = "请填写收件人或寄件人手机号后四位"
_TOO_MANY = "请求过于频繁"


class _Asked(msgspec.Struct, rename="pascal"):
    """`RequestData` of a query or a subscription; merchants send what is not needed as well."""

    shipper_code: str = ""
    logistic_code: str = ""
    customer_name: str = ""
    callback: str = ""


def sign(request_data: str, key: str) -> str:
    """The signature by the vendor's rule: MD5 over both, and its lower-case hex text once more as base64."""
    hexadecimal = hashlib.md5(f"{request_data}{key}".encode(), usedforsecurity=False).hexdigest()
    return base64.b64encode(hexadecimal.encode("ascii")).decode()


async def question(request: Request) -> bytes | Refused:
    """The type of what is asked, and after a line's end the text of `RequestData`, if the form is whole and signed."""
    form = await form_of(request)
    if form is None or not all(form.get(name) for name in _FIELDS) or form["DataType"] != "2":
        return Refused("101")
    if form["EBusinessID"] != BUSINESS_ID:
        return Refused("104")
    if not hmac.compare_digest(sign(form["RequestData"], API_KEY), form["DataSign"]):
        return Refused("102", Outcome.SIGNATURE_REFUSED)
    return f"{form['RequestType']}\n{form['RequestData']}".encode()


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What the address for queries answers."""
    return _answer(question, world, allowed=_QUERIES, ahead=ahead)


def answer_dist(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What the address for subscriptions answers, which takes queries as well."""
    return _answer(question, world, allowed=_QUERIES | _SUBSCRIPTIONS, ahead=ahead)


def refuse(code: str) -> Response:
    """A refusal, HTTP 200; what has no code of its own is said in words alone."""
    said: dict[str, Any] = {"EBusinessID": BUSINESS_ID, "Success": False, "Reason": _WORDS.get(code, code)}
    return json_response(said | {"Code": code} if code in _WORDS else said)


def _answer(
    question: bytes, world: World, *, allowed: frozenset[str], ahead: timedelta
) -> Response | Refused:
    request_type, _, request_data = question.decode().partition("\n")
    if request_type not in allowed:
        return Refused(_WRONG_TYPE)
    try:
        asked = msgspec.json.decode(request_data, type=_Asked)
    except msgspec.DecodeError:
        return Refused("401")
    carrier = COMPANIES.get(asked.shipper_code, "")
    life = world.find(carrier, asked.logistic_code)
    wrong = _wrong(asked, life)
    if wrong is not None:
        return wrong
    if request_type in _SUBSCRIPTIONS:
        return _subscribed(asked, carrier, world, paid=request_type not in _FREE)
    return _track(asked, life, world, paid=request_type not in _FREE, ahead=ahead)


def _wrong(asked: _Asked, life: Life | None) -> Refused | None:
    if asked.shipper_code not in COMPANIES:
        return Refused("101")
    wrong = _wrong_number(asked.logistic_code)
    if wrong is not None:
        return Refused(wrong, Outcome.NUMBER_REFUSED)
    if asked.shipper_code in _TAIL_WANTED and not _opens(life, asked.customer_name):
        return Refused(_WRONG_TAIL, Outcome.TAIL_REFUSED)
    return None


def _wrong_number(number: str) -> str | None:
    if not number:
        return "402"
    if _SPECIAL.search(number):
        return "403"
    return None if len(number) in _LENGTHS else "404"


def _opens(life: Life | None, tail: str) -> bool:
    return bool(tail) and (life is None or tail in life.phone_tails)


def _track(asked: _Asked, life: Life | None, world: World, *, paid: bool, ahead: timedelta) -> Response:
    seen = () if life is None else life.seen_at(world.now())
    world.count(SOURCE, Outcome.ANSWERED if seen else Outcome.NOTHING_YET)
    if life is None or not seen:
        content = nothing(asked.shipper_code, asked.logistic_code)
    else:
        content = result(life, seen, paid=paid, ahead=ahead)
    return json_response({"EBusinessID": BUSINESS_ID} | content)


def _subscribed(asked: _Asked, carrier: str, world: World, *, paid: bool) -> Response:
    wishes = {"Callback": asked.callback, "RequestType": "102" if paid else "101"}
    world.subscribe(SOURCE, carrier, asked.logistic_code, word=asked.shipper_code, wishes=wishes)
    world.count(SOURCE, Outcome.SUBSCRIBED)
    now = printed(world.now())
    said = {"EBusinessID": BUSINESS_ID, "UpdateTime": now, "Success": True, "Reason": ""}
    return json_response(said | {"EstimatedDeliveryTime": ""})


def _calls(world: World, news: News, one: Subscriber) -> Sequence[Call]:
    """One call with all lines that there are by now."""
    push_type = one.wishes["RequestType"]
    told = result(news.life, news.seen, paid=push_type == "102")
    told |= {"EBusinessID": BUSINESS_ID, "Callback": one.wishes["Callback"]}
    said = {
        "PushTime": printed(world.now()),
        "EBusinessID": BUSINESS_ID,
        "Data": [told],
        "Count": "1",
    }
    request_data = msgspec.json.encode(said).decode()
    form = {
        "RequestData": request_data,
        "RequestType": push_type,
        "DataSign": sign(request_data, API_KEY),
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
        and (said.get("Success"), said.get("EBusinessID")) == (True, BUSINESS_ID)
        and "UpdateTime" in said
    )


PLAYS = Played(
    source=SOURCE,
    path="/kdniao",
    credentials=MappingProxyType({"business_id": BUSINESS_ID, "api_key": API_KEY}),
    # The most of a day that any source tells of; for a second none is (unverified).
    limit=Limit(200, per_day=30_000),
    doors=(
        Door("/Ebusiness/EbusinessOrderHandle.aspx", question, answer),
        Door("/api/dist", question, answer_dist),
    ),
    refuse=refuse,
    system_error="105",
    too_many=_TOO_MANY,
    used_up="405",
    calls_back=lambda world, client: Callbacks(
        Manner(SOURCE, partial(_calls, world), _is_taken), world, client
    ),
)
