"""Measures the import: rows a second against only reading the same CSV, and memory with ten times as many rows.

`python -m bench.importing FILE DATABASE` imports one file in a process of its own and prints the peak in megabytes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.databases import Databases
from bench.figures import Figure, Run, compare, timed
from bench.memory import memory, peak_of, say_peak
from bench.orders import made_orders, read_csv, write_csv, write_xlsx
from bench.parts import regions
from bench.scale import Scale
from watcher.clock import SystemClock
from watcher.intake.importing import import_file
from watcher.intake.regions import Regions
from watcher.model import RouteReason
from watcher.routing import Choice
from watcher.store import schema
from watcher.store.engine import Store, open_store

_READS = 10
_AGAINST = "csv.reader over the same CSV"


def measure(scale: Scale, databases: Databases) -> Iterator[Figure]:
    """Both kinds of file, and a file that brings nothing new."""
    with TemporaryDirectory() as name:
        folder, rows = Path(name), made_orders(scale.orders)
        table, workbook = (
            write_csv(folder / "orders.csv", rows),
            write_xlsx(folder / "orders.xlsx", rows),
        )
        for kind, path, again in (
            ("CSV", table, False),
            ("CSV again", table, True),
            ("XLSX", workbook, False),
        ):
            yield compare(
                f"import, {kind}",
                _imports(databases, path, again=again),
                lambda: timed(lambda: _read_often(table)) / _READS,
                against=_AGAINST,
                amount=len(rows),
                unit="rows/s",
                rounds=scale.rounds,
            )
        yield from _memory(scale, folder)


def _imports(databases: Databases, path: Path, *, again: bool) -> Run:
    """An import into an empty database, or the second one into the same."""

    def run() -> float:
        with databases.empty() as store:
            if again:
                import_one(store, path, regions())
            return timed(lambda: import_one(store, path, regions()))

    return run


def _read_often(path: Path) -> None:
    for _ in range(_READS):
        read_csv(path)


def import_one(store: Store, path: Path, places: Regions) -> None:
    """Import one file; what it refuses lies beside it."""
    import_file(
        store,
        path,
        clock=SystemClock(),
        regions=places,
        account_for=lambda _carrier, _has_tail: Choice("main", RouteReason.FIRST_CHOICE),
        rejects=path.with_suffix(".rejects.csv"),
    )


def _memory(scale: Scale, folder: Path) -> Iterator[Figure]:
    for suffix, write in ((".csv", write_csv), (".xlsx", write_xlsx)):
        few, many = (
            _peak(write(folder / f"{rows}{suffix}", made_orders(rows)))
            for rows in (scale.orders, 10 * scale.orders)
        )
        name = f"import, peak memory, {suffix[1:].upper()}"
        yield memory(name, few=few, many=many, against="a tenth of the rows")


def _peak(path: Path) -> float:
    return peak_of("bench.importing", str(path), str(path.with_suffix(f"{path.suffix}.db")))


def _main(path: str, database: str) -> None:
    store = open_store(f"sqlite:///{database}")
    schema.upgrade(store)
    import_one(store, Path(path), regions())
    say_peak()


if __name__ == "__main__":
    _main(*sys.argv[1:])
