"""From the details that J&T prints about one number to its track: the same in an answer to a query and in a push."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from carriers.answers import Loose, decode_rows, text
from carriers.china.jt_codes import MILESTONES, PROBLEM_CODES, RETURN_CALLED_OFF
from carriers.contract import Meaning, Milestone, Query, Scan, Track
from carriers.timeline import Row, from_shanghai, signed_by_the_shipper, track, with_detail

_SOURCE = "jt"


class _Detail(msgspec.Struct, rename="camel"):
    scan_time: Loose = None
    scan_type: Loose = None
    scan_type_code: Loose = None
    problem_type: Loose = None
    desc: Loose = None
    problem_description: Loose = None
    proble_description: Loose = None
    scan_network_name: Loose = None
    scan_network_city: Loose = None
    scan_network_contact: Loose = None
    staff_name: Loose = None
    staff_contact: Loose = None
    sig_pic_url: Loose = None
    electronic_signature_pic_url: Loose = None


_DETAIL = msgspec.json.Decoder(_Detail)


def track_of(query: Query, rows: Sequence[msgspec.Raw]) -> Track | None:
    """What the details say; None where none of them can be read."""
    details = decode_rows(_SOURCE, rows, _DETAIL)
    found = track(query, (None if detail is None else _row(detail) for detail in details))
    if not found.scans:
        return None
    found = signed_by_the_shipper(found, called_off_by=(RETURN_CALLED_OFF,))
    return replace(found, proof_of_delivery=_newest_picture(filter(None, details)))


def _row(detail: _Detail) -> Row | None:
    printed = text(detail.scan_time)
    occurred_at = from_shanghai(printed)
    if occurred_at is None:
        return None
    code, meaning, unmapped = _code_and_meaning(detail)
    delivers = meaning is not None and meaning.milestone is Milestone.OUT_FOR_DELIVERY
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=_text(detail),
        carrier_code=code,
        city=text(detail.scan_network_city) or None,
        facility=text(detail.scan_network_name) or None,
        facility_phone=text(detail.scan_network_contact) or None,
        courier_name=(text(detail.staff_name) or None) if delivers else None,
        courier_phone=(text(detail.staff_contact) or None) if delivers else None,
    )
    return Row(scan, meaning, unmapped)


def _text(detail: _Detail) -> str:
    return text(detail.desc) or text(detail.problem_description) or text(detail.proble_description)


def _code_and_meaning(detail: _Detail) -> tuple[str, Meaning | None, str]:
    """The scan's code, what it says, and the code that our tables lack."""
    code, lacking = _code(detail)
    problem = text(detail.problem_type).upper() if code in PROBLEM_CODES else ""
    code, meaning, lacking_pair = with_detail(code, problem, MILESTONES)
    return code, meaning, lacking or lacking_pair


def _code(detail: _Detail) -> tuple[str, str]:
    """The scan's code and what our tables lack of it: the name counts, the number only where the name says nothing."""
    name, number = text(detail.scan_type), text(detail.scan_type_code)
    numbered = f"@{number}" if number else ""
    if name in MILESTONES:
        return name, ""
    if numbered in MILESTONES:
        return numbered, name
    return name or numbered, name or numbered


def _newest_picture(details: Iterable[_Detail]) -> str | None:
    """The address of the newest picture of a signature."""
    pictures = {
        text(detail.scan_time): text(detail.sig_pic_url) or text(detail.electronic_signature_pic_url)
        for detail in details
    }
    taken = [moment for moment, picture in pictures.items() if picture]
    return pictures[max(taken)] if taken else None
