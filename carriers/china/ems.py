"""China Post (中国邮政, EMS) asked through its open platform for agreement customers: 040001, one number in one call,
and pushes (040002).

`base_url` is the whole address, one for all functions; the platform's test address ends in `/test`, and has an
authorization code and a key of its own. `sign_key` is left out where none was issued: then the authorization code is
the key.

Limits: none published (unverified); ask at most every 30 minutes. Times are printed on Shanghai's clock, without a
zone.

Oddities, each with a test:
* nothing is signed: the question is sealed together with the key's own text, see `ems_cipher`;
* a number must belong to the customer number: if not, or not yet, it is "not found", with success as the code;
* `retBody` is JSON in text, an object or a bare list; lines come in no order; success is `retCode` or `code`;
* codes of failures are not published, so the words beside them tell (unverified, as is what `direction` means: an
  option of the account);
* 704, 463 and 748 say in `deliverCode` who took it or where it was put, 705, 462 and 542 in `attemptDeliveryCode` why
  not. What 748 says was fetched no longer lies where it was put;
* operations that delete or cancel undo an earlier one: that line is left out, and the one that undoes it keeps the
  milestone before. Only its name is taken, for its description may repeat what it undoes;
* codes of two digits are those of an older feed; where `opStateCode` comes, it is the real code;
* the operator of a line is the courier only on delivery lines; `operatorNo` can be a person's identity and is not read;
* a push speaks of one line, and nobody knows whether the key's text is sealed with it (unverified: both are read). One
  that undoes is a hint to ask. It is proved by being sealed with our key; a captured one could be sent again, so the
  address is secret, too.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import httpx
import msgspec

from carriers.answers import NULL, Loose, blame, check_status, decode, decode_rows, refusal, text
from carriers.china.ems_cipher import opened, sealed
from carriers.china.ems_codes import (
    DETAILED,
    MILESTONES,
    NOT_LINKED,
    RESULT_CODES,
    RESULT_WORDS,
    UNDOES,
    UNDONE_BY,
)
from carriers.contract import (
    Account,
    Answer,
    Answers,
    Arranged,
    CarrierInfo,
    Meaning,
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
)
from carriers.errors import CarrierError, NotFoundYet, UnreadableResponse
from carriers.questions import FORM, check_batch, choice, compact_json, form_body
from carriers.timeline import Row, as_printed, from_shanghai, track

__all__ = [
    "INFO",
    "MILESTONES",
    "PUSH",
    "RESULT_CODES",
    "acknowledge",
    "read",
    "read_push",
    "request",
    "verify",
]

INFO: CarrierInfo = CarrierInfo(
    id="ems",
    name_zh="中国邮政",
    name_en="China Post EMS",
    checked_on=date(2026, 11, 22),
    base_url="https://api.ems.com.cn/amp-prod-api/f/amp/api/open",
    carriers={"ems": "ems"},
    # of the post's union, China's own and foreign ones; domestic ones as seen (unverified). Thirteen digits alone, as
    # many carriers print them, tell nothing
    number_patterns=(r"[A-Z]{2}\d{9}CN", r"(?:9[468]|1[0-2])\d{11}", r"[A-Z]{2}\d{9}[A-Z]{2}"),
    batch_size=1,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=2.0,
    burst=5,
    credentials=("sender_no", "authorization"),
    optional_credentials=("sign_key",),
    options={"direction": "0 (default) or 1: presumably the way back; unverified"},
    needs=frozenset({Need.CUSTOMER_CODE}),
    answers=frozenset({Answer.PUSH, Answer.COURIER_PHONE}),
    desk_phone="11183",
)

PUSH: PushSheet = PushSheet(arranged=Arranged.BY_ACCOUNT, proof=Proof.SECRET_PATH)

_SUCCESS = "00000"
_FAILURE = "S00001"
_COURIER_CODES = ("70", "702", "704", "705", "749", "O_014")


class _Envelope(msgspec.Struct, rename="camel"):
    ret_code: Loose = None
    ret_msg: Loose = None
    code: Loose = None
    code_message: Loose = None
    ret_body: msgspec.Raw = NULL


class _Body(msgspec.Struct, rename="camel"):
    response_items: list[msgspec.Raw] | None


class _Line(msgspec.Struct, rename="camel"):
    op_time: Loose = None
    op_code: Loose = None
    op_state_code: Loose = None
    op_name: Loose = None
    op_desc: Loose = None
    op_org_city: Loose = None
    op_org_name: Loose = None
    operator_name: Loose = None
    deliver_code: Loose = None
    attempt_delivery_code: Loose = None


class _PushedLine(_Line, rename="camel"):
    waybill_no: Loose = None


class _Push(msgspec.Struct, rename="camel"):
    serial_no: Loose = None
    # the vendor's spelling
    logitcs_interface: Loose = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_BODY = msgspec.json.Decoder(str | list[msgspec.Raw] | _Body | None)
_LINE = msgspec.json.Decoder(_Line)
_PUSH = msgspec.json.Decoder(_Push)
_PUSHED_LINE = msgspec.json.Decoder(_PushedLine)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
    """One form that asks for one number; the question is sealed with the account's key."""
    check_batch(INFO, queries)
    direction = choice(account, "direction", ("0", "1"))
    question = compact_json({"waybillNo": queries[0].tracking_number, "direction": direction})
    sign_key = _sign_key(account)
    fields = {
        "apiCode": "040001",
        "senderNo": account.credentials["sender_no"],
        "authorization": account.credentials["authorization"],
        "timeStamp": as_printed(stamp.at),
        "logitcsInterface": sealed(question + sign_key, sign_key),
        "msgType": "0",
        "version": "V1.0.0",
    }
    url = account.base_url or INFO.base_url
    return httpx.Request("POST", url, content=form_body(fields), headers={"Content-Type": FORM})


