"""Deppon Express (德邦) asked through its open platform (DOP): newTraceQuery, one number in one call, and
standTraceSubscribe for pushes.

Limits: none published; one number at most every 30 minutes. Times are printed in Shanghai without a zone.

Oddities, each with a test:
* the digest is base64 of the MD5 digest's hex text, not of its bytes, and starts with the same few letters always;
* `result` is true or "true"; the list is called `trace_list` or `traceList` and lies in an object, or in JSON inside a
  string; lines come in no order;
* success with an empty list, or without one, is "nothing yet"; a number is unknown for a minute or two after it was
  ordered, which the vendor says in words;
* few result codes are known: what else is refused is told from the words of the refusal (unverified); one without a
  code, whose words say nothing to us, is taken for a moment's trouble;
* 2006 says that some parameter is wrong, a missing customer code too: it condemns no number that was asked about;
* FAILED is a refusal, or a waybill that was made void, and INBOUND a parcel held, or one to be fetched: a word of the
  text tells. What else the text says of ERROR, SIGNED and the others is the reader's;
* OPERATETRACK and FAILED may name the number under which the parcel goes on, in the text only;
* the vendor's test environment prints a status 20 of unknown meaning; it is reported like any unknown one;
* what a push looks like is unverified: a form with `params`, or JSON, that holds a `track_list` or one bare
  `trace_list`. It is taken for news, not for the whole history. Nothing may prove it but its address; a digest that is
  there has to be right, and the option `push_digest` demands one.
"""

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import httpx
import msgspec

from carriers.answers import (
    NULL,
    Loose,
    blame,
    check_status,
    decode,
    decode_rows,
    inner_json,
    is_null,
    refusal_in_words,
    text,
)
from carriers.china.deppon_codes import FLAGS, MILESTONES, REFUSALS, RESULT_CODES, SUBSCRIPTION_CODES
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Milestone,
    Need,
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
from carriers.errors import CarrierError, NotFoundYet, ShipmentError, SourceUnavailable, UnreadableResponse
from carriers.forms import form_field
from carriers.questions import FORM, check_batch, choice, compact_json, epoch_milliseconds, form_body
from carriers.signing import md5_hex_base64
from carriers.timeline import Row, from_shanghai, track

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
    id="deppon",
    name_zh="德邦快递",
    name_en="Deppon Express",
    checked_on=date(2026, 11, 22),
    base_url="https://dpapi.deppon.com/dop-interface-sync",
    carriers={"deppon": "deppon"},
    # of older numbers and freight, 8 to 12 digits, too many are other carriers' as well
    number_patterns=(r"DPK\d{12}",),
    batch_size=1,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=5.0,
    burst=10,
    credentials=("company_code", "app_key", "customer_code"),
    options={
        "query_path": "where questions go, under the base URL (default /standard-query/newTraceQuery.action)",
        "subscription_path": "where subscriptions go, under the base URL (default "
        "/dop-nonstandard-extension/standTraceSubscribe.action)",
        "push_digest": "if_sent (default): a push without digest is known by its address; or required",
    },
    needs=frozenset({Need.CUSTOMER_CODE}),
    answers=frozenset({Answer.PUSH, Answer.COURIER_PHONE}),
    desk_phone="95353",
)

PUSH: PushSheet = PushSheet(proof=Proof.SECRET_PATH, console=True)

_OK = "1000"
_STATION_STATUSES = ("STA_INBOUND", "STA_SIGN")
_RENUMBERED_STATUSES = ("OPERATETRACK", "FAILED")
_NEW_NUMBER = re.compile(r"新(?:运?单)?号为?[:：\s]*(DPK\d{12}|\d{8,12})(?!\d)", re.ASCII)


class _Envelope(msgspec.Struct, rename="camel"):
    result: Loose = None
    result_code: Loose = None
    reason: Loose = None
    response_param: msgspec.Raw = NULL


class _Subscribed(msgspec.Struct):
    result: Loose = None
    success: Loose = None
    error_code: Loose = None
    error_message: Loose = None


class _OneNumber(msgspec.Struct):
    """What is said about one number; the older name of the list is read too."""

    tracking_number: Loose = None
    trace_list: list[msgspec.Raw] | None = None
    older_list: list[msgspec.Raw] | None = msgspec.field(name="traceList", default=None)


