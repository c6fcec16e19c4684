"""17TRACK (全球物流查询平台), an aggregator for the whole world, API v2.4: numbers are registered, then read
(gettrackinfo) or pushed. v2.2 has the same shapes (`base_url`). Registering costs quota, reading does not.

Limits: forty numbers in one call, three calls a second. The vendor looks at a parcel every few hours (about six,
unverified), so asking more often brings little. Times come in UTC and with the offset of the place; those that come
only as printed, without a zone, are of the country of the scan or of its carrier, else taken for UTC.

Oddities, each with a test:
* code 0 says only that the call was read: each number stands among `accepted` or `rejected`, with a code of its own;
* a call that failed bears its code outside, or in `data.errors`, often with an HTTP error, whose body counts;
* a number that is not registered, or of which nothing has come in, is not found yet; a number registered again (it
  costs nothing) is a success;
* a code for the whole account beside one number of a registration (no quota left) fails the call: what was taken
  is taken again;
* each carrier on the way tells its own lines, newest first: they are put in one order, and what two tell alike counts
  once;
* a line without a sub status is known by its stage; an unknown sub status means what the status before its `_` does,
  and is reported; a line without either, and one that says less than the end of the parcel, bears the parcel's state;
* the vendor's number of most Chinese carriers is not known for sure: it is left out and the vendor finds the carrier
  (an option names it); we register our own word for the carrier as `tag`, and pushes are known by it;
* whether `param` holds the tail for SF is unverified: an option leaves it out;
* a last carrier's own number of the parcel is its new number; nothing tells a locker from a door but the text;
* pushes say everything each time, signed over the raw body; the last may hold nothing but the number.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import httpx
import msgspec

from carriers.aggregators.seventeentrack_codes import (
    CARRIER_OF,
    CARRIERS,
    MILESTONES,
    REGISTERED,
    RESULT_CODES,
)
from carriers.aggregators.seventeentrack_tracks import TrackInfo, out_of_shape, track_of
from carriers.answers import (
    Loose,
    blame,
    check_status,
    decode,
    decode_rows,
    refusal,
    refusal_of_one,
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
from carriers.errors import NotFoundYet, ShipmentError, UnreadableResponse
from carriers.questions import JSON, check_batch, choice, compact_json
from carriers.signing import sha256_lower_hex

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

_BATCH = 40

INFO: CarrierInfo = CarrierInfo(
    id="seventeentrack",
    name_zh="17TRACK",
    name_en="17TRACK",
    checked_on=date(2026, 11, 22),
    base_url="https://api.17track.net/track/v2.4",
    carriers=CARRIERS,
    number_patterns=(),
    batch_size=_BATCH,
    minimum_interval=timedelta(hours=3),
    rate_per_second=2.0,
    burst=2,
    credentials=("key",),
    options={
        "param": "phone_tail (default) or none: what is registered beside the numbers of SF",
        **{
            f"carrier_{carrier}": f"the vendor's number for {carrier} ({number or 'found out by the vendor'})"
            for carrier, number in CARRIERS.items()
        },
    },
    needs=frozenset({Need.PHONE_TAIL}),
    phone_tail_carriers=frozenset({"sf"}),
    answers=frozenset({Answer.PUSH, Answer.ETA}),
)

PUSH: PushSheet = PushSheet(batch_size=_BATCH, before_asking=True, console=True)

_OK = "0"
_UPDATED, _STOPPED = "TRACKING_UPDATED", "TRACKING_STOPPED"
_FINISHED = frozenset({Milestone.DELIVERED, Milestone.RETURNED})


class _Failure(msgspec.Struct):
    code: Loose = None


class _Data(msgspec.Struct):
    accepted: list[msgspec.Raw] | None = None
    rejected: list[msgspec.Raw] | None = None
    errors: list[_Failure] | None = None


class _Reply(msgspec.Struct):
    code: Loose = None
    data: _Data | None = None


class _One(msgspec.Struct):
    """What is said about one number, accepted (with `track_info`) or rejected (with `error`)."""

    number: Loose = None
    carrier: Loose = None
    tag: Loose = None
    track_info: TrackInfo | None = None
    error: _Failure | None = None


class _Push(msgspec.Struct):
    event: Loose = None
    data: _One | None = None


_REPLY = msgspec.json.Decoder(_Reply)
_ONE = msgspec.json.Decoder(_One)
_PUSH = msgspec.json.Decoder(_Push)


def signature(body: bytes, *, key: str) -> str:
    """`sign` of a push with exactly this body: plain SHA-256 with the key behind a slash, no HMAC."""
    return sha256_lower_hex(body + f"/{key}".encode())


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:  # noqa: ARG001
    """One call that reads up to forty registered numbers; nothing in it depends on the time, nothing is signed."""
    return _post(account, "/gettrackinfo", [_named(query, account) for query in _checked(queries, account)])


def _checked(queries: Sequence[Query], account: Account) -> Sequence[Query]:
    check_batch(INFO, queries)
    choice(account, "param", ("phone_tail", "none"))
    return queries


def _named(query: Query, account: Account) -> dict[str, object]:
    number = _number_of(query.carrier, account)
    return {"number": query.tracking_number} | ({"carrier": int(number)} if number else {})


def _number_of(carrier: str, account: Account) -> str:
    """The vendor's number for a carrier; empty where the vendor shall find it out."""
    number = account.options.get(f"carrier_{carrier}", CARRIERS[carrier])
    if number and not (number.isascii() and number.isdigit()):
        raise ValueError(f"option carrier_{carrier} is a number")
    return number


