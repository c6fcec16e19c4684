"""UPS (联合包裹) asked through its Track API v1, one number in one call, and called back by Track Alert v1, event by
event, about numbers asked for; both with a bearer token (OAuth 2, client credentials), which lasts about four hours.

Limits: none published; the vendor's advice is to keep the token and to pace oneself. Times are digits of a local clock;
the same in Greenwich's time stands beside them, or does not: then the distance from it, if printed, or else the clock
of the line's country counts, and UTC where a country has several clocks or none is named.

Oddities, each with a test:
* "not found" is HTTP 200 with a warning and no package; HTTP 404 is understood, too;
* a line has three codes: `statusCode` decides, `code` says more finely what and why, `type` counts where the others say
  nothing. The same two characters mean different things in different tables; the type says in which to look;
* where the status only says that something is wrong, or that the parcel is on its way and `code` is a movement, the
  milestone is that of `code`; on a delivery, `code` may tell that it was left with somebody, or with the shipper;
* a place to leave a parcel at (front door, concierge) is a delivery on a line of type D alone;
* codes and times may have lost their leading zeros; the distance from Greenwich is printed with a colon or a dot;
* numbers of Mail Innovations have a table of codes of their own; that it comes first for numbers of 18 to 30 digits is
  our reading;
* an answer may hold several packages: the one that was asked about counts;
* another number of the package's is told as its new one; it may be the post's for the last miles;
* a day of delivery has no zone: it is read on the clock of the country it goes to, or else as far from Greenwich as the
  newest line there; without both there is no ETA;
* UPS prints numbers whose check digit is wrong: none is refused for that.

What Track Alert is like is told in `ups_push`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import httpx
import msgspec

from carriers.answers import Loose, blame, decode, decode_rows, refusal_of_one, text
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Milestone,
    Query,
    Stamp,
    Track,
)
from carriers.errors import NotFoundYet, ShipmentError, UnreadableResponse
from carriers.questions import check_batch, switch
from carriers.timeline import from_local, track
from carriers.worldwide.ups_calls import (
    BASE_URL,
    address,
    headers,
    let_through,
    read_token,
    refused_with,
    token_request,
)
from carriers.worldwide.ups_codes import CLOCKS, MILESTONES, RESULT_CODES
from carriers.worldwide.ups_lines import ACTIVITY, Activity, Address, clock, country_of, distance, row
from carriers.worldwide.ups_push import PUSH, acknowledge, read_push, read_subscription, subscribe, verify

__all__ = [
    "INFO",
    "MILESTONES",
    "PUSH",
    "RESULT_CODES",
    "acknowledge",
    "read",
    "read_push",
    "read_subscription",
    "read_token",
    "request",
    "subscribe",
    "token_request",
    "verify",
]

INFO: CarrierInfo = CarrierInfo(
    id="ups",
    name_zh="联合包裹",
    name_en="UPS",
    checked_on=date(2026, 11, 22),
    base_url=BASE_URL,
    carriers={"ups": "ups"},
    # parcels; waybills; those of Mail Innovations and SurePost that the post carries to the door
    number_patterns=(
        r"1Z[0-9A-Z]{15}\d",
        r"[AHJKTV]\d{10}",
        r"(?:420\d{5}(?:\d{4})?)?92\d{20}(?:\d{4})?",
    ),
    batch_size=1,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=2.0,
    burst=5,
    credentials=("client_id", "client_secret"),
    options={
        "locale": "the language of the lines (default en_US)",
        "return_signature": "false (default) or true: have the picture of the signature sent along; it is not read",
        "return_pod": "false (default) or true: have the proof of delivery sent along; it is not read",
        "transaction_source": "how our calls are named to the vendor (default parcel-watcher)",
        "merchant_id": "the six digits of the shipper's account, where the token needs them (default none)",
        "country_code": "the country that a subscription names (default US)",
    },
    answers=frozenset({Answer.PUSH, Answer.ETA, Answer.PROOF_OF_DELIVERY}),
)

_SIGNED = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY})
_DESTINATION = "DESTINATION"
# a later day takes the place of the one planned first
_DAYS_TO_COME = ("RDD", "SDD")
_END_OF_DAY = "235959"


class _Warning(msgspec.Struct):
    code: Loose = None


class _Day(msgspec.Struct):
    type: Loose = None
    date: Loose = None


class _Hours(msgspec.Struct, rename="camel"):
    type: Loose = None
    end_time: Loose = None


class _Delivery(msgspec.Struct, rename="camel"):
    location: Loose = None
    received_by: Loose = None


class _End(msgspec.Struct):
    type: Loose = None
    address: Address | None = None


class _OtherNumber(msgspec.Struct):
    number: Loose = None


class _Package(msgspec.Struct, rename="camel"):
    tracking_number: Loose = None
    activity: list[msgspec.Raw] | None = None
    delivery_date: list[_Day] | None = None
    delivery_time: _Hours | None = None
    delivery_information: _Delivery | None = None
    package_address: list[_End] | None = None
    alternate_tracking_number: list[_OtherNumber] | None = None


class _Shipment(msgspec.Struct, rename="camel"):
    package: list[_Package] | None = None
    warnings: list[_Warning] | None = None


class _Shipments(msgspec.Struct):
    shipment: list[_Shipment] | None = None


class _Answer(msgspec.Struct, rename="camel"):
    track_response: _Shipments | None = None


_ANSWER = msgspec.json.Decoder(_Answer)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
    """The question about one number; whoever sends it adds the token."""
    check_batch(INFO, queries)
    wished = {
        "locale": account.options.get("locale", "en_US"),
        "returnSignature": _word(on=switch(account, "return_signature", default=False)),
        "returnMilestones": "false",
        "returnPOD": _word(on=switch(account, "return_pod", default=False)),
    }
    path = f"/api/track/v1/details/{quote(queries[0].tracking_number, safe='')}"
    url = f"{address(account, path)}?{urlencode(wished)}"
    return httpx.Request("GET", url, headers=headers(account, stamp))


def _word(*, on: bool) -> str:
    return str(on).lower()


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked."""
    if response.status_code == httpx.codes.NOT_FOUND and refused_with(response):
        return dict.fromkeys(queries, NotFoundYet(INFO.id))
    try:
        body = let_through(response, RESULT_CODES)
    except ShipmentError as error:
        return blame(error, queries)
    told = decode(INFO.id, body, _ANSWER).track_response
    if told is None or not told.shipment:
        raise UnreadableResponse(INFO.id, detail="the answer lists no shipment")
    return {query: _track_or_refusal(told.shipment, query) for query in queries}


