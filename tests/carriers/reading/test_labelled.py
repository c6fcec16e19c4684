"""How well the reader does on labelled lines, where they are at hand; prints the figures and holds floors."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from carriers.reading.reader import Reader

LABELLED = Path(__file__).parents[4] / "shared" / "data" / "scan_texts.jsonl"
FIELDS = ("courier_name", "courier_phone", "station")


@dataclass
class Score:
    """Counts over lines; `reasons` maps a reason to (right, wrongly given, missed)."""

    lines: int = 0
    milestones: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, list[int]] = field(default_factory=dict)

    def add(self, row: dict[str, Any], reader: Reader) -> None:
        reading = reader.read(row["text"], carrier=row["carrier"])
        self.lines += 1
        self.milestones += reading.milestone == row["milestone"]
        self.fields.update(name for name in FIELDS if getattr(reading, name) == row[name])
        for reason in {*reading.reasons, *row["reasons"]}:
            outcome = (
                0
                if reason in reading.reasons and reason in row["reasons"]
                else 1 + (reason in row["reasons"])
            )
            self.reasons.setdefault(reason, [0, 0, 0])[outcome] += 1

    @property
    def milestone_rate(self) -> float:
        return self.milestones / self.lines

    def precision(self, reason: str | None = None) -> float:
        right, wrong, _ = self._counts(reason)
        return right / (right + wrong) if right + wrong else 1.0

    def recall(self, reason: str | None = None) -> float:
        right, _, missed = self._counts(reason)
        return right / (right + missed) if right + missed else 1.0

    def _counts(self, reason: str | None) -> list[int]:
        rows = self.reasons.values() if reason is None else [self.reasons[reason]]
        return [sum(column) for column in zip([0, 0, 0], *rows, strict=True)]

    def report(self, name: str) -> str:
        fields = " ".join(f"{key} {self.fields[key] / self.lines:.3f}" for key in FIELDS)
        head = (
            f"{name}: {self.lines} lines, milestone {self.milestone_rate:.3f}, reasons {self.precision():.3f}"
        )
        rows = [
            f"  {key:36} precision {self.precision(key):.3f} recall {self.recall(key):.3f}"
            for key in sorted(self.reasons)
        ]
        return "\n".join([f"{head}/{self.recall():.3f}, {fields}", *rows])


def scored(reader: Reader, carriers: set[str] | None) -> Score:
    if not LABELLED.exists():
        pytest.skip(f"no labelled lines beside the repository ({LABELLED.name})")
    score = Score()
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not row.get("ambiguous") and (carriers is None or row["carrier"] in carriers):
            score.add(row, reader)
    return score


@pytest.mark.parametrize(
    ("name", "carriers"),
    [("sf", {"sf"}), ("zto", {"zto"}), ("every carrier", None)],
    ids=["sf", "zto", "all"],
)
def test_labelled_lines_are_read_as_well_as_before(
    reader: Reader, name: str, carriers: set[str] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    score = scored(reader, carriers)
    with capsys.disabled():
        print(f"\n{score.report(name)}")  # noqa: T201 - the figures are what this test is read for
    assert score.milestone_rate >= 0.99
    assert score.precision() >= 0.98
    assert score.recall() >= 0.98
    assert min(score.fields[key] / score.lines for key in FIELDS) >= 0.98
    assert all(min(score.precision(reason), score.recall(reason)) >= 0.9 for reason in score.reasons)
