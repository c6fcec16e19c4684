"""What JD's lines say by their order: whose station it is, which way the parcel goes, under which number. All are made;
people and numbers are invented."""

from typing import Any

import httpx
import pytest

from carriers.china import jd
from carriers.contract import Milestone, Query, Reason, Track

QUERY = Query("jd", "JDVA00000000001")


def at(
    day: int, state: object, category: object = None, remark: str = "一行", **fields: Any
) -> dict[str, Any]:
    """A line as JD prints it, of this day."""
    line = {
        "waybillCode": "JDVA00000000001",
        "category": category,
        "state": state,
        "operationRemark": remark,
        "operationTime": f"2026-01-{day} 08:00:00",
        "operateSiteId": "22222222",
    }
    return line | fields


def track_of(*lines: dict[str, Any]) -> Track:
    document = {"code": 0, "success": True, "data": {"traceDetails": list(lines)}}
    found = jd.read(httpx.Response(200, json=document), [QUERY])[QUERY]
    assert isinstance(found, Track)
    return found


@pytest.mark.parametrize("state", [10033, 200050, 200075])
def test_a_station_is_the_recipient_s_only_after_another_site(state: int) -> None:
    def received(*before: dict[str, Any], site: str | None = "2") -> Milestone:
        arrival = at(12, state, 430, operateSiteId=site)
        found = track_of(*before, arrival)
        return next(scan.milestone for scan in found.scans if scan.carrier_code == str(state))

    elsewhere = at(11, 10054, 430, operateSiteId="1")
    assert received(elsewhere) is Milestone.ARRIVED_AT_DESTINATION_CITY
    assert received(elsewhere, at(11, 10032, 430, operateSiteId="2")) is Milestone.ARRIVED_AT_DESTINATION_CITY
    for before in (
        [],
        [at(11, 10054, 430, operateSiteId="2")],  # of the same place
        [at(11, 200001, 420, operateSiteId="1")],  # not yet under way
        [at(11, 10054, 430, operateSiteId=None)],
        [at(13, 10054, 430, operateSiteId="1")],  # later
    ):
        assert received(*before) is Milestone.IN_TRANSIT
    assert received(elsewhere, site=None) is Milestone.IN_TRANSIT


def test_where_no_stage_is_printed_the_code_says_that_the_parcel_passed() -> None:
    def received(state: object, category: object) -> Milestone:
        before = at(11, state, category, operateSiteId="1")
        return track_of(before, at(12, 200075, operateSiteId="2")).scans[-1].milestone

    assert received(10054, None) is Milestone.ARRIVED_AT_DESTINATION_CITY
    assert received(10033, "") is Milestone.ARRIVED_AT_DESTINATION_CITY
    assert received(299999, 430) is Milestone.ARRIVED_AT_DESTINATION_CITY
    for state, category in ((200001, None), (299999, None), (200000, None), (10054, 420)):
        assert received(state, category) is Milestone.IN_TRANSIT


@pytest.mark.parametrize(
    ("state", "category"),
    [
        *((state, None) for state in (10035, 200020, 200033, 200060, 200068)),
        (None, 480),
        (200000, 530),
    ],
)
@pytest.mark.parametrize("station", [10033, 200050, 200075])
def test_a_station_is_not_the_recipient_s_once_the_parcel_turned_back(
    state: object, category: object, station: int
) -> None:
    found = track_of(
        at(10, 10054, 430, operateSiteId="1"),
        at(11, station, 430, operateSiteId="2"),
        at(12, state, category, operateSiteId="2"),
        at(13, 10032, 430, operateSiteId="1"),
        at(14, station, 430, operateSiteId="3"),
    )
    assert found.scans[1].milestone is Milestone.ARRIVED_AT_DESTINATION_CITY
    assert found.scans[-1].milestone is Milestone.IN_TRANSIT


