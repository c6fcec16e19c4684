"""Cainiao (菜鸟), Alibaba's network, asked through its LINK gateway: CNTECH_LV_LOGISTICS_DETAIL_GET, one number in one
call, and CNTECH_LV_LOGISTICS_DETAIL_SUBSCRIBE with pushes to the address in the vendor's console.

Limits: none published. Times are epoch milliseconds, as a number or as text, or Shanghai's clock without a zone.

Oddities, each with a test:
* the digest signs the text of `logistics_interface` as it is before the form is encoded;
* the sub status is read first: RETURN_SIGN stands under the main status SIGN and is a return; a sub status that no
  table holds means what its main status does, and is reported;
* two shapes of answers are known, `fullTraceDetail` and `result.data.detail`, whose parts may be JSON in a string;
  which of them is current is unverified. Lines of the second have no status;
* where the newest line has no status of its own, it bears the parcel's;
* success without a list is "nothing yet" (unverified);
* the codes of carriers are known in part: yunda's is unverified, J&T's and JD's were seen; all are options;
* whether the tail of a phone is looked at is unverified: it goes along for SF and ZTO, unless an option keeps it back;
* pushes hold the whole list. That they are signed like questions, and the reply that they want, is unverified: the
  address must be secret as well, and both are options of the account.
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
from carriers.cainiao_codes import CARRIER_OF, COMPANIES, MILESTONES, RESULT_CODES
from carriers.contract import (
    Account,
    Answer,
    Answers,
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
    Subscription,
    Track,
)
from carriers.errors import NotFoundYet, ShipmentError, UnreadableResponse
from carriers.forms import form_field
from carriers.questions import FORM, check_batch, choice, compact_json, form_body
from carriers.signing import md5_base64
from carriers.timeline import Row, as_printed, city_of, from_epoch, from_shanghai, track

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

_TAKEN = '{"success":true,"errorCode":"","errorMsg":""}'
_NOT_TAKEN = '{"success":false,"errorCode":"S07","errorMsg":"系统异常，请重试"}'

INFO: CarrierInfo = CarrierInfo(
    id="cainiao",
    name_zh="菜鸟",
    name_en="Cainiao",
    checked_on=date(2026, 11, 22),
    base_url="https://link.cainiao.com/gateway/link.do",
    carriers=COMPANIES,
    number_patterns=(),
    batch_size=1,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=2.0,
    burst=5,
    credentials=("resource_code", "app_code", "secret_key"),
    options={
        "to_code": "who the messages are for (default CNTECH_LV; empty leaves it out)",
        "receiver_phone": "tail (default) or none: what is said of a phone for SF and ZTO",
        "push_digest": "required (default): a push must be signed; if_present; or ignored: its address proves it",
        "push_reply": f"the exact reply to a push that was taken (default {_TAKEN})",
        **{
            f"company_{carrier}": f"the vendor's code (default {code})" for carrier, code in COMPANIES.items()
        },
    },
    needs=frozenset({Need.PHONE_TAIL}),
    phone_tail_carriers=frozenset({"sf", "zto"}),
    answers=frozenset({Answer.PUSH, Answer.COURIER_PHONE}),
)

PUSH: PushSheet = PushSheet(proof=Proof.SECRET_PATH, console=True)


class _Answer(msgspec.Struct, rename="camel"):
    success: Loose = None
    error_code: Loose = None
    logistics_status: Loose = None
    full_trace_detail: list[msgspec.Raw] | None = None
    result: msgspec.Raw = NULL


class _Result(msgspec.Struct):
    data: msgspec.Raw = NULL


class _Data(msgspec.Struct):
    detail: list[msgspec.Raw] | None = None


class _Line(msgspec.Struct, rename="camel"):
    time: Loose = None
    desc: Loose = None
    op_time: Loose = None
    op_desc: Loose = None
    op_message: Loose = None
    area_name: Loose = None
    city: Loose = None
    logistics_status: Loose = None
    sub_logistics_status: Loose = None
    delivery_man: Loose = None
    delivery_man_tel: Loose = None


class _Push(msgspec.Struct, rename="camel"):
    mail_no: Loose = None
    cp_code: Loose = None
    logistics_status: Loose = None
    logistics_full_trace_list: list[msgspec.Raw] | None = None


_ANSWER = msgspec.json.Decoder(_Answer)
_RESULT = msgspec.json.Decoder(_Result)
_DATA = msgspec.json.Decoder(_Data)
_LINE = msgspec.json.Decoder(_Line)
_PUSH = msgspec.json.Decoder(_Push)
_STRING = msgspec.json.Decoder(str)


def signature(logistics_interface: str, secret_key: str) -> str:
    """`data_digest` of exactly the text that is sent, or that came, as `logistics_interface`."""
    return md5_base64(logistics_interface + secret_key)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:  # noqa: ARG001
    """One signed form that asks for one number; nothing in it depends on the time."""
    check_batch(INFO, queries)
    _digest_check(account)  # a wrong option shows with the first question, not with the first push
    return _message("CNTECH_LV_LOGISTICS_DETAIL_GET", queries[0], account)


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,  # noqa: ARG001
    subscription: Subscription,  # noqa: ARG001 - the console holds the address, the account the secret
) -> httpx.Request:
    """The same form as another message, which asks for pushes about one number."""
    check_batch(INFO, queries)
    return _message("CNTECH_LV_LOGISTICS_DETAIL_SUBSCRIBE", queries[0], account)


def _message(kind: str, query: Query, account: Account) -> httpx.Request:
    content = compact_json({"arg0": _asked(query, account)})
    fields = {
        "logistic_provider_id": account.credentials["resource_code"],
        "msg_type": kind,
        "to_code": account.options.get("to_code", "CNTECH_LV"),
        "logistics_interface": content,
        "data_digest": signature(content, account.credentials["secret_key"]),
    }
    sent = {name: value for name, value in fields.items() if value}
    url = account.base_url or INFO.base_url
    return httpx.Request("POST", url, content=form_body(sent), headers={"Content-Type": FORM})


def _asked(query: Query, account: Account) -> dict[str, str]:
    company = account.options.get(f"company_{query.carrier}", COMPANIES[query.carrier])
    asked = {
        "appCode": account.credentials["app_code"],
        "cpCode": company,
        "mailNo": query.tracking_number,
    }
    says_tail = choice(account, "receiver_phone", ("tail", "none")) == "tail"
    if says_tail and query.phone_tail and query.carrier in INFO.phone_tail_carriers:
        asked["receiverPhone"] = query.phone_tail
    return asked


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked."""
    check_status(INFO.id, response)
    answer = decode(INFO.id, response.content, _ANSWER)
    if _is_refused(answer):
        return blame(refusal(INFO.id, text(answer.error_code), RESULT_CODES), queries)
    lines = _listed(answer)
    if lines is None and not _succeeded(answer):
        raise UnreadableResponse(INFO.id, detail="the answer lists no lines")
    if not lines:
        return dict.fromkeys(queries, NotFoundYet(INFO.id))
    return {query: _track(query, lines, text(answer.logistics_status)) for query in queries}


