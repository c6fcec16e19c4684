"""Plays UPS Track Alert v1: subscriptions of up to a hundred numbers for fourteen days, and a call for each event.

Nothing from before a subscription is told; one that is asked for again begins anew. A call bears the credential that
came with the subscription. Unverified and played so: that a call not taken comes again three times, half an hour apart.
"""

import re
from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any

import httpx
import msgspec
from starlette.responses import Response

from carriers.sandbox.callbacks import Call, Manner, News
from carriers.sandbox.life import CHINA, EventKind, Life, LifeEvent
from carriers.sandbox.played import Refused
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World

SOURCE = "ups"
LASTS = timedelta(days=14)
MOST_NUMBERS = 100
_NUMBER = re.compile(r"1[ZR][0-9A-Z]{16}", re.ASCII)
_LEVELS: dict[EventKind, tuple[str, str, str]] = {
    EventKind.ORDERED: ("M", "MP", "003"),
    EventKind.COLLECTED: ("I", "PU", "038"),
    EventKind.DEPARTED: ("I", "DP", "005"),
    EventKind.ARRIVED: ("I", "AR", "005"),
    EventKind.ARRIVED_DESTINATION: ("I", "YP", "071"),
    EventKind.OUT_FOR_DELIVERY: ("I", "OT", "021"),
    EventKind.ATTEMPT_FAILED: ("X", "48", "022"),
    EventKind.RECIPIENT_UNREACHABLE: ("X", "BQ", "029"),
    EventKind.REFUSED: ("X", "AM", "064"),
    EventKind.OUT_OF_AREA: ("X", "D4", "029"),
    EventKind.PICKUP_ONLY: ("X", "S7", "017"),
    # at an Access Point as it should be; 040 would say that there is no delivery to the door
    EventKind.AT_STATION: ("X", "ZP", "000"),
    EventKind.COLLECTED_FROM_STATION: ("D", "2W", "011"),
    EventKind.DELIVERED: ("D", "FS", "011"),
    EventKind.DELIVERED_TO_PROXY: ("D", "M8", "011"),
    EventKind.RETURNING: ("X", "CS", "035"),
    EventKind.RETURNED: ("D", "B0", "011"),
    EventKind.HANDED_OVER: ("X", "Y9", "164"),
    EventKind.HELD: ("X", "OM", "083"),
    EventKind.DAMAGED: ("X", "13", "059"),
    EventKind.NOTE: ("X", "RG", "088"),
}


class _Destination(msgspec.Struct):
    url: str = ""
    credentialType: str = ""  # noqa: N815 - the vendor's word
    credential: str = ""


class _Wish(msgspec.Struct):
    """What a subscription says."""

    locale: str = ""
    countryCode: str = ""  # noqa: N815
    trackingNumberList: list[str] = []  # noqa: N815
    destination: _Destination | None = None


def levels(event: LifeEvent) -> tuple[str, str, str]:
    """Type, code and three-digit code; an event's own code names all three with slashes between them."""
    if event.code:
        kind, code, status = event.code.split("/")
        return kind, code, status
    return _LEVELS[event.kind]


def take_subscription(content: str, world: World) -> Response | Refused:
    """What the vendor answers to a subscription."""
    try:
        wish = msgspec.json.decode(content, type=_Wish)
    except msgspec.DecodeError:
        return Refused("VSS110")
    code = _fault(wish)
    if code:
        return Refused(code)
    valid = [number for number in wish.trackingNumberList if _NUMBER.fullmatch(number)]
    if not valid:
        return Refused("VSS210", Outcome.NUMBER_REFUSED)
    for number in valid:
        _begin(number, wish.destination or _Destination(), world)
    invalid = [number for number in wish.trackingNumberList if number not in valid]
    return json_response({"validTrackingNumbers": valid, "invalidTrackingNumbers": invalid})


def _fault(wish: _Wish) -> str:
    """The first thing that is missing or too much."""
    destination = wish.destination or _Destination()
    faults = (
        (not wish.trackingNumberList, "VSS200"),
        (len(wish.trackingNumberList) > MOST_NUMBERS, "VSS220"),
        (not wish.locale, "VSS300"),
        (not wish.countryCode, "VSS400"),
        (wish.destination is None, "VSS500"),
        (not destination.url.startswith(("http://", "https://")), "VSS600"),
        (not destination.credential, "VSS700"),
        (not destination.credentialType, "VSS800"),
    )
    return next((code for at_fault, code in faults if at_fault), "")


def _begin(number: str, destination: _Destination, world: World) -> None:
    """A subscription begins with its fourteen days, also where one stood before."""
    world.subscribers.setdefault(SOURCE, {}).pop(("ups", number), None)
    world.subscribe(SOURCE, "ups", number, callback_url=destination.url, secret=destination.credential)
    world.count(SOURCE, Outcome.SUBSCRIBED)


def _calls(news: News, one: Subscriber) -> Sequence[Call]:
    """One call for each event of the fourteen days."""
    told = [event for event in news.new if one.since <= news.life.moment(event) < one.since + LASTS]
    return [_call(news.life, event, one) for event in told]


def _call(life: Life, event: LifeEvent, one: Subscriber) -> Call:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "UPSPubSubTrackingService",
        "credential": one.secret or "",
    }
    return Call(msgspec.json.encode(_event(life, event)), headers)


def _event(life: Life, event: LifeEvent) -> dict[str, Any]:
    kind, code, status = levels(event)
    moment = life.moment(event)
    here, in_greenwich = moment.astimezone(CHINA), moment.astimezone(UTC)
    return {
        "trackingNumber": life.tracking_number,
        "localActivityDate": f"{here:%Y%m%d}",
        "localActivityTime": f"{here:%H%M%S}",
        "activityLocation": {"city": event.city, "stateProvince": "", "postalCode": "", "country": "CN"},
        # as a number every other time, without its zeros
        "activityStatus": {
            "type": kind,
            "code": code,
            "description": event.text,
            "descriptionCode": int(status) if moment.second % 2 else status,
        },
        "scheduledDeliveryDate": "",
        "actualDeliveryDate": f"{here:%Y%m%d}" if event.signer else "",
        "actualDeliveryTime": f"{here:%H%M%S}" if event.signer else "",
        "gmtActivityDate": f"{in_greenwich:%Y%m%d}",
        "gmtActivityTime": f"{in_greenwich:%H%M%S}",
        "gmtOffset": "+08.00",
        "deliveryStartTime": "",
        "deliveryEndTime": "",
        "deliveryTimeDescription": "",
        "deliveryPhoto": "",
        "alternateTrackingNumber": "",
        "receivedBy": event.signer,
    }


def _is_taken(response: httpx.Response) -> bool:
    return response.status_code == httpx.codes.OK


MANNER = Manner(SOURCE, calls=_calls, is_taken=_is_taken)
