"""The fact sheets that lie beside the repository where it is developed, read as tables and as running text.

Without them, whoever asks for one is skipped.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from carriers.contract import Meaning, Milestone, Reason, in_order

FOLDER = Path(__file__).parents[2] / "shared" / "carriers"
_HEADING = re.compile(r"#+ (\d+[a-z]?(?:\.\d+)?)")
_RENAMED = {"holiday_or_reschedule_by_recipient": Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY}
# `no_update` is a finding of ours, not something a carrier says: no reason is made of it
_REASONS = {str(reason): reason for reason in Reason} | _RENAMED
_MILESTONES = re.compile("|".join(sorted(Milestone, key=len, reverse=True)))
_KEPT = re.compile(r"no change|keep previous")


@dataclass(frozen=True, slots=True)
class Table:
    """A table under the heading with number `section`; cells are stripped."""

    section: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def lines_of(name: str) -> list[str]:
    """The lines of one sheet."""
    path = FOLDER / f"{name}.md"
    if not path.exists():
        pytest.skip(f"no fact sheet at ../shared/carriers/{path.name}")
    return path.read_text(encoding="utf-8").splitlines()


def tables(name: str) -> list[Table]:
    """Every table of one sheet, from its top."""
    found: list[Table] = []
    section, rows = "", []
    for line in [*lines_of(name), ""]:
        if line.startswith("|"):
            rows.append(tuple(cell.strip() for cell in line.strip().strip("|").split("|")))
        elif rows:
            header, rule, *told = rows
            assert set("".join(rule)) <= set("-: "), f"{name} {section}: a table without a header"
            found.append(Table(section, header, tuple(told)))
            rows = []
        if heading := _HEADING.match(line):
            section = heading[1]
    return found


def section(name: str, number: str) -> str:
    """The text under the heading with that number, up to the next heading."""
    inside, told = False, []
    for line in lines_of(name):
        if heading := _HEADING.match(line):
            inside = heading[1] == number
        elif inside:
            told.append(line)
    assert told, f"{name} has no section {number}"
    return "\n".join(told)


def passage(name: str, number: str, pattern: str) -> str:
    """What the pattern's group holds in that section."""
    found = re.search(pattern, section(name, number))
    assert found, f"{name} {number} says no more what {pattern} looks for"
    return found[1]


def meaning(milestone: str, reason: str = "") -> Meaning:
    """What two cells say: the first milestone named, and the reasons.

    What stands in brackets holds only on a condition, save `(+bad_phone)`.
    """
    named = None if _KEPT.search(milestone) else _MILESTONES.search(milestone)
    said = re.sub(r"\((?!\+)[^)]*\)", "", reason)
    reasons = [_REASONS[word] for word in re.findall(r"[a-z_]{4,}", said) if word in _REASONS]
    return Meaning(Milestone(named[0]) if named else None, in_order(reasons))
