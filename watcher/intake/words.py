"""The words merchants write for carriers, order states, yes and no. Data only; all words lower case, without blanks.

Carrier words are names people and shop systems use and the codes of the common interfaces. Freight brands that track
under another system (中通快运, 韵达快运) are left out on purpose: their numbers are not the parcel company's.
"""

from collections.abc import Mapping

from watcher.model import OrderState

_CARRIER_WORDS: Mapping[str, str] = {
    "sf": """顺丰 顺丰速运 顺丰快递 顺丰速递 顺丰快运 顺丰标快 顺丰特快 顺丰特惠 顺丰同城 顺丰冷运 sf
        sfexpress shunfeng""",
    "zto": "中通 中通快递 中通速递 中通标快 zto ztoexpress zhongtong",
    "yto": "圆通 圆通快递 圆通速递 圆通速运 yto ytoexpress yuantong",
    "sto": "申通 申通快递 申通速递 sto stoexpress shentong",
    "yunda": "韵达 韵达快递 韵达速递 yd yunda yundaexpress",
    "jt": "极兔 极兔速递 极兔快递 jt jtsd jtexpress",
    "jd": """京东 京东快递 京东物流 京东配送 京东特快 京东标快 京东快运 jd jdl jdlogistics jingdong
        jdexpress jdkd""",
    "ems": """ems 邮政 中国邮政 邮政快递 邮政ems 邮政快递包裹 邮政包裹 邮政速递 邮政标准快递 邮政特快专递
        中国邮政速递 中国邮政速递物流 邮政平邮 邮政国内小包 邮政电商标快 ems标准快递 ems经济快递 特快专递
        youzhengguonei chinapost postb yzpy eyb""",
    "deppon": """德邦 德邦快递 德邦物流 德邦快运 deppon dbl debang debangkuaidi debangwuliu debangexpress
        dbkd""",
    "dhl": "dhl dhlexpress 敦豪 中外运敦豪",
    "fedex": "fedex 联邦 联邦快递 fedexexpress",
    "ups": "ups 联合包裹",
    "usps": "usps 美国邮政",
}
_ENDINGS = ("", "有限公司", "股份有限公司", "集团", "官方", "电子面单")

CARRIERS: Mapping[str, str] = {
    f"{word}{ending}": carrier
    for carrier, words in _CARRIER_WORDS.items()
    for word in words.split()
    for ending in _ENDINGS
}

_STATE_WORDS: Mapping[OrderState, str] = {
    OrderState.OPEN: """open 进行中 正常 有效 处理中 已付款 待发货 部分发货 已发货 已出库 已揽收 运输中
        派送中 待收货 待签收 已签收 已收货 已完成 完成 交易成功 交易完成 交易中 已审核 待审核 已打单 已打印
        待打印 已配货 待出库 已下单 已支付 待评价 已评价 买家已付款 卖家已发货 等待卖家发货 等待买家确认收货
        等待买家确认 待买家收货 待确认收货 退款中 申请退款 退款关闭 退款失败 部分退款 取消退款 撤销退款
        售后中 售后关闭 paid shipped sent processing delivering delivered completed complete finished
        fulfilled partiallyfulfilled unfulfilled pending confirmed active waitsellersendgoods
        waitbuyerconfirmgoods tradefinished sellerconsignedpart""",
    OrderState.CANCELLED: """cancelled canceled cancel void voided 取消 关闭 已取消 已关闭 交易关闭 已作废
        作废 买家取消 卖家取消 系统取消 未付款关闭 tradeclosed tradeclosedbytaobao""",
    OrderState.REFUNDED: """refunded refund fullyrefunded 已退款 退款成功 全额退款 退款完成 已全额退款
        仅退款成功 退货退款成功 已退货退款""",
}
ORDER_STATES: Mapping[str, OrderState] = {
    word: state for state, words in _STATE_WORDS.items() for word in words.split()
}
# parts of longer words, tried in this order when the whole word is not listed; a refund under way decides nothing yet
STATE_SIGNS: tuple[tuple[str, OrderState], ...] = (
    ("退款成功", OrderState.REFUNDED),
    ("已退款", OrderState.REFUNDED),
    ("退款", OrderState.OPEN),
    ("取消", OrderState.CANCELLED),
    ("交易关闭", OrderState.CANCELLED),
    ("作废", OrderState.CANCELLED),
    ("发货", OrderState.OPEN),
    ("收货", OrderState.OPEN),
    ("已付款", OrderState.OPEN),
    ("签收", OrderState.OPEN),
)

YES = frozenset(
    ("是", "有", "对", "y", "yes", "true", "t", "1", "√", "✓", "预售", "预售订单", "presale", "preorder")
)
NO = frozenset(
    (
        "否",
        "不",
        "不是",
        "没有",
        "错",
        "n",
        "no",
        "false",
        "f",
        "0",
        "×",
        "x",
        "✗",
        "现货",
        "非预售",
        "普通",
        "普通订单",
    )
)
