"""YTO's codes and what they say: data for `yto`, nothing else.

`MILESTONES` has the words of `infoContent`: those of today's queries, more that only pushes and older answers use, the
Chinese ones of before, and the numbers of parcels from and to abroad. The meanings are ours.
"""

from collections.abc import Mapping

from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    NotFoundYet,
    SourceUnavailable,
    UnreadableResponse,
)

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "1001": NotFoundYet,
    "401": AuthenticationFailed,  # signature, or the method, version or secret that go into it
    # documented for orders; that the other interfaces share them is unverified
    "200010002": SourceUnavailable,
    "200010003": UnreadableResponse,  # our parameters are not accepted
    "200010005": SourceUnavailable,  # the same request is still at work
    "200010013": UnreadableResponse,  # a label could not be made
    "200017004": UnreadableResponse,  # the message is not accepted
    "200017005": AccessDenied,  # only the vendor's support can help
    # of the old gateways
    "S01": UnreadableResponse,  # our XML is not accepted
    "S02": AuthenticationFailed,  # wrong signature
    "S03": AuthenticationFailed,  # unknown company
    "S04": UnreadableResponse,  # kind of message
    "S05": UnreadableResponse,  # content
    "S07": SourceUnavailable,
    "S08": AccessDenied,  # unknown platform
}

_PRE_TRANSIT = Meaning(Milestone.PRE_TRANSIT)
_PICKED_UP = Meaning(Milestone.PICKED_UP)
_IN_TRANSIT = Meaning(Milestone.IN_TRANSIT)
_OUT = Meaning(Milestone.OUT_FOR_DELIVERY)
_DELIVERED = Meaning(Milestone.DELIVERED)
_PROBLEM = Meaning(Milestone.EXCEPTION)
_RETURNING = Meaning(Milestone.RETURNING, (Reason.RETURN_TO_SENDER,))

_QUERIED: Mapping[str, Meaning] = {
    "GOT": _PICKED_UP,
    "ARRIVAL": _IN_TRANSIT,
    "DEPARTURE": _IN_TRANSIT,
    "SENT_SCAN": _OUT,
    "INBOUND": Meaning(Milestone.READY_FOR_PICKUP),
    "SIGNED": _DELIVERED,
    "FAILED": _PROBLEM,  # everything that can go wrong: the text tells what
    "FORWARDING": _IN_TRANSIT,
    "TMS_RETURN": _RETURNING,
    "AIRSEND": _IN_TRANSIT,
    "AIRPICK": _IN_TRANSIT,
}

_PUSHED_OR_OLD: Mapping[str, Meaning] = {
    "ACCEPT": _PRE_TRANSIT,
    "UNACCEPT": Meaning(Milestone.CANCELLED),
    # on the shipper's side: no trouble with a delivery
    "ORDER_BOOKING": _PRE_TRANSIT,
    "NOT_SEND": _PRE_TRANSIT,
    "PACKAGE": _IN_TRANSIT,
    "UNPACK": _IN_TRANSIT,
}

_CHINESE: Mapping[str, Meaning] = {
    "收件": _PICKED_UP,
    "发件": _IN_TRANSIT,
    "到件": _IN_TRANSIT,
    "转件": _IN_TRANSIT,
    "派件": _OUT,
    "拒签": Meaning(Milestone.EXCEPTION, (Reason.REFUSED,)),
    "问题件": _PROBLEM,
    "转投": _IN_TRANSIT,
    "签收": _DELIVERED,
    "退件": _RETURNING,
    "退件完成": Meaning(Milestone.RETURNED),
}

_ABROAD: Mapping[str, Meaning] = {
    "P760": _IN_TRANSIT,  # received abroad: from whom is not said
    "P762": _IN_TRANSIT,
    "P764": _IN_TRANSIT,  # at the customs; no trouble until it lasts
    "P765": _IN_TRANSIT,
    "P771": _IN_TRANSIT,
    "P773": _IN_TRANSIT,
    "P774": _IN_TRANSIT,
    "P767": _OUT,
    "P769": _DELIVERED,
}

MILESTONES: Mapping[str, Meaning] = {**_QUERIED, **_PUSHED_OR_OLD, **_CHINESE, **_ABROAD}
