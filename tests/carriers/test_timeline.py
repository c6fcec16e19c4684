"""Times are read, rows put in order and codes turned into milestones in one place for every source."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from carriers.contract import Meaning, Milestone, Query, Reason, Scan
from carriers.timeline import (
    UNREADABLE_ROW,
    Row,
    as_printed,
    city_of,
    from_epoch,
    from_local,
    from_offset,
    from_shanghai,
    signed_by_the_shipper,
    track,
    with_detail,
    with_state,
)

QUERY = Query("sf", "SF1000000000001")
START = datetime(2026, 1, 10, tzinfo=UTC)


def a_row(code: str, hour: int, meaning: Meaning | None) -> Row:
    at = START + timedelta(hours=hour)
    return Row(
        Scan(at, as_printed(at), Milestone.UNKNOWN, code, carrier_code=code), meaning, "" if meaning else code
    )


@pytest.mark.parametrize(
    ("printed", "moment"),
    [
        ("2026-01-10 18:20:11", datetime(2026, 1, 10, 10, 20, 11, tzinfo=UTC)),
        ("2026-01-10T18:20", datetime(2026, 1, 10, 10, 20, tzinfo=UTC)),
        ("2026-01-10 18:20:11+00:00", datetime(2026, 1, 10, 18, 20, 11, tzinfo=UTC)),
        ("2026-01-10", None),
        ("0001-01-01 00:00:00", None),
        ("0001-01-02 00:00:00", None),
        ("1970-01-01 08:00:00", None),
        ("9999-12-31 23:59:59", None),
        ("0000-00-00 00:00:00", None),
        ("yesterday evening", None),
        ("", None),
    ],
)
def test_a_clock_in_china_is_read_as_utc(printed: str, moment: datetime | None) -> None:
    assert from_shanghai(printed) == moment


@pytest.mark.parametrize(
    ("printed", "moment"),
    [
        ("2026-02-03T11:12:00-06:00", datetime(2026, 2, 3, 17, 12, tzinfo=UTC)),
        ("2026-02-03T11:12:00Z", datetime(2026, 2, 3, 11, 12, tzinfo=UTC)),
        ("2026-02-03 11:12:00+0800", datetime(2026, 2, 3, 3, 12, tzinfo=UTC)),
        ("2026-02-03T11:12:00", None),
        ("2026-02-03", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1970-01-01T00:00:00Z", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_a_time_with_its_distance_from_utc_is_read(printed: str, moment: datetime | None) -> None:
    assert from_offset(printed) == moment


@pytest.mark.parametrize(
    ("printed", "moment"),
    [
        ("2026-01-10 18:20:11", datetime(2026, 1, 10, 23, 20, 11, tzinfo=UTC)),
        ("2026-01-10 18:20:11+08:00", datetime(2026, 1, 10, 10, 20, 11, tzinfo=UTC)),
        ("2026-01-10", None),
        ("1970-01-01 08:00:00", None),
    ],
)
def test_a_clock_elsewhere_is_read_as_utc(printed: str, moment: datetime | None) -> None:
    assert from_local(printed, timezone(-timedelta(hours=5))) == moment


@pytest.mark.parametrize(
    ("printed", "moment"),
    [
        ("1735786800000", datetime(2025, 1, 2, 3, tzinfo=UTC)),
        ("0", None),
        ("1735786800", None),
        ("253402300799999", None),
        ("9" * 30, None),
        ("9" * 16, None),
        ("x", None),
        ("", None),
    ],
)
def test_epoch_milliseconds_are_read_as_utc(printed: str, moment: datetime | None) -> None:
    assert from_epoch(printed) == moment


def test_a_code_that_keeps_the_milestone_takes_the_last_one_known() -> None:
    rows = [
        a_row("note", 0, Meaning(None)),
        a_row("out", 1, Meaning(Milestone.OUT_FOR_DELIVERY)),
        a_row("new", 2, None),
        a_row("note", 3, Meaning(None)),
    ]
    found = track(QUERY, rows)
    assert [scan.milestone for scan in found.scans] == [
        "unknown",
        "out_for_delivery",
        "unknown",
        "out_for_delivery",
    ]
    assert found.unmapped_codes == ("new",)


def test_an_unknown_code_is_reported_once() -> None:
    assert track(QUERY, [a_row("new", hour, None) for hour in range(3)]).unmapped_codes == ("new",)


def test_a_code_is_reported_no_longer_than_a_code_can_be() -> None:
    [reported] = track(QUERY, [a_row("9" * 50_000, 0, None)]).unmapped_codes
    assert len(reported) < 100


def test_a_row_that_cannot_be_read_makes_the_track_incomplete() -> None:
    found = track(QUERY, [a_row("new", 0, None), None])
    assert not found.complete
    assert found.unmapped_codes == ("new", UNREADABLE_ROW)


def test_printed_times_come_back_as_printed() -> None:
    assert as_printed(datetime(2026, 1, 10, 10, 20, 11, tzinfo=UTC)) == "2026-01-10 18:20:11"


def test_whoever_signs_after_the_parcel_turned_back_is_its_shipper() -> None:
    meanings = [
        Meaning(Milestone.DELIVERED),
        Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
        Meaning(Milestone.OUT_FOR_DELIVERY),
        Meaning(Milestone.DELIVERED),
        Meaning(Milestone.DELIVERED_TO_PROXY),
    ]
    found = track(QUERY, [a_row(str(hour), hour, meaning) for hour, meaning in enumerate(meanings)])
    assert [scan.milestone for scan in signed_by_the_shipper(found).scans] == [
        "delivered",
        "returning",
        "out_for_delivery",
        "returned",
        "returned",
    ]
    assert signed_by_the_shipper(found).digest == found.digest


@pytest.mark.parametrize(
    ("codes", "ends_as"),
    [
        ("back called_off signed", Milestone.DELIVERED),
        ("back called_off back signed", Milestone.RETURNED),
        ("called_off back signed", Milestone.RETURNED),
    ],
)
def test_a_return_that_was_called_off_ends_with_the_recipient(codes: str, ends_as: Milestone) -> None:
    says = {
        "signed": Meaning(Milestone.DELIVERED),
        "back": Meaning(Milestone.RETURNING),
        "called_off": Meaning(Milestone.IN_TRANSIT),
    }
    told = track(QUERY, [a_row(code, hour, says[code]) for hour, code in enumerate(codes.split())])
    found = signed_by_the_shipper(told, called_off_by=("called_off",))
    assert found.scans[-1].milestone is ends_as


@pytest.mark.parametrize(
    ("code", "detail", "told"),
    [
        ("R", "5", ("R/5", Milestone.RETURNED, "")),
        ("R", "", ("R", Milestone.RETURNING, "")),
        ("R", "77", ("R", Milestone.RETURNING, "R/77")),
        ("X", "5", ("X", None, "X")),
        ("", "", ("", None, "")),
    ],
)
def test_a_code_with_a_detail_is_known_with_it_or_without(
    code: str, detail: str, told: tuple[str, Milestone | None, str]
) -> None:
    table = {"R": Meaning(Milestone.RETURNING), "R/5": Meaning(Milestone.RETURNED)}
    known, meaning, lacking = with_detail(code, detail, table)
    assert (known, meaning and meaning.milestone, lacking) == told


@pytest.mark.parametrize(
    ("area", "city"),
    [
        ("广东省,深圳市,南山区", "深圳市"),
        ("上海市", "上海市"),
        (" , 深圳市", "深圳市"),
        ("", None),
        (",", None),
    ],
)
def test_the_city_is_the_second_part_of_an_area(area: str, city: str | None) -> None:
    assert city_of(area) == city


def test_the_newest_scan_bears_the_state_of_the_parcel_and_keeps_its_reasons() -> None:
    held = Meaning(Milestone.EXCEPTION, (Reason.HELD,))
    found = track(QUERY, [a_row("1", 1, Meaning(Milestone.PICKED_UP)), a_row("2", 2, held)])
    returned = with_state(found, "9", Meaning(Milestone.RETURNED, (Reason.REFUSED,)))
    assert [scan.carrier_code for scan in returned.scans] == ["1", "9"]
    assert returned.scans[-1].milestone is Milestone.RETURNED
    assert returned.scans[-1].reasons == (Reason.REFUSED, Reason.HELD)
    assert with_state(found, "8", Meaning(None)).scans[-1].milestone is Milestone.EXCEPTION


@pytest.mark.parametrize(
    ("printed", "moment"),
    [
        ("2026-02-03T09:41:00", datetime(2026, 2, 3, 8, 41, tzinfo=UTC)),
        ("2026-07-03T09:41:00", datetime(2026, 7, 3, 7, 41, tzinfo=UTC)),
        ("2026-02-03T09:41:00Z", datetime(2026, 2, 3, 9, 41, tzinfo=UTC)),
        ("2026-02-03T09:41:00+08:00", datetime(2026, 2, 3, 1, 41, tzinfo=UTC)),
        ("2023-11-02T15:27:20.331986369+01:00", datetime(2023, 11, 2, 14, 27, 20, 331986, tzinfo=UTC)),
        ("2026-02-03", None),
        ("soon, about nine", None),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_a_moment_has_its_own_zone_or_the_one_of_the_place(printed: str, moment: datetime | None) -> None:
    assert from_local(printed, ZoneInfo("Europe/Berlin")) == moment
