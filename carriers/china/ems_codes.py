"""China Post's codes and what they say: data for `ems`, nothing else.

`MILESTONES` has two kinds of keys: `702` is an operation, `704/20` one with a second code, whose field `DETAILED`
names. Codes of two digits are those of an older agreement feed. The meanings are ours. Names of the operations came by
way of open-logistics-tracking.
"""

import re
from collections.abc import Mapping

from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "S00001": UnreadableResponse,  # failed, whatever it was: the words beside it tell
}

NOT_LINKED: re.Pattern[str] = re.compile("无客户信息")
"""The number is not known under this customer number, or not yet."""

RESULT_WORDS: tuple[tuple[re.Pattern[str], type[CarrierError]], ...] = (
    (NOT_LINKED, NotFoundYet),
    (re.compile("无权限|未开通"), AccessDenied),
    (re.compile("授权|客户|签名|解密"), AuthenticationFailed),
    (re.compile("频率|流量|限制"), RateLimited),
    (re.compile("无[^，。]{0,4}信息|未查询到"), NotFoundYet),
    (re.compile("格式|不能为空"), UnreadableResponse),
    (re.compile("系统|超时"), SourceUnavailable),
)
"""What the message of a failed call tells, for its codes are not published; the first that fits counts (unverified)."""

DETAILED: Mapping[str, str] = {
    **dict.fromkeys(("704", "463", "748"), "deliverCode"),
    **dict.fromkeys(("705", "462", "542"), "attemptDeliveryCode"),
}

UNDOES: Mapping[str, tuple[str, ...]] = {
    "207": ("203",),
    "212": ("208",),
    "304": ("303", "336", "345"),
    "424": ("423",),
    "448": ("447",),
    "472": ("404",),
    "474": ("405",),
    "483": ("482",),
    "492": (),  # a foreign import is off: which operation that undoes is not documented
    "742": ("702",),
    "743": ("704",),
    "744": ("705",),
    "EDAD": ("EDA",),
    "EDCD": ("EDC",),
    "EMED": ("EME",),
    "EXAD": ("EXA",),
    "EXBD": ("EXB",),
    "EXCD": ("EXC",),
    "EXDD": ("EXD",),
}
"""An operation that deletes or cancels: the latest of these before it never happened."""

UNDONE_BY: Mapping[str, str] = {code: undoing for undoing, codes in UNDOES.items() for code in codes}

_PICKED_UP = Meaning(Milestone.PICKED_UP)
_IN_TRANSIT = Meaning(Milestone.IN_TRANSIT)
_ARRIVED = Meaning(Milestone.ARRIVED_AT_DESTINATION_CITY)
_OUT = Meaning(Milestone.OUT_FOR_DELIVERY)
_READY = Meaning(Milestone.READY_FOR_PICKUP)
_WINDOW = Meaning(Milestone.READY_FOR_PICKUP, (Reason.PICKUP_ONLY,))
_DELIVERED = Meaning(Milestone.DELIVERED)
_PROXY = Meaning(Milestone.DELIVERED_TO_PROXY)
_RETURNING = Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,))
_WITHDRAWN = Meaning(Milestone.RETURNING, (Reason.INTERCEPTED,))
_REDIRECTED = Meaning(Milestone.IN_TRANSIT, (Reason.INTERCEPTED,))


def _problem(reason: Reason) -> Meaning:
    return Meaning(Milestone.EXCEPTION, (reason,))


_FAILED = _problem(Reason.FAILED_ATTEMPT)
_REFUSED = _problem(Reason.REFUSED)
_HELD = _problem(Reason.HELD)
_LOST = _problem(Reason.LOST)
_DELAYED = _problem(Reason.DELAYED_TRANSIT)

_FROM_DOOR_TO_DOOR: tuple[tuple[Meaning, str], ...] = (
    (Meaning(Milestone.PRE_TRANSIT), "764"),
    (_PICKED_UP, "203 208"),
    # collected parcels are assigned, sealed and loaded; centres sort, seal and dispatch
    (_IN_TRANSIT, "303 305 336 345 356 358 360 364 365 368 370 371 374 375 376 379 389 394 396 399"),
    (_IN_TRANSIT, "893 913 916 931 932 937 954 V_398 V_954"),
    (_IN_TRANSIT, "404 499 500 505 506 520 521 533 538 911 912 950 973 991"),  # by air, road, rail and water
    (_ARRIVED, "516 713"),
    (_OUT, "702 749"),  # 749: taken out of a locker for another try
    (_READY, "747"),
    (_WINDOW, "723"),
    (_DELIVERED, "704 748"),
    (_FAILED, "705"),
    (_RETURNING, "312 326 405 447 482 708 741 750"),
    (Meaning(Milestone.RETURNED), "711"),
    (_REDIRECTED, "756 802 803"),
    (_problem(Reason.INTERCEPTED), "013 993"),
    (_problem(Reason.PICKUP_OVERDUE), "751"),
    (_HELD, "534"),
    (_DELAYED, "651"),
    (_LOST, "987 988"),  # compensated
    (Meaning(Milestone.CANCELLED), "801"),
)

