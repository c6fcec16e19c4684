"""The three codes of a line of UPS: which of them decides, and in which table the second stands."""

import pytest

from carriers.contract import Milestone
from carriers.worldwide.ups_levels import Levels, meaning


def levels_of(printed: str) -> Levels:
    """Type, code and statusCode, with slashes between them."""
    kind, code, status = printed.split("/")
    return Levels(kind, code, status)


def said(printed: str) -> tuple[str | None, ...]:
    """Milestone and reasons."""
    found, _ = meaning(levels_of(printed))
    assert found
    return (found.milestone, *found.reasons)


@pytest.mark.parametrize(
    ("levels", "says"),
    [
        # the status decides, the code says why
        ("I/OT/021", ("out_for_delivery",)),
        ("X/48/022", ("exception", "failed_attempt")),
        ("X/H1/014", ("in_transit", "bad_address")),
        ("X/1/012", ("in_transit", "delayed_transit")),
        ("I/XS/006", ("out_for_delivery", "pickup_only")),
        ("X/66/088", (None, "damaged")),
        # "see the code": the milestone is the code's
        ("X/CS/029", ("returning", "return_to_sender")),
        ("X/AM/013", ("exception", "refused")),
        ("X/RG/030", ("exception",)),
        # on its way: a movement says how far
        ("I/OR/005", ("picked_up",)),
        ("I/DS/005", ("arrived_at_destination_city",)),
        ("I/DP/005", ("in_transit",)),
        ("I/CA/005", ("in_transit",)),
        ("I/DS/021", ("out_for_delivery",)),
        # without a status the code speaks, then the type
        ("X/90/", ("returning", "return_to_sender")),
        ("I/DS/000", ("arrived_at_destination_city",)),
        ("X//", ("exception",)),
        ("D//163", ("delivered",)),
        ("D/50/", ("exception", "bad_address")),
        ("//000", ("unknown",)),
    ],
)
def test_the_three_codes_of_a_line_are_weighed(levels: str, says: tuple[str, ...]) -> None:
    assert said(levels) == says
    assert meaning(levels_of(levels))[1] == ""


@pytest.mark.parametrize(
    ("levels", "says"),
    [
        ("I/AT/", ("in_transit",)),
        ("X/AT/", ("exception", "reschedule_by_recipient_or_holiday")),
        ("I/DL/", ("out_for_delivery",)),
        ("X/DL/", ("returning", "return_to_sender")),
        ("D/DL/", ("delivered",)),
        ("I/DP/", ("in_transit",)),
        ("M/DP/", ("pre_transit",)),
        ("I/VP/", ("pre_transit",)),
        ("M/VP/", ("cancelled",)),
        ("X/UP/", ("exception",)),
    ],
)
def test_the_same_letters_mean_something_else_in_another_table(levels: str, says: tuple[str, ...]) -> None:
    assert said(levels) == says


@pytest.mark.parametrize(
    ("levels", "says"),
    [
        ("D/FS/011", ("delivered",)),
        ("D/KB/", ("delivered",)),
        ("D/M1/011", ("delivered",)),
        ("D/3H/011", ("delivered_to_proxy",)),
        ("D/M8/026", ("delivered_to_proxy",)),
        ("D/B0/011", ("returned", "return_to_sender")),
        ("D/64/011", ("delivered", "damaged")),
        # handed over at an Access Point, or fetched there: the type says which
        ("D/2Q/", ("delivered",)),
        ("D/2W/", ("delivered",)),
        ("I/2Q/", ("ready_for_pickup", "pickup_only")),
        ("I/2Q/040", ("ready_for_pickup", "pickup_only")),
        # a reason to wait has no place on a delivery
        ("D/1N/011", ("delivered",)),
    ],
)
def test_a_delivery_says_who_has_the_parcel(levels: str, says: tuple[str, ...]) -> None:
    assert said(levels) == says


def test_a_place_to_leave_it_at_is_no_delivery_unless_the_type_says_so() -> None:
    assert said("X/M1/") == ("exception",)
    assert said("X/M8/029") == ("exception",)


@pytest.mark.parametrize(
    ("levels", "milestone", "lacking"),
    [
        ("D/QQ/011", Milestone.DELIVERED, "dials/QQ"),
        ("X/QQ/022", Milestone.EXCEPTION, "exception/QQ"),
        ("I/DP/999", Milestone.IN_TRANSIT, "status/999"),
        ("Q9/DP/", None, "type/Q9"),
        ("/DP/", None, "DP"),
    ],
)
def test_what_no_table_holds_is_reported_and_the_other_codes_count(
    levels: str, milestone: Milestone | None, lacking: str
) -> None:
    found, reported = meaning(levels_of(levels))
    assert (found and found.milestone) is milestone
    assert reported == lacking


def test_only_the_codes_that_a_line_has_are_printed() -> None:
    assert [levels_of(one).printed for one in ("I/OT/021", "//021", "D//")] == ["I/OT/021", "021", "D"]
