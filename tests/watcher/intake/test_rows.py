"""One row at a time: the shipment it is, or all reasons why it is none."""

from datetime import UTC, datetime
from typing import Any

import pytest
from order_files import a_row

from watcher.intake.columns import understand
from watcher.intake.faults import Fault, Reject
from watcher.intake.regions import Regions
from watcher.intake.rows import NewShipment, RowReader, RowWarning
from watcher.model import OrderState, Region


def _read(regions: Regions, **changes: Any) -> NewShipment | tuple[Reject, ...]:
    row = a_row(**changes)
    return RowReader(understand(list(row)), regions).read(list(row.values()))


def _shipment(regions: Regions, **changes: Any) -> NewShipment:
    read = _read(regions, **changes)
    assert isinstance(read, NewShipment), read
    return read


def _rejects(regions: Regions, **changes: Any) -> list[tuple[str, Fault]]:
    read = _read(regions, **changes)
    assert not isinstance(read, NewShipment)
    return [(reject.column, reject.fault) for reject in read]


def test_a_good_row_is_a_shipment_with_its_region(regions: Regions) -> None:
    made = _shipment(
        regions,
        仓库地址="广东省深圳市南山区粤海街道1号",
        付款时间="2026-03-01 10:00:00",
        重量="1.2",
        代收货款="99",
        预售="是",
        寄件人电话后四位="13800000009",
        订单状态="已退款",
    )
    assert (made.order_number, made.tracking_number, made.carrier) == ("O-1", "78400000000001", "zto")
    assert (made.region.finest, made.origin.finest) == ("510107001", "440305007")
    assert made.paid_at == datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    assert (made.weight_grams, made.value_fen, made.cod_fen, made.presale) == (1200, 12000, 9900, True)
    assert (made.sender_phone_tail, made.order_state) == ("0009", OrderState.REFUNDED)
    assert made.warnings() == []


def test_what_a_row_leaves_blank_is_nothing(regions: Regions) -> None:
    made = _shipment(regions, 代收货款="", 预售="", 付款时间="-", 订单状态="", 备注="无")
    assert (made.cod_fen, made.presale, made.paid_at, made.order_state, made.order_note) == (
        0, False, None, OrderState.OPEN, None,
    )  # fmt: skip


def test_all_reasons_are_listed_not_only_the_first(regions: Regions) -> None:
    rejects = _rejects(regions, 运单号="7.84E+13", 快递公司="某某", 货值="很多", 付款时间="很快", 重量="重")
    assert rejects == [
        ("tracking_number", Fault.SCIENTIFIC_NOTATION),
        ("carrier", Fault.UNKNOWN_CARRIER),
        ("value_fen", Fault.NOT_MONEY),
        ("paid_at", Fault.NOT_A_TIME),
        ("weight_grams", Fault.NOT_A_WEIGHT),
    ]


def test_a_row_without_its_numbers_is_rejected(regions: Regions) -> None:
    assert _rejects(regions, 订单号="", 运单号=" ", 快递公司="无") == [
        ("order_number", Fault.EMPTY),
        ("tracking_number", Fault.EMPTY),
        ("carrier", Fault.EMPTY),
    ]


def test_a_row_that_is_wider_than_the_header_is_rejected(regions: Regions) -> None:
    row = a_row()
    reader = RowReader(understand(list(row)), regions)
    assert reader.read([*row.values(), "", None]) == reader.read(list(row.values()))
    assert reader.read([*row.values(), "1号"]) == (Reject("", Fault.TOO_MANY_CELLS),)


def test_a_row_that_is_shorter_than_the_header_ends_in_blanks(regions: Regions) -> None:
    row = a_row()
    read = RowReader(understand(list(row)), regions).read(list(row.values())[:4])
    assert isinstance(read, NewShipment)
    assert (read.recipient, read.phone, read.value_fen) == ("李四", None, None)


@pytest.mark.parametrize(
    ("changes", "warnings"),
    [
        ({"手机": ""}, [RowWarning.NO_PHONE]),
        ({"手机": "138****0001"}, [RowWarning.PHONE_NOT_DIALLED]),
        ({"手机": "", "备用电话": "0755-82345678"}, []),
        ({"收货地址": ""}, [RowWarning.NO_ADDRESS]),
        ({"收货地址": "鼓楼区1号"}, [RowWarning.NO_REGION]),
    ],
)
def test_what_an_accepted_row_lacks_is_a_warning(
    regions: Regions, changes: dict[str, str], warnings: list[RowWarning]
) -> None:
    assert _shipment(regions, **changes).warnings() == warnings


def test_a_masked_phone_is_kept_as_it_was_given(regions: Regions) -> None:
    assert _shipment(regions, 手机="138****0001").phone == "138****0001"


def test_an_address_in_pieces_is_put_together(regions: Regions) -> None:
    made = _shipment(regions, 省="广东省", 市="深圳市", 区="南山区", 街道="粤海街道", 收货地址="科技园1号")
    assert made.address == "广东省深圳市南山区粤海街道科技园1号"
    assert made.region.finest == "440305007"


def test_an_address_that_is_whole_already_is_not_doubled(regions: Regions) -> None:
    made = _shipment(regions, 省="广东省", 市="深圳市", 区="南山区", 收货地址="广东深圳南山粤海街道1号")
    assert made.address == "广东深圳南山粤海街道1号"


def test_a_municipality_said_twice_is_written_once(regions: Regions) -> None:
    made = _shipment(regions, 省="北京市", 市="北京市", 区="朝阳区", 收货地址="建国路1号")
    assert made.address == "北京市朝阳区建国路1号"
    assert made.region.finest == "110105"


def test_no_address_is_no_region(regions: Regions) -> None:
    made = _shipment(regions, 收货地址="")
    assert (made.address, made.region) == (None, Region())


def test_a_shipment_prints_no_person(regions: Regions) -> None:
    printed = repr(_shipment(regions, 备注="请打电话"))
    assert not any(word in printed for word in ("李四", "13800000001", "浆洗街街道1号", "请打电话"))
