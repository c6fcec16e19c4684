"""Files of many kinds, the rows they hold, and the one error of those that cannot be read."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from order_files import a_csv, a_row, an_xlsx, numbered

from watcher.intake import files
from watcher.intake.faults import FileFault, ImportRefused
from watcher.intake.files import open_table


def _rows(path: Path) -> list[tuple[int, list[Any]]]:
    return list(open_table(path).rows())


def _refusal(path: Path) -> ImportRefused:
    with pytest.raises(ImportRefused) as caught:
        list(open_table(path).rows())
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_is_read_in_every_usual_encoding_and_separator(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    path = a_csv(tmp_path, a_row(收货人="张,三;\t丰"), encoding=encoding, separator=separator)
    table = open_table(path)
    assert table.header[0] == "订单号"
    assert [column.field.name for column in table.columns.columns][:4] == [
        "order_number", "tracking_number", "carrier", "recipient",
    ]  # fmt: skip
    assert [(number, cells[3]) for number, cells in table.rows()] == [(2, "张,三;\t丰")]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_quotes_and_line_ends_inside_a_cell_are_kept(tmp_path: Path, newline: str) -> None:
    path = a_csv(tmp_path, a_row(收货人='李"四"\n先生'), a_row(订单号="O-2"), newline=newline)
    assert [(number, cells[3]) for number, cells in _rows(path)] == [(2, '李"四"\n先生'), (3, "李四")]


def test_blank_rows_are_passed_over_and_still_counted(tmp_path: Path) -> None:
    blank, spaces = dict.fromkeys(a_row(), ""), dict.fromkeys(a_row(), " \u3000")
    path = a_csv(tmp_path, a_row(), blank, spaces, a_row(订单号="O-2"))
    assert [number for number, _ in _rows(path)] == [2, 5]


def test_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    path = a_csv(tmp_path, a_row())
    path.write_text("三月订单,,\n\n" + path.read_text(encoding="utf-8-sig"), encoding="utf-8")
    assert [number for number, _ in _rows(path)] == [4]


def test_a_file_is_read_as_often_as_asked(tmp_path: Path) -> None:
    table = open_table(a_csv(tmp_path, *numbered(3)))
    assert list(table.rows()) == list(table.rows())
    assert table.total >= 3


def test_a_workbook_gives_numbers_and_times_as_they_are(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 2, 10, 30)  # noqa: DTZ001 - as a workbook holds it
    path = an_xlsx(tmp_path, a_row(运单号=78400000000001, 付款时间=moment))
    [(number, cells)] = _rows(path)
    assert number == 2
    assert (cells[1], cells[-1]) == (78400000000001.0, moment)


def test_the_first_sheet_that_has_the_columns_is_read(tmp_path: Path) -> None:
    path = an_xlsx(tmp_path, a_row(), sheets=("说明", "empty"))
    assert [cells[0] for _, cells in _rows(path)] == ["O-1"]


def test_a_sheet_that_nobody_sees_is_not_read_instead_of_one_that_is_seen(tmp_path: Path) -> None:
    path = an_xlsx(tmp_path, a_row(订单号="O-2"), hidden=[a_row(订单号="O-1")])
    assert [cells[0] for _, cells in _rows(path)] == ["O-2"]


def test_a_workbook_is_known_by_its_content(tmp_path: Path) -> None:
    path = an_xlsx(tmp_path, a_row())
    assert len(_rows(path.rename(tmp_path / "orders.csv"))) == 1


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.csv", b"", FileFault.EMPTY),
        ("a.csv", b"\xef\xbb\xbf\r\n \r\n", FileFault.EMPTY),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), FileFault.OLD_OR_LOCKED_WORKBOOK),
        ("a.xlsx", b"PK\x03\x04" + bytes(600), FileFault.BROKEN_WORKBOOK),
        ("a.xlsx", b"order_number,tracking_number,carrier\n", FileFault.BROKEN_WORKBOOK),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", FileFault.NOT_A_TABLE),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table>", FileFault.WEB_PAGE),
        ("a.csv", b"order_number,tracking_number\nO-1,78400000000001\n", FileFault.MISSING_COLUMNS),
        ("a.csv", b"hello\nworld\n", FileFault.MISSING_COLUMNS),
    ],
)
def test_a_file_that_cannot_be_read_is_one_error(
    tmp_path: Path, name: str, content: bytes, fault: FileFault
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    refusal = _refusal(path)
    assert refusal.fault is fault
    assert str(path) in str(refusal)
    assert refusal.sentence("zh") != refusal.sentence("en")


def test_a_missing_file_is_one_error(tmp_path: Path) -> None:
    assert _refusal(tmp_path / "none.csv").fault is FileFault.NOT_FOUND


def test_a_folder_is_one_error(tmp_path: Path) -> None:
    assert _refusal(tmp_path).fault is FileFault.NOT_A_FILE


def test_a_pipe_is_one_error_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "orders.csv")
    assert _refusal(tmp_path / "orders.csv").fault is FileFault.NOT_A_FILE


def test_half_a_character_at_the_end_of_utf_16_is_one_error(tmp_path: Path) -> None:
    path = a_csv(tmp_path, a_row(), encoding="utf-16")
    path.write_bytes(path.read_bytes() + b"\x00")
    assert _refusal(path).fault is FileFault.BROKEN_ENCODING


def test_a_cell_that_is_too_long_is_not_taken_for_an_open_quote(tmp_path: Path) -> None:
    refusal = _refusal(a_csv(tmp_path, a_row(), a_row(收货人="x" * 200_000)))
    assert (refusal.fault, refusal.detail) == (FileFault.LONGEST_CELL, "3")


def test_a_file_that_somebody_writes_to_is_one_error(tmp_path: Path) -> None:
    path = a_csv(tmp_path, *numbered(3))
    table = open_table(path)
    with path.open("ab") as file:
        file.write(b"O-9,\xff\xff\n")
    with pytest.raises(ImportRefused) as caught:
        list(table.rows())
    assert caught.value.fault is FileFault.CHANGED


def test_a_file_that_is_gone_before_it_is_read_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_csv(tmp_path, a_row())
    monkeypatch.setattr(files, "_encoding", lambda gone: gone.unlink() or ("utf-8", 1))
    assert _refusal(path).fault is FileFault.UNREADABLE


def test_a_broken_byte_names_its_line(tmp_path: Path) -> None:
    path = a_csv(tmp_path, *numbered(4), newline="\n")
    lines = path.read_bytes().split(b"\n")
    lines[3] = lines[3].replace("李".encode(), b"\xff\xfe")
    path.write_bytes(b"\n".join(lines))
    refusal = _refusal(path)
    assert (refusal.fault, refusal.detail) == (FileFault.BROKEN_ENCODING, "4")


def test_bytes_of_no_known_encoding_are_one_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"order_number,tracking_number,carrier\nO-1,78400000000001,\xff\xff\n")
    assert (_refusal(path).fault, _refusal(path).detail) == (FileFault.BROKEN_ENCODING, "2")


@pytest.mark.parametrize("rows", [3, 3000])
def test_a_quote_that_is_never_closed_names_its_row(tmp_path: Path, rows: int) -> None:
    path = a_csv(tmp_path, *numbered(rows))
    path.write_text(path.read_text(encoding="utf-8-sig").replace("O-2,", '"O-2,', 1), encoding="utf-8")
    refusal = _refusal(path)
    assert (refusal.fault, refusal.detail) == (FileFault.OPEN_QUOTE, "3")


def test_every_file_fault_has_a_sentence_in_both_languages() -> None:
    for fault in FileFault:
        refusal = ImportRefused(Path("a.csv"), fault, "7")
        assert refusal.sentence("en").isascii()
        assert not refusal.sentence("zh").isascii()
