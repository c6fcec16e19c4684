"""EasyPost's codes and what they say: data for `easypost`, nothing else.

`COMPANIES` maps our carrier ids to the vendor's names. A line bears a status, and a detail that says more. The codes of
failures are those that the vendor's typed client lists (which of them are in use is unverified); their HTTP status says
less, but always something.
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

COMPANIES: Mapping[str, str] = {
    "usps": "USPS",
    # the spelling in the vendor's client, unverified in answers
    "ups": "UPS",
    "fedex": "FedEx",
    "dhl": "DHLExpress",
    "sf": "SFExpress",
    "cainiao": "Cainiao",
}
CARRIER_OF: Mapping[str, str] = {
    **{company: carrier for carrier, company in COMPANIES.items()},
    "UPSMailInnovations": "ups",
    "FedExSmartPost": "fedex",
    "DhlEcs": "dhl",
}

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "RATE_LIMIT.EXCEEDED": RateLimited,
    "TRACKER.CREATE.ERROR": InvalidNumber,
    "TRACKER.INVALID_TEST_CODE": InvalidNumber,  # a test key takes test numbers only
    "TRACKER.UNSUPPORTED_CARRIER": InvalidNumber,
    "TRACKER.CARRIER_CODE_MISMATCH": InvalidNumber,
    "TRACKER.NO_CARRIER_FOR_CODE": InvalidNumber,
    "TRACKER.MULTIPLE_CARRIERS_FOR_CODE": InvalidNumber,
    "TRACKER.NOT_FOUND": NotFoundYet,
    "TRACKER.INVALID_PARAMS": UnreadableResponse,
    "TRACKER.NO_CARRIER_ACCOUNT": AccessDenied,
    "TRACKER.RETRIEVE.ERROR": SourceUnavailable,
    "TRACKER.RUN.ERROR": SourceUnavailable,
    "USER.UNAUTHORIZED": AuthenticationFailed,
}
RATE_LIMITS = "RATE_LIMIT."
"""How all codes begin that say "too many calls"."""

_IN_TRANSIT = Meaning(Milestone.IN_TRANSIT)
_EXCEPTION = Meaning(Milestone.EXCEPTION)
_DELAYED = Meaning(Milestone.EXCEPTION, (Reason.DELAYED_TRANSIT,))
_TO_BE_FETCHED = Meaning(Milestone.READY_FOR_PICKUP, (Reason.PICKUP_ONLY,))
_RETURNING = Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,))

STATUSES: Mapping[str, Meaning] = {
    "unknown": Meaning(Milestone.UNKNOWN),
    "pre_transit": Meaning(Milestone.PRE_TRANSIT),
    "in_transit": _IN_TRANSIT,
    "out_for_delivery": Meaning(Milestone.OUT_FOR_DELIVERY),
    "delivered": Meaning(Milestone.DELIVERED),
    "available_for_pickup": _TO_BE_FETCHED,
    "return_to_sender": _RETURNING,
    "failure": _EXCEPTION,
    "cancelled": Meaning(Milestone.CANCELLED),
    "error": Meaning(Milestone.UNKNOWN),  # the vendor could not read the carrier
}
DETAILS: Mapping[str, Meaning] = {
    "label_created": Meaning(Milestone.PRE_TRANSIT),
    "awaiting_information": Meaning(Milestone.PRE_TRANSIT),
    "received_at_origin_facility": Meaning(Milestone.PICKED_UP),
    "departed_origin_facility": _IN_TRANSIT,
    "departed_facility": _IN_TRANSIT,
    "arrived_at_facility": _IN_TRANSIT,
    "in_transit": _IN_TRANSIT,
    "transferred_to_destination_carrier": _IN_TRANSIT,
    "received_at_destination_facility": Meaning(Milestone.ARRIVED_AT_DESTINATION_CITY),
    "arrived_at_destination": Meaning(Milestone.ARRIVED_AT_DESTINATION_CITY),
    "out_for_delivery": Meaning(Milestone.OUT_FOR_DELIVERY),
    "arrived_at_pickup_location": _TO_BE_FETCHED,
    "address_correction": Meaning(Milestone.EXCEPTION, (Reason.BAD_ADDRESS,)),
    "damaged": Meaning(Milestone.EXCEPTION, (Reason.DAMAGED,)),
    "delayed": _DELAYED,
    "transit_exception": _DELAYED,
    "weather_delay": Meaning(Milestone.EXCEPTION, (Reason.WEATHER_OR_FORCE_MAJEURE,)),
    "delivery_exception": Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
    "held": Meaning(Milestone.EXCEPTION, (Reason.HELD,)),
    "lost": Meaning(Milestone.EXCEPTION, (Reason.LOST,)),
    "missorted": Meaning(Milestone.EXCEPTION, (Reason.MISSORTED,)),
    "refused": Meaning(Milestone.EXCEPTION, (Reason.REFUSED,)),
    "return": _RETURNING,
    "expired": Meaning(Milestone.UNKNOWN),  # nothing more will come: what we find ourselves, no reason
    "failure": _EXCEPTION,
    "cancelled": Meaning(Milestone.CANCELLED),
}
SAYS_NOTHING = frozenset({"", "unknown", "status_update"})
"""Details that leave a line to its status."""
GENERAL = frozenset({"delivery_exception", "transit_exception", "failure"})
"""Details in whose place a finer reason stands, where the carrier's own code gives one."""
MILESTONES: Mapping[str, Meaning] = {**STATUSES, **DETAILS}

OWN_CODES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "USPS": ("usps", ("event",)),
    "UPS": ("ups", ("status", "exception", "movement", "manifest", "updates", "dials", "other")),
    "FedEx": ("fedex", ("status", "dex", "exception_sample")),
    "DHLExpress": ("dhl", ("express",)),
}
"""By the vendor's name of a carrier: the file of its own codes, and the tables in it that a line's code can be from."""
