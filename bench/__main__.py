"""`python -m bench`: runs the measures, prints one table, or with --json one object per line.

Ratios are against something bare in the same run; growth is against a tenth of what is stored. Nothing here passes or
fails: figures are for people, who compare them with those of another commit on the same machine.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic

from rich.console import Console
from rich.table import Table

from bench import adapters, growth, importing, polled, polling, reading, serving
from bench.databases import Databases, available
from bench.figures import Figure
from bench.scale import FULL, QUICK, Scale
from watcher.telemetry import configure_logging

MEASURES: Mapping[str, Callable[[Scale, Databases], Iterator[Figure]]] = {
    "import": importing.measure,
    "polling": polling.measure,
    "growth": growth.measure,
    "reading": reading.measure,
    "adapters": adapters.measure,
    "polled": polled.measure,
    "serving": serving.measure,
}
# above this, more is stored than a deeper index and a colder cache explain
_GROWS = 2.0
_WHOLE_NUMBERS_FROM = 100


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print."""
    given = _parser().parse_args(arguments)
    configure_logging("error", "auto")
    figures: list[Figure] = []
    with available() as databases:
        for figure in _measured(given.only or MEASURES, QUICK if given.quick else FULL, databases):
            figures.append(figure)
            if given.json:
                print(json.dumps(figure.as_row(), ensure_ascii=False), flush=True)
    if not given.json:
        Console(width=None if sys.stdout.isatty() else 160).print(table(figures))


def _measured(names: Iterable[str], scale: Scale, databases: Databases) -> Iterator[Figure]:
    for name in names:
        began = monotonic()
        yield from MEASURES[name](scale, databases)
        print(f"{name}: {monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What the project costs.")
    parser.add_argument(
        "only", nargs="*", metavar="MEASURE", help=f"some of: {', '.join(MEASURES)} (default: all)"
    )
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that it runs, and no more")
    parser.add_argument("--json", action="store_true", help="one object per line instead of the table")
    return parser


def table(figures: list[Figure]) -> Table:
    """All figures, one a line."""
    made = Table(
        title="what it costs",
        caption="x: how many times as long as what it is held against; growth: the same where that is a tenth stored",
    )
    for heading in ("what", "median", "min", "max", "unit", "x", "growth", "reference", "held against"):
        right = heading in {"median", "min", "max", "x", "growth", "reference"}
        made.add_column(heading, justify="right" if right else "left", no_wrap=right or heading == "what")
    for figure in figures:
        made.add_row(
            figure.name,
            *map(_shown, (figure.median, figure.min, figure.max)),
            figure.unit,
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            "" if figure.growth is None else _growth(figure.growth),
            _shown(figure.reference),
            figure.against,
        )
    return made


def _growth(factor: float) -> str:
    return f"{factor:.2f}{' grows' if factor > _GROWS else ''}"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= _WHOLE_NUMBERS_FROM else f"{value:.2f}"


if __name__ == "__main__":
    main()
