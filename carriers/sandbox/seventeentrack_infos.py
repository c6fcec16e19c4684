"""How 17TRACK prints what has happened to a parcel: the same in an answer and in a push, lines newest first."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from carriers.sandbox.life import CHINA, EventKind, Life, LifeEvent

OF_CARRIER = {
    "ems": 3013,
    "dhl": 100001,
    "ups": 100002,
    "fedex": 100003,
    "usps": 21051,
    # the sandbox's own: the vendor's numbers of these are not known here
    "sf": 900001,
    "zto": 900002,
    "yto": 900003,
    "sto": 900004,
    "yunda": 900005,
    "jt": 900006,
    "jd": 900007,
    "deppon": 900008,
}
"""The vendor's number for each carrier that the sandbox may have parcels of."""
CARRIERS = {number: carrier for carrier, number in OF_CARRIER.items()}

_SUB_STATUSES: dict[EventKind, str] = {
    EventKind.ORDERED: "InfoReceived",
    EventKind.COLLECTED: "InTransit_PickedUp",
    EventKind.DEPARTED: "InTransit_Other",
    EventKind.ARRIVED: "InTransit_Other",
    EventKind.ARRIVED_DESTINATION: "InTransit_Arrival",
    EventKind.OUT_FOR_DELIVERY: "OutForDelivery_Other",
    EventKind.ATTEMPT_FAILED: "DeliveryFailure_Other",
    EventKind.RECIPIENT_UNREACHABLE: "DeliveryFailure_NoBody",
    EventKind.REFUSED: "DeliveryFailure_Rejected",
    # the vendor has no words for these two
    EventKind.OUT_OF_AREA: "Exception_Other",
    EventKind.PICKUP_ONLY: "Exception_Other",
    EventKind.AT_STATION: "AvailableForPickup_Other",
    EventKind.COLLECTED_FROM_STATION: "Delivered_Other",
    EventKind.DELIVERED: "Delivered_Other",
    EventKind.DELIVERED_TO_PROXY: "Delivered_Other",
    EventKind.RETURNING: "Exception_Returning",
    EventKind.RETURNED: "Exception_Returned",
    EventKind.HANDED_OVER: "InTransit_Other",
    EventKind.HELD: "Exception_Delayed",
    EventKind.DAMAGED: "Exception_Damage",
    EventKind.NOTE: "InTransit_Other",
}
_STAGES = {
    "InfoReceived": "InfoReceived",
    "InTransit_PickedUp": "PickedUp",
    "InTransit_Arrival": "Arrival",
    "OutForDelivery_Other": "OutForDelivery",
    "AvailableForPickup_Other": "AvailableForPickup",
    "Delivered_Other": "Delivered",
    "Exception_Returning": "Returning",
    "Exception_Returned": "Returned",
}

NOBODY: dict[str, Any] = {
    "latest_status": {"status": "NotFound", "sub_status": "NotFound_Other", "sub_status_descr": None},
    "latest_event": None,
    "tracking": {"providers_hash": 0, "providers": []},
}
"""What is printed of a number of which nothing has come in."""


def track_info(life: Life, seen: Sequence[LifeEvent], *, ahead: timedelta = timedelta(0)) -> dict[str, Any]:
    """All of `seen`, with the state of the parcel."""
    events = [_event(life.moment(event) + ahead, event) for event in reversed(seen)]
    latest = _SUB_STATUSES[seen[-1].kind]
    address = {"country": "CN", "state": None, "city": None}
    provider = {"key": OF_CARRIER[life.carrier], "name": life.carrier, "tel": None, "country": "CN"}
    return {
        "shipping_info": {"shipper_address": address, "recipient_address": address},
        "latest_status": {
            "status": latest.partition("_")[0],
            "sub_status": latest,
            "sub_status_descr": None,
        },
        "latest_event": events[0],
        "time_metrics": {"estimated_delivery_date": {"source": None, "from": None, "to": None}},
        "misc_info": {"local_number": None, "local_provider": None, "local_key": 0},
        "tracking": {
            "providers_hash": 1,
            "providers": [
                {
                    "provider": provider,
                    "service_type": None,
                    "latest_sync_status": "Success",
                    "events_hash": 1,
                    "events": events,
                }
            ],
        },
    }


def _event(moment: datetime, event: LifeEvent) -> dict[str, Any]:
    here, sub_status = moment.astimezone(CHINA), _SUB_STATUSES[event.kind]
    return {
        "time_iso": here.isoformat(timespec="seconds"),
        "time_utc": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "time_raw": {"date": f"{here:%Y-%m-%d}", "time": f"{here:%H:%M:%S}", "timezone": None},
        "description": event.text,
        "description_translation": None,
        "location": event.facility or event.city,
        "stage": _STAGES.get(sub_status),
        "sub_status": sub_status,
        "address": {"country": "CN", "state": None, "city": event.city, "street": None, "postal_code": None},
    }
