"""Kuaidi100 (快递100), an aggregator: real-time query of one number (poll/query.do), and subscription with push (poll).

Limits: one number at most every 30 minutes; more than 48 questions about it in a day lock it for a day, in which old
data comes back. Calls of one account are not limited in any document. Times carry no zone; Shanghai is assumed.

Oddities, each with a test:
* codes 408, 500, 501, 503 stand in the body and are not HTTP's; the body counts whatever the HTTP status is, unless
  that comes with a Retry-After: then it says more than the body;
* the failure code is in `returnCode`, else in `status`;
* all scalars are text in the documents, some are printed as numbers;
* rows come newest first; a row without `statusCode` is known by the Chinese name in its `status`;
* the state of the whole parcel can be ahead of its newest row (state 3 over a row 501 "put in a locker"): that row
  then bears the state, and keeps its reasons;
* a code of three digits that no table holds belongs to the state in its first digit; it is reported all the same;
* a tail is needed for SF, SF freight and ZTO;
* subscribing twice is no error (501); a company can be corrected in a push (comNew) and a push can be the last one.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import httpx
import msgspec

from carriers.aggregators.kuaidi100_codes import (
    CARRIER_OF,
    CODE_OF_NAME,
    COMPANIES,
    MILESTONES,
    RESULT_CODES,
    SUBSCRIPTION_CODES,
)
from carriers.answers import Loose, blame, check_status, decode, decode_rows, refusal, text
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Meaning,
    Milestone,
    Need,
    Pushed,
    PushEnd,
    PushReply,
    PushRequest,
    PushSheet,
    Query,
    Scan,
    Stamp,
    Subscription,
    Track,
    in_order,
)
from carriers.errors import CarrierError, NotFoundYet, ShipmentError, UnreadableResponse
from carriers.forms import form_field
from carriers.questions import FORM, check_batch, compact_json, form_body, switch
from carriers.signing import md5_upper_hex
from carriers.timeline import Row, city_of, from_shanghai, track

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
    id="kuaidi100",
    name_zh="快递100",
    name_en="Kuaidi100",
    checked_on=date(2026, 11, 22),
    base_url="https://poll.kuaidi100.com",
    carriers=COMPANIES,
    number_patterns=(),
    batch_size=1,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=5.0,
    burst=5,
    credentials=("customer", "key"),
    options={
        "courier_info": "false (default) or true: ask for the courier's name and phone as fields of their own",
        "company_sf_freight": "the vendor's code for SF freight (default shunfengkuaiyun)",
        "company_fengwang": "the vendor's code for Fengwang (default fengwang)",
    },
    needs=frozenset({Need.PHONE_TAIL}),
    phone_tail_carriers=frozenset({"sf", "sf_freight", "zto"}),
    answers=frozenset({Answer.PUSH, Answer.COURIER_PHONE, Answer.ETA}),
)

PUSH: PushSheet = PushSheet()

_OK = "200"
_ALREADY_SUBSCRIBED = "501"
_FAMILY_DIGITS = 3
_CANCELLED_STATES = frozenset({"210", "401"})
_FINAL_STATES = frozenset({"3", "301", "302", "303", "304", "4"}) | _CANCELLED_STATES
_ENDS: Mapping[str, PushEnd] = {"shutdown": PushEnd.FINISHED, "abort": PushEnd.ABANDONED}


class _CourierInfo(msgspec.Struct, rename="camel"):
    delivery_man_name: Loose = None
    delivery_man_phone: Loose = None


class _Result(msgspec.Struct, rename="camel"):
    return_code: Loose = None
    status: Loose = None
    state: Loose = None
    com: Loose = None
    nu: Loose = None
    arrival_time: Loose = None
    courier_info: _CourierInfo | None = None
    data: list[msgspec.Raw] | None = None


class _Line(msgspec.Struct, rename="camel"):
    time: Loose = None
    ftime: Loose = None
    context: Loose = None
    location: Loose = None
    area_name: Loose = None
    status: Loose = None
    status_code: Loose = None


class _Push(msgspec.Struct, rename="camel"):
    status: Loose = None
    com_old: Loose = None
    com_new: Loose = None
    last_result: _Result | None = None


_RESULT = msgspec.json.Decoder(_Result)
_LINE = msgspec.json.Decoder(_Line)
_PUSH = msgspec.json.Decoder(_Push)


def signature(param: str, *secrets: str) -> str:
    """`sign` of exactly the text sent as `param`; a query adds key and customer, a push the salt."""
    return md5_upper_hex(param + "".join(secrets))


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:  # noqa: ARG001
    """One signed form that asks for one number; nothing in it depends on the time."""
    check_batch(INFO, queries)
    param = compact_json(_param(queries[0], account))
    key, customer = account.credentials["key"], account.credentials["customer"]
    fields = {"customer": customer, "sign": signature(param, key, customer), "param": param}
    return _post(account, "/poll/query.do", fields)


def _param(query: Query, account: Account) -> dict[str, object]:
    fields: dict[str, object] = {"com": _company(query, account), "num": query.tracking_number}
    fields |= _phone(query) | {"resultv2": "4", "show": "0", "order": "desc"}
    if switch(account, "courier_info", default=False):
        fields["needCourierInfo"] = True
    return fields


def _company(query: Query, account: Account) -> str:
    return account.options.get(f"company_{query.carrier}", INFO.carriers[query.carrier])


def _phone(query: Query) -> dict[str, object]:
    """The tail, only where the carrier wants it."""
    wanted = query.carrier in INFO.phone_tail_carriers and query.phone_tail
    return {"phone": query.phone_tail} if wanted else {}


def _post(account: Account, path: str, fields: Mapping[str, str]) -> httpx.Request:
    url = (account.base_url or INFO.base_url).rstrip("/") + path
    return httpx.Request("POST", url, content=form_body(fields), headers={"Content-Type": FORM})


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked."""
    result = _decoded(response, RESULT_CODES)
    code = _code(result)
    if code != _OK:
        return blame(refusal(INFO.id, code, RESULT_CODES), queries)
    if result.data is None:
        raise UnreadableResponse(INFO.id, detail="the answer lists no rows")
    return {query: _track_or_none(result, query) for query in queries}


