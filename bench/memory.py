"""Measures peak memory: the same work in a process of its own, small and ten times as large."""

import resource
import subprocess
import sys

from bench.figures import Figure


def memory(name: str, *, few: float, many: float, against: str) -> Figure:
    """The peak in megabytes, held against that of a tenth of the work."""
    return Figure(
        name=name,
        unit="MB",
        median=many,
        min=many,
        max=many,
        reference=few,
        against=against,
        growth=many / few,
    )


def peak_of(module: str, *arguments: str) -> float:
    """Megabytes that `python -m module` needs at most; the module must end with `say_peak`."""
    command = (sys.executable, "-m", module, *arguments)
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this folder's own modules
    return float(done.stdout)


def say_peak() -> None:
    """Print the megabytes that this process needed at most."""
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
