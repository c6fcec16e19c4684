"""What the scans of one parcel prove about its carrier at that place."""

import pytest
from builders import a_scan, ago

from carriers.contract import Scan
from watcher.coverage.fates import Evidence, fates
from watcher.model import Fate
from watcher.polling.history import history_of


def _fates(*scans: Scan) -> dict[str, Evidence]:
    return {found.fate.value: found for found in fates(history_of(scans))}


PICKED_UP = a_scan("picked_up", "5d")
ARRIVED = a_scan("arrived_at_destination_city", "2d")
OUT = a_scan("out_for_delivery", "1d")


def test_a_parcel_at_the_door_counts_as_shipped_and_delivered_with_its_days() -> None:
    found = _fates(PICKED_UP, ARRIVED, OUT, a_scan("delivered", "12h"))

    assert found == {
        "shipped": Evidence(Fate.SHIPPED, ago("5d")),
        "delivered_to_door": Evidence(Fate.DELIVERED_TO_DOOR, ago("12h"), days_in_transit=4.5),
    }


def test_a_parcel_nobody_has_collected_proves_nothing() -> None:
    assert _fates() == {}
    assert _fates(a_scan("pre_transit", "5d"), a_scan("unknown", "1d")) == {}
    assert _fates(a_scan("pre_transit", "5d"), a_scan("cancelled", "1d")) == {}


def test_where_the_pick_up_was_not_scanned_the_first_move_counts() -> None:
    assert _fates(a_scan("pre_transit", "5d"), a_scan("in_transit", "3d"))["shipped"].at == ago("3d")


@pytest.mark.parametrize(
    ("end", "fate"),
    [
        pytest.param((a_scan("delivered_to_proxy", "2h"),), "delivered_to_station", id="a proxy signed"),
        pytest.param(
            (a_scan("ready_for_pickup", "9h"), a_scan("delivered", "2h")),
            "delivered_to_station",
            id="fetched",
        ),
        pytest.param(
            (a_scan("exception", "9h", "pickup_only"), a_scan("delivered", "2h")),
            "delivered_to_station",
            id="fetched where the carrier does not come",
        ),
        pytest.param(
            (
                a_scan("exception", "9h", "pickup_only"),
                a_scan("out_for_delivery", "5h"),
                a_scan("delivered", "2h"),
            ),
            "delivered_to_door",
            id="brought to the door after all",
        ),
        pytest.param(
            (a_scan("delivered_to_proxy", "9h"), a_scan("delivered", "2h")),
            "delivered_to_station",
            id="fetched from the proxy",
        ),
        pytest.param(
            (a_scan("ready_for_pickup", "9h"), a_scan("out_for_delivery", "5h"), a_scan("delivered", "2h")),
            "delivered_to_door",
            id="brought to the door after it lay at a station",
        ),
        pytest.param(
            (a_scan("delivered", "9h"), a_scan("ready_for_pickup", "2h")),
            "delivered_to_door",
            id="a late line of the station",
        ),
    ],
)
def test_the_door_and_the_station_are_told_apart(end: tuple[Scan, ...], fate: str) -> None:
    found = _fates(PICKED_UP, OUT, *end)

    assert [name for name in found if name.startswith("delivered")] == [fate]


@pytest.mark.parametrize("reason", ["out_of_area", "pickup_only", "failed_attempt", "refused"])
def test_what_went_wrong_counts_from_the_first_time_it_was_said(reason: str) -> None:
    found = _fates(PICKED_UP, a_scan("exception", "9h", reason), a_scan("exception", "3h", reason))

    assert found.keys() == {"shipped", reason}
    assert found[reason] == Evidence(Fate(reason), ago("9h"))


def test_nobody_answering_is_an_attempt_that_failed() -> None:
    assert "failed_attempt" in _fates(PICKED_UP, a_scan("exception", "9h", "recipient_unreachable"))


def test_a_parcel_delivered_after_out_of_area_counts_as_both() -> None:
    found = _fates(PICKED_UP, a_scan("exception", "2d", "out_of_area"), OUT, a_scan("delivered", "2h"))

    assert found.keys() == {"shipped", "out_of_area", "delivered_to_door"}


@pytest.mark.parametrize("end", ["returning", "returned", "delivered", "delivered_to_proxy"])
def test_a_return_counts_from_its_start_and_ends_at_no_buyers_door(end: str) -> None:
    found = _fates(PICKED_UP, OUT, a_scan("returning", "9h"), a_scan(end, "2h"))

    assert found.keys() == {"shipped", "returned"}
    assert found["returned"].at == ago("9h")


def test_the_fates_come_in_a_fixed_order() -> None:
    scans = (PICKED_UP, a_scan("exception", "9h", "refused", "out_of_area"), a_scan("returning", "2h"))

    told = [found.fate for found in fates(history_of(scans))]

    assert told == [Fate.SHIPPED, Fate.OUT_OF_AREA, Fate.REFUSED, Fate.RETURNED]
