"""Shippo Tracking (Shippo), an aggregator for the whole world, API version 2018-02-08: a number is registered (POST
/tracks/), then read (GET /tracks/{carrier}/{number}) or pushed with the event `track_updated`.

Limits: 500 questions and 750 registrations a minute, with a test token 50 of each; one number in one call, and there is
no list. Times are UTC, printed with Z; one without a zone is taken for UTC.

Oddities, each with a test:
* the token's kind is `ShippoToken`; a test token (`shippo_test_...`) and a live one share the address;
* a number that is registered again is registered twice, without an error: whoever asks for pushes does so once;
* the webhook must stand in the vendor's console before the first number is registered: what was before is not told;
* the address to register at ends in a slash, the one to ask at does not;
* failures have no code but HTTP's, and are about the number only with a body as the vendor prints it; 404 is a number
  that was never registered, 409 (unverified) one that is being registered;
* nothing is known yet where there is no status and no line, or where all that there is says UNKNOWN;
* the newest status stands beside the lines and may be missing among them; a line's `substatus` may be null;
* a substatus that no table holds means what its status does, and is reported;
* one status is for "on its way back" and for "back with the sender": the words tell which, and a delivery after it is
  the sender's;
* `address_from`, `address_to` and `metadata` are not read;
* a push is proved by its secret address, and by the HMAC where the vendor was asked for one (option `push_signature`
  insists on it), made with the account's `webhook_secret`, else with the secret that we make; the moment in that header
  is not held against a clock, so an old push that is sent again is believed again, and says nothing new;
* a push tells everything each time; other events than `track_updated` are passed over.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from urllib.parse import quote

import httpx
import msgspec

from carriers.aggregators.shippo_codes import CARRIER_OF, COMPANIES, MILESTONES, RESULT_CODES
from carriers.answers import (
    NULL,
    Loose,
    blame,
    check_status,
    decode,
    decode_rows,
    is_null,
    refusal,
    text,
)
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Meaning,
    Milestone,
    Proof,
    Pushed,
    PushReply,
    PushRequest,
    PushSheet,
    Query,
    Scan,
    Stamp,
    Subscription,
    Track,
)
from carriers.errors import CarrierError, InvalidNumber, NotFoundYet, ShipmentError, UnreadableResponse
from carriers.questions import JSON, check_batch, choice, compact_json
from carriers.signing import hmac_sha256_lower_hex
from carriers.timeline import Row, from_local, signed_by_the_shipper, track, with_detail

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
    id="shippo",
    name_zh="Shippo",
    name_en="Shippo",
    checked_on=date(2026, 11, 22),
    base_url="https://api.goshippo.com",
    carriers=COMPANIES,
    number_patterns=(),
    batch_size=1,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=8.0,
    burst=8,
    credentials=("token",),
    options={
        "api_version": "the version that is asked for (default 2018-02-08; empty leaves it to the vendor)",
        "push_signature": "if_present (default): a push that is signed must be signed rightly; or required",
        **{
            f"company_{carrier}": f"the vendor's carrier token (default {company})"
            for carrier, company in COMPANIES.items()
        },
    },
    optional_credentials=("webhook_secret",),
    answers=frozenset({Answer.PUSH, Answer.ETA}),
)

PUSH: PushSheet = PushSheet(proof=Proof.SECRET_PATH, before_asking=True, console=True)

_EVENT_OF_TRACKS = "track_updated"
_FAILURE_SAYS = frozenset({"detail", "carrier", "tracking_number"})
_BACK = re.compile(
    r"\b(?:delivered|returned|handed),? (?:back )?to (?:the |its |original )*(?:sender|shipper)\b"
    r"|\b(?:sender|shipper) (?:has )?received\b"
    r"|\breturn (?:was |has been )?(?:delivered|completed)\b",
    re.IGNORECASE,
)
_NOT_YET = re.compile(r"\b(?:being|to be|will be|unable|cannot|not|attempt\w*|request\w*)\b", re.IGNORECASE)


class _Substatus(msgspec.Struct):
    code: Loose = None
    text: Loose = None


class _Location(msgspec.Struct):
    city: Loose = None


class _Line(msgspec.Struct):
    object_id: Loose = None
    status: Loose = None
    status_details: Loose = None
    status_date: Loose = None
    object_created: Loose = None
    substatus: _Substatus | None = None
    location: _Location | None = None


class _Track(msgspec.Struct):
    carrier: Loose = None
    tracking_number: Loose = None
    eta: Loose = None
    tracking_status: msgspec.Raw = NULL
    tracking_history: list[msgspec.Raw] | None = None


class _Event(msgspec.Struct):
    event: Loose = None
    data: msgspec.Raw = NULL


_TRACK = msgspec.json.Decoder(_Track)
_LINE = msgspec.json.Decoder(_Line)
_EVENT = msgspec.json.Decoder(_Event)
_FAILURE = msgspec.json.Decoder(dict[str, msgspec.Raw])


def signature(body: bytes, moment: str, secret: str) -> str:
    """`v1` of `Shippo-Auth-Signature`: over the printed Unix seconds, a dot, and exactly the bytes of the body."""
    return hmac_sha256_lower_hex(moment.encode() + b"." + body, secret)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:  # noqa: ARG001
    """The question about one number; nothing is signed."""
    check_batch(INFO, queries)
    (query,) = queries
    company, number = _company(query, account), query.tracking_number
    path = f"/tracks/{quote(company, safe='')}/{quote(number, safe='')}"
    _proof_wanted(account)  # a wrong option shows with the first question, not with the first push
    return httpx.Request("GET", _base(account) + path, headers=_headers(account))


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,  # noqa: ARG001
    subscription: Subscription,  # noqa: ARG001 - the vendor's console holds address and secret
) -> httpx.Request:
    """The registration of one number, which the vendor follows and pushes about from then on."""
    check_batch(INFO, queries)
    (query,) = queries
    wish = {"carrier": _company(query, account), "tracking_number": query.tracking_number}
    headers = _headers(account) | {"Content-Type": JSON}
    content = compact_json(wish).encode()
    return httpx.Request("POST", _base(account) + "/tracks/", content=content, headers=headers)


def _company(query: Query, account: Account) -> str:
    return account.options.get(f"company_{query.carrier}", COMPANIES[query.carrier])


def _base(account: Account) -> str:
    return (account.base_url or INFO.base_url).rstrip("/")


def _headers(account: Account) -> dict[str, str]:
    headers = {
        "Authorization": f"ShippoToken {account.credentials['token']}",
        "Accept": "application/json",
    }
    version = account.options.get("api_version", "2018-02-08")
    return headers | ({"Shippo-API-Version": version} if version else {})


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked."""
    failure = _failure(response)
    if failure is not None:
        return blame(failure, queries)
    told = decode(INFO.id, response.content, _TRACK)
    return {query: _answer(told, query) for query in queries}


