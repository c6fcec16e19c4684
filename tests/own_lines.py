"""The project's own labelled lines, in our own words, with invented names and numbers (see carriers/reading/lines)."""

import csv
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "carriers/reading/lines"
FOLDS = 5
COLUMNS = ("family", "carrier", "form", "milestone", "reasons", "people", "text")


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One labelled line; `people` holds only what the line names. Families are never split between folds."""

    family: str
    carrier: str
    form: str
    milestone: str
    reasons: tuple[str, ...]
    people: dict[str, str]
    text: str

    @property
    def fold(self) -> int:
        """0 for the families that are kept for measuring."""
        return zlib.crc32(self.family.encode()) % FOLDS


def own_lines() -> Iterator[OwnLine]:
    """Every line of every file."""
    for path in sorted(FOLDER.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield _line(dict(zip(COLUMNS, row, strict=True)))


def _line(row: dict[str, str]) -> OwnLine:
    return OwnLine(
        family=row["family"],
        carrier=row["carrier"],
        form=row["form"],
        milestone=row["milestone"],
        reasons=() if row["reasons"] == "-" else tuple(row["reasons"].split("+")),
        people={}
        if row["people"] == "-"
        else dict(pair.split("=", 1) for pair in row["people"].split(" ; ")),
        text=row["text"],
    )