def _sign_key(account: Account) -> str:
    return account.credentials.get("sign_key") or account.credentials["authorization"]


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked."""
    check_status(INFO.id, response)
    envelope = decode(INFO.id, response.content, _ENVELOPE)
    code = text(envelope.ret_code) or text(envelope.code)
    words = text(envelope.ret_msg) or text(envelope.code_message)
    if code != _SUCCESS:
        return blame(_refusal(code, words), queries)
    lines = _lines(envelope)
    if not lines:
        return dict.fromkeys(queries, _nothing_yet(words))
    rows = [None if line is None else _row(line) for line in decode_rows(INFO.id, lines, _LINE)]
    if not any(rows):
        raise UnreadableResponse(INFO.id, detail="no line of the answer can be read")
    return {query: track(query, _standing(rows)) for query in queries}


def _refusal(code: str, words: str) -> CarrierError:
    """The error by the words beside the code, else by the code."""
    refused = refusal(INFO.id, code, RESULT_CODES)
    kind = next((kind for pattern, kind in RESULT_WORDS if pattern.search(words)), None)
    return kind(INFO.id, code=refused.code) if kind else refused


def _nothing_yet(words: str) -> NotFoundYet:
    linked = not NOT_LINKED.search(words)
    return NotFoundYet(INFO.id, detail="" if linked else "nothing is known under this customer number so far")


def _lines(envelope: _Envelope) -> list[msgspec.Raw]:
    body = decode(INFO.id, envelope.ret_body, _BODY)
    if isinstance(body, str):
        body = decode(INFO.id, body, _BODY) if body.strip() else None
    if isinstance(body, str):
        raise UnreadableResponse(INFO.id, detail="the answer holds text where its lines should be")
    return (body.response_items if isinstance(body, _Body) else body) or []


def _row(line: _Line) -> Row | None:
    printed = text(line.op_time)
    occurred_at = from_shanghai(printed)
    if occurred_at is None:
        return None
    operation = text(line.op_state_code) or text(line.op_code)
    code, meaning, unmapped = _code_and_meaning(operation, line)
    name = text(line.op_name)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        # what undoes a delivery must not be read as one
        text=name if operation in UNDOES else text(line.op_desc) or name,
        carrier_code=code,
        city=text(line.op_org_city) or None,
        facility=text(line.op_org_name) or None,
        courier_name=(text(line.operator_name) or None) if operation in _COURIER_CODES else None,
    )
    return Row(scan, meaning, unmapped)


def _code_and_meaning(operation: str, line: _Line) -> tuple[str, Meaning | None, str]:
    """The line's code, what it says, and the code that our tables lack."""
    detail = _detail(operation, line)
    if not detail:
        meaning = MILESTONES.get(operation)
        return operation, meaning, "" if meaning else operation
    pair = f"{operation}/{detail}"
    if pair in MILESTONES:
        return pair, MILESTONES[pair], ""
    return operation, MILESTONES[operation], pair


