"""UPS's codes and what they say: data for `ups`, nothing else.

`MILESTONES` has the keys `table/code` (`exception/48`, `status/021`): the same two characters mean different things in
different tables, and `TABLES` says in which of them the code of a line is looked up. The meanings are ours.
"""

from collections.abc import Mapping

from carriers.code_tables import CodeTable
from carriers.contract import Meaning
from carriers.errors import (
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

_COMMON: Mapping[str, type[CarrierError]] = {
    "250002": AuthenticationFailed,
    "250003": AuthenticationFailed,
    "251004": AuthenticationFailed,  # the token has run out
    "UJ0001": AuthenticationFailed,  # no token, or a wrong one
    "10004": SourceUnavailable,
    "10007": UnreadableResponse,  # the type of the content is not supported
    "10429": RateLimited,
}

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    **_COMMON,
    "TW0001": NotFoundYet,
    "TV1002": InvalidNumber,
    # of the XML interface before this one
    "151044": NotFoundYet,
    "150022": InvalidNumber,
}
"""Whatever else begins with TV is a fault of the request."""

SUBSCRIPTION_CODES: Mapping[str, type[CarrierError]] = {
    **_COMMON,
    "VSS000": UnreadableResponse,
    "VSS002": UnreadableResponse,  # transId is missing
    "VSS003": UnreadableResponse,
    "VSS004": UnreadableResponse,  # transactionSrc is missing
    "VSS006": UnreadableResponse,
    "VSS100": SourceUnavailable,
    "VSS110": UnreadableResponse,  # nothing in the body
    "VSS200": UnreadableResponse,  # no list of numbers
    "VSS210": InvalidNumber,  # not one of the numbers is right
    "VSS215": InvalidNumber,  # the test environment takes its own numbers only
    "VSS220": UnreadableResponse,  # more than a hundred numbers
    "VSS300": UnreadableResponse,  # locale
    "VSS310": UnreadableResponse,
    "VSS400": UnreadableResponse,  # country
    "VSS500": UnreadableResponse,  # destination
    "VSS600": UnreadableResponse,  # its address
    "VSS610": UnreadableResponse,  # too long
    "VSS700": UnreadableResponse,  # credential
    "VSS800": UnreadableResponse,  # kind of credential
    "VSS930": UnreadableResponse,  # neither standard nor enhanced
}

NONE_IS_RIGHT = "VSS210"

MILESTONES: Mapping[str, Meaning] = CodeTable("ups")

_MOVING = ("movement", "exception", "dials")
TABLES: Mapping[str, tuple[str, ...]] = {
    "X": ("exception", "dials", "movement"),
    "D": ("dials", "other", "exception"),
    "I": _MOVING,
    "P": _MOVING,
    "M": ("manifest", "movement", "exception"),
    "MV": ("manifest",),
    "U": ("updates", "exception", "movement"),
}
"""By type. Types of freight have tables of their own, which are not ours."""

MAIL_INNOVATIONS = "mail_innovations"
"""The table that comes before all others for numbers of that service."""

CLOCKS: Mapping[str, str] = {
    "AE": "Asia/Dubai",
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "BG": "Europe/Sofia",
    "CH": "Europe/Zurich",
    "CN": "Asia/Shanghai",
    "CZ": "Europe/Prague",
    "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen",
    "EE": "Europe/Tallinn",
    "FI": "Europe/Helsinki",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "GR": "Europe/Athens",
    "HK": "Asia/Hong_Kong",
    "HR": "Europe/Zagreb",
    "HU": "Europe/Budapest",
    "IE": "Europe/Dublin",
    "IL": "Asia/Jerusalem",
    "IN": "Asia/Kolkata",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "KR": "Asia/Seoul",
    "LT": "Europe/Vilnius",
    "LU": "Europe/Luxembourg",
    "LV": "Europe/Riga",
    "MO": "Asia/Macau",
    "MY": "Asia/Kuala_Lumpur",
    "NL": "Europe/Amsterdam",
    "NO": "Europe/Oslo",
    "PH": "Asia/Manila",
    "PL": "Europe/Warsaw",
    "RO": "Europe/Bucharest",
    "SA": "Asia/Riyadh",
    "SE": "Europe/Stockholm",
    "SG": "Asia/Singapore",
    "SI": "Europe/Ljubljana",
    "SK": "Europe/Bratislava",
    "TH": "Asia/Bangkok",
    "TR": "Europe/Istanbul",
    "TW": "Asia/Taipei",
    "VN": "Asia/Ho_Chi_Minh",
    "ZA": "Africa/Johannesburg",
}
"""Countries that keep one time on the mainland, for lines that do not say how far they are from Greenwich."""
