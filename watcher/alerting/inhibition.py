"""Which findings of one shipment are silent because a sharper one speaks. Pure."""

from collections.abc import Collection

from watcher.detection.table import RULES
from watcher.model import Rule


def sharper_than(rule: Rule, standing: Collection[Rule]) -> Rule | None:
    """The first of the `standing` rules (in the order of the table) that inhibits `rule`."""
    inhibitors = RULES[rule].inhibited_by
    return next((other for other in RULES if other in inhibitors and other in standing), None)
