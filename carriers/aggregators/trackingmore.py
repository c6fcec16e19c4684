"""TrackingMore, an aggregator for the whole world, API v4: numbers are created (trackings/batch), then read
(trackings/get); its pushes are hints to ask.

Limits: forty numbers in one call (of reading unverified); creating three calls a second, all else ten, so three for
both here; two minutes of rest after a 429. Each number costs one credit once, and the vendor looks at it every few
hours, so asking more often brings little. Times come as ISO with an offset, or as printed without one: then they are
those of the line's country, else of the leg's, else of China for Chinese carriers, else taken for UTC.

Oddities, each with a test:
* the code of a failure is in `meta`, whatever the HTTP status is, unless that comes with a Retry-After;
* a number that was not created is not found yet; creating it again (4101) is a success;
* a code for the whole account beside one number of a creation fails the call: what was created exists already then;
* a parcel without lines is not found yet; where its substatus says that no such number can be, it is refused, and where
  the vendor has given up following it, it has expired;
* `pickup` is the way to the door or the shelf: the substatus decides; a substatus that no table holds (exception001 to
  003 are older ones) means what its status does, and is reported;
* exception007 is damaged or lost, which only the words tell;
* no code says that a parcel was collected: a line "on its way" at the minute of `pickup_date` is the collection;
* the legs of origin and destination list their lines newest first, and often the same ones;
* lines may bear the names of older versions (`Date`, `StatusDescription`, `Details`, `checkpoint_status`);
* the same number may have been created for several couriers; the courier codes of Chinese carriers are unverified
  (options);
* which field carries the tail of a phone for SF and ZTO is unverified (an option);
* the signature of a push covers its timestamp alone, and the names of both headers are unverified (options): the
  address must be secret as well, and the number is asked about; older pushes are signed with the account's e-mail.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import httpx
import msgspec

from carriers.aggregators.trackingmore_codes import (
    CARRIER_OF,
    COMPANIES,
    EXISTS_ALREADY,
    MILESTONES,
    RESULT_CODES,
)
from carriers.aggregators.trackingmore_tracks import SOURCE, Tracking, answer_of
from carriers.answers import NULL, Loose, blame, check_status, decode, decode_rows, refusal, text
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Need,
    Proof,
    Pushed,
    PushReply,
    PushRequest,
    PushSheet,
    Query,
    Stamp,
    Subscription,
    Track,
)
from carriers.errors import CarrierError, NotFoundYet, RateLimited, ShipmentError, UnreadableResponse
from carriers.questions import JSON, check_batch, choice, compact_json
from carriers.signing import hmac_sha256_lower_hex

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
    name_zh="TrackingMore",
    name_en="TrackingMore",
    checked_on=date(2026, 11, 22),
    base_url="https://api.trackingmore.com/v4",
    carriers=COMPANIES,
    number_patterns=(),
    batch_size=40,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=3.0,
    burst=3,
    credentials=("api_key",),
    options={
        "phone_field": "what the tail of a phone is called for SF and ZTO (default tracking_key; empty leaves it out)",
        "push_signature": "if_present (default): a signature must be right where there is one; required; or ignored",
        "push_signature_header": "the header with the signature of a push (default signature)",
        "push_timestamp_header": "the header with the timestamp that it signs (default timestamp)",
        **{
            f"company_{carrier}": f"the vendor's code (default {code})" for carrier, code in COMPANIES.items()
        },
    },
    optional_credentials=("webhook_secret", "email"),
    needs=frozenset({Need.PHONE_TAIL}),
    phone_tail_carriers=frozenset({"sf", "zto"}),
    answers=frozenset({Answer.PUSH, Answer.ETA}),
)

PUSH: PushSheet = PushSheet(proof=Proof.SECRET_PATH, batch_size=40, before_asking=True, console=True)

_OK = "200"
_REST = timedelta(seconds=120)
# room for numbers that were created for several couriers
_ITEMS = "100"


class _Meta(msgspec.Struct):
    code: Loose = None


class _Reply(msgspec.Struct):
    meta: _Meta | None = None
    data: msgspec.Raw = NULL


class _Named(msgspec.Struct):
    tracking_number: Loose = None
    courier_code: Loose = None


class _NotCreated(msgspec.Struct, rename="camel"):
    tracking_number: Loose = msgspec.field(default=None, name="tracking_number")
    courier_code: Loose = msgspec.field(default=None, name="courier_code")
    error_code: Loose = None


class _Created(msgspec.Struct):
    success: list[msgspec.Raw] | None = None
    error: list[msgspec.Raw] | None = None


class _VerifyInfo(msgspec.Struct, rename="camel"):
    time_str: Loose = None
    signature: Loose = None


class _OlderPush(msgspec.Struct, rename="camel"):
    verify_info: _VerifyInfo | None = None


class _Push(msgspec.Struct):
    data: msgspec.Raw = NULL


_REPLY = msgspec.json.Decoder(_Reply)
_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_NAMED = msgspec.json.Decoder(_Named)
_TRACKING = msgspec.json.Decoder(Tracking)
_CREATED = msgspec.json.Decoder(_Created)
_NOT_CREATED = msgspec.json.Decoder(_NotCreated)
_OLDER_PUSH = msgspec.json.Decoder(_OlderPush)
_PUSH = msgspec.json.Decoder(_Push)


@dataclass(frozen=True, slots=True)
class _About:
    """What the vendor says about one number; `carrier` is None for a courier code that we do not know."""

    number: str
    carrier: str | None
    said: msgspec.Raw


def signature(timestamp: str, secret: str) -> str:
    """The signature of a push: over its timestamp alone, with the webhook's secret, or with the account's e-mail."""
    return hmac_sha256_lower_hex(timestamp.encode(), secret)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:  # noqa: ARG001
    """One question about all numbers, whoever carries them; nothing is signed."""
    check_batch(INFO, queries)
    _signature_check(account)  # a wrong option shows with the first question, not with the first push
    numbers = ",".join(query.tracking_number for query in queries)
    asked = {"tracking_numbers": numbers, "items_amount": _ITEMS}
    return httpx.Request("GET", _url(account, "get"), params=asked, headers=_headers(account))


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,  # noqa: ARG001
    subscription: Subscription,  # noqa: ARG001 - the console holds the address
) -> httpx.Request:
    """The list of numbers to be created, which the vendor follows and pushes about from then on."""
    check_batch(INFO, queries)
    content = compact_json([_wish(query, account) for query in queries])
    headers = _headers(account) | {"Content-Type": JSON}
    return httpx.Request("POST", _url(account, "batch"), content=content.encode(), headers=headers)


def _url(account: Account, call: str) -> str:
    return f"{(account.base_url or INFO.base_url).rstrip('/')}/trackings/{call}"


def _headers(account: Account) -> dict[str, str]:
    return {"Tracking-Api-Key": account.credentials["api_key"], "Accept": "application/json"}


def _wish(query: Query, account: Account) -> dict[str, str]:
    company = account.options.get(f"company_{query.carrier}", COMPANIES[query.carrier])
    wish = {"tracking_number": query.tracking_number, "courier_code": company}
    field = account.options.get("phone_field", "tracking_key")
    if field and query.phone_tail and query.carrier in INFO.phone_tail_carriers:
        wish[field] = query.phone_tail
    return wish


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """An answer for every number; those that the vendor does not list were not created, or have no record yet."""
    reply = _decoded(response)
    code = _code(reply)
    if code != _OK:
        return blame(_refused(code), queries)
    rows = decode(INFO.id, reply.data, _ROWS)
    told = [_named(row) for row in rows]
    return {query: _answer(query, told) for query in queries}


def _decoded(response: httpx.Response) -> _Reply:
    """The body; an HTTP error counts when it says how long to wait, or the body holds none of the vendor's failures."""
    try:
        reply = decode(INFO.id, response.content, _REPLY)
    except UnreadableResponse:
        _let_through(response)
        raise
    if "Retry-After" in response.headers or _code(reply) not in {*RESULT_CODES, EXISTS_ALREADY}:
        _let_through(response)
    return reply


