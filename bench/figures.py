"""Times two ways of doing the same thing in turns, and sums the runs up as one figure.

A machine is fast or slow, busy or idle; what is measured and what it is held against meet the same machine in the same
minute, so their ratio can be compared with yesterday's.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter
from typing import Any

Run = Callable[[], float]
"""Does the work once and gives the seconds that count; what it prepares first does not."""
Stages = Callable[[], Mapping[str, float]]
"""The same for several works that follow each other: seconds by name."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report.

    `median`, `min` and `max` are in `unit`. `ratio`: how many times as long as the `reference` (what that is, says
    `against`), median of the runs paired in time. `growth`: how many times as long with ten times as much stored; then
    `reference` is the figure with a tenth. A growth near 1 means that only what is due costs.
    """

    name: str
    unit: str
    median: float
    min: float
    max: float
    reference: float
    against: str
    ratio: float | None = None
    growth: float | None = None

    def as_row(self) -> dict[str, Any]:
        """As written in JSON, four digits that count."""
        return {
            key: float(f"{value:.4g}") if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }


@contextmanager
def quiet() -> Iterator[None]:
    """No garbage collection in between; what is young goes before."""
    gc.collect(1)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    with quiet():
        began = perf_counter()
        work()
        return perf_counter() - began


def compare(
    name: str, measured: Run, reference: Run, *, against: str, amount: int, unit: str, rounds: int
) -> Figure:
    """`amount` things a run, as `unit` (things per second), against the same amount done by `reference`."""
    measured(), reference()
    pairs = [(measured(), reference()) for _ in range(rounds)]
    speeds = [amount / ours for ours, _ in pairs]
    return Figure(
        name=name,
        unit=unit,
        median=median(speeds),
        min=min(speeds),
        max=max(speeds),
        reference=median(amount / theirs for _, theirs in pairs),
        against=against,
        ratio=median(ours / theirs for ours, theirs in pairs),
    )


def grow(tenth: Stages, whole: Stages, *, against: str, rounds: int) -> Iterator[Figure]:
    """Milliseconds of each stage with everything stored, against those with a tenth of it."""
    tenth(), whole()
    pairs = [(tenth(), whole()) for _ in range(rounds)]
    for name in pairs[0][0]:
        times = [(1000 * small[name], 1000 * large[name]) for small, large in pairs]
        large = [after for _, after in times]
        yield Figure(
            name=name,
            unit="ms",
            median=median(large),
            min=min(large),
            max=max(large),
            reference=median(before for before, _ in times),
            against=against,
            growth=median(after / before for before, after in times),
        )
