"""Rejected rows come in; a CSV that the merchant corrects and imports again goes out.

It holds the merchant's own columns as they were, and three more: the row's number, the columns at fault, the reasons.
It appears under its name only when it is whole.
"""

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from watcher.intake.cells import Cell, text
from watcher.intake.columns import REJECT_COLUMNS
from watcher.intake.faults import FileFault, ImportRefused, Reject

if TYPE_CHECKING:
    from _csv import Writer

# a spreadsheet takes a cell that begins like this for a formula, and runs it
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(slots=True)
class RejectsFile:
    """Opened at the first reject; `finish()` puts it in place, `abandon()` removes what there is.

    `named`: what the file calls each of our fields.
    """

    path: Path
    header: Sequence[str]
    named: Mapping[str, str] = field(default_factory=dict)
    _file: TextIO | None = None
    _writer: "Writer | None" = None
    _kept: list[int] = field(default_factory=list)

    def add(self, number: int, cells: Sequence[Cell], rejects: Sequence[Reject]) -> None:
        """One line for one row, with all its reasons in both languages."""
        if self._writer is None:
            self._open()
        # cells beyond the header are kept behind it, so that nothing of the row is lost
        beyond = [text(cell) for cell in cells[len(self.header) :]]
        reasons = "; ".join(
            f"{reject.fault.value}: {reject.sentence('en')} / {reject.sentence('zh')}" for reject in rejects
        )
        columns = _harmless("; ".join(self._column(reject.column) for reject in rejects if reject.column))
        own = [_as_given(cells[index] if index < len(cells) else None) for index in self._kept]
        self._write([*own, number, columns, reasons, *map(_harmless, beyond)])

    def finish(self) -> Path | None:
        """The path, when there was anything to write."""
        if self._file is None:
            return None
        try:
            self._file.close()
            if self._part != self.path:
                self._part.replace(self.path)
        except OSError as error:
            raise self._refused(error) from None
        return self.path

    def abandon(self) -> None:
        """Leave nothing behind."""
        if self._file is not None:
            self._file.close()
            if self._part != self.path:
                self._part.unlink(missing_ok=True)

    def _column(self, name: str) -> str:
        """The column as the merchant knows it, with our name for it."""
        header = self.named.get(name, name)
        return name if header == name else f"{header} ({name})"

    @property
    def _part(self) -> Path:
        if self.path.exists() and not self.path.is_file():
            # /dev/null is written to; put in its place, our file would be everybody's
            return self.path
        return self.path.with_name(f".{self.path.name}.{os.getpid()}.part")

    def _open(self) -> None:
        self._kept = [index for index, name in enumerate(self.header) if name not in REJECT_COLUMNS]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("w", encoding="utf-8-sig", newline="")
        except OSError as error:
            raise self._refused(error) from None
        self._writer = csv.writer(self._file)
        self._write([*(_harmless(self.header[index]) for index in self._kept), *REJECT_COLUMNS])

    def _write(self, line: Sequence[Any]) -> None:
        if self._writer is None:
            return
        try:
            self._writer.writerow(line)
        except OSError as error:
            raise self._refused(error) from None

    def _refused(self, error: OSError) -> ImportRefused:
        return ImportRefused(self.path, FileFault.REJECTS_NOT_WRITABLE, error.strerror or "")


def _as_given(cell: Cell) -> str:
    return _harmless(cell if isinstance(cell, str) else text(cell))


def _harmless(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
