"""A file of orders comes in; shipments with their watch rows go out, committed a few thousand at a time.

A shipment is the same when order number and tracking number are. Importing a file again changes what changed and
nothing else; after a crash in the middle, importing it again brings the rest.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from watcher.clock import Clock
from watcher.intake.changes import changes, digest, new_watch, spoken_of, values_of, watch_changes
from watcher.intake.columns import UnknownColumn
from watcher.intake.faults import Fault, FileFault, ImportRefused, Reject
from watcher.intake.files import Row, Table, open_table
from watcher.intake.regions import Regions
from watcher.intake.rejects import RejectsFile
from watcher.intake.rows import NewShipment, RowReader, RowWarning
from watcher.routing import Choice
from watcher.store import imports, pushes, scans
from watcher.store.engine import Store
from watcher.store.imports import Key

_ROWS_AT_ONCE = 2000
_ROWS_NAMED = 5
_SPREAD = timedelta(minutes=10)

AccountFor = Callable[[str, bool], Choice | None]
"""Carrier, and whether a phone tail is known -> the account that is asked, and why."""
"""The account that asks about a carrier's parcels; None when there is none."""
Progress = Callable[[int, int], None]
"""Told how many rows are done, of how many (an estimate for CSV)."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `rows` = created + changed + unchanged + rejected; `warnings` counts by `RowWarning` word,
    `warned_rows` holds the first few row numbers of each, as a spreadsheet counts."""

    rows: int
    created: int
    changed: int
    unchanged: int
    rejected: int
    rejects_path: Path | None
    unknown_columns: tuple[UnknownColumn, ...]
    warnings: Mapping[str, int]
    warned_rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def import_file(
    store: Store,
    path: Path,
    *,
    clock: Clock,
    regions: Regions,
    account_for: AccountFor,
    rejects: Path | None = None,
    progress: Progress | None = None,
    spread: timedelta = _SPREAD,
) -> ImportReport:
    """Import `path`; rejected rows go to `rejects` (else FILE-rejects.csv in the current folder, for example
    orders.xlsx-rejects.csv).

    A column that the file lacks leaves its field alone; a blank cell in a column that is there clears it. New shipments
    are asked about first within `spread`. Raises `ImportRefused` when the file as a whole cannot be read; a fault that
    shows only far into the file leaves the rows before it imported.
    """
    table = open_table(path)
    rejects_file = RejectsFile(_rejects_path(path, rejects), table.header, _headers(table))
    reading = _Reading(RowReader(table.columns, regions), rejects_file)
    writing = _Writing(spoken_of(table.columns.fields), account_for, spread)
    try:
        _run(store, table, reading, writing, clock=clock, progress=progress or _silent)
    except BaseException:
        rejects_file.abandon()
        raise
    return ImportReport(
        rows=reading.rows,
        created=writing.counts["created"],
        changed=writing.counts["changed"],
        unchanged=writing.counts["unchanged"] + reading.warnings[RowWarning.REPEATED_ROW],
        rejected=reading.rejected,
        rejects_path=rejects_file.finish(),
        unknown_columns=table.columns.unknown,
        warnings={warning.value: count for warning, count in sorted(reading.warnings.items())},
        warned_rows={warning.value: tuple(rows) for warning, rows in sorted(reading.warned_rows.items())},
    )


def _silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def _rejects_path(path: Path, rejects: Path | None) -> Path:
    # the whole name: orders.csv and orders.xlsx must not overwrite each other's rejects
    wanted = rejects or Path.cwd() / f"{path.name}-rejects.csv"
    if wanted.resolve() == path.resolve():
        raise ImportRefused(wanted, FileFault.REJECTS_NOT_WRITABLE, "it is the file to import")
    return wanted


def _headers(table: Table) -> dict[str, str]:
    """What the file calls each of our fields."""
    return {column.field.name: column.header for column in table.columns.columns}


def _run(
    store: Store, table: Table, reading: "_Reading", writing: "_Writing", *, clock: Clock, progress: Progress
) -> None:
    for chunk in _chunks(table.rows()):
        new = reading.read(chunk)
        with store.write() as connection:
            written = writing.write(connection, new, now=clock.now())
        # counted only when it stands
        writing.counts.update(written)
        progress(reading.rows, max(table.total, reading.rows))
    if not reading.rows:
        raise ImportRefused(table.path, FileFault.HEADER_ONLY)


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, _ROWS_AT_ONCE)):
        yield chunk


