"""What every answer goes through before an adapter reads it: HTTP status, JSON, and codes that mean "no".

A response comes in; typed shapes go out, or the error that says whose fault it is. Nothing the source wrote gets into
an error but a short code, for free text may hold names and phones.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
import msgspec

from carriers.contract import Answers, Query
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    RateLimited,
    ShipmentError,
    SourceUnavailable,
    UnreadableResponse,
)

Loose = str | int | float | bool | None
"""A scalar that sources print as text today and as a number tomorrow; `text` reads it."""

NULL = msgspec.Raw(b"null")
_Shape = TypeVar("_Shape")
_BOM = b"\xef\xbb\xbf"
# Shorter than any phone number, so a code that is none cannot carry one out.
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,10}", re.ASCII)
_STRING = msgspec.json.Decoder(str)
_SECONDS = re.compile(r"\d{1,7}", re.ASCII)
# No line of a carrier means them, and PostgreSQL keeps no NUL: one such line would take its whole round along.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_STATUS_ERRORS: Mapping[int, type[CarrierError]] = {
    401: AuthenticationFailed,
    403: AccessDenied,
    408: SourceUnavailable,
    429: RateLimited,
}


def check_status(source: str, response: httpx.Response) -> None:
    """Raise the typed error of every HTTP status but 2xx; `retry_after` holds what the header asks for."""
    if response.is_success:
        return
    status = response.status_code
    error = SourceUnavailable if status >= httpx.codes.INTERNAL_SERVER_ERROR else UnreadableResponse
    raise _STATUS_ERRORS.get(status, error)(
        source,
        code=f"HTTP {status}",
        detail="the answer is an HTTP error",
        retry_after=_retry_after(response.headers),
    )


def _retry_after(headers: httpx.Headers) -> timedelta | None:
    """Seconds, or the distance between the two dates that the server itself printed."""
    asked = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(asked):
        return timedelta(seconds=int(asked))
    until, now = http_date(asked), http_date(headers.get("Date", ""))
    return max(until - now, timedelta()) if until and now else None


def http_date(printed: str) -> datetime | None:
    """`Thu, 02 Jan 2025 03:04:05 GMT`, aware; None when it is no date of that form."""
    try:
        moment = parsedate_to_datetime(printed)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else None


def decode(source: str, document: bytes | str | msgspec.Raw, shape: msgspec.json.Decoder[_Shape]) -> _Shape:
    """The document in its shape, or `UnreadableResponse`."""
    try:
        return shape.decode(bytes(document).removeprefix(_BOM) if not isinstance(document, str) else document)
    # The cause is dropped: its message can quote what the source wrote.
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise UnreadableResponse(source, detail="the answer is not the JSON we know") from None


def inner_json(source: str, document: msgspec.Raw) -> str:
    """The JSON that is printed inside a string, or the part as it stands; `UnreadableResponse` where it is no text."""
    if bytes(document).startswith(b'"'):
        return decode(source, document, _STRING)
    try:
        return bytes(document).decode()
    except UnicodeError:
        raise UnreadableResponse(source, detail="the answer is not the JSON we know") from None


def decode_rows(
    source: str, rows: Sequence[msgspec.Raw], shape: msgspec.json.Decoder[_Shape]
) -> list[_Shape | None]:
    """Every row in its shape; None for a row that is out of shape, which leaves its neighbours alone."""
    decoded: list[_Shape | None] = []
    for row in rows:
        try:
            decoded.append(decode(source, row, shape))
        except UnreadableResponse:
            decoded.append(None)
    return decoded


def is_null(document: msgspec.Raw) -> bool:
    """Whether a part of the answer is missing or null."""
    return bytes(document) == b"null"


def text(value: Loose) -> str:
    """A loosely typed scalar as stripped text without control characters; empty for null."""
    if isinstance(value, str):
        # nearly all values are such, and what is printable holds no control character
        return (value if value.isprintable() else _CONTROL.sub("", value)).strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def refusal(source: str, code: str, classes: Mapping[str, type[CarrierError]]) -> CarrierError:
    """The error of a business code; one that no table holds is `UnreadableResponse`, never a guess."""
    if code in classes:
        return classes[code](source, code=code)
    shown = code if _CODE.fullmatch(code) else None
    return UnreadableResponse(source, code=shown, detail="the answer is an error we have no class for")


def refusal_in_words(
    source: str,
    code: str,
    words: str,
    *,
    classes: Mapping[str, type[CarrierError]],
    signs: Sequence[tuple[str, type[CarrierError]]],
) -> CarrierError:
    """The error of a source that refuses in words as well as in codes: that of the code, if the table holds it, else of
    the first of the `signs`, patterns each, that is found in the words. The words themselves stay out of it."""
    if code not in classes:
        for sign, error in signs:
            if re.search(sign, words):
                return error(source, code=code if _CODE.fullmatch(code) else None)
    return refusal(source, code, classes)


def refusal_of_one(
    source: str, code: str, classes: Mapping[str, type[CarrierError]]
) -> ShipmentError | UnreadableResponse:
    """The error of a code that stands beside one number; it never reaches further than that number."""
    error = refusal(source, code, classes)
    if isinstance(error, ShipmentError | UnreadableResponse):
        return error
    return UnreadableResponse(
        source, code=error.code, detail="a code for the whole call stands beside one number"
    )


def blame(error: CarrierError, queries: Sequence[Query]) -> Answers:
    """The answer to a call that failed as a whole: it is about the number, if only one was asked.

    Otherwise the error is raised. A `ShipmentError` that leaves `read` so says that one of several numbers is to
    blame and that the source did not say which: asked one by one, they tell.
    """
    if isinstance(error, ShipmentError) and len(queries) == 1:
        return {queries[0]: error}
    raise error
