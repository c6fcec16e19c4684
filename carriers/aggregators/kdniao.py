"""Kdniao (快递鸟), an aggregator: query of one number (8001, or 1002 of the free plan), and subscription with push
(8008, or 1008).

Limits: a day's quota by plan, of which 500, 3,000 and 30,000 are told (unverified); one number at most every 30 minutes
(unverified). Times carry no zone; Shanghai is assumed.

Oddities, each with a test:
* the signature is base64 of the MD5 digest's hex text, not of its bytes;
* failures are told in words; a code, where one comes, says more. Which words mean what is unverified but for "no plan";
* success with State 0 and no lines is "not found yet", whatever state stands there: 401 without lines says the same;
* StateEx is finer than State and counts before it: StateEx 10 is not collected yet, though its State 1 says collected;
* the free plan leaves out StateEx, Action and Location: the newest line then bears State;
* the state of the whole parcel can be ahead of its newest line (signed, returned, cancelled, or 412 "not fetched in
  time", of which no line tells): that line then bears the state, and keeps its reasons;
* a tail is needed for SF, ZTO and Kuayue; older documents want it for SF alone and for others nothing (an option says
  which); at subscriptions about JD the same field holds the merchant's code;
* one push tells of several parcels, each with all its lines; a part that is out of shape is a hint to ask, a push of
  type 107 speaks of money and not of the way; it comes as a form, in JSON too;
* the reply to a push names our account, and no clock: its time is the push's own;
* the address to call stands in the vendor's console; after which states pushes end is unverified, an option says.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import httpx
import msgspec

from carriers.aggregators.kdniao_answers import RESULT, Result, refusal_of, succeeded, track_or_none
from carriers.aggregators.kdniao_codes import (
    CARRIER_OF,
    COMPANIES,
    FINAL_STATES,
    MILESTONES,
    RESULT_CODES,
    SUBSCRIPTION_CODES,
)
from carriers.answers import (
    NULL,
    Loose,
    blame,
    check_status,
    decode,
    decode_rows,
    inner_json,
    is_null,
    text,
)
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
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
from carriers.errors import ShipmentError, UnreadableResponse
from carriers.forms import form_field
from carriers.questions import FORM, check_batch, choice, compact_json, form_body
from carriers.signing import md5_hex_base64

__all__ = [
    "INFO",
    "MILESTONES",
    "PUSH",
    "RESULT_CODES",
    "SUBSCRIPTION_CODES",
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
    id="kdniao",
    name_zh="快递鸟",
    name_en="Kdniao",
    checked_on=date(2026, 11, 22),
    base_url="https://api.kdniao.com",
    carriers=COMPANIES,
    number_patterns=(),
    batch_size=1,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=5.0,
    burst=5,
    credentials=("business_id", "api_key"),
    options={
        "request_type": "8001 (default, paid plans) or 1002 (the free plan)",
        "subscription_type": "8008 (default, paid plans) or 1008 (the free plan)",
        "tails_of": "sf,zto,kuayue (default) or sf: carriers about whom the tail of a phone is sent",
        "jd_merchant_code": "the merchant's code at JD, sent with subscriptions about JD's parcels",
        "query_path": "where questions go, under the base URL (default /Ebusiness/EbusinessOrderHandle.aspx)",
        "subscription_path": "where subscriptions go, under the base URL (default /api/dist)",
        "last_states": f"states after which no push comes (default {','.join(sorted(FINAL_STATES))})",
    },
    needs=frozenset({Need.PHONE_TAIL}),
    phone_tail_carriers=frozenset({"sf", "zto", "kuayue"}),
    answers=frozenset({Answer.PUSH, Answer.COURIER_PHONE, Answer.ETA}),
)

PUSH: PushSheet = PushSheet(console=True)

_ABOUT_MONEY = "107"


class _Named(msgspec.Struct, rename="pascal"):
    """Which parcel a part of a push is about, where the rest of it is out of shape."""

    shipper_code: Loose = None
    logistic_code: Loose = None


class _Push(msgspec.Struct, rename="pascal"):
    push_time: Loose = None
    data: list[msgspec.Raw] | None = None


class _JsonPush(msgspec.Struct, rename="pascal"):
    """The fields of a push whose body is JSON."""

    request_data: msgspec.Raw = NULL
    request_type: Loose = None
    data_sign: Loose = None


_NAMED = msgspec.json.Decoder(_Named)
_PUSH = msgspec.json.Decoder(_Push)
_JSON_PUSH = msgspec.json.Decoder(_JsonPush)


def signature(request_data: str, *, api_key: str) -> str:
    """`DataSign` of exactly the text that is sent as `RequestData`, by us and by the vendor."""
    return md5_hex_base64(request_data + api_key)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:  # noqa: ARG001
    """One signed form that asks for one number; nothing in it depends on the time."""
    check_batch(INFO, queries)
    request_type = choice(account, "request_type", ("8001", "1002"))
    path = account.options.get("query_path", "/Ebusiness/EbusinessOrderHandle.aspx")
    tail = _tail(queries[0], account)
    return _post(account, path, request_type, {"OrderCode": "", **_number(queries[0]), **tail})


def _number(query: Query) -> dict[str, str]:
    return {"ShipperCode": INFO.carriers[query.carrier], "LogisticCode": query.tracking_number}


def _tail(query: Query, account: Account) -> dict[str, str]:
    """The tail, only where the carrier wants it."""
    wanted = choice(account, "tails_of", ("sf,zto,kuayue", "sf")).split(",")
    return {"CustomerName": query.phone_tail} if query.phone_tail and query.carrier in wanted else {}


def _post(account: Account, path: str, request_type: str, document: Mapping[str, str]) -> httpx.Request:
    request_data = compact_json(document)
    fields = {
        "EBusinessID": account.credentials["business_id"],
        "RequestType": request_type,
        "RequestData": request_data,
        "DataSign": signature(request_data, api_key=account.credentials["api_key"]),
        "DataType": "2",
    }
    url = (account.base_url or INFO.base_url).rstrip("/") + path
    return httpx.Request("POST", url, content=form_body(fields), headers={"Content-Type": FORM})


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked."""
    check_status(INFO.id, response)
    result = decode(INFO.id, response.content, RESULT)
    if not succeeded(result):
        return blame(refusal_of(result, RESULT_CODES), queries)
    return {query: track_or_none(result, query) for query in queries}


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,  # noqa: ARG001
    subscription: Subscription,  # noqa: ARG001 - the address to call stands in the vendor's console
) -> httpx.Request:
    """The signed form that asks for pushes about one number."""
    check_batch(INFO, queries)
    (query,) = queries
    subscription_type = choice(account, "subscription_type", ("8008", "1008"))
    merchant = account.options.get("jd_merchant_code") if query.carrier == "jd" else None
    customer = {"CustomerName": merchant} if merchant else _tail(query, account)
    path = account.options.get("subscription_path", "/api/dist")
    return _post(account, path, subscription_type, _number(query) | customer)


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None when pushes will come."""
    check_status(INFO.id, response)
    result = decode(INFO.id, response.content, RESULT)
    if succeeded(result):
        return dict.fromkeys(queries)
    error = refusal_of(result, SUBSCRIPTION_CODES)
    if isinstance(error, ShipmentError):
        return dict.fromkeys(queries, error)
    raise error


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether `DataSign` is that of `RequestData` as it stood in the form, or in the JSON."""
    request_data, _, sign = _fields(push)
    if request_data is None or sign is None:
        return False
    due = signature(request_data, api_key=account.credentials["api_key"])
    return hmac.compare_digest(sign.encode(), due.encode())


