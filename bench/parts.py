"""What every measure needs of the watcher and takes seconds to load, loaded once."""

from datetime import timedelta
from functools import cache

from bench import town
from carriers.contract import Milestone
from carriers.reading.reader import Reader
from carriers.reading.tables import load_reader
from watcher.detection.packs import Packs, load_packs
from watcher.intake.regions import Regions
from watcher.polling.recording import Recorder
from watcher.polling.schedule import Timetable


@cache
def reader() -> Reader:
    """The reader with the phrases that are shipped."""
    return load_reader()


@cache
def regions() -> Regions:
    """All places."""
    return Regions.load()


@cache
def packs() -> Packs:
    """The rule packs that are shipped."""
    return load_packs()


def a_recorder() -> Recorder:
    """As the daemon has it for the town's account."""
    return Recorder(
        account=town.ACCOUNT,
        source="zto",
        reader=reader(),
        timetable=Timetable(intervals=dict.fromkeys(Milestone, timedelta(hours=3))),
        minimum_interval=timedelta(minutes=10),
    )