def _track_or_refusal(
    shipments: Sequence[_Shipment], query: Query
) -> Track | ShipmentError | UnreadableResponse:
    packages = [package for shipment in shipments for package in shipment.package or ()]
    if not packages:
        warnings = [warning for shipment in shipments for warning in shipment.warnings or ()]
        return _warned(warnings)
    package = _asked_about(packages, query.tracking_number)
    if not package.activity:
        return NotFoundYet(INFO.id)
    activities = decode_rows(INFO.id, package.activity, ACTIVITY)
    number = text(package.tracking_number) or query.tracking_number
    found = track(query, (None if one is None else row(one, number) for one in activities))
    if not found.scans:
        raise UnreadableResponse(INFO.id, detail="no line of the answer can be read")
    found = replace(found, new_tracking_number=_new_number(package, query.tracking_number))
    newest = [one for one in activities if one is not None]
    return _delivered(found, package) or replace(found, eta=_eta(package, newest))


def _warned(warnings: Sequence[_Warning]) -> ShipmentError | UnreadableResponse:
    if not warnings:
        raise UnreadableResponse(INFO.id, detail="the answer holds neither a package nor a warning")
    return refusal_of_one(INFO.id, text(warnings[0].code), RESULT_CODES)


def _asked_about(packages: Sequence[_Package], number: str) -> _Package:
    """The package of that number, or with it among its others; the only one in any case."""
    if len(packages) == 1:
        return packages[0]
    for package in packages:
        if number in {text(package.tracking_number), *_other_numbers(package)}:
            return package
    raise UnreadableResponse(INFO.id, detail="none of several packages bears the number asked")


def _other_numbers(package: _Package) -> list[str]:
    return [text(other.number) for other in package.alternate_tracking_number or ()]


def _new_number(package: _Package, asked: str) -> str | None:
    return next((other for other in _other_numbers(package) if other and other != asked), None)


def _delivered(found: Track, package: _Package) -> Track | None:
    """With who took it and where it lies, once it is delivered; None before."""
    if found.scans[-1].milestone not in _SIGNED:
        return None
    delivery = package.delivery_information or _Delivery()
    signed = replace(found.scans[-1], signed_by=text(delivery.received_by) or None)
    place = text(delivery.location) or None
    return replace(found, scans=(*found.scans[:-1], signed), proof_of_delivery=place)


def _eta(package: _Package, activities: Sequence[Activity]) -> datetime | None:
    days: Mapping[str, Loose] = {text(day.type).upper(): day.date for day in package.delivery_date or ()}
    day = next((days[kind] for kind in _DAYS_TO_COME if kind in days), None)
    zone = _zone_of_destination(package, activities)
    if zone is None or "DEL" in days:
        return None
    hours = package.delivery_time or _Hours()
    return from_local(clock(day, text(hours.end_time) or _END_OF_DAY), zone)


def _zone_of_destination(package: _Package, activities: Sequence[Activity]) -> tzinfo | None:
    """The clock of the country it goes to; where that has several, the one of the newest line printed there."""
    ends = [end.address for end in package.package_address or () if text(end.type).upper() == _DESTINATION]
    country = country_of(ends[0] or Address()) if ends else ""
    if country in CLOCKS:
        return ZoneInfo(CLOCKS[country])
    there = [one for one in activities if country and _country(one) == country]
    return next((zone for one in there if (zone := distance(one))), None)


def _country(activity: Activity) -> str:
    location = activity.location
    return country_of((location and location.address) or Address())