_ABROAD: tuple[tuple[Meaning, str], ...] = (
    (_PICKED_UP, "464"),
    (_IN_TRANSIT, "423 456 457 458 459 460 465 466 467 468 469 481 485 486 487 488 489 494 495 496 498"),
    (_IN_TRANSIT, "552 554 555 556 557 558"),  # data sent ahead of the mail
    (_IN_TRANSIT, "562 563 565 EDA EDB EDC EXA EXC EXD"),
    (_ARRIVED, "461"),
    (_READY, "491"),
    (_DELIVERED, "463"),
    (_FAILED, "462 542"),
    (_HELD, "470 490 493 553 564 EME EXB"),
)

# of partners and warehouses that carry for the post
_COMMERCIAL: tuple[tuple[Meaning, str], ...] = (
    (_IN_TRANSIT, "C_001 C_002 C_003 C_004 C_006 C_008 C_010 C_032 C_033"),
    (_HELD, "C_005 C_007 C_011"),
    (_DELAYED, "C_012 O_042"),
    (_RETURNING, "C_009 O_011"),
    (_PICKED_UP, "O_001"),
    (_IN_TRANSIT, "O_002 O_003 O_004 O_005 O_007 O_008 O_009 O_020 O_022 O_029 O_031 O_032 O_033 O_034"),
    (_IN_TRANSIT, "O_035 O_036 O_037 O_038 O_039 O_043 O_044 O_046 O_047 O_050"),
    (_ARRIVED, "O_049 O_051"),
    (_OUT, "O_014"),
    (_READY, "O_017"),
    (_DELIVERED, "O_010 O_016"),
    (_FAILED, "O_013"),
    (_REFUSED, "O_012"),
    (_HELD, "O_006 O_040 O_041 O_045 O_048"),
)

# The older feed; 30, 40, 50 and 60 were never seen.
_MERGED: Mapping[str, Meaning] = {"10": _PICKED_UP, "20": _IN_TRANSIT, "70": _OUT, "80": _DELIVERED}

_DELIVERED_HOW: Mapping[str, Meaning] = {
    "10": _DELIVERED,
    "20": _PROXY,
    "30": _READY,  # pickup point
    "50": _READY,  # locker
    "60": _PROXY,  # mail room
    "70": _PROXY,  # property management
    "80": _READY,  # kiosk
    "90": _DELIVERED,  # letter box by agreement
    "100": _DELIVERED,
    "120": _PROXY,  # warehouse
    "150": _DELIVERED,  # letter box
    "160": _PROXY,  # village committee
    "161": _DELIVERED,  # at the door
    "162": _PROXY,  # office
    "163": _DELIVERED,  # behind the water meter
    "164": _DELIVERED,  # behind the electricity meter
    "165": _DELIVERED,  # fire-hose cabinet
    "166": _DELIVERED,  # on the door handle
    "167": _DELIVERED,  # milk box
    "168": _DELIVERED,  # shoe rack
    "169": _DELIVERED,  # nobody signed
    "180": _LOST,  # settled as a claim: nothing was delivered
    "181": _DELIVERED,  # letter box that is visited
    "ZDY": _DELIVERED,  # in the post office's own words
}

_NOT_DELIVERED_WHY: Mapping[str, Meaning] = {
    "1": _problem(Reason.RECIPIENT_UNREACHABLE),  # the address is doubtful, too; another try follows
    "2": _problem(Reason.BAD_ADDRESS),
    "3": _problem(Reason.BAD_ADDRESS),  # nobody of that name
    "4": _problem(Reason.RECIPIENT_UNREACHABLE),
    "5": _problem(Reason.BAD_ADDRESS),  # moved
    "6": _problem(Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY),
    "7": _REFUSED,
    "8": _WINDOW,  # the recipient wants to fetch it
    "9": _WINDOW,
    "10": _WITHDRAWN,
    "11": _REDIRECTED,  # by the recipient
    "12": _REDIRECTED,  # by the sender
    "13": _LOST,
    "14": _problem(Reason.COD_PROBLEM),  # kept until a fee is paid
    "15": _RETURNING,  # waits for its way back
    "16": _FAILED,  # another reason
}


def _fetched(how: Meaning) -> Meaning:
    """What the same code says once the recipient has taken it: where it was put is no longer where it lies."""
    return _DELIVERED if how.milestone is Milestone.READY_FOR_PICKUP else how


MILESTONES: Mapping[str, Meaning] = {
    **_MERGED,
    **{
        code: meaning
        for table in (_FROM_DOOR_TO_DOOR, _ABROAD, _COMMERCIAL)
        for meaning, codes in table
        for code in codes.split()
    },
    **dict.fromkeys(UNDOES, Meaning(None)),
    **{f"{code}/{how}": meaning for code in ("704", "463") for how, meaning in _DELIVERED_HOW.items()},
    **{f"748/{how}": _fetched(meaning) for how, meaning in _DELIVERED_HOW.items()},
    **{
        f"{code}/{why}": meaning
        for code in ("705", "462", "542")
        for why, meaning in _NOT_DELIVERED_WHY.items()
    },
}
