"""The reader itself: one line of text in, a `Reading` out; or a scan in and the refined scan out.

It owns nothing but compiled tables, so one reader serves every thread; it never raises and never guesses: a line that
no phrase explains is read as `unknown`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from carriers.contract import Milestone, Reason, Scan
from carriers.reading.line import Line, read_line
from carriers.reading.names import (
    Boilerplate,
    NameRules,
    says_nothing,
    without_boilerplate,
    without_names,
)
from carriers.reading.people import Finders, People, people, signer_span
from carriers.reading.phrases import Book
from carriers.reading.verdict import Standing, Verdict, judge, refined


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader made of one line. `phrases` are the ids of the phrases that decided."""

    milestone: Milestone = Milestone.UNKNOWN
    reasons: tuple[Reason, ...] = ()
    courier_name: str | None = None
    courier_phone: str | None = None
    station: str | None = None
    station_phone: str | None = None
    pickup_code: str | None = None
    signed_by: str | None = None
    facility: str | None = None
    facility_phone: str | None = None
    phrases: tuple[str, ...] = ()

    @property
    def explained(self) -> bool:
        """Whether any phrase knew the line, if only as a sentence that says nothing."""
        return bool(self.phrases)


@dataclass(frozen=True, slots=True)
class Language:
    """The compiled tables of one carrier: the shared ones with its own on top."""

    letters: Mapping[int, str]
    noise: re.Pattern[str]
    boilerplate: Boilerplate
    names: NameRules
    text: Book
    signer: Book
    finders: Finders
    precedence: tuple[Standing, ...]
    refines: Mapping[Milestone, frozenset[Milestone]]


@dataclass(frozen=True, slots=True)
class Reader:
    """`shared` reads for every carrier that has no language of its own."""

    shared: Language
    carriers: Mapping[str, Language]

    def read(self, text: str, *, carrier: str | None = None) -> Reading:
        """What one line says."""
        language = self._language(carrier)
        line = read_line(text, language.letters, language.noise)
        verdict = _verdict(line, language)
        return _reading(verdict, people(line, verdict.milestone, language.finders))

    def refine(self, scan: Scan, *, carrier: str) -> Scan:
        """The scan with what its text adds to its code; fields that the carrier filled stay as they are."""
        language = self._language(carrier)
        line = read_line(scan.text, language.letters, language.noise)
        said = Verdict(scan.milestone, scan.reasons)
        verdict = refined(said, _verdict(line, language), language.refines)
        return _filled(scan, verdict, people(line, verdict.milestone, language.finders))

    def _language(self, carrier: str | None) -> Language:
        return self.carriers.get(carrier, self.shared) if carrier else self.shared


def _verdict(line: Line, language: Language) -> Verdict:
    text, cut = without_boilerplate(line.text, language.boilerplate, line.characters)
    span = signer_span(text, language.finders, line.characters)
    signed = []
    if span:
        signed = language.signer.find(text[slice(*span)], line.characters)
        text = f"{text[: span[0]]}〇{text[span[1] :]}"
    found = language.text.find(without_names(text, language.names, line.characters), line.characters)
    verdict = judge([*found, *signed], language.precedence)
    if not verdict.phrases and cut and says_nothing(text):
        return replace(verdict, phrases=cut)
    return verdict


def _reading(verdict: Verdict, named: People) -> Reading:
    return Reading(
        milestone=verdict.milestone,
        reasons=verdict.reasons,
        courier_name=named.courier_name,
        courier_phone=named.courier_phone,
        station=named.station,
        station_phone=named.station_phone,
        pickup_code=named.pickup_code,
        signed_by=named.signed_by,
        facility=named.facility,
        facility_phone=named.facility_phone,
        phrases=verdict.phrases,
    )


def _filled(scan: Scan, verdict: Verdict, named: People) -> Scan:
    return replace(
        scan,
        milestone=verdict.milestone,
        reasons=verdict.reasons,
        courier_name=scan.courier_name or named.courier_name,
        courier_phone=scan.courier_phone or named.courier_phone,
        station=scan.station or named.station,
        station_phone=scan.station_phone or named.station_phone,
        pickup_code=scan.pickup_code or named.pickup_code,
        signed_by=scan.signed_by or named.signed_by,
        facility=scan.facility or named.facility,
        facility_phone=scan.facility_phone or named.facility_phone,
    )
