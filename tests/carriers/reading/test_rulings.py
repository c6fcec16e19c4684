"""The rulings on what a line says, as sentences made up for this purpose."""

import pytest

from carriers.reading.reader import Reader

# milestone, reasons, carrier, text
RULINGS = [
    # milestones of the whole line
    ("pre_transit", "", None, "揽收失败，原因：寄件人电话关机"),
    ("pre_transit", "", None, "商家正在打包，等待快递员上门取件"),
    ("picked_up", "", "zto", "【示范市】【示范城东】（021-80000001）的业务员张三（13800000001）已揽收"),
    ("picked_up", "", "sf", "顺丰小哥 已收取快件"),
    ("in_transit", "", "sf", "快件离开 【示范中转场】，已在发往 【示例中转场】 的路上"),
    ("in_transit", "", "zto", "【示范市】快件已到达【退水投递点转运中心】"),
    ("in_transit", "", None, "快件到达【示范揽投部】"),
    ("in_transit", "", None, "海关查验"),
    ("in_transit", "out_of_area", None, "超区已转EMS派送"),
    ("in_transit", "", None, "寄件人已取消拦截，快件继续运输"),
    ("in_transit", "", "sf", "快件到达顺丰店/站 【示范便利店】"),
    ("arrived_at_destination_city", "", None, "快件到达【示范投递部】"),
    ("arrived_at_destination_city", "", None, "快件已到达目的地网点，快递员将很快进行派送"),
    ("out_for_delivery", "", "zto", "【示范市】【示范城东】的李四（13800000001）正在第2次派件"),
    ("out_for_delivery", "", None, "快件已从示范苑丰巢柜取出，将继续为您派件"),
    (
        "ready_for_pickup",
        "",
        "zto",
        "【示范市】快件已被【示范小区门口驿站】代收，如有问题请电联（13800000001）",
    ),
    ("ready_for_pickup", "", "zto", "快件已送达【示范保安室】，如有问题请电联13800000001"),
    ("ready_for_pickup", "", "sf", "收方客户要求自取快件,待自取"),
    ("ready_for_pickup", "", "sf", "已派送至（顺丰自助柜）,请凭取件码领取"),
    (
        "ready_for_pickup",
        "failed_attempt recipient_unreachable",
        None,
        "派送不成功，电话无人接听，已放至示范驿站，请及时取件",
    ),
    ("ready_for_pickup", "pickup_overdue", None, "您的包裹在示范路菜鸟驿站已存放3天，请尽快取件"),
    ("delivered", "", "zto", "【示范市】已签收，签收人凭取货码签收，如有疑问请电联：13800000001"),
    ("delivered", "", None, "签收人在【示范菜鸟驿站】领取"),
    ("delivered", "", "zto", "快件已由【王五】签收，签收网点：【示范城东】"),
    ("delivered", "", "sf", "您的快件已派送至本人"),
    ("delivered", "damaged", None, "快件已签收，签收时外包装破损"),
    ("delivered_to_proxy", "", "sf", "已签收(丰巢签收),感谢使用顺丰"),
    ("delivered_to_proxy", "", None, "快件已由示范苑丰巢柜代签收"),
    ("delivered_to_proxy", "", "yunda", "快件已被 示范便利店 代签收"),
    ("delivered_to_proxy", "", None, "签收人：门卫"),
    ("delivered_to_proxy", "", None, "您的快件已由门卫代收"),
    ("returning", "return_to_sender", None, "快件已退回"),
    ("returning", "refused return_to_sender", "zto", "【示范市】客户拒收，快件将退回"),
    ("returning", "return_to_sender", "sf", "快件已退回/转寄,新单号为: SF1000000000009"),
    ("returned", "return_to_sender", None, "已签收，签收人是寄件人"),
    ("returned", "return_to_sender", None, "退回妥投"),
    ("cancelled", "", None, "终止揽收：寄件人取消寄件"),
    # precedence
    ("exception", "out_of_area pickup_only", None, "超派件,客户自取"),
    ("exception", "pickup_only", None, "学校自取件"),
    ("exception", "intercepted return_to_sender", None, "拦截退回"),
    ("exception", "return_to_sender", None, "收件人要求退回，等待寄件人确认"),
    ("exception", "reschedule_by_recipient_or_holiday", None, "客户要求自提"),
    # reasons
    (
        "exception",
        "failed_attempt recipient_unreachable",
        "sf",
        "派送不成功(电话关机或无信号，无法联系收方客户)，待再次派送",
    ),
    ("exception", "failed_attempt refused", "sf", "派送不成功(收方客户拒收)，待进一步处理"),
    ("exception", "refused", None, "客户拒收"),
    ("exception", "cod_problem", None, "客户拒付货款"),
    ("exception", "refused cod_problem", None, "到付运费有争议，收件人拒收"),
    ("exception", "delayed_transit", None, "快件超出配送能力"),
    ("exception", "bad_address", None, "地址不详"),
    ("exception", "reschedule_by_recipient_or_holiday", None, "收件人改址"),
    ("exception", "bad_phone", None, "收件人电话是空号"),
    ("exception", "", None, "面单破损"),
    ("exception", "", None, "有单无货"),
    ("exception", "damaged", None, "内件破损"),
    ("exception", "missorted", None, "快件错分，已退回分拨中心重新中转"),
    ("exception", "held", None, "货件留仓扫描"),
    ("exception", "delayed_transit weather_or_force_majeure", None, "天气,自然灾害等原因导致延误"),
    ("exception", "weather_or_force_majeure", None, "异常天气"),
    ("exception", "reschedule_by_recipient_or_holiday", None, "节假日无人收货"),
    ("exception", "reschedule_by_recipient_or_holiday", None, "企事业单位放假"),
    ("exception", "reschedule_by_recipient_or_holiday", None, "已与收方客户约定新派送时间"),
    (
        "exception",
        "failed_attempt reschedule_by_recipient_or_holiday",
        None,
        "派送不成功，已与收方客户约定新派送时间",
    ),
    ("exception", "held cod_problem", None, "海关待征税"),
    ("exception", "delayed_transit", None, "清关延误"),
    ("exception", "held", None, "清关失败"),
    ("exception", "", None, "快件被投递员取走"),
    ("exception", "failed_attempt", None, "派送不成功，政府机关、学校等特殊单位"),
    # English
    ("out_for_delivery", "", None, "Out for delivery"),
    ("exception", "failed_attempt refused", None, "Undelivered - consignee refused to accept"),
    ("ready_for_pickup", "", None, "Delivered to parcel locker"),
    ("returned", "return_to_sender", None, "RTO Delivered"),
    ("in_transit", "", None, "Departed facility in Lost Nation"),
    ("exception", "delayed_transit weather_or_force_majeure", None, "Severe weather has delayed your parcel"),
]

