"""The answers of Aliyun Market's products, each known by its shape: from a body to a track, or to why there is none.

Three shapes: `result` of those like "wuliu", `data` of "express3" and "qyexpress", `showapi_res_body` of ShowAPI.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from carriers.aggregators.aliyun_market_codes import CARRIER_OF, MILESTONES, RESULT_CODES
from carriers.answers import NULL, Loose, decode, decode_rows, is_null, refusal, text
from carriers.contract import Meaning, Milestone, Query, Scan, Track
from carriers.errors import CarrierError, InvalidNumber, NotFoundYet, ShipmentError, UnreadableResponse
from carriers.timeline import Row, as_printed, city_of, from_epoch, from_shanghai, track, with_state

SOURCE = "aliyun_market"
_FINE = frozenset({"", "0"})


class Answer(msgspec.Struct):
    """All shapes at once, for a body holds one of them."""

    status: Loose = None
    result: msgspec.Raw = NULL
    success: Loose = None
    code: Loose = None
    data: msgspec.Raw = NULL
    showapi_res_code: Loose = None
    showapi_res_body: msgspec.Raw = NULL


class _Result(msgspec.Struct):
    number: Loose = None
    type: Loose = None
    deliverystatus: Loose = None
    courier: Loose = None
    courier_phone: Loose = msgspec.field(default=None, name="courierPhone")
    lines: list[msgspec.Raw] | None = msgspec.field(default=None, name="list")


class _Data(msgspec.Struct, rename="camel"):
    info: list[msgspec.Raw] | None = None
    lines: list[msgspec.Raw] | None = msgspec.field(default=None, name="list")
    logistics_status: Loose = None


class _Info(msgspec.Struct, rename="camel"):
    cp_code: Loose = None
    mail_no: Loose = None
    logistics_status: Loose = None
    logistics_trace_detail_list: list[msgspec.Raw] | None = None


class _Showapi(msgspec.Struct):
    ret_code: Loose = None
    status: Loose = None
    mail_number: Loose = msgspec.field(default=None, name="mailNo")
    company: Loose = msgspec.field(default=None, name="expSpellName")
    data: list[msgspec.Raw] | None = None


class _Line(msgspec.Struct, rename="camel"):
    time: Loose = None
    status: Loose = None
    context: Loose = None
    desc: Loose = None
    area_name: Loose = None
    logistics_status: Loose = None
    sub_logistics_status: Loose = None


ANSWER = msgspec.json.Decoder(Answer)
_RESULT = msgspec.json.Decoder(_Result)
_DATA = msgspec.json.Decoder(_Data)
_INFO = msgspec.json.Decoder(_Info)
_SHOWAPI = msgspec.json.Decoder(_Showapi)
_LINE = msgspec.json.Decoder(_Line)


@dataclass(frozen=True, slots=True)
class Told:
    """What any of the shapes says about one number; `state` is the key of the whole parcel's state."""

    lines: Sequence[msgspec.Raw]
    number: str = ""
    company: str = ""
    state: str = ""
    courier_name: str = ""
    courier_phone: str = ""


def refused(answer: Answer) -> CarrierError | None:
    """The error of an answer that is a no; only products like "wuliu" have a list of their codes."""
    codes: Mapping[str, type[CarrierError]] = {}
    if text(answer.showapi_res_code) not in _FINE:
        return refusal(SOURCE, text(answer.showapi_res_code), codes)
    if text(answer.success).lower() == "false":
        return refusal(SOURCE, text(answer.code), codes)
    if text(answer.status) not in _FINE and is_null(answer.data):
        return refusal(SOURCE, text(answer.status), RESULT_CODES)
    return None


