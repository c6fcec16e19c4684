"""What can be wrong with a file or a row, as closed lists of words with a sentence each in English and Chinese.

No sentence repeats a cell: the merchant's rows hold names, phones and addresses.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]


class Fault(StrEnum):
    """Why one cell, or one row, was rejected."""

    EMPTY = "empty"
    SCIENTIFIC_NOTATION = "scientific_notation"
    DIGITS_LOST = "digits_lost"
    SEVERAL_NUMBERS = "several_numbers"
    NOT_A_NUMBER = "not_a_number"
    UNKNOWN_CARRIER = "unknown_carrier"
    UNKNOWN_ORDER_STATE = "unknown_order_state"
    NOT_A_TIME = "not_a_time"
    NOT_MONEY = "not_money"
    NOT_A_WEIGHT = "not_a_weight"
    NOT_YES_OR_NO = "not_yes_or_no"
    NO_PHONE_TAIL = "no_phone_tail"
    TOO_LONG = "too_long"
    TOO_MANY_CELLS = "too_many_cells"
    CONTRADICTS_ROW = "contradicts_row"


_FAULTS: dict[Fault, tuple[str, str]] = {
    Fault.EMPTY: ("must not be empty", "不能为空"),
    Fault.SCIENTIFIC_NOTATION: (
        "the spreadsheet turned the number into scientific notation; format the column as text and export again",
        "表格把号码变成了科学计数法；请把该列设为文本格式后重新导出",
    ),
    Fault.DIGITS_LOST: (
        "the spreadsheet kept only 15 digits of this number; format the column as text and export again",
        "表格只保留了号码的前15位；请把该列设为文本格式后重新导出",
    ),
    Fault.SEVERAL_NUMBERS: (
        "several numbers in one cell; write one row per parcel",
        "一格里有多个单号；请一个包裹写一行",
    ),
    Fault.NOT_A_NUMBER: (
        "not a tracking number: 5 to 40 letters, digits or dashes are expected",
        "不是运单号：应为5到40位字母、数字或短横线",
    ),
    Fault.UNKNOWN_CARRIER: (
        "no carrier is known by this name; write its usual Chinese name, or for example sf, zto, ems",
        "不认识这家快递公司；请写例如 顺丰、中通 或 sf、zto",
    ),
    Fault.UNKNOWN_ORDER_STATE: (
        "this order state is not known; write open, cancelled or refunded",
        "不认识这个订单状态；请写 进行中、已取消 或 已退款",
    ),
    Fault.NOT_A_TIME: (
        "not a time between 2000 and 2100; write for example 2026-03-02 10:00:00",
        "不是2000到2100年之间的时间；请写例如 2026-03-02 10:00:00",
    ),
    Fault.NOT_MONEY: ("not an amount of money; write for example 128.50", "不是金额；请写例如 128.50"),
    Fault.NOT_A_WEIGHT: (
        "not a weight; write for example 1.2 kg or 800 g",
        "不是重量；请写例如 1.2kg 或 800g",
    ),
    Fault.NOT_YES_OR_NO: ("neither yes nor no", "应为 是 或 否"),
    Fault.NO_PHONE_TAIL: ("the last four digits of a phone cannot be read from it", "读不出电话后四位"),
    Fault.TOO_LONG: ("longer than 2000 characters (a number: 100)", "超过2000个字符（号码：100个）"),
    Fault.TOO_MANY_CELLS: (
        "the row has more cells than the header; a comma inside a cell needs quotes around the cell",
        "这一行的格数多于表头；格内有逗号时要用引号括起来",
    ),
    Fault.CONTRADICTS_ROW: (
        "says something else about the same parcel than row {row}",
        "与第{row}行是同一个包裹，内容却不同",
    ),
}


@dataclass(frozen=True, slots=True)
class Reject:
    """One reason why a row stays out. `column` is the field's name, empty for the row as a whole."""

    column: str
    fault: Fault
    other_row: int | None = None

    def sentence(self, language: Language) -> str:
        """The reason in words."""
        return _FAULTS[self.fault][language == "zh"].format(row=self.other_row)


