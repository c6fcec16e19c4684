"""STO Express (申通) asked through its open platform (the link gateway): STO_TRACE_QUERY_COMMON, up to ten numbers in
one call; and called back by it, event by event, about numbers asked for with STO_TRACE_PLATFORM_SUBSCRIBE.

Limits: none published, neither of calls nor of numbers in one (ten are unverified). Times are printed in Shanghai
without a zone; a push may name another in `tz`, as hours from UTC (unverified).

One address serves all functions, a field of the form says which. Two production addresses are in use (`base_url` says
which); that `from_code` is the key, and that numbers are sent as plain text, is unverified: options change it.

Oddities, each with a test:
* `success` and `needRetry` are boolean or text; the codes of refusals are those of a similar gateway, so that
  `needRetry` decides where they say no more than "no";
* a number without a list, or with an empty one, has no record: unknown and forgotten numbers look the same;
* an old gateway refuses in XML;
* after 退回件 a signature is the shipper's. A push tells of one event alone: of a signature it cannot be said who
  signed, so that it is a hint to ask; so is a push whose time cannot be read;
* 驿站出库 and 快件取出 are a delivery where the memo speaks of signing or of the code to fetch it with, else the
  courier's next tour: sources contradict each other (unverified);
* 问题件 has its problem in `issueName`: its number counts where one stands in front (unverified); the words become part
  of the text;
* opOrgType 3 of a push is a station; opOrgTypeCode 0003 of an answer is a hub;
* the courier stands on 收件 as the collector, so that only the deliverer's is taken; it may be the name of a tour;
* pushes come as a form or as JSON alone: then the digest stands in the address or a header, or the push is refused.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import httpx
import msgspec

from carriers.answers import NULL, Loose, check_status, decode, decode_rows, is_null, refusal, text
from carriers.china.sto_codes import MILESTONES, PROBLEM, RESULT_CODES, SIGNED_SIGNS
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Meaning,
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
from carriers.errors import (
    CarrierError,
    NotFoundYet,
    ShipmentError,
    SourceUnavailable,
    UnreadableResponse,
)
from carriers.forms import form_field
from carriers.markup import read_markup
from carriers.questions import FORM, check_batch, choice, compact_json, form_body
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
    id="sto",
    name_zh="申通快递",
    name_en="STO Express",
    checked_on=date(2026, 11, 22),
    base_url="https://cloudinter-linkgatewayonline.sto.cn/gateway/link.do",
    carriers={"sto": "sto"},
    # today's; older families
    number_patterns=(
        r"77\d{13}",
        r"(?:268|368|468|568|588|668|688|768|868|888|968)\d{9}|(?:33|55|66)\d{11}|4\d{12}|STO\d{10}",
        r"(?:88|99)\d{13}",
    ),
    batch_size=10,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=3.0,
    burst=5,
    credentials=("app_key", "secret_key"),
    options={
        "from_code": "the resource code, where it is not the app_key (default app_key)",
        "query_to": "to_appkey and to_code of queries (default sto_trace_query)",
        "subscribe_to": "to_appkey and to_code of subscriptions (default sto_trace_platform)",
        "numbers_as": "text (default) or objects: how the numbers of a query are listed",
    },
    answers=frozenset({Answer.PUSH, Answer.COURIER_PHONE, Answer.PROOF_OF_DELIVERY}),
    desk_phone="95543",
)

PUSH: PushSheet = PushSheet(batch_size=10, console=True)

_SIGNED = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY})
_WITH_COURIER = ("派件", "第三方代派")
_STATION = "3"
_PROBLEM_NUMBER = re.compile(r"\d\d(?!\d)", re.ASCII)
_CHINA = ("", "CST", "Asia/Shanghai")
_HOURS_FROM_UTC = re.compile(r"(?:GMT|UTC)?([+-]?\d{1,2})(?::?(\d\d))?", re.ASCII)


class _Reply(msgspec.Struct, rename="camel"):
    success: Loose = None
    error_code: Loose = None
    need_retry: Loose = None
    data: msgspec.Raw = NULL


class _Trace(msgspec.Struct, rename="camel"):
    op_time: Loose = None
    scan_type: Loose = None
    op_org_name: Loose = None
    op_org_tel: Loose = None
    op_org_type: Loose = None
    op_org_city_name: Loose = None
    biz_emp_name: Loose = None
    biz_emp_phone: Loose = None
    biz_emp_tel: Loose = None
    issue_name: Loose = None
    signoff_people: Loose = None
    memo: Loose = None
    tz: Loose = None


class _Push(msgspec.Struct, rename="camel"):
    waybill_no: Loose = None
    trace: _Trace | None = None


class _Subscribed(msgspec.Struct, rename="camel"):
    waybill_no: Loose = None
    status: Loose = None


_REPLY = msgspec.json.Decoder(_Reply)
_BY_NUMBER = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_TRACE = msgspec.json.Decoder(_Trace)
_PUSH = msgspec.json.Decoder(_Push)
_SUBSCRIBED = msgspec.json.Decoder(_Subscribed)


def signature(content: str, secret_key: str) -> str:
    """`data_digest` of exactly the text sent as `content`, by us or by the vendor."""
    return md5_base64(content + secret_key)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:  # noqa: ARG001
    """One signed form that asks for up to ten numbers; nothing in it depends on the time."""
    check_batch(INFO, queries)
    numbers: list[object] = [query.tracking_number for query in queries]
    if choice(account, "numbers_as", ("text", "objects")) == "objects":
        numbers = [{"waybillNo": number} for number in numbers]
    to = account.options.get("query_to", "sto_trace_query")
    content = {"order": "asc", "waybillNoList": numbers}
    return _post(account, content, function="STO_TRACE_QUERY_COMMON", to=to)


def _post(account: Account, content: Mapping[str, object], *, function: str, to: str) -> httpx.Request:
    signed = compact_json(content)
    app_key = account.credentials["app_key"]
    fields = {
        "content": signed,
        "data_digest": signature(signed, account.credentials["secret_key"]),
        "api_name": function,
        "from_appkey": app_key,
        "from_code": account.options.get("from_code") or app_key,
        "to_appkey": to,
        "to_code": to,
    }
    url = account.base_url or INFO.base_url
    return httpx.Request("POST", url, content=form_body(fields), headers={"Content-Type": FORM})


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """An answer for every number asked; raises when the gateway refused the whole call."""
    data = _data(response)
    told = {} if is_null(data) else decode(INFO.id, data, _BY_NUMBER)
    by_number = {_plain(number): rows for number, rows in told.items()}
    if by_number and by_number.keys().isdisjoint(_plain(query.tracking_number) for query in queries):
        raise UnreadableResponse(INFO.id, detail="the answer is about none of the numbers asked")
    return {query: _answer(by_number.get(_plain(query.tracking_number), NULL), query) for query in queries}


def _data(response: httpx.Response) -> msgspec.Raw:
    """What the gateway let through; its refusal is raised."""
    check_status(INFO.id, response)
    if response.content.lstrip().startswith(b"<"):
        raise _refusal_in_xml(response.content)
    reply = decode(INFO.id, response.content, _REPLY)
    if not _is_true(reply.success):
        raise _refusal(text(reply.error_code), retry=_is_true(reply.need_retry))
    return reply.data


def _is_true(word: Loose) -> bool:
    return text(word).lower() == "true"


def _refusal_in_xml(body: bytes) -> CarrierError:
    """What an old gateway refuses with; how it lists scans is unknown, so none are read."""
    document = read_markup(INFO.id, body)
    said = document.texts
    if document.root != "response" or _is_true(said.get("success")):
        return UnreadableResponse(INFO.id, detail="the answer is XML we do not know")
    return _refusal(text(said.get("errorCode")), retry=_is_true(said.get("needRetry")))


def _refusal(code: str, *, retry: bool) -> CarrierError:
    error = refusal(INFO.id, code, RESULT_CODES)
    if retry and isinstance(error, UnreadableResponse):
        return SourceUnavailable(INFO.id, code=error.code)
    return error


def _plain(number: str) -> str:
    return number.strip().upper()


def _answer(rows: msgspec.Raw, query: Query) -> Track | ShipmentError | UnreadableResponse:
    """What the map holds for one number; out of shape, it leaves the others alone."""
    if is_null(rows):
        return NotFoundYet(INFO.id)
    try:
        traces = decode(INFO.id, rows, _LIST)
    except UnreadableResponse as error:
        return error
    if not traces:
        return NotFoundYet(INFO.id)
    lines = decode_rows(INFO.id, traces, _TRACE)
    found = track(query, (None if line is None else _row(line) for line in lines))
    if not found.scans:
        return UnreadableResponse(INFO.id, detail="no line about this number can be read")
    return signed_by_the_shipper(found)


def _row(trace: _Trace) -> Row | None:
    printed = text(trace.op_time)
    occurred_at = _moment(printed, text(trace.tz))
    if occurred_at is None:
        return None
    code, meaning, unmapped = _code_and_meaning(trace)
    return Row(_scan(trace, code, occurred_at, printed=printed), meaning, unmapped)


def _moment(printed: str, zone: str) -> datetime | None:
    """The clock of China, or of the zone that is so many hours from UTC."""
    if zone in _CHINA:
        return from_shanghai(printed)
    found = _HOURS_FROM_UTC.fullmatch(zone)
    return from_shanghai(f"{printed}{int(found[1]):+03d}:{found[2] or '00'}") if found else None


def _scan(trace: _Trace, code: str, occurred_at: datetime, *, printed: str) -> Scan:
    name, phone = text(trace.op_org_name) or None, text(trace.op_org_tel) or None
    at_station, delivers = text(trace.op_org_type) == _STATION, code in _WITH_COURIER
    courier_phone = text(trace.biz_emp_phone) or text(trace.biz_emp_tel)
    return Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=_words(trace),
        carrier_code=code,
        city=text(trace.op_org_city_name) or None,
        facility=None if at_station else name,
        facility_phone=None if at_station else phone,
        station=name if at_station else None,
        station_phone=phone if at_station else None,
        courier_name=(text(trace.biz_emp_name) or None) if delivers else None,
        courier_phone=(courier_phone or None) if delivers else None,
        signed_by=text(trace.signoff_people) or None,
    )


def _words(trace: _Trace) -> str:
    """The memo, with the name of the problem behind it where it has one that the memo does not say."""
    memo, problem = text(trace.memo), text(trace.issue_name)
    said = problem in memo or problem.isdecimal()
    return memo if said else f"{memo}，{problem}".strip("，")


def _code_and_meaning(trace: _Trace) -> tuple[str, Meaning | None, str]:
    """The scan's code, what it says, and the code that our tables lack."""
    code = text(trace.scan_type)
    detail = _detail(trace, code)
    if not detail:
        meaning = MILESTONES.get(code)
        return code, meaning, "" if meaning else code
    pair = f"{code}/{detail}"
    if pair in MILESTONES:
        return pair, MILESTONES[pair], ""
    return code, MILESTONES[code], pair


