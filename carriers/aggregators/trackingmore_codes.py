"""TrackingMore's codes and what they say: data for `trackingmore`, nothing else.

`COMPANIES` maps our carrier ids to the vendor's courier codes. The milestones are keyed by the status of a line, by its
finer substatus, and, where a line says more than its codes, by what makes the difference.
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
    "dhl": "dhl",
    "fedex": "fedex",
    "ups": "ups",
    "usps": "usps",
    "china_post": "china-post",
    # unverified from here on
    "sf": "sf-express",
    "zto": "zto",
    "yto": "yto",
    "sto": "sto",
    "yunda": "yunda",
    "ems": "china-ems",
    "deppon": "deppon",
    "jt": "jtexpress",
    "best": "bestex",
}
CARRIER_OF: Mapping[str, str] = {company: carrier for carrier, company in COMPANIES.items()}

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "400": UnreadableResponse,  # a question that it does not understand
    "401": AuthenticationFailed,
    "403": AccessDenied,
    "404": AccessDenied,  # no such path: the account's address is wrong
    "429": RateLimited,
    "511": SourceUnavailable,
    "512": SourceUnavailable,
    "513": SourceUnavailable,
    "4102": NotFoundYet,  # nobody has created it yet
    "4103": UnreadableResponse,  # more than forty numbers
    "4110": InvalidNumber,
    "4111": UnreadableResponse,  # a question without a number
    "4112": UnreadableResponse,  # the vendor's own id
    "4113": UnreadableResponse,  # following anew what has not run out
    "4120": InvalidNumber,  # no such courier
    "4121": InvalidNumber,  # no courier could be told from the number
    "4122": OwnershipRefused,  # the courier wants a phone or a postcode as well
    "4130": InvalidNumber,  # a field is out of form, as a number can be
    "4160": UnreadableResponse,  # air waybills
    "4161": UnreadableResponse,
    "4190": QuotaExhausted,
}
EXISTS_ALREADY = "4101"
"""No failure: what was to be created is there."""

PICKED_UP = "pickup_date"
"""Of a line that is printed at the minute which the parcel names as that of its collection; no code says it."""
LOST = "exception007/lost"

_DAMAGED = Meaning(Milestone.EXCEPTION, (Reason.DAMAGED,))
_UNREACHABLE = Meaning(Milestone.EXCEPTION, (Reason.RECIPIENT_UNREACHABLE,))
_FAILED = Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,))

STATUSES: Mapping[str, Meaning] = {
    "pending": Meaning(Milestone.UNKNOWN),
    "notfound": Meaning(Milestone.UNKNOWN),
    "inforeceived": Meaning(Milestone.PRE_TRANSIT),
    "transit": Meaning(Milestone.IN_TRANSIT),
    "pickup": Meaning(Milestone.OUT_FOR_DELIVERY),
    "delivered": Meaning(Milestone.DELIVERED),
    "undelivered": _FAILED,
    "exception": Meaning(Milestone.EXCEPTION),
    "expired": Meaning(Milestone.EXCEPTION),
}
SUBSTATUSES: Mapping[str, Meaning] = {
    "pending001": Meaning(Milestone.UNKNOWN),
    "pending002": Meaning(Milestone.UNKNOWN),
    "pending003": Meaning(Milestone.UNKNOWN),
    "pending004": Meaning(Milestone.PRE_TRANSIT),
    # long without news, here and in expired001: what we find ourselves, no reason
    "pending005": Meaning(Milestone.EXCEPTION),
    "notfound001": Meaning(Milestone.PRE_TRANSIT),
    "notfound002": Meaning(Milestone.UNKNOWN),
    "inforeceived001": Meaning(Milestone.PRE_TRANSIT),
    "transit001": Meaning(Milestone.IN_TRANSIT),
    "transit002": Meaning(Milestone.IN_TRANSIT),
    "transit003": Meaning(Milestone.ARRIVED_AT_DESTINATION_CITY),
    "transit004": Meaning(Milestone.IN_TRANSIT),
    "transit005": Meaning(Milestone.IN_TRANSIT),
    "transit006": Meaning(Milestone.IN_TRANSIT),
    "transit007": Meaning(Milestone.IN_TRANSIT),
    "pickup001": Meaning(Milestone.OUT_FOR_DELIVERY),
    "pickup002": Meaning(Milestone.READY_FOR_PICKUP),
    "pickup003": Meaning(Milestone.OUT_FOR_DELIVERY),
    "delivered001": Meaning(Milestone.DELIVERED),
    "delivered002": Meaning(Milestone.DELIVERED),
    "delivered003": Meaning(Milestone.DELIVERED),
    "delivered004": Meaning(Milestone.DELIVERED_TO_PROXY),
    "undelivered001": Meaning(Milestone.EXCEPTION, (Reason.BAD_ADDRESS,)),
    "undelivered002": _UNREACHABLE,
    "undelivered003": _UNREACHABLE,
    "undelivered004": _FAILED,
    "exception004": Meaning(Milestone.EXCEPTION, (Reason.PICKUP_OVERDUE,)),
    "exception005": Meaning(Milestone.EXCEPTION),
    "exception006": Meaning(Milestone.EXCEPTION, (Reason.HELD,)),
    "exception007": _DAMAGED,
    "exception008": Meaning(Milestone.CANCELLED),
    "exception009": Meaning(Milestone.EXCEPTION, (Reason.REFUSED,)),
    "exception010": Meaning(Milestone.RETURNED, (Reason.RETURN_TO_SENDER,)),
    "exception011": Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
    "expired001": Meaning(Milestone.EXCEPTION),
}
MILESTONES: Mapping[str, Meaning] = {
    **STATUSES,
    **SUBSTATUSES,
    PICKED_UP: Meaning(Milestone.PICKED_UP),
    LOST: Meaning(Milestone.EXCEPTION, (Reason.LOST,)),
}
NO_SUCH_NUMBER = frozenset({"pending002", "pending003"})
"""Of a parcel without lines: the number is of another form, or of another carrier."""
FOLLOWED_NO_MORE = frozenset({"expired", "expired001"})
