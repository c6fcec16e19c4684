"""YTO Express (圆通) asked through its open platform: interface track_query_adapter, v1, one number in one call; and
called back by it, event by event, about numbers asked for through subscribe_adapter.

Limits: none published (200 a minute for one customer were heard of, unverified); no code says "slow down", only HTTP
429 would. Times are printed in Shanghai without a zone; pushes also print them as `2025-01-2 03:04:05.0 CST`.

Every interface of every customer has an address, method, version and secret of its own, all shown in the vendor's
console, which also lists the addresses that may call. `base_url` is the whole address of the query. Production
addresses, the form of the body and how a push is acknowledged are unverified: options change them. What answers a
subscription is unverified, too: only `success` of it is read.

Oddities, each with a test:
* found is a list, nothing found an object with `success` "true" and code 1001; some print the list inside `map`;
* a refusal has its code as number or as text; old gateways refuse in XML with S01 to S08;
* method and version are signed but stand in the address, not in the body; the body is JSON in a string inside JSON;
* TMS_RETURN says that a parcel turned back, and SIGNED after it is the shipper's signature. A push tells of one event
  alone: of SIGNED it cannot be said who signed, so that it is a hint to ask; so is a push whose time cannot be read;
* FAILED stands for everything that goes wrong, only text says what; pushes have some of it in `questionCause`;
* pushes are XML in a form; a document type in them is refused.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from html import escape

import httpx
import msgspec

from carriers.answers import Loose, blame, check_status, decode, decode_rows, refusal, text
from carriers.china.yto_codes import MILESTONES, RESULT_CODES
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Milestone,
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
from carriers.errors import CarrierError, NotFoundYet, ShipmentError, UnreadableResponse
from carriers.forms import form_field
from carriers.markup import Markup, read_markup
from carriers.questions import FORM, JSON, check_batch, choice, compact_json, epoch_milliseconds, form_body
from carriers.signing import md5_base64
from carriers.timeline import Row, from_shanghai, signed_by_the_shipper, track

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
    id="yto",
    name_zh="圆通速递",
    name_en="YTO Express",
    checked_on=date(2026, 11, 22),
    base_url="https://openapi.yto.net.cn/open/track_query_adapter/v1",
    carriers={"yto": "yto"},
    # today's; labels of before. Older numbers look like those of others
    number_patterns=(r"YT\d{13}", r"[6-9]\d{17}"),
    batch_size=1,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=3.0,
    burst=5,
    credentials=("secret",),
    optional_credentials=("subscribe_secret", "push_secret"),
    options={
        "method": "what the console calls the query (default track_query_adapter)",
        "version": "its version (default v1)",
        "number_key": "NUMBER (default) or Number: the key of the number in the question",
        "body": "json (default) or form: how requests are written",
        "subscribe_url": "the address of the subscription (default base_url with subscribe_adapter in it)",
        "subscribe_method": "what the console calls the subscription (default subscribe_adapter)",
        "subscribe_version": "its version (default v1)",
        "client_id": "our customer code in subscriptions, K and digits (default the last part of base_url)",
        "message_type": "msg_type of subscriptions (default online)",
        "push_reply": "xml (default) or json: how a push is acknowledged",
    },
    answers=frozenset({Answer.PUSH, Answer.COURIER_PHONE}),
    desk_phone="95554",
)

PUSH: PushSheet = PushSheet(console=True)

_SIGNED = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY})
_WITH_COURIER = ("SENT_SCAN", "派件", "P767")
_OLD_CODE = re.compile(r"S\d\d", re.ASCII)
_PHONE = re.compile(r"[\d-]{7,13}", re.ASCII)
_CLOCK = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)? ?(?:CST)?", re.ASCII
)


class _Trace(
    msgspec.Struct,
    rename={"upload_time": "upload_Time", "info_content": "infoContent", "process_info": "processInfo"},
):
    upload_time: Loose = None
    info_content: Loose = None
    process_info: Loose = None
    city: Loose = None


class _Reply(msgspec.Struct):
    success: Loose = None
    code: Loose = None
    map: dict[str, list[msgspec.Raw] | None] | None = None


_ANSWER = msgspec.json.Decoder(list[msgspec.Raw] | _Reply)
_REPLY = msgspec.json.Decoder(_Reply)
_TRACE = msgspec.json.Decoder(_Trace)


@dataclass(frozen=True, slots=True)
class _Interface:
    """Where one interface is, and what goes into its signatures."""

    url: str
    method: str
    version: str
    secret: str


def signature(param: str, secret: str, *, method: str = "", version: str = "") -> str:
    """`sign` of exactly the text sent as `param`; a push is signed without method and version."""
    return md5_base64(param + method + version + secret)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
    """One body that asks for one number."""
    check_batch(INFO, queries)
    key = choice(account, "number_key", ("NUMBER", "Number"))
    interface = _Interface(
        url=account.base_url or INFO.base_url,
        method=account.options.get("method", "track_query_adapter"),
        version=account.options.get("version", "v1"),
        secret=account.credentials["secret"],
    )
    return _post(interface, compact_json({key: queries[0].tracking_number}), account, stamp)


def _post(interface: _Interface, param: str, account: Account, stamp: Stamp) -> httpx.Request:
    sign = signature(param, interface.secret, method=interface.method, version=interface.version)
    fields = {
        "timestamp": epoch_milliseconds(stamp.at),
        "param": param,
        "sign": sign,
        "format": "JSON",
    }
    if choice(account, "body", ("json", "form")) == "form":
        body, kind = form_body(fields), FORM
    else:
        body, kind = compact_json(fields).encode(), JSON
    return httpx.Request("POST", interface.url, content=body, headers={"Content-Type": kind})


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked."""
    check_status(INFO.id, response)
    if _is_markup(response.content):
        return blame(_old_refusal(response.content), queries)
    answer, query = decode(INFO.id, response.content, _ANSWER), queries[0]
    if isinstance(answer, list):
        return {query: _track(answer, query)}
    by_number = {number.upper(): traces for number, traces in (answer.map or {}).items()}
    listed = by_number.get(query.tracking_number.upper())
    if listed:
        return {query: _track(listed, query)}
    return blame(_refusal(answer, known_empty=listed is not None), queries)


