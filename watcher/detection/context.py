"""What a rule may know beside the shipment itself: the pack in force and the lane's class."""

from dataclasses import dataclass

from watcher.detection.lanes import lane_of
from watcher.detection.packs import Pack
from watcher.model import Lane, Shipment


@dataclass(frozen=True, slots=True)
class Context:
    """The pack whose thresholds count, and the class of the shipment's lane."""

    pack: Pack
    lane: Lane


def context_of(shipment: Shipment, pack: Pack) -> Context:
    """The context of one shipment under `pack`."""
    return Context(pack=pack, lane=lane_of(shipment.origin, shipment.region, pack.lanes))
