"""A file of orders comes in; its header, understood, and its rows, one by one, go out.

CSV in UTF-8, UTF-16 or GB18030 with comma, semicolon or tab; XLSX, the first sheet that has the columns. The kind is
told from the content, not the name. A file that cannot be read at all is refused with one reason.
"""

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from watcher.intake.cells import Cell, text
from watcher.intake.columns import Columns, missing_sentence, understand
from watcher.intake.faults import FileFault, ImportRefused
from watcher.intake.unpacking import NotUnpacked, TooLarge, check_size

Row = tuple[int, list[Cell]]
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WEB_PAGE = (b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta", b"<head")
_SEPARATORS = ",;\t"
_HEADER_WITHIN = 10
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read: `header` as printed, `columns` understood, `total` rows (an estimate for CSV).

    `rows()` gives (row number as a spreadsheet counts, cells as they are) below the header; blank rows are passed over.
    """

    path: Path
    header: tuple[str, ...]
    columns: Columns
    total: int
    rows: Callable[[], Iterator[Row]]


def open_table(path: Path) -> Table:
    """Find out what `path` is and understand its header; raises `ImportRefused`."""
    try:
        return _open(path, _head(path))
    except OSError as error:
        # it was there when we looked
        raise ImportRefused(path, FileFault.UNREADABLE, error.strerror or "") from None


def _open(path: Path, head: bytes) -> Table:
    if head.startswith(_OLE):
        raise ImportRefused(path, FileFault.OLD_OR_LOCKED_WORKBOOK)
    if head.startswith(_ZIP):
        return _open_workbook(path)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_WEB_PAGE):
        raise ImportRefused(path, FileFault.WEB_PAGE)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise ImportRefused(path, FileFault.BROKEN_WORKBOOK)
    if b"\x00" in head and not head.startswith(_UTF16):
        raise ImportRefused(path, FileFault.NOT_A_TABLE)
    return _open_text(path)


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():
            # a pipe can be read only once, and waits for ever where nobody writes
            raise ImportRefused(path, FileFault.NOT_A_FILE if path.exists() else FileFault.NOT_FOUND)
        with path.open("rb") as file:
            head = file.read(_CHUNK)
    except FileNotFoundError:
        raise ImportRefused(path, FileFault.NOT_FOUND) from None
    except OSError as error:
        raise ImportRefused(path, FileFault.UNREADABLE, error.strerror or "") from None
    if not head.strip(b"\xef\xbb\xbf\r\n\t ,;"):
        raise ImportRefused(path, FileFault.EMPTY)
    return head


def _below(rows: Callable[[], Iterator[list[Cell]]], header_row: int) -> Callable[[], Iterator[Row]]:
    """The rows under the header with their numbers, without the blank ones."""

    def below() -> Iterator[Row]:
        for number, cells in enumerate(rows(), start=1):
            if number > header_row and not all(map(_is_blank, cells)):
                yield number, cells

    return below


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _header_among(rows: Iterable[Sequence[Cell]]) -> tuple[int, tuple[str, ...], Columns] | None:
    """The row number, the names and the columns of the row that looks most like a header; None without any row."""
    best: tuple[int, tuple[str, ...], Columns] | None = None
    for number, cells in enumerate(islice(rows, _HEADER_WITHIN), start=1):
        names = tuple(text(cell) for cell in cells)
        columns = understand(names)
        if best is None or len(columns.columns) > len(best[2].columns):
            best = number, names, columns
        if not columns.missing:
            return number, names, columns
    return best


# workbooks


def _open_workbook(path: Path) -> Table:
    try:
        check_size(path)
        workbook = CalamineWorkbook.from_path(path)
        # what nobody sees is read only where nothing else has the columns: it may be last month's
        in_order = sorted(
            workbook.sheets_metadata, key=lambda sheet: sheet.visible != SheetVisibleEnum.Visible
        )
        sheets = [workbook.get_sheet_by_name(sheet.name) for sheet in in_order]
    except TooLarge:
        raise ImportRefused(path, FileFault.WORKBOOK_TOO_LARGE) from None
    except (CalamineError, NotUnpacked):
        raise ImportRefused(path, FileFault.BROKEN_WORKBOOK) from None
    found = [(sheet, header) for sheet in sheets if (header := _header_among(sheet.iter_rows())) is not None]
    if not found:
        raise ImportRefused(path, FileFault.EMPTY)
    sheet, (header_row, names, columns) = min(found, key=lambda one: len(one[1][2].missing))
    _need_columns(path, columns)
    return Table(
        path, names, columns, sheet.total_height - header_row, _below(_sheet_rows(sheet), header_row)
    )


def _sheet_rows(sheet: CalamineSheet) -> Callable[[], Iterator[list[Cell]]]:
    return lambda: iter(sheet.iter_rows())  # type: ignore[arg-type]


def _need_columns(path: Path, columns: Columns) -> None:
    if columns.missing:
        raise ImportRefused(path, FileFault.MISSING_COLUMNS, missing_sentence(columns))


# text


def _open_text(path: Path) -> Table:
    encoding, lines = _encoding(path)
    found = [
        (separator, header)
        for separator in _SEPARATORS
        if (header := _header_among(_text_rows(path, encoding, separator)())) is not None
    ]
    if not found:
        raise ImportRefused(path, FileFault.EMPTY)
    separator, (header_row, names, columns) = max(found, key=lambda one: len(one[1][2].columns))
    _need_columns(path, columns)
    return Table(
        path, names, columns, lines - header_row, _below(_text_rows(path, encoding, separator), header_row)
    )


def _encoding(path: Path) -> tuple[str, int]:
    """The encoding that the whole file keeps to, and the number of its lines; raises with the line that breaks it."""
    with path.open("rb") as file:
        wide = file.read(2) in _UTF16
    if wide:
        sound, lines, _ = _decoded(path, "utf-16")
        if not sound:
            raise ImportRefused(path, FileFault.BROKEN_ENCODING, str(lines))
        return "utf-16", lines
    sound, lines, foreign = _decoded(path, "utf-8-sig")
    if sound:
        return "utf-8-sig", lines
    if foreign:
        # text in UTF-8 up to here: a broken byte, not another encoding
        raise ImportRefused(path, FileFault.BROKEN_ENCODING, str(lines))
    sound, lines, _ = _decoded(path, "gb18030")
    if not sound:
        raise ImportRefused(path, FileFault.BROKEN_ENCODING, str(lines))
    return "gb18030", lines


def _decoded(path: Path, encoding: str) -> tuple[bool, int, bool]:
    """Whether all of the file decodes, how many lines were reached, and whether they held more than ASCII."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, foreign = 1, False
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                decoded = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                before = error.object[: error.start]
                return False, lines + before.count(b"\n"), foreign or not before.isascii()
            lines += decoded.count("\n")
            foreign = foreign or not decoded.isascii()
            if not chunk:
                return True, lines, foreign


def _text_rows(path: Path, encoding: str, separator: str) -> Callable[[], Iterator[list[Cell]]]:
    def rows() -> Iterator[list[Cell]]:
        with path.open(encoding=encoding, newline="") as file:
            yield from _records(path, file, separator)

    return rows


def _records(path: Path, file: Iterable[str], separator: str) -> Iterator[list[Cell]]:
    taken: list[str] = []
    reader = csv.reader(_noted(file, taken), delimiter=separator)
    number = 0
    while True:
        taken.clear()
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            fault = FileFault.OPEN_QUOTE if _is_open(taken) else FileFault.LONGEST_CELL
            raise ImportRefused(path, fault, str(number)) from None
        except UnicodeDecodeError:
            # it was sound when we looked: somebody writes to it
            raise ImportRefused(path, FileFault.CHANGED, str(number)) from None
        if len(taken) > 1 and _is_open(taken):
            raise ImportRefused(path, FileFault.OPEN_QUOTE, str(number))
        yield list(record)


def _is_open(lines: Iterable[str]) -> bool:
    return sum(line.count('"') for line in lines) % 2 == 1


def _noted(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    """The lines as they are, each noted in `taken`."""
    for line in lines:
        taken.append(line)
        yield line