def _is_markup(body: bytes) -> bool:
    return body.lstrip().startswith(b"<")


def _old_refusal(body: bytes) -> CarrierError:
    """What an old gateway refuses with: XML whose `reason` begins with the code."""
    document = read_markup(INFO.id, body)
    found = _OLD_CODE.match(document.texts.get("reason", ""))
    if document.root != "Response" or found is None:
        return UnreadableResponse(INFO.id, detail="the answer is XML we do not know")
    return refusal(INFO.id, found[0], RESULT_CODES)


def _refusal(reply: _Reply, *, known_empty: bool) -> CarrierError:
    """What an object without traces says; an empty list for the number is no refusal."""
    code = text(reply.code)
    if known_empty and _succeeded(reply) and code not in RESULT_CODES:
        return NotFoundYet(INFO.id)
    return refusal(INFO.id, code, RESULT_CODES)


def _succeeded(reply: _Reply) -> bool:
    return text(reply.success).lower() == "true"


def _track(traces: Sequence[msgspec.Raw], query: Query) -> Track:
    lines = decode_rows(INFO.id, traces, _TRACE)
    found = track(query, (None if line is None else _row(line) for line in lines))
    if not found.scans:
        raise UnreadableResponse(INFO.id, detail="no line of the answer can be read")
    return signed_by_the_shipper(found)


def _row(line: _Trace) -> Row | None:
    printed = text(line.upload_time)
    occurred_at = _moment(printed)
    if occurred_at is None:
        return None
    code = text(line.info_content)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=text(line.process_info),
        carrier_code=code,
        city=text(line.city) or None,
    )
    return Row(scan, MILESTONES.get(code), unmapped="" if code in MILESTONES else code)


