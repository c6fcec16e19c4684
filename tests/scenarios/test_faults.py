"""Sources that fail in every way there is: the right word, untouched neighbours, no alarm from our own blindness."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from scenarios.watching import a_scene
from structlog.testing import capture_logs

from carriers.registry import SOURCES
from carriers.sandbox.faults import FaultKind
from watcher.model import Breaker, PollOutcome, Rule, Suppression

HOUR = timedelta(hours=1)
WORDS = {
    FaultKind.SLOW: PollOutcome.UNREACHABLE,
    FaultKind.RATE_LIMITED: PollOutcome.RATE_LIMITED,
    FaultKind.SERVER_ERROR: PollOutcome.UNAVAILABLE,
    FaultKind.ERROR_IN_200: PollOutcome.UNAVAILABLE,
    FaultKind.TRUNCATED: PollOutcome.UNREADABLE,
    FaultKind.HTML: PollOutcome.UNREADABLE,
    FaultKind.EMPTY: PollOutcome.UNREADABLE,
    FaultKind.WRONG_CLOCK: PollOutcome.NEW_SCANS,
    FaultKind.DROP_CONNECTION: PollOutcome.UNREACHABLE,
}
# a batch, one number, an aggregator; that each source has the right word for each fault is a test of the contract
ONE_OF_EACH_KIND = ("sf", "zto", "kuaidi100")
ON_THE_WIRE = {FaultKind.SLOW, FaultKind.DROP_CONNECTION}
BREAKING = [kind for kind in FaultKind if kind is not FaultKind.WRONG_CLOCK]
EVERY_TEN_HOURS = tuple(range(1, 400, 10))
OUTAGE = Suppression.SOURCE_OUTAGE


@pytest.fixture
async def scene(request, sqlite_store, clock):
    kind = getattr(request.node, "callspec", None) and request.node.callspec.params.get("kind")
    async with a_scene(sqlite_store, clock, sockets=kind in ON_THE_WIRE) as made:
        yield made


def told(logs, event):
    return [entry["account"] for entry in logs if entry["event"] == event]


async def keeps_failing(scene, source, *, times):
    for _ in range(times):
        scene.clock.advance(3 * HOUR)
        scene.pauses_end()
        await scene.poll(source)


@pytest.mark.parametrize("kind", BREAKING)
@pytest.mark.parametrize("source", ONE_OF_EACH_KIND)
async def test_a_failing_source_has_its_word_harms_no_other_breaks_once_and_recovers_once(
    scene, source, kind
):
    troubled = [scene.parcel(source) for _ in range(3)]
    others = [scene.parcel(other) for other in SOURCES if other != source]
    scene.fault(source, kind)
    with capture_logs() as logs:
        await scene.poll()
        assert scene.outcomes(troubled) == [WORDS[kind]] * 3
        assert all(scene.watch(key).next_poll_at > scene.clock.now() for key in troubled)
        assert scene.outcomes(others) == [PollOutcome.NEW_SCANS] * len(others)

        await keeps_failing(scene, source, times=5)
        asked = scene.calls()
        await keeps_failing(scene, source, times=2)
        assert scene.standing(source).breaker is Breaker.OPEN
        assert scene.calls() == asked
        assert all(scene.standing(other).failures_in_a_row == 0 for other in SOURCES if other != source)

        scene.real_time_passes()
        await scene.poll(source)
        scene.well()
        for _ in range(2):
            scene.clock.advance(3 * HOUR)
            scene.real_time_passes()
            await scene.poll(source)
    assert [scene.lines(key) for key in troubled] == [scene.truth(key) for key in troubled]
    assert (told(logs, "source_broke"), told(logs, "source_recovered")) == ([source], [source])
    assert scene.standing(source).breaker is Breaker.CLOSED


@pytest.mark.parametrize("source", ONE_OF_EACH_KIND)
async def test_lines_printed_by_a_wrong_clock_are_gone_when_it_is_right_again(scene, source):
    keys = [scene.parcel(source) for _ in range(3)]
    await scene.poll(source)
    scene.fault(source, FaultKind.WRONG_CLOCK)
    scene.clock.advance(4 * HOUR)
    await scene.poll(source)
    assert scene.outcomes(keys) == [WORDS[FaultKind.WRONG_CLOCK]] * 3
    scene.well()
    scene.clock.advance(4 * HOUR)
    await scene.poll(source)
    assert [scene.lines(key) for key in keys] == [scene.truth(key) for key in keys]
    assert scene.standing(source).breaker is Breaker.CLOSED


async def test_a_maintenance_page_is_not_asked_for_number_by_number(scene):
    for _ in range(10):
        scene.parcel("sf")
    scene.fault("sf", FaultKind.HTML)
    await scene.poll("sf")
    assert scene.calls() == 3


async def a_town(scene, source):
    """Parcels on their way, and some that the carrier has not picked up yet; nothing is wrong with any of them."""
    for _ in range(12):
        scene.parcel(source, hours=EVERY_TEN_HOURS)
    for _ in range(4):
        scene.parcel(source, born=timedelta(0), hours=(6, *EVERY_TEN_HOURS[1:]))
    for _ in range(4):
        await scene.step(HOUR)


async def an_outage(scene, source, kind, *, hours):
    scene.fault(source, kind)
    for _ in range(hours):
        await scene.step(HOUR)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("sf", FaultKind.SERVER_ERROR),
        ("kuaidi100", FaultKind.RATE_LIMITED),
        *(
            pytest.param(source, kind, marks=pytest.mark.slow)
            for source in ONE_OF_EACH_KIND
            for kind in (FaultKind.HTML, FaultKind.DROP_CONNECTION, FaultKind.ERROR_IN_200)
        ),
    ],
)
async def test_three_days_without_a_source_alarm_nobody_about_a_parcel(scene, source, kind):
    await a_town(scene, source)
    await an_outage(scene, source, kind, hours=72)
    assert scene.raised() == {}
    found = scene.found()
    assert set(found) == {(Rule.CANNOT_WATCH, OUTAGE)}
    assert sum(found.values()) >= 3
    scene.well()
    for _ in range(8):
        await scene.step(HOUR)
    assert scene.raised() == {}
    assert scene.found() == {}
    assert all(scene.lines(key) == scene.truth(key) for key in scene.lives)


async def test_a_source_that_comes_back_finds_nobody_alarmed_about_parcels_that_were_not_asked_yet(scene):
    await a_town(scene, "zto")
    await an_outage(scene, "zto", FaultKind.SERVER_ERROR, hours=40)
    assert scene.found()[Rule.CANNOT_WATCH, OUTAGE] >= 3
    scene.well()
    scene.real_time_passes()
    assert await scene.poll_one_round("zto") == 1
    assert scene.standing("zto").breaker is Breaker.CLOSED
    for _ in range(12):
        scene.clock.advance(timedelta(minutes=10))
        scene.work()
    assert scene.raised() == {}


async def test_a_small_account_at_night_blames_its_source_before_its_parcels(scene):
    """Asked in one round, every parcel has missed as often as its source, and the night makes the last answer old."""
    scene.clock.advance(11 * HOUR)
    for _ in range(5):
        scene.parcel("sf", hours=EVERY_TEN_HOURS)
    await scene.poll("sf")
    await an_outage(scene, "sf", FaultKind.ERROR_IN_200, hours=14)
    assert scene.found()[Rule.CANNOT_WATCH, OUTAGE] == 5
    assert scene.raised() == {}


async def test_one_parcel_that_its_source_refuses_is_not_hidden_by_an_outage_of_another(scene):
    scene.parcel("zto", hours=EVERY_TEN_HOURS)
    refused = scene.parcel("kuaidi100", hours=EVERY_TEN_HOURS, tracking_number="??")
    scene.fault("zto", FaultKind.SERVER_ERROR)
    for _ in range(40):
        await scene.step(HOUR)
    assert scene.outcomes([refused]) == [PollOutcome.INVALID_NUMBER]
    assert scene.raised() == {Rule.CANNOT_WATCH: 1}


async def test_days_without_an_answer_make_us_give_up_no_parcel(scene):
    keys = [scene.parcel("zto", born=timedelta(days=29), hours=(1,)) for _ in range(2)]
    await scene.poll("zto")
    scene.fault("zto", FaultKind.SERVER_ERROR)
    for _ in range(6):
        scene.clock.advance(6 * HOUR)
        scene.real_time_passes()
        await scene.poll("zto")
    assert all(scene.watch(key).next_poll_at is not None for key in keys)


async def test_a_number_that_cannot_even_be_asked_about_leaves_its_neighbours_alone(scene):
    odd = scene.parcel("sf")
    keys = [scene.parcel("sf") for _ in range(3)]
    account = scene.poller.accounts["sf"]
    broken = replace(
        account.client, adapter=BrokenOn(scene.lives[odd].tracking_number, account.client.adapter)
    )
    scene.poller.accounts["sf"] = replace(account, client=broken)
    with capture_logs():
        await scene.poll("sf")
    assert scene.outcomes([odd]) == [PollOutcome.UNREADABLE]
    assert scene.outcomes(keys) == [PollOutcome.NEW_SCANS] * 3


@dataclass
class BrokenOn:
    """An adapter that breaks on one number before it has asked anything."""

    number: str
    right: Any

    def request(self, queries, account, stamp):
        if any(query.tracking_number == self.number for query in queries):
            raise UnicodeEncodeError("ascii", self.number, 0, 1, "odd")
        return self.right.request(queries, account, stamp)

    def __getattr__(self, name):
        return getattr(self.right, name)
