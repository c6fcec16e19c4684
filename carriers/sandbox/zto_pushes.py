"""ZTO's pushes: one event in one call, a form with the event as JSON and its digest, to the address in the console.

The words of pushes are not those of answers. What the vendor has no word for is not told: an order, a remark. How
often it repeats a call that was not taken is unverified; sixteen times is documented for another of its pushes.
"""

import base64
import hashlib
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import msgspec

from carriers.sandbox.callbacks import Call, Manner, News
from carriers.sandbox.life import EventKind, Life, LifeEvent, printed
from carriers.sandbox.subscribers import Subscriber

SOURCE = "zto"
APP_KEY = "sandbox-zto-app"
APP_SECRET = "sandbox-zto-secret-0001"  # noqa: S105 - the sandbox's own, opens nothing else
MOST_RETRIES = 16
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
_ACTIONS: dict[EventKind, str] = {
    EventKind.COLLECTED: "GOT",
    EventKind.DEPARTED: "DEPARTURE",
    EventKind.ARRIVED: "ARRIVAL",
    EventKind.ARRIVED_DESTINATION: "ARRIVAL",
    EventKind.OUT_FOR_DELIVERY: "DISPATCH",
    EventKind.ATTEMPT_FAILED: "PROBLEM",
    EventKind.RECIPIENT_UNREACHABLE: "PROBLEM",
    EventKind.REFUSED: "PROBLEM",
    EventKind.OUT_OF_AREA: "PROBLEM",
    EventKind.PICKUP_ONLY: "PROBLEM",
    EventKind.AT_STATION: "INBOUND",
    EventKind.COLLECTED_FROM_STATION: "DEPARTURE_SIGNED",
    EventKind.DELIVERED: "SIGNED",
    EventKind.DELIVERED_TO_PROXY: "SIGNED",
    EventKind.RETURNING: "RETURN_SCAN",
    EventKind.RETURNED: "RETURN_SIGNED",
    EventKind.HANDED_OVER: "DEPARTURE",
    EventKind.HELD: "PROBLEM",
    EventKind.DAMAGED: "PROBLEM",
}
# The others have no code of their own: a courier writes what the matter is.
_PROBLEMS: dict[EventKind, str] = {
    EventKind.RECIPIENT_UNREACHABLE: "A1",
    EventKind.REFUSED: "A5",
    EventKind.PICKUP_ONLY: "A10",
    EventKind.DAMAGED: "B4",
}


def digest(signed: bytes, secret: str) -> str:
    """The signature by the vendor's rule, of a body or of a push's data: MD5 over it and the secret, base64."""
    return base64.b64encode(hashlib.md5(signed + secret.encode(), usedforsecurity=False).digest()).decode()


def return_type(event: LifeEvent) -> str:
    """Which kind of return it is; empty for what is none."""
    if event.kind is not EventKind.RETURNING:
        return ""
    return "5" if event.refused else "2"


def _calls(news: News, _one: Subscriber) -> list[Call]:
    return [_call(news.life, event) for event in news.new if event.kind in _ACTIONS]


def _call(life: Life, event: LifeEvent) -> Call:
    data = msgspec.json.encode(_data(life, event)).decode()
    form = {
        "data": data,
        "data_digest": digest(data.encode(), APP_SECRET),
        "msg_type": "Traces",
        "company_id": APP_KEY,
        "token": "",
    }
    return Call(urlencode(form).encode(), _HEADERS)


def _data(life: Life, event: LifeEvent) -> dict[str, str]:
    said = {
        "billCode": life.tracking_number,
        "action": _ACTIONS[event.kind],
        "actionTime": printed(life.moment(event)),
        "facilityCode": "02100",
        "facilityName": event.station or event.facility,
        "facilityContactPhone": event.station_phone if event.station else event.facility_phone,
        "city": event.city,
        "nextNodeName": event.next_facility,
        "courier": event.courier_name,
        "courierPhone": event.courier_phone,
        "expressSigner": event.signer,
        "problemCode": _PROBLEMS.get(event.kind, ""),
        "returnType": return_type(event),
        "desc": event.text,
    }
    return {field: value for field, value in said.items() if value}


def _is_taken(reply: httpx.Response) -> bool:
    try:
        said = msgspec.json.decode(reply.content)
    except msgspec.DecodeError:
        return False
    return reply.status_code == httpx.codes.OK and isinstance(said, dict) and said.get("status") is True


MANNER = Manner(SOURCE, _calls, _is_taken, every=timedelta(minutes=1), most_retries=MOST_RETRIES)