def _detail(operation: str, line: _Line) -> str:
    """The second code of an operation that has one: who took it, or why it was not delivered."""
    match DETAILED.get(operation):
        case "deliverCode":
            return text(line.deliver_code).upper()
        case "attemptDeliveryCode":
            return text(line.attempt_delivery_code)
        case _:
            return ""


def _standing(rows: Sequence[Row | None]) -> list[Row | None]:
    """The rows without those that a later one undoes; what undoes them stays, for it was printed, too."""
    undone: set[int] = set()
    done: dict[str, list[int]] = {}
    for position, row in _in_time(rows):
        operation = _operation(row)
        if operation in UNDOES and done.get(operation):
            undone.add(done[operation].pop())
        elif operation in UNDONE_BY:
            done.setdefault(UNDONE_BY[operation], []).append(position)
    return [row for position, row in enumerate(rows) if position not in undone]


def _in_time(rows: Sequence[Row | None]) -> list[tuple[int, Row]]:
    """Each row with its position, oldest first; in the same second, what undoes comes last."""
    read = [(position, row) for position, row in enumerate(rows) if row]
    return sorted(read, key=lambda one: (one[1].scan.occurred_at, _operation(one[1]) in UNDOES))


def _operation(row: Row) -> str:
    return row.scan.carrier_code.partition("/")[0]


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether the push was sealed with our key; that its address is secret is proved elsewhere."""
    try:
        _pushed_line(push, account)
    except UnreadableResponse:
        return False
    return True


def _pushed_line(push: PushRequest, account: Account) -> _PushedLine:
    """The line that the push is about; `UnreadableResponse` unless it was sealed with our key."""
    sign_key = _sign_key(account)
    interface = text(decode(INFO.id, push.body, _PUSH).logitcs_interface)
    try:
        plain = opened(interface, sign_key)
    except ValueError:
        raise UnreadableResponse(INFO.id, detail="the push is not sealed with our key") from None
    return decode(INFO.id, plain.removesuffix(sign_key), _PUSHED_LINE)


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:
    """The one line that the push tells of, or a hint to ask where that line undoes another."""
    line = _pushed_line(push, account)
    number, row = text(line.waybill_no), _row(line)
    if not number or row is None:
        raise UnreadableResponse(INFO.id, detail="the push does not say when, or which number it is about")
    if _operation(row) in UNDOES:
        return (Pushed("ems", number, answer=None),)
    return (Pushed("ems", number, replace(track(Query("ems", number), [row]), complete=False)),)


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:
    """The source's exact answer; with the code of a failure it counts the push as not taken."""
    document = {
        "serialNo": _serial_number(push),
        "code": _SUCCESS if accepted else _FAILURE,
        "codeMessage": "",
        "senderNo": account.credentials["sender_no"],
    }
    return PushReply(200, "application/json;charset=UTF-8", compact_json(document).encode())


def _serial_number(push: PushRequest) -> str:
    try:
        return text(decode(INFO.id, push.body, _PUSH).serial_no)
    except UnreadableResponse:
        return ""
