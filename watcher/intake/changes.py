"""What a row means for a shipment that is stored already, and for its watch. Pure.

The columns of a new row and of the stored one come in; what to write goes out. Only what the file speaks of can
change: a column that the file lacks leaves its field alone, a blank cell in a column that is there clears it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from carriers.contract import Milestone
from watcher.intake.rows import NewShipment
from watcher.model import Box, OrderState, PollOutcome, PollReason, RouteReason
from watcher.polling.schedule import first_look
from watcher.routing import Choice

REGION = ("province", "city", "district", "town", "province_name", "city_name", "district_name", "town_name")
ORIGIN = ("province", "city", "district", "town")
_PLAIN = (
    "order_number", "tracking_number", "carrier", "recipient", "phone", "second_phone", "sender_phone_tail", "address",
    "buyer_id", "shop", "platform", "warehouse", "warehouse_address", "distributor", "paid_at", "promised_ship_at",
    "presale", "number_uploaded_at", "weight_grams", "value_fen", "cod_fen", "order_note",
)  # fmt: skip
VALUES = (*_PLAIN, "order_state", *REGION, *(f"origin_{name}" for name in ORIGIN))
_CONTACT = frozenset({"phone", "second_phone", "sender_phone_tail", "address"})
_PLACE = frozenset({"carrier", *REGION})

# what another carrier said of the number is about another parcel, and proves no silence of this one
_NOTHING_HEARD: Mapping[str, Any] = {
    "failures_in_a_row": 0,
    "track_digest": None,
    "last_outcome": None,
    "last_answered_at": None,
    "milestone": Milestone.UNKNOWN.value,
    "milestone_since": None,
    "last_scan_at": None,
}


def values_of(new: NewShipment) -> dict[str, Any]:
    """The row as columns of `shipment`: all that the merchant says, nothing that we add."""
    values: dict[str, Any] = {name: getattr(new, name) for name in _PLAIN}
    values["order_state"] = new.order_state.value
    for name in REGION:
        values[name] = getattr(new.region, name)
    for name in ORIGIN:
        values[f"origin_{name}"] = getattr(new.origin, name)
    return values


def digest(values: Mapping[str, Any]) -> str:
    """32 hex digits over the columns `VALUES`: equal when the merchant says the same."""
    # all values are text, numbers, booleans, None or times in UTC, whose repr says all of them
    whole = repr([values[name] for name in VALUES])
    return blake2b(whole.encode(), digest_size=16).hexdigest()


def spoken_of(fields: Iterable[str]) -> frozenset[str]:
    """The columns of `shipment` that a file with these fields speaks of."""
    spoken = set(fields)
    if any(name.startswith("address") for name in spoken):
        spoken |= {"address", *REGION}
    if "warehouse_address" in spoken:
        spoken |= {f"origin_{name}" for name in ORIGIN}
    return frozenset(spoken).intersection(VALUES)


def changes(stored: Mapping[str, Any], values: Mapping[str, Any], spoken: Iterable[str]) -> dict[str, Any]:
    """What is to be written to the stored row; empty when the row says nothing new."""
    return {name: values[name] for name in spoken if values[name] != stored[name]}


def new_watch(new: NewShipment, *, choice: Choice | None, now: datetime, spread: timedelta) -> dict[str, Any]:
    """The columns of `watch` for a shipment that was not known."""
    box = _box(new.order_state, choice)
    look = first_look(new.tracking_number, now=now, spread=spread) if box is Box.WATCHING else None
    return {
        **_route(choice),
        "box": box.value,
        "watched_since": now,
        "milestone": Milestone.UNKNOWN.value,
        "next_poll_at": look,
        "poll_reason": PollReason.FIRST_LOOK.value,
        "evaluate_at": now,
        "coverage_pending": True,
    }


def watch_changes(
    stored: Mapping[str, Any], changed: Mapping[str, Any], *, choice: Choice | None, now: datetime
) -> dict[str, Any]:
    """What is to be written to the watch of a shipment of which `changed` has changed.

    `stored` holds the columns of shipment and watch as they were; `choice` is the account for the carrier as it is now.
    """
    update: dict[str, Any] = {"evaluate_at": now}
    if not _PLACE.isdisjoint(changed):
        update["coverage_pending"] = True
    if "carrier" in changed:
        update |= {**_route(choice), **_NOTHING_HEARD}
    state = OrderState(changed.get("order_state", stored["order_state"]))
    if state is not OrderState.OPEN:
        return update | {"box": Box.ORDER_CLOSED.value, "next_poll_at": None}
    if "order_state" in changed or "carrier" in changed:
        return update | _ask_now(choice, now=now)
    refused = stored["last_outcome"] == PollOutcome.OWNERSHIP_REFUSED
    if refused and stored["box"] == Box.WATCHING and not _CONTACT.isdisjoint(changed):
        return update | _due_now(now)
    return update


def _ask_now(choice: Choice | None, *, now: datetime) -> dict[str, Any]:
    box = _box(OrderState.OPEN, choice)
    return {**_route(choice), "box": box.value, **_due_now(now if box is Box.WATCHING else None)}


def _due_now(at: datetime | None) -> dict[str, Any]:
    return {"next_poll_at": at, "poll_reason": PollReason.ORDER_CHANGED.value}


def _route(choice: Choice | None) -> dict[str, Any]:
    """A parcel that is asked about anew is asked about everywhere anew."""
    why = RouteReason.FIRST_CHOICE if choice is None else choice.why
    return {
        "account": choice and choice.account,
        "route_reason": why.value,
        "asked_elsewhere": "",
    }


def _box(state: OrderState, choice: Choice | None) -> Box:
    if state is not OrderState.OPEN:
        return Box.ORDER_CLOSED
    return Box.WATCHING if choice is not None else Box.UNASSIGNED
