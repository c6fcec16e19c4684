from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from builders import NOW, ago
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import SHANGHAI, Milestone
from watcher.model import Box, PollOutcome, PollReason
from watcher.polling.schedule import Asked, Timetable, first_look, next_poll

HOUR = timedelta(hours=1)
TABLE = Timetable(intervals=dict.fromkeys(Milestone, 3 * HOUR) | {Milestone.OUT_FOR_DELIVERY: HOUR / 2})
ASKED = Asked(
    tracking_number="78400000000001",
    outcome=PollOutcome.UNCHANGED,
    milestone=Milestone.IN_TRANSIT,
    milestone_since=ago("5h"),
    progress_at=ago("5h"),
    minimum_interval=timedelta(minutes=10),
)


def asked(**changes):
    return replace(ASKED, **changes)


def test_the_stage_sets_the_interval_give_or_take_a_twentieth():
    decided = next_poll(asked(), TABLE, now=NOW)
    assert decided.reason is PollReason.STAGE_INTERVAL
    assert 3 * HOUR * 0.95 <= decided.at - NOW <= 3 * HOUR * 1.05


def test_a_source_is_never_asked_before_its_minimum_interval():
    decided = next_poll(asked(milestone=Milestone.OUT_FOR_DELIVERY, minimum_interval=HOUR), TABLE, now=NOW)
    assert decided.at == NOW + HOUR
    assert decided.reason is PollReason.MINIMUM_INTERVAL


def test_what_falls_into_the_night_waits_for_the_morning():
    evening = datetime(2026, 3, 2, 22, 30, tzinfo=SHANGHAI).astimezone(UTC)
    decided = next_poll(asked(progress_at=evening), TABLE, now=evening)
    local = decided.at.astimezone(SHANGHAI)
    assert decided.reason is PollReason.QUIET_HOURS
    assert (local.day, local.hour) == (3, 6)


def test_quiet_hours_may_begin_before_midnight():
    late = replace(TABLE, quiet_from=time(22), quiet_until=time(6))
    evening = datetime(2026, 3, 2, 20, 30, tzinfo=SHANGHAI).astimezone(UTC)
    decided = next_poll(asked(progress_at=evening), late, now=evening)
    assert decided.at.astimezone(SHANGHAI).day == 3


def test_equal_hours_mean_never_quiet():
    never = replace(TABLE, quiet_from=time(0), quiet_until=time(0))
    night = datetime(2026, 3, 2, 1, 0, tzinfo=SHANGHAI).astimezone(UTC)
    decided = next_poll(asked(milestone=Milestone.OUT_FOR_DELIVERY, progress_at=night), never, now=night)
    assert decided.reason is PollReason.STAGE_INTERVAL


def test_a_failure_is_tried_again_soon_and_then_ever_later():
    waits = [
        next_poll(
            asked(outcome=PollOutcome.UNREACHABLE, failures_in_a_row=failures, minimum_interval=timedelta(0)),
            TABLE,
            now=NOW,
        ).at
        - NOW
        for failures in (1, 2, 3, 50)
    ]
    assert waits == sorted(waits)
    assert waits[0] < timedelta(minutes=6)
    assert waits[-1] <= TABLE.retry_at_most * 1.05


def test_the_source_says_when_to_come_back():
    decided = next_poll(
        asked(outcome=PollOutcome.RATE_LIMITED, retry_after=HOUR, failures_in_a_row=1), TABLE, now=NOW
    )
    assert decided.reason is PollReason.RETRY_AFTER
    assert decided.at - NOW >= HOUR * 0.95


def test_a_refused_number_is_asked_rarely():
    decided = next_poll(asked(outcome=PollOutcome.OWNERSHIP_REFUSED, failures_in_a_row=1), TABLE, now=NOW)
    assert decided.reason is PollReason.REFUSED_NUMBER


def test_a_pushed_parcel_is_polled_only_as_a_safety_net():
    decided = next_poll(asked(pushed=True), TABLE, now=NOW)
    assert decided.reason is PollReason.SAFETY_NET
    assert decided.at - NOW > 11 * HOUR


def test_a_fresh_delivery_is_watched_until_it_has_settled():
    decided = next_poll(asked(milestone=Milestone.DELIVERED, milestone_since=ago("5h")), TABLE, now=NOW)
    assert (decided.reason, decided.box) == (PollReason.SETTLING, Box.WATCHING)


@pytest.mark.parametrize(
    ("milestone", "box"),
    [
        (Milestone.DELIVERED, Box.SETTLED),
        (Milestone.DELIVERED_TO_PROXY, Box.SETTLED),
        (Milestone.RETURNED, Box.RETURNED),
        (Milestone.CANCELLED, Box.CANCELLED),
    ],
)
def test_what_has_ended_and_settled_is_asked_no_more(milestone, box):
    decided = next_poll(asked(milestone=milestone, milestone_since=ago("48h")), TABLE, now=NOW)
    assert (decided.at, decided.box) == (None, box)


def test_a_failed_question_settles_nothing():
    decided = next_poll(
        asked(
            milestone=Milestone.DELIVERED,
            milestone_since=ago("9d"),
            outcome=PollOutcome.UNREACHABLE,
            failures_in_a_row=1,
        ),
        TABLE,
        now=NOW,
    )
    assert decided.at is not None


def test_a_parcel_without_anything_new_for_a_month_is_given_up():
    decided = next_poll(asked(progress_at=ago("30d")), TABLE, now=NOW)
    assert (decided.at, decided.box) == (None, Box.GIVEN_UP)


def test_parcels_imported_together_are_first_asked_at_different_times():
    moments = {first_look(str(number), now=NOW, spread=HOUR) for number in range(50)}
    assert len(moments) == 50
    assert all(NOW <= moment < NOW + HOUR for moment in moments)


@given(
    outcome=st.sampled_from(PollOutcome),
    milestone=st.sampled_from(Milestone),
    since=st.integers(0, 60 * 24 * 40),
    failures=st.integers(0, 1000),
    minute=st.integers(0, 60 * 24),
    pushed=st.booleans(),
)
def test_every_outcome_moves_the_time_forward_or_ends_the_asking(  # noqa: PLR0917
    outcome, milestone, since, failures, minute, pushed
):
    now = NOW + timedelta(minutes=minute)
    decided = next_poll(
        asked(
            outcome=outcome,
            milestone=milestone,
            milestone_since=now - timedelta(minutes=since),
            progress_at=now - timedelta(minutes=since),
            failures_in_a_row=max(failures, 0 if outcome.answered else 1),
            pushed=pushed,
        ),
        TABLE,
        now=now,
    )
    if decided.at is None:
        assert decided.box is not Box.WATCHING
    else:
        assert decided.at >= now + ASKED.minimum_interval
        assert decided.at <= now + timedelta(days=2)
