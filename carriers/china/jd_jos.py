"""JD's older platform for merchants (京东开放平台, JOS): jingdong.ldop.receive.trace.get, or by an option of the
account the still older jingdong.etms.trace.get (what that answers is unverified); one number in one call.

A query comes in and a signed form goes out; the part of an answer that is this platform's comes in, its lines go out.
"""

from collections.abc import Mapping, Sequence

import httpx
import msgspec

from carriers.answers import (
    NULL,
    Loose,
    decode,
    decode_rows,
    inner_json,
    is_null,
    refusal,
    refusal_in_words,
    text,
)
from carriers.china.jd_codes import REFUSALS, RENUMBERING, RESULT_CODES, TITLES
from carriers.china.jd_traces import SOURCE, Told, flagged, waybill, worded
from carriers.contract import Account, Milestone, Query, Scan, Stamp
from carriers.questions import FORM, compact_json, form_body
from carriers.signing import md5_upper_hex
from carriers.timeline import Row, as_printed, from_shanghai

BASE_URL = "https://api.jd.com"

METHODS: Mapping[str, str] = {"jos": "jingdong.ldop.receive.trace.get", "etms": "jingdong.etms.trace.get"}
"""The functions, by the word for them in an account's option `api`."""

_LET_THROUGH, _OK = ("0", ""), "100"
_DELIVERER_TITLES = ("配送员收货", "派件", "妥投")
# it prints no sites: a sorting centre is at least another place than a station
_SORTING_CENTRE, _STATION = "分拣", "站点"


class _Reply(msgspec.Struct):
    """What either function answers; the older one lists its lines here, with names in either spelling."""

    code: Loose = None
    querytrace_result: msgspec.Raw = NULL
    trace_api_dtos: list[msgspec.Raw] | None = None
    lines_of_etms: list[msgspec.Raw] | None = msgspec.field(name="traceApiDtos", default=None)


class _Result(msgspec.Struct):
    """What the function found; the vendor's spelling is read, and the right one."""

    code: Loose = None
    messsage: Loose = None
    message: Loose = None
    data: list[msgspec.Raw] | None = None


class _Line(msgspec.Struct, rename="camel"):
    waybill_code: Loose = None
    ope_title: Loose = None
    ope_time: Loose = None
    ope_remark: Loose = None
    courier: Loose = None
    courier_tel: Loose = None


class _LineOfEtms(msgspec.Struct):
    waybill_code: Loose = None
    ope_title: Loose = None
    ope_time: Loose = None
    ope_remark: Loose = None


_REPLY = msgspec.json.Decoder(_Reply)
_RESULT = msgspec.json.Decoder(_Result)
_LINE = msgspec.json.Decoder(_Line)
_LINE_OF_ETMS = msgspec.json.Decoder(_LineOfEtms)


def signature(fields: Mapping[str, str], app_secret: str) -> str:
    """`sign` of all the other fields, by their names, as they are before the form is encoded."""
    said = "".join(f"{name}{value}" for name, value in sorted(fields.items()))
    return md5_upper_hex(f"{app_secret}{said}{app_secret}")


def request(query: Query, account: Account, stamp: Stamp, method: str) -> httpx.Request:
    """The signed form that asks one of `METHODS` for one number."""
    merchant = {"customerCode": account.credentials["customer_code"]} if method == METHODS["jos"] else {}
    asked = {**merchant, "waybillCode": waybill(query.tracking_number)}
    fields = {
        "360buy_param_json": compact_json(asked),
        "access_token": account.credentials.get("access_token", ""),
        "app_key": account.credentials["app_key"],
        "method": method,
        "timestamp": as_printed(stamp.at),
        "v": "2.0",
    }
    fields["sign"] = signature(fields, account.credentials["app_secret"])
    url = (account.base_url or BASE_URL).rstrip("/") + "/routerjson"
    return httpx.Request("POST", url, content=form_body(fields), headers={"Content-Type": FORM})


def lines(document: msgspec.Raw) -> list[Told | None]:
    """The lines of an answer, None for each that cannot be read; raises the typed error of a refusal."""
    reply = decode(SOURCE, document, _REPLY)
    of_etms = reply.lines_of_etms if reply.trace_api_dtos is None else reply.trace_api_dtos
    if of_etms is not None and text(reply.code) in _LET_THROUGH:
        return _rows(of_etms)
    if is_null(reply.querytrace_result):
        raise refusal(SOURCE, text(reply.code), RESULT_CODES)
    result = decode(SOURCE, inner_json(SOURCE, reply.querytrace_result), _RESULT)
    code = text(result.code)
    if code != _OK:
        words = f"{code} {text(result.messsage) or text(result.message)}"
        raise refusal_in_words(SOURCE, code, words, classes={}, signs=REFUSALS)
    return _rows(result.data or [])


def _rows(rows: Sequence[msgspec.Raw]) -> list[Told | None]:
    """The lines, in whichever spelling there is a time."""
    ours, of_etms = decode_rows(SOURCE, rows, _LINE), decode_rows(SOURCE, rows, _LINE_OF_ETMS)
    return [_told(line) or _told(other) for line, other in zip(ours, of_etms, strict=True)]


def _told(line: _Line | _LineOfEtms | None) -> Told | None:
    if line is None:
        return None
    printed = text(line.ope_time).replace("/", "-")
    occurred_at = from_shanghai(printed)
    if occurred_at is None:
        return None
    title, remark = text(line.ope_title), text(line.ope_remark)
    code = flagged(title, remark)
    meaning = TITLES.get(code)
    courier = line if isinstance(line, _Line) and title in _DELIVERER_TITLES else _Line()
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=worded(remark, title, meaning),
        carrier_code=code,
        courier_name=text(courier.courier) or None,
        courier_phone=text(courier.courier_tel) or None,
    )
    sorted_here = _SORTING_CENTRE in title
    return Told(
        Row(scan, meaning, unmapped="" if meaning else code),
        number=waybill(text(line.waybill_code)),
        site=_SORTING_CENTRE if sorted_here else _STATION,
        passing=sorted_here,
        renumbering=title in RENUMBERING,
    )