def _failure(response: httpx.Response) -> CarrierError | None:
    """What the HTTP status says of the number, if the vendor itself said it; raises what it says of the call."""
    if not response.is_success and _is_the_vendors(response):
        failure = refusal(INFO.id, f"HTTP {response.status_code}", RESULT_CODES)
        if isinstance(failure, ShipmentError):
            return failure
    if response.status_code == httpx.codes.CONFLICT and _is_the_vendors(response):
        raise RESULT_CODES["HTTP 409"](INFO.id, code="HTTP 409", detail="the number is being registered")
    check_status(INFO.id, response)
    return None


def _is_the_vendors(response: httpx.Response) -> bool:
    try:
        said: dict[str, msgspec.Raw] = decode(INFO.id, response.content, _FAILURE)
    except UnreadableResponse:
        return False
    return not _FAILURE_SAYS.isdisjoint(said)


def _answer(told: _Track, query: Query) -> Track | ShipmentError:
    """The track, or "nothing yet"; raises `UnreadableResponse` where it is about another number, or says nothing."""
    if text(told.tracking_number).upper() != query.tracking_number.upper():
        raise UnreadableResponse(INFO.id, detail="the answer is not about the number")
    lines = _lines(told)
    if all(line is not None and text(line.status) == "UNKNOWN" for line in lines):
        return NotFoundYet(INFO.id)
    found = track(query, (None if line is None else _row(line) for line in lines))
    if not found.scans:
        raise UnreadableResponse(INFO.id, detail="no line of the answer can be read")
    return replace(signed_by_the_shipper(found), eta=from_local(text(told.eta), UTC))


