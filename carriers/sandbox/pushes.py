"""Kuaidi100's subscriptions: takes them, looks at each parcel every four hours, and calls the subscriber back.

The first look comes 15 minutes to 4 hours after the subscription; a call that is not answered as the vendor wants is
repeated 3 times, 35 minutes apart. All of it runs on the world's clock.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zlib import crc32

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.kuaidi100_results import COMPANIES, result, well_formed
from carriers.sandbox.life import SIGNED_KINDS, EventKind
from carriers.sandbox.played import PushOutcome, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import form_of, json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "kuaidi100"
KEY = "sandboxKEY01"
FIRST_LOOK_AFTER = timedelta(minutes=15)
LOOK_EVERY = timedelta(hours=4)
RETRY_AFTER = timedelta(minutes=35)
MOST_RETRIES = 3
ABORT_WITHOUT_RECORD = timedelta(days=3)
ABORT_WITHOUT_CHANGE = timedelta(days=60)
AGAIN_AFTER_END = timedelta(minutes=30)
MOST_IN_A_MONTH = 4
_MONTH = timedelta(days=30)
_AT_ONCE = 20
_WORDS = {
    "200": "提交成功",
    "501": "重复订阅",
    "600": "您不是合法的订阅者",
    "700": "订阅方的订阅数据存在错误",
}


class PushStatus(StrEnum):
    """What a push says about the subscription."""

    POLLING = "polling"
    SHUTDOWN = "shutdown"
    ABORT = "abort"


class _Parameters(msgspec.Struct):
    callbackurl: str = ""
    salt: str | None = None
    resultv2: str = ""


class _Wish(msgspec.Struct):
    """`param` of a subscription."""

    company: str = ""
    number: str = ""
    key: str = ""
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


async def subscription_question(request: Request) -> bytes | Refused:
    """The text of `param`; a subscription bears no signature, and one without `param` is answered all the same."""
    return ((await form_of(request)) or {}).get("param", "").encode()


def answer_subscription(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """The vendor's answer to a subscription; it prints no times, so nothing of it can be ahead."""
    try:
        code = _taken_in(msgspec.json.decode(question, type=_Wish), world)
    except msgspec.DecodeError:
        code = "700"
    taken = code in {"200", "501"}
    world.count(SOURCE, Outcome.SUBSCRIBED if taken else Outcome.CALL_REFUSED)
    return json_response({"result": code == "200", "returnCode": code, "message": _WORDS[code]})


def _taken_in(wish: _Wish, world: World) -> str:
    """Subscribe, and give the code that says how it went."""
    now = world.now()
    if wish.key != KEY:
        return "600"
    reachable = wish.parameters.callbackurl.startswith(("http://", "https://"))
    carrier = COMPANIES.get(wish.company)
    if carrier is None or not well_formed(wish.number) or not reachable:
        return "700"
    subscribers = world.subscribers.setdefault(SOURCE, {})
    known = subscribers.get((carrier, wish.number))
    if known is not None and not _may_come_back(known, now):
        return "501"
    earlier = tuple(at for at in ((*known.earlier, known.since) if known else ()) if now - at < _MONTH)
    if len(earlier) >= MOST_IN_A_MONTH:
        return "700"
    subscribers[carrier, wish.number] = Subscriber(
        carrier,
        wish.number,
        since=now,
        next_at=now + first_look(wish.number),
        callback_url=wish.parameters.callbackurl,
        secret=wish.parameters.salt,
        word=wish.company,
        wishes={"resultv2": wish.parameters.resultv2},
        earlier=earlier,
    )
    return "200"