def told_by(answer: Answer) -> Told:
    """What the answer says, whichever its shape; no lines for nothing yet."""
    if not is_null(answer.showapi_res_body):
        return _told_by_showapi(decode(SOURCE, answer.showapi_res_body, _SHOWAPI))
    if not is_null(answer.data):
        return _told_by_data(decode(SOURCE, answer.data, _DATA))
    if text(answer.status) and not is_null(answer.result):
        return _told_by_result(decode(SOURCE, answer.result, _RESULT))
    raise UnreadableResponse(SOURCE, detail="the answer has no shape that we know")


def _told_by_result(result: _Result) -> Told:
    lines = _listed(result.lines)
    return Told(
        lines,
        number=text(result.number),
        company=text(result.type),
        state=text(result.deliverystatus),
        courier_name=text(result.courier),
        courier_phone=text(result.courier_phone),
    )


def _told_by_data(data: _Data) -> Told:
    if data.info is None:
        lines = _listed(data.lines)
        return Told(lines, state=text(data.logistics_status))
    if not data.info:
        return Told([])
    info = decode(SOURCE, data.info[0], _INFO)
    lines = _listed(info.logistics_trace_detail_list)
    return Told(
        lines,
        number=text(info.mail_no),
        company=text(info.cp_code),
        state=text(info.logistics_status),
    )


def _told_by_showapi(body: _Showapi) -> Told:
    if text(body.ret_code) not in _FINE:
        raise refusal(SOURCE, text(body.ret_code), {})
    lines, status = _listed(body.data), text(body.status)
    return Told(
        lines,
        number=text(body.mail_number),
        company=text(body.company),
        state=f"showapi/{status}" if status else "",
    )


def _listed(lines: list[msgspec.Raw] | None) -> list[msgspec.Raw]:
    if lines is None:
        raise UnreadableResponse(SOURCE, detail="the answer lists no lines")
    return lines


def track_of(told: Told, query: Query) -> Track | ShipmentError:
    """The track, or "nothing yet" without lines; a number that was taken for another carrier's is none of this one."""
    if not told.lines:
        return NotFoundYet(SOURCE)
    if told.number and told.number.partition(":")[0].upper() != query.tracking_number.upper():
        raise UnreadableResponse(SOURCE, detail="the answer is not about the number")
    if CARRIER_OF.get(told.company, query.carrier) != query.carrier:
        return InvalidNumber(SOURCE, detail="the source takes the number for another carrier's")
    rows = (None if line is None else _row(line) for line in decode_rows(SOURCE, told.lines, _LINE))
    found = track(query, rows)
    if not found.scans:
        raise UnreadableResponse(SOURCE, detail="no line of the answer can be read")
    return _with_courier(_with_state(found, told.state), told)


def _row(line: _Line) -> Row | None:
    printed = text(line.time)
    moment = from_epoch(printed)
    occurred_at = moment or from_shanghai(printed)
    if occurred_at is None:
        return None
    sub, main = text(line.sub_logistics_status), text(line.logistics_status)
    code = sub or main
    scan = Scan(
        occurred_at=occurred_at,
        local_time=as_printed(moment) if moment else printed,
        milestone=Milestone.UNKNOWN,
        text=text(line.desc) or text(line.context) or text(line.status),
        carrier_code=code,
        city=city_of(text(line.area_name)),
    )
    meaning = MILESTONES.get(sub) or MILESTONES.get(main)
    return Row(scan, meaning, unmapped="" if code in MILESTONES else code)


def _with_state(found: Track, state: str) -> Track:
    """The newest scan bears the parcel's state where it has no code of its own."""
    if not state or found.scans[-1].carrier_code:
        return found
    found = with_state(found, state, MILESTONES.get(state) or Meaning(Milestone.UNKNOWN))
    return found if state in MILESTONES else replace(found, unmapped_codes=(*found.unmapped_codes, state))


def _with_courier(found: Track, told: Told) -> Track:
    """Whom the answer names beside its lines belongs to the newest of them."""
    named = replace(
        found.scans[-1],
        courier_name=told.courier_name or None,
        courier_phone=told.courier_phone or None,
    )
    return replace(found, scans=(*found.scans[:-1], named))
