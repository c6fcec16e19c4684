"""How DHL prints what has happened to a parcel: the same shipment in the answer to a question and in a push.

A number's form tells its division, each of which has codes of its own; what a division has no code for is told with a
near one. Times bear China's offset.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from carriers.sandbox.life import CHINA, SIGNED_KINDS, EventKind, Life, LifeEvent

DIVISIONS = {"express": "DHL Express", "parcel-de": "DHL Parcel Germany", "ecommerce": "DHL eCommerce"}
_FORMS = {
    "express": re.compile(r"\d{10,11}|J[A-Z]{2,3}\d{9,10}|JD\d{18}", re.ASCII),
    "parcel-de": re.compile(r"00340434\d{12}|\d{12}", re.ASCII),
    "ecommerce": re.compile(r"(?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)[0-9A-Z]{10,39}|\d{14}", re.ASCII),
}
_EXPRESS: Mapping[EventKind, str] = {
    EventKind.ORDERED: "104",
    EventKind.COLLECTED: "PU",
    EventKind.DEPARTED: "DF",
    EventKind.ARRIVED: "AF",
    EventKind.ARRIVED_DESTINATION: "AR",
    EventKind.OUT_FOR_DELIVERY: "WC",
    EventKind.ATTEMPT_FAILED: "CA",
    EventKind.RECIPIENT_UNREACHABLE: "NH",
    EventKind.REFUSED: "RD",
    EventKind.OUT_OF_AREA: "OH",
    EventKind.PICKUP_ONLY: "OH",
    EventKind.AT_STATION: "CC",
    EventKind.COLLECTED_FROM_STATION: "OK",
    EventKind.DELIVERED: "OK",
    EventKind.DELIVERED_TO_PROXY: "OK",
    EventKind.RETURNING: "RT",
    EventKind.RETURNED: "OK",
    EventKind.HANDED_OVER: "TP",
    EventKind.HELD: "OH",
    EventKind.DAMAGED: "OH",
    EventKind.NOTE: "SC",
}
# summary, and event with reason
_PARCEL_DE: Mapping[EventKind, tuple[str, str]] = {
    EventKind.ORDERED: ("VA", "PARCV:NRQRD"),
    EventKind.COLLECTED: ("AE", "PCKDU:PUBCR"),
    EventKind.DEPARTED: ("AA", "LDTMV:MVMTV"),
    EventKind.ARRIVED: ("EE", "MVARR:NRQRD"),
    EventKind.ARRIVED_DESTINATION: ("PO", "SRTED:NRQRD"),
    EventKind.OUT_FOR_DELIVERY: ("PO", "LDTMV:MVMTV"),
    EventKind.ATTEMPT_FAILED: ("ZN", "NTDEL:OTHER"),
    EventKind.RECIPIENT_UNREACHABLE: ("ZN", "NTDEL:CNCNR"),
    EventKind.REFUSED: ("ZN", "NTDEL:RFUSD"),
    EventKind.OUT_OF_AREA: ("BV", "EXPHD:OTHER"),
    EventKind.PICKUP_ONLY: ("BV", "EXPHD:OTHER"),
    EventKind.AT_STATION: ("ZF", "HLDCC:SERPT"),
    EventKind.COLLECTED_FROM_STATION: ("ZU", "DLVRD:ACCPT"),
    EventKind.DELIVERED: ("ZU", "DLVRD:ACCPT"),
    EventKind.DELIVERED_TO_PROXY: ("ZU", "DLVRD:NGHBR"),
    EventKind.RETURNING: ("ZN", "RETRN:OTHER"),
    EventKind.RETURNED: ("ZU", "DLVRD:ACCPT"),
    EventKind.HANDED_OVER: ("PO", "INFCL:HNDCA"),
    EventKind.HELD: ("LA", "INFCL:NRQRD"),
    EventKind.DAMAGED: ("BV", "DMGDS:DMGED"),
    EventKind.NOTE: ("DD", "ADVIS:MSGST"),
}
_ECOMMERCE: Mapping[EventKind, str] = {
    EventKind.ORDERED: "300",
    EventKind.COLLECTED: "100",
    EventKind.DEPARTED: "510",
    EventKind.ARRIVED: "520",
    EventKind.ARRIVED_DESTINATION: "541",
    EventKind.OUT_FOR_DELIVERY: "598",
    EventKind.ATTEMPT_FAILED: "550",
    EventKind.RECIPIENT_UNREACHABLE: "844",
    EventKind.REFUSED: "610",
    EventKind.OUT_OF_AREA: "644",
    EventKind.PICKUP_ONLY: "644",
    EventKind.AT_STATION: "570",
    EventKind.COLLECTED_FROM_STATION: "607",
    EventKind.DELIVERED: "600",
    EventKind.DELIVERED_TO_PROXY: "606",
    EventKind.RETURNING: "800",
    EventKind.RETURNED: "860",
    EventKind.HANDED_OVER: "442",
    EventKind.HELD: "312",
    EventKind.DAMAGED: "620",
    EventKind.NOTE: "680",
}
# All that happens between the collection and the door is "transit", also an attempt or a parcel that waits.
_COARSE: Mapping[EventKind, str] = {
    EventKind.ORDERED: "pre-transit",
    **dict.fromkeys((*SIGNED_KINDS, EventKind.RETURNED), "delivered"),
    **dict.fromkeys((EventKind.REFUSED, EventKind.DAMAGED), "failure"),
}


def service_of(number: str) -> str | None:
    """The division that has numbers of this form; None where none has."""
    return next((service for service, form in _FORMS.items() if form.fullmatch(number)), None)


def shipment(
    life: Life, seen: Sequence[LifeEvent], *, service: str, ahead: timedelta = timedelta(0)
) -> dict[str, Any]:
    """The shipment with all of `seen`, newest first."""
    events = [_event(life, event, service=service, ahead=ahead) for event in reversed(seen)]
    newest = seen[-1]
    told = {
        "id": life.tracking_number,
        "service": service,
        "division": DIVISIONS[service],
        "status": events[0] | {"remark": "", "nextSteps": ""},
        "returnFlag": newest.kind is EventKind.RETURNED,
        "details": _details(newest),
        "events": events,
    }
    places = {"origin": life.origin, "destination": life.destination}
    return told | {
        word: {"address": {"countryCode": "CN", "addressLocality": place.printed_city}}
        for word, place in places.items()
        if place is not None
    }


def _event(life: Life, event: LifeEvent, *, service: str, ahead: timedelta) -> dict[str, Any]:
    address = {"countryCode": "CN", "addressLocality": event.city}
    if event.facility and not event.station:
        address["addressLocalityServicing"] = event.facility
    location: dict[str, Any] = {"address": address}
    if event.station:
        location["servicePoint"] = {"label": event.station}
    return {
        "timestamp": (life.moment(event) + ahead).astimezone(CHINA).isoformat(timespec="seconds"),
        "location": location,
        "statusCode": _COARSE.get(event.kind, "transit"),
        **_codes(event, service),
        "description": event.text,
    }


def _codes(event: LifeEvent, service: str) -> dict[str, str]:
    """The division's own code, in the field or the fields that it uses."""
    if service == "parcel-de":
        summary, pair = _PARCEL_DE[event.kind]
        return {"status": event.code or summary, "statusDetailed": pair}
    code = event.code or (_EXPRESS if service == "express" else _ECOMMERCE)[event.kind]
    return {"status": code, "statusDetailed": code}


def _details(newest: LifeEvent) -> dict[str, Any]:
    if newest.kind not in SIGNED_KINDS or not newest.signer:
        return {"proofOfDeliverySignedAvailable": False}
    signed = {"@type": "Person", "name": newest.signer}
    return {"proofOfDeliverySignedAvailable": True, "proofOfDelivery": {"signed": signed}}