class _Trace(msgspec.Struct):
    time: Loose = None
    city: Loose = None
    site: Loose = None
    status: Loose = None
    description: Loose = None


class _Push(_OneNumber):
    """What a push says: about several numbers, or about one."""

    track_list: list[msgspec.Raw] | None = None


class _JsonPush(msgspec.Struct):
    """The fields of a push whose body is JSON."""

    params: msgspec.Raw = NULL
    timestamp: Loose = None
    digest: Loose = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_SUBSCRIBED = msgspec.json.Decoder(_Subscribed)
_ONE_NUMBER = msgspec.json.Decoder(_OneNumber)
_TRACE = msgspec.json.Decoder(_Trace)
_PUSH = msgspec.json.Decoder(_Push)
_JSON_PUSH = msgspec.json.Decoder(_JsonPush)


def signature(params: str, timestamp: str, *, app_key: str) -> str:
    """`digest` of exactly the text that is sent as `params`, with the timestamp that is sent beside it."""
    return md5_hex_base64(params + app_key + timestamp)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
    """One signed form that asks for one number."""
    check_batch(INFO, queries)
    params = {"mailNo": queries[0].tracking_number, "customerCode": account.credentials["customer_code"]}
    path = account.options.get("query_path", "/standard-query/newTraceQuery.action")
    return _post(account, path, params, stamp)