class FaultError(Exception):
    """A cell cannot be read."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class FileFault(StrEnum):
    """Why a whole file was refused."""

    NOT_FOUND = "not_found"
    NOT_A_FILE = "not_a_file"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    HEADER_ONLY = "header_only"
    OLD_OR_LOCKED_WORKBOOK = "old_or_locked_workbook"
    BROKEN_WORKBOOK = "broken_workbook"
    WORKBOOK_TOO_LARGE = "workbook_too_large"
    NOT_A_TABLE = "not_a_table"
    WEB_PAGE = "web_page"
    BROKEN_ENCODING = "broken_encoding"
    CHANGED = "changed"
    OPEN_QUOTE = "open_quote"
    LONGEST_CELL = "longest_cell"
    MISSING_COLUMNS = "missing_columns"
    REJECTS_NOT_WRITABLE = "rejects_not_writable"


_FILE_FAULTS: dict[FileFault, tuple[str, str]] = {
    FileFault.NOT_FOUND: ("there is no such file; check the path", "没有这个文件；请检查路径"),
    FileFault.NOT_A_FILE: (
        "a folder, a pipe or a device; save the orders as a file and import that",
        "这是文件夹、管道或设备；请先把订单保存为文件再导入",
    ),
    FileFault.UNREADABLE: (
        "the file cannot be opened ({detail}); check its rights",
        "无法打开文件（{detail}）；请检查权限",
    ),
    FileFault.EMPTY: ("the file is empty; export it again", "文件是空的；请重新导出"),
    FileFault.HEADER_ONLY: (
        "there is a header but no row below it; export it again",
        "只有表头没有数据行；请重新导出",
    ),
    FileFault.OLD_OR_LOCKED_WORKBOOK: (
        "an old .xls or a workbook with a password; save it as .xlsx or .csv without password",
        "这是旧版 .xls 或带密码的工作簿；请另存为不带密码的 .xlsx 或 .csv",
    ),
    FileFault.BROKEN_WORKBOOK: (
        "not a readable .xlsx workbook; open it in a spreadsheet program and save it again",
        "无法读取的 .xlsx 工作簿；请用表格软件打开后重新保存",
    ),
    FileFault.WORKBOOK_TOO_LARGE: (
        "the workbook is too large to be opened: delete what stands far below or beside the orders, or save it as CSV",
        "工作簿太大，无法打开；请删除订单下方或右侧远处的内容，或另存为 CSV",
    ),
    FileFault.NOT_A_TABLE: (
        "neither CSV nor XLSX; export the orders as one of them",
        "既不是 CSV 也不是 XLSX；请导出为其中一种",
    ),
    FileFault.WEB_PAGE: (
        "a web page under the name of a table; open it in a spreadsheet program and save it as .xlsx",
        "文件实际是网页；请用表格软件打开后另存为 .xlsx",
    ),
    FileFault.BROKEN_ENCODING: (
        "line {detail} is neither UTF-8 nor GB18030; save the file as CSV UTF-8",
        "第{detail}行既不是 UTF-8 也不是 GB18030 编码；请另存为 CSV UTF-8",
    ),
    FileFault.CHANGED: (
        "the file was changed while row {detail} was read; import it again when it is whole",
        "读到第{detail}行时文件被改动；请等它写完后再导入",
    ),
    FileFault.OPEN_QUOTE: (
        "a quote opened in row {detail} is never closed; close it or export again",
        "第{detail}行的引号没有闭合；请补上或重新导出",
    ),
    FileFault.LONGEST_CELL: (
        "a cell in row {detail} is longer than 131,072 characters; shorten it or export again",
        "第{detail}行有一格超过131072个字符；请缩短后重新导出",
    ),
    FileFault.MISSING_COLUMNS: ("columns are missing: {detail}", "缺少列：{detail}"),
    FileFault.REJECTS_NOT_WRITABLE: (
        "the rejects file cannot be written ({detail}); name another place for it",
        "无法写入退回文件（{detail}）；请指定其他位置",
    ),
}


class ImportRefused(Exception):
    """A whole file cannot be imported; nothing of it was. Says which file, why, and what to do."""

    def __init__(self, path: Path, fault: FileFault, detail: str = "") -> None:
        self.path, self.fault, self.detail = path, fault, detail
        super().__init__(f"{path}: {self.sentence('en')}")

    def sentence(self, language: Language) -> str:
        """Why, and what to do, without the path."""
        return _FILE_FAULTS[self.fault][language == "zh"].format(detail=self.detail)
