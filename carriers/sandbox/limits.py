"""How many calls a source takes: counted on real time, as a gateway does, per second, hour and day."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """Whether one more call is let in."""

    LET_IN = "let_in"
    TOO_FAST = "too_fast"
    QUOTA_USED_UP = "quota_used_up"


@dataclass(frozen=True, slots=True)
class Limit:
    """Calls of one account: at most `per_second`, and at most `per_day` and `per_hour` where that is kept."""

    per_second: int
    per_day: int | None = None
    per_hour: int | None = None


@dataclass(slots=True)
class Turnstile:
    """Counts calls of one source in whole seconds, hours and days of real time."""

    limit: Limit
    real_now: Callable[[], float]
    _second: int = field(default=-1, init=False)
    _in_second: int = field(default=0, init=False)
    _hour: int = field(default=-1, init=False)
    _in_hour: int = field(default=0, init=False)
    _day: int = field(default=-1, init=False)
    _in_day: int = field(default=0, init=False)

    def enter(self) -> Verdict:
        """Count one call, and say whether it is let in."""
        self._begin_anew(self.real_now())
        limit = self.limit
        if self._in_second >= limit.per_second:
            return Verdict.TOO_FAST
        if limit.per_hour is not None and self._in_hour >= limit.per_hour:
            return Verdict.TOO_FAST
        if limit.per_day is not None and self._in_day >= limit.per_day:
            return Verdict.QUOTA_USED_UP
        self._in_second += 1
        self._in_hour += 1
        self._in_day += 1
        return Verdict.LET_IN

    def _begin_anew(self, now: float) -> None:
        """Forget what was counted in a second, an hour or a day that is over."""
        if int(now) != self._second:
            self._second, self._in_second = int(now), 0
        if int(now // 3600) != self._hour:
            self._hour, self._in_hour = int(now // 3600), 0
        if int(now // 86_400) != self._day:
            self._day, self._in_day = int(now // 86_400), 0