def _post(account: Account, path: str, params: Mapping[str, str], stamp: Stamp) -> httpx.Request:
    said, timestamp = compact_json(params), epoch_milliseconds(stamp.at)
    fields = {
        "companyCode": account.credentials["company_code"],
        "timestamp": timestamp,
        "params": said,
        "digest": signature(said, timestamp, app_key=account.credentials["app_key"]),
    }
    url = (account.base_url or INFO.base_url).rstrip("/") + path
    return httpx.Request("POST", url, content=form_body(fields), headers={"Content-Type": FORM})


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked."""
    check_status(INFO.id, response)
    envelope = decode(INFO.id, response.content, _ENVELOPE)
    code, result = text(envelope.result_code), text(envelope.result).lower()
    if not _succeeded(result, code):
        return blame(_refusal(result, code, text(envelope.reason), RESULT_CODES), queries)
    if is_null(envelope.response_param):
        return dict.fromkeys(queries, NotFoundYet(INFO.id))
    told = inner_json(INFO.id, envelope.response_param).strip() or "{}"
    one = decode(INFO.id, told, _ONE_NUMBER)
    return {query: _track_or_none(one, query) for query in queries}


def _succeeded(result: str, code: str) -> bool:
    return (code == _OK and result != "false") or (not code and result == "true")


def _refusal(result: str, code: str, reason: str, classes: Mapping[str, type[CarrierError]]) -> CarrierError:
    error = refusal_in_words(INFO.id, code, reason, classes=classes, signs=REFUSALS)
    if result == "false" and not code and isinstance(error, UnreadableResponse):
        return SourceUnavailable(INFO.id, detail="the source refuses and does not say why")
    return error


def _track_or_none(one: _OneNumber, query: Query) -> Track | ShipmentError:
    """The track, or "nothing yet" where no lines are."""
    traces = one.trace_list or one.older_list
    if not traces:
        return NotFoundYet(INFO.id)
    lines = decode_rows(INFO.id, traces, _TRACE)
    found = track(query, (None if line is None else _row(line) for line in lines))
    if not found.scans:
        raise UnreadableResponse(INFO.id, detail="no line of the answer can be read")
    return replace(found, new_tracking_number=_new_number(found.scans, query))


def _row(trace: _Trace) -> Row | None:
    printed = text(trace.time)
    occurred_at = from_shanghai(printed)
    if occurred_at is None:
        return None
    status, description = text(trace.status), text(trace.description)
    code = _flagged(status, description)
    site = text(trace.site).strip("【】") or None
    at_station = status in _STATION_STATUSES
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=description,
        carrier_code=code,
        city=text(trace.city) or None,
        facility=None if at_station else site,
        station=site if at_station else None,
    )
    return Row(scan, MILESTONES.get(code), unmapped="" if code in MILESTONES else code)


def _flagged(status: str, description: str) -> str:
    """The status, with the word of the text that tells which of its two meanings it has."""
    flag = FLAGS.get(status)
    return f"{status}/{flag}" if flag and flag in description else status


def _new_number(scans: Iterable[Scan], query: Query) -> str | None:
    """The number under which the parcel goes on or back, from the newest scan that names one."""
    numbers = [
        match[1]
        for scan in scans
        if scan.carrier_code in _RENUMBERED_STATUSES
        for match in _NEW_NUMBER.finditer(scan.text)
        if match[1] != query.tracking_number
    ]
    return numbers[-1] if numbers else None


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,
    subscription: Subscription,  # noqa: ARG001 - the address to call stands in the vendor's console
) -> httpx.Request:
    """The signed form that asks for pushes about one number."""
    check_batch(INFO, queries)
    path = account.options.get("subscription_path", "/dop-nonstandard-extension/standTraceSubscribe.action")
    return _post(account, path, {"tracking_number": queries[0].tracking_number}, stamp)


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None when pushes will come."""
    check_status(INFO.id, response)
    said = decode(INFO.id, response.content, _SUBSCRIBED)
    code, result = text(said.error_code), (text(said.result) or text(said.success)).lower()
    if _succeeded(result, code):
        return dict.fromkeys(queries)
    error = _refusal(result, code, text(said.error_message), SUBSCRIPTION_CODES)
    if isinstance(error, ShipmentError):
        return dict.fromkeys(queries, error)
    raise error


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether nothing speaks against the push: a digest, where one is sent or demanded, is that of its `params`."""
    params, timestamp, digest = _signed_fields(push)
    if not digest:
        return choice(account, "push_digest", ("if_sent", "required")) == "if_sent"
    if params is None:
        return False
    due = signature(params, timestamp, app_key=account.credentials["app_key"])
    return hmac.compare_digest(digest.encode(), due.encode())


def _signed_fields(push: PushRequest) -> tuple[str | None, str, str]:
    """`params`, `timestamp` and `digest` of a form, or of a body that is JSON."""
    if push.body.lstrip().startswith(b"{"):
        return _json_fields(push.body)
    params, timestamp, digest = (form_field(push, name) for name in ("params", "timestamp", "digest"))
    if digest is None and b"digest=" in push.body:
        digest = "sent twice, which proves nothing"
    return params, timestamp or "", digest or ""


def _json_fields(body: bytes) -> tuple[str | None, str, str]:
    try:
        said = decode(INFO.id, body, _JSON_PUSH)
        params = None if is_null(said.params) else inner_json(INFO.id, said.params)
    except UnreadableResponse:
        return None, "", ""
    return params, text(said.timestamp), text(said.digest)


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """What is new about each number; where no line can be read, it is a hint to ask."""
    params, _, _ = _signed_fields(push)
    said = decode(INFO.id, push.body if params is None else params, _PUSH)
    rows = said.track_list
    told = [said] if rows is None else decode_rows(INFO.id, rows, _ONE_NUMBER)
    pushed = [_pushed(one) for one in told if one and text(one.tracking_number)]
    if not pushed:
        raise UnreadableResponse(INFO.id, detail="the push does not say which number it is about")
    return tuple(pushed)


def _pushed(one: _OneNumber) -> Pushed:
    query = Query("deppon", text(one.tracking_number))
    try:
        answer = _track_or_none(one, query)
    except UnreadableResponse:
        return Pushed(query.carrier, query.tracking_number, answer=None)
    news = replace(answer, complete=False) if isinstance(answer, Track) else None
    return Pushed(carrier=query.carrier, tracking_number=query.tracking_number, answer=news)


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """The vendor's own envelope turned round; whether it then pushes again is unverified."""
    document = (
        {"success": True, "error_code": _OK, "error_message": "成功", "result": True}
        if accepted
        else {"success": False, "error_code": "", "error_message": "失败", "result": False}
    )
    status = httpx.codes.OK if accepted else httpx.codes.INTERNAL_SERVER_ERROR
    return PushReply(int(status), "application/json;charset=UTF-8", compact_json(document).encode())