def _decoded(response: httpx.Response, failures: Mapping[str, type[CarrierError]]) -> _Result:
    """The body; an HTTP error counts when it says how long to wait, or the body holds none of the source's failures."""
    try:
        result = decode(INFO.id, response.content, _RESULT)
    except UnreadableResponse:
        check_status(INFO.id, response)
        raise
    if "Retry-After" in response.headers or _code(result) not in failures:
        check_status(INFO.id, response)
    return result


def _code(result: _Result) -> str:
    return text(result.return_code) or text(result.status)


def _track_or_none(result: _Result, query: Query) -> Track | ShipmentError:
    """The track, or "nothing yet" where no rows are."""
    if not result.data:
        return NotFoundYet(INFO.id)
    lines = decode_rows(INFO.id, result.data, _LINE)
    found = track(query, (None if line is None else _row(line) for line in reversed(lines)))
    if not found.scans:
        raise UnreadableResponse(INFO.id, detail="no row of the answer can be read")
    found = _with_courier(_with_state(found, text(result.state)), result.courier_info)
    return replace(found, eta=from_shanghai(text(result.arrival_time)))


def _row(line: _Line) -> Row | None:
    printed = text(line.ftime) or text(line.time)
    occurred_at = from_shanghai(printed)
    if occurred_at is None:
        return None
    name = text(line.status)
    code = text(line.status_code) or CODE_OF_NAME.get(name, name)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=text(line.context),
        carrier_code=code,
        city=city_of(text(line.area_name)) or text(line.location) or None,
    )
    return Row(scan, _meaning(code), unmapped="" if code in MILESTONES else code)


def _meaning(code: str) -> Meaning | None:
    return MILESTONES.get(code) or MILESTONES.get(_family(code))


def _family(code: str) -> str:
    """The state that a finer code belongs to: 302 to 3, 1001 (a kind of "on its way") to 0."""
    if not (code.isascii() and code.isdigit()) or len(code) < _FAMILY_DIGITS:
        return code
    return code[0] if len(code) == _FAMILY_DIGITS else "0" if code.startswith("100") else code


def _with_state(found: Track, state: str) -> Track:
    """The newest scan bears the parcel's state where its own code says nothing, or where the state is ahead of it."""
    newest = found.scans[-1]
    if not state or (_meaning(newest.carrier_code) and not _is_ahead(state, newest.carrier_code)):
        return found
    meaning = _meaning(state) or Meaning(Milestone.UNKNOWN)
    newest = replace(
        newest,
        carrier_code=state,
        milestone=meaning.milestone or newest.milestone,
        reasons=in_order({*newest.reasons, *meaning.reasons}),
    )
    unmapped = found.unmapped_codes if state in MILESTONES else (*found.unmapped_codes, state)
    return replace(found, scans=(*found.scans[:-1], newest), unmapped_codes=unmapped)


