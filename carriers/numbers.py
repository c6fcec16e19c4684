"""Which carrier a tracking number can belong to, judged by its form and its check digit alone.

A number as somebody typed it comes in; candidates come out, the likeliest first. Several carriers share twelve and
fourteen digits, so more than one answer is common, and none is a proof.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from carriers import check_digits
from carriers.registry import SOURCES

_CHECKS: Mapping[str, Callable[[str], bool | None]] = {
    "ups": check_digits.ups,
    "fedex": check_digits.fedex,
    "usps": check_digits.usps,
    "dhl": check_digits.dhl,
    "ems": check_digits.s10,
}
_LETTERS = re.compile(r"[A-Z]", re.ASCII)


class Likelihood(IntEnum):
    """How much the form of a number says; lower is likelier."""

    SURE = 0
    """Letters that are the carrier's own, and no wrong check digit."""
    LIKELY = 1
    """The form of today's numbers, or digits with a right check digit."""
    POSSIBLE = 2
    """A form that this carrier has, or had, among others."""
    DOUBTFUL = 3
    """The form is right, the check digit wrong: mistyped, or another's number."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A carrier that has such numbers."""

    carrier: str
    likelihood: Likelihood


def ranked(tracking_number: str) -> tuple[Candidate, ...]:
    """The carriers whose own source knows such numbers, the likeliest first."""
    number = normal_form(tracking_number)
    found = [
        (likelihood, place, carrier)
        for carrier, adapter in SOURCES.items()
        if (place := _place(number, adapter.INFO.number_patterns)) is not None
        for likelihood in [_likelihood(carrier, number, place)]
    ]
    # a stable sort: what is equally likely stays in the order of the registry
    return tuple(
        Candidate(carrier, likelihood) for likelihood, _, carrier in sorted(found, key=lambda one: one[:2])
    )


def candidates(tracking_number: str) -> tuple[str, ...]:
    """The ids of these carriers."""
    return tuple(candidate.carrier for candidate in ranked(tracking_number))


def normal_form(tracking_number: str) -> str:
    """Upper case, half width, without the blanks that come along when a number is copied."""
    return "".join(unicodedata.normalize("NFKC", tracking_number).upper().split())


def _place(number: str, patterns: tuple[str, ...]) -> int | None:
    """How near the top of the carrier's patterns, today's first, the number fits."""
    for place, pattern in enumerate(patterns):
        if re.fullmatch(pattern, number, re.ASCII):
            return place
    return None


def _likelihood(carrier: str, number: str, place: int) -> Likelihood:
    check = _CHECKS.get(carrier)
    right = check(number) if check else None
    if right is False:
        return Likelihood.DOUBTFUL
    if _LETTERS.search(number):
        return Likelihood.SURE
    return Likelihood.LIKELY if right or place == 0 else Likelihood.POSSIBLE
