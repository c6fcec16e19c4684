"""Shippo's codes and what they say: data for `shippo`, nothing else.

`COMPANIES` maps our carrier ids to the vendor's carrier tokens. `STATUSES` has the status, the code of its substatus
(empty for the status alone) and our meaning; the substatus `other` says no more than the status. Failures have no codes
but HTTP's.
"""

from collections.abc import Mapping

from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
)

COMPANIES: Mapping[str, str] = {
    "usps": "usps",
    "ups": "ups",
    "fedex": "fedex",
    "dhl": "dhl_express",  # dhl_ecommerce is another; an option names it
}
CARRIER_OF: Mapping[str, str] = {
    **{company: carrier for carrier, company in COMPANIES.items()},
    "dhl_ecommerce": "dhl",
}

_IN_TRANSIT = Meaning(Milestone.IN_TRANSIT)
_FAILED = Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,))
_HELD = Meaning(Milestone.EXCEPTION, (Reason.HELD,))
_LOST = Meaning(Milestone.EXCEPTION, (Reason.LOST,))

STATUSES: tuple[tuple[str, str, Meaning], ...] = (
    ("UNKNOWN", "", Meaning(Milestone.UNKNOWN)),
    ("PRE_TRANSIT", "", Meaning(Milestone.PRE_TRANSIT)),
    ("PRE_TRANSIT", "information_received", Meaning(Milestone.PRE_TRANSIT)),
    ("TRANSIT", "", _IN_TRANSIT),
    ("TRANSIT", "package_accepted", Meaning(Milestone.PICKED_UP)),
    ("TRANSIT", "package_arrived", _IN_TRANSIT),
    ("TRANSIT", "package_departed", _IN_TRANSIT),
    ("TRANSIT", "package_processed", _IN_TRANSIT),
    ("TRANSIT", "package_processing", _IN_TRANSIT),
    ("TRANSIT", "package_forwarded", _IN_TRANSIT),
    ("TRANSIT", "delivery_scheduled", _IN_TRANSIT),
    # by whom, only the text can tell
    (
        "TRANSIT",
        "delivery_rescheduled",
        Meaning(Milestone.EXCEPTION, (Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY,)),
    ),
    ("TRANSIT", "reschedule_delivery", _FAILED),
    ("TRANSIT", "out_for_delivery", Meaning(Milestone.OUT_FOR_DELIVERY)),
    ("TRANSIT", "pickup_available", Meaning(Milestone.READY_FOR_PICKUP, (Reason.PICKUP_ONLY,))),
    ("TRANSIT", "delivery_attempted", _FAILED),
    ("TRANSIT", "notice_left", _FAILED),
    ("TRANSIT", "location_inaccessible", _FAILED),
    ("TRANSIT", "address_issue", Meaning(Milestone.EXCEPTION, (Reason.BAD_ADDRESS,))),
    ("TRANSIT", "contact_carrier", _HELD),
    ("TRANSIT", "package_held", _HELD),
    ("TRANSIT", "delayed", Meaning(Milestone.EXCEPTION, (Reason.DELAYED_TRANSIT,))),
    ("TRANSIT", "package_damaged", Meaning(Milestone.EXCEPTION, (Reason.DAMAGED,))),
    ("DELIVERED", "", Meaning(Milestone.DELIVERED)),
    ("DELIVERED", "delivered", Meaning(Milestone.DELIVERED)),
    ("RETURNED", "", Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,))),
    ("RETURNED", "return_to_sender", Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,))),
    ("RETURNED", "package_unclaimed", Meaning(Milestone.RETURNING, (Reason.PICKUP_OVERDUE,))),
    ("FAILURE", "", Meaning(Milestone.EXCEPTION)),
    ("FAILURE", "package_undeliverable", _FAILED),
    ("FAILURE", "package_disposed", _LOST),
    ("FAILURE", "package_lost", _LOST),
)
MILESTONES: Mapping[str, Meaning] = {
    **{f"{status}/{detail}" if detail else status: meaning for status, detail, meaning in STATUSES},
    **{f"{status}/other": meaning for status, detail, meaning in STATUSES if not detail},
}

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "HTTP 400": InvalidNumber,  # also: a carrier it does not take
    "HTTP 401": AuthenticationFailed,
    "HTTP 404": NotFoundYet,  # never registered; also: no such carrier
    "HTTP 409": SourceUnavailable,  # being handled already; unverified
    "HTTP 422": InvalidNumber,
    "HTTP 429": RateLimited,
}