def _succeeded(answer: _Answer) -> bool:
    return text(answer.success).lower() == "true"


def _is_refused(answer: _Answer) -> bool:
    said = text(answer.success).lower()
    return said == "false" or (said != "true" and bool(text(answer.error_code)))


def _listed(answer: _Answer) -> Sequence[msgspec.Raw] | None:
    """The lines of either shape; None where there is neither."""
    if answer.full_trace_detail is not None or is_null(answer.result):
        return answer.full_trace_detail
    result = decode(INFO.id, _unwrapped(answer.result), _RESULT)
    if is_null(result.data):
        return None
    return decode(INFO.id, _unwrapped(result.data), _DATA).detail


def _unwrapped(document: msgspec.Raw) -> msgspec.Raw | str:
    """The object, which may be printed as JSON inside a string."""
    return decode(INFO.id, document, _STRING) if bytes(document).startswith(b'"') else document


def _track(query: Query, lines: Sequence[msgspec.Raw], state: str) -> Track:
    rows = decode_rows(INFO.id, lines, _LINE)
    found = track(query, (None if line is None else _row(line) for line in rows))
    if not found.scans:
        raise UnreadableResponse(INFO.id, detail="no line of the answer can be read")
    return _with_state(found, state)


def _row(line: _Line) -> Row | None:
    printed = text(line.time) or text(line.op_time)
    moment = from_epoch(printed)
    occurred_at = moment or from_shanghai(printed)
    if occurred_at is None:
        return None
    code, meaning, unmapped = _code_and_meaning(line)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=as_printed(moment) if moment else printed,
        milestone=Milestone.UNKNOWN,
        text=text(line.desc) or text(line.op_message) or text(line.op_desc),
        carrier_code=code,
        city=text(line.city) or city_of(text(line.area_name)),
        courier_name=text(line.delivery_man) or None,
        courier_phone=text(line.delivery_man_tel) or None,
    )
    return Row(scan, meaning, unmapped)


