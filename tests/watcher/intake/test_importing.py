"""A file of orders on its way into the store, on both databases."""

import csv
import resource
import stat
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import sqlalchemy as sa
from browser.story import raised
from builders import NOW, a_scan
from order_files import a_csv, a_row, an_xlsx, numbered

from watcher.clock import ManualClock
from watcher.intake.faults import FileFault, ImportRefused
from watcher.intake.importing import ImportReport, import_file
from watcher.intake.regions import Regions
from watcher.model import RouteReason, Rule
from watcher.routing import Choice
from watcher.store import imports, pushes, scans
from watcher.store.engine import Store
from watcher.store.tables import alert, shipment, watch

ACCOUNTS = {"zto": "zto-main", "sf": "sf-main"}


def account_for(carrier, _has_tail):
    account = ACCOUNTS.get(carrier)
    return account and Choice(account, RouteReason.FIRST_CHOICE)


class Importer:
    """Imports into one store, with its rejects beside the file."""

    def __init__(self, store: Store, clock: ManualClock, regions: Regions, folder: Path) -> None:
        self.store, self.clock, self.regions, self.folder = store, clock, regions, folder

    def __call__(self, *rows: dict[str, Any], **options: Any) -> ImportReport:
        return self.file(a_csv(self.folder, *rows), **options)

    def file(self, path: Path, **options: Any) -> ImportReport:
        given = {"rejects": self.folder / "rejects.csv"} | options
        return import_file(
            self.store, path, clock=self.clock, regions=self.regions, account_for=account_for, **given
        )

    def rows(self) -> list[dict[str, Any]]:
        """All shipments with their watches, by order number."""
        query = (
            sa.select(shipment, watch)
            .join(watch)
            .order_by(shipment.c.order_number, shipment.c.tracking_number)
        )
        with self.store.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def set_watch(self, **columns: Any) -> None:
        with self.store.write() as connection:
            connection.execute(sa.update(watch).values(**columns))

    def rejects(self) -> list[dict[str, str]]:
        with (self.folder / "rejects.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def importer(store: Store, clock: ManualClock, regions: Regions, tmp_path: Path) -> Importer:
    return Importer(store, clock, regions, tmp_path)


def _counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.rows, report.created, report.changed, report.unchanged, report.rejected


def test_a_new_row_becomes_a_shipment_with_its_watch(importer: Importer) -> None:
    report = importer(a_row(付款时间="2026-03-01 10:00", 订单状态="已发货"))
    assert _counts(report) == (1, 1, 0, 0, 0)
    [row] = importer.rows()
    assert (row["order_number"], row["carrier"], row["town"], row["value_fen"]) == (
        "O-1",
        "zto",
        "510107001",
        12000,
    )
    assert row["paid_at"] == NOW - timedelta(days=1)
    assert (row["account"], row["box"], row["poll_reason"]) == ("zto-main", "watching", "first_look")
    assert NOW <= row["next_poll_at"] <= NOW + timedelta(minutes=10)
    assert (row["evaluate_at"], row["watched_since"], row["coverage_pending"]) == (NOW, NOW, True)


def test_several_parcels_of_an_order_are_several_shipments(importer: Importer) -> None:
    report = importer(a_row(), a_row(运单号="78400000000002"))
    assert report.created == 2


def test_a_carrier_that_no_account_answers_for_is_unassigned(importer: Importer) -> None:
    importer(a_row(快递公司="圆通"))
    [row] = importer.rows()
    assert (row["account"], row["box"], row["next_poll_at"]) == (None, "unassigned", None)


def test_the_same_file_again_changes_nothing(importer: Importer) -> None:
    importer(*numbered(3))
    before = importer.rows()
    importer.clock.advance(timedelta(hours=1))
    importer.set_watch(evaluate_at=None)
    assert _counts(importer(*numbered(3))) == (3, 0, 0, 3, 0)
    assert importer.rows() == [row | {"evaluate_at": None} for row in before]


def test_a_changed_row_changes_what_changed_and_nothing_else(importer: Importer) -> None:
    importer(*numbered(2))
    importer.set_watch(evaluate_at=None, failures_in_a_row=7)
    before = importer.rows()
    importer.clock.advance(timedelta(hours=1))
    first, second = numbered(2)
    assert _counts(importer(first | {"货值": "99"}, second)) == (2, 0, 1, 1, 0)
    changed, same = importer.rows()
    assert same == before[1]
    assert {name for name in changed if changed[name] != before[0][name]} == {
        "value_fen", "row_digest", "changed_at", "evaluate_at",
    }  # fmt: skip
    assert (changed["value_fen"], changed["evaluate_at"]) == (9900, importer.clock.now())
    assert _counts(importer(first | {"货值": "99"}, second)) == (2, 0, 0, 2, 0)


def test_a_column_that_the_file_lacks_leaves_its_field_alone(importer: Importer) -> None:
    importer(a_row())
    report = importer(a_row(收货人=None, 手机=None, 收货地址=None, 货值=None))
    assert _counts(report) == (1, 0, 0, 1, 0)
    [row] = importer.rows()
    assert (row["recipient"], row["phone"], row["town"], row["value_fen"]) == (
        "李四",
        "13800000001",
        "510107001",
        12000,
    )


def test_a_blank_cell_clears_its_field(importer: Importer) -> None:
    importer(a_row())
    assert importer(a_row(货值="", 收货地址="")).changed == 1
    [row] = importer.rows()
    assert (row["value_fen"], row["address"], row["town"], row["phone"]) == (None, None, None, "13800000001")


def test_a_cancelled_order_is_closed_and_a_reopened_one_asked_about_now(importer: Importer) -> None:
    importer(a_row())
    importer.set_watch(evaluate_at=None)
    importer(a_row(订单状态="已取消"))
    [row] = importer.rows()
    assert (row["order_state"], row["box"], row["next_poll_at"], row["evaluate_at"]) == (
        "cancelled", "order_closed", None, NOW,
    )  # fmt: skip
    importer.clock.advance(timedelta(hours=1))
    importer(a_row(订单状态="已发货"))
    [row] = importer.rows()
    assert (row["order_state"], row["box"], row["poll_reason"]) == ("open", "watching", "order_changed")
    assert row["next_poll_at"] == importer.clock.now()


def test_the_queue_hears_of_an_order_that_is_closed_and_of_no_other_change(importer: Importer) -> None:
    importer(a_row())
    raised(importer.store, importer.rows()[0]["id"], Rule.REFUSED)

    def waits(**changes: str) -> bool:
        with importer.store.write() as connection:
            connection.execute(sa.update(alert).values(queue_pending=False))
        importer(a_row(**changes))
        with importer.store.read() as connection:
            return bool(connection.execute(sa.select(alert.c.queue_pending)).scalar_one())

    assert not waits(代收金额="77")
    assert waits(代收金额="77", 订单状态="已取消")
    assert waits(代收金额="77", 订单状态="已发货")


def test_a_corrected_phone_is_tried_at_once_where_the_old_one_was_refused(importer: Importer) -> None:
    importer(a_row())
    importer.set_watch(last_outcome="ownership_refused", next_poll_at=NOW + timedelta(hours=9))
    importer(a_row(手机="13800000009"))
    [row] = importer.rows()
    assert (row["phone"], row["next_poll_at"], row["poll_reason"]) == ("13800000009", NOW, "order_changed")


def test_another_carrier_moves_the_watch_to_its_account(importer: Importer) -> None:
    importer(a_row())
    importer.set_watch(track_digest="x", failures_in_a_row=3)
    importer(a_row(快递公司="顺丰"))
    [row] = importer.rows()
    assert (row["carrier"], row["account"], row["next_poll_at"]) == ("sf", "sf-main", NOW)
    assert (row["track_digest"], row["failures_in_a_row"]) == (None, 0)


def test_what_the_wrong_carrier_said_is_about_another_parcel(importer: Importer) -> None:
    importer(a_row())
    [row] = importer.rows()
    key = row["shipment_id"]
    strangers = [a_scan("picked_up", "50h"), a_scan("delivered", "9h")]
    with importer.store.write() as connection:
        scans.add(connection, {key: strangers}, source="zto", seen_at=NOW)
        pushes.want(connection, "zto-main", [key], at=NOW)
    importer.set_watch(milestone="delivered", milestone_since=NOW, last_scan_at=NOW, last_answered_at=NOW)
    importer(a_row(快递公司="顺丰"))
    [row] = importer.rows()
    assert (row["milestone"], row["milestone_since"], row["last_scan_at"]) == ("unknown", None, None)
    assert (row["last_answered_at"], row["coverage_pending"]) == (None, True)
    with importer.store.read() as connection:
        assert scans.standing(connection, [key]) == {key: []}
        assert pushes.wanted(connection, "zto-main", limit=9) == []


def test_equal_rows_in_one_file_count_once_and_contradicting_ones_name_the_first(importer: Importer) -> None:
    report = importer(a_row(), a_row(), a_row(货值="1"), a_row(订单号="O-2"))
    assert _counts(report) == (4, 2, 0, 1, 1)
    assert report.warnings["repeated_row"] == 1
    [reject] = importer.rejects()
    assert (reject["reject_row"], reject["reject_column"]) == ("4", "")
    assert "contradicts_row" in reject["reject_reason"]
    assert "row 2" in reject["reject_reason"]
    assert importer.rows()[0]["value_fen"] == 12000


def test_rejected_rows_keep_the_others_out_of_nothing(importer: Importer) -> None:
    good, bad = numbered(2)
    report = importer(good, bad | {"运单号": "7.84E+13", "快递公司": "某某"})
    assert _counts(report) == (2, 1, 0, 0, 1)
    assert report.rejects_path == importer.folder / "rejects.csv"
    [reject] = importer.rejects()
    assert {name: reject[name] for name in bad} == bad | {"运单号": "7.84E+13", "快递公司": "某某"}
    assert (reject["reject_row"], reject["reject_column"]) == (
        "3",
        "运单号 (tracking_number); 快递公司 (carrier)",
    )
    assert "科学计数法" in reject["reject_reason"]
    assert "no carrier is known" in reject["reject_reason"]


def test_a_corrected_rejects_file_can_be_imported(importer: Importer) -> None:
    importer(a_row(快递公司="某某", 手机="+86 13800000001"))
    [reject] = importer.rejects()
    assert reject["手机"] == "'+86 13800000001"
    report = importer.file(a_csv(importer.folder, reject | {"快递公司": "中通"}, name="corrected.csv"))
    assert (report.created, report.unknown_columns) == (1, ())
    assert importer.rows()[0]["phone"] == "+86 13800000001"


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_formula_in_a_rejected_row_is_disarmed(importer: Importer, start: str) -> None:
    importer(a_row(快递公司="某某", 收货人=f"{start}cmd|calc"))
    assert importer.rejects()[0]["收货人"] == f"'{start}cmd|calc"


def test_cells_beyond_the_header_are_kept_in_the_rejects(importer: Importer) -> None:
    path = a_csv(importer.folder, a_row())
    path.write_text(
        path.read_text(encoding="utf-8-sig").replace("120.00", "120.00,1号,2号"), encoding="utf-8"
    )
    assert importer.file(path).rejected == 1
    assert "1号,2号" in (importer.folder / "rejects.csv").read_text(encoding="utf-8-sig")


def test_without_rejects_there_is_no_rejects_file(importer: Importer) -> None:
    assert importer(a_row()).rejects_path is None
    assert not (importer.folder / "rejects.csv").exists()


def test_rejects_go_to_the_current_folder_when_none_is_named(
    importer: Importer, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, here = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("here")
    path = a_csv(source, a_row(快递公司="某某"))
    source.chmod(stat.S_IRUSR | stat.S_IXUSR)
    monkeypatch.chdir(here)
    report = importer.file(path, rejects=None)
    assert report.rejects_path == here / "orders.csv-rejects.csv"
    assert [one.name for one in here.iterdir()] == ["orders.csv-rejects.csv"]
    assert [one.name for one in source.iterdir()] == ["orders.csv"]


def test_the_rejects_file_may_not_be_the_file_itself(importer: Importer) -> None:
    path = a_csv(importer.folder, a_row())
    with pytest.raises(ImportRefused) as caught:
        importer.file(path, rejects=path)
    assert caught.value.fault is FileFault.REJECTS_NOT_WRITABLE


def test_rejects_that_cannot_be_written_are_one_error(importer: Importer) -> None:
    (importer.folder / "file").write_text("")
    with pytest.raises(ImportRefused) as caught:
        importer(a_row(快递公司="某某"), rejects=importer.folder / "file" / "rejects.csv")
    assert caught.value.fault is FileFault.REJECTS_NOT_WRITABLE


def test_a_file_with_only_a_header_is_refused(importer: Importer) -> None:
    path = a_csv(importer.folder, a_row())
    path.write_text(path.read_text(encoding="utf-8-sig").splitlines()[0], encoding="utf-8")
    with pytest.raises(ImportRefused) as caught:
        importer.file(path)
    assert caught.value.fault is FileFault.HEADER_ONLY


def test_what_rows_lack_and_what_nobody_reads_is_reported(importer: Importer) -> None:
    report = importer(a_row(手机="", 商品规格="红"), a_row(订单号="O-2", 收货地址="", 商品规格="红"))
    assert report.warnings == {"no_address": 1, "no_phone": 1}
    assert {len(rows) for rows in report.warned_rows.values()} == {1}
    assert [column.header for column in report.unknown_columns] == ["商品规格"]


def test_progress_is_told_after_every_commit(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watcher.intake.importing._ROWS_AT_ONCE", 2)
    told: list[tuple[int, int]] = []
    importer(*numbered(5), progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == [2, 4, 5]
    assert all(total >= 5 for _, total in told)


def test_a_crash_in_the_middle_loses_nothing_that_a_second_run_does_not_bring(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watcher.intake.importing._ROWS_AT_ONCE", 2)
    rows = [*numbered(5), a_row(订单号="bad", 快递公司="某某")]

    def crash(done: int, _total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importer(*rows, progress=crash)
    assert len(importer.rows()) == 4
    assert [path.name for path in importer.folder.glob("*rejects*")] == []
    assert _counts(importer(*rows)) == (6, 1, 0, 4, 1)
    assert len(importer.rows()) == 5


def test_an_error_inside_a_transaction_leaves_no_shipment_without_a_watch(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("lost")

    monkeypatch.setattr(imports, "add_watches", fail)
    with pytest.raises(RuntimeError, match="lost"):
        importer(a_row())
    with importer.store.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(shipment)).scalar_one() == 0


def test_a_shipment_that_another_import_wrote_meanwhile_is_changed_not_doubled(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer(a_row())
    look, looks = imports.known, []

    def blind_at_first(
        connection: sa.Connection, keys: list[imports.Key]
    ) -> dict[imports.Key, imports.Known]:
        looks.append(keys)
        return {} if len(looks) == 1 else look(connection, keys)

    monkeypatch.setattr(imports, "known", blind_at_first)
    assert _counts(importer(a_row(货值="99"))) == (1, 0, 1, 0, 0)
    [row] = importer.rows()
    assert row["value_fen"] == 9900


def test_a_workbook_is_imported_with_its_numbers(importer: Importer) -> None:
    report = importer.file(an_xlsx(importer.folder, a_row(运单号=78400000000001, 货值=120, 手机=13800000001)))
    assert report.created == 1
    [row] = importer.rows()
    assert (row["tracking_number"], row["value_fen"], row["phone"]) == (
        "78400000000001",
        12000,
        "13800000001",
    )


def test_a_workbook_row_with_lost_digits_is_rejected(importer: Importer) -> None:
    report = importer.file(an_xlsx(importer.folder, a_row(运单号=784000000000012345.0)))
    assert report.rejected == 1
    assert importer.rejects()[0]["reject_reason"].startswith("digits_lost")


BAD: tuple[tuple[dict[str, str], str, str], ...] = (
    ({"运单号": "7.84E+13"}, "tracking_number", "scientific_notation"),
    ({"运单号": ""}, "tracking_number", "empty"),
    ({"快递公司": "某某快递"}, "carrier", "unknown_carrier"),
    ({"货值": "很多"}, "value_fen", "not_money"),
    ({"付款时间": "很快", "重量": "重"}, "paid_at; weight_grams", "not_a_time"),
)


def test_fifty_thousand_rows_go_in_and_a_thousand_bad_ones_come_out_with_their_reasons(
    sqlite_store: Store, clock: ManualClock, regions: Regions, tmp_path: Path
) -> None:
    importer = Importer(sqlite_store, clock, regions, tmp_path)
    rows = numbered(
        50_000, 付款时间="2026-03-01 10:00:00", 重量="1.2", 代收货款="0", 店铺="旗舰店", 买家ID="b1"
    )
    spoilt = {number: BAD[number // 50 % len(BAD)] for number in range(7, 50_000, 50)}
    for number, (changes, _, _) in spoilt.items():
        rows[number] |= changes
    path = a_csv(tmp_path, *rows)
    start = perf_counter()
    report = importer.file(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{perf_counter() - start:.1f} s, peak {peak} MB")  # noqa: T201
    assert _counts(report) == (50_000, 49_000, 0, 0, 1_000)
    rejects = importer.rejects()
    assert [int(reject["reject_row"]) for reject in rejects] == [number + 2 for number in spoilt]
    for reject, (_, column, fault) in zip(rejects, spoilt.values(), strict=True):
        assert all(f"({name})" in reject["reject_column"] for name in column.split("; "))
        assert reject["reject_reason"].startswith(f"{fault}: ")
    with sqlite_store.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(watch)).scalar_one() == 49_000


def test_what_is_no_file_is_written_to_and_not_put_aside(importer: Importer, tmp_path: Path) -> None:
    null = tmp_path / "null"
    null.symlink_to("/dev/null")
    report = importer(a_row(快递公司="某某快递"), rejects=null)
    assert (report.rejected, report.rejects_path) == (1, null)
    assert null.is_char_device()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
