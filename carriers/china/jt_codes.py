"""J&T's codes and what they say: data for `jt`, nothing else.

`MILESTONES` has four kinds of keys: `快件揽收` is a scanType, `1` the number of that node in a subscription, `@10` a
scanTypeCode, and `问题件扫描/A1` (with `11` and `@110` in its place) a problem with its problemType. The two lists of
numbers have nothing to do with each other. The meanings are ours.
"""

from collections.abc import Mapping

from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    SourceUnavailable,
    UnreadableResponse,
)

# All but the first two are known from the platform's other countries: unverified for China.
RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "0": UnreadableResponse,  # it failed, and only the message says why
    "145003030": AuthenticationFailed,  # wrong digest
    "145003031": AuthenticationFailed,  # wrong digest of an order
    "145003010": AuthenticationFailed,  # no such account
    "145003012": AccessDenied,
    "145003051": AuthenticationFailed,  # no account
    "145003071": AuthenticationFailed,  # no account
    "145003052": AuthenticationFailed,  # no digest
    "145003053": AuthenticationFailed,  # no time stamp
    "145003050": InvalidNumber,  # illegal parameter: the numbers are all that changes from call to call
    "145003040": SourceUnavailable,
    "145005000": SourceUnavailable,
    "145003064": NotFoundYet,
    "999001030": NotFoundYet,
}

_IN_TRANSIT = Meaning(Milestone.IN_TRANSIT)
_OUT = Meaning(Milestone.OUT_FOR_DELIVERY)
_AT_STATION = Meaning(Milestone.READY_FOR_PICKUP)
_DELIVERED = Meaning(Milestone.DELIVERED)
_PROBLEM = Meaning(Milestone.EXCEPTION)
_HELD = Meaning(Milestone.EXCEPTION, (Reason.HELD,))
_INTERCEPTED = Meaning(Milestone.EXCEPTION, (Reason.INTERCEPTED,))
_RETURNING = Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,))
_CANCELLED = Meaning(Milestone.CANCELLED)
_AT_BRANCH = Meaning(Milestone.READY_FOR_PICKUP, (Reason.PICKUP_ONLY,))

NODES: Mapping[str, str] = {
    "1": "快件揽收",
    "2": "入仓扫描",
    "3": "发件扫描",
    "4": "到件扫描",
    "5": "出仓扫描",
    "6": "入库扫描",
    "7": "代理点收入扫描",
    "8": "快件取出扫描",
    "9": "出库扫描",
    "10": "快件签收",
    "11": "问题件扫描",
    "12": "安检扫描",
    "13": "其他扫描",
    "14": "退件扫描",
}
"""What a subscription can ask for, and the scanType of each."""

_SCAN_TYPES: Mapping[str, Meaning] = {
    "快件揽收": Meaning(Milestone.PICKED_UP),
    "入仓扫描": _IN_TRANSIT,
    "发件扫描": _IN_TRANSIT,
    "到件扫描": _IN_TRANSIT,
    "出仓扫描": _OUT,  # it leaves the branch with the courier
    "入库扫描": _AT_STATION,
    "代理点收入扫描": _AT_STATION,
    "快件取出扫描": _OUT,  # the courier takes it out of the station for another try
    "出库扫描": _DELIVERED,  # fetched from the station
    "快件签收": _DELIVERED,
    "问题件扫描": _PROBLEM,
    "安检扫描": _IN_TRANSIT,
    "其他扫描": Meaning(Milestone.UNKNOWN),
    "退件扫描": _RETURNING,
    "派件扫描": _OUT,
    "拦截件扫描": _INTERCEPTED,
    "留仓件入库": _HELD,
    "留仓件入仓": _HELD,
    "转第三方": _IN_TRANSIT,
}

# A list of 2021, unverified since; in other countries the same numbers mean other things.
_SCAN_TYPE_CODES: Mapping[str, Meaning] = {
    "10": Meaning(Milestone.PICKED_UP),
    **dict.fromkeys(("1", "2", "20", "30", "31", "40", "41", "50", "51", "60", "70", "80"), _IN_TRANSIT),
    **dict.fromkeys(("90", "91", "92", "93"), _IN_TRANSIT),
    "94": _OUT,
    "100": _DELIVERED,
    "110": _PROBLEM,
    "120": _HELD,
    "130": _HELD,  # the order is closed: ask the branch that sent it
    "170": _RETURNING,
    "171": _IN_TRANSIT,  # the return is called off
    "172": _RETURNING,
    "180": _INTERCEPTED,
    "190": _INTERCEPTED,
    "191": _IN_TRANSIT,  # the interception is called off
    "200": _AT_STATION,
    "201": _OUT,
    "202": _AT_STATION,
    "300": _DELIVERED,
    **dict.fromkeys(("400", "401", "402"), _IN_TRANSIT),  # on under another number
}

RETURN_CALLED_OFF = "@171"
PROBLEM_CODES = ("问题件扫描", "11", "@110")


def _why(*reasons: Reason) -> Meaning:
    return Meaning(Milestone.EXCEPTION, reasons)


_PROBLEM_TYPES: Mapping[str, Meaning] = {
    "A1": _CANCELLED,
    "A2": _why(Reason.REFUSED),
    "A3": _why(Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY),  # to another address
    "A4": _RETURNING,
    "A5": _RETURNING,
    "A6": _why(Reason.WEATHER_OR_FORCE_MAJEURE),
    "A7": _HELD,
    "A8": _HELD,  # damaged or lost: the text tells
    "A9": _why(Reason.RECIPIENT_UNREACHABLE),
    "A10": _why(Reason.RECIPIENT_UNREACHABLE),
    "A11": _why(Reason.FAILED_ATTEMPT),
    "A12": _why(Reason.BAD_ADDRESS),  # or the phone: the text tells
    "A13": _why(Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY),
    "A14": _why(Reason.REFUSED),
    "A15": _why(Reason.BAD_ADDRESS),
    "A16": _why(Reason.BAD_ADDRESS),
    "A17": _AT_BRANCH,
    "A18": _AT_BRANCH,
    "A19": _why(Reason.PICKUP_ONLY),  # couriers are not let in
    "A20": _HELD,  # damaged: the text tells
    "A21": _AT_BRANCH,
    "A22": _RETURNING,
    "A23": _why(Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY),
    "A24": _HELD,
    "A25": _RETURNING,
    "A26": _CANCELLED,
    "A27": _why(Reason.WEATHER_OR_FORCE_MAJEURE),
    "A28": _why(Reason.WEATHER_OR_FORCE_MAJEURE),
    "A29": _why(Reason.COD_PROBLEM),
    "A30": _why(Reason.DELAYED_TRANSIT),  # not all pieces are there
    "A31": _CANCELLED,
    "A32": _HELD,  # a warehouse wants a code
    "A33": _why(Reason.WEATHER_OR_FORCE_MAJEURE),  # the authorities
    "A34": _why(Reason.OUT_OF_AREA),
    "A35": _why(Reason.REFUSED, Reason.COD_PROBLEM),  # the invoice
}

MILESTONES: Mapping[str, Meaning] = {
    **_SCAN_TYPES,
    **{node: _SCAN_TYPES[name] for node, name in NODES.items()},
    **{f"@{code}": meaning for code, meaning in _SCAN_TYPE_CODES.items()},
    **{f"{code}/{kind}": meaning for code in PROBLEM_CODES for kind, meaning in _PROBLEM_TYPES.items()},
}