def _moment(printed: str) -> datetime | None:
    """`2025-01-02 03:04:05`, or `2025-01-2 03:04:05.0 CST` where CST is China's."""
    found = _CLOCK.fullmatch(printed)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return from_shanghai(f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,
    subscription: Subscription,  # noqa: ARG001 - the address to call stands in the console
) -> httpx.Request:
    """The body that asks for pushes about one number."""
    check_batch(INFO, queries)
    address = account.base_url or INFO.base_url
    client = account.options.get("client_id") or address.rstrip("/").rpartition("/")[2]
    param = {
        "client_id": client,
        "logistics_interface": compact_json({"clientId": client, "waybillNo": queries[0].tracking_number}),
        "msg_type": account.options.get("message_type", "online"),
    }
    interface = _Interface(
        url=account.options.get("subscribe_url")
        or address.replace("track_query_adapter", "subscribe_adapter"),
        method=account.options.get("subscribe_method", "subscribe_adapter"),
        version=account.options.get("subscribe_version", "v1"),
        secret=account.credentials.get("subscribe_secret") or account.credentials["secret"],
    )
    return _post(interface, compact_json(param), account, stamp)


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None when the source says that it succeeded."""
    check_status(INFO.id, response)
    if _is_markup(response.content):
        raise _old_refusal(response.content)
    reply = decode(INFO.id, response.content, _REPLY)
    if _succeeded(reply):
        return dict.fromkeys(queries)
    error = refusal(INFO.id, text(reply.code), RESULT_CODES)
    if isinstance(error, ShipmentError):
        return dict.fromkeys(queries, error)
    raise error


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether `data_digest` is that of the document as it stood in the form, signed with the account's secret."""
    document, digest = form_field(push, "logistics_interface"), form_field(push, "data_digest")
    if document is None or digest is None:
        return False
    ours = account.credentials.get("push_secret") or account.credentials["secret"]
    return hmac.compare_digest(digest.encode(), signature(document, ours).encode())


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """What the push says about its one number: one event, or that there is something to ask about."""
    said = _document(push).texts
    number = text(said.get("mailNo")).upper()
    if not number:
        raise UnreadableResponse(INFO.id, detail="the push does not say which number it is about")
    query = Query("yto", number)
    row = _pushed_row(said)
    found = track(query, [row]) if row else None
    if found is None or found.scans[0].milestone in _SIGNED:
        return (Pushed(query.carrier, number, None),)
    return (Pushed(query.carrier, number, replace(found, complete=False)),)


def _document(push: PushRequest) -> Markup:
    document = form_field(push, "logistics_interface")
    if document is None:
        raise UnreadableResponse(INFO.id, detail="the push holds no logistics_interface")
    markup = read_markup(INFO.id, document)
    if markup.root != "UpdateInfo":
        raise UnreadableResponse(INFO.id, detail="the push is XML we do not know")
    return markup


def _pushed_row(said: Mapping[str, str]) -> Row | None:
    line = _Trace(said.get("acceptTime"), said.get("infoContent"), _words(said), said.get("city"))
    row = _row(line)
    if row is None:
        return None
    delivers = row.scan.carrier_code in _WITH_COURIER
    courier = text(said.get("deliveryName")) or text(said.get("empName"))
    phone = _PHONE.fullmatch(text(said.get("contactInfo")))
    scan = replace(
        row.scan,
        facility=text(said.get("orgName")) or None,
        facility_phone=text(said.get("orgPhone")) or None,
        courier_name=(courier or None) if delivers else None,
        courier_phone=phone[0] if phone and delivers else None,
    )
    return replace(row, scan=scan)


def _words(said: Mapping[str, str]) -> str:
    """The remark, with the cause of a problem behind it where the remark does not say it."""
    remark, cause = text(said.get("remark")), text(said.get("questionCause"))
    return remark if cause in remark else f"{remark}，{cause}".strip("，")


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:
    """The vendor's answer for "taken"; when it sends again what was not is unverified."""
    said = {
        "logisticProviderID": "YTO",
        "txLogisticID": _order(push),
        "success": "true" if accepted else "false",
    }
    if not accepted:
        said["reason"] = "S07"
    status = int(httpx.codes.OK if accepted else httpx.codes.INTERNAL_SERVER_ERROR)
    if account.options.get("push_reply") == "json":
        document = said | {"success": accepted}
        return PushReply(status, "application/json;charset=UTF-8", compact_json(document).encode())
    elements = "".join(f"<{name}>{escape(words, quote=False)}</{name}>" for name, words in said.items())
    return PushReply(status, "application/xml;charset=UTF-8", f"<Response>{elements}</Response>".encode())


def _order(push: PushRequest) -> str:
    """The order number that the reply repeats; empty where the push has none."""
    try:
        return _document(push).texts.get("txLogisticID", "")
    except UnreadableResponse:
        return ""
