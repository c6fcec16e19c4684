"""Plays JD's open platform: the trace query and the subscription of its scheme for couriers, and the query of the older
platform for merchants; one number in one call, and pushes of one event each.

Of today's codes none are known, so it refuses in words, with a 1 for a code. Unverified, and played so: those words,
that a subscription is taken for the recipient's phone only, and that a push not taken comes again three times, half an
hour apart.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from zlib import crc32

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.jd_prints import line_of_jos, pushed, trace
from carriers.sandbox.life import Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import form_of, json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "jd"
APP_KEY = "sandboxjdappkey00000000000000001"
APP_SECRET = "sandboxjdsecret00000000000000001"  # noqa: S105 - the sandbox's own, opens nothing else
ACCESS_TOKEN = "sandboxjdtoken000000000000000001"  # noqa: S105
CUSTOMER_CODE = "010K700001"
QUERY, SUBSCRIBE = "/ecap/v1/orders/trace/query", "/ecap/v1/orders/trace/subscribe"
METHOD_OF_JOS = "jingdong.ldop.receive.trace.get"
_PATH = "/jd"
_FIELDS = ("LOP-DN", "app_key", "timestamp", "v", "algorithm", "sign")
_FIELDS_OF_JOS = ("360buy_param_json", "access_token", "app_key", "method", "timestamp", "v", "sign")
_HMACS = {"HMacMD5": "md5", "HMacSHA1": "sha1", "HMacSHA256": "sha256", "HMacSHA512": "sha512"}
_NUMBER = re.compile(r"JD[0-9A-Z]{10,18}|V[A-Z]\d{11}", re.ASCII)
_MERCHANTS = (1, 2)
_PERSON = 0
_SYSTEM_ERROR = "系统异常，请稍后重试"
_TOO_MANY = "请求频率超过限制"
_UNKNOWN_NUMBER = "运单不存在"
_WORDS_OF_JOS = {
    "5": "无效版本号",
    "7": "缺少时间戳参数",
    "8": "无效时间戳",
    "12": "无效签名",
    "15": "无效方法",
    "19": "无效access_token",
}


class _Parcel(msgspec.Struct, rename="camel"):
    """What is asked, or subscribed, in the body."""

    waybill_code: str = ""
    order_origin: int = -1
    customer_code: str = ""
    mobile: str = ""


def lop_sign(path: str, body: str, query: Mapping[str, str]) -> str:
    """The signature of today's platform by the vendor's rule, from what came over the wire."""
    said = (
        f"{APP_SECRET}access_token{query.get('access_token', '')}app_key{query['app_key']}method{path}"
        f"param_json{body}timestamp{query['timestamp']}v{query['v']}{APP_SECRET}"
    ).encode()
    if query["algorithm"] == "md5-salt":
        return hashlib.md5(said, usedforsecurity=False).hexdigest().upper()
    raw = hmac.digest(APP_SECRET.encode(), said, _HMACS[query["algorithm"]])
    return base64.b64encode(raw).decode()


def jos_sign(form: Mapping[str, str]) -> str:
    """The signature of the older platform: all the other fields in the order of their names."""
    said = "".join(name + form[name] for name in sorted(form) if name != "sign")
    whole = f"{APP_SECRET}{said}{APP_SECRET}".encode()
    return hashlib.md5(whole, usedforsecurity=False).hexdigest().upper()


async def question(request: Request) -> bytes | Refused:
    """The body, if the address holds all it should, is ours and signs it."""
    query, body = dict(request.query_params), await request.body()
    if not all(query.get(name) for name in _FIELDS) or not _is_printed(query["timestamp"]):
        return Refused("缺少必要参数")
    if query["LOP-DN"] != "ECAP" or query["v"] != "2.0":
        return Refused("接口不存在")
    if query["app_key"] != APP_KEY:
        return Refused("app_key未授权", Outcome.SIGNATURE_REFUSED)
    if query.get("access_token") != ACCESS_TOKEN:
        return Refused("access_token无效或已过期", Outcome.SIGNATURE_REFUSED)
    if query["algorithm"] not in {"md5-salt", *_HMACS} or not _is_signed(request, body, query):
        return Refused("签名校验失败", Outcome.SIGNATURE_REFUSED)
    return body


def _is_signed(request: Request, body: bytes, query: Mapping[str, str]) -> bool:
    right = lop_sign(request.url.path.removeprefix(_PATH), body.decode(errors="replace"), query)
    return hmac.compare_digest(right.encode(), query["sign"].encode())


def _is_printed(timestamp: str) -> bool:
    try:
        datetime.strptime(timestamp, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - it carries no zone
    except ValueError:
        return False
    return True


async def question_of_jos(request: Request) -> bytes | Refused:
    """What was asked, if the form is whole, ours and signed."""
    form = await form_of(request)
    if form is None or not all(form.get(name) for name in _FIELDS_OF_JOS):
        return Refused("7")
    refused = _refusal_of_jos(form)
    return refused or form["360buy_param_json"].encode()


def _refusal_of_jos(form: Mapping[str, str]) -> Refused | None:
    if form["v"] != "2.0":
        return Refused("5")
    if form["method"] != METHOD_OF_JOS:
        return Refused("15")
    if not _is_printed(form["timestamp"]):
        return Refused("8")
    if form["access_token"] != ACCESS_TOKEN:
        return Refused("19", Outcome.SIGNATURE_REFUSED)
    right = jos_sign(form)
    if form["app_key"] != APP_KEY or not hmac.compare_digest(right.encode(), form["sign"].encode()):
        return Refused("12", Outcome.SIGNATURE_REFUSED)
    return None


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What the trace query answers to a body it has let in."""
    parcel = _parcel(question)
    if isinstance(parcel, Refused):
        return parcel
    life = world.find("jd", parcel.waybill_code)
    if life is None:
        return Refused(_UNKNOWN_NUMBER, Outcome.NOTHING_YET)
    traces = [trace(life, event, ahead=ahead) for event in life.seen_at(world.now())]
    world.count(SOURCE, Outcome.ANSWERED if traces else Outcome.NOTHING_YET)
    # The order is not guaranteed: half of the parcels get theirs newest first.
    told = traces[::-1] if crc32(life.tracking_number.encode()) % 2 else traces
    data = {"collectorName": "", "collectorPhone": "", "traceDetails": told}
    return _said(data if told else {"traceDetails": None})


