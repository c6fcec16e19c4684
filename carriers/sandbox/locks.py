"""Kuaidi100's lock: a number asked again within 30 minutes, or more than 48 times in a day, gets old data."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

FRESH_AGAIN_AFTER = timedelta(minutes=30)
MOST_IN_A_DAY = 48
LOCKED_FOR = timedelta(hours=24)


@dataclass(slots=True)
class _Asked:
    fresh_at: datetime
    times: deque[datetime] = field(default_factory=deque)
    locked_until: datetime | None = None


@dataclass(slots=True)
class Locks:
    """What was asked about each number, on the world's clock."""

    too_soon: int = 0
    locked: int = 0
    _asked: dict[tuple[str, str], _Asked] = field(default_factory=dict)

    def as_of(self, company: str, number: str, now: datetime) -> tuple[datetime, bool]:
        """The moment whose data this question gets, and whether it is fresh: else it is when it last was."""
        asked = self._asked.setdefault((company, number), _Asked(now - FRESH_AGAIN_AFTER))
        asked.times.append(now)
        while asked.times[0] <= now - LOCKED_FOR:
            asked.times.popleft()
        if self._is_locked(asked, now):
            return asked.fresh_at, False
        if now - asked.fresh_at < FRESH_AGAIN_AFTER:
            self.too_soon += 1
            return asked.fresh_at, False
        asked.fresh_at = now
        return now, True

    def _is_locked(self, asked: _Asked, now: datetime) -> bool:
        if asked.locked_until is not None and now < asked.locked_until:
            return True
        asked.locked_until = None
        if len(asked.times) <= MOST_IN_A_DAY:
            return False
        self.locked += 1
        asked.locked_until = now + LOCKED_FOR
        return True
