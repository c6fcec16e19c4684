"""A packed workbook comes in; nothing goes out, or `TooLarge` where opening it would take more memory than is sane.

A few kilobytes can unpack to gigabytes, and an opened sheet takes memory for every cell up to its last one: a blank
typed into the far corner is as bad as a bomb, and ends the process before anybody can say why.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as BrokenStream  # noqa: N812 - it is a class

_LARGEST_UNPACKED = 1 << 30
_MOST_CELLS = 1 << 24
_CHUNK = 1 << 20
# longer than the opening of any cell, so that none is lost between two chunks
_OVERLAP = 256
# a cell that holds something; formats alone take no memory
_CELL = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
_SHEETS = "xl/worksheets/"
_LETTERS = 26


class TooLarge(Exception):
    """The workbook must not be opened."""


class NotUnpacked(Exception):
    """It is no ZIP, or a broken one."""


def check_size(path: Path) -> None:
    """Unpack everything once, keeping nothing; raises `TooLarge` or `NotUnpacked`."""
    unpacked = 0
    try:
        with ZipFile(path) as packed:
            for part in packed.infolist():
                unpacked += _check_part(packed, part, room=_LARGEST_UNPACKED - unpacked)
    except (BadZipFile, BrokenStream, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise NotUnpacked from error


def _check_part(packed: ZipFile, part: ZipInfo, *, room: int) -> int:
    """How large the part is unpacked, by what comes out of it and not by what it says."""
    size = rows = columns = 0
    is_sheet = part.filename.startswith(_SHEETS)
    for chunk in _chunks(packed, part):
        size += len(chunk)
        if size > room:
            raise TooLarge
        if is_sheet and (cells := set(_CELL.findall(chunk))):
            rows = max(rows, *(int(row) for _, row in cells))
            columns = max(columns, *(_column(letters) for letters in {letters for letters, _ in cells}))
    if rows * columns > _MOST_CELLS:
        raise TooLarge
    return size


def _chunks(packed: ZipFile, part: ZipInfo) -> Iterator[bytes]:
    """The part in pieces; each begins with the end of the one before."""
    before = b""
    with packed.open(part) as file:
        while piece := file.read(_CHUNK):
            yield before + piece
            before = piece[-_OVERLAP:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * _LETTERS + letter - ord("A") + 1
    return number