def _let_through(response: httpx.Response) -> None:
    try:
        check_status(INFO.id, response)
    except RateLimited as error:
        error.retry_after = error.retry_after or _REST
        raise


def _code(reply: _Reply) -> str:
    return text(reply.meta.code) if reply.meta else ""


def _refused(code: str) -> CarrierError:
    error = refusal(INFO.id, code, RESULT_CODES)
    if isinstance(error, RateLimited):
        error.retry_after = _REST
    return error


def _named(row: msgspec.Raw) -> _About | None:
    """The number and the carrier that a part of the answer is about; None where it does not say so."""
    (named,) = decode_rows(INFO.id, [row], _NAMED)
    if named is None or not text(named.tracking_number):
        return None
    return _About(text(named.tracking_number).upper(), CARRIER_OF.get(text(named.courier_code)), row)


def _told_of(query: Query, told: Sequence[_About | None]) -> msgspec.Raw | None:
    """What is said of the number under its own carrier, else under one whose code an option may have named."""
    same = {
        one.carrier: one.said for one in reversed(told) if one and one.number == query.tracking_number.upper()
    }
    return same.get(query.carrier) or same.get(None)


def _answer(query: Query, told: Sequence[_About | None]) -> Track | ShipmentError | UnreadableResponse:
    said = _told_of(query, told)
    if said is None and None in told:
        return UnreadableResponse(
            INFO.id, detail="a part of the answer does not say which number it is about"
        )
    if said is None:
        return NotFoundYet(INFO.id)
    try:
        return answer_of(decode(INFO.id, said, _TRACKING), query)
    except UnreadableResponse as error:
        return error


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None for each number that is followed now, also when it was before."""
    reply = _decoded(response)
    code = _code(reply)
    if code == EXISTS_ALREADY and len(queries) == 1:
        return dict.fromkeys(queries)
    if code != _OK:
        error = _refused(code)
        if isinstance(error, ShipmentError) and len(queries) == 1:
            return {queries[0]: error}
        raise error
    created = decode(INFO.id, reply.data, _CREATED)
    followed = [_named(row) for row in created.success or ()]
    failed = [_named(row) for row in created.error or ()]
    if not any((*followed, *failed)):
        raise UnreadableResponse(INFO.id, detail="the answer names no number")
    return {query: _not_followed(query, followed, failed) for query in queries}


def _not_followed(
    query: Query, followed: Sequence[_About | None], failed: Sequence[_About | None]
) -> ShipmentError | None:
    said = _told_of(query, failed)
    if _told_of(query, followed) is not None:
        return None
    code = text(decode(INFO.id, said, _NOT_CREATED).error_code) if said is not None else ""
    if code == EXISTS_ALREADY:
        return None
    error = _refused(code)
    if isinstance(error, ShipmentError):
        return error
    if not isinstance(error, UnreadableResponse):
        raise error
    return ShipmentError(
        INFO.id, code=error.code, detail="the source does not say that it follows this number"
    )


def _signature_check(account: Account) -> str:
    return choice(account, "push_signature", ("if_present", "required", "ignored"))


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001 - the vendor makes its own
    """Whether the signatures that can be checked are those of the timestamps beside them, as strictly as the account
    wants; the address that only the vendor knows is looked at in any case."""
    check = _signature_check(account)
    found = [
        hmac.compare_digest(sent.lower().encode(), signature(timestamp, key).encode())
        for key, timestamp, sent in (_in_headers(push, account), _in_body(push, account))
        if key and timestamp and sent
    ]
    return check == "ignored" or (all(found) and (bool(found) or check != "required"))


def _in_headers(push: PushRequest, account: Account) -> tuple[str, str, str]:
    """The secret, the timestamp and the signature of today's pushes, where they are known."""
    timestamp = account.options.get("push_timestamp_header", "timestamp").lower()
    sent = account.options.get("push_signature_header", "signature").lower()
    key = account.credentials.get("webhook_secret", "")
    return key, push.headers.get(timestamp, ""), push.headers.get(sent, "")


