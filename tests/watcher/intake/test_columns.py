"""Headers of many shop systems, and the fields they mean."""

import pytest

from watcher.intake.columns import FIELDS, missing_sentence, normal, understand

REQUIRED = ("订单号", "运单号", "快递公司")


def _meant(*header: str) -> dict[str, str]:
    return {column.header: column.field.name for column in understand(header).columns}


def test_a_chinese_export_is_understood() -> None:
    meant = {
        "订单编号": "order_number",
        "快递单号": "tracking_number",
        "承运商": "carrier",
        "收货人": "recipient",
        "联系手机": "phone",
        "固定电话": "second_phone",
        "收货地址": "address",
        "寄件人电话后四位": "sender_phone_tail",
        "买家会员名": "buyer_id",
        "店铺名称": "shop",
        "来源平台": "platform",
        "发货仓库": "warehouse",
        "发货地址": "warehouse_address",
        "分销商": "distributor",
        "付款时间": "paid_at",
        "最晚发货时间": "promised_ship_at",
        "是否预售": "presale",
        "发货时间": "number_uploaded_at",
        "重量(kg)": "weight_grams",
        "订单金额（元）": "value_fen",
        "代收货款": "cod_fen",
        "买家留言": "order_note",
        "订单状态": "order_state",
    }
    columns = understand(list(meant))
    assert {column.header: column.field.name for column in columns.columns} == meant
    assert columns.unknown == ()
    assert columns.missing == ()


def test_an_english_export_is_understood() -> None:
    meant = _meant(
        "Order No.",
        "Tracking Number",
        "Carrier",
        "Recipient Name",
        "Phone",
        "Shipping Address",
        "Weight (g)",
        "COD amount",
    )
    assert list(meant.values()) == [
        "order_number", "tracking_number", "carrier", "recipient", "phone", "address", "weight_grams", "cod_fen",
    ]  # fmt: skip


def test_our_own_names_are_understood() -> None:
    names = [field.name for field in FIELDS]
    assert list(_meant(*names).values()) == names


def test_no_name_means_two_fields() -> None:
    seen: dict[str, str] = {}
    for field in FIELDS:
        for alias in {normal(alias) for alias in field.aliases}:
            assert seen.setdefault(alias, field.name) == field.name


def test_stars_brackets_blanks_and_width_do_not_matter() -> None:
    assert _meant("*订单号", " 运单号 ", "快递公司：", "Ｐｈｏｎｅ", "【收货人】") == {
        "*订单号": "order_number",
        " 运单号 ": "tracking_number",
        "快递公司：": "carrier",
        "Ｐｈｏｎｅ": "phone",
        "【收货人】": "recipient",
    }


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("重量(kg)", "kg"),
        ("重量g", "g"),
        ("重量(克)", "克"),
        ("金额(元)", "元"),
        ("金额(分)", "分"),
        ("value_fen", "分"),
    ],
)
def test_the_unit_in_the_header_is_kept(header: str, unit: str) -> None:
    assert understand([header]).columns[0].unit == unit


def test_a_second_phone_column_is_the_second_phone() -> None:
    assert _meant("收货人电话", "收货人手机") == {"收货人手机": "phone", "收货人电话": "second_phone"}


def test_of_two_columns_for_a_field_the_more_exact_has_it_and_the_other_is_reported() -> None:
    columns = understand(["备注", "订单备注"])
    assert [column.header for column in columns.columns] == ["订单备注"]
    assert [(column.header, column.near) for column in columns.unknown] == [("备注", "订单备注")]


def test_an_unknown_column_is_reported_with_what_it_resembles() -> None:
    columns = understand([*REQUIRED, "收件人人", "商品规格", ""])
    assert [(column.header, column.near) for column in columns.unknown] == [
        ("收件人人", "收件人"),
        ("商品规格", None),
    ]


def test_missing_columns_are_named_in_both_languages_with_what_may_be_meant() -> None:
    columns = understand(["订单号", "运单号码号"])
    assert [field.name for field in columns.missing] == ["tracking_number", "carrier"]
    assert missing_sentence(columns) == (
        "运单号 / tracking_number (is it '运单号码号'?); 快递公司 / carrier; found: 订单号 (order_number), 运单号码号"
    )


def test_a_first_row_that_is_an_order_is_not_repeated() -> None:
    sentence = missing_sentence(understand(["A-1", "李四", "13800000001"]))
    assert "no known column was found" in sentence
    assert "李四" not in sentence


def test_the_columns_of_a_rejects_file_are_passed_over() -> None:
    assert understand([*REQUIRED, "reject_row", "reject_column", "reject_reason"]).unknown == ()
