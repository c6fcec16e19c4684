"""Why a line was read as it was: every phrase that stands in it, what it says, and what came of that.

In come a text and a language, out goes an `Explanation` for people. It tries every pattern instead of asking the
index, so it is slow, and also tells of phrases that were silenced.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from carriers.contract import Milestone, Reason
from carriers.reading.learnt import LEARNT
from carriers.reading.phrases import Phrase
from carriers.reading.reader import Language, Reader, Reading, spoken
from carriers.reading.words import Patterns

_LOUDEST = 8


class Fate(StrEnum):
    """What came of a phrase that stands in a line."""

    DECIDED = "decided"
    OUTRANKED = "outranked"
    SILENCED = "silenced"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Heard:
    """One phrase that stands in the line: `stretch` is where it matched, `silenced_by` what kept it from counting.

    `outranked`: it says a milestone that another phrase outranks. `set_aside`: a phrase that stands alone, or one that
    explains its reasons away, kept it out.
    """

    phrase: str
    stretch: str
    milestone: Milestone | None
    reasons: tuple[Reason, ...]
    fate: Fate
    silenced_by: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a line was read.

    `text` is its one spelling, `idle` the stretches left out because they say nothing, `spoken` what the phrases were
    looked for in, `signer` the stretch that says who signed. `learnt` are, where no phrase knew the line and only the
    learnt weights spoke, the runs of characters that spoke loudest for the milestone.
    """

    reading: Reading
    text: str
    idle: tuple[str, ...]
    spoken: str
    signer: str | None
    heard: tuple[Heard, ...]
    learnt: tuple[str, ...]


def explain(reader: Reader, text: str, *, carrier: str | None = None) -> Explanation:
    """What `Reader.read` makes of the line, and why."""
    language = reader.language(carrier)
    line = language.spelling.read(text, language.sieve)
    said = spoken(line, language)
    reading = reader.read(text, carrier=carrier)
    heard = [
        *_heard(language.text.phrases, said.text, reading, language.patterns),
        *_heard(language.signer.phrases, said.signer or "", reading, language.patterns),
    ]
    return Explanation(
        reading=reading,
        text=line.text,
        idle=tuple(_idle(line.text, language, line.tries)),
        spoken=said.text,
        signer=said.signer,
        heard=tuple(heard),
        learnt=_learnt(said.text, language, reading),
    )


def _learnt(text: str, language: Language, reading: Reading) -> tuple[str, ...]:
    if language.learnt is None or reading.phrases != (LEARNT,):
        return ()
    loudest = language.learnt.speaking_for(text, reading.milestone)[:_LOUDEST]
    return tuple(run for run, _ in loudest)


def _idle(text: str, language: Language, tries: int) -> Iterator[str]:
    for sentence in language.sieve.chosen(tries & language.sieve.kinds["boilerplate"]):
        yield from (match[0] for match in sentence.finditer(text) if match[0])
        text = sentence.sub("。", text)


def _heard(phrases: Iterable[Phrase], text: str, reading: Reading, patterns: Patterns) -> Iterator[Heard]:
    def stretch_of(sources: Iterable[str]) -> str | None:
        matches = (patterns.of(source).regex.search(text) for source in sources)
        return next((match[0] for match in matches if match), None)

    for phrase in phrases:
        stretch, silence = stretch_of(phrase.patterns), stretch_of(phrase.unless)
        if stretch is not None:
            yield Heard(
                phrase=phrase.id,
                stretch=stretch,
                milestone=phrase.milestone,
                reasons=tuple(sorted(phrase.reasons)),
                fate=_fate(phrase, reading, silenced=silence is not None),
                silenced_by=silence,
            )


def _fate(phrase: Phrase, reading: Reading, *, silenced: bool) -> Fate:
    if silenced:
        return Fate.SILENCED
    if phrase.id in reading.phrases:
        return Fate.DECIDED
    return Fate.SET_ASIDE if phrase.said is reading.milestone else Fate.OUTRANKED
