"""FedEx's codes and what they say: data for `fedex`, nothing else.

`MILESTONES` is the table in codes/fedex.csv, whose keys say which list a code is from: `status/DE` is an eventType,
`exception_sample/007`, `dex/07`, `stat/42` and `pux/03` are exceptionCodes, `delay_type/WEATHER` and
`commit_message/USPS_DELIVERED` stand for the whole parcel. `dex`, `stat` and `pux` are couriers' lists of a third party
(unverified). The meanings are ours.
"""

from collections.abc import Mapping

from carriers.code_tables import CodeTable
from carriers.contract import Meaning, Milestone
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

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "TRACKING.TRACKINGNUMBER.NOTFOUND": NotFoundYet,
    "TRACKING.DATA.NOTFOUND": NotFoundYet,
    "NOTIFICATION.TRACKINGNBR.NOTFOUND": NotFoundYet,
    "TRACKINGDOCUMENT.DOCUMENT.UNAVAILABLE": NotFoundYet,
    "TRACKING.TRACKINGNUMBER.INVALID": InvalidNumber,
    "TRACKING.TRACKINGNUMBER.EMPTY": InvalidNumber,
    "TRACKING.DATA.NOTUNIQUE": UnreadableResponse,  # the option ship_days narrows the question
    "TRACKING.REFERENCENUMBER.NOTFOUND": UnreadableResponse,  # we never ask by reference
    "TRACKING.MULTIPIECE.ERROR": UnreadableResponse,
    "TRACKING.LOCALE.INVALID": UnreadableResponse,
    "TRACKING.TRACKINGNUMBERS.LIMITEXCEEDED": UnreadableResponse,
    "TRACKING.CUSTOMCRITICAL.ERROR": UnreadableResponse,
    "NOT.FOUND.ERROR": UnreadableResponse,  # the path, not the number
    "NOT.AUTHORIZED.ERROR": AuthenticationFailed,
    "USER.RELOGIN.REQUIRED": AuthenticationFailed,
    "FORBIDDEN.ERROR": AccessDenied,
    "TOO.MANY.REQUESTS": RateLimited,  # unverified, but the status 429 tells as well
    "INTERNAL.SERVER.ERROR": SourceUnavailable,
    "SERVICE.UNAVAILABLE.ERROR": SourceUnavailable,
}

UNREAD = (
    # who holds the parcel: where an answer says so is not known, and it changes nothing
    "possession",
    # about one of several pieces, which need not be the one asked about
    "commit_message/DELIVERY_IN_MULTIPLE_PIECE_SHIPMENT",
    "commit_message/EXCEPTION_IN_MULTIPLE_PIECE_SHIPMENT",
    # says nothing of the parcel
    "commit_message/ESTIMATED_DELIVERY_DATE_UNAVAILABLE",
    # the surer list says the same of these codes, or something else (15)
    *(f"dex/{code}" for code in ("03", "08", "15", "84")),
    *(f"stat/{code}" for code in ("15", "84")),
)
"""Lists and rows of the table that no answer is read with."""

MILESTONES: Mapping[str, Meaning] = CodeTable("fedex", without=UNREAD)

DECIDED_BY_THE_EVENT = frozenset({"RS", "RT", "DL", "HL", "HP"})
"""eventTypes that say what has happened whatever exceptionCode stands beside them."""

BEFORE_THE_PICKUP = frozenset({"AP", "DR", "DS", "EP", "PD"})
"""eventTypes whose exceptionCode is about fetching the parcel from its shipper: the list `pux`."""

OTHERWISE_IN_PUSHES = frozenset({"IN", "HP"})
"""eventTypes that can mean something else in a push: care that was asked for, ready for the courier."""

GOES_ON = frozenset(
    {
        Milestone.UNKNOWN,
        Milestone.PICKED_UP,
        Milestone.IN_TRANSIT,
        Milestone.ARRIVED_AT_DESTINATION_CITY,
        Milestone.OUT_FOR_DELIVERY,
        Milestone.EXCEPTION,
    }
)
"""Milestones of parcels that a delay can concern."""
