from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from builders import NOW, a_scan, ago, stored

from carriers.contract import Milestone, Track
from carriers.errors import Expired, InvalidNumber, NotFoundYet, OwnershipRefused, SourceUnreachable
from carriers.reading import Examined
from watcher.model import Box, PollOutcome, PollReason, PollWay, PushState, RouteReason
from watcher.polling.recording import Answered, Recorder
from watcher.polling.schedule import Timetable
from watcher.routing import Route, routes_of
from watcher.store import polls, pushes, scans, watches
from watcher.store.tables import poll, unmapped_code, watch

NUMBER = ("zto", "78400000000001")
COLLECTED = a_scan("picked_up", "30h")
ON_THE_WAY = a_scan("in_transit", "5h")


@dataclass
class CountingReader:
    """Leaves scans as they are, and counts how many it was given."""

    lines: list = field(default_factory=list)

    def examine(self, scan, *, carrier):
        self.lines.append(scan.text)
        return Examined(scan, ("known",))


@pytest.fixture
def reader():
    return CountingReader()


@pytest.fixture
def recorder(reader):
    return Recorder(
        account="zto-main",
        source="zto",
        reader=reader,
        timetable=Timetable(intervals=dict.fromkeys(Milestone, timedelta(hours=3))),
        minimum_interval=timedelta(minutes=10),
    )


def record(store, recorder, answer, *, number=NUMBER, way=PollWay.POLL, now=NOW):
    with store.write() as connection:
        return recorder.record(connection, [Answered(number=number, answer=answer)], way=way, now=now)


def a_track(*lines, **changes):
    return Track(carrier=NUMBER[0], tracking_number=NUMBER[1], scans=lines, **changes)


def watch_of(store, shipment_id):
    with store.read() as connection:
        return watches.watch_of(connection, shipment_id)


def poll_rows(store, shipment_id):
    with store.read() as connection:
        return polls.latest(connection, shipment_id)


def texts(store, shipment_id):
    with store.read() as connection:
        return [scan.text for scan in scans.standing(connection, [shipment_id])[shipment_id]]


def test_new_scans_are_kept_and_move_the_parcel(store, recorder):
    key = stored(store)
    told = record(store, recorder, a_track(COLLECTED, ON_THE_WAY))
    after = watch_of(store, key)
    assert told.new_scans == 2
    assert texts(store, key) == [COLLECTED.text, ON_THE_WAY.text]
    assert (after.milestone, after.milestone_since) == (Milestone.IN_TRANSIT, ago("5h"))
    assert after.last_scan_at == ago("5h")
    assert after.next_poll_at > NOW
    assert after.evaluate_at == NOW
    assert after.coverage_pending


def test_one_outcome_row_is_written_for_each_question(store, recorder):
    key = stored(store)
    record(store, recorder, a_track(COLLECTED))
    record(store, recorder, a_track(COLLECTED), now=NOW + timedelta(hours=3))
    record(
        store, recorder, SourceUnreachable("zto", detail="no answer in time"), now=NOW + timedelta(hours=6)
    )
    outcomes = [one.outcome for one in poll_rows(store, key)]
    assert outcomes == [PollOutcome.UNREACHABLE, PollOutcome.UNCHANGED, PollOutcome.NEW_SCANS]


def test_an_unchanged_answer_reads_no_text_and_loads_no_scan(store, recorder, reader):
    key = stored(store)
    record(store, recorder, a_track(COLLECTED, ON_THE_WAY))
    read_before, asked_for = len(reader.lines), []

    def note(_connection, _cursor, statement, *_rest):
        asked_for.append(statement)

    sa.event.listen(store.writer, "before_cursor_execute", note)
    record(store, recorder, a_track(COLLECTED, ON_THE_WAY), now=NOW + timedelta(hours=3))
    sa.event.remove(store.writer, "before_cursor_execute", note)
    assert len(reader.lines) == read_before == 2
    assert not any("FROM scan" in statement or "INTO scan" in statement for statement in asked_for)
    assert watch_of(store, key).last_answered_at == NOW + timedelta(hours=3)


