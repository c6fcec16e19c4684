"""J&T Express (极兔) asked through its own open platform: api/logistics/trace, several numbers in one call; it pushes
what is subscribed at api/trace/subscribe.

Limits: none published but the 30 numbers in one call of another country's platform; ten are asked here. Too many calls
have no code known to us: HTTP 429, or a message that says so. Times are printed in Shanghai without a zone.

Oddities, each with a test:
* the signed text is `bizContent` as it was before the form was encoded; the time stamp is not part of it;
* success is code 1, as text or number; a deployment may add `success` or `fail`, which have to agree;
* nothing known yet has three forms: no data, the number missing from it, or no details; unknown and expired numbers
  look the same;
* scanType is a Chinese name. Digits 1 to 14 there are nodes of a subscription; `scanTypeCode` has numbers of its own
  (10 is a node for "signed" and a code for "picked up"), which count only where no name is known to us;
* 出仓扫描 is no departure: the courier has it; 出库扫描 is fetched from a station, 快件取出扫描 taken out for another
  try;
* a signature after 退件扫描 is the shipper's, unless the return was called off (scanTypeCode 171);
* 问题件扫描 says in `problemType` why, and sometimes that the parcel lies ready, goes back or is cancelled;
* `staffName` is whoever scanned: the courier only where the parcel is out for delivery;
* `desc` can be empty beside a `problemDescription`, which is misspelt as `probleDescription` in some answers;
* a push tells some events, not all; its digest stands in a header beside our account.

Unverified for China: where and with which fields to subscribe, most result codes, and the list of scanTypeCodes. Paths,
the time stamp's form and the name of the subscriber's key are options of the account.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlencode

import httpx
import msgspec

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
from carriers.china.jt_codes import MILESTONES, NODES, RESULT_CODES
from carriers.china.jt_details import track_of
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
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
from carriers.forms import form_field
from carriers.questions import FORM, JSON, check_batch, choice, compact_json, epoch_milliseconds, form_body
from carriers.signing import md5_base64
from carriers.timeline import as_printed

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
    id="jt",
    name_zh="极兔速递",
    name_en="J&T Express",
    checked_on=date(2026, 11, 22),
    base_url="https://openapi.jtexpress.com.cn",
    carriers={"jt": "jt"},
    # today's; older; those of the vendor's test environment
    number_patterns=(r"JT\d{13}", r"JT\d{12}", r"UT\d{13}"),
    batch_size=10,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=5.0,
    burst=5,
    credentials=("api_account", "private_key"),
    options={
        "uuid": "the uuid of the console, which the vendor's test environment wants in the address",
        "trace_path": "where to ask (default /webopenplatformapi/api/logistics/trace)",
        "subscribe_path": "where to subscribe (default /webopenplatformapi/api/trace/subscribe)",
        "subscriber_key": "id (default) or Id: the name of the field that holds our account in a subscription",
        "timestamp_form": "ms (default) or text: 2026-01-10 18:20:11, the clock of China",
    },
    answers=frozenset({Answer.PUSH, Answer.COURIER_PHONE, Answer.PROOF_OF_DELIVERY}),
    desk_phone="956025",
)

PUSH: PushSheet = PushSheet(batch_size=10)

_OK = "1"
_TRUE_WORDS = ("true", "1")
_TOO_MANY = ("频繁", "限流", "频率")
# The second node was given up.
_SUBSCRIBED_NODES = "&".join(node for node in NODES if node != "2")


class _Envelope(msgspec.Struct):
    code: Loose = None
    msg: Loose = None
    success: Loose = None
    fail: Loose = None
    data: msgspec.Raw = NULL


class _OneNumber(msgspec.Struct, rename="camel"):
    bill_code: Loose = None
    details: list[msgspec.Raw] | None = None


class _Taken(msgspec.Struct, rename="camel"):
    waybill_code: Loose = None
    is_success: Loose = None


class _TakenList(msgspec.Struct):
    rows: msgspec.Raw = msgspec.field(name="list", default=NULL)


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_ONE_NUMBER = msgspec.json.Decoder(_OneNumber)
_TAKEN = msgspec.json.Decoder(_Taken)
_TAKEN_LIST = msgspec.json.Decoder(_TakenList)


def signature(biz_content: str, private_key: str) -> str:
    """`digest` of exactly the text that is sent as `bizContent`, before the form is encoded."""
    return md5_base64(biz_content + private_key)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
    """One signed form that asks for up to ten numbers."""
    check_batch(INFO, queries)
    biz_content = compact_json({"billCodes": ",".join(query.tracking_number for query in queries)})
    path = account.options.get("trace_path", "/webopenplatformapi/api/logistics/trace")
    return _post(path, biz_content, account, stamp)


def _post(path: str, biz_content: str, account: Account, stamp: Stamp) -> httpx.Request:
    headers = {
        "Content-Type": FORM,
        "apiAccount": account.credentials["api_account"],
        "digest": signature(biz_content, account.credentials["private_key"]),
        "timestamp": _timestamp(account, stamp),
    }
    url = (account.base_url or INFO.base_url).rstrip("/") + path
    if uuid := account.options.get("uuid"):
        url += "?" + urlencode({"uuid": uuid})
    return httpx.Request("POST", url, content=form_body({"bizContent": biz_content}), headers=headers)


def _timestamp(account: Account, stamp: Stamp) -> str:
    if choice(account, "timestamp_form", ("ms", "text")) == "text":
        return as_printed(stamp.at)
    return epoch_milliseconds(stamp.at)


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """An answer for every number asked; raises when the whole call was refused."""
    check_status(INFO.id, response)
    envelope = decode(INFO.id, response.content, _ENVELOPE)
    if not _succeeded(envelope):
        return blame(_refused(envelope), queries)
    if is_null(envelope.data):
        return dict.fromkeys(queries, NotFoundYet(INFO.id))
    rows = decode(INFO.id, envelope.data, _ROWS)
    return _by_query(rows, queries)


def _succeeded(envelope: _Envelope) -> bool:
    contradicted = text(envelope.success) == "false" or text(envelope.fail) == "true"
    return text(envelope.code) == _OK and not contradicted


def _refused(envelope: _Envelope) -> CarrierError:
    """The error of the code; where that says nothing, a message about too many calls does."""
    error = refusal(INFO.id, text(envelope.code), RESULT_CODES)
    message = text(envelope.msg)
    if isinstance(error, UnreadableResponse) and any(word in message for word in _TOO_MANY):
        return RateLimited(INFO.id, code=error.code)
    return error


def _by_query(rows: Sequence[msgspec.Raw], queries: Sequence[Query]) -> Answers:
    told = decode_rows(INFO.id, rows, _ONE_NUMBER)
    by_number = {_plain(text(one.bill_code)): one for one in told if one}
    asked = {_plain(query.tracking_number) for query in queries}
    # An element of no number we asked for may be about any number that is missing.
    strangers = None in told or not by_number.keys() <= asked
    if strangers and not by_number.keys() & asked:
        raise UnreadableResponse(INFO.id, detail="the answer is about none of the numbers asked")
    return {query: _answer(query, by_number, strangers=strangers) for query in queries}


def _plain(number: str) -> str:
    return number.strip().upper()


def _answer(
    query: Query, by_number: Mapping[str, _OneNumber], *, strangers: bool
) -> Track | ShipmentError | UnreadableResponse:
    one = by_number.get(_plain(query.tracking_number))
    if one is None:
        return _out_of_shape() if strangers else NotFoundYet(INFO.id)
    return (track_of(query, one.details) or _out_of_shape()) if one.details else NotFoundYet(INFO.id)


def _out_of_shape() -> UnreadableResponse:
    return UnreadableResponse(INFO.id, detail="what is said about this number has not the shape we know")


def subscribe(
    queries: Sequence[Query], account: Account, stamp: Stamp, subscription: Subscription
) -> httpx.Request:
    """The signed form that asks for pushes about these numbers, of every node. Pushes are signed with our own key."""
    check_batch(INFO, queries)
    wishes = [
        {
            "traceNode": _SUBSCRIBED_NODES,
            "waybillCode": query.tracking_number,
            "backUrl": subscription.callback_url,
        }
        for query in queries
    ]
    key = choice(account, "subscriber_key", ("id", "Id"))
    biz_content = compact_json({key: account.credentials["api_account"], "list": wishes})
    path = account.options.get("subscribe_path", "/webopenplatformapi/api/trace/subscribe")
    return _post(path, biz_content, account, stamp)


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None for every number that the source says it took; one that it does not speak of was not taken."""
    check_status(INFO.id, response)
    envelope = decode(INFO.id, response.content, _ENVELOPE)
    if not _succeeded(envelope):
        error = _refused(envelope)
        if isinstance(error, ShipmentError) and len(queries) == 1:
            return {queries[0]: error}
        raise error
    taken = {
        _plain(text(one.waybill_code)): text(one.is_success).lower() in _TRUE_WORDS
        for one in decode_rows(INFO.id, _taken_rows(envelope.data), _TAKEN)
        if one
    }
    if not taken.keys() & {_plain(query.tracking_number) for query in queries}:
        raise UnreadableResponse(INFO.id, detail="the answer is about none of the numbers subscribed")
    return {query: None if taken.get(_plain(query.tracking_number)) else _not_taken() for query in queries}


