"""JD's codes and what they say: data for `jd` and the modules beside it, nothing else.

`MILESTONES` has three kinds of keys: `200001` is the code of a line (`state`), `420` the stage that the line stands
under (`category`), `200020/转寄` a state under which the vendor files two things, and of whose text a word in `FLAGS`
tells which. `TITLES` is about the older platform, which prints names in place of codes. The meanings are ours.
"""

from collections.abc import Mapping

from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    NotFoundYet,
    OwnershipRefused,
    QuotaExhausted,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

# of the gateway of the older platform; that today's gateway uses the same numbers is unverified
RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "2": QuotaExhausted,  # calls of this application are used up until tomorrow
    "4": UnreadableResponse,  # no version
    "5": UnreadableResponse,
    "7": AuthenticationFailed,  # no time
    "8": AuthenticationFailed,  # a time too far from theirs: a clock has to be set
    "11": AuthenticationFailed,
    "12": AuthenticationFailed,
    "14": UnreadableResponse,  # no function
    "15": UnreadableResponse,
    "19": AuthenticationFailed,  # the token; unverified
}

REFUSALS: tuple[tuple[str, type[CarrierError]], ...] = (
    # today's numbers are not public, so words tell; unverified, the first that is found counts
    (r"签名|(?i:sign)", AuthenticationFailed),
    (r"(?i:token)|授权|过期", AuthenticationFailed),
    # words about a waybill concern that waybill, and no other
    (
        r"归属|不匹配|[运订]单.*(?:权限|(?i:customercode))|(?:权限|(?i:customercode)).*[运订]单",
        OwnershipRefused,
    ),
    (r"权限|(?i:customercode)", AccessDenied),
    (r"限流|频率|超过", RateLimited),
    (r"[运订]单不存在|未查询到", NotFoundYet),
    (r"系统异常|超时|^5\d\d ", SourceUnavailable),
)

_ORDERED = Meaning(Milestone.PRE_TRANSIT)
_COLLECTED = Meaning(Milestone.PICKED_UP)
_MOVING = Meaning(Milestone.IN_TRANSIT)
_DELIVERING = Meaning(Milestone.OUT_FOR_DELIVERY)
_STORED = Meaning(Milestone.READY_FOR_PICKUP)
_DELIVERED = Meaning(Milestone.DELIVERED)
_CANCELLED = Meaning(Milestone.CANCELLED)
_KEPT = Meaning(None)
_FAILED = Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,))
_REFUSED = Meaning(Milestone.EXCEPTION, (Reason.REFUSED,))
_LOST = Meaning(Milestone.EXCEPTION, (Reason.LOST,))
_HELD = Meaning(Milestone.EXCEPTION, (Reason.HELD,))
_PUT_OFF = Meaning(Milestone.EXCEPTION, (Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY,))
_TURNED_BACK = Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,))
_REDIRECTED = Meaning(Milestone.IN_TRANSIT, (Reason.INTERCEPTED,))

ARRIVED: Meaning = Meaning(Milestone.ARRIVED_AT_DESTINATION_CITY)
"""What a line in `ARRIVALS` says once the parcel came there from somewhere else."""

ARRIVALS: frozenset[str] = frozenset({"10033", "200050", "200075", "站点收货", "站点验货", "订单入站"})
"""A station received the parcel: at either end of the way, so that the code alone says no more than "on its way"."""

RENUMBERING: frozenset[str] = frozenset(
    {"480", "530", "10035", "200020", "200033", "200060", "200068", "拒收", "再投后退回", "换单打印"}
)
"""The parcel travels on under a new number, which the text tells: back to its shipper, unless a flag says otherwise."""

FLAGS: Mapping[str, str] = {"200020": r"转寄|改址", "换单打印": r"转寄|改址"}
"""Where a new label may be for another address or for the way back: the words that say it is for an address."""

REDIRECTION: str = "转寄"

CATEGORIES: Mapping[str, Meaning] = {
    "100": _ORDERED,
    "390": _ORDERED,
    "403": _HELD,
    "420": _COLLECTED,
    "430": _MOVING,
    "440": _DELIVERING,
    "480": Meaning(Milestone.EXCEPTION, (Reason.INTERCEPTED,)),
    "500": _HELD,  # ended before its time
    "510": _DELIVERED,
    "530": _REFUSED,
    "690": _CANCELLED,
    "700": _CANCELLED,
}