def _detail(trace: _Trace, code: str) -> str:
    """What stands beside a scanType that it depends on: the number of the problem, or the sign of a signature."""
    if code == PROBLEM:
        number = _PROBLEM_NUMBER.match(text(trace.issue_name))
        return number[0] if number else ""
    memo = text(trace.memo)
    return "签收" if any(sign in memo for sign in SIGNED_SIGNS.get(code, ())) else ""


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,  # noqa: ARG001
    subscription: Subscription,  # noqa: ARG001 - the address to call stands in the console
) -> httpx.Request:
    """The form that asks for pushes about up to ten numbers."""
    check_batch(INFO, queries)
    to = account.options.get("subscribe_to", "sto_trace_platform")
    content = {"subscribeInfoList": [{"waybillNo": query.tracking_number} for query in queries]}
    return _post(account, content, function="STO_TRACE_PLATFORM_SUBSCRIBE", to=to)


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None for every number whose own status is true; why another is not is said in words only."""
    data = _data(response)
    rows: list[msgspec.Raw] = [] if is_null(data) else decode(INFO.id, data, _LIST)
    told = decode_rows(INFO.id, rows, _SUBSCRIBED)
    standing = {_plain(text(one.waybill_no)) for one in told if one and _is_true(one.status)}
    return {
        query: None if _plain(query.tracking_number) in standing else _not_subscribed() for query in queries
    }


def _not_subscribed() -> ShipmentError:
    return ShipmentError(INFO.id, detail="the source does not say that it will push about this number")


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether the push bears the digest of its content, signed with the account's secret."""
    content, digest = _content(push), _digest(push)
    if content is None or digest is None:
        return False
    right = signature(content, account.credentials["secret_key"])
    return hmac.compare_digest(digest.encode(), right.encode())


