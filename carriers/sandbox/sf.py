"""Plays SF Express: route queries on the open platform, `EXP_RECE_SEARCH_ROUTES`.

In comes a signed form with JSON in `msgData`, out goes an envelope with JSON in a string. A parcel that was not
ordered through the asking account opens only with the last four digits of a phone, one per number, by position; which
code refuses a missing or wrong tail is unverified, 20028 stands in for it. Parcels that were ordered through the
account are told to the address in its console, as JSON, ten lines in a call.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import quote
from uuid import uuid4
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

SOURCE = "sf"
PARTNER_ID = "SANDBOXSF01"
CHECKWORD = "sandbox-checkword-0001"
MOST_NUMBERS = 10
MOST_LINES = 10
_FIELDS = ("partnerID", "requestID", "serviceCode", "timestamp", "msgDigest", "msgData")
_NUMBER = re.compile(r"(?:SF\d{13}|\d{12}|\d{15})\Z")
_GATEWAY_WORDS = {
    "A1001": "必传参数不可为空",
    "A1004": "无对应服务权限",
    "A1005": "流量受控",
    "A1006": "数字签名无效",
    "A1099": "系统异常",
}
_BUSINESS_WORDS = {
    "S0001": "非法的JSON格式",
    "6132": "查询方式不合法",
    "6133": "methodType不合法",
    "6150": "找不到该订单",
    "8003": "查询单号超过最大限制",
    "8005": "查询次数超限",
    "8013": "未传入查询单号",
}
# kind -> op code, first status code and name, secondary status code and name.
_PRINTED: dict[EventKind, tuple[str, str, str, str, str]] = {
    EventKind.ORDERED: ("647", "", "", "", ""),
    EventKind.COLLECTED: ("54", "1", "已揽收", "101", "已揽收"),
    EventKind.DEPARTED: ("36", "2", "运送中", "201", "运送中"),
    EventKind.ARRIVED: ("31", "2", "运送中", "201", "运送中"),
    EventKind.ARRIVED_DESTINATION: ("31", "2", "运送中", "201", "运送中"),
    EventKind.OUT_FOR_DELIVERY: ("204", "3", "派送中", "301", "派送中"),
    EventKind.ATTEMPT_FAILED: ("70", "13", "待再次派送", "1301", "待再次派送"),
    EventKind.RECIPIENT_UNREACHABLE: ("70", "13", "待再次派送", "1301", "待再次派送"),
    EventKind.REFUSED: ("70", "13", "待再次派送", "1301", "待再次派送"),
    EventKind.OUT_OF_AREA: ("33", "13", "待再次派送", "1301", "待再次派送"),
    EventKind.PICKUP_ONLY: ("33", "13", "待再次派送", "1301", "待再次派送"),
    EventKind.AT_STATION: ("642", "11", "待取", "1101", "待取"),
    EventKind.COLLECTED_FROM_STATION: ("80", "4", "已签收", "401", "已签收"),
    EventKind.DELIVERED: ("80", "4", "已签收", "401", "已签收"),
    EventKind.DELIVERED_TO_PROXY: ("80", "4", "已签收", "401", "已签收"),
    EventKind.RETURNING: ("99", "-", "已退回", "", ""),
    EventKind.RETURNED: ("660", "-", "已退回", "", ""),
    EventKind.HANDED_OVER: ("626", "2", "运送中", "201", "运送中"),
    EventKind.HELD: ("77", "2", "运送中", "201", "运送中"),
    EventKind.DAMAGED: ("72", "2", "运送中", "201", "运送中"),
    EventKind.NOTE: ("135", "", "", "", ""),
}


class _Message(msgspec.Struct):
    """`msgData` as sent; numbers and words are both taken where the vendor takes both."""

    trackingNumber: list[str] | str | None = None  # noqa: N815 - the vendor's word
    trackingType: str | int = "1"  # noqa: N815
    methodType: str | int = "1"  # noqa: N815
    checkPhoneNo: str | None = None  # noqa: N815
    language: str | int | None = None


def digest(message: str, timestamp: str, checkword: str) -> str:
    """The signature by the vendor's rule: text, URL-encoded as Java does it, MD5, base64."""
    # Java's URLEncoder leaves . - * _ and letters and digits, writes a space as + and escapes ~.
    quoted = quote(message + timestamp + checkword, safe="*-._ ").replace("~", "%7E").replace(" ", "+")
    return base64.b64encode(hashlib.md5(quoted.encode(), usedforsecurity=False).digest()).decode()


async def question(request: Request) -> bytes | Refused:
    """The text of `msgData`, if the form is whole and signed."""
    form = await form_of(request)
    if form is None or not all(form.get(name) for name in _FIELDS) or not form["timestamp"].isdigit():
        return Refused("A1001")
    if form["partnerID"] != PARTNER_ID or form["serviceCode"] != "EXP_RECE_SEARCH_ROUTES":
        return Refused("A1004")
    right = digest(form["msgData"], form["timestamp"], CHECKWORD)
    if not hmac.compare_digest(right, form["msgDigest"]):
        return Refused("A1006", Outcome.SIGNATURE_REFUSED)
    return form["msgData"].encode()


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What SF's gateway answers to a message it has let in."""
    try:
        message = msgspec.json.decode(question, type=_Message)
    except msgspec.DecodeError:
        return Refused("S0001")
    return _routes(message, world, ahead=ahead)


