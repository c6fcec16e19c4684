"""Plays J&T's open platform: `logistics/trace` for up to thirty numbers, and `trace/subscribe` with its pushes.

JSON travels as the form field `bizContent`, its digest in a header. Unverified, and played all the same: that a
malformed number refuses the whole call, that a subscription is told of the nodes it named, and how often is tried.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
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
from carriers.sandbox.life import SIGNED_KINDS, EventKind, Life, LifeEvent, printed
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import form_of, json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "jt"
API_ACCOUNT = "100000000000000001"
PRIVATE_KEY = "sandbox-jt-private-key-0001"
MOST_NUMBERS = 30
_NUMBER = re.compile(r"(?:JT\d{12,13}|UT\d{13})\Z")
_TOO_MANY = "0"
_WORDS = {
    _TOO_MANY: "请求过于频繁",
    "145003010": "账号不存在",
    "145003030": "headers签名验签失败",
    "145003050": "非法参数",
    "145003051": "apiAccount为空",
    "145003052": "digest为空",
    "145003053": "timestamp为空",
    "145005000": "系统异常",
}
_SCAN_TYPES: dict[EventKind, str] = {
    EventKind.ORDERED: "其他扫描",
    EventKind.COLLECTED: "快件揽收",
    EventKind.DEPARTED: "发件扫描",
    EventKind.ARRIVED: "到件扫描",
    EventKind.ARRIVED_DESTINATION: "到件扫描",
    EventKind.OUT_FOR_DELIVERY: "出仓扫描",
    EventKind.ATTEMPT_FAILED: "问题件扫描/A11",
    EventKind.RECIPIENT_UNREACHABLE: "问题件扫描/A9",
    EventKind.REFUSED: "问题件扫描/A2",
    EventKind.OUT_OF_AREA: "问题件扫描/A34",
    EventKind.PICKUP_ONLY: "问题件扫描/A19",
    EventKind.AT_STATION: "入库扫描",
    EventKind.COLLECTED_FROM_STATION: "出库扫描",
    EventKind.DELIVERED: "快件签收",
    EventKind.DELIVERED_TO_PROXY: "快件签收",
    EventKind.RETURNING: "退件扫描",
    EventKind.RETURNED: "快件签收",
    EventKind.HANDED_OVER: "转第三方",
    EventKind.HELD: "留仓件入库",
    EventKind.DAMAGED: "问题件扫描/A20",
    EventKind.NOTE: "其他扫描",
}
_NODES = {
    "快件揽收": "1",
    "发件扫描": "3",
    "到件扫描": "4",
    "出仓扫描": "5",
    "入库扫描": "6",
    "出库扫描": "9",
    "快件签收": "10",
    "问题件扫描": "11",
    "其他扫描": "13",
    "退件扫描": "14",
}


class _Question(msgspec.Struct):
    billCodes: str = ""  # noqa: N815 - the vendor's word


class _Wish(msgspec.Struct):
    waybillCode: str = ""  # noqa: N815
    traceNode: str = ""  # noqa: N815
    backUrl: str = ""  # noqa: N815


class _Wishes(msgspec.Struct):
    id: str = ""
    wishes: list[_Wish] = msgspec.field(name="list", default_factory=list)


def digest(biz_content: str, private_key: str) -> str:
    """The signature by the vendor's rule: MD5 over text and key, base64 of its sixteen bytes."""
    hashed = hashlib.md5(f"{biz_content}{private_key}".encode(), usedforsecurity=False)
    return base64.b64encode(hashed.digest()).decode()


async def question(request: Request) -> bytes | Refused:
    """The text of `bizContent`, if account and digest are right."""
    headers = request.headers
    for name, missing in (("apiaccount", "145003051"), ("digest", "145003052"), ("timestamp", "145003053")):
        if not headers.get(name):
            return Refused(missing)
    if headers["apiaccount"] != API_ACCOUNT:
        return Refused("145003010")
    biz_content = ((await form_of(request)) or {}).get("bizContent", "")
    if not hmac.compare_digest(digest(biz_content, PRIVATE_KEY), headers["digest"]):
        return Refused("145003030", Outcome.SIGNATURE_REFUSED)
    return biz_content.encode()


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """What is known of each number that was asked."""
    try:
        numbers = msgspec.json.decode(question, type=_Question).billCodes.split(",")
    except msgspec.DecodeError:
        return Refused("145003050")
    if len(numbers) > MOST_NUMBERS:
        return Refused("145003050")
    if not all(map(well_formed, numbers)):
        return Refused("145003050", Outcome.NUMBER_REFUSED)
    told = (_one_number(number, world, ahead=ahead) for number in numbers)
    return _said([one for one in told if one is not None])


def refuse(code: str) -> Response:
    """The envelope of a call that failed."""
    return json_response({"code": code, "msg": _WORDS[code], "data": None})


def well_formed(number: str) -> bool:
    """Whether it can be one of the vendor's numbers."""
    return _NUMBER.match(number) is not None


def _said(data: object) -> Response:
    return json_response({"code": "1", "msg": "success", "data": data})


