"""ZTO Express (中通) asked through its own platform (ZOP): zto.merchant.waybill.track.query, one number in one call.

Pushes are asked for number by number (zto.merchant.waybill.track.subsrcibe, spelt so by the vendor) and come to the
address in the vendor's console, signed; `zto_push` reads them.

Limits: none published; S206 and S221 are the signs to slow down. Times are epoch milliseconds, printed as a number or
as text; `local_time` is that moment in Shanghai. Pushes print Shanghai's clock without a zone.

Oddities, each with a test:
* HTTP is always 200, `status` and `statusCode` tell; success is SYS000, 0000 or 200, with nothing in `result` when no
  record exists;
* the tail of a phone is needed unless the account is bound to the parcel's shipper (E413 missing, E409 wrong);
* how a request is signed is set in the vendor's console: digest, encoding and time stamp are options of the account;
* the list comes in either order;
* 退件 says with `returnType` whether the parcel goes back (1, 2, 4, 5, 10) or only gets another address (3, 6);
* 问题件 says in its text what the problem is. No answer seen so far carries the push's `problemCode`; where one does,
  it is read, the text adds to it (unverified);
* after 转单 the scan types are numbers; the English ones are about lockers and stations: there ARRIVAL is "put in"
  (pushes use the same words for other things: there ARRIVAL is "at a branch");
* for a locker or station, `scanSite` is that station; the operator's phone is the deliverer's only on 派件;
* a push tells one event, comes as a form or as JSON, and may come twice or late; of several phones the first is kept;
  for a station `facilityName` is taken as that station (unverified), else the station's brand in `comName`.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import httpx
import msgspec

from carriers.answers import NULL, Loose, blame, check_status, decode, decode_rows, is_null, refusal, text
from carriers.china.zto_codes import ACTIONS, DETAILED, MILESTONES, RESULT_CODES
from carriers.china.zto_push import PUSH, acknowledge, read_push, verify
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Meaning,
    Milestone,
    Need,
    Query,
    Scan,
    Stamp,
    Subscription,
)
from carriers.errors import NotFoundYet, ShipmentError, UnreadableResponse
from carriers.questions import JSON, check_batch, choice, compact_json, epoch_milliseconds, switch
from carriers.timeline import Row, as_printed, from_epoch, from_shanghai, track, with_detail

__all__ = [
    "ACTIONS",
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
    id="zto",
    name_zh="中通快递",
    name_en="ZTO Express",
    checked_on=date(2026, 11, 22),
    base_url="https://japi.zto.com",
    carriers={"zto": "zto"},
    # today's; older families of twelve digits; loose. E416 is the authority
    number_patterns=(
        r"7[3-68]\d{12}",
        r"(?:5[456]|6[34]|72|90|2[1-9])\d{10}|(?:780|88[125]|960)\d{9}",
        r"\d{14}",
    ),
    batch_size=1,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=5.0,
    burst=10,
    credentials=("app_key", "app_secret"),
    optional_credentials=("hmac_key",),
    options={
        "digest": "md5 (default), sha256, or hmac_sha256 with the credential hmac_key; as set in the console",
        "digest_encoding": "base64 (default) or hex",
        "send_timestamp": "false (default) or true: sign and send the time; only if the console asks for it",
    },
    needs=frozenset({Need.PHONE_TAIL}),
    phone_tail_carriers=frozenset({"zto"}),
    answers=frozenset({Answer.PUSH, Answer.COURIER_PHONE, Answer.PROOF_OF_DELIVERY}),
    desk_phone="95311",
)

_SUCCESS_CODES = ("SYS000", "0000", "200")
_DELIVERER_CODES = ("派件", "4")
_STATION_CODES = ("ARRIVAL", "SIGNED", "第三方签收", "7", "44", "45")


class _Envelope(msgspec.Struct, rename="camel"):
    status: Loose = None
    status_code: Loose = None
    result: msgspec.Raw = NULL


class _Site(msgspec.Struct, rename="camel"):
    name: Loose = None
    phone: Loose = None
    city: Loose = None


class _Trace(msgspec.Struct, rename="camel"):
    scan_type: Loose = None
    scan_date: Loose = None
    scan_site: _Site | None = None
    operate_user: Loose = None
    operate_user_phone: Loose = None
    sign_man: Loose = None
    return_type: Loose = None
    problem_code: Loose = None
    desc: Loose = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_TRACES = msgspec.json.Decoder(list[msgspec.Raw])
_TRACE = msgspec.json.Decoder(_Trace)


def signature(body: str, account: Account, *, timestamp: str = "") -> str:
    """`x-dataDigest` of exactly the body that is sent, in the mode that the account's options name."""
    message = (timestamp + body + account.credentials["app_secret"]).encode()
    match choice(account, "digest", ("md5", "sha256", "hmac_sha256")):
        case "sha256":
            raw = hashlib.sha256(message).digest()
        case "hmac_sha256":
            raw = hmac.digest(account.credentials["hmac_key"].encode(), message, "sha256")
        case _:
            raw = hashlib.md5(message, usedforsecurity=False).digest()
    if choice(account, "digest_encoding", ("base64", "hex")) == "hex":
        return raw.hex()
    return base64.b64encode(raw).decode()


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
    """One JSON body that asks for one number, signed in the headers."""
    check_batch(INFO, queries)
    return _signed(queries[0], "zto.merchant.waybill.track.query", account, stamp)


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,
    subscription: Subscription,  # noqa: ARG001 - the console holds the address, the account the secret
) -> httpx.Request:
    """The same body, put to the function that subscribes one number."""
    check_batch(INFO, queries)
    return _signed(queries[0], "zto.merchant.waybill.track.subsrcibe", account, stamp)