def _taken_rows(data: msgspec.Raw) -> list[msgspec.Raw]:
    """The list, which may stand in an object."""
    inner = decode(INFO.id, data, _TAKEN_LIST).rows if bytes(data).startswith(b"{") else data
    return decode(INFO.id, inner, _ROWS)


def _not_taken() -> ShipmentError:
    return ShipmentError(INFO.id, detail="the source did not take the subscription")


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether the header bears the digest of `bizContent` as it stood in the form, and our account."""
    biz_content = form_field(push, "bizContent")
    if biz_content is None or push.headers.get("apiaccount") != account.credentials["api_account"]:
        return False
    due = signature(biz_content, account.credentials["private_key"])
    return hmac.compare_digest(push.headers.get("digest", "").encode(), due.encode())


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """What the push says about its one number: some events, or without any a hint to ask."""
    biz_content = form_field(push, "bizContent")
    if biz_content is None:
        raise UnreadableResponse(INFO.id, detail="the push holds no bizContent")
    told = decode(INFO.id, biz_content, _ONE_NUMBER)
    query = Query("jt", _plain(text(told.bill_code)))
    if not query.tracking_number:
        raise UnreadableResponse(INFO.id, detail="the push does not say which number it is about")
    if not told.details:
        return (Pushed(query.carrier, query.tracking_number, None),)
    news = track_of(query, told.details)
    if news is None:
        raise _out_of_shape()
    return (Pushed(query.carrier, query.tracking_number, replace(news, complete=False)),)


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """The vendor's answer for "taken"; any other code stands for failure."""
    document = (
        {"code": "1", "msg": "success", "data": "SUCCESS"}
        if accepted
        else {"code": "0", "msg": "fail", "data": "FAIL"}
    )
    status = httpx.codes.OK if accepted else httpx.codes.INTERNAL_SERVER_ERROR
    return PushReply(int(status), JSON, compact_json(document).encode())