def _one_number(number: str, world: World, *, ahead: timedelta) -> dict[str, Any] | None:
    """The element about a number; of one without a record half of the time there is none, else it is empty."""
    life = world.find(SOURCE, number)
    seen = () if life is None else life.seen_at(world.now())
    world.count(SOURCE, Outcome.ANSWERED if seen else Outcome.NOTHING_YET)
    if life is None or not seen:
        return {"billCode": number, "details": []} if crc32(number.encode()) % 2 else None
    return _track(life, seen, ahead=ahead)


def _track(life: Life, events: Sequence[LifeEvent], *, ahead: timedelta = timedelta(0)) -> dict[str, Any]:
    details = [_detail(life, event, ahead=ahead) for event in reversed(events)]
    return {"billCode": life.tracking_number, "details": details}


def _detail(life: Life, event: LifeEvent, *, ahead: timedelta) -> dict[str, Any]:
    scan_type, _, problem = (event.code or _SCAN_TYPES[event.kind]).partition("/")
    hub = event.kind in {EventKind.DEPARTED, EventKind.ARRIVED}
    return {
        "billCode": life.tracking_number,
        "scanTime": printed(life.moment(event) + ahead),
        "scanType": scan_type,
        "problemType": problem or None,
        "desc": event.text,
        "scanNetworkTypeName": "中心" if hub else "网点",
        "scanNetworkName": event.facility,
        "scanNetworkId": crc32(event.facility.encode()) % 10_000,
        "scanNetworkProvince": "",
        "scanNetworkCity": event.city,
        "scanNetworkArea": "",
        "scanNetworkContact": event.facility_phone,
        "scanNetworkDetailAddress": "",
        "staffName": event.courier_name,
        "staffContact": event.courier_phone,
        "nextStopName": event.next_facility,
        "weight": "1.00",
        "sigPicUrl": f"https://jt.invalid/{life.tracking_number}.jpg" if event.kind in SIGNED_KINDS else None,
    }


def answer_subscription(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """Says of every number whether it was taken; no times are printed, so nothing of it can be ahead."""
    try:
        asked = msgspec.json.decode(question, type=_Wishes)
    except msgspec.DecodeError:
        return Refused("145003050")
    if asked.id != API_ACCOUNT or not 1 <= len(asked.wishes) <= MOST_NUMBERS:
        return Refused("145003050")
    taken = [
        {
            "id": asked.id,
            "waybillCode": wish.waybillCode,
            "isSuccess": _is_taken_in(wish, world),
            "traceNode": wish.traceNode,
        }
        for wish in asked.wishes
    ]
    return _said({"list": taken})


def _is_taken_in(wish: _Wish, world: World) -> bool:
    reachable = wish.backUrl.startswith(("http://", "https://"))
    if not reachable or not well_formed(wish.waybillCode):
        world.count(SOURCE, Outcome.NUMBER_REFUSED)
        return False
    wishes = {"traceNode": wish.traceNode}
    world.subscribe(SOURCE, SOURCE, wish.waybillCode, callback_url=wish.backUrl, wishes=wishes)
    world.count(SOURCE, Outcome.SUBSCRIBED)
    return True


def _calls(news: News, one: Subscriber, world: World) -> Sequence[Call]:
    """One call with all that is new of the nodes that were asked for."""
    wanted = one.wishes.get("traceNode", "").split("&")
    events = [event for event in news.new if _node(event) in wanted]
    if not events:
        return ()
    biz_content = msgspec.json.encode(_track(news.life, events) | {"txlogisticId": ""}).decode()
    return (Call(urlencode({"bizContent": biz_content}).encode(), _headers(biz_content, world)),)


def _node(event: LifeEvent) -> str:
    """What has no node of its own is among the others."""
    return _NODES.get((event.code or _SCAN_TYPES[event.kind]).partition("/")[0], "13")


def _headers(biz_content: str, world: World) -> Mapping[str, str]:
    return {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "apiAccount": API_ACCOUNT,
        "digest": digest(biz_content, PRIVATE_KEY),
        "timestamp": str(round(world.now().timestamp() * 1000)),
    }


def _is_taken(reply: httpx.Response) -> bool:
    try:
        said = msgspec.json.decode(reply.content)
    except msgspec.DecodeError:
        return False
    return reply.status_code == httpx.codes.OK and isinstance(said, dict) and str(said.get("code")) == "1"


def _calls_back(world: World, client: httpx.AsyncClient) -> Callbacks:
    manner = Manner(SOURCE, lambda news, one: _calls(news, one, world), _is_taken)
    return Callbacks(manner, world, client)


PLAYS = Played(
    source=SOURCE,
    path="/jt",
    credentials=MappingProxyType({"api_account": API_ACCOUNT, "private_key": PRIVATE_KEY}),
    # None is published (unverified): this one only stops a caller that runs wild.
    limit=Limit(200),
    doors=(
        Door("/webopenplatformapi/api/logistics/trace", question, answer),
        Door("/webopenplatformapi/api/trace/subscribe", question, answer_subscription),
    ),
    refuse=refuse,
    system_error="145005000",
    too_many=_TOO_MANY,
    calls_back=_calls_back,
)