def answer_subscription(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """What the subscription answers; it prints no times, so nothing of it can be ahead."""
    parcel = _parcel(question)
    if isinstance(parcel, Refused):
        return parcel
    life = world.find("jd", parcel.waybill_code)
    if life is None:
        return Refused(_UNKNOWN_NUMBER, Outcome.NOTHING_YET)
    if not _is_recipients(parcel.mobile, life):
        return Refused("手机号后四位与运单不匹配", Outcome.TAIL_REFUSED)
    world.subscribe(SOURCE, "jd", parcel.waybill_code)
    world.count(SOURCE, Outcome.SUBSCRIBED)
    return _said("订阅成功")


def _is_recipients(mobile: str, life: Life) -> bool:
    """The recipient's tail is the last of a life's; one without any opens to everybody."""
    return not life.phone_tails or mobile == life.phone_tails[-1]


def answer_of_jos(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What the older platform answers."""
    try:
        parcel = msgspec.json.decode(question, type=_Parcel)
    except msgspec.DecodeError:
        return _said_by_jos({"code": 101, "messsage": "参数格式错误", "data": None})
    if parcel.customer_code != CUSTOMER_CODE:
        world.count(SOURCE, Outcome.CALL_REFUSED)
        return _said_by_jos({"code": 102, "messsage": "customerCode没有权限", "data": None})
    life = world.find("jd", parcel.waybill_code)
    lines = [line_of_jos(life, event, ahead=ahead) for event in life.seen_at(world.now())] if life else []
    world.count(SOURCE, Outcome.ANSWERED if lines else Outcome.NOTHING_YET)
    return _said_by_jos({"code": 100, "messsage": "成功", "data": lines})


def refuse(code: str) -> Response:
    """A refusal, HTTP 200: of the older platform's gateway where it is one of its numbers, else today's, in words."""
    if code in _WORDS_OF_JOS:
        words = _WORDS_OF_JOS[code]
        return json_response({"error_response": {"code": code, "zh_desc": words, "en_desc": ""}})
    return json_response(_envelope(1, code, success=False) | {"data": None})


def well_formed(number: str) -> bool:
    """Whether the vendor takes it for one of its numbers."""
    return _NUMBER.fullmatch(number) is not None


def _parcel(question: bytes) -> _Parcel | Refused:
    """The one parcel of a body, if it is said through whom it was ordered."""
    try:
        parcels = msgspec.json.decode(question, type=list[_Parcel])
    except msgspec.DecodeError:
        return Refused("参数格式错误")
    if len(parcels) != 1 or parcels[0].order_origin not in {_PERSON, *_MERCHANTS}:
        return Refused("参数格式错误")
    (parcel,) = parcels
    if parcel.order_origin in _MERCHANTS and parcel.customer_code != CUSTOMER_CODE:
        return Refused("没有权限使用该customerCode")
    if not well_formed(parcel.waybill_code):
        return Refused(_UNKNOWN_NUMBER, Outcome.NUMBER_REFUSED)
    return parcel


def _envelope(code: int, words: str, *, success: bool) -> dict[str, Any]:
    return {
        "code": code,
        "msg": words,
        "success": success,
        "mills": 12,
        "requestId": "00000000-0000-0000-0000-000000000001",
    }


def _said(data: Any) -> Response:
    return json_response(_envelope(0, "成功", success=True) | {"data": data})


def _said_by_jos(result: dict[str, Any]) -> Response:
    return json_response(
        {"jingdong_ldop_receive_trace_get_responce": {"code": "0", "querytrace_result": result}}
    )


def _calls(news: News, _subscriber: Subscriber) -> Sequence[Call]:
    """One call for each event; nothing in it proves whose it is."""
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return [Call(msgspec.json.encode(pushed(news.life, event)), headers) for event in news.new]


def _is_taken(reply: httpx.Response) -> bool:
    try:
        said = msgspec.json.decode(reply.content)
    except msgspec.DecodeError:
        return False
    return reply.status_code == httpx.codes.OK and isinstance(said, dict) and said.get("code") == "200"


_MANNER = Manner(SOURCE, _calls, _is_taken)

PLAYS = Played(
    source=SOURCE,
    path=_PATH,
    credentials=MappingProxyType(
        {
            "app_key": APP_KEY,
            "app_secret": APP_SECRET,
            "access_token": ACCESS_TOKEN,
            "customer_code": CUSTOMER_CODE,
        }
    ),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(
        Door(QUERY, question, answer),
        Door(SUBSCRIBE, question, answer_subscription),
        Door("/routerjson", question_of_jos, answer_of_jos),
    ),
    refuse=refuse,
    system_error=_SYSTEM_ERROR,
    too_many=_TOO_MANY,
    calls_back=lambda world, client: Callbacks(_MANNER, world, client),
)
