"""How JD prints an event: with a code and a stage in answers and pushes, with a name alone on its older platform."""

from datetime import timedelta
from typing import Any, NamedTuple
from zlib import crc32

from carriers.sandbox.life import EventKind, Life, LifeEvent, printed


class _Printed(NamedTuple):
    """The code of a line (none where only its stage is known), its stage, its name, and what pushes call the scan."""

    state: str
    category: int
    title: str
    scan_type: str = ""


_CODES: dict[EventKind, _Printed] = {
    EventKind.ORDERED: _Printed("10010", 100, "已接单"),
    EventKind.COLLECTED: _Printed("200001", 420, "揽收", "-640"),
    EventKind.DEPARTED: _Printed("10054", 430, "分拣中心发货"),
    EventKind.ARRIVED: _Printed("10032", 430, "分拣中心验货", "10"),
    EventKind.ARRIVED_DESTINATION: _Printed("200075", 430, "站点收货", "60"),
    EventKind.OUT_FOR_DELIVERY: _Printed("11000", 440, "派件", "110"),
    EventKind.ATTEMPT_FAILED: _Printed("200003", 440, "站点再投"),
    EventKind.RECIPIENT_UNREACHABLE: _Printed("200031", 440, "待再投"),
    EventKind.REFUSED: _Printed("10035", 530, "拒收"),
    # no code says that the place is not served: the words do
    EventKind.OUT_OF_AREA: _Printed("200000", 430, "站点验货"),
    EventKind.PICKUP_ONLY: _Printed("200039", 430, "站点验货"),
    EventKind.AT_STATION: _Printed("200051", 440, "自提上架"),
    EventKind.COLLECTED_FROM_STATION: _Printed("10034", 510, "妥投", "150"),
    EventKind.DELIVERED: _Printed("10034", 510, "妥投", "150"),
    EventKind.DELIVERED_TO_PROXY: _Printed("10034", 510, "妥投", "150"),
    EventKind.RETURNING: _Printed("200033", 430, "再投后退回"),
    EventKind.RETURNED: _Printed("10034", 510, "妥投", "150"),
    EventKind.HANDED_OVER: _Printed("200040", 430, "站点发货"),
    EventKind.HELD: _Printed("", 403, "站点验货"),
    EventKind.DAMAGED: _Printed("200000", 430, "站点验货"),
    EventKind.NOTE: _Printed("200039", 430, "站点验货"),
}
_STAGES = {
    100: "已接单",
    403: "控单中",
    420: "已揽收",
    430: "运输中",
    440: "派送中",
    510: "妥投",
    530: "拒收",
}


def trace(life: Life, event: LifeEvent, *, ahead: timedelta) -> dict[str, Any]:
    """A line of an answer, with numbers for codes and the operator's name and phone."""
    code = _state(event)
    return {
        **_common(life, event, ahead=ahead),
        "state": int(code) if code.isdecimal() else code or None,
        "operatorName": event.courier_name,
        "operatorPhone": event.courier_phone,
    }


def pushed(life: Life, event: LifeEvent) -> dict[str, Any]:
    """A push, with text for codes, and the names of site and city."""
    return {
        **_common(life, event, ahead=timedelta(0)),
        "orderId": f"ORDER-{life.tracking_number}",
        "state": _state(event),
        "scanType": _CODES[event.kind].scan_type,
        "operateSite": event.facility,
        "routeProvinceName": "",
        "routeCityName": event.city,
        "routeDistrictName": "",
        "routeAddress": "模拟数据",
    }


def _state(event: LifeEvent) -> str:
    return event.code or _CODES[event.kind].state


def _common(life: Life, event: LifeEvent, *, ahead: timedelta) -> dict[str, Any]:
    said = _CODES[event.kind]
    return {
        "waybillCode": life.tracking_number,
        "category": said.category,
        "categoryName": _STAGES[said.category],
        "operationTitle": said.title,
        "operationRemark": event.text,
        "operationTime": printed(life.moment(event) + ahead),
        "operateSiteId": str(crc32(event.facility.encode()) % 10**8) if event.facility else "",
    }


def line_of_jos(life: Life, event: LifeEvent, *, ahead: timedelta) -> dict[str, Any]:
    """A line of the older platform: its dates have slashes."""
    return {
        "waybillCode": life.tracking_number,
        "opeTitle": _CODES[event.kind].title,
        "opeTime": printed(life.moment(event) + ahead).replace("-", "/"),
        "opeRemark": event.text,
        "opeName": event.facility or "京东快递",
        "courier": event.courier_name,
        "courierTel": event.courier_phone,
    }
