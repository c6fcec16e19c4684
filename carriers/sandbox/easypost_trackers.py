"""How EasyPost prints a parcel: the same tracker in answers and in events."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from carriers.sandbox.life import CHINA, END_KINDS, EventKind, Life, LifeEvent

COMPANIES = {
    "USPS": "usps",
    "UPS": "ups",
    "FedEx": "fedex",
    "DHLExpress": "dhl",
    "SFExpress": "sf",
    "Cainiao": "cainiao",
}
"""Our carrier behind each of the vendor's names."""

_WAY, _FAILURE, _DELIVERED = "in_transit", "failure", "delivered"
# kind -> status, detail, the code of USPS for its own parcels
_PRINTED: dict[EventKind, tuple[str, str, str]] = {
    EventKind.ORDERED: ("pre_transit", "label_created", "GX"),
    EventKind.COLLECTED: (_WAY, "received_at_origin_facility", "03"),
    EventKind.DEPARTED: (_WAY, "departed_facility", ""),
    EventKind.ARRIVED: (_WAY, "arrived_at_facility", ""),
    EventKind.ARRIVED_DESTINATION: (_WAY, "received_at_destination_facility", "07"),
    EventKind.OUT_FOR_DELIVERY: ("out_for_delivery", "out_for_delivery", "OF"),
    EventKind.ATTEMPT_FAILED: (_FAILURE, "delivery_exception", "02"),
    EventKind.RECIPIENT_UNREACHABLE: (_FAILURE, "delivery_exception", "55"),
    EventKind.REFUSED: (_FAILURE, "refused", "04"),
    EventKind.OUT_OF_AREA: (_FAILURE, "address_correction", ""),
    EventKind.PICKUP_ONLY: (_FAILURE, "delivery_exception", ""),  # the vendor has no word for it
    EventKind.AT_STATION: ("available_for_pickup", "arrived_at_pickup_location", ""),
    EventKind.COLLECTED_FROM_STATION: (_DELIVERED, "arrived_at_destination", "01"),
    EventKind.DELIVERED: (_DELIVERED, "arrived_at_destination", "01"),
    EventKind.DELIVERED_TO_PROXY: (_DELIVERED, "arrived_at_destination", "01"),
    EventKind.RETURNING: ("return_to_sender", "return", "09"),
    EventKind.RETURNED: ("return_to_sender", "return", ""),
    EventKind.HANDED_OVER: (_WAY, "transferred_to_destination_carrier", ""),
    EventKind.HELD: (_WAY, "held", ""),
    EventKind.DAMAGED: (_FAILURE, "damaged", ""),
    EventKind.NOTE: (_WAY, "status_update", ""),
}


def tracker(
    company: str,
    number: str,
    created_at: datetime,
    life: Life | None,
    seen: Sequence[LifeEvent],
    *,
    ahead: timedelta = timedelta(0),
) -> dict[str, Any]:
    """All of `seen`, oldest first; a parcel of which nothing is known yet is unknown."""
    lines = [] if life is None else [_line(event, life.moment(event) + ahead, company) for event in seen]
    finalized = bool(seen) and seen[-1].kind in END_KINDS
    return {
        "id": f"trk_{crc32(f'{company} {number}'.encode()):032x}",
        "object": "Tracker",
        "mode": "test",
        "tracking_code": number,
        "status": lines[-1]["status"] if lines else "unknown",
        "status_detail": lines[-1]["status_detail"] if lines else "unknown",
        "created_at": printed(created_at),
        "updated_at": lines[-1]["datetime"] if lines else printed(created_at),
        "signed_by": next((event.signer for event in reversed(seen) if event.signer), None),
        "weight": None,
        "est_delivery_date": None,
        "shipment_id": None,
        "carrier": company,
        "tracking_details": lines,
        "carrier_detail": None,
        "finalized": finalized,
        "is_return": False,
        "fees": [],
        "delivery_evidence": None,
        "public_url": "https://example.test/track",
    }


def printed(moment: datetime) -> str:
    """With the offset of China, whose clock the sandbox's parcels run on; the vendor writes the same moment in UTC."""
    return moment.astimezone(CHINA).isoformat(timespec="seconds")


def _line(event: LifeEvent, moment: datetime, company: str) -> dict[str, Any]:
    status, detail, code = _PRINTED[event.kind]
    return {
        "object": "TrackingDetail",
        "message": event.text,
        "description": None,
        "status": status,
        "status_detail": event.code or detail,
        "datetime": printed(moment),
        "source": company,
        "carrier_code": (code if company == "USPS" else "") or None,
        "est_delivery_date": None,
        "tracking_location": {
            "object": "TrackingLocation",
            "city": event.city or None,
            "state": None,
            "country": "CN",
            "zip": None,
        },
    }
