"""Workbooks that must not be opened, and those that only look like them."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from order_files import a_row, an_xlsx

from watcher.intake import unpacking
from watcher.intake.faults import FileFault, ImportRefused
from watcher.intake.files import open_table
from watcher.intake.unpacking import NotUnpacked, TooLarge, check_size


def a_workbook(folder: Path, *, far: str | None, sheet: str = "Sheet1") -> Path:
    """A workbook whose last possible cell holds `far`; None only formats it."""
    path = folder / "far.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet(sheet).write(0, 0, "x")
        there = workbook.get_worksheet_by_name(sheet)
        there.write_blank(1_048_575, 16_383, None, workbook.add_format({"bold": True}))
        if far is not None:
            there.write(1_048_575, 16_383, far)
    return path


def test_a_usual_workbook_may_be_opened(tmp_path: Path) -> None:
    check_size(an_xlsx(tmp_path, a_row()))


def test_a_blank_in_the_far_corner_is_refused_in_words(tmp_path: Path) -> None:
    path = a_workbook(tmp_path, far=" ")
    with pytest.raises(ImportRefused) as caught:
        open_table(path)
    assert caught.value.fault is FileFault.WORKBOOK_TOO_LARGE


def test_a_format_in_the_far_corner_takes_no_memory(tmp_path: Path) -> None:
    check_size(a_workbook(tmp_path, far=None))


@pytest.mark.parametrize("chunk", [300, 301, 333, 1 << 20])
def test_a_cell_between_two_chunks_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(unpacking, "_CHUNK", chunk)
    with pytest.raises(TooLarge):
        check_size(a_workbook(tmp_path, far="x"))


def test_what_unpacks_to_more_than_there_is_room_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "_LARGEST_UNPACKED", 5_000_000)
    path = an_xlsx(tmp_path, a_row())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/1.bin", bytes(6_000_000))
    with pytest.raises(TooLarge):
        check_size(path)


def test_a_broken_archive_is_told_as_such(tmp_path: Path) -> None:
    path = an_xlsx(tmp_path, a_row())
    whole = path.read_bytes()
    for length in range(4, len(whole) - 1, 97):
        path.write_bytes(whole[:length])
        with pytest.raises(NotUnpacked):
            check_size(path)


def test_a_damaged_part_is_told_as_such(tmp_path: Path) -> None:
    path = an_xlsx(tmp_path, a_row())
    whole = bytearray(path.read_bytes())
    for place in range(60, 400, 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            check_size(path)
        except NotUnpacked:
            continue
