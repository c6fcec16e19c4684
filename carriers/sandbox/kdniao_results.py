"""How Kdniao prints what has happened to a parcel: the same result in the answer to a query and in a push."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from carriers.sandbox.life import TROUBLES, EventKind, Life, LifeEvent, printed

COMPANIES = {
    "SF": "sf",
    "ZTO": "zto",
    "YTO": "yto",
    "STO": "sto",
    "YD": "yunda",
    "JTSD": "jt",
    "JD": "jd",
    "EMS": "ems",
    "DBL": "deppon",
    "KYSY": "kuayue",
}
"""The vendor's word for each carrier that the sandbox has, or may have, parcels of."""

_WORD_OF = {carrier: word for word, carrier in COMPANIES.items()}
_ACTIONS: dict[EventKind, str] = {
    EventKind.ORDERED: "10",
    EventKind.COLLECTED: "1",
    EventKind.DEPARTED: "2",
    EventKind.ARRIVED: "204",
    EventKind.ARRIVED_DESTINATION: "201",
    EventKind.OUT_FOR_DELIVERY: "202",
    EventKind.ATTEMPT_FAILED: "405",
    EventKind.RECIPIENT_UNREACHABLE: "416",
    EventKind.REFUSED: "405",  # 404 says that a return has begun as well
    EventKind.OUT_OF_AREA: "423",
    EventKind.PICKUP_ONLY: "4",  # the vendor has no code for it
    EventKind.AT_STATION: "211",
    EventKind.COLLECTED_FROM_STATION: "301",
    EventKind.DELIVERED: "301",
    EventKind.DELIVERED_TO_PROXY: "304",
    EventKind.RETURNING: "407",
    EventKind.RETURNED: "406",
    EventKind.HANDED_OVER: "5",
    EventKind.HELD: "417",
    EventKind.DAMAGED: "414",
    EventKind.NOTE: "2",
}
_REFUSED_AND_RETURNING = "404"
_SIGNED_AFTER_TROUBLE = "302"
_PRINTED_CODES = frozenset({*_ACTIONS.values(), _REFUSED_AND_RETURNING, _SIGNED_AFTER_TROUBLE})


def result(
    life: Life, seen: Sequence[LifeEvent], *, paid: bool, ahead: timedelta = timedelta(0)
) -> dict[str, Any]:
    """What is said about a number: all of `seen`, oldest first. A plan that is not `paid` shows less of it."""
    troubled = False
    lines = []
    for event in seen:
        troubled = troubled or event.kind in TROUBLES
        at = printed(life.moment(event) + ahead)
        lines.append(_line(event, at, action=_action(event, troubled=troubled), paid=paid))
    state = _action(seen[-1], troubled=troubled)
    content = _about(_WORD_OF[life.carrier], life.tracking_number) | {"State": state[0], "Traces": lines}
    return content | _finer(seen, state) if paid else content


def nothing(company: str, number: str) -> dict[str, Any]:
    """What is said about a number of which nothing is known."""
    return _about(company, number) | {"Reason": "暂无轨迹信息", "State": "0", "StateEx": "0", "Traces": []}


def _about(company: str, number: str) -> dict[str, Any]:
    return {
        "OrderCode": "",
        "ShipperCode": company,
        "LogisticCode": number,
        "Success": True,
        "Reason": "",
    }


def _finer(seen: Sequence[LifeEvent], state: str) -> dict[str, str]:
    """What only paid plans show of the whole parcel."""
    at_station = next((event for event in reversed(seen) if event.station), None)
    courier = next((event for event in reversed(seen) if _names_deliverer(event)), None)
    return {
        "StateEx": state,
        "Location": seen[-1].city,
        "Station": at_station.station if at_station else "",
        "StationTel": at_station.station_phone if at_station else "",
        "StationAdd": "",
        "DeliveryMan": courier.courier_name if courier else "",
        "DeliveryManTel": courier.courier_phone if courier else "",
        "EstimatedDeliveryTime": "",
    }


def _names_deliverer(event: LifeEvent) -> bool:
    return event.kind is not EventKind.COLLECTED and bool(event.courier_name or event.courier_phone)


def _line(event: LifeEvent, at: str, *, action: str, paid: bool) -> dict[str, str]:
    line = {"AcceptTime": at, "AcceptStation": event.text, "Remark": ""}
    return line | {"Location": event.city, "Action": action} if paid else line


def _action(event: LifeEvent, *, troubled: bool) -> str:
    """The vendor's code for what happened; carriers' own codes never reach it."""
    code = event.code if event.code in _PRINTED_CODES else _ACTIONS[event.kind]
    if event.kind is EventKind.RETURNING and event.refused:
        return _REFUSED_AND_RETURNING
    return _SIGNED_AFTER_TROUBLE if code == "301" and troubled else code
