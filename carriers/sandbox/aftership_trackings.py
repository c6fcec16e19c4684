"""How AfterShip prints a tracking: the same in a list and in a push, checkpoints oldest first, on the place's clock."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from carriers.sandbox.life import CHINA, END_KINDS, EventKind, Life, LifeEvent
from carriers.sandbox.subscribers import Subscriber

SLUGS = {
    "ups": "ups",
    "fedex": "fedex",
    "usps": "usps",
    "dhl": "dhl",
    "sf-express": "sf",
    "zto-express": "zto",
    "yto": "yto",
    "sto": "sto",
    "yundaex": "yunda",
    "jt-express": "jt",
    "china-ems": "ems",
    "jd-express": "jd",
    "deppon": "deppon",
}
"""The vendor's word for each carrier that the sandbox may have parcels of; the last two are the sandbox's own."""

_OF_CARRIER = {carrier: slug for slug, carrier in SLUGS.items()}
_SUBTAGS: dict[EventKind, str] = {
    EventKind.ORDERED: "InfoReceived_001",
    EventKind.COLLECTED: "InTransit_002",
    EventKind.DEPARTED: "InTransit_007",
    EventKind.ARRIVED: "InTransit_003",
    EventKind.ARRIVED_DESTINATION: "InTransit_003",
    EventKind.OUT_FOR_DELIVERY: "OutForDelivery_001",
    EventKind.ATTEMPT_FAILED: "AttemptFail_001",
    EventKind.RECIPIENT_UNREACHABLE: "AttemptFail_002",
    EventKind.REFUSED: "Exception_003",
    # the vendor has no word for these two
    EventKind.OUT_OF_AREA: "Exception_001",
    EventKind.PICKUP_ONLY: "Exception_001",
    EventKind.AT_STATION: "AvailableForPickup_001",
    EventKind.COLLECTED_FROM_STATION: "Delivered_002",
    EventKind.DELIVERED: "Delivered_003",
    EventKind.DELIVERED_TO_PROXY: "Delivered_005",
    EventKind.RETURNING: "Exception_010",
    EventKind.RETURNED: "Exception_011",
    EventKind.HANDED_OVER: "InTransit_009",
    EventKind.HELD: "Exception_001",
    EventKind.DAMAGED: "Exception_012",
    EventKind.NOTE: "InTransit_001",
}


def a_tracking(
    one: Subscriber, life: Life | None, seen: Sequence[LifeEvent], *, ahead: timedelta = timedelta(0)
) -> dict[str, Any]:
    """All of `seen`, with the state of the parcel; pending where nothing was seen."""
    subtag = _SUBTAGS[seen[-1].kind] if seen else "Pending_001"
    slug = _OF_CARRIER[one.carrier]
    checkpoints = [_checkpoint(slug, life.moment(event) + ahead, event) for event in seen] if life else []
    return {
        "id": f"{crc32(f'{slug}/{one.number}'.encode()):032x}",
        "tracking_number": one.number,
        "slug": slug,
        "active": not seen or seen[-1].kind not in END_KINDS,
        "tag": subtag.partition("_")[0],
        "subtag": subtag,
        "subtag_message": "",
        "created_at": one.since.astimezone(UTC).isoformat(timespec="seconds"),
        "title": one.number,
        "return_to_sender": any(event.kind in {EventKind.RETURNING, EventKind.RETURNED} for event in seen),
        "origin_country_region": "CHN",
        "destination_country_region": "CHN",
        "courier_estimated_delivery_date": None,
        "latest_estimated_delivery": None,
        "signed_by": next((event.signer for event in reversed(seen) if event.signer), None),
        "checkpoints": checkpoints,
    }


def _checkpoint(slug: str, moment: datetime, event: LifeEvent) -> dict[str, Any]:
    subtag = _SUBTAGS[event.kind]
    return {
        "slug": slug,
        "tag": subtag.partition("_")[0],
        "subtag": subtag,
        "subtag_message": "",
        "message": event.text,
        "raw_tag": None,
        "checkpoint_time": f"{moment.astimezone(CHINA):%Y-%m-%dT%H:%M:%S}",
        "created_at": (moment + timedelta(minutes=6)).astimezone(UTC).isoformat(timespec="seconds"),
        "location": event.facility or event.city,
        "city": event.city or None,
        "state": None,
        "zip": None,
        "country_region": "CHN",
        "country_region_name": "China",
        "coordinate": None,
        "events": [],
        "source": "carrier",
    }
