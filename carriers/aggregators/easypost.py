"""EasyPost Trackers, an aggregator for the whole world, API v2: trackers are created one by one (POST /trackers), which
is billed, then listed (GET /trackers) or pushed as events.

Limits: five lists a second, all else "dynamic"; a page of a list holds a hundred trackers, so fifty numbers are asked
about at once: a number can have several. The vendor looks at carriers by itself and cannot be hurried. Times are UTC.

Oddities, each with a test:
* the key is the user of HTTP Basic, without a password; test and production differ by the key alone;
* a number without a tracker is not found yet, one without lines as well, unless nothing more will come: it has expired;
* creating the same number again within three months gives the tracker that is there, which is a success; later there
  are two, of which the younger counts;
* what a page has no room for is not taken for unknown;
* the detail of a line says more than its status, unless the status is an end, or the detail only tells of the way;
  `arrived_at_destination` is a delivery under `delivered`, and the city otherwise;
* the carrier's own code gives the finer reason, where all its tables that hold the code agree;
* `is_return` makes a delivery a return that is back; one on its way back is back when the vendor has `finalized` it;
* the names of carriers but USPS are unverified (options); one that we do not know is known by its number;
* the code of a failure counts with the HTTP statuses 400, 404 and 422, else the HTTP status does: 402 is a bill;
* pushes are signed over the raw body, with the secret in its NFKD form; where the account holds no `webhook_secret`, it
  is the one that we make; they say everything each time; events that are not about trackers are passed over;
* a second scheme of signatures (`X-Hmac-Signature-V2`) is known by hearsay alone and not looked at.
"""

import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import httpx
import msgspec

from carriers.aggregators.easypost_codes import (
    CARRIER_OF,
    COMPANIES,
    MILESTONES,
    RATE_LIMITS,
    RESULT_CODES,
)
from carriers.aggregators.easypost_trackers import SOURCE, Tracker, answer_of, is_finished
from carriers.answers import NULL, Loose, blame, check_status, decode, decode_rows, refusal, text
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Pushed,
    PushEnd,
    PushReply,
    PushRequest,
    PushSheet,
    Query,
    Stamp,
    Subscription,
    Track,
)
from carriers.errors import (
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    QuotaExhausted,
    RateLimited,
    ShipmentError,
    UnreadableResponse,
)
from carriers.questions import JSON, check_batch, compact_json
from carriers.signing import basic_authorization, hmac_sha256_lower_hex

__all__ = [
    "INFO",
    "MILESTONES",
    "PUSH",
    "RESULT_CODES",
    "acknowledge",
    "read",
    "read_push",
    "read_subscription",
    "request",
    "signature",
    "subscribe",
    "verify",
]

INFO: CarrierInfo = CarrierInfo(
    id=SOURCE,
    name_zh="EasyPost",
    name_en="EasyPost",
    checked_on=date(2026, 11, 22),
    base_url="https://api.easypost.com/v2",
    carriers=COMPANIES,
    number_patterns=(),
    batch_size=50,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=5.0,
    burst=5,
    credentials=("api_key",),
    options={
        f"company_{carrier}": f"the vendor's name (default {company})"
        for carrier, company in COMPANIES.items()
    },
    optional_credentials=("webhook_secret",),
    answers=frozenset({Answer.PUSH, Answer.ETA}),
)

PUSH: PushSheet = PushSheet(before_asking=True, console=True)

_PAGE = "100"
_BODY_COUNTS = frozenset({400, 404, 422})
_ABOUT_THE_NUMBER = frozenset({400, 422})
_SIGNED_BY = "hmac-sha256-hex="


class _Error(msgspec.Struct):
    code: Loose = None


class _Refusal(msgspec.Struct):
    error: _Error | None = None


class _Page(msgspec.Struct):
    trackers: list[msgspec.Raw] | None = None
    has_more: Loose = None


class _Named(msgspec.Struct):
    tracking_code: Loose = None
    carrier: Loose = None
    created_at: Loose = None


class _Event(msgspec.Struct):
    description: Loose = None
    result: msgspec.Raw = NULL


_REFUSAL = msgspec.json.Decoder(_Refusal)
_PAGE_OF_TRACKERS = msgspec.json.Decoder(_Page)
_NAMED = msgspec.json.Decoder(_Named)
_TRACKER = msgspec.json.Decoder(Tracker)
_EVENT = msgspec.json.Decoder(_Event)


@dataclass(frozen=True, slots=True)
class _About:
    """What the vendor says about one number; `carrier` is None for a name that we do not know."""

    number: str
    carrier: str | None
    created_at: str
    said: msgspec.Raw


def signature(body: bytes, secret: str) -> str:
    """`X-Hmac-Signature` of exactly the bytes of a push."""
    return _SIGNED_BY + hmac_sha256_lower_hex(body, unicodedata.normalize("NFKD", secret))


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:  # noqa: ARG001
    """One question about all numbers, whoever carries them; nothing is signed."""
    check_batch(INFO, queries)
    asked = [("tracking_codes[]", query.tracking_number) for query in queries]
    params = httpx.QueryParams([*asked, ("page_size", _PAGE)])
    return httpx.Request("GET", _url(account), params=params, headers=_headers(account))


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,  # noqa: ARG001
    subscription: Subscription,  # noqa: ARG001 - the vendor's console holds address and secret
) -> httpx.Request:
    """The tracker to be created for one number, which the vendor follows and pushes about from then on."""
    (query,) = queries
    check_batch(INFO, queries)
    company = account.options.get(f"company_{query.carrier}", COMPANIES[query.carrier])
    content = compact_json({"tracker": {"tracking_code": query.tracking_number, "carrier": company}})
    headers = _headers(account) | {"Content-Type": JSON}
    return httpx.Request("POST", _url(account), content=content.encode(), headers=headers)


