"""Which of the three codes of a UPS line decides: `statusCode` first, `type` last, and `code` says it more finely.

A code comes in with its type, for the same two characters stand in several tables; the meaning of the line comes out,
and the code that no table holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from carriers.contract import Meaning, Milestone, in_order
from carriers.worldwide.ups_codes import MAIL_INNOVATIONS, MILESTONES, TABLES

__all__ = ["Levels", "meaning"]

_SIGNED = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY})
_ENDS = _SIGNED | {Milestone.RETURNED}
_ON_THE_WAY = Meaning(Milestone.IN_TRANSIT)
_SOMETHING_WRONG = Meaning(Milestone.EXCEPTION)
_DELIVERED = "D"
# handed over at an Access Point: waiting there, but on a line of type D the end
_TOLD_BY_THE_TYPE = "dials/2Q"


@dataclass(frozen=True, slots=True)
class Levels:
    """The codes of one line as text; empty where the line has none. `by_mail` says that its number is one of Mail
    Innovations', whose codes stand in a table of their own."""

    type: str
    code: str
    status: str
    by_mail: bool = False

    @property
    def printed(self) -> str:
        """The codes that the line has, from type to status."""
        return "/".join(filter(None, (self.type, self.code, self.status)))

    @property
    def tables(self) -> tuple[str, ...]:
        """Where to look the code up, in this order."""
        tables = TABLES.get(self.type, ())
        return (MAIL_INNOVATIONS, *tables) if self.by_mail else tables


@dataclass(frozen=True, slots=True)
class _Fine:
    """What the code of a line says in its table; no meaning where it does not count on such a line."""

    table: str
    meaning: Meaning | None


def meaning(levels: Levels) -> tuple[Meaning | None, str]:
    """What the line says, and the code that no table holds."""
    status = MILESTONES.get(f"status/{levels.status}")
    kind = MILESTONES.get(f"type/{levels.type}")
    fine = _by_code(levels)
    lacking = _lacking(levels, fine, kind=kind)
    if status is None or status.milestone is Milestone.UNKNOWN:
        return (fine and fine.meaning) or kind or status, lacking
    return _finer(status, fine), lacking


def _by_code(levels: Levels) -> _Fine | None:
    for table in levels.tables if levels.code else ():
        for code in (levels.code, levels.code.lstrip("0") or "0"):
            said = MILESTONES.get(f"{table}/{code}")
            if said is not None:
                counts = _counts(said, f"{table}/{code}", levels)
                return _Fine(table, said if counts else None)
    return None


def _counts(said: Meaning, key: str, levels: Levels) -> bool:
    """Whether what the table says holds on a line of this type."""
    if levels.type != _DELIVERED:
        # the place where a parcel is left says nothing of its being there
        return not (key.startswith("dials/") and said.milestone in _SIGNED)
    if key.startswith("exception/"):
        return said.milestone in _ENDS
    return said.milestone is not None and key != _TOLD_BY_THE_TYPE


def _lacking(levels: Levels, fine: _Fine | None, *, kind: Meaning | None) -> str:
    if levels.status and f"status/{levels.status}" not in MILESTONES:
        return f"status/{levels.status}"
    if levels.type and kind is None:
        return f"type/{levels.type}"
    if levels.code and fine is None and levels.tables:
        return f"{levels.tables[0]}/{levels.code}"
    return "" if levels.type or levels.status else levels.code


def _finer(status: Meaning, fine: _Fine | None) -> Meaning:
    """The status, and the reason that the code gives; the code's milestone where the status leaves that open."""
    said = fine.meaning if fine else None
    if fine is None or said is None:
        return status
    if status.milestone in _SIGNED:
        return _joined(said, status) if said.milestone in _ENDS else status
    open_to: Sequence[Meaning] = (
        (_ON_THE_WAY, _SOMETHING_WRONG) if fine.table == "movement" else (_SOMETHING_WRONG,)
    )
    return _joined(said if said.milestone and status in open_to else status, status, said)


def _joined(milestone_of: Meaning, *reasons_of: Meaning) -> Meaning:
    reasons = {reason for one in (milestone_of, *reasons_of) for reason in one.reasons}
    return Meaning(milestone_of.milestone, in_order(reasons))
