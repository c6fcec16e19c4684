"""The phrase book: which phrases of a table stand in a text.

In come `Phrase` rows, out goes a `Book` that finds them all quickly: a pattern is only tried at, or for, the words of
the language that stand in the text (see `words`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from carriers.contract import Milestone, Reason
from carriers.reading.words import Pattern, Patterns, Words, a_lexicon


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing couriers say.

    `patterns` is matched against the text (or against the signer alone) and `unless` silences the phrase wherever it
    stands. `rank` is the place of its milestone in the order of precedence, where `firm` phrases have places of their
    own; `alone` keeps the reasons of all other phrases out and `drops` names reasons that this phrase explains away.
    `yes` and `no` are the phrase's own test cases.
    """

    id: str
    milestone: Milestone | None
    reasons: frozenset[Reason]
    patterns: tuple[str, ...]
    unless: tuple[str, ...] = ()
    drops: frozenset[Reason] = frozenset()
    alone: bool = False
    of_signer: bool = False
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    rank: int = 0

    @property
    def said(self) -> Milestone:
        """Its milestone; a phrase that gives only a reason says that something is wrong."""
        return self.milestone or Milestone.EXCEPTION


Test = Callable[[str, int], object]
"""Whether a pattern matches a text: searched for from a position, or at it."""


class _Entry(NamedTuple):
    """A pattern that must be tried where its word stands.

    `bit` is its own; `says` and `silences` are the bits of its phrase, one of them 0; `here` is 1 where a match starts
    with the word, 0 where it must be searched for.
    """

    bit: int
    says: int
    silences: int
    test: Test
    here: int


@dataclass(frozen=True, slots=True)
class Book:
    """Phrases with their index; a set of phrases is a number with one bit for each.

    For each word: the phrases it `says` and those it `silences` alone, what is `tried` where it stands, and the bits of
    the patterns that it, or something like it, `allows`; `lenient` patterns need no word besides their own.
    """

    phrases: tuple[Phrase, ...]
    words: Words
    says: tuple[int, ...]
    silences: tuple[int, ...]
    tried: tuple[tuple[_Entry, ...], ...]
    allows: tuple[int, ...]
    lenient: int
    always: tuple[_Entry, ...]

    def find(self, text: str) -> int:
        """The bits of the phrases that stand in `text`."""
        said = silenced = 0
        allowed = self.lenient
        says, silences, tried, allows = self.says, self.silences, self.tried, self.allows
        doubtful: list[tuple[int, tuple[_Entry, ...]]] = []
        for word, start, _ in self.words.standing_in(text):
            said |= says[word]
            silenced |= silences[word]
            allowed |= allows[word]
            if tried[word]:
                doubtful.append((start, tried[word]))
        for start, entries in doubtful:
            for bit, says_too, silences_too, test, here in entries:
                if bit & allowed and test(text, start * here):
                    said |= says_too
                    silenced |= silences_too
        for _, says_too, silences_too, test, _ in self.always:
            if test(text, 0):
                said |= says_too
                silenced |= silences_too
        return said & ~silenced

    def those(self, bits: int) -> list[Phrase]:
        """The phrases of these bits, in the order of the tables."""
        return [phrase for number, phrase in enumerate(self.phrases) if bits >> number & 1]


def a_book(phrases: Iterable[Phrase], patterns: Patterns) -> Book:
    """Compiles and indexes. Raises `re.error` for a pattern that is none."""
    rows = tuple(phrases)
    listed = list(_listed(rows, patterns))
    words = a_lexicon(pattern for pattern, _ in listed)
    says, silences, allows = ([0] * len(words.numbers) for _ in range(3))
    tried: list[list[_Entry]] = [[] for _ in words.numbers]
    always: list[_Entry] = []
    lenient, numbers = 0, count()
    for pattern, bits in listed:
        found = pattern.anchors
        if found is None:
            always.append(_Entry(0, *bits, pattern.regex.search, 0))
            continue
        if found.whole:
            for word in words.of(found.literals):
                says[word] |= bits[0]
                silences[word] |= bits[1]
            continue
        test = pattern.regex.match if found.opening else pattern.regex.search
        entry = _Entry(1 << next(numbers), *bits, test, int(found.opening))
        lenient |= 0 if found.needs else entry.bit
        for word in words.of(found.literals):
            tried[word].append(entry)
        for word in words.of(found.needs[-1]) if found.needs else ():
            allows[word] |= entry.bit
    return Book(
        phrases=rows,
        words=words,
        says=tuple(says),
        silences=tuple(silences),
        tried=tuple(map(tuple, tried)),
        allows=tuple(allows),
        lenient=lenient,
        always=tuple(always),
    )


def _listed(phrases: Iterable[Phrase], patterns: Patterns) -> Iterator[tuple[Pattern, tuple[int, int]]]:
    """Every pattern, with the bit of the phrase it says and of the one it silences."""
    for number, phrase in enumerate(phrases):
        yield from ((patterns.of(source), (1 << number, 0)) for source in phrase.patterns)
        yield from ((patterns.of(source), (0, 1 << number)) for source in phrase.unless)
