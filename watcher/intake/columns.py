"""The header of a file comes in; which column holds which of our fields goes out, and which columns nobody reads.

Merchants name their columns in Chinese or English, each shop system differently; spelling, blanks, brackets and stars
are passed over. What is missing is one clear error, what is unknown is reported with the nearest name we know.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Kind = Literal[
    "order_number",
    "tracking_number",
    "carrier",
    "order_state",
    "text",
    "tail",
    "time",
    "deadline",
    "flag",
    "grams",
    "fen",
]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a column can hold. `aliases` in the order in which they are believed when several columns claim it."""

    name: str
    kind: Kind
    zh: str
    aliases: tuple[str, ...]
    required: bool = False


def _field(name: str, kind: Kind, aliases: str, *, required: bool = False) -> Field:
    words = tuple(aliases.split())
    return Field(name, kind, words[0], (*words, name), required)


FIELDS: tuple[Field, ...] = (
    _field(
        "order_number",
        "order_number",
        """订单号 订单编号 订单号码 主订单编号 平台订单号 平台单号 原始单号 线上订单号 网店订单号 店铺订单号
        商家订单号 交易编号 交易单号 系统单号 子订单编号 orderno ordernumber orderid ordersn ordercode
        salesorder ordername""",
        required=True,
    ),
    _field(
        "tracking_number",
        "tracking_number",
        """运单号 运单编号 运单号码 快递单号 物流单号 快递编号 物流编号 面单号 包裹号 物流运单号 快递运单号
        配送单号 waybill waybillno waybillnumber trackingno trackingnumber trackingcode trackingid tracking
        trackno mailno expressno logisticsno awb""",
        required=True,
    ),
    _field(
        "carrier",
        "carrier",
        """快递公司 物流公司 承运商 快递公司名称 物流公司名称 承运公司 快递 物流 快递名称 物流名称
        快递公司编码 物流公司编码 物流商 快递方式 物流方式 配送方式 配送公司 carrier carriername carriercode
        courier shippingcarrier shippingcompany trackingcompany expresscompany logisticscompany express""",
        required=True,
    ),
    _field(
        "recipient",
        "text",
        """收件人 收货人 收件人姓名 收货人姓名 收货姓名 收件姓名 收件方 买家姓名 姓名 客户姓名 联系人
        recipient recipientname receiver receivername consignee consigneename shippingname shiptoname
        customername""",
    ),
    _field(
        "phone",
        "text",
        """手机 收件人手机 收货人手机 收件人手机号 收货人手机号 收件人手机号码 收货人手机号码 手机号
        手机号码 收件人电话 收货人电话 联系手机 联系电话 联系方式 收件电话 收货电话 收件人联系方式
        收货人联系方式 收件人联系电话 收货人联系电话 买家手机 电话 电话号码 phone phonenumber mobile
        mobilephone recipientphone receiverphone receivermobile consigneephone consigneemobile shippingphone
        tel telephone contactphone""",
    ),
    _field(
        "second_phone",
        "text",
        """备用电话 备用手机 备用手机号 备用联系电话 第二电话 其他电话 固定电话 固话 座机 收件人固话
        收货人固话 收件人固定电话 收货人固定电话 电话2 手机2 phone2 secondphone alternatephone backupphone
        otherphone landline""",
    ),
    _field(
        "sender_phone_tail",
        "tail",
        """寄件人电话后四位 寄件电话后四位 寄件人手机后四位 寄件人手机尾号 寄件人尾号 发件人电话后四位
        发件人手机后四位 发货人电话后四位 寄件人电话 寄件人手机 寄件人手机号 发件人电话 发件人手机 发货电话
        发货人电话 寄件电话 senderphonetail senderphonelast4 senderphone sendermobile shipperphone""",
    ),
    _field(
        "address",
        "text",
        """详细地址 收货地址 收件地址 收件人地址 收货人地址 收件人详细地址 收货详细地址 收货人详细地址 地址
        送货地址 配送地址 完整地址 收件人完整地址 address recipientaddress receiveraddress consigneeaddress
        shippingaddress shiptoaddress fulladdress deliveryaddress address1 shippingaddress1""",
    ),
    _field(
        "address_province",
        "text",
        "省 省份 收件省 收货省 收件人省 收货人省份 收件省份 收货省份 收件人省份 所在省 province state",
    ),
    _field(
        "address_city",
        "text",
        "市 城市 收件市 收货市 收件人市 收货人城市 收件城市 收货城市 收件人城市 所在市 地市 city",
    ),
    _field(
        "address_district",
        "text",
        """区 区县 县 县区 收件区 收件区县 收货区县 收件人区县 收货人区县 收货地区 地区 收货区 收件人区
        district county area""",
    ),
    _field(
        "address_town",
        "text",
        "街道 乡镇 镇 镇街 街道乡镇 收件街道 收货街道 收件人街道 收货人街道 town township",
    ),
    _field(
        "buyer_id",
        "text",
        """买家id 买家会员名 会员名 买家昵称 买家账号 买家旺旺 旺旺 买家 客户id 客户编号 会员id 会员账号
        用户id 用户昵称 网名 昵称 buyerid buyer buyernick buyername customerid userid username""",
    ),
    _field(
        "shop",
        "text",
        "店铺 店铺名称 店铺名 网店 网店名称 商店 销售店铺 来源店铺 shop shopname store storename",
    ),
    _field(
        "platform",
        "text",
        "平台 来源平台 销售平台 平台类型 订单来源 渠道 销售渠道 店铺类型 platform channel source saleschannel",
    ),
    _field(
        "warehouse",
        "text",
        "仓库 发货仓库 仓库名称 发货仓 出库仓 仓 warehouse warehousename fulfillmentlocation",
    ),
    _field(
        "warehouse_address",
        "text",
        """仓库地址 发货地址 寄件地址 发件地址 寄件人地址 发件人地址 发货地 始发地 warehouseaddress
        senderaddress shipfromaddress originaddress""",
    ),
    _field(
        "distributor",
        "text",
        "分销商 分销商名称 代理商 经销商 供货商 分销店铺 distributor reseller dealer",
    ),
    _field(
        "paid_at",
        "time",
        "付款时间 支付时间 付款日期 支付日期 订单付款时间 买家付款时间 paidat paytime paymenttime paiddate paymentdate",
    ),
    _field(
        "promised_ship_at",
        "deadline",
        """承诺发货时间 最晚发货时间 最迟发货时间 应发货时间 发货截止时间 承诺发货日期 预计发货时间 发货时限
        promisedshipat promisedshiptime shipby shipbydate latestshipdate shipdeadline""",
    ),
    _field(
        "presale",
        "flag",
        "预售 是否预售 预售订单 是否预售订单 presale ispresale preorder ispreorder",
    ),
    _field(
        "number_uploaded_at",
        "time",
        """单号上传时间 发货时间 上传时间 运单上传时间 发货日期 出库时间 订单发货时间 实际发货时间
        numberuploadedat uploadtime shippedat shiptime shipdate shippeddate consigntime deliverytime""",
    ),
    _field(
        "weight_grams",
        "grams",
        "重量 包裹重量 实际重量 称重重量 计费重量 预估重量 商品重量 净重 毛重 weight packageweight grossweight",
    ),
    _field(
        "value_fen",
        "fen",
        """货值 金额 订单金额 实付金额 买家实付金额 买家实际支付金额 实收金额 支付金额 付款金额 应付金额
        商品金额 总金额 订单总金额 总价 声明价值 保价金额 value amount total ordervalue orderamount
        totalamount totalprice paidamount declaredvalue""",
    ),
    _field(
        "cod_fen",
        "fen",
        """代收货款 代收金额 货到付款金额 到付金额 代收款 cod codamount cashondelivery amountcod""",
    ),
    _field(
        "order_note",
        "text",
        """订单备注 买家留言 买家备注 客户备注 备注 留言 卖家备注 客服备注 商家备注 ordernote note notes
        buyermessage remark remarks comment memo""",
    ),
    _field(
        "order_state",
        "order_state",
        "订单状态 状态 交易状态 平台状态 系统状态 orderstate orderstatus status tradestatus",
    ),
)
# what a rejects file adds: not read when the corrected file is imported
REJECT_COLUMNS = ("reject_row", "reject_column", "reject_reason")
_UNITS = re.compile(r"(?P<name>.+?)(?P<unit>kg|公斤|千克|grams?|g|克|斤|元|分|yuan|fen|rmb|cny)")
_UNIT_NAMES = {"gram": "g", "grams": "g", "yuan": "元", "rmb": "元", "cny": "元", "fen": "分"}
_NEAR = 0.7


