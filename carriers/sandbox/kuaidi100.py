"""Plays Kuaidi100: the signed real-time query with its lock per number, and the subscription that `pushes` serves.

The business JSON travels as a string in the form field `param`; errors are codes inside HTTP 200. A number asked again
within 30 minutes of the world's clock, or more than 48 times a day, gets old data.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.accounts import KUAIDI100_CUSTOMER, KUAIDI100_KEY
from carriers.sandbox.life import TROUBLES, EventKind, Life, LifeEvent, printed
from carriers.sandbox.limits import Verdict
from carriers.sandbox.wire import form_of, json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "kuaidi100"
COMPANIES = {
    "yuantong": "yto",
    "shentong": "sto",
    "yunda": "yunda",
    "jtexpress": "jt",
    "shunfeng": "sf",
    "zhongtong": "zto",
}
_TAIL_WANTED = frozenset({"shunfeng", "zhongtong"})
_FIRST_ADVANCED = 101
_FIRST_OF_TRANSIT = 1001
_NUMBER_LENGTHS = range(6, 33)
_ADVANCED = frozenset({"4", "8"})
_WORDS = {
    "400": "提交的数据不完整，或者贵公司没授权",
    "408": "快递公司参数异常：验证码错误",
    "500": "查询无结果，请隔段时间再查",
    "501": "服务器错误",
    "502": "服务器繁忙",
    "503": "验证签名失败",
    "504": "请求过于频繁",
    "601": "key已过期或余额不足",
}
_STATUS_CODES: dict[EventKind, str] = {
    EventKind.ORDERED: "101",
    EventKind.COLLECTED: "103",
    EventKind.DEPARTED: "1002",
    EventKind.ARRIVED: "0",
    EventKind.ARRIVED_DESTINATION: "1001",
    EventKind.OUT_FOR_DELIVERY: "5",
    EventKind.ATTEMPT_FAILED: "204",
    EventKind.RECIPIENT_UNREACHABLE: "206",
    EventKind.REFUSED: "203",
    EventKind.OUT_OF_AREA: "207",
    EventKind.PICKUP_ONLY: "2",  # the vendor has no code for it
    EventKind.AT_STATION: "501",
    EventKind.COLLECTED_FROM_STATION: "301",
    EventKind.DELIVERED: "301",
    EventKind.DELIVERED_TO_PROXY: "303",
    EventKind.RETURNING: "6",
    EventKind.RETURNED: "4",
    EventKind.HANDED_OVER: "7",
    EventKind.HELD: "208",
    EventKind.DAMAGED: "209",
    EventKind.NOTE: "0",
}
_STATUS_NAMES = {
    "0": "在途",
    "1": "揽收",
    "2": "疑难",
    "3": "签收",
    "4": "退签",
    "5": "派件",
    "6": "退回",
    "7": "转投",
    "14": "拒签",
    "101": "已下单",
    "102": "待揽收",
    "103": "已揽收",
    "203": "拒收",
    "204": "派件异常",
    "206": "无法联系",
    "207": "超区",
    "208": "滞留",
    "209": "破损",
    "301": "本人签收",
    "302": "派件异常后签收",
    "303": "代签",
    "501": "投柜或驿站",
    "1001": "到达派件城市",
    "1002": "干线",
}


class _Question(msgspec.Struct):
    """`param` of a query."""

    com: str = ""
    num: str = ""
    phone: str = ""
    resultv2: str = ""
    order: str = "desc"
    needCourierInfo: bool | str = False  # noqa: N815 - the vendor's word


def query_sign(param: str, key: str, customer: str) -> str:
    """The signature of a query by the vendor's rule: upper-case hex MD5 over the three."""
    return hashlib.md5((param + key + customer).encode(), usedforsecurity=False).hexdigest().upper()


async def answer(request: Request, world: World, *, ahead: timedelta = timedelta(0)) -> Response:
    """What the query answers; times of scans are printed `ahead` of the truth."""
    form = await form_of(request)
    refused = _refused_at_the_gate(form)
    if refused is not None or form is None:
        world.count(SOURCE, Outcome.SIGNATURE_REFUSED if refused == "503" else Outcome.CALL_REFUSED)
        return failure(refused or "400")
    if world.enter(SOURCE) is not Verdict.LET_IN:
        world.count(SOURCE, Outcome.RATE_LIMITED)
        return failure("504")
    try:
        question = msgspec.json.decode(form["param"], type=_Question)
    except msgspec.DecodeError:
        world.count(SOURCE, Outcome.CALL_REFUSED)
        return failure("400")
    return _track(question, world, ahead=ahead)


def failure(code: str) -> Response:
    """A refusal, HTTP 200."""
    return json_response({"result": False, "returnCode": code, "message": _WORDS[code]})