def _post(account: Account, path: str, document: Sequence[Mapping[str, object]]) -> httpx.Request:
    url = (account.base_url or INFO.base_url).rstrip("/") + path
    headers = {"17token": account.credentials["key"], "Content-Type": JSON}
    return httpx.Request("POST", url, content=compact_json(document).encode(), headers=headers)


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """An answer for every number asked; raises when the whole call was refused."""
    reply = _decoded(response)
    code = _code(reply)
    if code != _OK:
        return blame(refusal(INFO.id, code, RESULT_CODES), queries)
    return _by_query(_listed(reply), queries)


def _decoded(response: httpx.Response) -> _Reply:
    """The body; an HTTP error counts when it says how long to wait, or the body holds none of the vendor's failures."""
    try:
        reply = decode(INFO.id, response.content, _REPLY)
    except UnreadableResponse:
        check_status(INFO.id, response)
        raise
    if "Retry-After" in response.headers or _code(reply) not in RESULT_CODES:
        check_status(INFO.id, response)
    return reply


def _code(reply: _Reply) -> str:
    """The failure inside says more than the one outside."""
    errors = (reply.data and reply.data.errors) or []
    return next((code for error in errors if (code := text(error.code))), "") or text(reply.code)


def _listed(reply: _Reply) -> list[_One | None]:
    """What is said about each number; None for what is out of shape."""
    data = reply.data or _Data()
    if data.accepted is None and data.rejected is None:
        raise UnreadableResponse(INFO.id, detail="the answer lists no numbers")
    return decode_rows(INFO.id, [*(data.accepted or ()), *(data.rejected or ())], _ONE)


def _by_query(told: Sequence[_One | None], queries: Sequence[Query]) -> Answers:
    by_number = _by_number(told)
    asked = {query.tracking_number.upper() for query in queries}
    # An element of no number we asked for may be about any number that is missing.
    strangers = None in told or not by_number.keys() <= asked
    if strangers and not by_number.keys() & asked:
        raise UnreadableResponse(INFO.id, detail="the answer is about none of the numbers asked")
    return {query: _answer(query, by_number, strangers=strangers) for query in queries}


def _by_number(told: Sequence[_One | None]) -> dict[str, list[_One]]:
    by_number: dict[str, list[_One]] = {}
    for one in told:
        if one is not None:
            by_number.setdefault(text(one.number).upper(), []).append(one)
    return by_number


