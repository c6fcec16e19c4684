"""SF's codes and what they say: data for `sf`, nothing else.

`MILESTONES` has four kinds of keys: `50` is an opCode, `70/46` an opCode with a reasonCode, `44@2` an opCode under a
first-level status, `@4` a first-level status alone. The meanings are ours. `RESULT_CODES` holds the gateway's codes
(A....), the service's (S...., 8...) and those that stand beside one number (20028).
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

_PRE_TRANSIT = Meaning(Milestone.PRE_TRANSIT)
_PICKED_UP = Meaning(Milestone.PICKED_UP)
_IN_TRANSIT = Meaning(Milestone.IN_TRANSIT)
_ARRIVED = Meaning(Milestone.ARRIVED_AT_DESTINATION_CITY)
_OUT = Meaning(Milestone.OUT_FOR_DELIVERY)
_READY = Meaning(Milestone.READY_FOR_PICKUP)
_DELIVERED = Meaning(Milestone.DELIVERED)
_PROXY = Meaning(Milestone.DELIVERED_TO_PROXY)
_RETURNED = Meaning(Milestone.RETURNED)
_CANCELLED = Meaning(Milestone.CANCELLED)
_NO_CHANGE = Meaning(None)
_PROBLEM = Meaning(Milestone.EXCEPTION)
_FAILED = Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,))
_HELD = Meaning(Milestone.EXCEPTION, (Reason.HELD,))
_DELAYED = Meaning(Milestone.EXCEPTION, (Reason.DELAYED_TRANSIT,))
_OVERDUE = Meaning(Milestone.EXCEPTION, (Reason.PICKUP_OVERDUE,))
_LOST = Meaning(Milestone.EXCEPTION, (Reason.LOST,))
_INTERCEPTED = Meaning(Milestone.IN_TRANSIT, (Reason.INTERCEPTED,))
_RETURNING = Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,))

_OPCODES: tuple[tuple[Meaning, str], ...] = (
    # ordered, being picked and packed, left in a locker by the sender
    (_PRE_TRANSIT, "127 131 138 141 201 205 206 646 647"),
    # collected at the door, at a partner point, in several legs
    (_PICKED_UP, "41 43 46 50 51 54 129 188 202 214 633 651 655 656 700 701 850 851 950"),
    # sorted, loaded, departed, arrived: by road, air, sea and rail
    (_IN_TRANSIT, "10 11 30 31 36 75 84 88 89 96 98 105 106 147 151 152 186 187 189 190 208"),
    (_IN_TRANSIT, "302 304 405 406 407 501 570 571 830 831 843 847 900 3036"),
    # handed to partners for the last mile, or to another carrier
    (_IN_TRANSIT, "64 65 86 87 136 137 626 627 649 921 930 931 932"),
    # at the customs; an inspection is no trouble until it lasts
    (_IN_TRANSIT, "14 15 16 17 604 605 606 612 619 620 623"),
    # in no published table, seen in traffic, their names unverified; 501 above, 218 and 517 below are others
    (_IN_TRANSIT, "305 310 603 628"),
    (_NO_CHANGE, "135 140"),
    # the closing record "who signed can be seen" is no delivery
    (_NO_CHANGE, "8000"),
    (_HELD, "18 72 611 613 621 833"),
    (_DELAYED, "66 77 614"),
    (_OUT, "34 44 47 122 123 153 154 204 211 212 630 634 676 677 844 880 933"),
    (_READY, "125 130 218 632 642 643 657 664 678"),
    (_DELIVERED, "80 97 128 658 679 935"),
    # before any hub scan it means that an agent took the parcel in: the first-level status tells
    (_PROXY, "607"),
    (_FAILED, "70 870 934"),
    (_PROBLEM, "33"),
    (_OVERDUE, "126"),
    (_INTERCEPTED, "99 517"),
    (_RETURNING, "631 648"),
    (_RETURNED, "215 660"),
)

# The vendor's list of them could not be had: these pairs were seen, unverified.
_WITH_REASON_CODE: Mapping[str, Meaning] = {
    "8000/2": _LOST,  # scrapped
    "8000/6": _LOST,
    "70/46": _CANCELLED,
    "70/83": _READY,
    "70/85": _READY,
    "33/83": _READY,
    "33/85": _READY,
    "99/2": _RETURNING,
}

# opCodes beside which a reasonCode can change what is meant
REASONED: frozenset[str] = frozenset(pair.partition("/")[0] for pair in _WITH_REASON_CODE)

_UNDER_STATUS: Mapping[str, Meaning] = {
    # 44 is also printed while the destination branch still looks for a courier
    "44@2": _ARRIVED,
    # what came of the failed attempt: voided, to be fetched, to be tried again
    "33@5": _CANCELLED,
    "33@11": _READY,
    "33@13": _FAILED,
    "70@5": _CANCELLED,
    "70@11": _READY,
    "70@13": _FAILED,
}

# 6, 7 and 10 were seen in one implementation only: unverified. Second-level codes (1301) begin with a first-level one.
_STATUSES: Mapping[str, Meaning] = {
    "@1": _PICKED_UP,
    "@2": _IN_TRANSIT,
    "@3": _OUT,
    "@4": _DELIVERED,
    "@5": _CANCELLED,
    "@6": _CANCELLED,
    "@7": _PRE_TRANSIT,
    "@10": _IN_TRANSIT,
    "@11": _READY,
    "@13": _FAILED,
}

MILESTONES: Mapping[str, Meaning] = {
    **{code: meaning for meaning, codes in _OPCODES for code in codes.split()},
    **_WITH_REASON_CODE,
    **_UNDER_STATUS,
    **_STATUSES,
}

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "A1001": UnreadableResponse,  # a parameter is missing, or the body is no form
    "A1002": AuthenticationFailed,  # request or token expired
    "A1003": AccessDenied,  # our address is not on the list
    "A1004": AccessDenied,  # no permission for the service, or the wrong environment
    "A1005": RateLimited,
    "A1006": AuthenticationFailed,  # wrong signature
    "A1007": RateLimited,  # the same request again within a minute
    "A1008": AuthenticationFailed,  # cannot be decrypted
    "A1009": SourceUnavailable,
    "A1010": AccessDenied,  # the account is still in its test state
    "A1011": AuthenticationFailed,
    "A1099": SourceUnavailable,
    "S0001": UnreadableResponse,  # our JSON is not accepted
    "S0002": UnreadableResponse,  # a required field is empty
    "S0003": SourceUnavailable,
    "6132": UnreadableResponse,  # illegal query mode
    "6133": UnreadableResponse,
    "6137": UnreadableResponse,  # no number given
    "6150": NotFoundYet,
    "8000": UnreadableResponse,  # our parameters are not accepted
    "8001": AccessDenied,  # address
    "8002": AccessDenied,  # function
    "8003": UnreadableResponse,  # more than ten numbers
    "8004": UnreadableResponse,  # more rows than one answer holds
    "8005": QuotaExhausted,
    "8011": OwnershipRefused,
    "8012": OwnershipRefused,
    "8013": UnreadableResponse,  # no number given
    "8014": AuthenticationFailed,  # wrong checkword
    "8015": UnreadableResponse,  # no number given
    "8018": NotFoundYet,
    "8022": AuthenticationFailed,  # empty checkword
    "8024": NotFoundYet,
    "8191": InvalidNumber,
    "8247": InvalidNumber,
    "20028": OwnershipRefused,  # the monthly card does not match the number
    "20052": OwnershipRefused,
}