def test_only_new_lines_are_read(store, recorder, reader):
    stored(store)
    record(store, recorder, a_track(COLLECTED))
    record(store, recorder, a_track(COLLECTED, ON_THE_WAY), now=NOW + timedelta(hours=3))
    assert reader.lines == [COLLECTED.text, ON_THE_WAY.text]


def test_recording_the_same_answer_twice_doubles_nothing(store, recorder):
    key = stored(store)
    record(store, recorder, a_track(COLLECTED, ON_THE_WAY))
    with store.write() as connection:
        connection.execute(sa.update(watch).values(track_digest=None))
    told = record(store, recorder, a_track(COLLECTED, ON_THE_WAY))
    assert told.new_scans == 0
    assert len(texts(store, key)) == 2


def test_a_withdrawn_delivery_puts_the_parcel_back_on_its_way(store, recorder):
    key = stored(store)
    delivered = a_scan("delivered", "1h")
    record(store, recorder, a_track(COLLECTED, delivered))
    record(store, recorder, a_track(COLLECTED, ON_THE_WAY), now=NOW + timedelta(hours=1))
    assert watch_of(store, key).milestone is Milestone.IN_TRANSIT
    assert delivered.text not in texts(store, key)


def test_an_answer_that_only_takes_a_line_away_counts_when_it_is_said_twice(store, recorder):
    key = stored(store)
    whole, short = a_track(COLLECTED, ON_THE_WAY), a_track(COLLECTED)
    record(store, recorder, whole)
    record(store, recorder, short, now=NOW + timedelta(hours=1))
    assert texts(store, key) == [COLLECTED.text, ON_THE_WAY.text]
    assert poll_rows(store, key)[0].outcome is PollOutcome.UNCHANGED
    record(store, recorder, short, now=NOW + timedelta(hours=2))
    assert texts(store, key) == [COLLECTED.text]
    assert watch_of(store, key).milestone is Milestone.PICKED_UP


def test_a_source_that_answers_from_an_old_copy_now_and_then_changes_nothing(store, recorder):
    key = stored(store)
    whole, short = a_track(COLLECTED, ON_THE_WAY), a_track(COLLECTED)
    record(store, recorder, whole)
    for hour, track in enumerate([short, whole] * 3, start=1):
        told = record(store, recorder, track, now=NOW + timedelta(hours=hour))
        assert told.new_scans == 0
        assert texts(store, key) == [COLLECTED.text, ON_THE_WAY.text]


def test_what_a_push_takes_away_is_gone_once_a_poll_says_so_too(store, recorder):
    key = stored(store)
    record(store, recorder, a_track(COLLECTED, ON_THE_WAY))
    for way in (PollWay.PUSH, PollWay.PUSH, PollWay.POLL):
        assert len(texts(store, key)) == 2
        record(store, recorder, a_track(COLLECTED), way=way)
    assert texts(store, key) == [COLLECTED.text]


def test_a_line_that_comes_back_stands_again(store, recorder):
    key = stored(store)
    whole, short = a_track(COLLECTED, ON_THE_WAY), a_track(COLLECTED)
    for moment, track in enumerate([whole, short, short, whole]):
        record(store, recorder, track, now=NOW + timedelta(hours=moment))
    assert len(texts(store, key)) == 2


@pytest.mark.parametrize(
    ("error", "outcome", "failures"),
    [
        (NotFoundYet("zto"), PollOutcome.NOT_FOUND_YET, 0),
        (InvalidNumber("zto"), PollOutcome.INVALID_NUMBER, 1),
        (OwnershipRefused("zto", code="E413"), PollOutcome.OWNERSHIP_REFUSED, 1),
        (SourceUnreachable("zto"), PollOutcome.UNREACHABLE, 1),
    ],
)
def test_every_error_is_an_outcome_and_moves_the_time(store, recorder, error, outcome, failures):
    key = stored(store)
    record(store, recorder, error)
    after = watch_of(store, key)
    assert (after.last_outcome, after.failures_in_a_row) == (outcome, failures)
    assert after.next_poll_at > NOW
    assert (after.last_answered_at == NOW) is outcome.answered
    assert poll_rows(store, key)[0].code == error.code


def test_one_answer_concerns_every_order_in_the_parcel(store, recorder):
    first, second = stored(store), stored(store, order_number="O-2")
    record(store, recorder, a_track(COLLECTED))
    assert texts(store, first) == texts(store, second) == [COLLECTED.text]


