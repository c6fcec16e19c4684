"""How well the reader does on labelled lines: the figures are printed, and bars hold.

Families whose `crc32 % 5` is 0 are kept for measuring: no phrase and no weight is made from them.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from own_lines import OwnLine, own_lines
from reading_scores import Score, scored

from carriers.contract import Milestone, Reason
from carriers.reading.reader import Reader

LABELLED = Path(__file__).parents[4] / "shared" / "data" / "scan_texts.jsonl"
COSTLY = {"refused", "out_of_area", "pickup_only", "failed_attempt", "return_to_sender"}


def labelled_lines() -> Iterator[OwnLine]:
    """The labelled lines beside the repository, without those on which two people could differ."""
    if not LABELLED.exists():
        pytest.skip(f"no labelled lines at ../shared/data/{LABELLED.name}")
    for row in map(json.loads, LABELLED.read_text(encoding="utf-8").splitlines()):
        if not row.get("ambiguous"):
            people = {key: row[key] for key in ("courier_phone", "courier_name", "station") if row[key]}
            yield OwnLine(
                family=row["family"],
                carrier=row["carrier"],
                form=row["form"],
                milestone=row["milestone"],
                reasons=tuple(row["reasons"]),
                people=people,
                text=row["text"],
            )


def _words(text: str) -> str:
    """The text without spaces, punctuation and digits."""
    return re.sub(r"[\W\d_]+", "", text.lower())


def report(name: str, lines: Iterable[OwnLine], reader: Reader, capsys: pytest.CaptureFixture[str]) -> Score:
    """Prints the figures by form, and of all lines together with each reason."""
    listed = list(lines)
    score = scored(listed, reader)
    with capsys.disabled():
        print(f"\n{name}: {score.head()}")  # noqa: T201 - the figures are what these tests are read for
        for form in sorted({line.form for line in listed}):
            part = scored((line for line in listed if line.form == form), reader)
            print(f"  of them {form}: {part.head()}")  # noqa: T201
        print(score.table())  # noqa: T201
    return score


def test_labelled_lines_kept_for_measuring_are_read_within_the_bars(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    score = report(
        "labelled, kept apart", (line for line in labelled_lines() if not line.fold), reader, capsys
    )
    assert score.milestone_rate >= 0.97
    assert score.together.precision >= 0.97
    assert score.together.recall >= 0.95
    assert score.exactness("courier_phone") >= 0.99
    assert score.false["courier_phone"] == 0
    for reason, count in score.reasons.items():
        wanted = count.right + count.missed
        assert count.false <= max(1, 0.03 * wanted), reason
        assert count.missed <= max(1, (0.03 if reason in COSTLY else 0.07) * wanted), reason


def test_labelled_lines_that_phrases_are_made_from_are_read_as_labelled(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    score = report("labelled, known", (line for line in labelled_lines() if line.fold), reader, capsys)
    assert score.milestone_rate >= 0.99
    assert min(score.together.precision, score.together.recall) >= 0.99
    assert min(map(score.exactness, ("courier_phone", "courier_name"))) >= 0.97


def test_our_own_lines_kept_for_measuring_are_read_as_well_as_before(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = [line for line in own_lines() if not line.fold]
    score = report("our own, kept apart", (line for line in kept if not _is_hard(line)), reader, capsys)
    assert score.milestone_rate >= 0.94
    assert score.together.precision >= 0.94
    assert score.together.recall >= 0.95
    assert score.exactness("courier_phone") >= 0.95
    assert score.false["courier_phone"] <= 1


def test_our_own_lines_made_to_mislead_are_read_as_well_as_before(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    hard = [line for line in own_lines() if not line.fold and _is_hard(line)]
    score = report("our own, made to mislead, kept apart", hard, reader, capsys)
    assert score.milestone_rate >= 0.79
    assert score.together.precision >= 0.77
    assert score.together.recall >= 0.80
    assert score.false["courier_phone"] == 0


def _is_hard(line: OwnLine) -> bool:
    """Families written to differ from all that was there, a third of them only looking like trouble."""
    return line.family.startswith(("w8-", "w9-"))


def test_our_own_lines_that_phrases_are_made_from_are_read_as_labelled(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    score = report("our own, known", (line for line in own_lines() if line.fold), reader, capsys)
    assert score.milestone_rate >= 0.97
    assert min(score.together.precision, score.together.recall) >= 0.97
    assert score.exactness("courier_phone") >= 0.98
    assert score.false["courier_phone"] <= 3


def test_our_own_lines_hold_every_milestone_and_every_reason() -> None:
    lines = list(own_lines())
    assert len(lines) >= 300
    assert {line.milestone for line in lines} == set(Milestone)
    assert {reason for line in lines for reason in line.reasons} == set(Reason)


def test_no_labelled_line_stands_among_our_own() -> None:
    labelled = {_words(line.text) for line in labelled_lines()}
    assert [line.text for line in own_lines() if _words(line.text) in labelled] == []


def test_every_name_and_number_of_our_own_lines_stands_in_its_line() -> None:
    assert [
        line.text for line in own_lines() if not all(value in line.text for value in line.people.values())
    ] == []