def _signed(query: Query, function: str, account: Account, stamp: Stamp) -> httpx.Request:
    body = _body(query)
    timestamp = epoch_milliseconds(stamp.at) if switch(account, "send_timestamp", default=False) else ""
    app_key = account.credentials["app_key"]
    digest = signature(body, account, timestamp=timestamp)
    # The vendor's library names the key x-companyid, its documentation x-appKey.
    headers = {"Content-Type": JSON, "x-appKey": app_key, "x-companyid": app_key, "x-dataDigest": digest}
    if timestamp:
        headers["x-timestamp"] = timestamp
    url = (account.base_url or INFO.base_url).rstrip("/") + f"/{function}"
    return httpx.Request("POST", url, content=body.encode(), headers=headers)


def _body(query: Query) -> str:
    fields = {"billCode": query.tracking_number}
    if query.phone_tail:
        fields["mobilePhone"] = query.phone_tail
    return compact_json(fields)


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked."""
    check_status(INFO.id, response)
    envelope = decode(INFO.id, response.content, _ENVELOPE)
    if not _succeeded(envelope):
        return blame(refusal(INFO.id, text(envelope.status_code), RESULT_CODES), queries)
    if is_null(envelope.result):
        return dict.fromkeys(queries, NotFoundYet(INFO.id))
    raw = decode(INFO.id, envelope.result, _TRACES)
    if not raw:
        return dict.fromkeys(queries, NotFoundYet(INFO.id))
    rows = [None if trace is None else _row(trace) for trace in decode_rows(INFO.id, raw, _TRACE)]
    if not any(rows):
        raise UnreadableResponse(INFO.id, detail="no line of the answer can be read")
    return {query: track(query, rows) for query in queries}


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None when pushes will come."""
    check_status(INFO.id, response)
    envelope = decode(INFO.id, response.content, _ENVELOPE)
    if _succeeded(envelope):
        return dict.fromkeys(queries)
    error = refusal(INFO.id, text(envelope.status_code), RESULT_CODES)
    if isinstance(error, ShipmentError):
        return dict.fromkeys(queries, error)
    raise error


def _succeeded(envelope: _Envelope) -> bool:
    status = text(envelope.status).lower()
    return status == "true" or (not status and text(envelope.status_code) in _SUCCESS_CODES)


def _row(trace: _Trace) -> Row | None:
    occurred_at = _moment(text(trace.scan_date))
    if occurred_at is None:
        return None
    code, meaning, unmapped = _code_and_meaning(trace)
    return Row(_scan(trace, code, occurred_at), meaning, unmapped)


def _moment(printed: str) -> datetime | None:
    """Epoch milliseconds; a clock in China is read too, for the vendor's own types disagree."""
    return from_epoch(printed) or from_shanghai(printed)


def _scan(trace: _Trace, code: str, occurred_at: datetime) -> Scan:
    site = trace.scan_site or _Site()
    name, phone = text(site.name) or None, text(site.phone) or None
    at_station, delivers = code in _STATION_CODES, code in _DELIVERER_CODES
    return Scan(
        occurred_at=occurred_at,
        local_time=as_printed(occurred_at),
        milestone=Milestone.UNKNOWN,
        text=text(trace.desc),
        carrier_code=code,
        city=text(site.city) or None,
        facility=None if at_station else name,
        facility_phone=None if at_station else phone,
        station=name if at_station else None,
        station_phone=phone if at_station else None,
        courier_name=(text(trace.operate_user) or None) if delivers else None,
        courier_phone=(text(trace.operate_user_phone) or None) if delivers else None,
        signed_by=text(trace.sign_man) or None,
    )


def _code_and_meaning(trace: _Trace) -> tuple[str, Meaning | None, str]:
    """The scan's code, what it says, and the code that our tables lack."""
    code = text(trace.scan_type)
    return with_detail(code, _detail(trace, code), MILESTONES)


def _detail(trace: _Trace, code: str) -> str:
    """The second code of a scan type that has one: the kind of a return, or the problem."""
    match DETAILED.get(code):
        case "returnType":
            return text(trace.return_type)
        case "problemCode":
            return text(trace.problem_code).upper()
        case _:
            return ""
