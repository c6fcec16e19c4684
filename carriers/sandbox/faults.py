"""Trouble on command: what a source does wrong to the next calls, to see how a watcher takes it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum


class FaultKind(StrEnum):
    """What can go wrong between a question and its answer."""

    SLOW = "slow"  # the right answer, `delay` seconds late
    RATE_LIMITED = "rate_limited"  # HTTP 429 with Retry-After of `delay` seconds
    SERVER_ERROR = "server_error"  # HTTP 503, plain text
    ERROR_IN_200 = "error_in_200"  # HTTP 200 with the vendor's own "system error"
    TRUNCATED = "truncated"  # the first half of the right answer
    HTML = "html"  # HTTP 200 with a maintenance page
    EMPTY = "empty"  # HTTP 200 and nothing
    WRONG_CLOCK = "wrong_clock"  # the right answer, its times `delay` seconds ahead
    DROP_CONNECTION = "drop_connection"  # the connection closes in the middle of the answer


USUAL_DELAY = {
    FaultKind.SLOW: 3.0,
    FaultKind.RATE_LIMITED: 30.0,
    FaultKind.WRONG_CLOCK: 8 * 3600.0,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One order to go wrong: for the next `times` calls, for `seconds` of real time, or until cleared."""

    source: str
    kind: FaultKind
    times: int | None = None
    seconds: float | None = None
    delay: float | None = None

    @property
    def delay_seconds(self) -> float:
        """The delay asked for, or what is usual for the kind."""
        return USUAL_DELAY.get(self.kind, 0.0) if self.delay is None else self.delay


@dataclass(slots=True)
class FaultBox:
    """The faults in force, oldest first; the oldest of a source strikes."""

    real_now: Callable[[], float]
    _armed: list[tuple[Fault, float | None]] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        until = None if fault.seconds is None else self.real_now() + fault.seconds
        self._armed.append((fault, until))

    def clear(self) -> None:
        """End all faults."""
        self._armed.clear()

    def take(self, source: str) -> Fault | None:
        """The fault that strikes this call, if any; counts it down."""
        if not self._armed:
            return None
        now = self.real_now()
        self._armed = [(fault, until) for fault, until in self._armed if until is None or until > now]
        for position, (fault, until) in enumerate(self._armed):
            if fault.source == source:
                self._count_down(position, fault, until)
                return fault
        return None

    def in_force(self) -> tuple[Fault, ...]:
        """What is armed, with the times that are left."""
        return tuple(fault for fault, _ in self._armed)

    def _count_down(self, position: int, fault: Fault, until: float | None) -> None:
        if fault.times is None:
            return
        if fault.times <= 1:
            del self._armed[position]
        else:
            self._armed[position] = (replace(fault, times=fault.times - 1), until)
