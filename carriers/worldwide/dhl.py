"""DHL (敦豪) asked through Shipment Tracking - Unified, one API for all divisions: GET /track/shipments, one number in
one call. Unified Push (1.2.5), in `dhl_push`, tells of up to ten numbers for each subscription.

Limits: a new key has 250 calls a day, counted from 00:00 GMT, and one call a second (newer texts of the portal say one
in five seconds, unverified: `rate_per_second` of the account changes it); about ten questions a day about one parcel,
evenly spread. Times have an offset or Z, or none: then they are the clock of the country in `location`, and UTC where
no country is named (assumed; in a country with several zones some hours may be wrong). `local_time` is as printed.

Oddities, each with a test:
* nothing is signed, the key is a header; third parties need each merchant's own key;
* 404 says "not yet", "forgotten", "another service" and "no such number" in one: it is taken for the first;
* no body has to come with an error, and a gateway's 404 is none of the vendor's;
* the same code means different things in two divisions, which `service` tells; it may stand in `status` or in
  `statusDetailed`, of Parcel Germany the two together; the ecommerce tables are used for ecommerce-apac as well;
* where the code is unknown the coarse `statusCode` counts, and the code is reported; `transit` may hide an attempt or a
  parcel that waits, so the reader of texts has to look;
* some divisions print a sentence in `status`, which is no code and may name people;
* `delivered` may be a shop (ecommerce-europe 43 to 47) or the shipper (svb RETURNED_TO_SENDER); on a shipment with
  `returnFlag`, and after a parcel turned back, whoever takes it is the shipper;
* fractions of a second have up to nine digits;
* events come newest first; where there are none the state of the shipment is the only line;
* several shipments can have had the number: the one with the newest line counts. The `service` is only sent where the
  account's option says it, for no question carries what an earlier answer said;
* `id` and `references` have had other shapes, only the first of which is read; the country stands behind the city;
* pushes bear no signature but a header of our own, and come only after we have said that we are there.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

import httpx
import msgspec

from carriers.answers import Loose, blame, check_status, decode, refusal, text
from carriers.contract import Account, Answers, Query, Stamp, Track
from carriers.errors import NotFoundYet, ShipmentError, UnreadableResponse
from carriers.questions import check_batch, choice
from carriers.worldwide.dhl_codes import INFO, MILESTONES, NAMESPACES, RESULT_CODES, STATUS_CODES
from carriers.worldwide.dhl_push import (
    PUSH,
    acknowledge,
    confirmation,
    read_confirmation,
    read_push,
    read_subscription,
    subscribe,
    verify,
)
from carriers.worldwide.dhl_shipments import Told, newest, shipment_of, track_of

__all__ = [
    "INFO",
    "MILESTONES",
    "PUSH",
    "RESULT_CODES",
    "STATUS_CODES",
    "acknowledge",
    "confirmation",
    "read",
    "read_confirmation",
    "read_push",
    "read_subscription",
    "request",
    "subscribe",
    "verify",
]

_TWO_LETTERS = re.compile(r"[A-Za-z]{2}", re.ASCII)


class _Answer(msgspec.Struct):
    """Shipments, or what the vendor says instead: then `status` is its code."""

    status: Loose = None
    shipments: list[msgspec.Raw] | None = None


_ANSWER = msgspec.json.Decoder(_Answer)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:  # noqa: ARG001
    """One GET that asks for one number; nothing in it is signed or depends on the time."""
    check_batch(INFO, queries)
    asked = {
        "trackingNumber": queries[0].tracking_number,
        "service": choice(account, "service", ("", *NAMESPACES)),
        "requesterCountryCode": _letters(account, "requester_country", "").upper(),
        "originCountryCode": _letters(account, "origin_country", "").upper(),
        "language": _letters(account, "language", "en").lower(),
    }
    parameters = urlencode({name: value for name, value in asked.items() if value})
    url = (account.base_url or INFO.base_url).rstrip("/") + f"/track/shipments?{parameters}"
    headers = {"Accept": "application/json", "DHL-API-Key": account.credentials["api_key"]}
    return httpx.Request("GET", url, headers=headers)


def _letters(account: Account, option: str, default: str) -> str:
    value = account.options.get(option, default)
    if value and not _TWO_LETTERS.fullmatch(value):
        raise ValueError(f"option {option} is two letters")
    return value


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked."""
    if not response.is_success:
        return blame(_refusal(response), queries)
    answer = decode(INFO.id, response.content, _ANSWER)
    if answer.shipments is None:
        return blame(refusal(INFO.id, text(answer.status), RESULT_CODES), queries)
    if not answer.shipments:
        return dict.fromkeys(queries, NotFoundYet(INFO.id))
    told = [one for document in answer.shipments if (one := shipment_of(document))]
    if not told:
        raise UnreadableResponse(INFO.id, detail="no shipment of the answer can be read")
    return {query: _track_or_none(newest(told), query) for query in queries}


def _refusal(response: httpx.Response) -> ShipmentError:
    """What the vendor itself says about the number, with the HTTP status in its body too; all else is raised."""
    try:
        said = text(decode(INFO.id, response.content, _ANSWER).status)
    except UnreadableResponse:
        said = ""
    error = refusal(INFO.id, said, RESULT_CODES)
    if said == str(response.status_code) and isinstance(error, ShipmentError):
        return error
    check_status(INFO.id, response)
    raise error


def _track_or_none(told: Told, query: Query) -> Track | ShipmentError:
    """The track, or "nothing yet" where nothing has happened."""
    if told.readable:
        return track_of(told, query)
    if told.rows or told.under_way:
        raise UnreadableResponse(INFO.id, detail="no line of the answer can be read")
    return NotFoundYet(INFO.id)
