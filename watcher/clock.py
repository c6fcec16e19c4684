"""The one place that knows what time it is for scans, schedules, deadlines and promises.

Leases, rate rows, breakers and time-outs do not come here: they run on real time.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that tells the time as an aware UTC datetime."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        """The machine's time, UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FastClock:
    """Runs `speed` times as fast as real time, and told `fake_start` at `real_start`.

    A pure function of real time: two processes that are given the same three values agree.
    """

    real_start: datetime
    fake_start: datetime
    speed: float

    def now(self) -> datetime:
        """The made moment, UTC."""
        return self.fake_start + (datetime.now(UTC) - self.real_start) * self.speed


@dataclass(slots=True)
class ManualClock:
    """Stands still until a test moves it."""

    _now: datetime = field(default=datetime(2026, 3, 2, 2, 0, tzinfo=UTC))

    def now(self) -> datetime:
        """The moment it was last set to."""
        return self._now

    def advance(self, step: timedelta) -> None:
        """Move forward (or back, for a clock jump) by `step`."""
        self._now += step

    def set(self, moment: datetime) -> None:
        """Jump to `moment`, aware."""
        self._now = moment.astimezone(UTC)
