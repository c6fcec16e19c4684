"""Builders of files: say what a column holds, and nothing else."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

ROW: Mapping[str, Any] = {
    "订单号": "O-1",
    "运单号": "78400000000001",
    "快递公司": "中通",
    "收货人": "李四",
    "手机": "13800000001",
    "收货地址": "四川省成都市武侯区浆洗街街道1号",
    "货值": "120.00",
}


def a_row(**changes: Any) -> dict[str, Any]:
    """A good row in which `changes` differ; a column that is None is left out."""
    return {name: value for name, value in {**ROW, **changes}.items() if value is not None}


def numbered(count: int, **changes: Any) -> list[dict[str, Any]]:
    """Good rows that differ in order number and tracking number."""
    return [
        a_row(订单号=f"O-{number}", 运单号=f"784{number:011}", **changes) for number in range(1, count + 1)
    ]


def a_csv(
    folder: Path,
    *rows: Mapping[str, Any],
    name: str = "orders.csv",
    encoding: str = "utf-8-sig",
    separator: str = ",",
    newline: str = "\r\n",
) -> Path:
    """A CSV with the columns of the first row."""
    path = folder / name
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=separator, lineterminator=newline)
        writer.writeheader()
        writer.writerows(rows)
    return path


def an_xlsx(
    folder: Path,
    *rows: Mapping[str, Any],
    name: str = "orders.xlsx",
    sheets: Sequence[str] = (),
    hidden: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """A workbook whose last sheet has the rows; `sheets` are empty ones before it, `hidden` rows of one nobody sees."""
    path = folder / name
    with xlsxwriter.Workbook(
        path, {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd hh:mm"}
    ) as workbook:
        for sheet_name in sheets:
            workbook.add_worksheet(sheet_name).write(0, 0, "nothing here")
        if hidden:
            unseen = workbook.add_worksheet("hidden")
            _write(unseen, hidden)
        sheet = workbook.add_worksheet()
        _write(sheet, rows)
        sheet.activate()
        if hidden:
            sheet.set_first_sheet()
            unseen.hide()
    return path


def _write(sheet: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    for number, cells in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
        sheet.write_row(number, 0, cells)
