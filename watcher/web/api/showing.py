"""From a card to the shape that goes over the wire."""

from datetime import datetime

from watcher.queue.cards import Card
from watcher.queue.playbooks import Playbook
from watcher.store.shipment_view import WatchView
from watcher.web.api import shapes
from watcher.web.languages import Language
from watcher.web.masking import unless_open

_SAME = (
    "id", "order_number", "tracking_number", "carrier", "order_state", "value_fen", "cod_fen",
)  # fmt: skip
_OF_ITEM = (
    "id", "state", "at_risk_fen", "urgency", "deadline", "opened_at", "claimed_until", "snoozed_until", "closed_at",
    "close_reason",
)  # fmt: skip


def shipment_out(
    card: Card, watch: WatchView | None, *, revealed_until: datetime | None, language: Language
) -> shapes.ShipmentOut:
    """One parcel as this person may see it now."""
    shipment = card.shipment
    return shapes.ShipmentOut(
        **{name: getattr(shipment, name) for name in _SAME},
        recipient=unless_open(shipment.recipient, revealed=revealed_until),
        address=unless_open(shipment.address, revealed=False),
        shop=unless_open(shipment.shop, revealed=False),
        platform=unless_open(shipment.platform, revealed=False),
        place=card.place,
        region=shapes.RegionOut.of(shipment.region),
        milestone=card.milestone,
        milestone_since=card.milestone_since,
        watch=shapes.WatchOut.of(watch) if watch else None,
        alerts=[shapes.AlertOut.of(alert, language=language) for alert in card.alerts],
        contacts=shapes.ContactsOut.of(card, revealed_until=revealed_until),
        time_line=[
            shapes.MomentOut.of(moment, revealed=revealed_until is not None) for moment in card.time_line
        ],
        playbook=_playbook(card.playbook, language=language),
        work_item=_item(card, language=language),
    )


def _playbook(book: Playbook | None, *, language: Language) -> shapes.PlaybookOut | None:
    if book is None:
        return None
    return shapes.PlaybookOut(
        steps=[step.in_(language) for step in book.steps],
        recipient=book.recipient.in_(language),
        courier=book.courier.in_(language),
    )


def _item(card: Card, *, language: Language) -> shapes.ItemOut | None:
    if card.item is None:
        return None
    same = {name: getattr(card.item, name) for name in _OF_ITEM}
    return shapes.ItemOut(**same, claimed_by=card.claimed_by, why=card.why(language))
