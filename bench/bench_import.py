"""How fast `import_file` is, and how much memory it takes: CSV, the same CSV again, and XLSX, on SQLite.

    python bench/bench_import.py [--rows 50000] [--bad 1000]

Prints rows per second, wall and processor time, peak memory, and the processor time as a multiple of only reading the
same CSV, which holds on any machine. Each import runs in a process of its own, so that the peak is its own.
"""

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

import xlsxwriter

from watcher.clock import SystemClock
from watcher.intake.importing import import_file
from watcher.intake.regions import Regions
from watcher.store.engine import open_store
from watcher.store.tables import metadata

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


def made_rows(rows: int, bad: int) -> list[tuple[str, ...]]:
    """Rows as a merchant exports them; every so many is bad (an unknown carrier and no time)."""
    every = rows // bad if bad else rows + 1
    return [_row(number, bad=number % every == 0 and number // every < bad) for number in range(rows)]


def _row(number: int, *, bad: bool) -> tuple[str, ...]:
    day = f"2026-02-{number % 28 + 1:02}"
    return (
        f"O2026{number:09}", f"784{number:011}", "某某快递" if bad else "中通快递", "李四",
        f"1380000{number % 10000:04}",
        f"0755-8234{number % 10000:04}", f"{PLACES[number % len(PLACES)]}{number % 300}号", f"{number % 10000:04}",
        f"buyer{number % 9000}", "旗舰店", "淘宝", "一号仓", "广东省东莞市虎门镇1号", "", f"{day} 10:00:00",
        "很快" if bad else f"{day} 23:00:00", "否", f"{day} 18:30:00", "1.25", "128.50", "0", "请轻放", "已发货",
    )  # fmt: skip


def write_csv(path: Path, rows: list[tuple[str, ...]]) -> None:
    """As UTF-8 with BOM."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])


def write_xlsx(path: Path, rows: list[tuple[str, ...]]) -> None:
    """All cells as text."""
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False}) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate([HEADER, *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)


def one_import(path: Path, database: Path) -> dict[str, float]:
    """Import `path` here and now."""
    store = open_store(f"sqlite:///{database}")
    with store.write() as connection:
        metadata.create_all(connection)
    start, busy = perf_counter(), process_time()
    report = import_file(
        store,
        path,
        clock=SystemClock(),
        regions=Regions.load(),
        account_for=lambda _carrier: "main",
        rejects=database.with_suffix(".rejects.csv"),
    )
    took = perf_counter() - start
    busy = process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": took,
        "busy": busy,
        "megabytes": peak,
        "created": report.created,
        "rejected": report.rejected,
    }


def measured(path: Path, database: Path) -> dict[str, float]:
    """Import `path` in a process of its own."""
    command = (sys.executable, __file__, "--one", str(path), str(database))
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this file again
    result: dict[str, float] = json.loads(done.stdout)
    return result


def read_only(path: Path) -> float:
    """Seconds to read the CSV and do nothing."""
    start = process_time()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in csv.reader(file):
            pass
    return process_time() - start


def main() -> None:
    """Make the files, import them, print the figures."""
    arguments = argparse.ArgumentParser(description="How fast an import is.")
    arguments.add_argument("--rows", type=int, default=50_000)
    arguments.add_argument("--bad", type=int, default=1_000)
    arguments.add_argument("--one", nargs=2, type=Path, metavar=("FILE", "DATABASE"), help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.one:
        print(json.dumps(one_import(*given.one)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder, rows = Path(name), made_rows(given.rows, given.bad)
        table, workbook = folder / "orders.csv", folder / "orders.xlsx"
        write_csv(table, rows)
        write_xlsx(workbook, rows)
        reading = read_only(table)
        runs = (
            ("csv", table, folder / "a.db"),
            ("csv again", table, folder / "a.db"),
            ("xlsx", workbook, folder / "b.db"),
        )
        for kind, path, database in runs:
            result = measured(path, database)
            print(f"{kind}: {sentence(result, rows=given.rows, reading=reading)}")


def sentence(result: dict[str, float], *, rows: int, reading: float) -> str:
    """The figures of one import."""
    return ", ".join(
        (
            f"{rows / result['seconds']:,.0f} rows/s",
            f"{result['seconds']:.1f} s ({result['busy']:.1f} s busy)",
            f"{result['busy'] / reading:.0f} x reading the csv",
            f"peak {result['megabytes']:.0f} MB",
            f"{result['created']} created, {result['rejected']} rejected",
        )
    )


if __name__ == "__main__":
    main()
