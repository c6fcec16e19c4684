"""Yunda Express (韵达) asked through its own open platform: outer/logictis/query (the vendor's spelling), one number in
one call; it answers and pushes about what was subscribed before at outer/logictis/subscribe.

Limits: none published; HTTP 429, or a message that says so, is the sign to slow down. Times are printed in Shanghai
without a zone.

Oddities, each with a test:
* a number that was not subscribed has no data, like one that is unknown, without a record or expired; parcels ordered
  through the account are subscribed by the vendor;
* `result` tells, outside as boolean or text; codes are not published, so of a failure the words of its message decide,
  and an error's code is that word;
* `result` stands inside `data` again, with a remark: that is about the number;
* an answer about another number than the one asked is refused; numbers may come as numbers;
* `action` is one of 21 words; where it is missing the coarse `status` of the step counts; both in any case;
* TRANSIT goes on while the parcel is out for delivery; who took it out of a station with OUTBOUND, the text tells;
* a signature after RETURN is the shipper's (a push alone cannot tell);
* `phone` is read as the courier's on SENT only, and never where it is one of the vendor's own call numbers;
* a subscription is answered by `orderid`, so the number stands there too; its answer and a push name no address: the
  vendor's console holds it;
* a push is JSON with one event as JSON text, or as an object, in it.

Unverified, and options of the account: the base path, how a push is signed (so its address has to be secret), and the
reply that the vendor wants.
"""

import hmac
from collections.abc import Mapping, Sequence
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
    is_null,
    refusal,
    text,
)
from carriers.china.yunda_codes import MILESTONES, RESULT_CODES
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
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
from carriers.errors import CarrierError, NotFoundYet, ShipmentError, UnreadableResponse
from carriers.questions import JSON, check_batch, choice, compact_json, epoch_milliseconds, switch
from carriers.signing import md5_lower_hex
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
    id="yunda",
    name_zh="韵达快递",
    name_en="Yunda Express",
    checked_on=date(2026, 11, 22),
    base_url="https://openapi.yundaex.com",
    carriers={"yunda": "yunda"},
    # today's; older families; loose
    number_patterns=(r"[34]\d{14}", r"(?:31|39|43|46)\d{11}|5\d{12}", r"\d{13}|\d{15}"),
    batch_size=1,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=5.0,
    burst=5,
    credentials=("app_key", "app_secret"),
    options={
        "base_path": "/openapi (default) or /openapi-api: how the path begins",
        "push_signed": "false (default) or true: refuse pushes whose sign is not made as that of a question",
        "push_reply": "the body that takes a push (default a result of true with code 0000)",
    },
    answers=frozenset({Answer.PUSH, Answer.COURIER_PHONE}),
    desk_phone="95546",
)

PUSH: PushSheet = PushSheet(proof=Proof.SECRET_PATH, before_asking=True, console=True)

_PUSH_REPLY = '{"result":true,"code":"0000","message":"success"}'
_DELIVERING = ("SENT", "DELIVERING")
_OUTBOUND_CALL_NUMBERS = frozenset({"95114", "95121", "95126", "9501395546"})


class _Envelope(msgspec.Struct):
    result: Loose = None
    code: Loose = None
    message: Loose = None
    data: msgspec.Raw = NULL


class _Data(msgspec.Struct):
    mailno: Loose = None
    result: Loose = None
    remark: Loose = None
    steps: list[msgspec.Raw] | None = None


class _Step(msgspec.Struct):
    mailno: Loose = None
    time: Loose = None
    action: Loose = None
    status: Loose = None
    description: Loose = None
    city: Loose = None
    station_name: Loose = None
    phone: Loose = None
    signer: Loose = None


class _Taken(msgspec.Struct):
    orderid: Loose = None
    mailno: Loose = None
    result: Loose = None
    remark: Loose = None


class _Push(msgspec.Struct, rename="camel"):
    app_key: Loose = None
    sign: Loose = None
    data: msgspec.Raw = NULL


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_DATA = msgspec.json.Decoder(_Data)
_STEP = msgspec.json.Decoder(_Step)
_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_TAKEN = msgspec.json.Decoder(_Taken)
_CALL = msgspec.json.Decoder(_Push)
_STRING = msgspec.json.Decoder(str)


def signature(body: str, app_secret: str) -> str:
    """`sign` of exactly the body that is sent."""
    return md5_lower_hex(f"{body}_{app_secret}")


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
    """One JSON body that asks for one number, signed in the headers."""
    check_batch(INFO, queries)
    (query,) = queries
    return _post("/outer/logictis/query", {"mailno": query.tracking_number}, account, stamp)


def _post(path: str, document: Mapping[str, object], account: Account, stamp: Stamp) -> httpx.Request:
    body = compact_json(document)
    headers = {
        "Content-Type": JSON,
        "app-key": account.credentials["app_key"],
        "sign": signature(body, account.credentials["app_secret"]),
        "req-time": epoch_milliseconds(stamp.at),
    }
    base = (account.base_url or INFO.base_url).rstrip("/")
    base_path = choice(account, "base_path", ("/openapi", "/openapi-api"))
    return httpx.Request("POST", base + base_path + path, content=body.encode(), headers=headers)


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked."""
    check_status(INFO.id, response)
    envelope = decode(INFO.id, response.content, _ENVELOPE)
    if not _is_true(envelope.result):
        return blame(_refused(envelope.message, envelope.code), queries)
    if is_null(envelope.data):
        return dict.fromkeys(queries, NotFoundYet(INFO.id))
    told = decode(INFO.id, envelope.data, _DATA)
    if not told.steps:
        return blame(_nothing(told), queries)
    (query,) = queries
    number = text(told.mailno)
    if number and number != query.tracking_number:
        raise UnreadableResponse(INFO.id, detail="the answer is about another number")
    return {query: _track(query, told.steps)}


def _is_true(result: Loose) -> bool:
    return text(result).lower() == "true"


def _refused(message: Loose, code: Loose) -> CarrierError:
    """The error of the first word that stands in the message; without any, an error that bears the source's code."""
    said = text(message).lower()
    word = next((word for word in RESULT_CODES if word in said), None)
    return refusal(INFO.id, word or text(code), RESULT_CODES)


