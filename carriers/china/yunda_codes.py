"""Yunda's codes and what they say: data for `yunda`, nothing else.

Results have no published codes: the keys of `RESULT_CODES` are words of a message in lower case, and the first of them
that stands in it decides (unverified, all of them). The meanings are ours.
"""

from collections.abc import Mapping

from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
)

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "签名": AuthenticationFailed,
    "sign": AuthenticationFailed,
    "app-key": AuthenticationFailed,
    "appkey": AuthenticationFailed,
    "无权限": AccessDenied,
    "未授权": AccessDenied,
    "权限": AccessDenied,
    "频率": RateLimited,
    "限流": RateLimited,
    "次数": RateLimited,
    "超限": RateLimited,
    "too many": RateLimited,
    "系统": SourceUnavailable,
    "超时": SourceUnavailable,
    "繁忙": SourceUnavailable,
    "timeout": SourceUnavailable,
    # Before the words for numbers: a number that does not exist yet is no wrong number.
    "无轨迹": NotFoundYet,
    "暂无": NotFoundYet,
    "不存在": NotFoundYet,
    "未订阅": NotFoundYet,
    "订阅": NotFoundYet,
    "单号": InvalidNumber,
    "mailno": InvalidNumber,
    "参数": InvalidNumber,
    "格式": InvalidNumber,
}

_IN_TRANSIT = Meaning(Milestone.IN_TRANSIT)

ACTIONS: Mapping[str, Meaning] = {
    "ACCEPT": Meaning(Milestone.PICKED_UP),
    "GOT": Meaning(Milestone.PICKED_UP),
    "ARRIVAL": _IN_TRANSIT,
    "DEPARTURE": _IN_TRANSIT,
    "SENT": Meaning(Milestone.OUT_FOR_DELIVERY),
    "INBOUND": Meaning(Milestone.READY_FOR_PICKUP),
    "SIGNED": Meaning(Milestone.DELIVERED),
    "OUTBOUND": Meaning(Milestone.OUT_FOR_DELIVERY),  # or fetched by the recipient: the text tells
    "SIGNFAIL": Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
    "RETURN": Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
    "ISSUE": Meaning(Milestone.EXCEPTION),  # the text tells which
    "REJECTION": Meaning(Milestone.EXCEPTION, (Reason.REFUSED,)),
    "OTHER": Meaning(Milestone.UNKNOWN),
    "TRANSFER": _IN_TRANSIT,  # on under another number or with another carrier
    "OVERSEA_IN": _IN_TRANSIT,
    "OVERSEA_OUT": _IN_TRANSIT,
    "CLEARANCE_START": _IN_TRANSIT,
    "CLEARANCE_FINISH": _IN_TRANSIT,
    "CLEARANCE_FAIL": Meaning(Milestone.EXCEPTION, (Reason.HELD,)),
    "OVERSEA_DEPARTURE": _IN_TRANSIT,
    "OVERSEA_ARRIVAL": _IN_TRANSIT,
}

STATUSES: Mapping[str, Meaning] = {
    "GOT": ACTIONS["GOT"],
    "TRANSIT": _IN_TRANSIT,  # also while it is out for delivery
    "SIGNED": ACTIONS["SIGNED"],
    "SIGNFAIL": ACTIONS["SIGNFAIL"],
    "RETURN": ACTIONS["RETURN"],
    "DELIVERING": ACTIONS["SENT"],  # unverified
}
"""The coarse state at a step; the same word says the same in both lists."""

MILESTONES: Mapping[str, Meaning] = {**ACTIONS, **STATUSES}
