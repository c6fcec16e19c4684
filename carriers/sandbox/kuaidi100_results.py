"""How Kuaidi100 prints what has happened to a parcel: the same result in the answer to a query and in a push."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from carriers.sandbox.life import TROUBLES, EventKind, Life, LifeEvent, printed

COMPANIES = {
    "yuantong": "yto",
    "shentong": "sto",
    "yunda": "yunda",
    "jtexpress": "jt",
    "shunfeng": "sf",
    "zhongtong": "zto",
    "ems": "ems",
    "debangwuliu": "deppon",
    "jd": "jd",
}
"""The vendor's word for each carrier that the sandbox has parcels of."""

_FIRST_ADVANCED = 101
_FIRST_OF_TRANSIT = 1001
_NUMBER_LENGTHS = range(6, 33)
_ADVANCED = frozenset({"4", "8"})
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


def well_formed(number: str) -> bool:
    """Whether the vendor takes a number of this length."""
    return len(number) in _NUMBER_LENGTHS


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
