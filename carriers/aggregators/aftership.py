"""AfterShip (全球物流追踪平台), an aggregator for the whole world, Tracking API 2025-01: a tracking is created for each
number, then read by the list, or pushed. Later versions (`base_url`) have the same shapes.

Limits: 20 numbers a second are created, 6 lists a second read; fifty numbers in a list are safe (unverified). Each
tracking that is created costs a credit. Times of checkpoints may lack a zone: they are of the country of the place.

Oddities, each with a test:
* the code is `meta.code`, which says more than the HTTP error it comes with, unless that has a Retry-After;
* how long to wait after too many calls stands in X-RateLimit-Reset, a moment or seconds (unverified);
* a tracking that is created again (4003) is a success; one that nobody created is missing from the list, and is not
  found yet; so is one without checkpoints, whatever its tag;
* a list that goes on on another page leaves what is missing unread;
* the same number may be tracked at several carriers: the slug tells which is meant;
* an unknown subtag means what its tag does, and is reported; a newest checkpoint that says nothing, or less than the
  end of the parcel, bears the parcel's state;
* what SF and ZTO want beside the number is unverified: the tail is sent as the recipient's phone, as a tracking key or
  not at all (an option); so is the spelling of Chinese slugs (options);
* requests are signed where the account has an `api_secret`: over method, MD5 of the body, date, as-headers, and the
  path with the query in order of names; a key without one is asked for no signature;
* pushes are signed with a secret of their own (`webhook_secret`) over the raw body, in one of two headers; they say
  everything each time, or only the state: then they are a hint to ask; `active` false tells the last one;
* who signed is told for the parcel, and belongs to the last checkpoint; a last carrier's own number is the new one.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta
from email.utils import format_datetime
from urllib.parse import urlencode

import httpx
import msgspec

from carriers.aggregators.aftership_codes import EXISTS, MILESTONES, RESULT_CODES, SLUGS
from carriers.aggregators.aftership_trackings import Tracking, out_of_shape, track_of
from carriers.answers import (
    NULL,
    Loose,
    blame,
    check_status,
    decode,
    decode_rows,
    http_date,
    refusal,
    text,
)
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Milestone,
    Need,
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
from carriers.errors import CarrierError, NotFoundYet, RateLimited, ShipmentError, UnreadableResponse
from carriers.questions import check_batch, choice, compact_json
from carriers.signing import hmac_sha256_base64, md5_upper_hex

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
    id="aftership",
    name_zh="AfterShip",
    name_en="AfterShip",
    checked_on=date(2026, 11, 22),
    base_url="https://api.aftership.com/tracking/2025-01",
    carriers=SLUGS,
    number_patterns=(),
    batch_size=50,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=5.0,
    burst=5,
    credentials=("api_key",),
    optional_credentials=("api_secret", "webhook_secret"),
    options={
        "phone_tail_field": "phone_number (default), tracking_key or none: as what the tail is sent for SF and ZTO",
        **{
            f"slug_{carrier}": f"the vendor's word for {carrier} (default {slug})"
            for carrier, slug in SLUGS.items()
        },
    },
    needs=frozenset({Need.PHONE_TAIL}),
    phone_tail_carriers=frozenset({"sf", "zto"}),
    answers=frozenset({Answer.PUSH, Answer.ETA}),
)

PUSH: PushSheet = PushSheet(before_asking=True, console=True)

_OK = frozenset({"200", "201"})
_JSON = "application/json"
# Two trackings of each number; a number with more of them makes a second page.
_PAGE = 100
_SIGNATURES = ("aftership-hmac-sha256", "x-aftership-hmac-sha256")
_EVENTS = frozenset({"tracking_update", "edd_revise"})
_FINISHED = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY, Milestone.RETURNED})
# Smaller figures are seconds, not moments.
_FIRST_MOMENT = 1_000_000_000


class _Meta(msgspec.Struct):
    code: Loose = None


class _Reply(msgspec.Struct):
    meta: _Meta | None = None
    data: msgspec.Raw = NULL


class _Pagination(msgspec.Struct):
    has_next_page: Loose = None


class _Listed(msgspec.Struct):
    pagination: _Pagination | None = None
    trackings: list[msgspec.Raw] | None = None


class _Push(msgspec.Struct):
    event: Loose = None
    msg: Tracking | None = None


_REPLY = msgspec.json.Decoder(_Reply)
_LISTED = msgspec.json.Decoder(_Listed)
_TRACKING = msgspec.json.Decoder(Tracking)
_PUSH = msgspec.json.Decoder(_Push)


def signature(request: httpx.Request, *, secret: str) -> str:
    """`as-signature-hmac-sha256` of a request that has its `date` and its other headers: six lines, of which those that
    do not apply are empty. The query is taken as it stands, so it has to be in order of names."""
    body = request.content.decode()
    own = sorted(
        (name, value.strip())
        for name, value in request.headers.items()
        if name.startswith("as-") and not name.startswith("as-signature")
    )
    lines = (
        request.method,
        md5_upper_hex(body) if body else "",
        request.headers.get("content-type", "") if body else "",
        request.headers["date"],
        "\n".join(f"{name}:{value}" for name, value in own),
        request.url.raw_path.decode(),
    )
    return hmac_sha256_base64("\n".join(lines).encode(), secret)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
    """One call that reads the trackings of up to fifty numbers, whatever their carriers."""
    _check(queries, account)
    numbers = ",".join(query.tracking_number.upper() for query in queries)
    query = urlencode({"limit": _PAGE, "tracking_numbers": numbers}, safe=",")
    url = f"{_address(account)}?{query}"
    return _with_signature(httpx.Request("GET", url, headers=_key(account)), account, stamp)


def _check(queries: Sequence[Query], account: Account) -> None:
    check_batch(INFO, queries)
    choice(account, "phone_tail_field", ("phone_number", "tracking_key", "none"))


def _address(account: Account) -> str:
    return (account.base_url or INFO.base_url).rstrip("/") + "/trackings"


def _key(account: Account) -> dict[str, str]:
    return {"as-api-key": account.credentials["api_key"]}


def _with_signature(request: httpx.Request, account: Account, stamp: Stamp) -> httpx.Request:
    """The request, signed where the account can."""
    secret = account.credentials.get("api_secret")
    if secret:
        request.headers["date"] = format_datetime(stamp.at.astimezone(UTC), usegmt=True)
        request.headers["as-signature-hmac-sha256"] = signature(request, secret=secret)
    return request


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """An answer for every number asked; raises when the whole call was refused."""
    reply = _decoded(response)
    code = _code(reply)
    if code not in _OK:
        return blame(_refusal(code, response), queries)
    listed = decode(INFO.id, reply.data, _LISTED)
    if listed.trackings is None:
        raise UnreadableResponse(INFO.id, detail="the answer lists no trackings")
    return _by_query(listed, queries)


def _decoded(response: httpx.Response) -> _Reply:
    """The body; an HTTP error counts when it says how long to wait, or the body holds none of the vendor's codes."""
    try:
        reply = decode(INFO.id, response.content, _REPLY)
    except UnreadableResponse:
        _check_status(response)
        raise
    if "Retry-After" in response.headers or _code(reply) not in {*RESULT_CODES, EXISTS}:
        _check_status(response)
    return reply


