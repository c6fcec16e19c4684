"""17TRACK's codes and what they say: data for `seventeentrack`, nothing else.

`CARRIERS` maps our carrier ids to the vendor's numbers; an empty one is not known for sure, so the vendor is left to
find the carrier out. A line of a parcel bears a sub status; where it has none, a stage; the parcel as a whole a status.
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
    SourceUnavailable,
    UnreadableResponse,
)

CARRIERS: Mapping[str, str] = {
    "china_post": "3011",
    "ems": "3013",
    "dhl": "100001",
    "ups": "100002",
    "fedex": "100003",
    "usps": "21051",
    "sf": "",
    "zto": "",
    "yto": "",
    "sto": "",
    "yunda": "",
    "jt": "",
    "jd": "",
    "deppon": "",
    "best": "",
    "cainiao": "",
}
CARRIER_OF: Mapping[str, str] = {number: carrier for carrier, number in CARRIERS.items() if number}

REGISTERED = "-18019901"
"""A number that is registered again: no failure."""

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "-18010001": AccessDenied,  # our address is not on the list of the console
    "-18010002": AuthenticationFailed,
    "-18010003": SourceUnavailable,
    "-18010004": AccessDenied,  # the account is closed
    "-18010005": AccessDenied,
    "-18010010": UnreadableResponse,  # nothing was asked
    "-18010011": InvalidNumber,  # a value it does not take: the number's, or its carrier's
    "-18010012": InvalidNumber,
    "-18010013": UnreadableResponse,  # no JSON that it knows
    "-18010014": UnreadableResponse,  # more than forty numbers
    "-18010015": InvalidNumber,  # a field it does not take
    "-18010016": UnreadableResponse,  # a carrier of the last mile, which we never name
    # something beside the number is wanted: country, postcode, phone, more
    "-18010018": OwnershipRefused,
    "-18010019": OwnershipRefused,
    "-18010020": OwnershipRefused,
    "-18010022": OwnershipRefused,
    **dict.fromkeys((f"-180102{number:02}" for number in range(1, 7)), AccessDenied),  # the webhook's address
    # of changes that we never ask for
    **dict.fromkeys((f"-180198{number:02}" for number in range(1, 12)), UnreadableResponse),
    # of the real-time query, which we never ask
    "-18019815": SourceUnavailable,
    "-18019816": SourceUnavailable,
    "-18019817": SourceUnavailable,
    "-18019818": UnreadableResponse,
    "-18019902": NotFoundYet,  # not registered: that follows
    "-18019903": InvalidNumber,  # no carrier has such numbers
    # of stopping and taking up again, which we never ask for
    "-18019904": UnreadableResponse,
    "-18019905": UnreadableResponse,
    "-18019906": UnreadableResponse,
    "-18019907": QuotaExhausted,  # the day's
    "-18019908": QuotaExhausted,
    "-18019909": NotFoundYet,
    "-18019910": InvalidNumber,  # no such carrier
    "-18019911": InvalidNumber,  # a carrier that cannot be followed
    "-18019912": AccessDenied,
}

STATUSES: Mapping[str, Meaning] = {
    "NotFound": Meaning(Milestone.UNKNOWN),
    "InfoReceived": Meaning(Milestone.PRE_TRANSIT),
    "InTransit": Meaning(Milestone.IN_TRANSIT),
    # long without news: what we find ourselves, no reason
    "Expired": Meaning(Milestone.EXCEPTION),
    "AvailableForPickup": Meaning(Milestone.READY_FOR_PICKUP),
    "OutForDelivery": Meaning(Milestone.OUT_FOR_DELIVERY),
    "DeliveryFailure": Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
    "Delivered": Meaning(Milestone.DELIVERED),
    "Exception": Meaning(Milestone.EXCEPTION),
}

SUB_STATUSES: Mapping[str, Meaning] = {
    "NotFound_Other": Meaning(Milestone.UNKNOWN),
    "NotFound_InvalidCode": Meaning(Milestone.UNKNOWN),
    "InTransit_PickedUp": Meaning(Milestone.PICKED_UP),
    "InTransit_Other": Meaning(Milestone.IN_TRANSIT),
    "InTransit_Departure": Meaning(Milestone.IN_TRANSIT),
    # of the country, not of the city
    "InTransit_Arrival": Meaning(Milestone.IN_TRANSIT),
    # customs at work are no trouble before they want something
    "InTransit_CustomsProcessing": Meaning(Milestone.IN_TRANSIT),
    "InTransit_CustomsReleased": Meaning(Milestone.IN_TRANSIT),
    "InTransit_CustomsRequiringInformation": Meaning(Milestone.EXCEPTION, (Reason.HELD,)),
    "Expired_Other": Meaning(Milestone.EXCEPTION),
    "AvailableForPickup_Other": Meaning(Milestone.READY_FOR_PICKUP),
    "OutForDelivery_Other": Meaning(Milestone.OUT_FOR_DELIVERY),
    "DeliveryFailure_Other": Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
    "DeliveryFailure_NoBody": Meaning(Milestone.EXCEPTION, (Reason.RECIPIENT_UNREACHABLE,)),
    "DeliveryFailure_Security": Meaning(Milestone.EXCEPTION, (Reason.HELD,)),
    "DeliveryFailure_Rejected": Meaning(Milestone.EXCEPTION, (Reason.REFUSED,)),
    "DeliveryFailure_InvalidAddress": Meaning(Milestone.EXCEPTION, (Reason.BAD_ADDRESS,)),
    "Delivered_Other": Meaning(Milestone.DELIVERED),
    "Exception_Other": Meaning(Milestone.EXCEPTION),
    "Exception_Returning": Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
    "Exception_Returned": Meaning(Milestone.RETURNED, (Reason.RETURN_TO_SENDER,)),
    "Exception_NoBody": Meaning(Milestone.EXCEPTION, (Reason.RECIPIENT_UNREACHABLE,)),
    "Exception_Security": Meaning(Milestone.EXCEPTION, (Reason.HELD,)),
    "Exception_Damage": Meaning(Milestone.EXCEPTION, (Reason.DAMAGED,)),
    "Exception_Rejected": Meaning(Milestone.EXCEPTION, (Reason.REFUSED,)),
    "Exception_Delayed": Meaning(Milestone.EXCEPTION, (Reason.DELAYED_TRANSIT,)),
    "Exception_Lost": Meaning(Milestone.EXCEPTION, (Reason.LOST,)),
    "Exception_Destroyed": Meaning(Milestone.EXCEPTION, (Reason.LOST,)),
    "Exception_Cancel": Meaning(Milestone.CANCELLED),
    # seen once, in no document (unverified)
    "InTransit_TransportArrived": Meaning(Milestone.IN_TRANSIT),
    "InTransit_TransportDeparted": Meaning(Milestone.IN_TRANSIT),
    "Exception_Held": Meaning(Milestone.EXCEPTION, (Reason.HELD,)),
}

STAGES: Mapping[str, Meaning] = {
    "InfoReceived": Meaning(Milestone.PRE_TRANSIT),
    "PickedUp": Meaning(Milestone.PICKED_UP),
    "Departure": Meaning(Milestone.IN_TRANSIT),
    "Arrival": Meaning(Milestone.IN_TRANSIT),
    "AvailableForPickup": Meaning(Milestone.READY_FOR_PICKUP),
    "OutForDelivery": Meaning(Milestone.OUT_FOR_DELIVERY),
    "Delivered": Meaning(Milestone.DELIVERED),
    "Returning": Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
    "Returned": Meaning(Milestone.RETURNED, (Reason.RETURN_TO_SENDER,)),
}

MILESTONES: Mapping[str, Meaning] = {**STATUSES, **SUB_STATUSES, **STAGES}

ENDS = frozenset(
    {"Delivered", "Delivered_Other"}
    | {f"Exception_{end}" for end in ("Returned", "Lost", "Destroyed", "Cancel")}
)
"""States after which nothing more is expected; they count before a newest line that says less."""
