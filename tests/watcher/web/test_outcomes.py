"""What may come of a call: complete, once each, the likely ones first."""

import pytest

from watcher.model import CloseReason, Rule
from watcher.queue.life import STAFF_REASONS
from watcher.web.console.outcomes import ordered


@pytest.mark.parametrize("rule", Rule)
def test_all_reasons_are_offered_once_whatever_the_rule(rule: Rule) -> None:
    offered = ordered([rule])
    assert sorted(offered) == sorted(STAFF_REASONS)
    assert offered[-1] is CloseReason.OTHER


def test_the_rule_at_hand_decides_what_comes_first() -> None:
    assert ordered([Rule.NO_FIRST_SCAN])[0] is CloseReason.HANDED_TO_CARRIER
    assert ordered([Rule.STALLED, Rule.REFUSED])[0] is CloseReason.MOVING_AGAIN
    assert ordered([]) == STAFF_REASONS
