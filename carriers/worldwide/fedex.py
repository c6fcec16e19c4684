"""FedEx (联邦快递) asked through its Track API v1, /track/v1/trackingnumbers: up to thirty numbers in one call.

Limits: 1,400 calls in ten seconds and 100,000 a day for a project, each answered with 429 (the daily one until midnight
in Greenwich); whoever fetches too many tokens is shut out with 403 for some ten minutes (unverified).
Times carry their distance from UTC. A time without it, as a bare date, is none.

Oddities, each with a test:
* a number that is refused stands among the others with an error, in an answer that is HTTP 200;
* FedEx gives numbers out again: of several shipments under one, that with the newest scan is read; the option ship_days
  asks only for those of the last days;
* eventType says what happened, derivedStatusCode what the website shows: a return (RS) may show "delivered" (DL) and a
  label (OC) "initiated" (IN), so the derived code is never read;
* exceptionCode counts with its zeros: 007 (Ground) is nobody there, 07 (Express) is refused. It says more than the
  eventType, save where that is a return, a delivery or a hold; before the pickup it is about fetching the parcel;
* where the newest scan has no exceptionCode, the reason beside the latest status or a delay stands in for it;
* eventTypes are told apart by small and capital letters (Ow);
* after a return whoever signs is the shipper; the new number stands among the identifiers (unverified);
* the contact of the place where a parcel is held is read where it stands (unverified), facilities are printed as ids;
* NOT.FOUND.ERROR means the path, TRACKING.TRACKINGNUMBER.NOTFOUND the number;
* a push has codes that mean something else there (IN, HP), and one that only says "delivered" does not say to whom: it
  is a hint to ask then. How its signature is written, base64 or hex, is unverified;
* pushes come by account, and the portal's security token is the account's push_salt. How to subscribe by number is
  unverified, and not done.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import httpx
import msgspec

from carriers.answers import Loose, blame, check_status, decode, decode_rows, refusal, refusal_of_one, text
from carriers.contract import Account, Answer, Answers, CarrierInfo, Query, Stamp, Token, Track
from carriers.errors import CarrierError, NotFoundYet, RateLimited, ShipmentError, UnreadableResponse
from carriers.questions import JSON, check_batch, form_body
from carriers.worldwide.fedex_codes import MILESTONES, RESULT_CODES
from carriers.worldwide.fedex_push import PUSH, acknowledge, read_push, signature, verify
from carriers.worldwide.fedex_results import RESULT, Result, error_code, track_of

__all__ = [
    "INFO",
    "MILESTONES",
    "PUSH",
    "RESULT_CODES",
    "acknowledge",
    "read",
    "read_push",
    "read_token",
    "request",
    "signature",
    "token_request",
    "verify",
]

INFO: CarrierInfo = CarrierInfo(
    id="fedex",
    name_zh="联邦快递",
    name_en="FedEx",
    checked_on=date(2026, 11, 22),
    base_url="https://apis.fedex.com",
    carriers={"fedex": "fedex"},
    # Express, Ground; Ground with 96 before it; Ground Economy; SSCC; what barcodes hold
    number_patterns=(
        r"\d{12}",
        r"\d{15}",
        r"96\d{20}",
        r"(?:02|61)\d{18}",
        r"\d{18}",
        r"\d{34}",
        r"3\d{31}",
    ),
    batch_size=30,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=20.0,
    burst=20,
    credentials=("client_id", "client_secret"),
    optional_credentials=("child_key", "child_secret"),
    options={
        "locale": "language of the texts: en_US (default), zh_CN, ...",
        "ship_days": "off (default), or ask only for shipments of so many last days",
        "push_encoding": "base64 (default) or hex: how the signature of a push is written",
    },
    answers=frozenset({Answer.PUSH, Answer.ETA}),
)

_SHUT_OUT_FOR = timedelta(minutes=10)
_LOCALE = re.compile(r"[a-z]{2}_[A-Z]{2}", re.ASCII)
_DAYS = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_SECONDS = re.compile(r"\d{1,6}", re.ASCII)


class _Error(msgspec.Struct):
    code: Loose = None


class _OneNumber(msgspec.Struct, rename="camel"):
    tracking_number: Loose = None
    track_results: list[msgspec.Raw] | None = None


class _Output(msgspec.Struct, rename="camel"):
    complete_track_results: list[msgspec.Raw] | None = None


class _Envelope(msgspec.Struct):
    errors: list[_Error] | None = None
    output: _Output | None = None


class _Token(msgspec.Struct):
    access_token: Loose = None
    expires_in: Loose = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_ONE_NUMBER = msgspec.json.Decoder(_OneNumber)
_TOKEN = msgspec.json.Decoder(_Token)


def token_request(account: Account) -> httpx.Request:
    """The form that asks for a token: for the account itself, or, with a child's key, as its reseller."""
    credentials = account.credentials
    fields = {
        "grant_type": "client_credentials",
        "client_id": credentials["client_id"],
        "client_secret": credentials["client_secret"],
    }
    if "child_key" in credentials:
        fields |= {
            "grant_type": "csp_credentials",
            "child_key": credentials["child_key"],
            "child_secret": credentials["child_secret"],
        }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return httpx.Request("POST", _url(account, "/oauth/token"), content=form_body(fields), headers=headers)