def test_a_new_label_for_another_address_turns_nothing_back() -> None:
    found = track_of(
        at(11, 10054, 430, operateSiteId="1"),
        at(12, 200020, 430, "客户改址", operateSiteId="1"),
        at(13, 200075, 430, operateSiteId="2"),
    )
    assert found.scans[-1].milestone is Milestone.ARRIVED_AT_DESTINATION_CITY


@pytest.mark.parametrize(
    ("remark", "milestone", "code", "reason"),
    [
        ("换单打印", Milestone.RETURNING, "200020", Reason.RETURN_TO_SENDER),
        ("应客户要求转寄", Milestone.IN_TRANSIT, "200020/转寄", Reason.INTERCEPTED),
        ("客户改址，换单打印", Milestone.IN_TRANSIT, "200020/转寄", Reason.INTERCEPTED),
    ],
)
def test_a_new_label_is_for_the_way_back_unless_it_is_for_another_address(
    remark: str, milestone: Milestone, code: str, *, reason: Reason
) -> None:
    scan = track_of(at(12, 200020, remark=remark)).scans[0]
    assert (scan.milestone, scan.carrier_code, scan.reasons) == (milestone, code, (reason,))
    assert track_of(at(12, 200019, remark=remark)).scans[0].carrier_code == "200019"


@pytest.mark.parametrize(
    ("remark", "number"),
    [
        ("快件将退回寄件人，新运单号JDVC00000000009", "JDVC00000000009"),
        ("新运单号： JDX000000000009，请留意", "JDX000000000009"),
        ("新运单号:JDVC00000000009，原运单号:JDVA00000000001", "JDVC00000000009"),
        ("新运单号JDVA00000000001", None),
        ("运单号JDVC00000000009", None),
        ("新运单号JDVC00000000009000000", None),
        ("您的快件已到达", None),
    ],
)
def test_the_new_number_stands_in_the_text(remark: str, number: str | None) -> None:
    assert track_of(at(11, 10035), at(12, 200020, remark=remark)).new_tracking_number == number


@pytest.mark.parametrize(
    ("state", "category", "tells"),
    [
        *((state, None, True) for state in (10035, 200020, 200033, 200060, 200068)),
        *((state, category, True) for state in (None, 200000, 299999) for category in (480, 530)),
        *((state, 430, False) for state in (10032, 200000, 299999, None)),
        (10034, 510, False),
        (200003, 440, False),
    ],
)
def test_a_new_number_is_told_only_by_lines_that_give_one(
    state: object, category: object, *, tells: bool
) -> None:
    found = track_of(at(12, state, category, "新运单号JDVC00000000009"))
    assert found.new_tracking_number == ("JDVC00000000009" if tells else None)


def test_a_new_number_for_another_address_is_told_too() -> None:
    found = track_of(at(12, 200020, remark="客户转寄，新运单号：JDVC00000000009"))
    assert (found.scans[0].carrier_code, found.new_tracking_number) == ("200020/转寄", "JDVC00000000009")


def test_the_newest_of_several_new_numbers_counts() -> None:
    lines = [at(day, 200020, remark=f"新运单号JDVC000000000{day}") for day in (12, 11)]
    assert track_of(*lines).new_tracking_number == "JDVC00000000012"


@pytest.mark.parametrize("turned", [200020, 200033, 200060, 200068])
def test_a_signature_after_the_parcel_turned_back_is_the_shipper_s(turned: int) -> None:
    found = track_of(at(11, 11000), at(12, turned), at(13, 10034))
    assert [scan.milestone for scan in found.scans] == ["out_for_delivery", "returning", "returned"]


def test_after_a_refusal_or_another_address_it_may_be_delivered_after_all() -> None:
    refused = track_of(at(11, 10035), at(12, 11000), at(13, 10034))
    assert refused.scans[-1].milestone is Milestone.DELIVERED
    redirected = track_of(at(11, 200020, remark="转寄"), at(12, 11000), at(13, 10034))
    assert redirected.scans[-1].milestone is Milestone.DELIVERED
