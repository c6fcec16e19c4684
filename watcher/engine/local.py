"""Runs every loop of the daemon in this process: cheap ticks by APScheduler, the work in threads.

A tick that fails is logged, counted and written into the loop's heartbeat; the next one comes all the same. On stop no
new tick begins, what is under way is finished, and only then the scheduler is shut down.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from watcher.store.engine import Store
from watcher.store.heartbeats import beat
from watcher.telemetry import Metrics

log = structlog.get_logger()

_BEAT_SECONDS = 5.0
# how often the wall clock is compared with the time that really passed, and what counts as set back
_LOOK_SECONDS = 1.0
_SET_BACK_SECONDS = 1.0
_EVENTS = {EVENT_JOB_MISSED: "missed", EVENT_JOB_MAX_INSTANCES: "still_running", EVENT_JOB_ERROR: "error"}


@dataclass(frozen=True, slots=True)
class Loop:
    """One thing done over and over: `work` is awaited every `every_seconds`."""

    name: str
    every_seconds: float
    work: Callable[[], Awaitable[object]]


@dataclass(slots=True)
class _Pulse:
    """When a loop's heartbeat was last written, and whether it is at work.

    `failing` is what went wrong in the last round, `untold` an error that no heartbeat could carry yet.
    """

    written: float = 0.0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    failing: str | None = None
    untold: str | None = None


@dataclass(slots=True)
class LocalEngine:
    """All loops in one process."""

    store: Store
    metrics: Metrics
    loops: Sequence[Loop]
    _scheduler: AsyncIOScheduler | None = None
    _pulses: dict[str, _Pulse] = field(default_factory=dict)
    _watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin ticking; must be called inside a running event loop."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        scheduler.add_listener(self._on_event, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_ERROR)
        for loop in self.loops:
            self._pulses[loop.name] = _Pulse()
            self._pulses[loop.name].idle.set()
            scheduler.add_job(
                self._tick,
                "interval",
                args=[loop],
                id=loop.name,
                seconds=loop.every_seconds,
                next_run_time=datetime.now(UTC),
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )
        scheduler.start()
        self._scheduler = scheduler
        self._watching = asyncio.create_task(self._watch_wall_clock(scheduler), name="wall clock")

    async def stop(self) -> None:
        """Finish what is under way, then stop. The scheduler's own shutdown would cancel it."""
        if self._scheduler is None:
            return
        if self._watching is not None:
            self._watching.cancel()
        self._scheduler.remove_all_jobs()
        # a tick that was just handed out begins first, so that it is waited for
        await asyncio.sleep(0)
        await asyncio.gather(*(pulse.idle.wait() for pulse in self._pulses.values()))
        self._scheduler.shutdown(wait=False)
        self._scheduler = None

    async def _tick(self, loop: Loop) -> None:
        pulse = self._pulses[loop.name]
        pulse.idle.clear()
        started, error = time.monotonic(), None
        try:
            await loop.work()
        except Exception as failure:  # noqa: BLE001 - the top of a loop: whatever it was, the loop goes on
            error = type(failure).__name__
            self._failed(loop, pulse, failure)
        else:
            self._went_well(loop, pulse)
        finally:
            await self._beat(loop, pulse, started=started, error=error)
            pulse.idle.set()

    def _failed(self, loop: Loop, pulse: _Pulse, failure: Exception) -> None:
        """Told in full once, not with every tick of an outage."""
        error = type(failure).__name__
        if pulse.failing != error:
            log.error("loop_failed", loop=loop.name, error=error, exc_info=failure)
        pulse.failing = error
        self.metrics.loop_errors.labels(loop=loop.name).inc()

    def _went_well(self, loop: Loop, pulse: _Pulse) -> None:
        if pulse.failing is not None:
            log.info("loop_recovered", loop=loop.name, error=pulse.failing)
        pulse.failing = None

    async def _beat(self, loop: Loop, pulse: _Pulse, *, started: float, error: str | None) -> None:
        """Write the heartbeat, not oftener than needed; a database that is gone must not end the loop."""
        ended = time.monotonic()
        self.metrics.loop_ticked.labels(loop=loop.name).set_to_current_time()
        told = error or pulse.untold
        if told is None and ended - pulse.written < _BEAT_SECONDS:
            return
        try:
            await asyncio.to_thread(self._write_beat, loop, took=ended - started, error=told)
            pulse.written, pulse.untold = ended, None
        except Exception as failure:  # noqa: BLE001 - a heartbeat that cannot be written must not end its loop
            # it shows a database that is gone by growing old, and tells of it when it is back
            if pulse.untold is None:
                log.warning("heartbeat_not_written", loop=loop.name, error=type(failure).__name__)
            pulse.untold = told or type(failure).__name__

    async def _watch_wall_clock(self, scheduler: AsyncIOScheduler) -> None:
        """The scheduler sleeps until a time of day: with a clock set back, it would sleep until it is as late again."""
        while True:
            wall, real = time.time(), time.monotonic()
            await asyncio.sleep(_LOOK_SECONDS)
            lost = (time.monotonic() - real) - (time.time() - wall)
            if lost > _SET_BACK_SECONDS:
                log.warning("wall_clock_set_back", seconds=round(lost))
                for loop in self.loops:
                    scheduler.modify_job(loop.name, next_run_time=datetime.now(UTC))

    def _write_beat(self, loop: Loop, *, took: float, error: str | None) -> None:
        with self.store.write() as connection:
            beat(
                connection,
                loop.name,
                at=datetime.now(UTC),
                every_seconds=loop.every_seconds,
                took_seconds=took,
                error=error,
            )

    def _on_event(self, event: JobExecutionEvent) -> None:
        self.metrics.scheduler_events.labels(loop=event.job_id, event=_EVENTS[event.code]).inc()


def in_thread(run_once: Callable[[], int], *, at_most: int = 50) -> Callable[[], Awaitable[None]]:
    """A loop's work from a stage: take what is pending until nothing is left, in a thread."""

    def drain() -> None:
        for _ in range(at_most):
            if not run_once():
                return

    async def work() -> None:
        await asyncio.to_thread(drain)

    return work
