"""cannot_watch: we cannot look, so we cannot say."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from builders import NOW, ago

from watcher.detection.evaluate import Evaluation
from watcher.model import Finding, PollOutcome, PollSummary, Rule

Found = Callable[..., dict[Rule, Finding]]
Heard = Callable[..., PollSummary]
REFUSALS = [PollOutcome.INVALID_NUMBER, PollOutcome.OWNERSHIP_REFUSED, PollOutcome.EXPIRED]


@pytest.mark.parametrize("outcome", REFUSALS)
def test_a_refusal_is_believed_when_it_is_repeated(found: Found, heard: Heard, outcome: PollOutcome) -> None:
    once = heard(None, last_outcome=outcome, failures_in_a_row=1, last_polled_at=NOW)
    twice = heard(None, last_outcome=outcome, failures_in_a_row=2, last_polled_at=NOW)
    assert Rule.CANNOT_WATCH not in found(polls=once)
    finding = found(polls=twice)[Rule.CANNOT_WATCH]
    assert finding.facts["why"] == outcome.value
    assert finding.since == ago("30d")


@pytest.mark.parametrize(
    ("answered", "failures", "speaks"),
    [
        ("360m", 3, True),
        ("359m", 3, False),
        ("360m", 2, False),
        ("9d", 3, True),
        # old data without a failed question: we stood still, not the source
        ("9d", 0, False),
    ],
)
def test_silence_of_the_source_needs_age_and_failures(
    found: Found, heard: Heard, answered: str, failures: int, *, speaks: bool
) -> None:
    polls = heard(answered, last_outcome=PollOutcome.UNREACHABLE, failures_in_a_row=failures)
    assert (Rule.CANNOT_WATCH in found("运输 9h ago", polls=polls)) is speaks


def test_a_parcel_that_was_never_answered_for_counts_from_the_start_of_the_watch(
    found: Found, heard: Heard
) -> None:
    failing = {"last_outcome": PollOutcome.UNAVAILABLE, "failures_in_a_row": 9}
    assert Rule.CANNOT_WATCH in found(polls=heard(None, watched_since=ago("6h"), **failing))
    assert Rule.CANNOT_WATCH not in found(polls=heard(None, watched_since=ago("5h"), **failing))


def test_it_is_looked_at_again_when_the_data_get_too_old(
    judged: Callable[..., Evaluation], heard: Heard
) -> None:
    polls = heard("5h", last_outcome=PollOutcome.UNREACHABLE, failures_in_a_row=4)
    assert judged("运输 9h ago", polls=polls).look_again_at == NOW + timedelta(hours=1)


def test_the_facts_do_not_move_while_it_goes_on(found: Found, heard: Heard) -> None:
    first = found(polls=heard("7h", last_outcome=PollOutcome.UNREACHABLE, failures_in_a_row=3))
    later = found(polls=heard("7h", last_outcome=PollOutcome.UNREACHABLE, failures_in_a_row=30))
    assert first[Rule.CANNOT_WATCH] == later[Rule.CANNOT_WATCH]
    assert first[Rule.CANNOT_WATCH].facts["outcome"] == "unreachable"


@pytest.mark.parametrize("end", ["签收", "代收", "已退回", "取消"])
def test_a_parcel_at_its_end_needs_no_watching(found: Found, heard: Heard, end: str) -> None:
    polls = heard("9d", last_outcome=PollOutcome.EXPIRED, failures_in_a_row=9)
    assert found("揽收 60h ago", f"{end} 50h ago", polls=polls) == {}


def test_the_next_answer_ends_it(found: Found, heard: Heard) -> None:
    assert Rule.CANNOT_WATCH not in found("运输 9h ago", polls=heard("0m", failures_in_a_row=0))
