"""Cainiao's codes and what they say: data for `cainiao`, and for those that sell on what it tells.

`COMPANIES` maps our carrier ids to the vendor's cpCodes. `STATUSES` has the sub status, the main status that stands
beside it and our meaning; every main status is a sub status as well. The gateway's result codes are those of two public
lists that agree; the service's own are in no list.
"""

from collections.abc import Mapping

from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

COMPANIES: Mapping[str, str] = {
    "sf": "SF",
    "zto": "ZTO",
    "yto": "YTO",
    "sto": "STO",
    "yunda": "YUNDA",  # unverified
    "jt": "JT",
    "jd": "JDVD",
    "deppon": "DBKD",
}
CARRIER_OF: Mapping[str, str] = {
    **{company: carrier for carrier, company in COMPANIES.items()},
    "JDLEX": "jd",  # seen as well
}

_PRE_TRANSIT = Meaning(Milestone.PRE_TRANSIT)
_IN_TRANSIT = Meaning(Milestone.IN_TRANSIT)

STATUSES: tuple[tuple[str, str, Meaning], ...] = (
    ("RECEIVE", "WAIT_ACCEPT", _PRE_TRANSIT),
    ("WAIT_ACCEPT", "WAIT_ACCEPT", _PRE_TRANSIT),
    ("ACCEPT", "ACCEPT", Meaning(Milestone.PICKED_UP)),
    ("TRANSPORT", "TRANSPORT", _IN_TRANSIT),
    ("ON_THE_WAY", "TRANSPORT", _IN_TRANSIT),  # in one public list only
    ("SEND_ON", "TRANSPORT", _IN_TRANSIT),  # to another address, or by another carrier
    ("ARRIVE_CITY", "TRANSPORT", Meaning(Milestone.ARRIVED_AT_DESTINATION_CITY)),
    ("DELIVERING", "DELIVERING", Meaning(Milestone.OUT_FOR_DELIVERY)),
    ("STA_INBOUND", "DELIVERING", Meaning(Milestone.READY_FOR_PICKUP)),
    ("AGENT_SIGN", "AGENT_SIGN", Meaning(Milestone.DELIVERED_TO_PROXY)),
    ("SIGN", "SIGN", Meaning(Milestone.DELIVERED)),
    ("STA_SIGN", "SIGN", Meaning(Milestone.DELIVERED)),
    # its main status says signed, but it was the sender who signed
    ("RETURN_SIGN", "SIGN", Meaning(Milestone.RETURNED, (Reason.RETURN_TO_SENDER,))),
    ("FAILED", "FAILED", Meaning(Milestone.EXCEPTION)),
    ("REFUSE_SIGN", "FAILED", Meaning(Milestone.EXCEPTION, (Reason.REFUSED,))),
    ("DELIVER_ABNORMAL", "FAILED", Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,))),
    ("RETENTION", "FAILED", Meaning(Milestone.EXCEPTION, (Reason.DELAYED_TRANSIT,))),
    ("ISSUE", "FAILED", Meaning(Milestone.EXCEPTION)),
    ("RETURN", "FAILED", Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,))),
    ("DAMAGE", "FAILED", Meaning(Milestone.EXCEPTION, (Reason.DAMAGED,))),
    ("CANCEL_ORDER", "FAILED", Meaning(Milestone.CANCELLED)),
)
MILESTONES: Mapping[str, Meaning] = {sub: meaning for sub, _, meaning in STATUSES}

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "S01": UnreadableResponse,  # our message is no JSON
    "S02": AuthenticationFailed,  # wrong signature
    "S03": AuthenticationFailed,  # no such resource code
    "S04": UnreadableResponse,  # no such message
    "S05": UnreadableResponse,  # the message's content is not accepted
    "S06": SourceUnavailable,  # its own back end was too slow
    "S07": SourceUnavailable,
    "S08": SourceUnavailable,  # its own back end answered with an HTTP error
    "S09": SourceUnavailable,  # its own back end answered nothing
    "S10": AccessDenied,  # no gateway is set up for us
    "S11": AccessDenied,  # it is set up wrongly
    "S12": UnreadableResponse,  # a parameter is not accepted
    "S13": SourceUnavailable,
    # too many calls in one list, an unknown service in another: waiting is right or harmless
    "S14": RateLimited,
    "S20": UnreadableResponse,  # the service does not accept a parameter; in one list only
}
