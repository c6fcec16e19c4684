"""The rule table: complete, without circles, and speaking two languages."""

import pytest

from watcher.detection.packs import Pack
from watcher.detection.table import RULES, ends_when, name, sentence
from watcher.model import Lane, Rule

FULL: dict[str, str | int] = {
    "since": "2026-03-02 08:00",
    "hours": 48,
    "deadline_hours": 72,
    "waited_hours": 24,
    "attempts": 2,
    "lane": "cross_province",
    "why": "no_answer",
    "under_way": 1,
    "facility": "成都转运中心",
}


def test_every_rule_stands_in_the_table_and_in_the_pack(house: Pack) -> None:
    assert RULES.keys() == set(Rule) == house.weighing.keys()


def test_no_two_rules_silence_each_other() -> None:
    def reaches(rule: Rule) -> set[Rule]:
        sharper = RULES[rule].inhibited_by
        return set(sharper).union(*(reaches(other) for other in sharper))

    assert all(rule not in reaches(rule) for rule in Rule)


@pytest.mark.parametrize(
    ("sharper", "blunter"),
    [
        (Rule.RECIPIENT_UNREACHABLE, Rule.FAILED_ATTEMPT),
        (Rule.REFUSED, Rule.FAILED_ATTEMPT),
        (Rule.OUT_OF_AREA, Rule.FAILED_ATTEMPT),
        (Rule.PICKUP_ONLY, Rule.FAILED_ATTEMPT),
        (Rule.RETURN_TO_SENDER, Rule.REFUSED),
        (Rule.RETURN_TO_SENDER, Rule.RECIPIENT_UNREACHABLE),
        (Rule.RETURN_TO_SENDER, Rule.OUT_OF_AREA),
        (Rule.FAILED_ATTEMPT, Rule.STALLED),
        (Rule.RETURN_TO_SENDER, Rule.STALLED),
    ],
)
def test_the_sharper_rule_silences_the_blunter(sharper: Rule, blunter: Rule) -> None:
    assert sharper in RULES[blunter].inhibited_by


@pytest.mark.parametrize("rule", Rule)
def test_staff_read_it_in_their_language(rule: Rule) -> None:
    chinese, english = (sentence(rule, FULL, language="zh"), sentence(rule, FULL, language="en"))
    assert "2026-03-02 08:00" in chinese
    assert "2026-03-02 08:00" in english
    assert english.isascii() or "成都" in english
    assert not {"{", "}", "cross_province", "no_answer"} & {*chinese.split(), *english.split()}
    assert "{" not in chinese + english
    assert name(rule, language="zh") != name(rule, language="en")
    assert ends_when(rule, language="zh") != ends_when(rule, language="en")


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize(
    "facts", [{}, {"since": "{oops}", "why": "something new", "under_way": 7, "lane": "?"}]
)
def test_a_sentence_never_fails_on_odd_facts(rule: Rule, facts: dict[str, str | int]) -> None:
    for said in (sentence(rule, facts, language="zh"), sentence(rule, facts, language="en")):
        assert len(said) > 20


def test_the_place_is_the_facility_else_the_city_else_left_out() -> None:
    for facts, place in (
        ({"facility": "成都转运中心", "city": "成都市"}, " (成都转运中心)"),
        ({"city": "成都市"}, " (成都市)"),
        ({}, ""),
    ):
        said = sentence(Rule.REFUSED, {"since": "noon", **facts}, language="en")
        assert f"at noon{place}. Until" in said


def test_trouble_left_lying_is_said_in_addition() -> None:
    short = {key: value for key, value in FULL.items() if key != "waited_hours"}
    assert sentence(Rule.REFUSED, FULL, language="en").startswith(
        sentence(Rule.REFUSED, short, language="en")
    )
    assert "24" in sentence(Rule.REFUSED, FULL, language="zh")


@pytest.mark.parametrize("lane", Lane)
def test_every_lane_has_its_words(lane: Lane) -> None:
    assert lane.value not in sentence(Rule.STALLED, FULL | {"lane": lane.value}, language="zh")
