"""The check digits of tracking numbers: whether a number that looks like a carrier's can be one.

Each function takes a number in its normal form and gives True or False, or None where the form it has carries no check
digit. A wrong digit is a warning, no proof: UPS prints numbers in its own documentation that fail. What the forms are
comes from the carriers' documents and from jkeen/tracking_number_data (MIT).
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_S10_SPECIAL = {10: 0, 11: 5}
_UPS_WAYBILL = re.compile(r"[AHJKTV]\d{10}", re.ASCII)
_UPS_1Z = re.compile(r"1Z[0-9A-Z]{15}\d", re.ASCII)
_USPS_ROUTING = re.compile(r"420\d{5}(?:\d{4})?(?=9[1-5]\d{20}$|9[1-5]\d{24}$)", re.ASCII)


def s10(number: str) -> bool | None:
    """The postal services' own form, RR123456785CN: the ninth digit checks the eight before it."""
    if not re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", number, re.ASCII):
        return None
    digits = [int(digit) for digit in number[2:11]]
    rest = 11 - sum(digit * weight for digit, weight in zip(digits, _S10_WEIGHTS, strict=False)) % 11
    return _S10_SPECIAL.get(rest, rest) == digits[-1]


def ups(number: str) -> bool | None:
    """1Z numbers, and waybills of one letter and ten digits."""
    if _UPS_1Z.fullmatch(number):
        return _ups_digit(number[2:-1]) == int(number[-1])
    if _UPS_WAYBILL.fullmatch(number):
        return _ups_digit(number[1:-1]) == int(number[-1])
    return None


def _ups_digit(body: str) -> int:
    values = [int(char) if char.isdigit() else (ord(char) - 3) % 10 for char in body]
    return _mod10(values, (1, 2))


def fedex(number: str) -> bool | None:
    """Express (12, 32 and 34 digits), Ground (15, 18, 22 and 34 digits)."""
    form = _FEDEX.get(len(number))
    # twenty-two digits that begin otherwise are the post's
    if form is None or not re.fullmatch(r"\d+", number, re.ASCII) or re.match(r"(?!96)\d{22}$", number):
        return None
    body = [int(digit) for digit in number[form.begin : form.check]]
    return form.digit(body, form.weights) == int(number[form.check])


def usps(number: str) -> bool | None:
    """Twenty digits, and 22 or 26 beginning with 91 to 95, with or without the routing code of the recipient's ZIP."""
    if number.endswith("US") and s10(number) is not None:
        return s10(number)
    number = _USPS_ROUTING.sub("", number)
    if re.fullmatch(r"9[1-5]\d{20}(?:\d{4})?", number, re.ASCII):
        return _usps_digit(number[:-1]) == int(number[-1])
    if re.fullmatch(r"\d{20}", number, re.ASCII):
        return int(number[-1]) in (_usps_digit(number[:-1]), _usps_digit(f"91{number[:-1]}"))
    return None


def _usps_digit(body: str) -> int:
    return _mod10([int(digit) for digit in reversed(body)], (3, 1))


def dhl(number: str) -> bool | None:
    """Express waybills of ten or eleven digits. One in seven that are none passes, too."""
    if not re.fullmatch(r"\d{10,11}", number, re.ASCII):
        return None
    return int(number[:-1]) % 7 == int(number[-1])


def _mod10(values: Sequence[int], weights: tuple[int, ...]) -> int:
    return -_weighted(values, weights) % 10


def _mod11(values: Sequence[int], weights: tuple[int, ...]) -> int:
    return _weighted(values, weights) % 11 % 10


def _weighted(values: Sequence[int], weights: tuple[int, ...]) -> int:
    return sum(value * weights[place % len(weights)] for place, value in enumerate(values))


class _Form(NamedTuple):
    """Where the checked digits begin, where the check digit stands, and how it is made."""

    begin: int
    check: int
    weights: tuple[int, ...]
    digit: Callable[[Sequence[int], tuple[int, ...]], int]


_FEDEX = {
    12: _Form(0, 11, (3, 1, 7), _mod11),
    15: _Form(0, 14, (1, 3), _mod10),
    18: _Form(0, 17, (3, 1), _mod10),
    22: _Form(7, 21, (1, 3), _mod10),
    32: _Form(16, 27, (3, 1, 7), _mod11),
    34: _Form(20, 33, (1, 7, 3), _mod11),
}
