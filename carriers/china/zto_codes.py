"""ZTO's codes and what they say: data for `zto` and its pushes, nothing else.

`MILESTONES` is about answers and has two kinds of keys: `派件` is a scanType, `退件/5` and `问题件/A5` are one with a
second code, whose field `DETAILED` names. `ACTIONS` is about pushes, with keys `DISPATCH`, `RETURN_SCAN/5` and
`PROBLEM/A5`; ARRIVAL, SIGNED and DEPARTURE stand in both and mean different things. The meanings are ours.
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
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "S200": SourceUnavailable,  # its own back end was too slow
    "S202": SourceUnavailable,
    "S203": SourceUnavailable,
    "S206": RateLimited,
    "S207": UnreadableResponse,  # no such function
    "S208": UnreadableResponse,  # a parameter is missing
    "S210": AccessDenied,  # the key is not bound to this function
    "S211": AuthenticationFailed,
    "S212": AccessDenied,  # address
    "S214": AuthenticationFailed,  # the time stamp is not accepted
    "S221": RateLimited,
    "E404": AccessDenied,  # no e-waybill account is bound
    "E409": OwnershipRefused,  # wrong tail
    "E413": OwnershipRefused,  # tail needed
    "E416": InvalidNumber,
    "E418": AccessDenied,  # the branch has not authorised us
    "1001": NotFoundYet,  # unverified
}

DETAILED: Mapping[str, str] = {"退件": "returnType", "8": "returnType", "问题件": "problemCode"}

_RETURNING = Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,))
_READDRESSED = Meaning(Milestone.IN_TRANSIT, (Reason.BAD_ADDRESS,))
_RETURN_TYPES: Mapping[str, Meaning] = {
    "1": _RETURNING,
    "2": _RETURNING,
    "3": _READDRESSED,
    "4": _RETURNING,
    "5": Meaning(Milestone.RETURNING, (Reason.REFUSED, Reason.RETURN_TO_SENDER)),
    "6": _READDRESSED,
    "10": _RETURNING,
}

# What couriers report with: that `problemCode` means the same is unverified, all of it.
_PROBLEMS: Mapping[str, tuple[Reason, ...]] = {
    # at the door
    "A1": (Reason.RECIPIENT_UNREACHABLE,),  # nobody there, nobody answers
    "A2": (Reason.RECIPIENT_UNREACHABLE, Reason.BAD_ADDRESS),
    "A3": (Reason.BAD_ADDRESS, Reason.BAD_PHONE),
    "A4": (Reason.BAD_ADDRESS, Reason.BAD_PHONE),  # no phone on the label, or nobody of that name
    "A5": (Reason.REFUSED,),
    "A6": (Reason.COD_PROBLEM,),
    "A7": (Reason.FAILED_ATTEMPT,),  # wants to open it before signing
    "A8": (Reason.FAILED_ATTEMPT,),  # a third try costs
    "A9": (Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY,),
    "A10": (Reason.PICKUP_ONLY,),
    "A11": (Reason.PICKUP_OVERDUE,),
    "A12": (Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY,),  # to another address
    "A13": (Reason.RETURN_TO_SENDER,),  # or on to another address: the text tells
    "A14": (Reason.PICKUP_ONLY,),  # couriers are not let in
    "A15": (Reason.HELD,),  # nothing in it
    "A16": (Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY,),
    # the parcel itself, or what came with it
    "B3": (Reason.MISSORTED,),
    "B4": (Reason.DAMAGED,),  # or something is missing: the text tells
    "B5": (Reason.HELD,),  # the label is gone
    "B6": (Reason.HELD,),  # may not be sent
    "B7": (Reason.WEATHER_OR_FORCE_MAJEURE,),
    "B8": (Reason.HELD,),  # branches have not settled the fee
    "B9": (Reason.LOST,),  # recorded, but not there
    "B10": (Reason.HELD,),  # customs papers
    "B11": (Reason.HELD,),  # two labels
    "B12": (Reason.DAMAGED,),  # soiled
    "B13": (Reason.HELD,),  # a warehouse wants an appointment
    "B14": (Reason.HELD,),  # another carrier's packaging
    "B15": (Reason.HELD,),  # the label was used before
    "B16": (),  # somebody asked where it is: nothing about the parcel
    "B17": (Reason.LOST,),  # signed, but not received
    # out of anybody's hands
    "C1": (Reason.WEATHER_OR_FORCE_MAJEURE,),
    "C2": (Reason.HELD,),  # the authorities
    "C3": (Reason.DELAYED_TRANSIT,),  # sales peak
}

_SCAN_TYPES: Mapping[str, Meaning] = {
    "收件": Meaning(Milestone.PICKED_UP),
    "发件": Meaning(Milestone.IN_TRANSIT),
    "到件": Meaning(Milestone.IN_TRANSIT),
    "派件": Meaning(Milestone.OUT_FOR_DELIVERY),
    "签收": Meaning(Milestone.DELIVERED),
    "退件": _RETURNING,
    "退件签收": Meaning(Milestone.RETURNED),
    "退件完成": Meaning(Milestone.RETURNED),  # unverified
    "问题件": Meaning(Milestone.EXCEPTION),
    "第三方签收": Meaning(Milestone.DELIVERED_TO_PROXY),
    "转单": Meaning(Milestone.IN_TRANSIT),
    "安检": Meaning(Milestone.IN_TRANSIT),
    "事件": Meaning(None),
    # at a locker or station
    "ARRIVAL": Meaning(Milestone.READY_FOR_PICKUP),
    "SIGNED": Meaning(Milestone.DELIVERED),
    "DELIVERY": Meaning(Milestone.OUT_FOR_DELIVERY),
    # taken back by the courier: the text tells whether nobody came for it
    "DEPARTURE": Meaning(Milestone.EXCEPTION),
    # after 转单
    "1": Meaning(Milestone.PICKED_UP),
    "2": Meaning(Milestone.IN_TRANSIT),
    "3": Meaning(Milestone.IN_TRANSIT),
    "4": Meaning(Milestone.OUT_FOR_DELIVERY),
    "5": Meaning(Milestone.DELIVERED),
    "7": Meaning(Milestone.DELIVERED_TO_PROXY),
    "8": _RETURNING,
    "9": Meaning(Milestone.IN_TRANSIT),
    "44": Meaning(Milestone.READY_FOR_PICKUP),
    "45": Meaning(Milestone.DELIVERED),  # unverified: it may have been taken out for another try
}

MILESTONES: Mapping[str, Meaning] = {
    **_SCAN_TYPES,
    **{f"{code}/{kind}": meaning for code in ("退件", "8") for kind, meaning in _RETURN_TYPES.items()},
    **{f"问题件/{code}": Meaning(Milestone.EXCEPTION, reasons) for code, reasons in _PROBLEMS.items()},
}

DETAILED_ACTIONS: Mapping[str, str] = {"RETURN_SCAN": "returnType", "PROBLEM": "problemCode"}

ACTIONS: Mapping[str, Meaning] = {
    "GOT": Meaning(Milestone.PICKED_UP),
    "DEPARTURE": Meaning(Milestone.IN_TRANSIT),
    "ARRIVAL": Meaning(Milestone.IN_TRANSIT),
    "DISPATCH": Meaning(Milestone.OUT_FOR_DELIVERY),
    "INBOUND": Meaning(Milestone.READY_FOR_PICKUP),
    # what happens between a branch and a station; the recipient's own signature follows
    "HANDOVERSCAN_SIGNED": Meaning(Milestone.READY_FOR_PICKUP),
    "DEPARTURE_SIGNED": Meaning(Milestone.DELIVERED),
    "SIGNED": Meaning(Milestone.DELIVERED),
    "RETURN_SCAN": _RETURNING,
    "RETURN_SIGNED": Meaning(Milestone.RETURNED),
    "PROBLEM": Meaning(Milestone.EXCEPTION),
    **{f"RETURN_SCAN/{kind}": meaning for kind, meaning in _RETURN_TYPES.items()},
    **{f"PROBLEM/{code}": Meaning(Milestone.EXCEPTION, reasons) for code, reasons in _PROBLEMS.items()},
}
