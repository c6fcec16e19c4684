"""Whom to call, where the parcel lies, who signed."""

import pytest

from carriers.reading.reader import Reader

COURIERS = [
    ("快件交给李四,正在派送途中（联系电话：13800000001）", "李四", "13800000001"),
    ("正在派送途中,请您准备签收(派件人:李四,电话:13800000001)", "李四", "13800000001"),
    ("您的快件已签收，如有疑问请电联快递员【李四，电话：13800000001】", "李四", "13800000001"),
    ("【示范市】【示范城东】（0371-80000001）的李四（13800000001）正在第1次派件", "李四", "13800000001"),
    ("【示范公司】的派件员【李四(13800000001)】正在为您派件", "李四", "13800000001"),
    ("快递员 李四 电话13800000001 正在为您派件", "李四", "13800000001"),
    ("您的快件正在派送中（快递员：李四，联系电话：138****0001）", "李四", "138****0001"),
    ("快递员李四13800000001正在为您派件", "李四", "13800000001"),
    ("派件员：欧阳小明，电话：13800000001转1234，正在派件", "欧阳小明", "13800000001转1234"),
    ("投递员王**（13800000001-123）正在投递", "王**", "13800000001-123"),
    ("将继续为您派件，电话【13800000001】", None, "13800000001"),
    # nobody who delivers
    ("【示范市】的业务员张三（13800000001）已揽收", None, None),
    ("已签收，如有疑问请联系：13800000001，投诉电话：021-80000001", None, None),
    ("快件已到达示范网点，扫描员是李四", None, None),
    ("派件主管（13800000001）处理中", None, None),
    ("快递员拨打客户13800000001关机", None, None),
    ("派件员联系收件人手机13800000001关机", None, None),
    ("快件正在派送中，收货人电话13800000001", None, None),
    ("正在派送，您预留的手机号为13800000001，请保持畅通", None, None),
    ("正在派送，网点值班电话13800000001", None, None),
    ("正在派送，售后电话13800000001", None, None),
    ("派件中，如需帮助请拨打0571-80000001", None, None),
    ("快件已签收，签收网点是示范分部（13800000001）", None, None),
]


@pytest.mark.parametrize(("text", "name", "phone"), COURIERS)
def test_only_the_delivering_courier_is_named(
    reader: Reader, text: str, name: str | None, phone: str | None
) -> None:
    reading = reader.read(text)
    assert (reading.courier_name, reading.courier_phone) == (name, phone)


@pytest.mark.parametrize(
    "hotline", ["95338", "95311", "95720", "95554", "11183", "400-8000-000", "4008000000"]
)
def test_a_hotline_is_never_a_courier(reader: Reader, hotline: str) -> None:
    assert reader.read(f"快递员正在为您派件，电话：{hotline}").courier_phone is None
    assert reader.read(f"快递员李四（{hotline}）正在派件").courier_phone is None


STATIONS = [
    ("快件已被【示范小区丰巢柜】代收", "示范小区丰巢柜"),
    ("快件已签收，签收人是【菜鸟驿站】", "菜鸟驿站"),
    ("您的快递已到示范路妈妈驿站，请凭取件码5-1-2003取件", "示范路妈妈驿站"),
    ("快件已存放至示范苑西门智能柜【自提柜】，请及时取件", "示范苑西门智能柜【自提柜】"),
    ("签收人在【丰巢的示范园2号柜(丰巢智能快递柜)】(示范园2号柜)领取", "丰巢的示范园2号柜(丰巢智能快递柜)"),
    ("已签收(丰巢签收)", "丰巢"),
    # words for a place or a person that name none
    ("快件已被【代收点】代收", None),
    ("已签收，签收人：门卫", None),
    ("已签收，签收人：前台", None),
    ("您的快件已由本人签收", None),
    # the milestone has no station
    ("快件离开【示范驿站】，已发往【示范中转】", None),
]


@pytest.mark.parametrize(("text", "station"), STATIONS)
def test_a_station_is_given_as_printed(reader: Reader, text: str, station: str | None) -> None:
    assert reader.read(text).station == station


def test_what_is_needed_to_fetch_a_parcel_is_read(reader: Reader) -> None:
    reading = reader.read("快件已暂存示范驿站，取件码：3-2-5001，驿站电话 020-80000001")
    assert (reading.pickup_code, reading.station_phone) == ("3-2-5001", "020-80000001")


def test_who_signed_is_read(reader: Reader) -> None:
    assert reader.read("快件已签收，签收人是【王五】，签收网点【示范网点】").signed_by == "王五"
    assert reader.read("包裹已签收，签收人凭取件码签收").signed_by is None


@pytest.mark.parametrize(
    ("text", "facility"),
    [
        ("【深圳市】 快件离开 【示范中心】 已发往 【示范城东】", "示范中心"),
        ("【示范转运中心】已卸车", "示范转运中心"),
        ("到达示范市分拨中心", "示范市分拨中心"),
        ("示范珠村分部(0851-80000001)已进行货件留仓扫描", "示范珠村分部"),
        ("【深圳市】客户拒收", None),
    ],
)
def test_the_facility_that_printed_a_scan_is_read(reader: Reader, text: str, facility: str | None) -> None:
    assert reader.read(text).facility == facility
