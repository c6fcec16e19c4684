"""Hides phone numbers inside free text: scans, notes, order notes. What stays can be recognised, but not dialled."""

import re
from datetime import datetime
from itertools import pairwise

# the same digits, brackets and dashes in other widths, one for one, so that positions stay
_FLAT = str.maketrans("０１２３４５６７８９（）‐‑‒–—―－，", "0123456789()-------,")
_GAP = r"[-\s.·_/\u200b]{0,3}"
# mobiles and landlines however they are broken up, with +86 or without, with extension, and numbers of other countries;
# 400, 800 and 95xxx desks are public
_PHONES = re.compile(
    rf"""(?<![0-9])(?:
        (?:(?:\+|00)?86{_GAP})?\(?(?P<mobile>1[3-9][0-9]\)?{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}})
      | (?:(?:\+|00)?86{_GAP}\(?0?|\(?0)
        (?P<landline>(?:10|2[0-9]|[3-9][0-9]{{2}})\)?{_GAP}[2-9][0-9]{{2,3}}{_GAP}[0-9]{{4}})
      | \+(?!86)(?P<abroad>[1-9](?:[-\s()]?[0-9]){{7,13}})
    )(?![0-9])(?P<extension>\s*(?:转|分机|[,#-])\s*[0-9]{{1,6}}(?![0-9]))?""",
    re.VERBOSE,
)
_IN_FRONT, _TAIL = 3, 4


def mask_numbers(text: str) -> str:
    """`text` with each private phone number as its first three and last four digits, and its extension hidden."""
    found = list(_PHONES.finditer(text.translate(_FLAT)))
    if not found:
        return text
    ends = [(0, 0), *(match.span() for match in found), (len(text), len(text))]
    between = [text[before[1] : after[0]] for before, after in pairwise(ends)]
    hidden = [*(_masked(match) for match in found), ""]
    return "".join(piece for pair in zip(between, hidden, strict=True) for piece in pair)


def unless_open(text: str | None, *, revealed: datetime | bool | None) -> str | None:
    """`text` as it stands to whoever has revealed the numbers, masked to everybody else."""
    return text if revealed or text is None else mask_numbers(text)


def _masked(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match["mobile"] or match["abroad"] or f"0{match['landline']}")
    hidden = f"{digits[:_IN_FRONT]}****{digits[-_TAIL:]}"
    return f"{hidden}-****" if match["extension"] else hidden