def _check_status(response: httpx.Response) -> None:
    try:
        check_status(INFO.id, response)
    except RateLimited as error:
        error.retry_after = error.retry_after or _until_reset(response.headers)
        raise


def _code(reply: _Reply) -> str:
    return text(reply.meta.code) if reply.meta else ""


def _refusal(code: str, response: httpx.Response) -> CarrierError:
    error = refusal(INFO.id, code, RESULT_CODES)
    if isinstance(error, RateLimited):
        error.retry_after = _until_reset(response.headers)
    return error


def _until_reset(headers: httpx.Headers) -> timedelta | None:
    """Until the moment that the header names, by the server's own clock; or the seconds that it counts."""
    reset, now = headers.get("X-RateLimit-Reset", ""), http_date(headers.get("Date", ""))
    if not (reset.isascii() and reset.isdigit()):
        return None
    if int(reset) < _FIRST_MOMENT:
        return timedelta(seconds=int(reset))
    return timedelta(seconds=max(int(reset) - now.timestamp(), 0)) if now else None


def _by_query(listed: _Listed, queries: Sequence[Query]) -> Answers:
    told = decode_rows(INFO.id, listed.trackings or (), _TRACKING)
    by_number: dict[str, list[Tracking]] = {}
    for tracking in told:
        if tracking is not None:
            by_number.setdefault(text(tracking.tracking_number).upper(), []).append(tracking)
    asked = {query.tracking_number.upper() for query in queries}
    # An element of no number we asked for may be about any number that is missing.
    strangers = None in told or not by_number.keys() <= asked
    if strangers and not by_number.keys() & asked:
        raise UnreadableResponse(INFO.id, detail="the answer is about none of the numbers asked")
    incomplete = strangers or _goes_on(listed)
    return {query: _answer(query, by_number, incomplete=incomplete) for query in queries}


