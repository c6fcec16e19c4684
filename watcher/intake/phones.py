"""A phone as somebody typed it comes in; what can be dialled goes out, or nothing.

Chinese mobiles, landlines with area code, virtual numbers with an extension (shops hide the buyer's real number
behind them), hotlines; numbers of other countries when they begin with +. A masked one (138****0001) gives nothing.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

import phonenumbers

PhoneKind = Literal["mobile", "landline", "virtual", "hotline"]

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－─", "-"))
_CHINA = r"(?:(?:\+|00)86|86(?=1[3-9]\d{9}(?!\d)))?[-\s]*"
# a sign and up to six digits, digits in brackets, or just a gap and the usual four (in `13800001234 3号楼` is none)
_EXTENSION = (
    r"(?:[-\s]*(?:[-,#*;pw]|转|分机|ext\.?|x)[-\s:.]*(?P<keyed>\d{1,6})(?!\d)"
    r"|\s*[\[(【]\s*(?P<bracketed>\d{1,6})\s*[\])】]"
    r"|\s+(?P<spaced>\d{4})(?!\d))?"
)
_FLAGS = re.ASCII | re.IGNORECASE
_MOBILE = re.compile(
    rf"(?<!\d){_CHINA}0?(?P<number>1[3-9]\d[-\s]?\d{{4}}[-\s]?\d{{4}})(?!\d){_EXTENSION}", _FLAGS
)
_LANDLINE = re.compile(
    r"(?<!\d)(?:(?:\+|00)?86[-\s]*)?\(?(?P<area>0?(?:10|2\d|[3-9]\d\d))\)?[-\s]*"
    rf"(?P<local>[1-9]\d{{2,3}}[-\s]?\d{{4}})(?!\d){_EXTENSION}",
    _FLAGS,
)
_NATIONWIDE = re.compile(
    rf"(?<!\d)(?P<number>[48]00[-\s]?(?:\d{{3}}[-\s]?\d{{4}}|\d{{4}}[-\s]?\d{{3}}))(?!\d){_EXTENSION}", _FLAGS
)
# 95xxx and 96xxx companies, 1010xxxx, 1118x post and EMS; phonenumbers calls them invalid
_SHORT = re.compile(r"(?<!\d)(?P<number>95\d{3,6}|96\d{3,4}|1010\d{4}|1118[35])(?!\d)", _FLAGS)
_ABROAD = re.compile(r"\+(?!86)\d[\d\s()-]{6,18}\d", _FLAGS)
_MASKED = re.compile(r"\d+[*x•·]{2,}\d*|[*•]{2,}\d+", _FLAGS)
_TAIL = re.compile(r"(\d{4})[^\d*x•·]*$", _FLAGS)
_MASKED_EXTENSION = "****"
_TAIL_LENGTH = 4
_SHORT_LOCAL, _LONG_LOCAL = 7, 8


@dataclass(frozen=True, slots=True)
class DialledPhone:
    """A number a person can call.

    `national` are the digits as dialled inside the country, `extension` what is keyed in after the answer, `tel_uri`
    the link (RFC 3966; hotlines stay as printed), `shown` for the eye, `masked` for whoever may not see it.
    """

    kind: PhoneKind
    national: str = field(repr=False)
    extension: str | None = field(repr=False)
    tel_uri: str = field(repr=False)
    shown: str = field(repr=False)
    masked: str


def dial(raw: str) -> DialledPhone | None:
    """The first number in `raw` that can be dialled; None where there is none, and for masked numbers."""
    text = _MASKED.sub(" ", _normal(raw))
    return _abroad(text) or _mobile(text) or _hotline(text) or _landline(text)


def phone_tail(raw: str) -> str | None:
    """The four digits a carrier checks: the last four, of a virtual number those after the dash.

    Works on masked numbers that show them, and on the four digits alone. None where they cannot be known.
    """
    phone = dial(raw)
    if phone is None:
        return _typed_tail(_normal(raw))
    if phone.kind == "virtual" and phone.extension and len(phone.extension) >= _TAIL_LENGTH:
        return phone.extension[-_TAIL_LENGTH:]
    return phone.national[-_TAIL_LENGTH:]


def _normal(raw: str) -> str:
    return unicodedata.normalize("NFKC", raw).translate(_DASHES).strip()


def _typed_tail(text: str) -> str | None:
    """From a masked number or a bare tail; a number that is neither has no tail we may trust."""
    found = _TAIL.search(text)
    if found is None or not (_MASKED.search(text) or text == found[1]):
        return None
    return found[1]


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def _extension(found: re.Match[str]) -> str | None:
    return found["keyed"] or found["bracketed"] or found["spaced"]


def _mobile(text: str) -> DialledPhone | None:
    found = _MOBILE.search(text)
    if found is None:
        return None
    number, extension = _digits(found["number"]), _extension(found)
    spaced = f"{number[:3]} {number[3:7]} {number[7:]}"
    return _phone(
        "virtual" if extension else "mobile",
        national=number,
        international=f"+86{number}",
        extension=extension,
        shown=spaced,
        masked=f"{number[:3]}****{number[7:]}",
    )


def _landline(text: str) -> DialledPhone | None:
    found = _LANDLINE.search(text)
    if found is None:
        return None
    area, local = found["area"].lstrip("0"), _digits(found["local"])
    if not _has_that_length(area, local) or not (found["area"].startswith("0") or _is_landline(area + local)):
        return None
    return _phone(
        "landline",
        national=f"0{area}{local}",
        international=f"+86{area}{local}",
        extension=_extension(found),
        shown=f"0{area}-{local}",
        masked=f"0{area}-{'*' * (len(local) - _TAIL_LENGTH)}{local[-_TAIL_LENGTH:]}",
    )


def _has_that_length(area: str, local: str) -> bool:
    return len(local) == _LONG_LOCAL or (len(local) == _SHORT_LOCAL and area[0] > "2")


def _is_landline(national: str) -> bool:
    # spreadsheets drop the leading 0: then only a number that the plan knows is one
    number = phonenumbers.PhoneNumber(country_code=86, national_number=int(national))
    return phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE


def _hotline(text: str) -> DialledPhone | None:
    found = _NATIONWIDE.search(text)
    if found:
        number = _digits(found["number"])
        return _public(number, shown=f"{number[:3]}-{number[3:6]}-{number[6:]}", extension=_extension(found))
    short = _SHORT.search(text)
    return _public(short["number"], shown=short["number"]) if short else None


def _public(number: str, *, shown: str, extension: str | None = None) -> DialledPhone:
    # a hotline is nobody's personal number, and +86 before it does not connect from every phone
    if extension:
        shown = f"{shown}-{extension}"
    link = f"tel:{number};ext={extension}" if extension else f"tel:{number}"
    return DialledPhone("hotline", number, extension, link, shown, shown)


def _abroad(text: str) -> DialledPhone | None:
    found = _ABROAD.match(text)
    if found is None:
        return None
    try:
        number = phonenumbers.parse(found[0])
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    mobile = phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.FIXED_LINE
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    national = phonenumbers.national_significant_number(number)
    return _phone(
        "mobile" if mobile else "landline",
        national=national,
        international=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        extension=None,
        shown=shown,
        masked=f"+{number.country_code} ****{national[-_TAIL_LENGTH:]}",
    )


def _phone(
    kind: PhoneKind, *, national: str, international: str, extension: str | None, shown: str, masked: str
) -> DialledPhone:
    if extension is None:
        return DialledPhone(kind, national, None, f"tel:{international}", shown, masked)
    return DialledPhone(
        kind,
        national,
        extension,
        f"tel:{international};ext={extension}",
        f"{shown}-{extension}",
        f"{masked}-{_MASKED_EXTENSION}",
    )
