from dataclasses import replace
from datetime import timedelta

from builders import NOW, a_scan, ago

from carriers.contract import Milestone, Reason, Track
from watcher.polling.history import history_of, merge

COLLECTED = a_scan("picked_up", "30h")
ARRIVED = a_scan("in_transit", "20h")
DELIVERED = a_scan("delivered", "2h")


def a_track(*scans, complete=True):
    return Track(carrier="zto", tracking_number="1", scans=scans, complete=complete)


def test_lines_not_seen_before_are_new():
    assert merge([COLLECTED], a_track(COLLECTED, ARRIVED)).new == (ARRIVED,)


def test_a_line_printed_twice_is_one_line():
    assert merge([], a_track(ARRIVED, ARRIVED)).new == (ARRIVED,)


def test_the_same_line_read_differently_is_not_new():
    refined = replace(ARRIVED, milestone=Milestone.EXCEPTION, reasons=(Reason.HELD,), courier_name="甲")
    assert not merge([refined], a_track(ARRIVED)).changes


def test_a_line_that_is_gone_from_a_complete_answer_is_withdrawn():
    merged = merge([COLLECTED, DELIVERED], a_track(COLLECTED))
    assert merged.withdrawn == {DELIVERED.identity}
    assert merged.changes


def test_an_answer_that_holds_only_news_withdraws_nothing():
    assert not merge([COLLECTED], a_track(ARRIVED, complete=False)).withdrawn


def test_a_source_that_lost_everything_withdraws_nothing():
    assert not merge([COLLECTED, ARRIVED], a_track()).changes


def test_a_parcel_without_scans_stands_nowhere():
    history = history_of([])
    assert history.milestone is Milestone.UNKNOWN
    assert history.milestone_since is None
    assert history.first_scan_at is None


def test_scans_in_any_order_make_the_same_history():
    assert history_of([DELIVERED, COLLECTED, ARRIVED]) == history_of([COLLECTED, ARRIVED, DELIVERED])
    assert history_of([DELIVERED, COLLECTED, ARRIVED]).milestone is Milestone.DELIVERED


def test_a_milestone_lasts_since_its_first_scan_in_a_row():
    history = history_of([COLLECTED, ARRIVED, a_scan("in_transit", "10h")])
    assert history.milestone_since == ago("20h")


def test_a_line_that_says_nothing_moves_nothing():
    history = history_of([ARRIVED, a_scan("unknown", "1h")])
    assert history.milestone is Milestone.IN_TRANSIT
    assert history.last_scan_at == ago("1h")


def test_a_late_depot_scan_does_not_take_back_a_delivery():
    assert history_of([DELIVERED, a_scan("in_transit", "1h")]).milestone is Milestone.DELIVERED


def test_a_delivered_parcel_can_go_back():
    assert history_of([DELIVERED, a_scan("returning", "1h")]).milestone is Milestone.RETURNING
    refused_later = a_scan("exception", "1h", "return_to_sender")
    assert history_of([DELIVERED, refused_later]).milestone is Milestone.EXCEPTION


def test_a_return_can_end_with_the_shipper():
    history = history_of([a_scan("returning", "9h"), a_scan("returned", "1h")])
    assert history.milestone is Milestone.RETURNED


def test_a_line_from_a_clock_far_ahead_waits_for_its_time():
    ahead = a_scan("in_transit", NOW + timedelta(days=365))
    history = history_of([COLLECTED, ahead, DELIVERED], now=NOW)
    assert history.scans == (COLLECTED, DELIVERED)
    assert history_of([COLLECTED, ahead], now=NOW + timedelta(days=365)).last_scan_at == ahead.occurred_at


def test_a_clock_that_is_wrong_by_a_time_zone_is_believed():
    ahead = a_scan("delivered", NOW + timedelta(hours=8))
    assert history_of([COLLECTED, ahead], now=NOW).milestone is Milestone.DELIVERED
