"""Deppon's codes and what they say: data for `deppon`, nothing else.

`MILESTONES` has two kinds of keys: `GOT` is a status, of a line or of an order, `FAILED/作废` a status under which the
vendor files two things and whose text holds the word in `FLAGS` that tells which. The meanings are ours.
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
    UnreadableResponse,
)

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "2006": UnreadableResponse,  # a parameter is wrong or lacks: ours, the customer code's or the number's fault
    "3002": AccessDenied,  # the function is not subscribed in the console
}

SUBSCRIPTION_CODES: Mapping[str, type[CarrierError]] = {
    **RESULT_CODES,
    "2006": InvalidNumber,  # one number is asked for at a time, so it is that number's trouble and stops no other
}

REFUSALS: tuple[tuple[str, type[CarrierError]], ...] = (
    # how the vendor refuses without a code that is known; unverified, the first that is found counts
    (r"订单不存在|运单不存在|暂无查询记录", NotFoundYet),  # known only minutes after it was ordered
    (r"频率|超限", RateLimited),
    (r"摘要|(?i:digest)|签名|(?i:companyCode)", AuthenticationFailed),
    (r"系统|超时", SourceUnavailable),
)

FLAGS: Mapping[str, str] = {"FAILED": "作废", "INBOUND": "自提"}

# of a line of the track
_STATUSES: Mapping[str, Meaning] = {
    "GOT": Meaning(Milestone.PICKED_UP),
    "DEPARTURE": Meaning(Milestone.IN_TRANSIT),
    "ARRIVAL": Meaning(Milestone.IN_TRANSIT),
    "ADVANCE_NOTICE": Meaning(Milestone.IN_TRANSIT),
    "ADVANCE_DELIVERY": Meaning(Milestone.ARRIVED_AT_DESTINATION_CITY),
    "SENT_SCAN": Meaning(Milestone.OUT_FOR_DELIVERY),
    # stranded, or delivery put off: the text may add why
    "ERROR": Meaning(Milestone.EXCEPTION, (Reason.DELAYED_TRANSIT,)),
    "FAILED": Meaning(Milestone.EXCEPTION, (Reason.REFUSED,)),
    "FAILED/作废": Meaning(Milestone.CANCELLED),
    "INBOUND": Meaning(Milestone.EXCEPTION, (Reason.HELD,)),
    "INBOUND/自提": Meaning(Milestone.READY_FOR_PICKUP),
    "SIGNED": Meaning(Milestone.DELIVERED),
    "BACK_SIGNED": Meaning(Milestone.RETURNED),
    "STA_INBOUND": Meaning(Milestone.READY_FOR_PICKUP),
    "STA_SIGN": Meaning(Milestone.DELIVERED),
    # to another address, or back: the text tells
    "OPERATETRACK": Meaning(Milestone.IN_TRANSIT, (Reason.INTERCEPTED,)),
    "OTHER": Meaning(None),
}

# of an order; no track seen so far printed them
_ORDER_STATUSES: Mapping[str, Meaning] = {
    "SHOUTCAR": Meaning(Milestone.PRE_TRANSIT),
    "RECEIPTING": Meaning(Milestone.PRE_TRANSIT),
    "FAILGOT": Meaning(Milestone.PRE_TRANSIT),
    "ACCEPT": Meaning(Milestone.PRE_TRANSIT),  # unverified
    "CANCEL": Meaning(Milestone.CANCELLED),
    "INVALID": Meaning(Milestone.CANCELLED),
    "REJECT": Meaning(Milestone.CANCELLED),  # unverified
    "GOBACK": Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
    "SIGNSUCCESS": Meaning(Milestone.DELIVERED),
    "SIGNFAILED": Meaning(Milestone.EXCEPTION, (Reason.DAMAGED,)),
}

MILESTONES: Mapping[str, Meaning] = {**_STATUSES, **_ORDER_STATUSES}
