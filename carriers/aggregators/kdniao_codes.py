"""Kdniao's codes and what they say: data for `kdniao`, nothing else.

`COMPANIES` maps our carrier ids to the vendor's company codes. `MILESTONES` holds both State (one digit, of the whole
parcel) and StateEx (finer; also the Action of a line); the meanings are ours.
"""

from collections.abc import Mapping

from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    OwnershipRefused,
    QuotaExhausted,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

COMPANIES: Mapping[str, str] = {
    "sf": "SF",
    "zto": "ZTO",
    "yto": "YTO",
    "sto": "STO",
    "yunda": "YD",
    "jt": "JTSD",
    "jd": "JD",
    "ems": "EMS",
    "china_post": "YZPY",
    "deppon": "DBL",
    "best": "HTKY",
    "uc": "UC",
    "zjs": "ZJS",
    "kuayue": "KYSY",
    "ttk": "HHTT",
}
CARRIER_OF: Mapping[str, str] = {company: carrier for carrier, company in COMPANIES.items()}

OK = "100"

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "101": UnreadableResponse,  # a parameter is missing
    "102": AuthenticationFailed,
    "103": UnreadableResponse,  # format
    "104": AccessDenied,  # the account
    "105": SourceUnavailable,  # something else
    "401": UnreadableResponse,  # what was asked is no JSON they know
    "402": UnreadableResponse,  # no number
    "403": InvalidNumber,  # its characters
    "404": InvalidNumber,  # its length
    "405": QuotaExhausted,  # of the day
}

# One number is asked for at a time: what is wrong with the question is that number's trouble and stops no other.
SUBSCRIPTION_CODES: Mapping[str, type[CarrierError]] = {
    **RESULT_CODES,
    **dict.fromkeys(("101", "103", "401", "402"), InvalidNumber),
}

REFUSALS: tuple[tuple[str, type[CarrierError]], ...] = (
    # What concerns one number comes before what would condemn the account; all but the first is unverified.
    (r"套餐", QuotaExhausted),
    (r"暂无轨迹", NotFoundYet),
    (r"次数|上限", QuotaExhausted),
    (r"频", RateLimited),
    (r"单号.*(?:格式|长度|错误)|(?:格式|长度|错误).*单号", InvalidNumber),
    (r"手机|尾号|CustomerName", OwnershipRefused),
    (r"验证|签名|非法", AuthenticationFailed),
    (r"系统|超时|繁忙", SourceUnavailable),
)

MILESTONES: Mapping[str, Meaning] = {
    "0": Meaning(Milestone.UNKNOWN),
    "1": Meaning(Milestone.PICKED_UP),
    "10": Meaning(Milestone.PRE_TRANSIT),  # to be collected, though the vendor files it under 1
    "2": Meaning(Milestone.IN_TRANSIT),
    "201": Meaning(Milestone.ARRIVED_AT_DESTINATION_CITY),
    "202": Meaning(Milestone.OUT_FOR_DELIVERY),
    "204": Meaning(Milestone.IN_TRANSIT),
    "205": Meaning(Milestone.ARRIVED_AT_DESTINATION_CITY),
    "206": Meaning(Milestone.IN_TRANSIT),
    "211": Meaning(Milestone.READY_FOR_PICKUP),
    "3": Meaning(Milestone.DELIVERED),
    "301": Meaning(Milestone.DELIVERED),
    "302": Meaning(Milestone.DELIVERED),
    "304": Meaning(Milestone.DELIVERED_TO_PROXY),
    "311": Meaning(Milestone.DELIVERED_TO_PROXY),
    "4": Meaning(Milestone.EXCEPTION),
    # without information, without a signature, without news for long: what we find ourselves, no reason
    "401": Meaning(Milestone.EXCEPTION),
    "402": Meaning(Milestone.EXCEPTION),
    "403": Meaning(Milestone.EXCEPTION),
    "404": Meaning(Milestone.RETURNING, (Reason.REFUSED,)),
    "405": Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
    "406": Meaning(Milestone.RETURNED, (Reason.RETURN_TO_SENDER,)),
    "407": Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
    "412": Meaning(Milestone.EXCEPTION, (Reason.PICKUP_OVERDUE,)),
    "413": Meaning(Milestone.EXCEPTION, (Reason.INTERCEPTED,)),
    "414": Meaning(Milestone.EXCEPTION, (Reason.DAMAGED,)),
    "415": Meaning(Milestone.CANCELLED),
    "416": Meaning(Milestone.EXCEPTION, (Reason.RECIPIENT_UNREACHABLE,)),
    "417": Meaning(Milestone.EXCEPTION, (Reason.DELAYED_TRANSIT,)),
    "418": Meaning(Milestone.OUT_FOR_DELIVERY),  # taken out again by the courier; unverified
    "419": Meaning(Milestone.OUT_FOR_DELIVERY),  # once more; why, it does not say
    "420": Meaning(Milestone.EXCEPTION, (Reason.BAD_ADDRESS,)),
    "421": Meaning(Milestone.EXCEPTION, (Reason.BAD_PHONE,)),
    "422": Meaning(Milestone.EXCEPTION, (Reason.MISSORTED,)),
    "423": Meaning(Milestone.EXCEPTION, (Reason.OUT_OF_AREA,)),
    "5": Meaning(Milestone.IN_TRANSIT),
    # at the customs: no trouble before 604
    "6": Meaning(Milestone.IN_TRANSIT),
    "601": Meaning(Milestone.IN_TRANSIT),
    "602": Meaning(Milestone.IN_TRANSIT),
    "603": Meaning(Milestone.IN_TRANSIT),
    "604": Meaning(Milestone.EXCEPTION, (Reason.HELD,)),
}

FINAL_STATES = frozenset({"3", "301", "302", "304", "311", "406", "415"})
