"""A recorder, the desk for labels, and the stage that reads again."""

from collections.abc import Callable

import pytest
from builders import NOW
from labelling_recorders import a_recorder
from scenarios.standing_daemon import the_reader

from carriers.contract import Scan, Track
from watcher.clock import ManualClock
from watcher.labelling.desk import LabelDesk
from watcher.labelling.replay import Replaying
from watcher.model import PollWay
from watcher.polling.recording import Answered, Recorder, Told
from watcher.store.engine import Store

Record = Callable[..., Told]


@pytest.fixture
def recorder() -> Recorder:
    return a_recorder()


@pytest.fixture
def record(store: Store, recorder: Recorder) -> Record:
    """Records lines of one number: `record(scan, scan, number="784…")`, by another recorder with `by`."""

    def recording(*lines: Scan, number: str = "78400000000001", by: Recorder = recorder) -> Told:
        track = Track(carrier=by.source, tracking_number=number, scans=lines)
        said = [Answered((by.source, number), track)]
        with store.write() as connection:
            return by.record(connection, said, way=PollWay.POLL, now=NOW)

    return recording


@pytest.fixture
def desk(store: Store, clock: ManualClock) -> LabelDesk:
    return LabelDesk(store, clock)


@pytest.fixture
def replaying(store: Store, clock: ManualClock) -> Replaying:
    return Replaying(store, clock, the_reader(), most=100)