def _url(account: Account) -> str:
    return (account.base_url or INFO.base_url).rstrip("/") + "/trackers"


def _headers(account: Account) -> dict[str, str]:
    return {
        "Authorization": basic_authorization(account.credentials["api_key"], ""),
        "Accept": "application/json",
    }


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """An answer for every number; those that the vendor does not list have no tracker yet."""
    failure = _failure(response)
    if failure is not None:
        return blame(failure, queries)
    page = decode(INFO.id, response.content, _PAGE_OF_TRACKERS)
    if page.trackers is None:
        raise UnreadableResponse(INFO.id, detail="the answer lists no trackers")
    told = [_named(row) for row in page.trackers]
    whole = None not in told and text(page.has_more).lower() != "true"
    return {query: _answer(query, told, whole=whole) for query in queries}


def _failure(response: httpx.Response) -> CarrierError | None:
    """What the body says went wrong, with an HTTP status that leaves it to the body; raises what the status says."""
    code = _code(response)
    known = code in RESULT_CODES or code.startswith(RATE_LIMITS)
    if code and (response.is_success or (known and response.status_code in _BODY_COUNTS)):
        return _refused(code)
    if response.status_code == httpx.codes.PAYMENT_REQUIRED:
        raise QuotaExhausted(INFO.id, code="HTTP 402", detail="the account has a bill to pay")
    check_status(INFO.id, response)
    return None


def _code(response: httpx.Response) -> str:
    try:
        error = decode(INFO.id, response.content, _REFUSAL).error
    except UnreadableResponse:
        return ""
    return text(error.code) if error else ""


def _refused(code: str) -> CarrierError:
    if code.startswith(RATE_LIMITS) and code not in RESULT_CODES:
        return RateLimited(INFO.id)
    return refusal(INFO.id, code, RESULT_CODES)


def _named(row: msgspec.Raw) -> _About | None:
    """The number and the carrier that a tracker is about; None where it does not say so."""
    (named,) = decode_rows(INFO.id, [row], _NAMED)
    if named is None or not text(named.tracking_code):
        return None
    return _About(
        number=text(named.tracking_code).upper(),
        carrier=CARRIER_OF.get(text(named.carrier)),
        created_at=text(named.created_at),
        said=row,
    )


def _answer(
    query: Query, told: Sequence[_About | None], *, whole: bool
) -> Track | ShipmentError | UnreadableResponse:
    said = _told_of(query, told)
    if said is None:
        return (
            NotFoundYet(INFO.id)
            if whole
            else UnreadableResponse(INFO.id, detail="not every tracker was told")
        )
    try:
        return answer_of(decode(INFO.id, said, _TRACKER), query)
    except UnreadableResponse as error:
        return error


def _told_of(query: Query, told: Sequence[_About | None]) -> msgspec.Raw | None:
    """The youngest tracker of the number with its own carrier, else with one whose name an option may have given."""
    same = [one for one in told if one and one.number == query.tracking_number.upper()]
    ours = [one for one in same if one.carrier == query.carrier] or [
        one for one in same if one.carrier is None
    ]
    return max(ours, key=lambda one: one.created_at).said if ours else None


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None where there is a tracker now, also when there was one before."""
    (query,) = queries
    try:
        failure = _failure(response)
    except UnreadableResponse:
        if response.status_code not in _ABOUT_THE_NUMBER:
            raise
        failure = InvalidNumber(INFO.id, code=f"HTTP {response.status_code}")
    if isinstance(failure, ShipmentError):
        return {query: failure}
    if failure is not None:
        raise failure
    if not text(decode(INFO.id, response.content, _NAMED).tracking_code):
        raise UnreadableResponse(INFO.id, detail="the answer holds no tracker")
    return {query: None}


def verify(push: PushRequest, account: Account, secret: str) -> bool:
    """Whether the header is that of the body; the secret stands in the vendor's console."""
    due = signature(push.body, account.credentials.get("webhook_secret") or secret)
    return hmac.compare_digest(push.headers.get("x-hmac-signature", "").encode(), due.encode())


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:
    """What the event says about its one number; nothing where it is about something else."""
    event = decode(INFO.id, push.body, _EVENT)
    kind = text(event.description)
    if kind and not kind.startswith("tracker."):
        return ()
    named, tracker = decode(INFO.id, event.result, _NAMED), decode(INFO.id, event.result, _TRACKER)
    company, number = text(named.carrier), text(named.tracking_code)
    if not company or not number:
        raise UnreadableResponse(INFO.id, detail="the push does not say which number it is about")
    query = Query(_carrier_of(company, account), number)
    return (
        Pushed(
            carrier=query.carrier,
            tracking_number=number,
            answer=answer_of(tracker, query),
            ended=PushEnd.FINISHED if is_finished(tracker) else None,
        ),
    )


def _carrier_of(company: str, account: Account) -> str:
    """Our id of the vendor's name, also of one that the account's options give; else the name as it is."""
    named = {account.options.get(f"company_{carrier}"): carrier for carrier in COMPANIES}
    return named.get(company) or CARRIER_OF.get(company, company)


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """Any 2xx within seven seconds is "taken"; after anything else the vendor calls again, six times."""
    status = httpx.codes.OK if accepted else httpx.codes.SERVICE_UNAVAILABLE
    return PushReply(int(status), "text/plain; charset=utf-8", b"")
