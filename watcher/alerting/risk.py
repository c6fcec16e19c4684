"""How much money is at risk. Pure: shipment, rules and pack in, fen out."""

from collections.abc import Iterable

from watcher.detection.packs import Pack
from watcher.model import Rule, Shipment


def at_risk_fen(shipment: Shipment, rules: Iterable[Rule], pack: Pack) -> int:
    """What is at stake times the chance that the worst of `rules` loses it, in whole fen (rounded down)."""
    chance = max((pack.weighing[rule].chance_of_loss_percent for rule in rules), default=0)
    return shipment.at_stake_fen * chance // 100
