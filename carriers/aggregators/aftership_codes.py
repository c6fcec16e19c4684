"""AfterShip's codes and what they say: data for `aftership`, nothing else.

`SLUGS` maps our carrier ids to the vendor's words; the spelling of those of China is unverified. A checkpoint, and the
tracking as a whole, bears a tag and a finer subtag.
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

SLUGS: Mapping[str, str] = {
    "ups": "ups",
    "fedex": "fedex",
    "usps": "usps",
    "dhl": "dhl",
    "sf": "sf-express",
    "zto": "zto-express",
    "yto": "yto",
    "sto": "sto",
    "yunda": "yundaex",
    "jt": "jt-express",
    "ems": "china-ems",
    "china_post": "china-post",
    "best": "800bestex",
}

ABROAD = frozenset({"ups", "fedex", "usps", "dhl"})
"""Carriers whose scans are of anywhere in the world."""

EXISTS = "4003"
"""A tracking that is created again: no failure."""

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "400": InvalidNumber,
    "4001": UnreadableResponse,  # no JSON
    "4004": NotFoundYet,  # no such tracking: it has to be created first
    "4005": InvalidNumber,
    "4006": UnreadableResponse,  # no tracking in the body
    "4007": UnreadableResponse,  # no number in it
    "4008": InvalidNumber,  # a value it does not take
    "4009": UnreadableResponse,  # a field is missing
    "4010": InvalidNumber,  # no such slug
    "4011": OwnershipRefused,  # the carrier wants more than the number
    "4012": InvalidNumber,  # of no carrier
    # of notifications, of trackings by id and of taking up again, which we never ask for
    "4013": UnreadableResponse,
    "4014": UnreadableResponse,
    "4015": UnreadableResponse,
    "4016": UnreadableResponse,
    "4017": InvalidNumber,
    "401": AuthenticationFailed,
    "403": AccessDenied,
    "404": AccessDenied,  # no such address: a version that is none
    "429": RateLimited,
    "500": SourceUnavailable,
    "502": SourceUnavailable,
    "503": SourceUnavailable,
    "504": SourceUnavailable,
}

TAGS: Mapping[str, Meaning] = {
    "Pending": Meaning(Milestone.UNKNOWN),
    "InfoReceived": Meaning(Milestone.PRE_TRANSIT),
    "InTransit": Meaning(Milestone.IN_TRANSIT),
    "OutForDelivery": Meaning(Milestone.OUT_FOR_DELIVERY),
    "AttemptFail": Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
    "Delivered": Meaning(Milestone.DELIVERED),
    "AvailableForPickup": Meaning(Milestone.READY_FOR_PICKUP),
    "Exception": Meaning(Milestone.EXCEPTION),
    # long without news: what we find ourselves, no reason
    "Expired": Meaning(Milestone.EXCEPTION),
}

SUBTAGS: Mapping[str, Meaning] = {
    # why nothing is known, is unverified but for the first
    **dict.fromkeys((f"Pending_{number:03}" for number in range(1, 7)), Meaning(Milestone.UNKNOWN)),
    "InfoReceived_001": Meaning(Milestone.PRE_TRANSIT),
    "InTransit_001": Meaning(Milestone.IN_TRANSIT),
    "InTransit_002": Meaning(Milestone.PICKED_UP),
    "InTransit_003": Meaning(Milestone.IN_TRANSIT),
    "InTransit_004": Meaning(Milestone.IN_TRANSIT),
    "InTransit_005": Meaning(Milestone.IN_TRANSIT),
    # customs at work are no trouble
    "InTransit_006": Meaning(Milestone.IN_TRANSIT),
    "InTransit_007": Meaning(Milestone.IN_TRANSIT),
    "InTransit_008": Meaning(Milestone.IN_TRANSIT),
    "InTransit_009": Meaning(Milestone.IN_TRANSIT),
    "OutForDelivery_001": Meaning(Milestone.OUT_FOR_DELIVERY),
    "OutForDelivery_002": Meaning(Milestone.READY_FOR_PICKUP),
    "OutForDelivery_003": Meaning(Milestone.OUT_FOR_DELIVERY),
    "OutForDelivery_004": Meaning(Milestone.OUT_FOR_DELIVERY, (Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY,)),
    "AvailableForPickup_001": Meaning(Milestone.READY_FOR_PICKUP),
    "Delivered_001": Meaning(Milestone.DELIVERED),
    "Delivered_002": Meaning(Milestone.DELIVERED),
    "Delivered_003": Meaning(Milestone.DELIVERED),
    "Delivered_004": Meaning(Milestone.DELIVERED),
    "Delivered_005": Meaning(Milestone.DELIVERED_TO_PROXY),
    "AttemptFail_001": Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
    "AttemptFail_002": Meaning(Milestone.EXCEPTION, (Reason.RECIPIENT_UNREACHABLE,)),
    "AttemptFail_003": Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
    "Exception_001": Meaning(Milestone.EXCEPTION),
    "Exception_002": Meaning(Milestone.EXCEPTION, (Reason.BAD_ADDRESS,)),
    "Exception_003": Meaning(Milestone.EXCEPTION, (Reason.REFUSED,)),
    "Exception_004": Meaning(Milestone.EXCEPTION, (Reason.HELD,)),
    "Exception_005": Meaning(Milestone.EXCEPTION, (Reason.WEATHER_OR_FORCE_MAJEURE,)),
    "Exception_006": Meaning(Milestone.EXCEPTION, (Reason.COD_PROBLEM,)),
    "Exception_007": Meaning(Milestone.EXCEPTION, (Reason.BAD_ADDRESS,)),
    "Exception_008": Meaning(Milestone.EXCEPTION, (Reason.PICKUP_OVERDUE,)),
    "Exception_009": Meaning(Milestone.EXCEPTION, (Reason.HELD,)),
    "Exception_010": Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
    "Exception_011": Meaning(Milestone.RETURNED, (Reason.RETURN_TO_SENDER,)),
    "Exception_012": Meaning(Milestone.EXCEPTION, (Reason.DAMAGED,)),
    "Exception_013": Meaning(Milestone.EXCEPTION, (Reason.LOST,)),
    # what these two are is unverified
    "Exception_014": Meaning(Milestone.EXCEPTION),
    "Exception_015": Meaning(Milestone.EXCEPTION),
    "Exception_016": Meaning(Milestone.EXCEPTION, (Reason.MISSORTED,)),
    "Exception_017": Meaning(Milestone.EXCEPTION, (Reason.WEATHER_OR_FORCE_MAJEURE,)),
    "Exception_018": Meaning(Milestone.EXCEPTION, (Reason.HELD,)),
    "Exception_019": Meaning(Milestone.EXCEPTION, (Reason.DELAYED_TRANSIT,)),
    "Exception_020": Meaning(Milestone.CANCELLED),
    "Exception_021": Meaning(Milestone.EXCEPTION, (Reason.LOST,)),
    "Expired_001": Meaning(Milestone.EXCEPTION),
}

MILESTONES: Mapping[str, Meaning] = {**TAGS, **SUBTAGS}

ENDS = frozenset(
    {"Delivered"}
    | {f"Delivered_{number:03}" for number in range(1, 6)}
    | {f"Exception_{number:03}" for number in (11, 13, 20, 21)}
)
"""States after which nothing more is expected; they count before a newest checkpoint that says less."""

COUNTRIES: Mapping[str, str] = {
    "AUS": "AU",
    "CAN": "CA",
    "CHN": "CN",
    "DEU": "DE",
    "ESP": "ES",
    "FRA": "FR",
    "GBR": "GB",
    "HKG": "HK",
    "ITA": "IT",
    "JPN": "JP",
    "KOR": "KR",
    "MAC": "MO",
    "MYS": "MY",
    "NLD": "NL",
    "SGP": "SG",
    "THA": "TH",
    "TWN": "TW",
    "USA": "US",
    "VNM": "VN",
}
"""Country codes of three letters as those of two: where parcels from China go most."""