def _nothing(told: _Data) -> CarrierError:
    """Why there are no steps: nothing yet, unless the remark says what is wrong with the number."""
    if text(told.result).lower() != "false":
        return NotFoundYet(INFO.id)
    error = _refused(told.remark, None)
    return NotFoundYet(INFO.id) if isinstance(error, UnreadableResponse) else error


def _track(query: Query, rows: Sequence[msgspec.Raw]) -> Track:
    steps = decode_rows(INFO.id, rows, _STEP)
    found = track(query, (None if step is None else _row(step) for step in steps))
    if not found.scans:
        raise UnreadableResponse(INFO.id, detail="no step can be read")
    return signed_by_the_shipper(found)


def _row(step: _Step) -> Row | None:
    printed = text(step.time)
    occurred_at = from_shanghai(printed)
    if occurred_at is None:
        return None
    code = (text(step.action) or text(step.status)).upper()
    meaning = MILESTONES.get(code)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=text(step.description),
        carrier_code=code,
        city=text(step.city) or None,
        facility=text(step.station_name) or None,
        courier_phone=_courier_phone(code, step),
        signed_by=text(step.signer) or None,
    )
    return Row(scan, meaning, unmapped="" if meaning else code)


def _courier_phone(code: str, step: _Step) -> str | None:
    phone = text(step.phone)
    return phone if phone and code in _DELIVERING and phone not in _OUTBOUND_CALL_NUMBERS else None


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,
    subscription: Subscription,  # noqa: ARG001
) -> httpx.Request:
    """The signed body that makes one number known to the source; where to push stands in the vendor's console."""
    check_batch(INFO, queries)
    # The answer tells the orderid, and perhaps nothing else.
    orders = [{"orderid": query.tracking_number, "mailno": query.tracking_number} for query in queries]
    return _post("/outer/logictis/subscribe", {"orders": orders}, account, stamp)


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None for a number that the source says it took."""
    check_status(INFO.id, response)
    envelope = decode(INFO.id, response.content, _ENVELOPE)
    if not _is_true(envelope.result):
        error = _refused(envelope.message, envelope.code)
        if isinstance(error, ShipmentError) and len(queries) == 1:
            return {queries[0]: error}
        raise error
    rows = decode(INFO.id, envelope.data, _ROWS)
    told = decode_rows(INFO.id, rows, _TAKEN)
    taken = {text(one.orderid) or text(one.mailno): one for one in told if one}
    if not taken.keys() & {query.tracking_number for query in queries}:
        raise UnreadableResponse(INFO.id, detail="the answer is not about the number subscribed")
    return {query: _not_taken(taken.get(query.tracking_number)) for query in queries}


def _not_taken(taken: _Taken | None) -> ShipmentError | None:
    if taken is not None and _is_true(taken.result):
        return None
    error = _refused(taken.remark if taken else None, None)
    if isinstance(error, ShipmentError):
        return error
    return ShipmentError(INFO.id, detail="the source did not take the subscription")


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether nothing speaks against the push: a foreign key does, and a wrong sign where the account's option wants
    a right one."""
    signed = switch(account, "push_signed", default=False)
    try:
        told, data = _opened(push)
    except UnreadableResponse:
        return not signed
    if text(told.app_key) not in {"", account.credentials["app_key"]}:
        return False
    signed_text = data if isinstance(data, str) else bytes(data).decode(errors="replace")
    due = signature(signed_text, account.credentials["app_secret"])
    return not signed or hmac.compare_digest(text(told.sign).encode(), due.encode())


def _opened(push: PushRequest) -> tuple[_Push, str | msgspec.Raw]:
    """The push, and its event, which may be printed as JSON inside a string."""
    told = decode(INFO.id, push.body, _CALL)
    inside = bytes(told.data).startswith(b'"')
    return told, decode(INFO.id, told.data, _STRING) if inside else told.data


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """The one event that the push tells."""
    _, data = _opened(push)
    step = decode(INFO.id, data, _STEP)
    query = Query("yunda", text(step.mailno))
    if not query.tracking_number:
        raise UnreadableResponse(INFO.id, detail="the push does not say which number it is about")
    row = _row(step)
    if row is None:
        raise UnreadableResponse(INFO.id, detail="the push does not say when it happened")
    news = replace(track(query, [row]), complete=False)
    return (Pushed(query.carrier, query.tracking_number, news),)


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """What is taken for an answer among such vendors, or what the account's option says; else a result of false."""
    if accepted:
        return PushReply(int(httpx.codes.OK), JSON, account.options.get("push_reply", _PUSH_REPLY).encode())
    document = {"result": False, "code": "9999", "message": "fail"}
    return PushReply(int(httpx.codes.INTERNAL_SERVER_ERROR), JSON, compact_json(document).encode())
