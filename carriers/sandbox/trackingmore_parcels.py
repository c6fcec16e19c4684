"""How TrackingMore prints a parcel: the same object in the answer to a question and in a call to a subscriber."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from carriers.sandbox.life import EventKind, Life, LifeEvent, printed

COURIERS = {
    "ups": "ups",
    "usps": "usps",
    "fedex": "fedex",
    "dhl": "dhl",
    "sf-express": "sf",
    "zto": "zto",
    "yto": "yto",
    "sto": "sto",
    "yunda": "yunda",
    "china-ems": "ems",
    "deppon": "deppon",
    "jtexpress": "jt",
}
"""Our carrier behind each of the vendor's words."""

_SUBSTATUSES: dict[EventKind, str] = {
    EventKind.ORDERED: "inforeceived001",
    EventKind.COLLECTED: "transit001",
    EventKind.DEPARTED: "transit006",
    EventKind.ARRIVED: "transit002",
    EventKind.ARRIVED_DESTINATION: "transit003",
    EventKind.OUT_FOR_DELIVERY: "pickup001",
    EventKind.ATTEMPT_FAILED: "undelivered004",
    EventKind.RECIPIENT_UNREACHABLE: "undelivered003",
    EventKind.REFUSED: "exception009",
    EventKind.OUT_OF_AREA: "undelivered001",
    EventKind.PICKUP_ONLY: "undelivered004",
    EventKind.AT_STATION: "pickup002",
    EventKind.COLLECTED_FROM_STATION: "delivered002",
    EventKind.DELIVERED: "delivered001",
    EventKind.DELIVERED_TO_PROXY: "delivered004",
    EventKind.RETURNING: "exception011",
    EventKind.RETURNED: "exception010",
    EventKind.HANDED_OVER: "transit001",
    EventKind.HELD: "exception005",
    EventKind.DAMAGED: "exception007",
    EventKind.NOTE: "transit001",
}
_DATES = {
    "inforeceived_date": EventKind.ORDERED,
    "pickup_date": EventKind.COLLECTED,
    "outfordelivery_date": EventKind.OUT_FOR_DELIVERY,
    "delivery_date": EventKind.DELIVERED,
    "returning_date": EventKind.RETURNING,
    "returned_date": EventKind.RETURNED,
}


def parcel(
    courier: str, number: str, life: Life | None, seen: Sequence[LifeEvent], *, ahead: timedelta
) -> dict[str, Any]:
    """All of `seen`, newest first; a parcel of which nothing is known yet is pending."""
    lines = [] if life is None else [_line(event, life.moment(event) + ahead) for event in reversed(seen)]
    substatus = lines[0]["checkpoint_delivery_substatus"] if lines else "pending001"
    return {
        "id": f"{crc32(f'{courier} {number}'.encode()):032x}",
        "tracking_number": number,
        "courier_code": courier,
        "delivery_status": substatus[:-3],
        "substatus": substatus,
        "archived": "tracking",
        "updating": False,
        "latest_event": lines[0]["tracking_detail"] if lines else None,
        "latest_checkpoint_time": lines[0]["checkpoint_date"] if lines else None,
        "origin_country": "CN",
        "destination_country": "CN",
        "signed_by": next((event.signer for event in reversed(seen) if event.signer), None),
        "scheduled_delivery_date": None,
        "exchange_number": None,
        "destination_track_number": None,
        "origin_info": {
            "courier_code": courier,
            "courier_phone": None,
            "milestone_date": {} if life is None else _milestone_dates(life, seen, ahead),
            "trackinfo": lines,
        },
        "destination_info": {"courier_code": None, "trackinfo": []},
    }


def _line(event: LifeEvent, moment: datetime) -> dict[str, Any]:
    substatus = event.code or _SUBSTATUSES[event.kind]
    return {
        "checkpoint_date": printed(moment),
        "checkpoint_delivery_status": substatus[:-3],
        "checkpoint_delivery_substatus": substatus,
        "tracking_detail": event.text,
        "location": event.facility or event.city,
        "country_iso2": "CN",
        "state": None,
        "city": event.city or None,
        "zip": None,
        "raw_status": None,
    }


def _milestone_dates(life: Life, seen: Sequence[LifeEvent], ahead: timedelta) -> dict[str, str | None]:
    """When it last came to each, up to the minute."""
    last = {event.kind: printed(life.moment(event) + ahead)[:16] for event in seen}
    return {word: last.get(kind) for word, kind in _DATES.items()}
