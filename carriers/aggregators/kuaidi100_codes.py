"""Kuaidi100's codes and what they say: data for `kuaidi100`, nothing else.

`COMPANIES` maps our carrier ids to the vendor's company codes; `STATES` has code, the vendor's name for it and our
meaning. Queries and subscriptions use the same numbers for different failures.
"""

from collections.abc import Mapping

from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    OwnershipRefused,
    QuotaExhausted,
    RateLimited,
    SourceUnavailable,
)

COMPANIES: Mapping[str, str] = {
    "sf": "shunfeng",
    "zto": "zhongtong",
    "yto": "yuantong",
    "sto": "shentong",
    "yunda": "yunda",
    "jt": "jtexpress",
    "jd": "jd",
    "ems": "ems",
    "deppon": "debangwuliu",
    "china_post": "youzhengguonei",
    "best": "huitongkuaidi",
    "ane": "annengwuliu",
    "japan_post": "japanposten",
    "sf_freight": "shunfengkuaiyun",  # unverified spelling
    "fengwang": "fengwang",  # unverified spelling
}
CARRIER_OF: Mapping[str, str] = {company: carrier for carrier, company in COMPANIES.items()}

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "400": InvalidNumber,  # also: no such company
    "408": OwnershipRefused,  # the tail is missing or wrong
    "500": NotFoundYet,
    "501": SourceUnavailable,
    "502": SourceUnavailable,
    "503": AuthenticationFailed,  # wrong signature
    "504": RateLimited,  # unverified
    "601": QuotaExhausted,  # the key expired, or nothing is left on it
}

SUBSCRIPTION_CODES: Mapping[str, type[CarrierError]] = {
    "500": SourceUnavailable,
    "600": AuthenticationFailed,
    "601": AuthenticationFailed,  # the key expired; one client swaps it with 600
    "700": InvalidNumber,  # also: a company or a callback address it does not take
    "701": InvalidNumber,  # it does not follow this carrier
    "702": InvalidNumber,  # the company could not be told from the number
}

STATES: tuple[tuple[str, str, Meaning], ...] = (
    ("0", "在途", Meaning(Milestone.IN_TRANSIT)),
    ("1", "揽收", Meaning(Milestone.PICKED_UP)),
    ("101", "已下单", Meaning(Milestone.PRE_TRANSIT)),
    ("102", "待揽收", Meaning(Milestone.PRE_TRANSIT)),
    ("103", "已揽收", Meaning(Milestone.PICKED_UP)),
    ("1001", "到达派件城市", Meaning(Milestone.ARRIVED_AT_DESTINATION_CITY)),
    ("1002", "干线", Meaning(Milestone.IN_TRANSIT)),
    ("1003", "转递", Meaning(Milestone.IN_TRANSIT)),
    ("2", "疑难", Meaning(Milestone.EXCEPTION)),
    # long without a signature, long without news: what we find ourselves, no reason
    ("201", "超时未签收", Meaning(Milestone.EXCEPTION)),
    ("202", "超时未更新", Meaning(Milestone.EXCEPTION)),
    ("203", "拒收", Meaning(Milestone.EXCEPTION, (Reason.REFUSED,))),
    ("204", "派件异常", Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,))),
    ("205", "柜或驿站超时未取", Meaning(Milestone.EXCEPTION, (Reason.PICKUP_OVERDUE,))),
    ("206", "无法联系", Meaning(Milestone.EXCEPTION, (Reason.RECIPIENT_UNREACHABLE,))),
    ("207", "超区", Meaning(Milestone.EXCEPTION, (Reason.OUT_OF_AREA,))),
    ("208", "滞留", Meaning(Milestone.EXCEPTION, (Reason.DELAYED_TRANSIT,))),
    ("209", "破损", Meaning(Milestone.EXCEPTION, (Reason.DAMAGED,))),
    ("210", "销单", Meaning(Milestone.CANCELLED)),
    ("3", "签收", Meaning(Milestone.DELIVERED)),
    ("301", "本人签收", Meaning(Milestone.DELIVERED)),
    ("302", "派件异常后签收", Meaning(Milestone.DELIVERED)),
    ("303", "代签", Meaning(Milestone.DELIVERED_TO_PROXY)),
    ("304", "投柜或站签收", Meaning(Milestone.DELIVERED_TO_PROXY)),
    ("4", "退签", Meaning(Milestone.RETURNED, (Reason.RETURN_TO_SENDER,))),
    ("401", "已销单", Meaning(Milestone.CANCELLED)),
    ("5", "派件", Meaning(Milestone.OUT_FOR_DELIVERY)),
    ("501", "投柜或驿站", Meaning(Milestone.READY_FOR_PICKUP)),
    ("6", "退回", Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,))),
    ("7", "转投", Meaning(Milestone.IN_TRANSIT)),
    # at the customs: no trouble before 13
    ("8", "清关", Meaning(Milestone.IN_TRANSIT)),
    ("10", "待清关", Meaning(Milestone.IN_TRANSIT)),
    ("11", "清关中", Meaning(Milestone.IN_TRANSIT)),
    ("12", "已清关", Meaning(Milestone.IN_TRANSIT)),
    ("13", "清关异常", Meaning(Milestone.EXCEPTION, (Reason.HELD,))),
    # newer texts say that the sender has signed as well; it stays open until a row says so
    ("14", "拒签", Meaning(Milestone.RETURNING, (Reason.REFUSED,))),
)
MILESTONES: Mapping[str, Meaning] = {code: meaning for code, _, meaning in STATES}
CODE_OF_NAME: Mapping[str, str] = {name: code for code, name, _ in STATES}