def _code_and_meaning(line: _Line) -> tuple[str, Meaning | None, str]:
    """The line's code, what it says, and the code that our table lacks."""
    sub, main = text(line.sub_logistics_status), text(line.logistics_status)
    code = sub or main
    return code, MILESTONES.get(sub) or MILESTONES.get(main), "" if code in MILESTONES else code


def _with_state(found: Track, state: str) -> Track:
    """The newest scan bears the parcel's status where it has none of its own."""
    newest = found.scans[-1]
    if newest.carrier_code or not state:
        return found
    meaning = MILESTONES.get(state) or Meaning(Milestone.UNKNOWN)
    newest = replace(
        newest,
        carrier_code=state,
        milestone=meaning.milestone or Milestone.UNKNOWN,
        reasons=meaning.reasons,
    )
    unmapped = found.unmapped_codes if state in MILESTONES else (*found.unmapped_codes, state)
    return replace(found, scans=(*found.scans[:-1], newest), unmapped_codes=unmapped)


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None when pushes will come."""
    check_status(INFO.id, response)
    answer = decode(INFO.id, response.content, _ANSWER)
    if _succeeded(answer):
        return dict.fromkeys(queries)
    raise refusal(INFO.id, text(answer.error_code), RESULT_CODES)


def _digest_check(account: Account) -> str:
    return choice(account, "push_digest", ("required", "if_present", "ignored"))


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether `data_digest` is that of `logistics_interface`, as strictly as the account wants; the address that only
    the vendor knows is looked at in any case."""
    check, digest = _digest_check(account), form_field(push, "data_digest")
    if check == "ignored" or digest is None:
        return check != "required"
    content = form_field(push, "logistics_interface")
    if content is None:
        return False
    due = signature(content, account.credentials["secret_key"])
    return hmac.compare_digest(digest.encode(), due.encode())


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:
    """What the push says about its one number: the full list of lines, or without any a hint to ask."""
    content = form_field(push, "logistics_interface")
    if content is None:
        raise UnreadableResponse(INFO.id, detail="the push holds no logistics_interface")
    pushed = decode(INFO.id, content, _PUSH)
    company, number = text(pushed.cp_code), text(pushed.mail_no)
    if not company or not number:
        raise UnreadableResponse(INFO.id, detail="the push does not say which number it is about")
    query = Query(_carrier_of(company, account), number)
    lines = pushed.logistics_full_trace_list
    answer = _track(query, lines, text(pushed.logistics_status)) if lines else None
    return (Pushed(carrier=query.carrier, tracking_number=number, answer=answer),)


def _carrier_of(company: str, account: Account) -> str:
    """Our id of the vendor's code, also of one that the account's options name; else the code as it is."""
    named = {account.options.get(f"company_{carrier}"): carrier for carrier in COMPANIES}
    return named.get(company) or CARRIER_OF.get(company, company)


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """What the gateway wants to hear from whoever it calls: `success` true for taken, false for "send it again"."""
    reply = account.options.get("push_reply", _TAKEN) if accepted else _NOT_TAKEN
    return PushReply(200, "application/json;charset=UTF-8", reply.encode())