def _goes_on(listed: _Listed) -> bool:
    pagination = listed.pagination or _Pagination()
    return text(pagination.has_next_page) == "true"


def _answer(
    query: Query, by_number: Mapping[str, Sequence[Tracking]], *, incomplete: bool
) -> Track | ShipmentError | UnreadableResponse:
    told = by_number.get(query.tracking_number.upper(), ())
    if not told:
        return out_of_shape() if incomplete else NotFoundYet(INFO.id)
    meant = (tracking for tracking in told if text(tracking.slug) == SLUGS[query.carrier])
    return track_of(next(meant, told[0]), query)


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,
    subscription: Subscription,  # noqa: ARG001 - the vendor's console holds the address
) -> httpx.Request:
    """The call that creates the tracking of one number."""
    _check(queries, account)
    (query,) = queries
    document = {"tracking_number": query.tracking_number.upper(), "slug": _slug(query.carrier, account)}
    body = compact_json(document | _phone(query, account)).encode()
    headers = _key(account) | {"Content-Type": _JSON}
    made = httpx.Request("POST", _address(account), content=body, headers=headers)
    return _with_signature(made, account, stamp)


def _slug(carrier: str, account: Account) -> str:
    return account.options.get(f"slug_{carrier}", SLUGS[carrier])


def _phone(query: Query, account: Account) -> dict[str, object]:
    """The tail, only where the carrier wants it."""
    field = account.options.get("phone_tail_field", "phone_number")
    if query.carrier not in INFO.phone_tail_carriers or not query.phone_tail or field == "none":
        return {}
    if field == "tracking_key":
        return {"tracking_key": query.phone_tail}
    return {"customers": [{"phone_number": query.phone_tail}]}


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None when the tracking stands, also when it did before."""
    code = _code(_decoded(response))
    if code in _OK or code == EXISTS:
        return dict.fromkeys(queries)
    error = _refusal(code, response)
    if isinstance(error, ShipmentError):
        return dict.fromkeys(queries, error)
    raise error


def verify(push: PushRequest, account: Account, secret: str) -> bool:
    """Whether a header is the HMAC of the body as it came, with the webhook's secret as the vendor's console shows it;
    where the account has none, with the secret that signs its pushes anyway."""
    due = hmac_sha256_base64(push.body, account.credentials.get("webhook_secret") or secret)
    sent = next((push.headers[name] for name in _SIGNATURES if name in push.headers), "")
    return hmac.compare_digest(sent.encode(), due.encode())


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:
    """What the push says about its one number: everything, or only that there is something new."""
    pushed = decode(INFO.id, push.body, _PUSH)
    tracking = pushed.msg or Tracking()
    number, slug = text(tracking.tracking_number), text(tracking.slug)
    if text(pushed.event) not in _EVENTS or not number or not slug:
        raise UnreadableResponse(INFO.id, detail="the push is not one about a number that we know")
    ours = {_slug(carrier, account): carrier for carrier in SLUGS}
    query = Query(ours.get(slug, slug), number)
    answer = None if tracking.checkpoints is None else track_of(tracking, query)
    if isinstance(answer, UnreadableResponse):
        raise answer
    return (Pushed(query.carrier, number, answer, ended=_end(tracking, answer)),)


def _end(tracking: Tracking, answer: Track | ShipmentError | None) -> PushEnd | None:
    """The vendor follows a number until its end, or gives up on it."""
    if text(tracking.active) != "false":
        return None
    finished = isinstance(answer, Track) and answer.scans[-1].milestone in _FINISHED
    return PushEnd.FINISHED if finished else PushEnd.ABANDONED


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """Any 2xx is "taken"; after anything else the vendor tries fourteen times more, at growing distances."""
    status = httpx.codes.OK if accepted else httpx.codes.INTERNAL_SERVER_ERROR
    return PushReply(int(status), "text/plain; charset=utf-8", b"ok" if accepted else b"failed")
