"""UPS Track Alert v1: asked for with up to a hundred numbers at once, and called back by it, one event in each call.

A call bears the secret of the subscription in the header `credential` and is signed in no other way. Later versions
fetch a token from an address of ours before each call; they are not taken.

Oddities, each with a test:
* a subscription lasts fourteen days and has to be asked for anew; that it has run out cannot be seen;
* nothing from before the subscription is told: the parcel has to be asked about as well;
* numbers that are not 1Z or 1R are among the `invalidTrackingNumbers`;
* `descriptionCode` is the statusCode; it may come as a number or without its zeros;
* an update (type U: a photo, a new date) is no line of the parcel's, and answers do not list it: it is a hint to ask;
  so is a call whose time cannot be read;
* calls may come twice or out of order; how often one that is refused comes again is unverified.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace

import httpx
import msgspec

from carriers.answers import Loose, decode, text
from carriers.contract import (
    Account,
    Milestone,
    Pushed,
    PushReply,
    PushRequest,
    PushSheet,
    Query,
    Stamp,
    Subscription,
    Track,
)
from carriers.errors import InvalidNumber, ShipmentError, UnreadableResponse
from carriers.questions import JSON, compact_json
from carriers.timeline import track
from carriers.worldwide.ups_calls import SOURCE, address, headers, let_through
from carriers.worldwide.ups_codes import NONE_IS_RIGHT, SUBSCRIPTION_CODES
from carriers.worldwide.ups_lines import Activity, Address, Location, Status, row

__all__ = ["PUSH", "acknowledge", "read_push", "read_subscription", "subscribe", "verify"]

PUSH: PushSheet = PushSheet(batch_size=100)

_UPDATE = "U"
_SIGNED = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY})


class _Status(msgspec.Struct, rename="camel"):
    type: Loose = None
    code: Loose = None
    description: Loose = None
    description_code: Loose = None


class _Event(msgspec.Struct, rename="camel"):
    tracking_number: Loose = None
    local_activity_date: Loose = None
    local_activity_time: Loose = None
    gmt_activity_date: Loose = None
    gmt_activity_time: Loose = None
    gmt_offset: Loose = None
    activity_location: Address | None = None
    activity_status: _Status | None = None
    alternate_tracking_number: Loose = None
    received_by: Loose = None


class _Subscribed(msgspec.Struct, rename="camel"):
    valid_tracking_numbers: list[Loose] | None = None
    invalid_tracking_numbers: list[Loose] | None = None


_EVENT = msgspec.json.Decoder(_Event)
_SUBSCRIBED = msgspec.json.Decoder(_Subscribed)


def subscribe(
    queries: Sequence[Query], account: Account, stamp: Stamp, subscription: Subscription
) -> httpx.Request:
    """The request for pushes about up to a hundred numbers; whoever sends it adds the token."""
    if not 1 <= len(queries) <= PUSH.batch_size:
        raise ValueError(f"{SOURCE} takes 1 to {PUSH.batch_size} numbers in one call, not {len(queries)}")
    document = {
        "locale": account.options.get("locale", "en_US"),
        "countryCode": account.options.get("country_code", "US"),
        "trackingNumberList": [query.tracking_number for query in queries],
        "destination": {
            "url": subscription.callback_url,
            "credentialType": "Bearer",
            "credential": subscription.secret,
        },
    }
    return httpx.Request(
        "POST",
        address(account, "/api/track/v1/subscription/standard/package"),
        content=compact_json(document).encode(),
        headers={"Content-Type": JSON, **headers(account, stamp)},
    )


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None for the numbers that are valid; the others are refused."""
    try:
        body = let_through(response, SUBSCRIPTION_CODES)
    except ShipmentError as error:
        if len(queries) == 1 or error.code == NONE_IS_RIGHT:
            return dict.fromkeys(queries, error)
        raise
    told = decode(SOURCE, body, _SUBSCRIBED)
    if told.valid_tracking_numbers is None and told.invalid_tracking_numbers is None:
        raise UnreadableResponse(SOURCE, detail="the answer lists no numbers")
    valid, invalid = _numbers(told.valid_tracking_numbers), _numbers(told.invalid_tracking_numbers)
    return {query: _refused(query.tracking_number, valid, invalid) for query in queries}


def _numbers(listed: Sequence[Loose] | None) -> frozenset[str]:
    return frozenset(text(number).upper() for number in listed or ())


def _refused(number: str, valid: frozenset[str], invalid: frozenset[str]) -> ShipmentError | None:
    if number.upper() in valid:
        return None
    if number.upper() in invalid:
        return InvalidNumber(SOURCE)
    return ShipmentError(SOURCE, detail="the source does not say that it will push about this number")


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether the call bears the secret that we gave with the subscription."""
    given = push.headers.get("credential", "")
    return bool(given) and hmac.compare_digest(given.encode(), secret.encode())


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """What the push says about its one number: one event, or that there is something to ask about."""
    event = decode(SOURCE, push.body, _EVENT)
    number = text(event.tracking_number).upper()
    if not number:
        raise UnreadableResponse(SOURCE, detail="the push does not say which number it is about")
    return (Pushed(carrier=SOURCE, tracking_number=number, answer=_news(event, number)),)


def _news(event: _Event, number: str) -> Track | None:
    activity = _as_activity(event)
    line = row(activity, number)
    if line is None or text((activity.status or Status()).type).upper() == _UPDATE:
        return None
    found = track(Query(SOURCE, number), [line])
    (scan,) = found.scans
    if scan.milestone in _SIGNED:
        scan = replace(scan, signed_by=text(event.received_by) or None)
    other = text(event.alternate_tracking_number)
    return replace(found, scans=(scan,), complete=False, new_tracking_number=other or None)


def _as_activity(event: _Event) -> Activity:
    """The event in the shape of a line of an answer."""
    status = event.activity_status or _Status()
    return Activity(
        date=event.local_activity_date,
        time=event.local_activity_time,
        gmt_date=event.gmt_activity_date,
        gmt_time=event.gmt_activity_time,
        gmt_offset=event.gmt_offset,
        location=Location(event.activity_location),
        status=Status(status.type, status.code, status.description_code, status.description),
    )


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """HTTP 200 for "taken"; what it answers is not looked at."""
    status = httpx.codes.OK if accepted else httpx.codes.SERVICE_UNAVAILABLE
    return PushReply(int(status), "text/plain", b"")
