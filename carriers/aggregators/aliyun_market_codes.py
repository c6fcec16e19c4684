"""The codes of Aliyun Market's products and what they say: data for `aliyun_market`, nothing else.

`PRODUCTS` says how each product is asked: a product more is a row more, and an account's options change a row.
`DELIVERY_STATUSES` are the numbers of the products that answer like "wuliu", `SHOWAPI_STATUSES` those of ShowAPI; the
words of the others are Cainiao's. `GATEWAY_WORDS` are what the gateway prints beside an HTTP status, in lower case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from carriers.cainiao_codes import CARRIER_OF as CAINIAO_CARRIERS
from carriers.cainiao_codes import MILESTONES as CAINIAO_MILESTONES
from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    QuotaExhausted,
    RateLimited,
)

BEHIND_THE_NUMBER = "colon"
"""In place of a parameter's name: the tail of the phone stands behind the number, after a colon."""
NOT_SENT = "none"
"""In place of a parameter's name: the product is told nothing of a phone."""


@dataclass(frozen=True, slots=True)
class Product:
    """How one product is asked: where, and the names of its parameters.

    `companies` are its carrier codes that were seen; for all other carriers `detect` is sent, or nothing where it is
    empty, and the product finds out by itself. An empty `carrier` is a parameter whose name is not known.
    """

    base_url: str
    path: str
    number: str
    carrier: str
    phone: str
    detect: str = ""
    companies: Mapping[str, str] = field(default_factory=dict)


PRODUCTS: Mapping[str, Product] = {
    "express3": Product(
        "https://express3.market.alicloudapi.com",
        "/express3",
        number="number",
        carrier="type",
        phone="mobile",
        companies={"zto": "ZTO"},
    ),
    "wuliu": Product(
        "https://wuliu.market.alicloudapi.com",
        "/kdi",
        number="no",
        carrier="type",
        phone=BEHIND_THE_NUMBER,
        companies={"yto": "yto"},
    ),
    "kdwlcxf": Product(
        "https://kdwlcxf.market.alicloudapi.com",
        "/kdwlcx",
        number="no",
        carrier="type",
        phone=BEHIND_THE_NUMBER,
        companies={"yto": "yto"},
    ),
    # the names of its other parameters are in no source
    "wdexpress": Product(
        "https://wdexpress.market.alicloudapi.com",
        "/gxali",
        number="n",
        carrier="",
        phone=BEHIND_THE_NUMBER,
    ),
    "qyexpress": Product(
        "https://qyexpress.market.alicloudapi.com",
        "/composite/queryexpress",
        number="number",
        carrier="type",
        phone="mobile",
        detect="auto",
    ),
    "jisukdcx": Product(
        "https://jisukdcx.market.alicloudapi.com",
        "/express/query",
        number="number",
        carrier="type",
        phone=NOT_SENT,
        detect="auto",
    ),
    "showapi": Product(
        "https://ali-deliver.showapi.com",
        "/showapi_expInfo",
        number="nu",
        carrier="com",
        phone="phone",
        detect="auto",
        companies={"yto": "yuantong"},
    ),
}
"""By the name that the option `profile` gives; the first is asked where the account does not say."""

CARRIERS = ("sf", "zto", "yto", "sto", "yunda", "jt", "jd", "ems", "deppon")
CARRIER_OF: Mapping[str, str] = {
    **CAINIAO_CARRIERS,
    **{company: carrier for product in PRODUCTS.values() for carrier, company in product.companies.items()},
}

DELIVERY_STATUSES: Mapping[str, Meaning] = {
    "0": Meaning(Milestone.PICKED_UP),
    "1": Meaning(Milestone.IN_TRANSIT),
    "2": Meaning(Milestone.OUT_FOR_DELIVERY),
    "3": Meaning(Milestone.DELIVERED),
    "4": Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
    "5": Meaning(Milestone.EXCEPTION),
    "6": Meaning(Milestone.RETURNED, (Reason.RETURN_TO_SENDER,)),
}
SHOWAPI_STATUSES: Mapping[str, Meaning] = {
    "showapi/4": Meaning(Milestone.DELIVERED),  # in one sample; the others are unverified
}
MILESTONES: Mapping[str, Meaning] = {**CAINIAO_MILESTONES, **DELIVERY_STATUSES, **SHOWAPI_STATUSES}

RESULT_CODES: Mapping[str, type[CarrierError]] = {
    "201": InvalidNumber,
    "203": InvalidNumber,  # no such carrier
    "204": InvalidNumber,  # the carrier could not be told from the number
    "205": NotFoundYet,
    "207": RateLimited,  # the address is not let in, or asks too often (unverified)
}

GATEWAY_WORDS: tuple[tuple[int, str, type[CarrierError]], ...] = (
    (400, "invalid appcode", AuthenticationFailed),
    (400, "not exists", AuthenticationFailed),
    (400, "invalid url", AccessDenied),
    (400, "invalid param location", AccessDenied),
    (403, "quota exhausted", QuotaExhausted),
    (403, "unauthorized", AccessDenied),
)
