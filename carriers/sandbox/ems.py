"""Plays China Post's open platform: one address, questions sealed with SM4, one number per call, pushes by account.

Every answer is HTTP 200. The codes of failures are not published: here all are S00001, and the words beside it tell.
That lines come newest last, that the push is sealed without the key's text, and when a call is repeated is unverified.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import httpx
import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.life import EventKind, Life, LifeEvent, printed
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import form_of, json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "ems"
SENDER_NO = "1100000000000"
AUTHORIZATION = "SANDBOXauthCODE1"
SIGN_KEY = "U0FOREJPWC1TTTQtMDAwMQ=="
API_CODE = "040001"
_BLOCK = 16
_DOMESTIC = re.compile(r"\d{13}\Z")
_INTERNATIONAL = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}\Z")
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)

_WRONG_CUSTOMER = "客户号不存在"
_WRONG_AUTHORIZATION = "授权码错误"
_WRONG_KEY = "报文解密失败"
_WRONG_API = "该接口未开通"
_MALFORMED = "报文格式错误"
_SYSTEM = "系统繁忙"
_TOO_MANY = "访问频率过高"

_CODES: dict[EventKind, str] = {
    EventKind.COLLECTED: "203",
    EventKind.DEPARTED: "389",
    EventKind.ARRIVED: "954",
    EventKind.ARRIVED_DESTINATION: "713",
    EventKind.OUT_FOR_DELIVERY: "702",
    EventKind.ATTEMPT_FAILED: "705/16",
    EventKind.RECIPIENT_UNREACHABLE: "705/4",
    EventKind.REFUSED: "705/7",
    EventKind.OUT_OF_AREA: "705",
    EventKind.PICKUP_ONLY: "723",
    EventKind.AT_STATION: "747",
    EventKind.COLLECTED_FROM_STATION: "748",
    EventKind.DELIVERED: "704/10",
    EventKind.DELIVERED_TO_PROXY: "704/20",
    EventKind.RETURNING: "708",
    EventKind.RETURNED: "711",
    EventKind.HANDED_OVER: "538",
    EventKind.HELD: "651",
    EventKind.DAMAGED: "651",  # the vendor has no code for it
    EventKind.NOTE: "991",
}
"""An order is no operation of the post: it prints nothing."""

_NAMES = {
    "203": "收寄计费信息",
    "389": "处理中心封车",
    "538": "已送交承运商",
    "651": "物流异常提醒",
    "702": "投递下段",
    "704": "投递结果反馈-妥投",
    "705": "投递结果反馈-未妥投",
    "708": "退件登记",
    "711": "退回妥投",
    "713": "到达投递机构",
    "723": "转窗投",
    "742": "投递下段撤销",
    "743": "投递妥投撤销",
    "744": "投递未妥投撤销",
    "747": "包裹柜/自提点已接收",
    "748": "收件人已取走邮件",
    "954": "邮件到达处理中心",
    "991": "长途运输提示",
}


class _Question(msgspec.Struct):
    waybillNo: str = ""  # noqa: N815 - the vendor's word
    direction: str = ""


def seal(plain: str, key: str) -> str:
    """The vendor's sealing: mark, base64, SM4 block by block, the last one filled up with its own gap."""
    raw = plain.encode()
    gap = _BLOCK - len(raw) % _BLOCK
    encryptor = _cipher(key).encryptor()
    return "|$4|" + base64.b64encode(encryptor.update(raw + bytes([gap]) * gap)).decode()


def unseal(sealed: str, key: str) -> str | None:
    """The text; None for what was not sealed with this key."""
    try:
        raw = base64.b64decode(sealed.removeprefix("|$4|"), validate=True)
        plain = _cipher(key).decryptor().update(raw)
        return plain[: -plain[-1]].decode() if sealed.startswith("|$4|") and plain else None
    except ValueError:
        return None


def _cipher(key: str) -> Cipher[ECB]:
    return Cipher(SM4(base64.b64decode(key)), ECB())  # noqa: S305 - the vendor's mode


async def question(request: Request) -> bytes | Refused:
    """What was asked, if the form is whole and sealed with the customer's key, that key's text behind it."""
    form = await form_of(request)
    if form is None or not form.get("timeStamp"):
        return Refused(_MALFORMED)
    refused = _not_let_in(form)
    if refused:
        return Refused(refused, Outcome.SIGNATURE_REFUSED)
    if form.get("apiCode") != API_CODE:
        return Refused(_WRONG_API)
    plain = unseal(form.get("logitcsInterface", ""), SIGN_KEY)
    if plain is None or not plain.endswith(SIGN_KEY):
        return Refused(_WRONG_KEY, Outcome.SIGNATURE_REFUSED)
    return plain.removesuffix(SIGN_KEY).encode()