STATES: Mapping[str, Meaning] = {
    # ordered, and on the way to the shipper
    "10010": _ORDERED,
    "200018": _ORDERED,
    "200030": _ORDERED,
    "200034": _ORDERED,
    "200035": _ORDERED,
    "200036": _ORDERED,
    "200037": _ORDERED,
    "200038": _ORDERED,
    "200053": _ORDERED,  # not collected the first time
    "200062": _ORDERED,
    "200063": _ORDERED,
    "200064": _ORDERED,  # no rider wanted it in time
    "200067": _ORDERED,  # not collected
    "200071": _ORDERED,
    # collected
    "200001": _COLLECTED,
    "200058": _COLLECTED,  # by another carrier
    # on its way
    "10032": _MOVING,
    "10054": _MOVING,
    "200004": _MOVING,
    "200006": _MOVING,
    "200007": _MOVING,
    "200008": _MOVING,
    "200009": _MOVING,
    "200011": _MOVING,
    "200012": _MOVING,
    "200013": _MOVING,
    "200017": _MOVING,
    "200019": _MOVING,
    "200040": _MOVING,  # with another carrier from here on
    "200055": _MOVING,
    "200056": _MOVING,
    "200061": _MOVING,
    "200072": _MOVING,
    "200076": _MOVING,
    "200077": _MOVING,
    # at a station, of which end the code does not say
    "10033": _MOVING,
    "200050": _MOVING,
    "200075": _MOVING,
    # at the door
    "11000": _DELIVERING,
    "200051": _STORED,
    "200057": _STORED,
    "10034": _DELIVERED,
    "10042": _DELIVERED,  # a part of it
    "200003": _FAILED,
    "200031": _FAILED,
    "200023": _PUT_OFF,
    "10035": _REFUSED,
    "200069": _REFUSED,  # about to be
    "200070": _REFUSED,  # given up by its owner
    "200032": _LOST,  # scrapped
    # back again
    "200020": _TURNED_BACK,
    "200020/转寄": _REDIRECTED,
    "200033": _TURNED_BACK,
    "200060": _TURNED_BACK,
    "200068": Meaning(Milestone.RETURNING, (Reason.REFUSED,)),
    "200054": Meaning(Milestone.RETURNED),  # the goods went back at the door
    # nothing comes of it
    "200010": _CANCELLED,
    "200052": _CANCELLED,
    "200059": _CANCELLED,
    "200065": _CANCELLED,
    "200066": _CANCELLED,
    # says nothing about the parcel
    "200000": _KEPT,
    "200002": _KEPT,
    "200039": _KEPT,
}

MILESTONES: Mapping[str, Meaning] = {**STATES, **CATEGORIES}

TITLES: Mapping[str, Meaning] = {
    "下单": _ORDERED,
    "已接单": _ORDERED,
    "揽收任务分配": _ORDERED,
    "揽件再取": _ORDERED,
    "揽收": _COLLECTED,
    "揽收完成": _COLLECTED,
    "配送员完成揽收": _COLLECTED,
    "快递签收": _COLLECTED,  # JD signs for what the shipper hands over
    "分拣中心验货": _MOVING,
    "分拣中心发货": _MOVING,
    "分拣中心收货": _MOVING,
    "站点发货": _MOVING,
    "站点装箱": _MOVING,
    "封车": _MOVING,
    "站点收货": _MOVING,
    "站点验货": _MOVING,
    "订单入站": _MOVING,
    "配送员收货": _DELIVERING,
    "派件": _DELIVERING,
    "自提上架": _STORED,
    "便民点收货": _STORED,
    "妥投": _DELIVERED,
    "站点再投": _FAILED,
    "待再投": _FAILED,
    "协商再投": _PUT_OFF,
    "协商再投结果": _PUT_OFF,
    "拒收": _REFUSED,
    "弃货": _REFUSED,
    "再投后报废": _LOST,
    "再投后退回": _TURNED_BACK,
    "换单打印": _TURNED_BACK,
    "换单打印/转寄": _REDIRECTED,
    "终止揽收": _CANCELLED,
    "客户取消": _CANCELLED,
    "取消": _CANCELLED,
    "已取消": _CANCELLED,
}