def _in_body(push: PushRequest, account: Account) -> tuple[str, str, str]:
    """The same of pushes as they were in v2 and v3."""
    try:
        told = decode(INFO.id, push.body, _OLDER_PUSH).verify_info or _VerifyInfo()
    except UnreadableResponse:
        told = _VerifyInfo()
    return account.credentials.get("email", ""), text(told.time_str), text(told.signature)


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:
    """A hint to ask about the number: nothing proves what the body says about it."""
    pushed = decode(INFO.id, push.body, _PUSH)
    named = decode(INFO.id, pushed.data if bytes(pushed.data).startswith(b"{") else push.body, _NAMED)
    company, number = text(named.courier_code), text(named.tracking_number)
    if not company or not number:
        raise UnreadableResponse(INFO.id, detail="the push does not say which number it is about")
    return (Pushed(carrier=_carrier_of(company, account), tracking_number=number, answer=None),)


def _carrier_of(company: str, account: Account) -> str:
    """Our id of the vendor's code, also of one that the account's options name; else the code as it is."""
    named = {account.options.get(f"company_{carrier}"): carrier for carrier in COMPANIES}
    return named.get(company) or CARRIER_OF.get(company, company)


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """Any 2xx is "taken"; after anything else the vendor calls again, up to fourteen times, ever later."""
    status = httpx.codes.OK if accepted else httpx.codes.SERVICE_UNAVAILABLE
    return PushReply(int(status), "text/plain; charset=utf-8", b"")