def _fields(push: PushRequest) -> tuple[str | None, str | None, str | None]:
    """`RequestData`, `RequestType` and `DataSign`; None for what is not there, or not exactly once."""
    if not push.body.lstrip().startswith(b"{"):
        names = ("RequestData", "RequestType", "DataSign")
        request_data, request_type, sign = (form_field(push, name) for name in names)
        return request_data, request_type, sign
    try:
        said = decode(INFO.id, push.body, _JSON_PUSH)
        request_data = None if is_null(said.request_data) else inner_json(INFO.id, said.request_data)
    except UnreadableResponse:
        return None, None, None
    return request_data, text(said.request_type), text(said.data_sign)


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:
    """What the push says about each of its numbers: all lines every time."""
    request_data, request_type, _ = _fields(push)
    if request_data is None:
        raise UnreadableResponse(INFO.id, detail="the push holds no RequestData")
    told = decode(INFO.id, request_data, _PUSH).data
    if told is None:
        raise UnreadableResponse(INFO.id, detail="the push lists no numbers")
    if request_type == _ABOUT_MONEY:
        return ()
    last_states = account.options.get("last_states", ",".join(FINAL_STATES)).split(",")
    pushed = [one for part in told if (one := _pushed(part, last_states)) is not None]
    if told and not pushed:
        raise UnreadableResponse(INFO.id, detail="the push does not say which numbers it is about")
    return tuple(pushed)


def _pushed(part: msgspec.Raw, last_states: Sequence[str]) -> Pushed | None:
    """What a part says about its number; a hint to ask where it says nothing we can read, None without a number."""
    (named,) = decode_rows(INFO.id, [part], _NAMED)
    company, number = (text(named.shipper_code), text(named.logistic_code)) if named else ("", "")
    if not company or not number:
        return None
    query = Query(CARRIER_OF.get(company, company), number)
    (result,) = decode_rows(INFO.id, [part], RESULT)
    answer = _pushed_answer(result, query) if result else None
    ends = result is not None and (text(result.state_ex) or text(result.state)) in last_states
    ended = PushEnd.FINISHED if ends and isinstance(answer, Track) else None
    return Pushed(query.carrier, query.tracking_number, answer, ended=ended)


def _pushed_answer(result: Result, query: Query) -> Track | ShipmentError | None:
    if not succeeded(result):
        error = refusal_of(result, RESULT_CODES)
        return error if isinstance(error, ShipmentError) else None
    try:
        return track_or_none(result, query)
    except UnreadableResponse:
        return None


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:
    """The vendor's exact answer for "taken"; how often it repeats what was not is unverified."""
    document = {
        "EBusinessID": account.credentials["business_id"],
        "UpdateTime": _push_time(push),
        "Success": accepted,
        "Reason": "" if accepted else "失败",
    }
    status = httpx.codes.OK if accepted else httpx.codes.INTERNAL_SERVER_ERROR
    return PushReply(int(status), "application/json;charset=UTF-8", compact_json(document).encode())


def _push_time(push: PushRequest) -> str:
    """The time that the push bears; nothing for one that cannot be read."""
    request_data, _, _ = _fields(push)
    try:
        return text(decode(INFO.id, request_data or "", _PUSH).push_time)
    except UnreadableResponse:
        return ""
