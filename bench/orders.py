"""Order files as a merchant exports them, with invented people."""

import csv
from pathlib import Path

import xlsxwriter

HEADER = (
    "订单号", "运单号", "快递公司", "收货人", "手机", "备用电话", "详细地址", "寄件人电话后四位", "买家ID", "店铺",
    "平台", "仓库", "仓库地址", "分销商", "付款时间", "承诺发货时间", "预售", "单号上传时间", "重量", "货值",
    "代收货款", "备注", "订单状态",
)  # fmt: skip
PLACES = (
    "广东省深圳市南山区粤海街道",
    "四川省成都市武侯区浆洗街街道",
    "浙江省杭州市余杭区塘栖镇",
    "江苏南京鼓楼区",
    "湖北省仙桃市沙嘴街道",
    "新疆维吾尔自治区乌鲁木齐市天山区",
)
_BAD_EVERY = 50

Row = tuple[str, ...]


def made_orders(rows: int, *, first: int = 0) -> list[Row]:
    """Rows numbered from `first`; one in fifty is bad (an unknown carrier and no time)."""
    return [_row(number, bad=number % _BAD_EVERY == _BAD_EVERY - 1) for number in range(first, first + rows)]


def an_address(number: int) -> str:
    """An address with its house number."""
    return f"{PLACES[number % len(PLACES)]}{number % 300}号"


def _row(number: int, *, bad: bool) -> Row:
    day = f"2026-02-{number % 28 + 1:02}"
    return (
        f"O2026{number:09}", f"784{number:011}", "某某快递" if bad else "中通快递", "李四",
        f"1380000{number % 10000:04}",
        f"0755-8234{number % 10000:04}", an_address(number), f"{number % 10000:04}",
        f"buyer{number % 9000}", "旗舰店", "淘宝", "一号仓", "广东省东莞市虎门镇1号", "", f"{day} 10:00:00",
        "很快" if bad else f"{day} 23:00:00", "否", f"{day} 18:30:00", "1.25", "128.50", "0", "请轻放", "已发货",
    )  # fmt: skip


def write_csv(path: Path, rows: list[Row]) -> Path:
    """As UTF-8 with BOM."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def write_xlsx(path: Path, rows: list[Row]) -> Path:
    """All cells as text."""
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False}) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate([HEADER, *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return path


def read_csv(path: Path) -> None:
    """Read a CSV and do nothing: what an import is held against."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in csv.reader(file):
            pass
