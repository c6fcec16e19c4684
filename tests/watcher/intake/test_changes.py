"""What a row means for a shipment that is stored already, and for its watch."""

from datetime import timedelta
from typing import Any

import pytest
from builders import CHENGDU, NOW, SHENZHEN

from watcher.intake.changes import VALUES, changes, digest, new_watch, spoken_of, values_of, watch_changes
from watcher.intake.rows import NewShipment
from watcher.model import Box, OrderState, PollOutcome, PollReason, RouteReason
from watcher.routing import Choice
from watcher.store.tables import shipment

SPREAD = timedelta(minutes=10)


def _new(**fields: Any) -> NewShipment:
    given = {"order_number": "O-1", "tracking_number": "78400000000001", "carrier": "zto", "region": CHENGDU}
    return NewShipment(**given | fields)


def _stored(**fields: Any) -> dict[str, Any]:
    """The columns of shipment and watch, watched by account zto-main."""
    return (
        values_of(_new()) | {"account": "zto-main", "box": "watching", "last_outcome": "unchanged"} | fields
    )


def _by(account: str) -> Choice:
    return Choice(account, RouteReason.FIRST_CHOICE)


def test_all_that_a_merchant_can_say_is_a_column() -> None:
    ours = {"id", "row_digest", "imported_at", "changed_at"}
    assert set(VALUES) == {column.name for column in shipment.c} - ours
    assert set(values_of(_new())) == set(VALUES)


def test_equal_values_have_equal_digests_and_any_change_shows() -> None:
    values = values_of(_new())
    assert digest(values) == digest(dict(reversed(values.items())))
    assert len({digest(values | {name: "other"}) for name in VALUES} | {digest(values)}) == len(VALUES) + 1


def test_only_what_the_file_speaks_of_can_change() -> None:
    stored = _stored(phone="13800000001", shop="旗舰店")
    values = values_of(_new(phone="13800000002"))
    assert changes(stored, values, spoken_of({"phone"})) == {"phone": "13800000002"}
    assert changes(stored, values, spoken_of({"phone", "shop"})) == {"phone": "13800000002", "shop": None}


@pytest.mark.parametrize("field", ["address", "address_city"])
def test_who_speaks_of_the_address_speaks_of_the_region(field: str) -> None:
    assert {"address", "city", "town_name"} <= spoken_of({field})
    assert "address_city" not in spoken_of({field})


def test_who_speaks_of_the_warehouses_address_speaks_of_the_origin() -> None:
    assert spoken_of({"warehouse_address"}) == {
        "warehouse_address", "origin_province", "origin_city", "origin_district", "origin_town",
    }  # fmt: skip
    assert values_of(_new(origin=SHENZHEN))["origin_city"] == "4403"


def test_a_new_shipment_is_looked_at_within_the_spread() -> None:
    watch = new_watch(_new(), choice=_by("zto-main"), now=NOW, spread=SPREAD)
    assert NOW <= watch["next_poll_at"] <= NOW + SPREAD
    assert (watch["box"], watch["poll_reason"], watch["evaluate_at"]) == ("watching", "first_look", NOW)
    assert watch["coverage_pending"] is True


def test_a_new_shipment_that_no_account_answers_for_is_unassigned() -> None:
    watch = new_watch(_new(), choice=None, now=NOW, spread=SPREAD)
    assert (watch["box"], watch["account"], watch["next_poll_at"]) == ("unassigned", None, None)


def test_a_new_shipment_of_a_cancelled_order_is_never_asked_about() -> None:
    watch = new_watch(_new(order_state=OrderState.CANCELLED), choice=_by("zto-main"), now=NOW, spread=SPREAD)
    assert (watch["box"], watch["next_poll_at"]) == ("order_closed", None)


@pytest.mark.parametrize("state", ["cancelled", "refunded"])
def test_a_closed_order_is_asked_about_no_more(state: str) -> None:
    update = watch_changes(_stored(), {"order_state": state}, choice=_by("zto-main"), now=NOW)
    assert update == {"evaluate_at": NOW, "box": Box.ORDER_CLOSED, "next_poll_at": None}


def test_a_reopened_order_is_asked_about_now() -> None:
    stored = _stored(order_state="cancelled", box="order_closed")
    update = watch_changes(stored, {"order_state": "open"}, choice=_by("zto-main"), now=NOW)
    assert update == {
        "evaluate_at": NOW,
        "account": "zto-main",
        "route_reason": "first_choice",
        "asked_elsewhere": "",
        "box": Box.WATCHING,
        "next_poll_at": NOW,
        "poll_reason": PollReason.ORDER_CHANGED,
    }


def test_a_reopened_order_without_an_account_is_unassigned() -> None:
    stored = _stored(order_state="refunded", box="order_closed", account=None)
    update = watch_changes(stored, {"order_state": "open"}, choice=None, now=NOW)
    assert (update["box"], update["next_poll_at"]) == (Box.UNASSIGNED, None)


@pytest.mark.parametrize("column", ["phone", "second_phone", "sender_phone_tail", "address"])
def test_a_corrected_contact_is_tried_at_once_where_the_old_one_was_refused(column: str) -> None:
    refused = _stored(last_outcome=PollOutcome.OWNERSHIP_REFUSED.value)
    assert watch_changes(refused, {column: "1"}, choice=_by("zto-main"), now=NOW)["next_poll_at"] == NOW
    assert "next_poll_at" not in watch_changes(_stored(), {column: "1"}, choice=_by("zto-main"), now=NOW)
    assert "next_poll_at" not in watch_changes(refused, {"shop": "1"}, choice=_by("zto-main"), now=NOW)


def test_a_settled_shipment_is_not_asked_about_again_for_a_new_phone() -> None:
    settled = _stored(box="settled", last_outcome=PollOutcome.OWNERSHIP_REFUSED.value)
    assert watch_changes(settled, {"phone": "1"}, choice=_by("zto-main"), now=NOW) == {"evaluate_at": NOW}


def test_another_carrier_is_another_account_and_a_fresh_look() -> None:
    update = watch_changes(_stored(), {"carrier": "sf"}, choice=_by("sf-main"), now=NOW)
    assert update == {
        "evaluate_at": NOW,
        "coverage_pending": True,
        "account": "sf-main",
        "route_reason": "first_choice",
        "asked_elsewhere": "",
        "failures_in_a_row": 0,
        "track_digest": None,
        "last_outcome": None,
        "last_answered_at": None,
        "milestone": "unknown",
        "milestone_since": None,
        "last_scan_at": None,
        "box": Box.WATCHING,
        "next_poll_at": NOW,
        "poll_reason": PollReason.ORDER_CHANGED,
    }


def test_another_carrier_of_a_closed_order_stays_closed() -> None:
    stored = _stored(order_state="cancelled", box="order_closed")
    update = watch_changes(stored, {"carrier": "sf"}, choice=_by("sf-main"), now=NOW)
    assert (update["account"], update["box"], update["next_poll_at"]) == ("sf-main", Box.ORDER_CLOSED, None)


def test_another_place_is_new_evidence() -> None:
    update = watch_changes(_stored(), {"address": "1", "city": "4403"}, choice=_by("zto-main"), now=NOW)
    assert update == {"evaluate_at": NOW, "coverage_pending": True}