def _refused_at_the_gate(form: dict[str, str] | None) -> str | None:
    if form is None or not all(form.get(name) for name in ("customer", "sign", "param")):
        return "400"
    right = query_sign(form["param"], KUAIDI100_KEY, KUAIDI100_CUSTOMER)
    if form["customer"] != KUAIDI100_CUSTOMER or not hmac.compare_digest(right, form["sign"]):
        return "503"
    return None


def _track(question: _Question, world: World, *, ahead: timedelta) -> Response:
    carrier = COMPANIES.get(question.com)
    if carrier is None or not well_formed(question.num):
        world.count(SOURCE, Outcome.NUMBER_REFUSED)
        return failure("400")
    life = world.find(carrier, question.num)
    if question.com in _TAIL_WANTED and not opens(life, question.phone):
        world.count(SOURCE, Outcome.TAIL_REFUSED)
        return failure("408")
    as_of, fresh = world.locks.as_of(question.com, question.num, world.now())
    seen = () if life is None else life.seen_at(as_of)
    world.count(SOURCE, _outcome(fresh=fresh, found=bool(seen)))
    if life is None or not seen:
        return failure("500")
    content = result(life, seen, company=question.com, resultv2=question.resultv2, ahead=ahead)
    if question.order == "asc":
        content["data"].reverse()
    if question.needCourierInfo in {True, "true"}:
        content["courierInfo"] = _courier_info(seen)
    return json_response(content)


def _outcome(*, fresh: bool, found: bool) -> Outcome:
    if not fresh:
        return Outcome.OLD_DATA
    return Outcome.ANSWERED if found else Outcome.NOTHING_YET


def well_formed(number: str) -> bool:
    """Whether the vendor takes a number of this length."""
    return len(number) in _NUMBER_LENGTHS


def opens(life: Life | None, phone: str) -> bool:
    """Whether a phone, whole or its last four digits, opens the parcel."""
    return bool(phone) and (life is None or phone[-4:] in life.phone_tails)


def result(
    life: Life,
    seen: Sequence[LifeEvent],
    *,
    company: str,
    resultv2: str,
    ahead: timedelta = timedelta(0),
) -> dict[str, Any]:
    """The query result that pushes carry too: all of `seen`, newest first."""
    advanced = resultv2 in _ADVANCED
    # How often the vendor knows the kind of a trouble is unverified; here every other parcel only says "problem".
    blunt = crc32(life.tracking_number.encode()) % 2 == 1
    troubled = False
    rows = []
    for event in seen:
        troubled = troubled or event.kind in TROUBLES
        code = _status_code(event, troubled=troubled, blunt=blunt)
        rows.append(_row(event, life.moment(event) + ahead, code=code, advanced=advanced))
    rows.reverse()
    state = _basic(_status_code(seen[-1], troubled=troubled, blunt=blunt))
    content: dict[str, Any] = {
        "message": "ok",
        "nu": life.tracking_number,
        "ischeck": "1" if state == "3" else "0",
        "com": company,
        "status": "200",
        "state": state,
        "condition": "F00",
        "data": rows,
    }
    if advanced:
        content["routeInfo"] = _route(life)
        content["isLoop"] = False
    return content


def _row(event: LifeEvent, moment: datetime, *, code: str, advanced: bool) -> dict[str, str]:
    at = printed(moment)
    row = {"time": at, "ftime": at, "context": event.text, "location": ""}
    if advanced:
        row |= {
            "areaCode": "",
            "areaName": event.city,
            "status": _STATUS_NAMES.get(code, _STATUS_NAMES.get(_basic(code), "在途")),
            "statusCode": code,
        }
    return row


def _status_code(event: LifeEvent, *, troubled: bool, blunt: bool) -> str:
    code = event.code or _STATUS_CODES[event.kind]
    if blunt and event.kind in TROUBLES and code.startswith("2"):
        return "2"
    return "302" if code == "301" and troubled else code


def _basic(code: str) -> str:
    """The state that an advanced code belongs to: 301 is a kind of 3, 1001 of 0."""
    if int(code) >= _FIRST_OF_TRANSIT:
        return "0"
    return code[0] if int(code) >= _FIRST_ADVANCED else code


def _route(life: Life) -> dict[str, Any]:
    places = {"from": life.origin, "to": life.destination}
    return {
        word: {"number": "", "name": f"{place.province},{place.printed_city}"}
        for word, place in places.items()
        if place is not None
    }


def _courier_info(seen: Sequence[LifeEvent]) -> dict[str, str]:
    pickup = next((event for event in seen if event.kind is EventKind.COLLECTED), None)
    named = [event for event in seen if event.kind is not EventKind.COLLECTED and event.courier_phone]
    delivery = named[-1] if named else None
    return {
        "pickupManName": pickup.courier_name if pickup else "",
        "pickupManPhone": pickup.courier_phone if pickup else "",
        "deliveryManName": delivery.courier_name if delivery else "",
        "deliveryManPhone": delivery.courier_phone if delivery else "",
    }