# what never counts: the line without it says the same
BOILERPLATE = [
    "，如有疑问请致电客服",
    "，如拒签请回电",
    "。如外包装破损可拒收",
    "，如需退回请联系快递员",
    "，逾期未取将退回",
    "，谨防“快件丢失理赔”诈骗",
    "，感谢使用，期待再次为您服务",
    "【95720为中通快递员外呼专属号码，请放心接听】",
    "。疫情期间小哥每天测量体温，请放心收件",
]


@pytest.mark.parametrize(("milestone", "reasons", "carrier", "text"), RULINGS)
def test_a_ruling_is_kept(
    reader: Reader, milestone: str, reasons: str, carrier: str | None, text: str
) -> None:
    reading = reader.read(text, carrier=carrier)
    assert (reading.milestone, " ".join(reading.reasons)) == (milestone, reasons), reading.phrases


@pytest.mark.parametrize("boilerplate", BOILERPLATE)
@pytest.mark.parametrize("text", ["快件已签收", "快件正在派送途中,请准备签收", "快件离开【示范中转】"])
def test_boilerplate_changes_nothing(reader: Reader, text: str, boilerplate: str) -> None:
    assert reader.read(text + boilerplate).milestone == reader.read(text).milestone
    assert reader.read(text + boilerplate).reasons == ()


@pytest.mark.parametrize(
    "place", ["自提路", "退水村", "拒签请回电妈妈驿站", "退货巷", "破损桥", "丢失河网点", "拒马河营业点"]
)
def test_words_inside_the_name_of_a_facility_never_count(reader: Reader, place: str) -> None:
    reading = reader.read(f"快件离开【{place}】，已发往【示范中转】")
    assert (reading.milestone, reading.reasons) == ("in_transit", ())


@pytest.mark.parametrize("shop", ["退换货服务站", "拒签请回电妈妈驿站", "破烂王超市"])
def test_words_inside_the_name_of_a_signer_never_count(reader: Reader, shop: str) -> None:
    reading = reader.read(f"已签收，签收人是【{shop}】")
    assert (reading.milestone, reading.reasons, reading.station) == ("delivered_to_proxy", (), shop)


def test_a_line_of_boilerplate_is_explained_and_says_nothing(reader: Reader) -> None:
    reading = reader.read("如需退回请联系派件员")
    assert (reading.milestone, reading.reasons, reading.explained) == ("unknown", (), True)


def test_a_line_that_no_phrase_knows_is_unexplained(reader: Reader) -> None:
    reading = reader.read("宜晒被子")
    assert (reading.milestone, reading.explained) == ("unknown", False)


def test_the_closing_record_of_sf_is_no_signature(reader: Reader) -> None:
    reading = reader.read('在官网"运单资料&签收图",可查看签收人信息', carrier="sf")
    assert (reading.milestone, reading.explained) == ("unknown", True)


def test_traditional_characters_are_read(reader: Reader) -> None:
    assert reader.read("客戶拒收，電話無人接聽").reasons == ("recipient_unreachable", "refused")