def _lines(told: _Track) -> list[_Line | None]:
    """The history, and the newest status where it does not stand among it."""
    lines = decode_rows(INFO.id, told.tracking_history or [], _LINE)
    if is_null(told.tracking_status):
        return lines
    (newest,) = decode_rows(INFO.id, [told.tracking_status], _LINE)
    if newest is None:
        return [*lines, None]
    known = any(line is not None and _is_same(line, newest) for line in lines)
    return lines if known else [*lines, newest]


def _is_same(line: _Line, other: _Line) -> bool:
    if text(line.object_id) and text(line.object_id) == text(other.object_id):
        return True
    return _said(line) == _said(other)


def _said(line: _Line) -> tuple[str, str, str]:
    return text(line.status_date), text(line.status), text(line.status_details)


def _row(line: _Line) -> Row | None:
    printed = text(line.status_date) or text(line.object_created)
    occurred_at = from_local(printed, UTC)
    if occurred_at is None:
        return None
    substatus = line.substatus or _Substatus()
    code, meaning, unmapped = with_detail(text(line.status), text(substatus.code), MILESTONES)
    words = text(line.status_details) or text(substatus.text)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=words,
        carrier_code=code,
        city=text((line.location or _Location()).city) or None,
    )
    return Row(scan, _back(meaning, words, text(substatus.text)), unmapped)


def _back(meaning: Meaning | None, *words: str) -> Meaning | None:
    """What the code says, or for a parcel on its way back that it is back, where the words say so."""
    if meaning is None or meaning.milestone is not Milestone.RETURNING:
        return meaning
    is_back = any(_BACK.search(said) and not _NOT_YET.search(said) for said in words)
    return replace(meaning, milestone=Milestone.RETURNED) if is_back else meaning


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None where the number is registered, also when that is under way already."""
    (query,) = queries
    if response.status_code == httpx.codes.CONFLICT and _is_the_vendors(response):
        return {query: None}
    failure = _failure(response)
    if isinstance(failure, NotFoundYet):  # a carrier that the vendor does not know, for numbers are new here
        failure = InvalidNumber(INFO.id, code=failure.code)
    if isinstance(failure, ShipmentError):
        return {query: failure}
    if not text(decode(INFO.id, response.content, _TRACK).tracking_number):
        raise UnreadableResponse(INFO.id, detail="the answer holds no track")
    return {query: None}


def _proof_wanted(account: Account) -> str:
    return choice(account, "push_signature", ("if_present", "required"))


def verify(push: PushRequest, account: Account, secret: str) -> bool:
    """Whether the header, where there is one or one is wanted, is that of the body; the address that only the vendor
    knows is looked at in any case."""
    header = push.headers.get("shippo-auth-signature", "")
    if not header:
        return _proof_wanted(account) != "required"
    said = dict(part.strip().partition("=")[::2] for part in header.split(","))
    due = signature(push.body, said.get("t", ""), account.credentials.get("webhook_secret") or secret)
    return hmac.compare_digest(said.get("v1", "").encode(), due.encode())


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:
    """What the event says about its one number; nothing where it is about something else."""
    event = decode(INFO.id, push.body, _EVENT)
    kind = text(event.event)
    if kind and kind != _EVENT_OF_TRACKS:
        return ()
    told = decode(INFO.id, event.data, _TRACK)
    company, number = text(told.carrier), text(told.tracking_number)
    if not company or not number:
        raise UnreadableResponse(INFO.id, detail="the push does not say which number it is about")
    query = Query(_carrier_of(company, account), number)
    return (Pushed(carrier=query.carrier, tracking_number=number, answer=_answer(told, query)),)


def _carrier_of(company: str, account: Account) -> str:
    """Our id of the vendor's token, also of one that the account's options give; else the token as it is."""
    named = {account.options.get(f"company_{carrier}"): carrier for carrier in COMPANIES}
    return named.get(company) or CARRIER_OF.get(company, company)


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """Any 2xx within three seconds is "taken"; after 408, 429 or 5xx the vendor calls twice more."""
    status = httpx.codes.OK if accepted else httpx.codes.SERVICE_UNAVAILABLE
    return PushReply(int(status), "text/plain; charset=utf-8", b"")