def test_an_answer_about_another_carriers_number_concerns_nobody(store, recorder):
    key = stored(store)
    record(store, recorder, a_track(COLLECTED), number=("sf", NUMBER[1]))
    assert texts(store, key) == []


def test_a_settled_parcel_leaves_the_schedule(store, recorder):
    key = stored(store)
    record(store, recorder, a_track(a_scan("delivered", "3d")))
    after = watch_of(store, key)
    assert (after.box, after.next_poll_at) == (Box.SETTLED, None)


def test_a_push_about_a_closed_order_is_kept_but_does_not_start_the_asking_again(store, recorder):
    key = stored(store, box=Box.ORDER_CLOSED)
    record(store, recorder, a_track(COLLECTED), way=PollWay.PUSH)
    after = watch_of(store, key)
    assert (after.box, after.next_poll_at) == (Box.ORDER_CLOSED, None)
    assert texts(store, key) == [COLLECTED.text]


def test_a_push_about_a_settled_parcel_that_goes_back_starts_the_watching_again(store, recorder):
    key = stored(store, box=Box.SETTLED)
    record(store, recorder, a_track(a_scan("delivered", "9d"), a_scan("returning", "1h")), way=PollWay.PUSH)
    after = watch_of(store, key)
    assert after.box is Box.WATCHING
    assert after.next_poll_at > NOW


def test_a_push_about_a_settled_parcel_that_stays_delivered_leaves_it_settled(store, recorder):
    key = stored(store, box=Box.SETTLED)
    record(store, recorder, a_track(a_scan("delivered", "9d"), a_scan("in_transit", "8d")), way=PollWay.PUSH)
    after = watch_of(store, key)
    assert (after.box, after.next_poll_at) == (Box.SETTLED, None)


def test_codes_that_no_table_explains_are_counted_with_a_sample(store, recorder):
    key = stored(store)
    record(store, recorder, a_track(COLLECTED, unmapped_codes=("999",)))
    record(store, recorder, a_track(COLLECTED, ON_THE_WAY, unmapped_codes=("999",)))
    with store.read() as connection:
        row = connection.execute(sa.select(unmapped_code)).one()
    assert (row.code, row.seen, row.sample_shipment_id) == ("999", 2, key)


def test_the_first_answer_of_a_pushing_source_asks_for_a_subscription(store, recorder):
    key = stored(store)
    record(store, replace(recorder, pushed_carriers=frozenset({"zto"})), NotFoundYet("zto"))
    with store.read() as connection:
        wanted = pushes.wanted(connection, "zto-main", limit=9)
    assert [row.shipment_id for row in wanted] == [key]


def test_a_subscribed_parcel_is_polled_as_a_safety_net_only(store, recorder):
    key = stored(store)
    with store.write() as connection:
        pushes.want(connection, "zto-main", [key], at=NOW)
        pushes.move(connection, {key: PushState.ACTIVE}, at=NOW)
    record(store, recorder, a_track(COLLECTED), way=PollWay.PUSH)
    after = watch_of(store, key)
    assert after.poll_reason is PollReason.SAFETY_NET
    assert after.last_polled_at is None
    assert after.last_answered_at == NOW


def record_and_die(store, recorder):
    with store.write() as connection:
        recorder.record(connection, [Answered(NUMBER, a_track(COLLECTED))], way=PollWay.POLL, now=NOW)
        raise RuntimeError


def test_a_crash_while_recording_leaves_nothing_behind(store, recorder):
    key = stored(store)
    with pytest.raises(RuntimeError):
        record_and_die(store, recorder)
    with store.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(poll)).scalar_one() == 0
    assert texts(store, key) == []
    assert watch_of(store, key).next_poll_at == NOW


ELSEWHERE = routes_of(
    [
        Route("zto-main", "zto", own=True),
        Route("kdniao-main", "zto", own=False),
        Route("k100", "zto", own=False),
    ]
)


