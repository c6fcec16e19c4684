"""Aliyun Market (阿里云市场), where several sellers offer tracking behind one gateway, each product with an address,
names and codes of its own: GET requests, one number each. The option `profile` says which product was bought.

Limits: none published; every answer with HTTP 200 is billed, perhaps also one that holds nothing (unverified). Times
are Shanghai's clock without a zone, or epoch milliseconds.

Oddities, each with a test:
* the code of an application (AppCode) opens one product only; with `app_key` and `app_secret` the request is signed in
  its place (the rule was not held against the gateway);
* the gateway's refusals are HTTP statuses with words in the header `X-Ca-Error-Message`: 403 is a product that was not
  bought, or one that is used up; what is wrong with the address or its parameters is the account's trouble;
* "express3" (天眼数聚) answers with Cainiao's statuses line by line; `info` is a list, of which the first counts;
* "wuliu" and "kdwlcxf" code the parcel alone: its newest line bears that state, the others are left to their words;
  `issign` is not to be trusted and not read; lockers, neighbours and returns have no code there;
* all other profiles (wdexpress, qyexpress, jisukdcx, showapi) are known from one place each: unverified;
* the tail of a phone stands behind the number (`no=SF...:0000`), or in a parameter; it is sent for SF and ZTO;
* products find the carrier by the number; few of their codes for carriers were seen, only those are sent; where the
  answer names another carrier of ours, the number is none of the one that was asked about;
* a refusal whose code no list holds is shown, not guessed at: "express3" and ShowAPI publish none;
* success with an empty list is nothing yet; the list is sorted whatever its order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import httpx

from carriers.aggregators.aliyun_market_answers import ANSWER, SOURCE, refused, told_by, track_of
from carriers.aggregators.aliyun_market_codes import (
    BEHIND_THE_NUMBER,
    CARRIERS,
    GATEWAY_WORDS,
    MILESTONES,
    NOT_SENT,
    PRODUCTS,
    RESULT_CODES,
    Product,
)
from carriers.answers import blame, check_status, decode
from carriers.contract import Account, Answer, Answers, CarrierInfo, Need, Query, Stamp
from carriers.questions import check_batch, choice, epoch_milliseconds
from carriers.signing import hmac_sha256_base64

__all__ = ["INFO", "MILESTONES", "RESULT_CODES", "read", "request", "signature"]

INFO: CarrierInfo = CarrierInfo(
    id=SOURCE,
    name_zh="阿里云市场",
    name_en="Aliyun Market",
    checked_on=date(2026, 11, 22),
    base_url=PRODUCTS["express3"].base_url,
    carriers=dict.fromkeys(CARRIERS, "auto"),
    number_patterns=(),
    batch_size=1,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=2.0,
    burst=5,
    credentials=("app_code",),
    options={
        "profile": f"the product: {', '.join(PRODUCTS)} (default express3)",
        "path": "the path behind the product's address, where it has changed",
        "number_parameter": "the name of the parameter that holds the number",
        "carrier_parameter": "the name of the parameter that holds the carrier",
        "phone_parameter": "the name of the parameter for the tail of the phone; colon: behind the number; or none",
        **{
            f"company_{carrier}": "the product's code for the carrier (default: few are known)"
            for carrier in CARRIERS
        },
    },
    optional_credentials=("app_key", "app_secret"),
    needs=frozenset({Need.PHONE_TAIL}),
    phone_tail_carriers=frozenset({"sf", "zto"}),
    answers=frozenset({Answer.COURIER_PHONE}),
)

_JSON = "application/json"
_GATEWAY_SAYS = "X-Ca-Error-Message"


def signature(
    app_secret: str, method: str, path: str, params: Mapping[str, str], headers: Mapping[str, str]
) -> str:
    """`X-Ca-Signature` of a request without a body: over the signed headers, whose names are in lower case, and the
    path with its parameters in order."""
    signed_headers = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    query = "&".join(f"{name}={value}" for name, value in sorted(params.items()))
    text = f"{method}\n{_JSON}\n\n\n\n{signed_headers}{path}?{query}"
    return hmac_sha256_base64(text.encode(), app_secret)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
    """The question about one number, to the product that the account was bought for."""
    check_batch(INFO, queries)
    (query,) = queries
    product = _product(account)
    url = httpx.URL((account.base_url or product.base_url).rstrip("/") + product.path)
    params = _params(query, product, account)
    headers = {"Accept": _JSON} | _key(account, stamp, url.path, params)
    return httpx.Request("GET", url, params=params, headers=headers)


def _product(account: Account) -> Product:
    """The product with what the account's options change of it."""
    product = PRODUCTS[choice(account, "profile", tuple(PRODUCTS))]
    said = account.options
    return replace(
        product,
        path=said.get("path", product.path),
        number=said.get("number_parameter", product.number),
        carrier=said.get("carrier_parameter", product.carrier),
        phone=said.get("phone_parameter", product.phone),
    )


def _params(query: Query, product: Product, account: Account) -> dict[str, str]:
    number, params = query.tracking_number, {}
    tail = query.phone_tail if query.carrier in INFO.phone_tail_carriers else None
    if tail and product.phone == BEHIND_THE_NUMBER:
        number = f"{number}:{tail}"
    elif tail and product.phone != NOT_SENT:
        params[product.phone] = tail
    company = account.options.get(
        f"company_{query.carrier}", product.companies.get(query.carrier, product.detect)
    )
    return (
        {product.number: number}
        | ({product.carrier: company} if company and product.carrier else {})
        | params
    )


def _key(account: Account, stamp: Stamp, path: str, params: Mapping[str, str]) -> dict[str, str]:
    """What lets the request in."""
    app_key, app_secret = account.credentials.get("app_key"), account.credentials.get("app_secret")
    if not app_key or not app_secret:
        return {"Authorization": f"APPCODE {account.credentials['app_code']}"}
    headers = {
        "x-ca-key": app_key,
        "x-ca-nonce": stamp.nonce,
        "x-ca-timestamp": epoch_milliseconds(stamp.at),
    }
    return headers | {
        "x-ca-signature-headers": ",".join(headers),
        "x-ca-signature": signature(app_secret, "GET", path, params, headers),
    }


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked, whichever product gave it."""
    _check_gateway(response)
    answer = decode(INFO.id, response.content, ANSWER)
    failure = refused(answer)
    if failure is not None:
        return blame(failure, queries)
    told = told_by(answer)
    return {query: track_of(told, query) for query in queries}


def _check_gateway(response: httpx.Response) -> None:
    """Raise what the gateway's words say, else what the HTTP status does; the words themselves stay out of it."""
    words = response.headers.get(_GATEWAY_SAYS, "").lower()
    for status, sign, error in GATEWAY_WORDS:
        if response.status_code == status and sign in words:
            raise error(INFO.id, code=f"HTTP {status}", detail=f"the gateway says: {sign}")
    check_status(INFO.id, response)
