"""What may come of a call, the likely ones for the rule at hand first: the order of the closing form. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from watcher.model import CloseReason, Rule
from watcher.queue.life import STAFF_REASONS

_AGAIN = (CloseReason.REDELIVERY_AGREED, CloseReason.WILL_COLLECT, CloseReason.ADDRESS_CORRECTED)
_LIKELY: Final[Mapping[Rule, tuple[CloseReason, ...]]] = {
    Rule.NO_FIRST_SCAN: (CloseReason.HANDED_TO_CARRIER, CloseReason.RESHIPPED, CloseReason.REFUNDED),
    Rule.STALLED: (
        CloseReason.MOVING_AGAIN,
        CloseReason.CLAIM_FILED,
        CloseReason.RESHIPPED,
        CloseReason.REFUNDED,
    ),
    Rule.FAILED_ATTEMPT: _AGAIN,
    Rule.RECIPIENT_UNREACHABLE: _AGAIN,
    Rule.REFUSED: (CloseReason.RETURN_AGREED, CloseReason.REDELIVERY_AGREED, CloseReason.REFUNDED),
    Rule.OUT_OF_AREA: (CloseReason.FORWARDED, CloseReason.WILL_COLLECT, CloseReason.RETURN_AGREED),
    Rule.PICKUP_ONLY: (CloseReason.WILL_COLLECT, CloseReason.REDELIVERY_AGREED, CloseReason.FORWARDED),
    Rule.RETURN_TO_SENDER: (CloseReason.RETURN_AGREED, CloseReason.RESHIPPED, CloseReason.REFUNDED),
    Rule.CANNOT_WATCH: (CloseReason.NOTHING_WRONG, CloseReason.MOVING_AGAIN),
}


def ordered(rules: Sequence[Rule]) -> tuple[CloseReason, ...]:
    """All reasons staff may give, once each, those that fit `rules` first."""
    likely = [reason for rule in rules for reason in _LIKELY.get(rule, ())]
    return tuple(dict.fromkeys([*likely, *STAFF_REASONS]))