def read_token(response: httpx.Response) -> Token:
    """The token; 403 is here said to whoever asks too often."""
    if response.status_code == httpx.codes.FORBIDDEN:
        detail = "shut out, as after asking for too many tokens"
        raise RateLimited(INFO.id, code="HTTP 403", detail=detail, retry_after=_SHUT_OUT_FOR)
    refused = _refused(_envelope(response))
    if refused:
        raise refused
    told = decode(INFO.id, response.content, _TOKEN)
    value, seconds = text(told.access_token), text(told.expires_in)
    if not value or not _SECONDS.fullmatch(seconds):
        raise UnreadableResponse(INFO.id, detail="the answer holds no token")
    return Token(value, timedelta(seconds=int(seconds)))


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
    """One JSON body that asks for up to thirty numbers; `stamp.nonce` becomes the transaction's id."""
    check_batch(INFO, queries)
    dates = _ship_dates(account, stamp)
    document = {
        "includeDetailedScans": True,
        "trackingInfo": [
            {**dates, "trackingNumberInfo": {"trackingNumber": query.tracking_number}} for query in queries
        ],
    }
    headers = {
        "Content-Type": JSON,
        "x-locale": _locale(account),
        "x-customer-transaction-id": stamp.nonce,
    }
    url = _url(account, "/track/v1/trackingnumbers")
    return httpx.Request("POST", url, content=msgspec.json.encode(document), headers=headers)


def _url(account: Account, path: str) -> str:
    return (account.base_url or INFO.base_url).rstrip("/") + path


def _locale(account: Account) -> str:
    locale = account.options.get("locale", "en_US")
    if not _LOCALE.fullmatch(locale):
        raise ValueError("option locale is a language and a country, as en_US")
    return locale


def _ship_dates(account: Account, stamp: Stamp) -> Mapping[str, str]:
    days = account.options.get("ship_days", "off")
    if days == "off":
        return {}
    if not _DAYS.fullmatch(days):
        raise ValueError("option ship_days is off, or a number of days from 1 to 999")
    begin = stamp.at - timedelta(days=int(days))
    return {"shipDateBegin": begin.date().isoformat(), "shipDateEnd": stamp.at.date().isoformat()}


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """An answer for every number asked; raises when the whole call was refused."""
    envelope = _envelope(response)
    refused = _refused(envelope)
    if refused:
        return blame(refused, queries)
    if envelope.output is None or envelope.output.complete_track_results is None:
        raise UnreadableResponse(INFO.id, detail="the answer lists no numbers")
    return _by_query(envelope.output.complete_track_results, queries)


def _envelope(response: httpx.Response) -> _Envelope:
    """The body; an HTTP error counts where it says how long to wait, or the body names no error that we know."""
    try:
        envelope = decode(INFO.id, response.content, _ENVELOPE)
    except UnreadableResponse:
        check_status(INFO.id, response)
        raise
    if "Retry-After" in response.headers or _code(envelope) not in RESULT_CODES:
        check_status(INFO.id, response)
    return envelope


def _code(envelope: _Envelope) -> str:
    return next((code for error in envelope.errors or () if (code := text(error.code))), "")


def _refused(envelope: _Envelope) -> CarrierError | None:
    return refusal(INFO.id, _code(envelope), RESULT_CODES) if envelope.errors else None


def _by_query(rows: Sequence[msgspec.Raw], queries: Sequence[Query]) -> Answers:
    told = decode_rows(INFO.id, rows, _ONE_NUMBER)
    by_number: dict[str, list[msgspec.Raw]] = {}
    for one in told:
        if one:
            by_number.setdefault(_plain(text(one.tracking_number)), []).extend(one.track_results or ())
    asked = {_plain(query.tracking_number) for query in queries}
    # An element of no number we asked for may be about any number that is missing.
    strangers = None in told or not by_number.keys() <= asked
    if strangers and not by_number.keys() & asked:
        raise UnreadableResponse(INFO.id, detail="the answer is about none of the numbers asked")
    return {
        query: _answer(query, by_number.get(_plain(query.tracking_number)), strangers=strangers)
        for query in queries
    }


def _plain(number: str) -> str:
    return number.strip().upper()


def _answer(
    query: Query, rows: Sequence[msgspec.Raw] | None, *, strangers: bool
) -> Track | ShipmentError | UnreadableResponse:
    if rows is None:
        return _out_of_shape() if strangers else NotFoundYet(INFO.id)
    results = decode_rows(INFO.id, rows, RESULT)
    tracks = [found for one in results if one and (found := track_of(query, one))]
    if tracks:
        return max(tracks, key=lambda found: found.scans[-1].occurred_at)
    if None in results or any(one.scan_events for one in results if one):
        return _out_of_shape()
    return _why_nothing([one for one in results if one])


def _why_nothing(results: Sequence[Result]) -> ShipmentError | UnreadableResponse:
    code = next((code for one in results if (code := error_code(one))), "")
    return refusal_of_one(INFO.id, code, RESULT_CODES) if code else NotFoundYet(INFO.id)


def _out_of_shape() -> UnreadableResponse:
    return UnreadableResponse(INFO.id, detail="what is said about this number has not the shape we know")
