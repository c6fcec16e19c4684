"""Sources that fail in every way there is: the right word, the neighbours untouched, and no alarm from our own blindness."""

from datetime import timedelta

import pytest
from scenarios.watching import a_scene
from structlog.testing import capture_logs

from carriers.registry import SOURCES
from carriers.sandbox.faults import FaultKind
from watcher.model import Breaker, PollOutcome

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
BREAKING = [kind for kind in FaultKind if kind is not FaultKind.WRONG_CLOCK]


@pytest.fixture
async def scene(sqlite_store, clock):
    async with a_scene(sqlite_store, clock) as made:
        yield made


def told(logs, event):
    return [entry["account"] for entry in logs if entry["event"] == event]


@pytest.mark.parametrize("kind", FaultKind)
@pytest.mark.parametrize("source", SOURCES)
async def test_a_fault_has_its_word_moves_the_time_and_leaves_the_neighbours_alone(scene, source, kind):
    troubled = [scene.parcel(source) for _ in range(3)]
    others = [scene.parcel(other) for other in SOURCES if other != source]
    scene.fault(source, kind)
    await scene.poll()
    now = scene.clock.now()
    assert scene.outcomes(troubled) == [WORDS[kind]] * 3
    assert all(scene.watch(key).next_poll_at > now for key in troubled)
    assert scene.outcomes(others) == [PollOutcome.NEW_SCANS] * 2
    assert all(scene.standing(other).failures_in_a_row == 0 for other in SOURCES if other != source)

    scene.well()
    scene.real_time_passes()
    scene.clock.advance(3 * HOUR)
    await scene.poll()
    assert [scene.lines(key) for key in troubled] == [scene.truth(key) for key in troubled]
    assert scene.standing(source).breaker is Breaker.CLOSED


@pytest.mark.parametrize("kind", BREAKING)
@pytest.mark.parametrize("source", SOURCES)
async def test_a_source_breaks_once_is_left_alone_and_recovers_once(scene, source, kind):
    for _ in range(2):
        scene.parcel(source)
    scene.fault(source, kind)
    with capture_logs() as logs:
        for _ in range(7):
            await scene.poll(source)
            scene.clock.advance(3 * HOUR)
        asked = sum(scene.world.counts.values())
        await scene.poll(source)
        assert scene.standing(source).breaker is Breaker.OPEN
        assert sum(scene.world.counts.values()) == asked
        for _ in range(3):
            scene.real_time_passes()
            await scene.poll(source)
        scene.well()
        scene.clock.advance(3 * HOUR)
        for _ in range(2):
            scene.real_time_passes()
            await scene.poll(source)
    assert (told(logs, "source_broke"), told(logs, "source_recovered")) == ([source], [source])
    assert scene.standing(source).breaker is Breaker.CLOSED
