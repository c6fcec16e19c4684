"""How USPS says no: `error` with a code that repeats the HTTP status, and under it a list whose codes say more;
tokens are refused with a word in place of all that.

A part of an answer comes in, the code that tells most comes out; the words beside it stay where they are.
"""

from collections.abc import Container, Iterator
from typing import TypeVar

import httpx
import msgspec

from carriers.answers import Loose, check_status, decode, decode_rows, is_null, text
from carriers.errors import UnreadableResponse
from carriers.worldwide.usps_codes import SOURCE

_Shape = TypeVar("_Shape")


class _Cause(msgspec.Struct):
    code: Loose = None
    title: Loose = None
    detail: Loose = None


class _Error(msgspec.Struct):
    code: Loose = None
    message: Loose = None
    errors: list[msgspec.Raw] | None = None


_ERROR: msgspec.json.Decoder[_Error | Loose] = msgspec.json.Decoder(_Error | Loose)
_CAUSE = msgspec.json.Decoder(_Cause)


def decoded(response: httpx.Response, shape: msgspec.json.Decoder[_Shape]) -> _Shape:
    """The body in its shape; an HTTP error counts where the body has none, or where it says how long to wait."""
    if "Retry-After" in response.headers:
        check_status(SOURCE, response)
    try:
        return decode(SOURCE, response.content, shape)
    except UnreadableResponse:
        check_status(SOURCE, response)
        raise


def code_of(error: msgspec.Raw, known: Container[str], *, beside: Loose = None) -> str | None:
    """The code of an `error`: the first that is `known`, the innermost first, then the one `beside` it; else the first
    of all, and empty where it has none. None where nothing is refused."""
    if is_null(error):
        return None
    codes = [*_codes(error), text(beside)]
    told = [code for code in codes if code]
    return next((code for code in told if code in known), told[0] if told else "")


def words_of(error: msgspec.Raw) -> str:
    """All that is said about it, to be looked through and never to be shown."""
    said = _said(error)
    if not isinstance(said, _Error):
        return text(said)
    return " ".join([text(said.message), *(f"{text(one.title)} {text(one.detail)}" for one in _causes(said))])


def _codes(error: msgspec.Raw) -> list[str]:
    said = _said(error)
    if not isinstance(said, _Error):
        return [text(said)]
    return [*(text(cause.code) for cause in _causes(said)), text(said.code)]


def _said(error: msgspec.Raw) -> _Error | Loose:
    """None, too, for what is out of shape: it refuses something all the same."""
    (said,) = decode_rows(SOURCE, [error], _ERROR)
    return said


def _causes(said: _Error) -> Iterator[_Cause]:
    causes = decode_rows(SOURCE, said.errors or [], _CAUSE)
    return filter(None, causes)
