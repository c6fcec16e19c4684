"""What one line of SF (顺丰) says, as it stands in an answer and in a push: a row for the timeline, the code's meaning.

A line has an opCode; some accounts' lines have a status of two levels, or a reasonCode, beside it.
"""

import re
from collections.abc import Iterable

import msgspec

from carriers.answers import Loose, text
from carriers.china.sf_codes import MILESTONES, REASONED
from carriers.contract import Meaning, Milestone, Scan
from carriers.timeline import Row, from_shanghai

__all__ = ["ROUTE", "Route", "code_and_meaning", "new_number", "row", "unmapped"]

# Shown by both 648 (returned or redirected) and 631 (returned), in the text only.
_NEW_NUMBER_CODES = ("648", "631")
_NEW_NUMBER = re.compile(r"新(?:运?单)?号为?[:：\s]*([A-Z0-9]{8,20})", re.ASCII)


class Route(msgspec.Struct, rename="camel"):
    """One line; `mailno` says in a push which number it is about."""

    mailno: Loose = None
    accept_time: Loose = None
    accept_address: Loose = None
    remark: Loose = None
    op_code: Loose = None
    reason_code: Loose = None
    first_status_code: Loose = None
    secondary_status_code: Loose = None


ROUTE = msgspec.json.Decoder(Route)


def row(route: Route) -> Row | None:
    """The line for the timeline; None where it has no time that can be read."""
    printed = text(route.accept_time)
    occurred_at = from_shanghai(printed)
    if occurred_at is None:
        return None
    code, meaning = code_and_meaning(route)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=text(route.remark),
        carrier_code=code,
        city=text(route.accept_address) or None,
    )
    return Row(scan, meaning, unmapped=unmapped(route))


def unmapped(route: Route) -> str:
    """The code that our tables lack: `999`, `@12`, or `70/12` where a reasonCode can change what the opCode means."""
    op, status, reason = text(route.op_code), _first_status(route), text(route.reason_code)
    lacking = [op] if op else []
    lacking += [f"@{status}"] if status else []
    lacking += [f"{op}/{reason}"] if reason and op in REASONED else []
    return next((code for code in lacking if code not in MILESTONES), "")


def code_and_meaning(route: Route) -> tuple[str, Meaning | None]:
    """The scan's code, and what it says: pairs of codes first, then whichever of code and status says more."""
    op, status = text(route.op_code), _first_status(route)
    with_reason = f"{op}/{text(route.reason_code)}"
    if with_reason in MILESTONES:
        return with_reason, MILESTONES[with_reason]
    by_status, by_code = MILESTONES.get(f"@{status}"), MILESTONES.get(op)
    if by_code and _says_more_than_a_status(by_code):
        by_status = None
    code = op or (f"@{status}" if status else "")
    return code, MILESTONES.get(f"{op}@{status}") or by_status or by_code


def _first_status(route: Route) -> str:
    """The first-level status; where only the second level is printed, its leading digits. "-" stands for none."""
    first = text(route.first_status_code).strip("-")
    return first or text(route.secondary_status_code).strip("-")[:-2]


def _says_more_than_a_status(meaning: Meaning) -> bool:
    """The first level has no word for trouble on the way, for a return, or for "nothing changed"."""
    return bool(meaning.reasons) or meaning.milestone in {None, Milestone.RETURNED}


def new_number(scans: Iterable[Scan], tracking_number: str) -> str | None:
    """The number under which the parcel goes back or on, from the newest scan that names one."""
    numbers = [
        match[1]
        for scan in scans
        if scan.carrier_code.partition("/")[0] in _NEW_NUMBER_CODES
        for match in _NEW_NUMBER.finditer(scan.text)
        if match[1] != tracking_number.strip().upper()
    ]
    return numbers[-1] if numbers else None
