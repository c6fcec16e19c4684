"""no_first_scan: the number was uploaded and nobody picked the parcel up."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from builders import NOW, ago

from watcher.detection.evaluate import Evaluation
from watcher.model import Finding, Rule

Found = Callable[..., dict[Rule, Finding]]
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("uploaded", "weight"),
    [
        (ago("12h") + MINUTE, None),
        (ago("12h"), 1),
        (ago("20h") + MINUTE, 1),
        (ago("20h"), 2),
        (ago("5d"), 2),
    ],
)
def test_the_exact_hour_counts(found: Found, uploaded: object, weight: int | None) -> None:
    finding = found(number_uploaded_at=uploaded).get(Rule.NO_FIRST_SCAN)
    assert (finding.weight if finding else None) == weight


def test_it_says_which_hour_ran_out_and_when_money_is_lost(found: Found) -> None:
    finding = found(number_uploaded_at=ago("15h"))[Rule.NO_FIRST_SCAN]
    assert finding.since == ago("15h")
    assert finding.deadline == NOW + timedelta(hours=9)
    assert finding.facts == {"since": "2026-03-01 19:00", "hours": 12, "deadline_hours": 24}


def test_a_booked_pickup_is_not_a_pickup(found: Found) -> None:
    assert Rule.NO_FIRST_SCAN in found("下单 40h ago", number_uploaded_at=ago("41h"))


@pytest.mark.parametrize("line", ["揽收", "运输", "签收", "取消", "问题", "看不懂"])
def test_any_line_beyond_the_booking_ends_it(found: Found, line: str) -> None:
    assert Rule.NO_FIRST_SCAN not in found("下单 40h ago", f"{line} 1h ago", number_uploaded_at=ago("41h"))


def test_without_an_upload_time_the_import_counts(found: Found) -> None:
    assert Rule.NO_FIRST_SCAN in found(number_uploaded_at=None, imported_at=ago("13h"))
    assert Rule.NO_FIRST_SCAN not in found(number_uploaded_at=None, imported_at=ago("11h"))
    assert Rule.NO_FIRST_SCAN not in found(number_uploaded_at=None, imported_at=None)


def test_only_an_answer_after_the_hour_proves_it(judged: Callable[..., Evaluation]) -> None:
    uploaded = ago("13h")
    unproven = judged(number_uploaded_at=uploaded, heard=ago("61m"))
    assert unproven.findings == ()
    assert [finding.rule for finding in judged(number_uploaded_at=uploaded, heard=ago("60m")).findings] == [
        Rule.NO_FIRST_SCAN
    ]


def test_a_parcel_that_was_never_answered_for_is_not_judged(found: Found) -> None:
    assert found(number_uploaded_at=ago("9d"), heard=None) == {}