@dataclass(slots=True)
class _Reading:
    """Turns raw rows into shipments, and remembers what the file has said so far."""

    reader: RowReader
    rejects_file: RejectsFile
    rows: int = 0
    rejected: int = 0
    warnings: Counter[RowWarning] = field(default_factory=Counter)
    warned_rows: defaultdict[RowWarning, list[int]] = field(default_factory=lambda: defaultdict(list))
    _said: dict[Key, tuple[str, int]] = field(default_factory=dict)

    def read(self, rows: Iterable[Row]) -> list[tuple[NewShipment, dict[str, Any]]]:
        """The good rows with their columns (and digest); the others go to the rejects file."""
        good = []
        for number, cells in rows:
            self.rows += 1
            new = self.reader.read(cells)
            if not isinstance(new, NewShipment):
                self._reject(number, cells, new)
                continue
            values = values_of(new)
            values["row_digest"] = digest(values)
            said, first = self._said.setdefault(new.key, (values["row_digest"], number))
            if first == number:
                self._warn(number, new.warnings())
                good.append((new, values))
            elif said == values["row_digest"]:
                self._warn(number, [RowWarning.REPEATED_ROW])
            else:
                self._reject(number, cells, (Reject("", Fault.CONTRADICTS_ROW, first),))
        return good

    def _warn(self, number: int, warnings: Iterable[RowWarning]) -> None:
        for warning in warnings:
            self.warnings[warning] += 1
            if self.warnings[warning] <= _ROWS_NAMED:
                self.warned_rows[warning].append(number)

    def _reject(self, number: int, cells: Sequence[Any], reasons: tuple[Reject, ...]) -> None:
        self.rejected += 1
        self.rejects_file.add(number, cells, reasons)


@dataclass(slots=True)
class _Writing:
    """Writes shipments: new ones with their watch, known ones only where they changed."""

    spoken: frozenset[str]
    account_for: AccountFor
    spread: timedelta
    counts: Counter[str] = field(default_factory=Counter)

    def write(
        self, connection: sa.Connection, rows: Sequence[tuple[NewShipment, dict[str, Any]]], *, now: datetime
    ) -> Counter[str]:
        """One transaction's worth; gives how many were created, changed, unchanged."""
        by_key = {new.key: (new, values) for new, values in rows}
        known = imports.known(connection, list(by_key))
        # in one order everywhere, or two imports at once could wait for each other
        missing = [by_key[key] for key in sorted(by_key) if key not in known]
        created = self._create(connection, missing, now=now)
        # rows that another import wrote between our look and our insert
        late = [key for key in by_key if key not in known and key not in created]
        known |= imports.known(connection, late) if late else {}
        differing = {
            one.id: key for key, one in known.items() if one.row_digest != by_key[key][1]["row_digest"]
        }
        changed = self._change(
            connection, {row_id: by_key[key][1] for row_id, key in differing.items()}, now=now
        )
        return Counter(created=len(created), changed=changed, unchanged=len(by_key) - len(created) - changed)

    def _create(
        self, connection: sa.Connection, rows: Sequence[tuple[NewShipment, dict[str, Any]]], *, now: datetime
    ) -> dict[Key, int]:
        ids = imports.add(connection, [values for _, values in rows], now=now)
        watches = [
            new_watch(
                new, choice=self.account_for(new.carrier, _has_tail(values)), now=now, spread=self.spread
            )
            | {"shipment_id": ids[new.key]}
            for new, values in rows
            if new.key in ids
        ]
        imports.add_watches(connection, watches)
        return ids

    def _change(self, connection: sa.Connection, rows: Mapping[int, dict[str, Any]], *, now: datetime) -> int:
        shipments: dict[int, dict[str, Any]] = {}
        watches: dict[int, dict[str, Any]] = {}
        for before in imports.stored(connection, list(rows)):
            changed = changes(before, rows[before["id"]], self.spoken)
            if not changed:
                continue
            after = {**before, **changed}
            choice = self.account_for(after["carrier"], _has_tail(after))
            watches[before["id"]] = watch_changes(before, changed, choice=choice, now=now)
            shipments[before["id"]] = changed | {"row_digest": digest(after)}
        imports.update(connection, shipments=shipments, watches=watches, now=now)
        corrected = [row_id for row_id, changed in shipments.items() if "carrier" in changed]
        scans.withdraw_all(connection, corrected, at=now)
        pushes.forget(connection, corrected)
        # the queue asks for the order's state itself, and is woken by alerts alone
        imports.tell_queue(
            connection, [key for key, changed in shipments.items() if "order_state" in changed]
        )
        return len(shipments)


def _has_tail(shipment: Mapping[str, Any]) -> bool:
    return any(shipment[name] for name in ("sender_phone_tail", "phone", "second_phone"))