def _is_ahead(state: str, code: str) -> bool:
    """Whether the parcel has come to an end that the row does not tell of."""
    return state in _FINAL_STATES and _end(state) != _end(code)


def _end(code: str) -> str:
    """The family, but a cancelled parcel is no kind of a problem or of a return, as its code has it."""
    return code if code in _CANCELLED_STATES else _family(code)


def _with_courier(found: Track, courier: _CourierInfo | None) -> Track:
    """The deliverer belongs to the newest line "out for delivery", or to the newest line."""
    if courier is None:
        return found
    out = [i for i, scan in enumerate(found.scans) if scan.milestone is Milestone.OUT_FOR_DELIVERY]
    place = out[-1] if out else len(found.scans) - 1
    named = replace(
        found.scans[place],
        courier_name=text(courier.delivery_man_name) or None,
        courier_phone=text(courier.delivery_man_phone) or None,
    )
    return replace(found, scans=(*found.scans[:place], named, *found.scans[place + 1 :]))


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,  # noqa: ARG001
    subscription: Subscription,
) -> httpx.Request:
    """The form that asks for pushes about one number; at most four a month for one number. It bears no signature."""
    check_batch(INFO, queries)
    (query,) = queries
    parameters = {
        "callbackurl": subscription.callback_url,
        "salt": subscription.secret,
        "resultv2": "4",
        "autoCom": "0",
        "interCom": "0",
    }
    document = {
        "company": _company(query, account),
        "number": query.tracking_number,
        "key": account.credentials["key"],
        "parameters": parameters | _phone(query),
    }
    return _post(account, "/poll", {"schema": "json", "param": compact_json(document)})


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None when pushes will come, also when they came before."""
    code = _code(_decoded(response, SUBSCRIPTION_CODES))
    if code in {_OK, _ALREADY_SUBSCRIBED}:
        return dict.fromkeys(queries)
    error = refusal(INFO.id, code, SUBSCRIPTION_CODES)
    if isinstance(error, ShipmentError):
        return dict.fromkeys(queries, error)
    raise error


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether `sign` is that of `param` as it stood in the form; a push without `sign` is refused."""
    param, sign = form_field(push, "param"), form_field(push, "sign")
    if param is None or sign is None:
        return False
    return hmac.compare_digest(sign.encode(), signature(param, secret).encode())


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """What the push says about its one number: the full list of rows every time."""
    param = form_field(push, "param")
    if param is None:
        raise UnreadableResponse(INFO.id, detail="the push holds no param")
    pushed = decode(INFO.id, param, _PUSH)
    last, old, new = pushed.last_result or _Result(), text(pushed.com_old), text(pushed.com_new)
    # The subscription stands under the old company, whatever the rows say after a correction.
    company, number = (new and old) or text(last.com) or old, text(last.nu)
    if not company or not number:
        raise UnreadableResponse(INFO.id, detail="the push does not say which number it is about")
    carrier = CARRIER_OF.get(company, company)
    corrected = new and new != company
    return (
        Pushed(
            carrier=carrier,
            tracking_number=number,
            answer=_pushed_answer(last, Query(carrier, number)),
            ended=_ENDS.get(text(pushed.status)),
            new_carrier=CARRIER_OF.get(new, new) if corrected else None,
        ),
    )


def _pushed_answer(last: _Result, query: Query) -> Track | ShipmentError:
    """Rows are rows whatever code stands beside them; without any, the code says why, else nothing is known yet."""
    if last.data:
        return _track_or_none(last, query)
    error = refusal(INFO.id, _code(last), RESULT_CODES)
    return error if isinstance(error, ShipmentError) else NotFoundYet(INFO.id)


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """The vendor's exact answer for "taken"; anything else makes it push again, three times, 35 minutes apart."""
    document = (
        {"result": True, "returnCode": "200", "message": "成功"}
        if accepted
        else {"result": False, "returnCode": "500", "message": "失败"}
    )
    status = httpx.codes.OK if accepted else httpx.codes.INTERNAL_SERVER_ERROR
    return PushReply(int(status), "application/json;charset=UTF-8", compact_json(document).encode())
