"""JD's older platform for merchants (京东开放平台, JOS): jingdong.ldop.receive.trace.get, one number in one call.

A query comes in and a signed form goes out; the part of an answer that is this platform's comes in, its lines go out.
"""

from collections.abc import Mapping

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
from carriers.china.jd_codes import REFUSALS, RESULT_CODES, TITLES
from carriers.china.jd_traces import SOURCE, Told, flagged, waybill
from carriers.contract import Account, Milestone, Query, Scan, Stamp
from carriers.questions import FORM, compact_json, form_body
from carriers.signing import md5_upper_hex
from carriers.timeline import Row, as_printed, from_shanghai

BASE_URL = "https://api.jd.com"

_METHOD = "jingdong.ldop.receive.trace.get"
_OK = "100"
_DELIVERER_TITLES = ("配送员收货", "派件", "妥投")
# it prints no sites: a sorting centre is at least another place than a station
_SORTING_CENTRE, _STATION = "分拣", "站点"


class _Reply(msgspec.Struct):
    code: Loose = None
    querytrace_result: msgspec.Raw = NULL


class _Result(msgspec.Struct):
    """What the function found; the vendor's spelling is read, and the right one."""

    code: Loose = None
    messsage: Loose = None
    message: Loose = None
    data: list[msgspec.Raw] | None = None


class _Line(msgspec.Struct, rename="camel"):
    ope_title: Loose = None
    ope_time: Loose = None
    ope_remark: Loose = None
    courier: Loose = None
    courier_tel: Loose = None


_REPLY = msgspec.json.Decoder(_Reply)
_RESULT = msgspec.json.Decoder(_Result)
_LINE = msgspec.json.Decoder(_Line)


def signature(fields: Mapping[str, str], app_secret: str) -> str:
    """`sign` of all the other fields, by their names, as they are before the form is encoded."""
    said = "".join(f"{name}{value}" for name, value in sorted(fields.items()))
    return md5_upper_hex(f"{app_secret}{said}{app_secret}")


def request(query: Query, account: Account, stamp: Stamp) -> httpx.Request:
    """The signed form that asks for one number."""
    asked = {
        "customerCode": account.credentials["customer_code"],
        "waybillCode": waybill(query.tracking_number),
    }
    fields = {
        "360buy_param_json": compact_json(asked),
        "access_token": account.credentials.get("access_token", ""),
        "app_key": account.credentials["app_key"],
        "method": _METHOD,
        "timestamp": as_printed(stamp.at),
        "v": "2.0",
    }
    fields["sign"] = signature(fields, account.credentials["app_secret"])
    url = (account.base_url or BASE_URL).rstrip("/") + "/routerjson"
    return httpx.Request("POST", url, content=form_body(fields), headers={"Content-Type": FORM})


def lines(document: msgspec.Raw) -> list[Told | None]:
    """The lines of an answer, None for each that cannot be read; raises the typed error of a refusal."""
    reply = decode(SOURCE, document, _REPLY)
    if is_null(reply.querytrace_result):
        raise refusal(SOURCE, text(reply.code), RESULT_CODES)
    result = decode(SOURCE, inner_json(SOURCE, reply.querytrace_result), _RESULT)
    code = text(result.code)
    if code != _OK:
        words = f"{code} {text(result.messsage) or text(result.message)}"
        raise refusal_in_words(SOURCE, code, words, classes={}, signs=REFUSALS)
    return [_told(line) if line else None for line in decode_rows(SOURCE, result.data or [], _LINE)]


def _told(line: _Line) -> Told | None:
    printed = text(line.ope_time).replace("/", "-")
    occurred_at = from_shanghai(printed)
    if occurred_at is None:
        return None
    title, remark = text(line.ope_title), text(line.ope_remark)
    code = flagged(title, remark)
    delivers = title in _DELIVERER_TITLES
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=remark or title,
        carrier_code=code,
        courier_name=(text(line.courier) or None) if delivers else None,
        courier_phone=(text(line.courier_tel) or None) if delivers else None,
    )
    sorted_here = _SORTING_CENTRE in title
    row = Row(scan, TITLES.get(code), unmapped="" if code in TITLES else code)
    return Told(row, _SORTING_CENTRE if sorted_here else _STATION, passing=sorted_here)
