"""The codes of USPS and what they say: data for `usps`, its scans and its pushes, nothing else.

`MILESTONES` holds the events (`event/OF`) and the categories of whole parcels (`statusCategory/Delivered`), out of a
file. The result codes are those of an error's innermost list (150003) or, where that says nothing, the outer one, an
HTTP status. The meanings are ours.
"""

from collections.abc import Mapping

from carriers.code_tables import CodeTable
from carriers.contract import Meaning
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

SOURCE = "usps"
BASE_URL = "https://apis.usps.com"
EVENT, CATEGORY = "event", "statusCategory"

MILESTONES: Mapping[str, Meaning] = CodeTable("usps")

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    # of HTTP
    "400": UnreadableResponse,  # the request, or the version in the path, is not what is wanted there
    "401": AuthenticationFailed,
    "403": AccessDenied,
    "404": NotFoundYet,
    "405": UnreadableResponse,
    "429": RateLimited,
    "500": SourceUnavailable,
    "501": UnreadableResponse,
    "503": SourceUnavailable,
    # of the interface
    "150001": NotFoundYet,
    "150002": NotFoundYet,  # or mistyped
    "150003": NotFoundYet,
    "150005": NotFoundYet,
    "150009": NotFoundYet,
    "150010": NotFoundYet,  # most likely another shipper's, and to be asked again all the same
    # it is there, and this interface does not show it
    "150004": OwnershipRefused,
    "150008": OwnershipRefused,
    "150012": OwnershipRefused,  # fraud
    "150013": OwnershipRefused,  # special stock
    # numbers of slips and pickups
    "150006": InvalidNumber,
    "150007": InvalidNumber,
    "150011": InvalidNumber,
}

# beside one number among others
CODES_OF_ONE: Mapping[str, type[CarrierError]] = {**RESULT_CODES, "403": OwnershipRefused}

TOKEN_CODES: Mapping[str, type[CarrierError]] = {
    "invalid_client": AuthenticationFailed,
    "unauthorized_client": AccessDenied,
    "invalid_scope": AccessDenied,
}

# Where a state has two clocks, that of most of its people.
_STATES_BY_ZONE: Mapping[str, str] = {
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "America/Phoenix": "AZ",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Honolulu": "HI",
    "Pacific/Pago_Pago": "AS",
}
STATES: Mapping[str, str] = {
    state: zone for zone, states in _STATES_BY_ZONE.items() for state in states.split()
}
ELSEWHERE = "America/New_York"