def refuse(code: str) -> Response:
    """An error of the platform stands in the outer envelope, with nothing inside; one of the service inside it."""
    if code in _BUSINESS_WORDS:
        return _business(False, code, _BUSINESS_WORDS[code], None)
    return json_response(
        {
            "apiResponseID": uuid4().hex.upper(),
            "apiErrorMsg": _GATEWAY_WORDS[code],
            "apiResultCode": code,
            "apiResultData": None,
        }
    )


def _routes(message: _Message, world: World, *, ahead: timedelta) -> Response | Refused:
    asked = message.trackingNumber or []
    numbers = [asked] if isinstance(asked, str) else asked
    wrong = _wrong_question(message, numbers)
    if wrong is not None:
        return Refused(wrong)
    tails = (message.checkPhoneNo or "").split(",")
    tails += [""] * (len(numbers) - len(tails))
    answers = [
        _route(number, tail.strip(), world, ahead=ahead) for number, tail in zip(numbers, tails, strict=False)
    ]
    return _business(True, "S0000", None, {"routeResps": answers})


def _wrong_question(message: _Message, numbers: Sequence[str]) -> str | None:
    if str(message.trackingType) not in {"1", "2"}:
        return "6132"
    if str(message.methodType) not in {"1", "2"}:
        return "6133"
    if not numbers:
        return "8013"
    if len(numbers) > MOST_NUMBERS:
        return "8003"
    # The sandbox takes no orders for SF, so no order number is known to it.
    return "6150" if str(message.trackingType) == "2" else None


def well_formed(number: str) -> bool:
    """Whether it can be one of SF's numbers."""
    return _NUMBER.match(number) is not None


def _route(asked: str, tail: str, world: World, *, ahead: timedelta) -> dict[str, Any]:
    number = asked.strip().upper()
    if not well_formed(number):
        world.count(SOURCE, Outcome.NUMBER_REFUSED)
        return {"mailNo": asked, "routes": [], "reasonCode": "8247", "reasonRemark": "运单号不合法"}
    life = world.find("sf", number)
    if life is not None and not life.owned and tail not in life.phone_tails:
        world.count(SOURCE, Outcome.TAIL_REFUSED)
        return {"mailNo": number, "routes": [], "reasonCode": "20028", "reasonRemark": "月结卡号不匹配"}
    routes = [] if life is None else _printed_routes(life, world, ahead=ahead)
    world.count(SOURCE, Outcome.ANSWERED if routes else Outcome.NOTHING_YET)
    return {"mailNo": number, "routes": routes}


def _printed_routes(life: Life, world: World, *, ahead: timedelta) -> list[dict[str, Any]]:
    routes = [_printed_route(life, event, ahead=ahead) for event in life.seen_at(world.now())]
    # The order is not guaranteed: half of the parcels get theirs newest first.
    return routes[::-1] if crc32(life.tracking_number.encode()) % 2 else routes


def _printed_route(life: Life, event: LifeEvent, *, ahead: timedelta) -> dict[str, Any]:
    code, first, first_name, second, second_name = _PRINTED[event.kind]
    return {
        "acceptTime": printed(life.moment(event) + ahead),
        "acceptAddress": event.city,
        "remark": event.text,
        "opCode": event.code or code,
        "firstStatusCode": first,
        "firstStatusName": first_name,
        "secondaryStatusCode": second,
        "secondaryStatusName": second_name,
    }


def _business(success: bool, code: str, words: str | None, data: Any) -> Response:  # noqa: FBT001 - the vendor's shape
    inner = {"success": success, "errorCode": code, "errorMsg": words, "msgData": data}
    return json_response(
        {
            "apiResponseID": uuid4().hex.upper(),
            "apiErrorMsg": "",
            "apiResultCode": "A1000",
            "apiResultData": msgspec.json.encode(inner).decode(),
        }
    )


def _calls(news: News, _one: Subscriber) -> list[Call]:
    if not news.life.owned:
        return []
    lines = [_pushed_route(news.life, event) for event in news.new]
    return [_call(lines[start : start + MOST_LINES]) for start in range(0, len(lines), MOST_LINES)]


def _call(lines: Sequence[dict[str, str]]) -> Call:
    body = msgspec.json.encode({"Body": {"WaybillRoute": lines}})
    return Call(body, {"Content-Type": "application/json;charset=UTF-8"})


def _pushed_route(life: Life, event: LifeEvent) -> dict[str, str]:
    """The line of an answer, with the number, which begins in lower case here, and an id."""
    return {
        **_printed_route(life, event, ahead=timedelta(0)),
        "mailno": life.tracking_number,
        "orderid": "",
        "reasonCode": "",
        "reasonName": "",
        "id": f"{int(life.moment(event).timestamp())}{crc32(life.tracking_number.encode()) % 10**5:05d}",
    }


def _is_taken(reply: httpx.Response) -> bool:
    try:
        said = msgspec.json.decode(reply.content)
    except msgspec.DecodeError:
        return False
    return (
        reply.status_code == httpx.codes.OK and isinstance(said, dict) and said.get("return_code") == "0000"
    )


# Ten minutes are documented for the vendor's test environment.
MANNER = Manner(SOURCE, _calls, _is_taken, every=timedelta(minutes=10), by_account=frozenset({"sf"}))

PLAYS = Played(
    source=SOURCE,
    path="/sf/std/service",
    credentials=MappingProxyType({"partner_id": PARTNER_ID, "checkword": CHECKWORD}),
    # Published for the vendor's test environment, with 3,000 a day; for production no figure is.
    limit=Limit(30),
    doors=(Door("", question, answer),),
    refuse=refuse,
    system_error="A1099",
    too_many="A1005",
    used_up="8005",
    calls_back=lambda world, client: Callbacks(MANNER, world, client),
)
