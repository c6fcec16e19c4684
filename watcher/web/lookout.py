"""Looks whether anything is not being watched: no account for a parcel, an account that is silent, a loop that stopped.

Every page asks, so the answer is kept for a few seconds, and what it costs does not grow with what is stored.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from watcher.clock import Clock
from watcher.store import health
from watcher.store.engine import Store
from watcher.web import probes

COUNT_AT_MOST: Final = 1_000
_KEPT_FOR = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Concerns:
    """What nobody watches now. `unwatched` counts by carrier, most first; counts end at `COUNT_AT_MOST`."""

    unwatched: Mapping[str, int] = field(default_factory=dict)
    blind: tuple[health.BlindAccount, ...] = ()
    stopped: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.unwatched or self.blind or self.stopped)

    @property
    def unwatched_parcels(self) -> int:
        """How many parcels no account answers for."""
        return sum(self.unwatched.values())


@dataclass(slots=True)
class Lookout:
    """The last look, for all threads of the process; `loops` are those that must tick, as in `Services`."""

    store: Store
    real_clock: Clock
    loops: Sequence[str]
    _last: Concerns = field(default_factory=Concerns)
    _looked_at: datetime | None = None
    _looking: threading.Lock = field(default_factory=threading.Lock)

    def concerns(self) -> Concerns:
        """What there was a moment ago."""
        now = self.real_clock.now()
        with self._looking:
            if self._looked_at is None or abs(now - self._looked_at) >= _KEPT_FOR:
                self._last, self._looked_at = self._look(now), now
            return self._last

    def renewed(self) -> Concerns:
        """What there is now."""
        with self._looking:
            self._looked_at = None
        return self.concerns()

    def _look(self, real_now: datetime) -> Concerns:
        with self.store.read() as connection:
            return Concerns(
                unwatched=health.unassigned(connection, at_most=COUNT_AT_MOST),
                blind=tuple(health.blind(connection, at_most=COUNT_AT_MOST)),
                stopped=probes.stopped(health.loops(connection), real_now, expected=self.loops),
            )
