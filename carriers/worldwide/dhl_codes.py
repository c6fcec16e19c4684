"""DHL's capability sheet, its services and codes, and what they say: data for `dhl`, nothing else.

`MILESTONES` has keys of a namespace and a code, `express/PU`; they lie in a file. `STATUS_CODES` are the five words
that every division knows. The meanings are ours.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from carriers.code_tables import CodeTable
from carriers.contract import Answer, CarrierInfo, Meaning, Milestone
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
)

INFO: CarrierInfo = CarrierInfo(
    id="dhl",
    name_zh="敦豪 (DHL)",
    name_en="DHL",
    checked_on=date(2026, 11, 22),
    base_url="https://api-eu.dhl.com",
    carriers={"dhl": "dhl"},
    # Express waybills; pieces; eCommerce, but not the posts' own form; Parcel Germany; digits that others use as well
    number_patterns=(
        r"\d{10,11}",
        r"J[A-Z]{2,3}\d{9,10}|JD\d{18}",
        r"(?![A-Z]{2}\d{9}[A-Z]{2}$)(?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)[0-9A-Z]{10,39}",
        r"00340434\d{12}",
        r"\d{12}|\d{14}",
    ),
    batch_size=1,
    # ten a day
    minimum_interval=timedelta(minutes=144),
    rate_per_second=1.0,
    burst=1,
    credentials=("api_key",),
    options={
        "service": "the division of all parcels of the account (express, parcel-de, ...); by default none is named and "
        "a number of the same look of another division can be found",
        "language": "the language of the texts: two letters (default en)",
        "requester_country": "who asks: two letters of a country (default none)",
        "origin_country": "where the parcels come from: two letters of a country (default none)",
        "push_header": "the header that proves pushes (default X-Parcel-Watcher-Key)",
    },
    answers=frozenset({Answer.PUSH, Answer.PROOF_OF_DELIVERY, Answer.ETA}),
)

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "400": InvalidNumber,  # the number, or another parameter
    "401": AuthenticationFailed,
    "403": AccessDenied,  # the product is not enabled for the key
    "404": NotFoundYet,  # or forgotten, or of another service: it does not say
    "429": RateLimited,  # for this second, or for this day
    "500": SourceUnavailable,
    "502": SourceUnavailable,
    "503": SourceUnavailable,
    "504": SourceUnavailable,
}

MILESTONES: Mapping[str, Meaning] = CodeTable("dhl")

STATUS_CODES: Mapping[str, Meaning] = {
    "pre-transit": Meaning(Milestone.PRE_TRANSIT),
    "transit": Meaning(Milestone.IN_TRANSIT),
    "delivered": Meaning(Milestone.DELIVERED),
    "failure": Meaning(Milestone.EXCEPTION),
    "unknown": Meaning(Milestone.UNKNOWN),
}

NAMESPACES: Mapping[str, tuple[str, ...]] = {
    "dgf": ("dgf",),
    "dsc": (),
    "ecommerce": ("ecommerce",),
    "ecommerce-apac": ("ecommerce",),
    "ecommerce-europe": ("ecommerce-europe",),
    "ecommerce-iberia": (),
    "ecommerce-ppl": ("ecommerce-ppl",),
    "express": ("express",),
    "freight": ("freight",),
    # the pair of event and reason says more than the summary
    "parcel-de": ("parcel-de-ice", "parcel-de"),
    "parcel-nl": ("parcel-nl",),
    "parcel-pl": ("parcel-pl",),
    "parcel-uk": (),
    "post-de": (),
    "post-international": (),
    "sameday": (),
    "svb": ("svb",),
}
"""Every service with the tables in which its codes stand; none for those whose codes are not known."""
