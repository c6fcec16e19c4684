"""The reader itself: one line of text in, a `Reading` out; or a scan in and the refined scan out.

It owns nothing but compiled tables, so one reader serves every thread; it never raises. A line that
no phrase and no label explains is read by what the learnt weights say, if that is sure enough, else as `unknown`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from carriers.contract import Milestone, Reason, Scan
from carriers.reading.labels import Examined, Label, Labels
from carriers.reading.learnt import LEARNT, Weights
from carriers.reading.line import Line, Spelling
from carriers.reading.names import NameRules, says_nothing, without_boilerplate, without_names
from carriers.reading.people import NOBODY, Finders, People, people, signer_span
from carriers.reading.phones import PHONE
from carriers.reading.phrases import Book
from carriers.reading.sieve import Sieve
from carriers.reading.template import NAME, template
from carriers.reading.verdict import Verdict, refined
from carriers.reading.words import Patterns

_ONLY_IDLE = ("boilerplate",)
_ONLY_LEARNT = (LEARNT,)
_BESIDE_A_NUMBER = re.compile(rf"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{{2,4}}(?=[ (:,]?{PHONE})")


class Reading(NamedTuple):
    """What the reader made of one line. `phrases` are the ids of the phrases that decided.

    A tuple, because one is made for every line, and a frozen dataclass costs five times as much to make.
    """

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
        """Whether any phrase knew the line, if only as a sentence that says nothing; weights alone explain nothing."""
        return bool(self.phrases) and self.phrases != _ONLY_LEARNT


@dataclass(frozen=True, slots=True, repr=False)
class Language:
    """The compiled tables of one carrier: the shared ones with its own on top."""

    spelling: Spelling
    sieve: Sieve
    names: NameRules
    text: Book
    signer: Book
    judge: Callable[[int, int], Verdict]
    learnt: Weights | None
    finders: Finders
    refines: Mapping[Milestone, frozenset[Milestone]]
    patterns: Patterns


@dataclass(frozen=True, slots=True, repr=False)
class Reader:
    """`shared` reads for every carrier that has no language of its own."""

    shared: Language
    carriers: Mapping[str, Language]
    labels: Labels = field(default_factory=Labels)

    def read(self, text: str, *, carrier: str | None = None) -> Reading:
        """What one line says."""
        language = self.language(carrier)
        line = language.spelling.read(text, language.sieve)
        verdict = _verdict(line, language)
        if self.labels and not _knows(verdict):
            verdict = self._labelled(_template(line, language), carrier) or verdict
        milestone, reasons, phrases = verdict
        named = people(line, milestone, language.finders)
        if named is NOBODY:
            return Reading(milestone, reasons, phrases=phrases)
        return Reading(milestone, reasons, *named, phrases)

    def refine(self, scan: Scan, *, carrier: str) -> Scan:
        """The scan with what its text adds to its code; fields that the carrier filled stay as they are."""
        return self.examine(scan, carrier=carrier).scan

    def examine(self, scan: Scan, *, carrier: str) -> Examined:
        """The refined scan, and what of its text was understood: one reading for both."""
        language = self.language(carrier)
        line = language.spelling.read(scan.text, language.sieve)
        text, unknown = _verdict(line, language), ""
        if not _knows(text):
            unknown = _template(line, language)
            text = self._labelled(unknown, carrier) or text
        verdict = refined(Verdict(scan.milestone, scan.reasons), text, language.refines)
        filled = _filled(scan, verdict, people(line, verdict.milestone, language.finders))
        return Examined(filled, verdict.phrases if _knows(verdict) else (), unknown)

    def with_labels(self, labels: Iterable[Label]) -> "Reader":
        """The same reader, but these labels say what no phrase explains."""
        return replace(self, labels=Labels.of(labels))

    def template(self, text: str, *, carrier: str | None = None) -> str:
        """The skeleton of a line by which labels know it, whether or not a phrase explains it."""
        language = self.language(carrier)
        return _template(language.spelling.read(text, language.sieve), language)

    def _labelled(self, unknown: str, carrier: str | None) -> Verdict | None:
        label = self.labels.find(carrier, unknown) if unknown else None
        return label.verdict if label else None

    def language(self, carrier: str | None) -> Language:
        """The tables that read this carrier's lines."""
        return self.carriers.get(carrier, self.shared) if carrier else self.shared


class Spoken(NamedTuple):
    """What a line says: its text with names reduced and the signer taken out, and the signer.

    `said_nothing` when all that was there was sentences that say nothing.
    """

    text: str
    signer: str | None
    said_nothing: bool


def spoken(line: Line, language: Language) -> Spoken:
    """What phrases are looked for in."""
    tries, text, sieve = line.tries, line.text, language.sieve
    idle = tries & sieve.kinds["boilerplate"]
    if idle:
        text = without_boilerplate(text, sieve.chosen(idle))
    signers = tries & sieve.kinds["signers"]
    span = signer_span(text, sieve.chosen(signers)) if signers else None
    signer = text[slice(*span)] if span else None
    if span:
        text = f"{text[: span[0]]}〇{text[span[1] :]}"
    said_nothing = bool(idle) and says_nothing(text)
    names = tries & sieve.kinds["names"]
    if names or "【" in text:
        text = without_names(text, language.names, sieve.chosen(names))
    return Spoken(text, signer, said_nothing)


def _verdict(line: Line, language: Language) -> Verdict:
    text, signer, said_nothing = spoken(line, language)
    verdict = language.judge(language.text.find(text), language.signer.find(signer) if signer else 0)
    if verdict.phrases:
        return verdict
    if said_nothing:
        return verdict._replace(phrases=_ONLY_IDLE)
    return (language.learnt and language.learnt.verdict(text)) or verdict


def _knows(verdict: Verdict) -> bool:
    """Whether a phrase or a label decided, not weights alone."""
    return bool(verdict.phrases) and verdict.phrases != _ONLY_LEARNT


def _template(line: Line, language: Language) -> str:
    """The skeleton of what phrases look at: the text without boilerplate, names of people and places, and signer."""
    text = spoken(line, language).text
    named = people(line, Milestone.EXCEPTION, language.finders)
    for name in (named.courier_name, named.facility):
        spelled = name.translate(language.spelling.letters) if name else ""
        # what stands in brackets is emptied anyway, unless it is speech
        if spelled and f"【{spelled}】" not in line.text:
            text = text.replace(spelled, NAME)
    return template(_BESIDE_A_NUMBER.sub(lambda match: _nameless(match[0], language.finders), text))


def _nameless(words: str, finders: Finders) -> str:
    """What stands for words beside a number: nothing of them where they are a person's name."""
    is_a_name = finders.surname.fullmatch(words) and not finders.not_a_name.search(words)
    return NAME if is_a_name else words


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
