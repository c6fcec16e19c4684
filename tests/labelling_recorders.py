"""Recorders that read with the shipped phrases."""

from datetime import timedelta

from scenarios.standing_daemon import the_reader

from carriers.contract import Milestone
from watcher.polling.recording import Recorder
from watcher.polling.schedule import Timetable


def a_recorder(carrier: str = "zto") -> Recorder:
    return Recorder(
        account=f"{carrier}-main",
        source=carrier,
        reader=the_reader(),
        timetable=Timetable(intervals=dict.fromkeys(Milestone, timedelta(hours=3))),
        minimum_interval=timedelta(minutes=10),
    )