def _content(push: PushRequest) -> str | None:
    """The field of the form, or the whole body where that is the JSON itself."""
    if not push.body.lstrip().startswith(b"{"):
        return form_field(push, "content")
    try:
        return push.body.decode()
    except UnicodeDecodeError:
        return None


def _digest(push: PushRequest) -> str | None:
    in_form = form_field(push, "data_digest")
    return in_form or push.query.get("data_digest") or push.headers.get("data_digest")


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """What the push says about its one number: one event, or that there is something to ask about."""
    content = _content(push)
    if content is None:
        raise UnreadableResponse(INFO.id, detail="the push holds no content")
    pushed = decode(INFO.id, content, _PUSH)
    number = _plain(text(pushed.waybill_no))
    if not number:
        raise UnreadableResponse(INFO.id, detail="the push does not say which number it is about")
    query = Query("sto", number)
    row = _row(pushed.trace) if pushed.trace else None
    found = track(query, [row]) if row else None
    if found is None or found.scans[0].milestone in _SIGNED:
        return (Pushed(query.carrier, number, None),)
    return (Pushed(query.carrier, number, replace(found, complete=False)),)


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """The vendor's answer for "taken"; what is not taken in time comes again."""
    document = {"success": accepted, "errorCode": "" if accepted else "S07", "errorMsg": ""}
    status = httpx.codes.OK if accepted else httpx.codes.INTERNAL_SERVER_ERROR
    return PushReply(int(status), "application/json;charset=UTF-8", compact_json(document).encode())
