"""What becomes of the alerts of one shipment: one named decision for every finding."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import NOW, a_shipment, ago

from watcher.alerting.decide import Decision, Situation, decide, event_facts
from watcher.alerting.inhibition import sharper_than
from watcher.alerting.risk import at_risk_fen
from watcher.detection.packs import load_packs
from watcher.model import (
    Alert,
    AlertClose,
    AlertEventKind,
    AlertState,
    Finding,
    KnownFinding,
    Rule,
    Suppression,
    Urgency,
)

PACK = load_packs().at(NOW)
CALM = Situation(shipment=a_shipment(), pack=PACK, watched_since=ago("2d"))


def a_finding(
    rule: Rule = Rule.REFUSED,
    *,
    episode: int = 1,
    since: datetime | None = None,
    weight: int = 1,
    **changes: Any,
) -> KnownFinding:
    found = Finding(rule=rule, since=since or ago("2h"), facts={"hours": 2}, weight=weight)
    fields: dict[str, Any] = {"id": 100 + episode, "shipment_id": 1, "found_at": ago("1h")}
    return KnownFinding(episode=episode, finding=found, **fields | changes)


def an_alert(finding: KnownFinding, **changes: Any) -> Alert:
    """The alert that `finding` was given when it was first seen."""
    [first] = decide([finding], [], CALM)
    made = Alert(
        id=finding.id,
        shipment_id=1,
        finding_id=finding.id,
        rule=finding.rule,
        episode=finding.episode,
        state=AlertState.OPEN,
        urgency=first.face.urgency,
        weight=first.face.weight,
        at_risk_fen=first.face.at_risk_fen,
        deadline=first.face.deadline,
        facts=first.face.facts,
        raised_at=ago("1h"),
        changed_at=ago("1h"),
    )
    return replace(made, **changes)


def closed(alert: Alert, reason: AlertClose = AlertClose.FINDING_ENDED) -> Alert:
    return replace(alert, state=AlertState.CLOSED, closed_at=ago("30m"), close_reason=reason)


def only(decisions: tuple[Decision, ...]) -> Decision:
    [decision] = decisions
    return decision


def words(decisions: tuple[Decision, ...]) -> dict[Rule, str | None]:
    return {decision.finding.rule: decision.word for decision in decisions}


def test_a_new_finding_raises_an_alert_with_the_money_at_risk() -> None:
    decision = only(decide([a_finding()], [], CALM))
    assert decision.kind is AlertEventKind.RAISED
    assert decision.face.urgency is Urgency.NOW
    assert decision.face.at_risk_fen == 9_600
    assert decision.word == "raised"


def test_the_same_finding_again_changes_nothing() -> None:
    finding = a_finding()
    decision = only(decide([finding], [an_alert(finding)], CALM))
    assert (decision.kind, decision.word) == (None, None)


def test_new_facts_update_and_more_weight_worsens() -> None:
    finding = a_finding(Rule.STALLED)
    alert = an_alert(finding)
    other = replace(finding, finding=replace(finding.finding, facts={"hours": 3}))
    heavier = replace(finding, finding=replace(finding.finding, weight=2))
    lighter = an_alert(heavier)
    assert only(decide([other], [alert], CALM)).kind is AlertEventKind.UPDATED
    worsened = only(decide([heavier], [alert], CALM))
    assert worsened.kind is AlertEventKind.WORSENED
    assert (alert.urgency, worsened.face.urgency) == (Urgency.TODAY, Urgency.NOW)
    assert event_facts(worsened) == {"episode": 1, "weight": 2, "weight_before": 1}
    assert only(decide([finding], [lighter], CALM)).kind is AlertEventKind.UPDATED


def test_more_money_at_stake_updates() -> None:
    finding = a_finding()
    alert = an_alert(finding)
    dearer = replace(CALM, shipment=a_shipment(cod_fen=50_000))
    decision = only(decide([finding], [alert], dearer))
    assert decision.kind is AlertEventKind.UPDATED
    assert decision.face.at_risk_fen == 40_000


def test_a_finding_that_ended_closes_its_alert_once() -> None:
    finding = a_finding()
    ended = replace(finding, ended_at=NOW)
    decision = only(decide([ended], [an_alert(finding)], CALM))
    assert (decision.kind, decision.close_reason) == (AlertEventKind.CLOSED, AlertClose.FINDING_ENDED)
    assert decision.word == "finding_ended"
    assert only(decide([ended], [closed(an_alert(finding))], CALM)).kind is None


def test_a_finding_that_ended_before_anyone_saw_it_raises_nothing() -> None:
    decision = only(decide([a_finding(ended_at=NOW)], [], CALM))
    assert (decision.kind, decision.word) == (None, None)


def test_a_later_episode_reopens_after_the_old_one_closed() -> None:
    first = a_finding(episode=1)
    alert = an_alert(first)
    second = a_finding(episode=2)
    decisions = decide([second, replace(first, ended_at=NOW)], [alert], CALM)
    assert [(one.finding.episode, one.kind) for one in decisions] == [
        (1, AlertEventKind.CLOSED),
        (2, AlertEventKind.REOPENED),
    ]
    assert decisions[1].alert is None


def test_an_episode_whose_first_one_nobody_saw_is_raised() -> None:
    assert only(decide([a_finding(episode=2)], [], CALM)).kind is AlertEventKind.RAISED


class TestInhibition:
    """A sharper rule speaks for the blunter one; both stay findings."""

    def test_only_the_sharper_one_is_raised(self) -> None:
        decisions = decide([a_finding(Rule.FAILED_ATTEMPT), a_finding(Rule.RECIPIENT_UNREACHABLE)], [], CALM)
        assert words(decisions) == {
            Rule.FAILED_ATTEMPT: "sharper_rule",
            Rule.RECIPIENT_UNREACHABLE: "raised",
        }
        assert decisions[0].sharper is Rule.RECIPIENT_UNREACHABLE

    def test_an_open_alert_closes_when_a_sharper_finding_comes(self) -> None:
        blunt = a_finding(Rule.REFUSED)
        decisions = decide([blunt, a_finding(Rule.RETURN_TO_SENDER)], [an_alert(blunt)], CALM)
        assert words(decisions) == {Rule.REFUSED: "inhibited", Rule.RETURN_TO_SENDER: "raised"}
        refused = next(one for one in decisions if one.finding.rule is Rule.REFUSED)
        assert refused.suppressed_by is Suppression.SHARPER_RULE
        assert event_facts(refused)["sharper_rule"] == "return_to_sender"

    def test_it_comes_back_when_the_sharper_one_ends(self) -> None:
        blunt = a_finding(Rule.REFUSED, suppressed_by=Suppression.SHARPER_RULE)
        gone = a_finding(Rule.RETURN_TO_SENDER, ended_at=NOW)
        alerts = [
            closed(an_alert(a_finding(Rule.REFUSED)), AlertClose.INHIBITED),
            an_alert(a_finding(gone.rule)),
        ]
        decisions = decide([blunt, gone], alerts, CALM)
        assert words(decisions) == {Rule.RETURN_TO_SENDER: "finding_ended", Rule.REFUSED: "reopened"}
        assert decisions[1].suppressed_by is None
        assert decisions[1].alert == alerts[0]

    def test_being_silent_still_is_not_counted_again(self) -> None:
        blunt = a_finding(Rule.FAILED_ATTEMPT, suppressed_by=Suppression.SHARPER_RULE)
        sharp = a_finding(Rule.REFUSED)
        assert words(decide([blunt, sharp], [an_alert(sharp)], CALM)) == {
            Rule.FAILED_ATTEMPT: None,
            Rule.REFUSED: None,
        }

    def test_a_silent_rule_still_silences_the_blunter_ones(self) -> None:
        chain = [a_finding(rule) for rule in (Rule.STALLED, Rule.FAILED_ATTEMPT, Rule.RECIPIENT_UNREACHABLE)]
        said = words(decide(chain, [], CALM))
        assert [said[finding.rule] for finding in chain] == ["sharper_rule", "sharper_rule", "raised"]

    def test_the_first_sharper_rule_of_the_table_is_named(self) -> None:
        assert sharper_than(Rule.STALLED, {Rule.RETURN_TO_SENDER, Rule.REFUSED}) is Rule.REFUSED
        assert sharper_than(Rule.REFUSED, {Rule.FAILED_ATTEMPT}) is None


class TestOrderClosed:
    """Nobody calls a refunded buyer."""

    CLOSED = replace(CALM, order_closed=True)

    def test_every_open_alert_closes_for_that_reason(self) -> None:
        standing, ended = a_finding(Rule.REFUSED), a_finding(Rule.STALLED, ended_at=NOW)
        alerts = [an_alert(standing), an_alert(a_finding(Rule.STALLED))]
        decisions = decide([standing, ended], alerts, self.CLOSED)
        assert {one.close_reason for one in decisions} == {AlertClose.ORDER_CLOSED}

    def test_a_new_finding_is_held_back(self) -> None:
        decision = only(decide([a_finding()], [], self.CLOSED))
        assert (decision.kind, decision.word) == (None, "order_closed")


class TestOutage:
    """A source that does not answer is one alert of the operator, not one for each parcel."""

    OUTAGE = replace(CALM, outage=True)

    @pytest.mark.parametrize("rule", [Rule.CANNOT_WATCH, Rule.STALLED, Rule.NO_FIRST_SCAN])
    def test_what_comes_from_silence_is_held_back(self, rule: Rule) -> None:
        decision = only(decide([a_finding(rule)], [], self.OUTAGE))
        assert (decision.kind, decision.suppressed_by) == (None, Suppression.SOURCE_OUTAGE)

    @pytest.mark.parametrize("rule", [Rule.REFUSED, Rule.FAILED_ATTEMPT, Rule.RETURN_TO_SENDER])
    def test_what_a_scan_said_is_raised_all_the_same(self, rule: Rule) -> None:
        assert only(decide([a_finding(rule)], [], self.OUTAGE)).kind is AlertEventKind.RAISED

    def test_an_alert_that_staff_already_have_stays(self) -> None:
        finding = a_finding(Rule.STALLED)
        assert only(decide([finding], [an_alert(finding)], self.OUTAGE)).kind is None

    def test_it_is_raised_when_the_outage_is_over(self) -> None:
        held = a_finding(Rule.STALLED, suppressed_by=Suppression.SOURCE_OUTAGE)
        decision = only(decide([held], [], CALM))
        assert (decision.kind, decision.suppressed_by) == (AlertEventKind.RAISED, None)

    def test_a_rule_that_is_held_back_silences_no_other(self) -> None:
        standing = a_finding(Rule.NO_FIRST_SCAN)
        decisions = decide([standing, a_finding(Rule.CANNOT_WATCH)], [an_alert(standing)], self.OUTAGE)
        assert words(decisions) == {Rule.NO_FIRST_SCAN: None, Rule.CANNOT_WATCH: "source_outage"}


class TestOldHistory:
    """Trouble that was long over due when we began to watch is nobody's work."""

    OLD = ago("2d") - PACK.watching.old_history

    def test_the_boundary_lies_before_the_start_of_the_watch(self) -> None:
        exactly, older = self.OLD, self.OLD - timedelta(minutes=1)
        assert only(decide([a_finding(since=exactly)], [], CALM)).word == "raised"
        assert only(decide([a_finding(since=older)], [], CALM)).word == "old_history"

    def test_it_stays_so_however_long_it_lasts_but_a_new_event_is_news(self) -> None:
        old = a_finding(since=self.OLD - timedelta(days=1), suppressed_by=Suppression.OLD_HISTORY)
        fresh = replace(old, finding=replace(old.finding, since=ago("1h")))
        assert only(decide([old], [], CALM)).kind is None
        assert only(decide([fresh], [], CALM)).kind is AlertEventKind.RAISED

    def test_it_silences_nothing_that_is_new(self) -> None:
        old = a_finding(Rule.REFUSED, since=self.OLD - timedelta(days=1))
        assert words(decide([old, a_finding(Rule.FAILED_ATTEMPT)], [], CALM)) == {
            Rule.REFUSED: "old_history",
            Rule.FAILED_ATTEMPT: "raised",
        }


@pytest.mark.parametrize(
    ("changes", "rules", "fen"),
    [
        ({"value_fen": 12_000}, [Rule.FAILED_ATTEMPT], 3_600),
        ({"value_fen": 12_000, "cod_fen": 9_999}, [Rule.FAILED_ATTEMPT], 2_999),
        ({"value_fen": 12_000}, [Rule.STALLED, Rule.RETURN_TO_SENDER, Rule.FAILED_ATTEMPT], 10_200),
        ({"value_fen": None}, [Rule.REFUSED], 0),
        ({"value_fen": 12_000}, [], 0),
    ],
)
def test_the_worst_rule_sets_the_money_at_risk(changes: dict[str, Any], rules: list[Rule], fen: int) -> None:
    assert at_risk_fen(a_shipment(**changes), rules, PACK) == fen
