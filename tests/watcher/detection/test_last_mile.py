"""failed_attempt, recipient_unreachable, refused: what begins them, and what makes them untrue."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from builders import NOW, a_shipment, ago

from watcher.detection.context import Context
from watcher.detection.last_mile import failed_attempt
from watcher.detection.packs import Pack, Reported
from watcher.model import Finding, History, Lane, NotYet, PollSummary, Rule

Found = Callable[..., dict[Rule, Finding]]
START = ("揽收 60h ago", "派送 6h ago")
ATTEMPTS = [("派送失败", Rule.FAILED_ATTEMPT), ("无人接听", Rule.RECIPIENT_UNREACHABLE)]


@pytest.mark.parametrize(("line", "rule"), [*ATTEMPTS, ("拒收", Rule.REFUSED)])
def test_the_carriers_word_is_found_at_once(found: Found, line: str, rule: Rule) -> None:
    finding = found(*START, f"{line} 0m ago")[rule]
    assert (finding.since, finding.weight) == (NOW, 1)
    assert finding.deadline == NOW + timedelta(hours=2)


@pytest.mark.parametrize(("line", "rule"), ATTEMPTS)
@pytest.mark.parametrize("later", ["派送", "待取", "签收", "代收", "已退回", "取消"])
def test_an_attempt_is_over_when_the_parcel_is_out_again_or_arrived(
    found: Found, line: str, rule: Rule, later: str
) -> None:
    assert rule not in found(*START, f"{line} 4h ago", f"{later} 1h ago")


@pytest.mark.parametrize(("line", "rule"), ATTEMPTS)
@pytest.mark.parametrize("later", ["运输", "到达", "问题", "看不懂", "退回中", "下单"])
def test_an_attempt_stands_while_the_parcel_only_lies_or_goes_back(
    found: Found, line: str, rule: Rule, later: str
) -> None:
    assert rule in found(*START, f"{line} 4h ago", f"{later} 1h ago")


@pytest.mark.parametrize("later", ["签收", "代收", "已退回", "取消"])
def test_a_refusal_is_over_when_the_parcel_has_come_to_its_end(found: Found, later: str) -> None:
    assert Rule.REFUSED not in found(*START, "拒收 4h ago", f"{later} 1h ago")


@pytest.mark.parametrize("later", ["派送", "待取", "运输", "问题", "退回中", "看不懂"])
def test_a_refusal_is_not_unsaid_by_another_tour(found: Found, later: str) -> None:
    assert Rule.REFUSED in found(*START, "拒收 4h ago", f"{later} 1h ago")


def test_a_line_that_failed_but_lies_at_a_station_needs_no_call(found: Found) -> None:
    assert found(*START, "失败待取 1h ago") == {}


def test_a_failure_printed_after_delivery_is_a_late_line(found: Found) -> None:
    assert found(*START, "签收 2h ago", "派送失败 1h ago") == {}


def test_one_line_can_say_two_things(found: Found) -> None:
    assert {Rule.FAILED_ATTEMPT, Rule.RECIPIENT_UNREACHABLE} == found(*START, "送无人 1h ago").keys()


@pytest.mark.parametrize(
    ("story", "attempts"),
    [
        (("派送失败 2h ago",), 1),
        # two lines about one visit
        (("派送失败 90m ago", "派送失败 60m ago"), 1),
        # the courier set out again between them
        (("派送失败 4h ago", "派送 3h ago", "派送失败 1h ago"), 2),
        # another day, though no tour was printed
        (("派送失败 26h ago", "派送失败 1h ago"), 2),
    ],
)
def test_attempts_are_visits_not_lines(found: Found, story: tuple[str, ...], attempts: int) -> None:
    finding = found("揽收 60h ago", *story)[Rule.FAILED_ATTEMPT]
    assert finding.facts["attempts"] == attempts
    assert finding.weight == 2 * attempts - 1
    assert finding.since == ago(story[-1].split()[1])


def test_a_failure_left_lying_for_a_day_weighs_more_once_an_answer_proves_it(found: Found) -> None:
    lying = found(*("揽收 60h ago", "派送失败 24h ago"))[Rule.FAILED_ATTEMPT]
    assert (lying.weight, lying.facts["waited_hours"]) == (2, 24)
    unproven = found(*("揽收 60h ago", "派送失败 24h ago"), heard=ago("1m"))[Rule.FAILED_ATTEMPT]
    assert unproven.weight == 1
    assert "waited_hours" not in unproven.facts


def test_a_second_failure_weighs_more_than_a_first_one_left_lying(found: Found) -> None:
    lying = found("揽收 90h ago", "派送失败 40h ago")[Rule.FAILED_ATTEMPT]
    second = found("揽收 90h ago", "派送失败 40h ago", "派送失败 1h ago")[Rule.FAILED_ATTEMPT]
    assert second.weight > lying.weight


def test_a_grace_lets_the_carrier_think_again(
    told: Callable[..., History],
    heard: Callable[..., PollSummary],
    pack_with: Callable[..., Pack],
    house: Pack,
) -> None:
    patient = house.reported | {Rule.FAILED_ATTEMPT: Reported(grace_minutes=30, act_within_hours=2)}
    context = Context(pack=pack_with(reported=patient), lane=Lane.CROSS_PROVINCE)

    def said(when: str) -> object:
        return failed_attempt(a_shipment(), told(f"派送失败 {when} ago"), heard("0m"), context, NOW)

    assert said("29m") == NotYet(NOW + timedelta(minutes=1))
    assert isinstance(said("30m"), Finding)


def test_a_problem_on_the_couriers_road_that_nothing_explains_is_a_failed_attempt(found: Found) -> None:
    assert found(*START, "问题 1h ago")[Rule.FAILED_ATTEMPT].since == ago("1h")


@pytest.mark.parametrize("line", ["地址不详", "空号", "拒付", "破损", "丢失"])
def test_a_problem_that_is_explained_is_no_less_of_one(found: Found, line: str) -> None:
    assert found(*START, f"{line} 1h ago")[Rule.FAILED_ATTEMPT].since == ago("1h")


@pytest.mark.parametrize("line", ["改天", "台风"])
def test_what_nobody_can_settle_with_a_call_is_no_failed_attempt(found: Found, line: str) -> None:
    assert found(*START, f"{line} 1h ago") == {}


@pytest.mark.parametrize(("first", "second"), [("问题", "问题"), ("空号", "问题"), ("问题", "地址不详")])
def test_a_second_line_about_the_problem_does_not_end_it(found: Found, first: str, second: str) -> None:
    assert Rule.FAILED_ATTEMPT in found(*START, f"{first} 3h ago", f"{second} 1h ago")


def test_a_problem_printed_after_delivery_is_a_late_line(found: Found) -> None:
    assert found(*START, "签收 5h ago", "派送 2h ago", "问题 1h ago") == {}


@pytest.mark.parametrize("later", ["派送", "签收", "运输", "退回中"])
def test_it_is_over_with_the_next_line_that_says_where_the_parcel_is(found: Found, later: str) -> None:
    assert Rule.FAILED_ATTEMPT not in found(*START, "问题 2h ago", f"{later} 1h ago")


def test_a_problem_between_hubs_is_no_failed_attempt(found: Found) -> None:
    assert Rule.FAILED_ATTEMPT not in found("揽收 60h ago", "运输 6h ago", "问题 1h ago")