@pytest.mark.parametrize("refusal", [InvalidNumber("zto"), OwnershipRefused("zto"), Expired("zto")])
def test_a_number_that_is_not_shown_is_asked_about_at_the_next_source_at_once(store, recorder, refusal):
    key = stored(store)
    record(store, replace(recorder, routes=ELSEWHERE), refusal)
    after = watch_of(store, key)
    assert (after.account, after.route_reason) == ("kdniao-main", RouteReason.UNKNOWN_ELSEWHERE)
    assert after.asked_elsewhere == ("zto-main",)
    assert (after.next_poll_at, after.poll_reason) == (NOW, PollReason.OTHER_SOURCE)
    assert (after.failures_in_a_row, after.box) == (0, Box.WATCHING)
    assert poll_rows(store, key)[0].account == "zto-main"


def test_the_last_source_keeps_a_number_that_nobody_shows(store, recorder):
    key = stored(store)
    for account in ("zto-main", "kdniao-main", "k100"):
        record(store, replace(recorder, account=account, routes=ELSEWHERE), InvalidNumber("zto"))
    after = watch_of(store, key)
    assert (after.account, after.failures_in_a_row) == ("k100", 1)
    assert after.asked_elsewhere == ("zto-main", "kdniao-main")
    assert after.next_poll_at > NOW


def test_a_number_without_a_record_is_given_time_before_another_source_is_asked(store, recorder):
    key = stored(store)
    patient = replace(recorder, routes=ELSEWHERE)
    taken_in = watch_of(store, key).watched_since
    wait = recorder.timetable.ask_elsewhere
    record(store, patient, NotFoundYet("zto"), now=taken_in + wait - timedelta(seconds=1))
    assert watch_of(store, key).account == "zto-main"
    record(store, patient, NotFoundYet("zto"), now=taken_in + wait)
    assert watch_of(store, key).account == "kdniao-main"


def test_a_number_that_nobody_has_a_record_of_goes_back_to_the_first_choice(store, recorder):
    key = stored(store)
    late = watch_of(store, key).watched_since + recorder.timetable.ask_elsewhere
    for account in ("zto-main", "kdniao-main", "k100"):
        record(store, replace(recorder, account=account, routes=ELSEWHERE), NotFoundYet("zto"), now=late)
    home = watch_of(store, key)
    assert (home.account, home.route_reason) == ("zto-main", RouteReason.FIRST_CHOICE)
    assert home.next_poll_at > late
    record(store, replace(recorder, routes=ELSEWHERE), NotFoundYet("zto"), now=late)
    assert watch_of(store, key).account == "zto-main"


def test_a_parcel_that_has_scans_stays_with_its_source(store, recorder):
    key = stored(store)
    patient = replace(recorder, routes=ELSEWHERE)
    record(store, patient, a_track(COLLECTED))
    record(store, patient, Expired("zto"), now=NOW + timedelta(hours=3))
    assert watch_of(store, key).account == "zto-main"


def test_a_parcel_that_is_not_watched_any_more_is_asked_about_nowhere(store, recorder):
    key = stored(store, box=Box.ORDER_CLOSED)
    record(store, replace(recorder, routes=ELSEWHERE), InvalidNumber("zto"), way=PollWay.PUSH)
    assert watch_of(store, key).account == "zto-main"


def test_without_another_source_nothing_moves(store, recorder):
    key = stored(store)
    record(store, recorder, InvalidNumber("zto"))
    after = watch_of(store, key)
    assert (after.account, after.failures_in_a_row) == ("zto-main", 1)


def test_a_registered_number_is_polled_as_often_as_any_where_no_push_reaches_us(store, recorder):
    key = stored(store)
    with store.write() as connection:
        pushes.want(connection, "zto-main", [key], at=NOW)
        pushes.move(connection, {key: PushState.ACTIVE}, at=NOW)
    record(store, replace(recorder, called_back=False), a_track(COLLECTED))
    assert watch_of(store, key).poll_reason is PollReason.STAGE_INTERVAL


def test_news_that_are_not_the_whole_story_prove_no_silence(store, recorder):
    key = stored(store)
    record(store, recorder, a_track(COLLECTED, complete=False), way=PollWay.PUSH)
    assert watch_of(store, key).last_answered_at is None
    record(store, recorder, a_track(COLLECTED), now=NOW + timedelta(hours=1))
    assert watch_of(store, key).last_answered_at == NOW + timedelta(hours=1)