@dataclass(slots=True)
class Pushes:
    """All subscriptions, and the calls they lead to. `client` reaches the subscribers."""

    world: World
    client: httpx.AsyncClient
    outcomes: dict[PushOutcome, int] = field(default_factory=lambda: dict.fromkeys(PushOutcome, 0))

    @property
    def subscriptions(self) -> Mapping[tuple[str, str], Subscriber]:
        """All that were taken."""
        return self.world.subscribers.setdefault(SOURCE, {})

    async def push_due(self) -> int:
        """Look at every parcel whose time has come, and call the subscribers; gives the number of calls."""
        now = self.world.now()
        due = [one for one in self.subscriptions.values() if one.ended_at is None and one.next_at <= now]
        calls = [call for one in due if (call := self._look(one, now)) is not None]
        for start in range(0, len(calls), _AT_ONCE):
            await asyncio.gather(*(self._call(*call, now) for call in calls[start : start + _AT_ONCE]))
        return len(calls)

    def _look(self, one: Subscriber, now: datetime) -> tuple[Subscriber, PushStatus, int, str] | None:
        """The call that this parcel's state asks for, or None after putting the next look off."""
        life = self.world.find(one.carrier, one.number)
        seen = () if life is None else life.seen_at(now)
        if life is not None and len(seen) > one.told:
            finished = seen[-1].kind in SIGNED_KINDS | {EventKind.RETURNED}
            status = PushStatus.SHUTDOWN if finished else PushStatus.POLLING
            content = result(life, seen, company=one.word, resultv2=one.wishes["resultv2"])
            return one, status, len(seen), _message(status, "", content)
        if not seen and now - one.since >= ABORT_WITHOUT_RECORD:
            return one, PushStatus.ABORT, 0, _message(PushStatus.ABORT, "3天查询无记录", _no_record(one))
        if one.changed_at is not None and now - one.changed_at >= ABORT_WITHOUT_CHANGE:
            return one, PushStatus.ABORT, one.told, _message(PushStatus.ABORT, "60天无变化", _no_record(one))
        one.next_at = now + LOOK_EVERY
        return None

    async def _call(
        self, one: Subscriber, status: PushStatus, events: int, param: str, now: datetime
    ) -> None:
        taken = await self._is_taken(one, param)
        if not taken and one.retries < MOST_RETRIES:
            self.outcomes[PushOutcome.NOT_TAKEN] += 1
            one.retries += 1
            one.next_at = now + RETRY_AFTER
            return
        # News given up is lost to the subscriber; the next change is told in full again.
        self.outcomes[PushOutcome.TAKEN if taken else PushOutcome.GIVEN_UP] += 1
        one.told, one.changed_at, one.retries = events, now, 0
        one.ended_at = None if status is PushStatus.POLLING else now
        one.next_at = now + LOOK_EVERY

    async def _is_taken(self, one: Subscriber, param: str) -> bool:
        form = {"param": param}
        if one.secret is not None:
            form["sign"] = push_sign(param, one.secret)
        try:
            response = await self.client.post(one.callback_url, data=form)
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return response.status_code == httpx.codes.OK and _says_taken(response.content)


def first_look(number: str) -> timedelta:
    """15 minutes to 4 hours, always the same for a number."""
    return FIRST_LOOK_AFTER + timedelta(minutes=crc32(number.encode()) % 226)


def push_sign(param: str, salt: str) -> str:
    """The signature of a push by the vendor's rule: upper-case hex MD5 over the text and the subscriber's salt."""
    return hashlib.md5((param + salt).encode(), usedforsecurity=False).hexdigest().upper()


def _may_come_back(known: Subscriber, now: datetime) -> bool:
    return known.ended_at is not None and now - known.ended_at >= AGAIN_AFTER_END


def _message(status: PushStatus, words: str, content: dict[str, Any]) -> str:
    message = {
        "status": status.value,
        "billstatus": "",
        "message": words,
        "autoCheck": "0",
        "comOld": "",
        "comNew": "",
        "lastResult": content,
    }
    return msgspec.json.encode(message).decode()


def _no_record(one: Subscriber) -> dict[str, Any]:
    """What the last result holds when there is none; its exact shape is unverified."""
    return {
        "message": "查询无结果",
        "nu": one.number,
        "ischeck": "0",
        "com": one.word,
        "status": "500",
        "state": "0",
        "condition": "",
        "data": [],
    }


def _says_taken(body: bytes) -> bool:
    try:
        reply = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return False
    return (
        isinstance(reply, dict)
        and reply.get("result") in {True, "true"}
        and str(reply.get("returnCode")) == "200"
    )
