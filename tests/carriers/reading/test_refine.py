"""The carrier's code first, its text second."""

from datetime import UTC, datetime

import pytest

from carriers.contract import Milestone, Reason, Scan
from carriers.reading.reader import Reader


def a_scan(milestone: Milestone, text: str, **fields: object) -> Scan:
    values = {"occurred_at": datetime(2026, 1, 2, tzinfo=UTC), "local_time": "2026-01-02 08:00:00", **fields}
    return Scan(milestone=milestone, text=text, **values)  # type: ignore[arg-type]


REFINED = [
    # the code is blunt
    ("in_transit", "正在派件", "out_for_delivery"),
    ("in_transit", "快件破损", "exception"),
    ("in_transit", "已存放至示范驿站，请及时取件", "ready_for_pickup"),
    ("delivered", "已签收，签收人：门卫", "delivered_to_proxy"),
    ("delivered", "已派送至（顺丰自助柜）,请凭取件码领取", "ready_for_pickup"),
    ("delivered", "已签收，签收人是寄件人", "returned"),
    ("exception", "请到示范驿站取件", "ready_for_pickup"),
    ("exception", "快件正在退回", "returning"),
    ("unknown", "正在派件", "out_for_delivery"),
    # the code knows better
    ("picked_up", "快件离开【示范一部】", "picked_up"),
    ("ready_for_pickup", "快件到达顺丰店/站 【示范便利店】", "ready_for_pickup"),
    ("delivered", "派送不成功", "delivered"),
    ("returned", "快件正在退回", "returned"),
    ("exception", "已签收", "exception"),
    ("cancelled", "已揽收", "cancelled"),
    ("exception", "宜晒被子", "exception"),
]


@pytest.mark.parametrize(("code", "text", "milestone"), REFINED)
def test_text_refines_only_what_it_may(reader: Reader, code: str, text: str, milestone: str) -> None:
    assert reader.refine(a_scan(Milestone(code), text), carrier="sf").milestone == milestone


SAYS = {
    "pre_transit": "订单已创建，等待揽收",
    "picked_up": "已揽收",
    "in_transit": "快件离开【示范一部】",
    "arrived_at_destination_city": "快件已到达目的地城市",
    "out_for_delivery": "正在派件",
    "ready_for_pickup": "已存放至示范驿站，请及时取件",
    "delivered": "已签收，签收人：本人",
    "delivered_to_proxy": "已签收，签收人：门卫",
    "returning": "快件正在退回",
    "returned": "已签收，签收人是寄件人",
    "exception": "快件破损",
    "cancelled": "订单已取消",
    "unknown": "宜晒被子",
}


@pytest.mark.parametrize("text", Milestone)
@pytest.mark.parametrize("code", Milestone)
def test_each_milestone_of_a_code_gives_way_only_to_texts_in_its_row(
    reader: Reader, code: Milestone, text: Milestone
) -> None:
    line = SAYS[text]
    assert reader.read(line, carrier="sf").milestone is text
    scan = reader.refine(a_scan(code, line, reasons=(Reason.HELD,)), carrier="sf")
    assert scan.milestone is (text if text in reader.shared.refines[code] else code)
    assert Reason.HELD in scan.reasons, "whatever the milestone, the code's reason stays"


def test_the_rows_that_decide_over_alerts_are_meant(reader: Reader) -> None:
    gives_way = {code: set(texts) for code, texts in reader.shared.refines.items()}
    assert gives_way[Milestone.EXCEPTION] == {
        "out_for_delivery",
        "ready_for_pickup",
        "returning",
        "returned",
        "cancelled",
    }
    assert gives_way[Milestone.DELIVERED] == {"delivered_to_proxy", "ready_for_pickup", "returned"}
    assert gives_way[Milestone.DELIVERED_TO_PROXY] == {"ready_for_pickup", "returned"}
    assert gives_way[Milestone.RETURNING] == {"returned"}
    assert gives_way[Milestone.RETURNED] == gives_way[Milestone.CANCELLED] == set()


def test_reasons_of_code_and_text_are_joined_in_their_order(reader: Reader) -> None:
    scan = a_scan(Milestone.EXCEPTION, "派送不成功，客户拒收", reasons=(Reason.HELD,))
    assert reader.refine(scan, carrier="sf").reasons == ("failed_attempt", "refused", "held")


def test_a_code_reason_is_never_lost(reader: Reader) -> None:
    scan = a_scan(Milestone.EXCEPTION, "快件已退回", reasons=(Reason.OUT_OF_AREA,))
    assert reader.refine(scan, carrier="zto").reasons == ("out_of_area", "return_to_sender")


def test_fields_of_the_carrier_win_over_the_text(reader: Reader) -> None:
    text = "【示范网点】的派件员【李四(13800000001)】正在派件"
    fields = {"courier_name": "王五", "courier_phone": "13800000002", "facility": "示范一部"}
    scan = a_scan(Milestone.OUT_FOR_DELIVERY, text, **fields)
    refined = reader.refine(scan, carrier="zto")
    assert (refined.courier_name, refined.courier_phone, refined.facility) == tuple(fields.values())


def test_a_courier_of_a_collection_is_not_taken_for_the_one_who_delivers(reader: Reader) -> None:
    scan = a_scan(Milestone.PICKED_UP, "业务员张三（13800000001）")
    assert reader.refine(scan, carrier="zto").courier_phone is None


def test_text_and_identity_stay_as_they_are(reader: Reader) -> None:
    scan = a_scan(Milestone.UNKNOWN, "【示范网点】 正在派件 ")
    refined = reader.refine(scan, carrier="kuaidi100")
    assert (refined.text, refined.identity) == (scan.text, scan.identity)


def test_every_milestone_has_a_row_in_the_table(reader: Reader) -> None:
    assert set(reader.shared.refines) == set(Milestone)
    assert all(code not in texts for code, texts in reader.shared.refines.items())
