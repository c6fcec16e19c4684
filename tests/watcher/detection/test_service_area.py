"""out_of_area, pickup_only: the carrier does not come to this door."""

from collections.abc import Callable

import pytest

from watcher.model import Finding, Rule

Found = Callable[..., dict[Rule, Finding]]
LINES = [
    ("超区", Rule.OUT_OF_AREA),
    ("超区转寄", Rule.OUT_OF_AREA),
    ("客户自取", Rule.PICKUP_ONLY),
    ("自取待取", Rule.PICKUP_ONLY),
]


@pytest.mark.parametrize(("line", "rule"), LINES)
def test_the_carriers_word_is_found_at_once(found: Found, line: str, rule: Rule) -> None:
    assert found("揽收 60h ago", f"{line} 0m ago")[rule].weight == 1


@pytest.mark.parametrize(("line", "rule"), LINES)
@pytest.mark.parametrize("later", ["签收", "代收", "已退回", "取消"])
def test_it_is_over_when_the_parcel_was_handed_over_or_is_back(
    found: Found, line: str, rule: Rule, later: str
) -> None:
    assert rule not in found("揽收 60h ago", f"{line} 4h ago", f"{later} 1h ago")


@pytest.mark.parametrize(("line", "rule"), LINES)
@pytest.mark.parametrize("later", ["待取", "派送", "运输", "到达", "问题"])
def test_lying_at_a_far_station_or_moving_on_does_not_end_it(
    found: Found, line: str, rule: Rule, later: str
) -> None:
    assert rule in found("揽收 60h ago", f"{line} 4h ago", f"{later} 1h ago")


@pytest.mark.parametrize(
    ("line", "rule", "hours"), [("超区", Rule.OUT_OF_AREA, 48), ("客户自取", Rule.PICKUP_ONLY, 72)]
)
def test_left_lying_it_weighs_more(found: Found, line: str, rule: Rule, hours: int) -> None:
    assert found("揽收 99h ago", f"{line} {hours}h ago")[rule].weight == 2
    assert found("揽收 99h ago", f"{line} {hours - 1}h ago")[rule].weight == 1