def _not_let_in(form: dict[str, str]) -> str:
    if form.get("senderNo") != SENDER_NO:
        return _WRONG_CUSTOMER
    right = hmac.compare_digest(form.get("authorization", "").encode(), AUTHORIZATION.encode())
    return "" if right else _WRONG_AUTHORIZATION


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What the platform answers to a question it has let in."""
    try:
        asked = msgspec.json.decode(question, type=_Question)
    except msgspec.DecodeError:
        return Refused(_MALFORMED)
    if asked.direction not in {"0", "1"}:
        return Refused(_MALFORMED)
    life = world.find(SOURCE, asked.waybillNo)
    if life is None and not well_formed(asked.waybillNo):
        return Refused(_MALFORMED, Outcome.NUMBER_REFUSED)
    seen = () if life is None else _operations(life.seen_at(world.now()))
    world.count(SOURCE, Outcome.ANSWERED if seen else Outcome.NOTHING_YET)
    items = [] if life is None else [_item(life, event, ahead=ahead) for event in seen]
    words = "查询结果正常返回！" if items else "当前邮件无客户信息！"
    return _envelope("00000", words, msgspec.json.encode({"responseItems": items}).decode())


def refuse(words: str) -> Response:
    """The envelope of a call that failed, for the reason in words."""
    return _envelope("S00001", f"{words}！", "")


def _envelope(code: str, words: str, body: str) -> Response:
    return json_response(
        {
            "serialNo": "0123456789ABCDEF0123456789ABCDEF",
            "retCode": code,
            "retMsg": words,
            "retDate": "2026-01-15 10:30:01",
            "retBody": body,
        }
    )


def well_formed(number: str) -> bool:
    """Whether the vendor takes it for its own: 13 digits, or the postal union's form with the right check digit."""
    international = _INTERNATIONAL.match(number)
    if international is None:
        return _DOMESTIC.match(number) is not None
    total = sum(int(digit) * weight for digit, weight in zip(international[1], _WEIGHTS, strict=True))
    return int(international[2]) == {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)


def _operations(events: Sequence[LifeEvent]) -> Sequence[LifeEvent]:
    return tuple(event for event in events if _code(event))


def _code(event: LifeEvent) -> str:
    return event.code or _CODES.get(event.kind, "")


def _item(life: Life, event: LifeEvent, *, ahead: timedelta = timedelta(0)) -> dict[str, Any]:
    code, _, detail = _code(event).partition("/")
    undelivered = code == "705"
    return {
        "waybillNo": life.tracking_number,
        "opTime": printed(life.moment(event) + ahead),
        "opCode": code,
        "opName": _NAMES.get(code, ""),
        "opDesc": event.text,
        "opOrgProvName": "",
        "opOrgCity": event.city,
        "opOrgCode": "00000001",
        "opOrgName": event.facility,
        "operatorNo": "00000001001",
        "operatorName": event.courier_name,
        "deliverCode": "" if undelivered else detail,
        "attemptDeliveryCode": detail if undelivered else "",
        "productName": "特快专递",
    }


def _calls(news: News, _one: Subscriber) -> list[Call]:
    return [_call(news.life, event) for event in _operations(news.new)]


def _call(life: Life, event: LifeEvent) -> Call:
    said = msgspec.json.encode(_item(life, event)).decode()
    message = {
        "method": "040002",
        "msgType": "0",
        "version": "v1.0.0",
        "senderNo": "",
        "serialNo": hashlib.md5(said.encode(), usedforsecurity=False).hexdigest().upper(),
        "timeStamp": printed(life.moment(event)),
        "logitcsInterface": seal(said, SIGN_KEY),
    }
    return Call(msgspec.json.encode(message), {"Content-Type": "application/json"})


def _is_taken(response: httpx.Response) -> bool:
    try:
        reply = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return False
    return response.status_code == httpx.codes.OK and isinstance(reply, dict) and reply.get("code") == "00000"


_MANNER = Manner(SOURCE, _calls, _is_taken, by_account=frozenset({SOURCE}))

PLAYS = Played(
    source=SOURCE,
    path="/ems",
    credentials=MappingProxyType(
        {"sender_no": SENDER_NO, "authorization": AUTHORIZATION, "sign_key": SIGN_KEY}
    ),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(Door("", question, answer),),
    refuse=refuse,
    system_error=_SYSTEM,
    too_many=_TOO_MANY,
    calls_back=lambda world, client: Callbacks(_MANNER, world, client),
)