@dataclass(frozen=True, slots=True)
class Column:
    """Column `index` (from 0) with this header holds `field`; `unit` is the one its header names."""

    index: int
    header: str
    field: Field
    unit: str = ""


@dataclass(frozen=True, slots=True)
class UnknownColumn:
    """A column that nobody reads. `near` is the known column it resembles, or the one that took its place."""

    header: str
    near: str | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """A header understood."""

    width: int
    columns: tuple[Column, ...]
    unknown: tuple[UnknownColumn, ...]
    missing: tuple[Field, ...]

    @property
    def fields(self) -> frozenset[str]:
        """The names of all fields that the file speaks of."""
        return frozenset(column.field.name for column in self.columns)


def normal(header: str) -> str:
    """The header without what merchants vary: case, width, blanks, signs."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", header).lower() if sign.isalnum())


def understand(header: Sequence[str]) -> Columns:
    """Which column holds what. Where several claim a field the more exact name has it; a second phone is one."""
    aliases = _aliases()
    claims = [
        claim
        for index, name in enumerate(header)
        if (claim := _claim(index, name, aliases=aliases)) is not None
    ]
    held = _settled(claims)
    by_index = {column.index: column for column in held.values()}
    losers = {
        column.index: held[column.field.name].header for _, column in claims if column.index not in by_index
    }
    open_names = [alias for alias, (field, _) in aliases.items() if field.name not in held]
    unknown = tuple(
        UnknownColumn(name, losers.get(index) or _near(name, open_names, aliases=aliases))
        for index, name in enumerate(header)
        if name and index not in by_index and name not in REJECT_COLUMNS
    )
    missing = tuple(field for field in FIELDS if field.required and field.name not in held)
    return Columns(len(header), tuple(by_index[index] for index in sorted(by_index)), unknown, missing)


def _aliases() -> Mapping[str, tuple[Field, int]]:
    """Normal form of every known name -> its field, and how exact it is (0 best)."""
    found: dict[str, tuple[Field, int]] = {}
    for field in FIELDS:
        for rank, alias in enumerate(field.aliases):
            found.setdefault(normal(alias), (field, rank))
    return found


def _claim(index: int, header: str, *, aliases: Mapping[str, tuple[Field, int]]) -> tuple[int, Column] | None:
    name = normal(header)
    if name in aliases:
        field, rank = aliases[name]
        return rank, Column(
            index, header, field, "g" if name == "weightgrams" else "分" if name.endswith("fen") else ""
        )
    measured = _UNITS.fullmatch(name)
    if measured is None or measured["name"] not in aliases:
        return None
    field, rank = aliases[measured["name"]]
    unit = _UNIT_NAMES.get(measured["unit"], measured["unit"])
    return (rank, Column(index, header, field, unit)) if field.kind in ("grams", "fen") else None


def _settled(claims: Sequence[tuple[int, Column]]) -> dict[str, Column]:
    held: dict[str, Column] = {}
    for _, column in sorted(claims, key=lambda claim: claim[0]):
        name = column.field.name
        if (
            name == "phone"
            and name in held
            and not any(one.field.name == "second_phone" for _, one in claims)
        ):
            column = Column(column.index, column.header, _SECOND_PHONE)  # noqa: PLW2901 - it is one from here on
        held.setdefault(column.field.name, column)
    return held


_SECOND_PHONE = next(field for field in FIELDS if field.name == "second_phone")


def _near(header: str, open_names: Sequence[str], *, aliases: Mapping[str, tuple[Field, int]]) -> str | None:
    found = get_close_matches(normal(header), open_names, n=1, cutoff=_NEAR)
    return aliases[found[0]][0].zh if found else None


def missing_sentence(columns: Columns) -> str:
    """What is missing, by its Chinese and English name, which unknown column may be meant, and what was found."""
    return f"{'; '.join(_missing(columns))}; {_found(columns)}"


def _found(columns: Columns) -> str:
    # without a single known name the row is likely no header but an order, and must not be repeated
    if not columns.columns:
        return "no known column was found: the header must be one of the first rows"
    known = [f"{column.header} ({column.field.name})" for column in columns.columns]
    others = [column.header for column in columns.unknown]
    return "found: " + ", ".join([*known, *others])


def _missing(columns: Columns) -> Iterator[str]:
    for field in columns.missing:
        meant = [column.header for column in columns.unknown if column.near == field.zh]
        hint = f" (is it {meant[0]!r}?)" if meant else ""
        yield f"{field.zh} / {field.name}{hint}"
