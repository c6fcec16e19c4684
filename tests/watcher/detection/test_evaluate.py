"""All rules on one shipment: one broken rule leaves the others alone, and the answer depends on nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders import CHENGDU, NOW, SHENZHEN, URUMQI, a_scan, a_shipment, ago
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import Milestone, Reason, Scan
from watcher.detection import evaluate as evaluate_module
from watcher.detection.context import context_of
from watcher.detection.evaluate import Evaluation, evaluate
from watcher.detection.packs import load_packs
from watcher.detection.table import RULES
from watcher.model import History, NotYet, PollOutcome, PollSummary, Region, Rule, Shipment
from watcher.polling.history import history_of

PACK = load_packs().at(NOW)


def test_a_rule_that_breaks_is_counted_and_the_others_speak(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    table = RULES | {Rule.REFUSED: replace(RULES[Rule.REFUSED], check=broken)}
    monkeypatch.setattr(evaluate_module, "RULES", table)
    heard: list[tuple[Rule, Exception]] = []
    parcel = a_shipment()
    history = history_of([a_scan("exception", "1h", "refused", "failed_attempt")])
    polls = PollSummary(watched_since=ago("2d"), last_answered_at=NOW)
    evaluation = evaluate(
        parcel, history, polls, context_of(parcel, PACK), NOW, on_rule_error=lambda *said: heard.append(said)
    )
    assert [finding.rule for finding in evaluation.findings] == [Rule.FAILED_ATTEMPT]
    assert evaluation.unsure == {Rule.REFUSED}
    assert [(rule, type(error)) for rule, error in heard] == [(Rule.REFUSED, ZeroDivisionError)]


def test_a_healthy_parcel_has_no_findings_and_the_next_look_is_the_lanes_hour(
    judged: Callable[..., Evaluation],
) -> None:
    evaluation = judged("揽收 10h ago", "运输 2h ago")
    assert evaluation == Evaluation(look_again_at=NOW + timedelta(hours=46))


def test_the_earliest_next_look_counts(
    monkeypatch: pytest.MonkeyPatch, judged: Callable[..., Evaluation]
) -> None:
    def at(moment: datetime) -> Callable[..., NotYet]:
        return lambda *_: NotYet(moment)

    table = {
        rule: replace(entry, check=at(NOW + timedelta(hours=hours)))
        for hours, (rule, entry) in enumerate(RULES.items(), start=-2)
    }
    monkeypatch.setattr(evaluate_module, "RULES", table)
    # moments that have passed are no looks at all
    assert judged().look_again_at == NOW + timedelta(hours=1)


REGIONS = st.sampled_from([SHENZHEN, CHENGDU, URUMQI, Region()])
MINUTES = st.integers(min_value=-600, max_value=30_000)
SCANS = st.builds(
    lambda milestone, minutes, reasons: a_scan(milestone, NOW - timedelta(minutes=minutes), *reasons),
    st.sampled_from(Milestone),
    MINUTES,
    st.lists(st.sampled_from(Reason), max_size=3, unique=True),
)
MOMENTS = st.none() | MINUTES.map(lambda minutes: NOW - timedelta(minutes=minutes))
POLLS = st.builds(
    PollSummary,
    watched_since=MINUTES.map(lambda minutes: NOW - timedelta(minutes=minutes)),
    last_polled_at=MOMENTS,
    last_answered_at=MOMENTS,
    last_outcome=st.none() | st.sampled_from(PollOutcome),
    failures_in_a_row=st.integers(0, 9),
    next_poll_at=MOMENTS,
)
SHIPMENTS = st.builds(
    lambda origin, region, uploaded: a_shipment(origin=origin, region=region, number_uploaded_at=uploaded),
    REGIONS,
    REGIONS,
    MOMENTS,
)


@given(parcel=SHIPMENTS, scans=st.lists(SCANS, max_size=8), polls=POLLS)
def test_the_same_question_has_the_same_answer_and_a_look_back_is_never_planned(
    parcel: Shipment, scans: list[Scan], polls: PollSummary
) -> None:
    history = history_of(scans)
    context = context_of(parcel, PACK)
    failures: list[Exception] = []
    first = evaluate(
        parcel, history, polls, context, NOW, on_rule_error=lambda _, error: failures.append(error)
    )
    assert failures == []
    assert first == evaluate(parcel, history, polls, context, NOW)
    assert first.look_again_at is None or first.look_again_at > NOW
    assert len({finding.rule for finding in first.findings}) == len(first.findings)
    assert not first.unsure & {finding.rule for finding in first.findings}


@given(parcel=SHIPMENTS, scans=st.lists(SCANS, max_size=8), polls=POLLS)
def test_silence_is_found_only_where_an_answer_proves_it(
    parcel: Shipment, scans: list[Scan], polls: PollSummary
) -> None:
    context = context_of(parcel, PACK)
    for finding in evaluate(parcel, history_of(scans), polls, context, NOW).findings:
        if not RULES[finding.rule].reads_silence:
            continue
        heard = polls.last_answered_at
        assert heard is not None
        assert heard - finding.since >= timedelta(hours=int(finding.facts["hours"]))
        assert NOW - heard <= PACK.watching.max_data_age


@given(parcel=SHIPMENTS, scans=st.lists(SCANS, min_size=1, max_size=8), polls=POLLS)
def test_the_earliest_look_misses_nothing(parcel: Shipment, scans: list[Scan], polls: PollSummary) -> None:
    """Until the look that was planned, the same evidence keeps giving the same findings."""
    history, context = history_of(scans), context_of(parcel, PACK)
    first = evaluate(parcel, history, polls, context, NOW)
    until = first.look_again_at or NOW + timedelta(days=40)
    between = until - timedelta(microseconds=1)
    later = evaluate(parcel, history, polls, context, between)
    true_then = {finding.rule for finding in later.findings} | later.unsure
    assert {finding.rule for finding in first.findings} <= true_then
    assert {finding.rule for finding in later.findings} <= {finding.rule for finding in first.findings}


def test_facts_are_plain_and_hold_nothing_personal() -> None:
    private = {
        "courier_name": "张三",
        "courier_phone": "13800000009",
        "signed_by": "李四",
        "station_phone": "13800000008",
        "text": "张三 13800000009 四川省成都市",
    }
    parcel = a_shipment()
    scan = replace(a_scan("exception", "60h", *Reason), **private)
    history = History(scans=(scan,), milestone=Milestone.EXCEPTION, milestone_since=scan.occurred_at)
    polls = PollSummary(watched_since=ago("9d"), last_answered_at=NOW, failures_in_a_row=9)
    findings = evaluate(parcel, history, polls, context_of(parcel, PACK), NOW).findings
    assert len(findings) >= 6
    for finding in findings:
        assert all(isinstance(value, str | int) for value in finding.facts.values())
        said = str(finding)
        assert not any(word in said for word in (*private.values(), "李四", "13800000001", "浆洗街"))
