"""Plays Kuaidi100: the signed real-time query with its lock per number, and the subscription that `pushes` serves.

The business JSON travels as a string in the form field `param`; errors are codes inside HTTP 200. A number asked again
within 30 minutes of the world's clock, or more than 48 times a day, gets old data.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.kuaidi100_results import COMPANIES, result, well_formed
from carriers.sandbox.life import EventKind, Life, LifeEvent
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.pushes import KEY, SOURCE, Pushes, answer_subscription, subscription_question
from carriers.sandbox.wire import form_of, json_response
from carriers.sandbox.world import Outcome, World

CUSTOMER = "0A5A11DB0A5A11DB0A5A11DB0A5A11DB"
_TAIL_WANTED = frozenset({"shunfeng", "zhongtong"})
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


async def question(request: Request) -> bytes | Refused:
    """The text of `param`, if the form is whole and signed."""
    form = await form_of(request)
    if form is None or not all(form.get(name) for name in ("customer", "sign", "param")):
        return Refused("400")
    right = query_sign(form["param"], KEY, CUSTOMER)
    if form["customer"] != CUSTOMER or not hmac.compare_digest(right, form["sign"]):
        return Refused("503", Outcome.SIGNATURE_REFUSED)
    return form["param"].encode()


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What the query answers to a `param` it has let in."""
    try:
        asked = msgspec.json.decode(question, type=_Question)
    except msgspec.DecodeError:
        return Refused("400")
    carrier = COMPANIES.get(asked.com)
    if carrier is None or not well_formed(asked.num):
        return Refused("400", Outcome.NUMBER_REFUSED)
    life = world.find(carrier, asked.num)
    if asked.com in _TAIL_WANTED and not opens(life, asked.phone):
        return Refused("408", Outcome.TAIL_REFUSED)
    return _track(asked, life, world, ahead=ahead)


def refuse(code: str) -> Response:
    """A refusal, HTTP 200."""
    return json_response({"result": False, "returnCode": code, "message": _WORDS[code]})


def _track(asked: _Question, life: Life | None, world: World, *, ahead: timedelta) -> Response | Refused:
    as_of, fresh = world.locks.as_of(asked.com, asked.num, world.now())
    seen = () if life is None else life.seen_at(as_of)
    outcome = _outcome(fresh=fresh, found=bool(seen))
    if life is None or not seen:
        return Refused("500", outcome)
    world.count(SOURCE, outcome)
    content = result(life, seen, company=asked.com, resultv2=asked.resultv2, ahead=ahead)
    if asked.order == "asc":
        content["data"].reverse()
    if asked.needCourierInfo in {True, "true"}:
        content["courierInfo"] = _courier_info(seen)
    return json_response(content)


def _outcome(*, fresh: bool, found: bool) -> Outcome:
    if not fresh:
        return Outcome.OLD_DATA
    return Outcome.ANSWERED if found else Outcome.NOTHING_YET


def opens(life: Life | None, phone: str) -> bool:
    """Whether a phone, whole or its last four digits, opens the parcel."""
    return bool(phone) and (life is None or phone[-4:] in life.phone_tails)


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


PLAYS = Played(
    source=SOURCE,
    path="/kuaidi100",
    credentials=MappingProxyType({"key": KEY, "customer": CUSTOMER}),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(
        Door("/poll/query.do", question, answer),
        Door("/poll", subscription_question, answer_subscription),
    ),
    refuse=refuse,
    system_error="501",
    too_many="504",
    calls_back=Pushes,
)
