"""What speaks where no phrase explains a line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import Milestone, Reason
from carriers.reading.learnt import Weights, load_weights, packed, runs_of, unpacked, written
from carriers.reading.reader import Reader


def weights(runs: dict[str, dict[str, int]]) -> Weights:
    """Every run of the texts that the tests read must be known."""
    return Weights({run: packed(speaks) for run, speaks in runs.items()}, sure=200)


SPEAKING = weights(
    {"签": {"delivered": 300}, "拒": {"exception": 400, "refused": 200}, "^拒": {}, "拒拒": {}, "拒$": {}}
)


def test_the_best_milestone_and_every_reason_that_is_spoken_for_are_given() -> None:
    said = SPEAKING.verdict("拒签收")
    assert said is None or said.milestone in {"delivered", "exception"}
    refused = SPEAKING.verdict("拒拒拒")
    assert refused is not None
    assert (refused.milestone, refused.reasons, refused.phrases) == ("exception", ("refused",), ("learnt",))


def test_what_is_not_sure_enough_is_not_said() -> None:
    unsure = weights({"^拒": {}, "拒拒": {}, "拒$": {}, "拒": {"exception": 400, "returning": 250}})
    assert unsure.verdict("拒拒拒") is None


def test_what_was_never_met_is_not_guessed(reader: Reader) -> None:
    assert SPEAKING.verdict("签一二三四五六七八") is None
    assert reader.read("宜晒被子").milestone is Milestone.UNKNOWN


def test_a_line_that_only_weights_know_counts_as_unexplained(reader: Reader) -> None:
    learnt = [
        line
        for line in ("包裹由驿站大姐帮忙收着了", "小哥说货在路上颠坏了")
        if reader.read(line).phrases == ("learnt",)
    ]
    assert all(not reader.read(line).explained for line in learnt)


def test_a_table_of_weights_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = tmp_path / "learnt.tsv"
    table.write_text("".join(written(SPEAKING)), encoding="utf-8")
    assert load_weights(table) == SPEAKING
    assert load_weights(tmp_path / "none.tsv") is None


def test_a_table_with_a_slip_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "learnt.tsv"
    table.write_text("sure\t200\n签\tdelivered=a\n", encoding="utf-8")
    with pytest.raises(ValueError, match="a"):
        load_weights(table)


@given(
    st.dictionaries(st.sampled_from([*Milestone, *Reason]), st.integers(-9999, 9999)),
    st.dictionaries(st.sampled_from([*Milestone, *Reason]), st.integers(-9999, 9999)),
)
def test_packed_weights_add_up_word_by_word(one: dict[str, int], other: dict[str, int]) -> None:
    sums = unpacked(packed(one) + packed(other))
    assert all(sums[word] == one.get(word, 0) + other.get(word, 0) for word in [*Milestone, *Reason])


@given(st.text(max_size=300))
def test_runs_are_bounded_whatever_the_text(text: str) -> None:
    assert len(runs_of(text)) <= 4 * 202