def _answer(
    query: Query, by_number: Mapping[str, Sequence[_One]], *, strangers: bool
) -> Track | ShipmentError | UnreadableResponse:
    told = by_number.get(query.tracking_number.upper(), ())
    if not told:
        return out_of_shape() if strangers else NotFoundYet(INFO.id)
    # The same number may be registered with two carriers.
    one = next((one for one in told if _is_of(one, query.carrier)), told[0])
    if one.error is not None:
        return refusal_of_one(INFO.id, text(one.error.code), RESULT_CODES)
    return track_of(one.track_info or TrackInfo(), query)


def _is_of(one: _One, carrier: str) -> bool:
    return text(one.tag) == carrier or CARRIER_OF.get(text(one.carrier)) == carrier


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,  # noqa: ARG001
    subscription: Subscription,  # noqa: ARG001 - the vendor's console holds the address
) -> httpx.Request:
    """One call that registers up to forty numbers, each with our word for its carrier as its tag."""
    named = [
        _named(query, account) | {"tag": query.carrier} | _param(query, account)
        for query in _checked(queries, account)
    ]
    return _post(account, "/register", named)


def _param(query: Query, account: Account) -> dict[str, object]:
    """The tail, only where the carrier wants it."""
    wanted = query.carrier in INFO.phone_tail_carriers and account.options.get("param") != "none"
    return {"param": query.phone_tail} if wanted and query.phone_tail else {}


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None for each number that is registered now, also when it was before."""
    reply = _decoded(response)
    code = _code(reply)
    if code != _OK:
        error = refusal(INFO.id, code, RESULT_CODES)
        if isinstance(error, ShipmentError) and len(queries) == 1:
            return {queries[0]: error}
        raise error
    by_number = _by_number(_listed(reply))
    return {query: _refused(by_number.get(query.tracking_number.upper(), ())) for query in queries}


def _refused(told: Sequence[_One]) -> ShipmentError | None:
    if not told:
        raise UnreadableResponse(INFO.id, detail="the answer leaves out a number")
    codes = [text(one.error.code) if one.error else REGISTERED for one in told]
    if REGISTERED in codes:
        return None
    error = refusal(INFO.id, codes[0], RESULT_CODES)
    if isinstance(error, ShipmentError):
        return error
    # Registering again what was taken costs nothing, so the whole call may fail.
    raise error


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether the header `sign` is that of the body as it came, with the account's key."""
    due = signature(push.body, key=account.credentials["key"])
    return hmac.compare_digest(push.headers.get("sign", "").encode(), due.encode())


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:
    """What the push says about its one number: everything, every time."""
    pushed = decode(INFO.id, push.body, _PUSH)
    event, one = text(pushed.event), pushed.data or _One()
    number = text(one.number)
    if event not in {_UPDATED, _STOPPED} or not number:
        raise UnreadableResponse(INFO.id, detail="the push is not one about a number that we know")
    query = Query(_carrier(one, account), number)
    answer = None if one.track_info is None else track_of(one.track_info, query)
    if isinstance(answer, UnreadableResponse):
        raise answer
    return (
        Pushed(
            carrier=query.carrier,
            tracking_number=number,
            answer=answer,
            ended=_end(answer) if event == _STOPPED else None,
        ),
    )


def _carrier(one: _One, account: Account) -> str:
    """Our word, which we registered as the tag; for what others registered, the one for the vendor's number."""
    tag, number = text(one.tag), text(one.carrier)
    if tag in CARRIERS:
        return tag
    ours = {_number_of(carrier, account): carrier for carrier in CARRIERS}
    return ours.get(number, number) if number else number


def _end(answer: Track | ShipmentError | None) -> PushEnd:
    """The vendor stops after the end of a parcel, or when nothing has come in for a month."""
    finished = isinstance(answer, Track) and answer.scans[-1].milestone in _FINISHED
    return PushEnd.FINISHED if finished else PushEnd.ABANDONED


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """HTTP 200 is "taken", whatever is in it; the vendor repeats the rest a few times (how often is unverified)."""
    status = httpx.codes.OK if accepted else httpx.codes.INTERNAL_SERVER_ERROR
    return PushReply(int(status), "text/plain; charset=utf-8", b"ok" if accepted else b"failed")
