"""What all calls to UPS have in common: address, headers, the token, and the refusals.

The path of the token stands outside of that of the services, so that the base URL is the host alone.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

import httpx
import msgspec

from carriers.answers import Loose, check_status, decode, refusal, text
from carriers.contract import Account, Stamp, Token
from carriers.errors import CarrierError, UnreadableResponse
from carriers.questions import FORM, form_body
from carriers.signing import basic_authorization
from carriers.worldwide.ups_codes import RESULT_CODES

__all__ = [
    "BASE_URL",
    "SOURCE",
    "address",
    "headers",
    "let_through",
    "read_token",
    "refused_with",
    "token_request",
]

SOURCE = "ups"
BASE_URL = "https://onlinetools.ups.com"

_LONGEST_ID = 32
_SECONDS = re.compile(r"\d{1,7}", re.ASCII)


class _Error(msgspec.Struct):
    code: Loose = None


class _Errors(msgspec.Struct):
    errors: list[_Error] | None = None


class _Refusal(msgspec.Struct):
    """The list stands in `response`, or, in some documents of the vendor's, by itself."""

    response: _Errors | None = None
    errors: list[_Error] | None = None


class _Token(msgspec.Struct):
    access_token: Loose = None
    expires_in: Loose = None


_REFUSAL = msgspec.json.Decoder(_Refusal)
_TOKEN = msgspec.json.Decoder(_Token)


def address(account: Account, path: str) -> str:
    """Where this path is at the account's host."""
    return (account.base_url or BASE_URL).rstrip("/") + path


def headers(account: Account, stamp: Stamp) -> dict[str, str]:
    """What every call but that for a token carries."""
    return {
        "transId": stamp.nonce[:_LONGEST_ID],
        "transactionSrc": account.options.get("transaction_source", "parcel-watcher"),
    }


def token_request(account: Account) -> httpx.Request:
    """The form that asks for a token, with the credentials in its head."""
    credentials = account.credentials
    head = {
        "Content-Type": FORM,
        "Authorization": basic_authorization(credentials["client_id"], credentials["client_secret"]),
    }
    if merchant := account.options.get("merchant_id"):
        head["x-merchant-id"] = merchant
    content = form_body({"grant_type": "client_credentials"})
    return httpx.Request("POST", address(account, "/security/v1/oauth/token"), content=content, headers=head)


def read_token(response: httpx.Response) -> Token:
    """The token and its seconds, which come as text."""
    told = decode(SOURCE, let_through(response, RESULT_CODES), _TOKEN)
    value, lasts = text(told.access_token), text(told.expires_in)
    if not value or not _SECONDS.fullmatch(lasts):
        raise UnreadableResponse(SOURCE, detail="the answer holds no token that lasts")
    return Token(value, timedelta(seconds=int(lasts)))


def let_through(response: httpx.Response, failures: Mapping[str, type[CarrierError]]) -> bytes:
    """The body of an answer that refuses nothing; a refusal is raised.

    The code in the body counts more than the HTTP status, unless that comes with the time to wait.
    """
    code = refused_with(response)
    if "Retry-After" in response.headers:
        check_status(SOURCE, response)
    if code and _is_told_by_the_code(response, code, failures):
        raise refusal(SOURCE, code, failures)
    check_status(SOURCE, response)
    return response.content


def _is_told_by_the_code(
    response: httpx.Response, code: str, failures: Mapping[str, type[CarrierError]]
) -> bool:
    return code in failures or response.is_success or response.status_code == httpx.codes.BAD_REQUEST


def refused_with(response: httpx.Response) -> str:
    """The first code of a refusal; empty where the body holds none."""
    try:
        told = decode(SOURCE, response.content, _REFUSAL)
    except UnreadableResponse:
        return ""
    nested = (told.response or _Errors()).errors
    return next((text(error.code) or "?" for error in nested or told.errors or ()), "")
