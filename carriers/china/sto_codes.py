"""STO's codes and what they say: data for `sto`, nothing else.

`MILESTONES` has three kinds of keys: `派件` is a scanType, `问题件/40` one with the number of the problem, and
`驿站出库/签收` one that means something else where the memo has a sign of a signature. The meanings are ours.
"""

from collections.abc import Mapping

from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AuthenticationFailed,
    CarrierError,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

# The vendor publishes no list: these are of a gateway of the same family, all of it unverified.
RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "S01": UnreadableResponse,  # our JSON is not accepted
    "S02": AuthenticationFailed,  # wrong signature
    "S03": AuthenticationFailed,  # unknown partner
    "S04": UnreadableResponse,  # kind of message
    "S05": UnreadableResponse,  # content
    "S06": SourceUnavailable,  # its own back end was too slow
    "S07": SourceUnavailable,
    "S12": UnreadableResponse,  # a parameter is not accepted
    "S13": UnreadableResponse,  # the business said no, and not why
    "S14": RateLimited,  # or there is no such service
}

PROBLEM = "问题件"
SIGNED_SIGNS: Mapping[str, tuple[str, ...]] = {
    "驿站出库": ("签收", "取货码", "取件码"),
    "快件取出": ("签收", "取件码"),
}
"""The scanTypes that are a delivery where the memo says one of these, and else the courier's next tour (unverified)."""

_IN_TRANSIT = Meaning(Milestone.IN_TRANSIT)
_OUT = Meaning(Milestone.OUT_FOR_DELIVERY)
_READY = Meaning(Milestone.READY_FOR_PICKUP)
_DELIVERED = Meaning(Milestone.DELIVERED)
_HELD = Meaning(Milestone.EXCEPTION, (Reason.HELD,))

_SCAN_TYPES: Mapping[str, Meaning] = {
    "收件": Meaning(Milestone.PICKED_UP),
    "发件": _IN_TRANSIT,
    "到件": _IN_TRANSIT,
    "派件": _OUT,
    "第三方代派": _OUT,
    "柜机代收": _READY,
    "驿站代收": _READY,
    "快件取出": _OUT,
    "驿站出库": _OUT,
    "问题件": Meaning(Milestone.EXCEPTION),
    "退回件": Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
    "改地址件": _IN_TRANSIT,
    # to the post or another carrier: perhaps because it lies out of area, the text tells
    "转邮": _IN_TRANSIT,
    "转同行": _IN_TRANSIT,
    "签收": _DELIVERED,
    "客户签收": _DELIVERED,
    # no longer printed
    "装袋": _IN_TRANSIT,
    "派件入柜": _READY,
    "第三方代收": _READY,
    "代取快递": _READY,
    "留仓件": _HELD,
}

_ABROAD: tuple[tuple[Meaning, str], ...] = (
    (Meaning(Milestone.PRE_TRANSIT), "SC_ORDER_PAY_SUCCESS"),
    (Meaning(Milestone.PICKED_UP), "PU_PICKUP_SUCCESS"),
    (
        _IN_TRANSIT,
        "MOT_TRANSIT SC_INBOUND_SUCCESS SC_ORDER_WEIGHT SC_ORDER_PACKET_SUCCESS SC_ORDER_PACKET_OUT",
    ),
    # at the customs; GOT is handed over behind them, not collected
    (_IN_TRANSIT, "LH_DEPART LH_ARRIVE CC_START CC_IM_START CC_IM_SUCCESS GOT"),
    (_HELD, "CC_IM_FAILURE"),
)

# What couriers report with: that `issueName` begins with these numbers is unverified, all of it.
_PROBLEMS: Mapping[str, tuple[Reason, ...]] = {
    # the parcel itself and its label
    "14": (Reason.DAMAGED,),
    "15": (Reason.DAMAGED,),  # the pack is whole, what is in it is not
    "16": (Reason.DAMAGED,),  # soiled
    "17": (Reason.HELD,),  # label and content differ
    "18": (Reason.BAD_ADDRESS,),
    "19": (Reason.BAD_PHONE,),
    "20": (Reason.HELD,),  # the label is gone
    "21": (Reason.HELD,),  # two labels
    "22": (Reason.LOST,),  # recorded, but not there
    "23": (Reason.BAD_ADDRESS,),  # unclear for whom
    # out of area, and what becomes of it
    "24": (Reason.OUT_OF_AREA,),  # to another address
    "25": (Reason.OUT_OF_AREA, Reason.PICKUP_ONLY),
    "26": (Reason.OUT_OF_AREA,),  # by the post
    "27": (Reason.OUT_OF_AREA, Reason.RETURN_TO_SENDER),
    # on the way
    "28": (Reason.WEATHER_OR_FORCE_MAJEURE,),
    "29": (Reason.DELAYED_TRANSIT,),  # a road accident
    "30": (Reason.WEATHER_OR_FORCE_MAJEURE,),
    "31": (Reason.HELD,),  # seized
    "32": (Reason.MISSORTED,),
    "33": (Reason.MISSORTED,),
    # at the door
    "34": (Reason.FAILED_ATTEMPT, Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY),
    "35": (Reason.RECIPIENT_UNREACHABLE,),
    "36": (Reason.BAD_ADDRESS,),  # moved house
    "37": (Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY,),
    "38": (Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY,),
    "40": (Reason.REFUSED,),
    "41": (Reason.PICKUP_ONLY,),  # a school
    "42": (Reason.PICKUP_ONLY,),
    "43": (Reason.REFUSED, Reason.PICKUP_ONLY),  # will not come for it
    "44": (Reason.PICKUP_ONLY,),
    "45": (Reason.PICKUP_ONLY,),
    # the shipper's branch asked for it
    "46": (Reason.INTERCEPTED,),
    "47": (Reason.INTERCEPTED, Reason.RETURN_TO_SENDER),
    "48": (Reason.RECIPIENT_UNREACHABLE, Reason.OUT_OF_AREA),
    "49": (Reason.HELD,),  # may not be sent
    "50": (Reason.HELD,),  # too large
    "51": (Reason.HELD,),  # had no label, and was claimed
    "52": (Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY,),
    "53": (Reason.MISSORTED,),
    "54": (Reason.COD_PROBLEM,),
    "55": (Reason.COD_PROBLEM,),  # the invoice
}

MILESTONES: Mapping[str, Meaning] = {
    **_SCAN_TYPES,
    **{code: meaning for meaning, codes in _ABROAD for code in codes.split()},
    **{f"{code}/签收": _DELIVERED for code in SIGNED_SIGNS},
    **{f"{PROBLEM}/{number}": Meaning(Milestone.EXCEPTION, why) for number, why in _PROBLEMS.items()},
}
