"""return_to_sender: asked for, or on its way back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from builders import NOW, ago

from watcher.model import Finding, Rule

Found = Callable[..., dict[Rule, Finding]]


def test_a_wish_weighs_less_than_the_way_back(found: Found) -> None:
    wish = found("派送 9h ago", "要求退回 1h ago")[Rule.RETURN_TO_SENDER]
    way = found("派送 9h ago", "要求退回 1h ago", "退回中 0m ago")[Rule.RETURN_TO_SENDER]
    assert (wish.facts["under_way"], way.facts["under_way"]) == (0, 1)
    assert way.weight > wish.weight


def test_it_tells_since_when_it_goes_back_however_many_hubs_follow(found: Found) -> None:
    finding = found("派送 30h ago", "退回中 20h ago", "退回中 10h ago", "退回中 1h ago")[
        Rule.RETURN_TO_SENDER
    ]
    assert finding.since == ago("20h")
    assert finding.deadline == NOW - timedelta(hours=16)


@pytest.mark.parametrize("later", ["已退回", "签收", "代收", "取消"])
def test_it_is_over_when_somebody_has_the_parcel(found: Found, later: str) -> None:
    assert Rule.RETURN_TO_SENDER not in found("派送 9h ago", "退回中 4h ago", f"{later} 1h ago")


@pytest.mark.parametrize("later", ["派送", "运输", "待取", "问题", "看不懂"])
def test_a_tour_on_the_way_back_does_not_end_it(found: Found, later: str) -> None:
    assert Rule.RETURN_TO_SENDER in found("派送 9h ago", "退回中 4h ago", f"{later} 1h ago")


def test_a_delivered_parcel_can_go_back(found: Found) -> None:
    assert found("派送 9h ago", "签收 8h ago", "退回中 1h ago").keys() == {Rule.RETURN_TO_SENDER}


def test_refused_and_sent_back_in_one_line_is_both(found: Found) -> None:
    assert found("派送 9h ago", "拒收退回 1h ago").keys() == {Rule.REFUSED, Rule.RETURN_TO_SENDER}
