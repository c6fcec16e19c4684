"""The phrase book: which phrases of a table stand in a text.

In come `Phrase` rows, out goes a `Book` that finds them all quickly: a pattern is only tried at, or for, the words of
the language that stand in the text (see `words`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import count
from operator import or_
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
    """A pattern that must be tried where its word stands, if `allowed` says that its other words stand too.

    `mark` is what it adds when it matches; `here` is 1 where a match starts with the word, 0 where it must be searched
    for.
    """

    allowed: int
    mark: int
    test: Test
    here: int


class _Entries(NamedTuple):
    """All that is tried where one word stands; `allowed` for any of them."""

    allowed: int
    entries: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """Phrases with their index.

    What is known of a text is one number, because nothing else is as quick to add to: a bit for each phrase that is
    said, `width` bits higher one for each that is silenced, and above those one for each tried pattern whose other
    words stand. `exact` has the marks of texts that are nothing else, `marks` those of each word, `lenient` those of
    patterns that need no other word; `tried` is what must be tried where a word stands.
    """

    phrases: tuple[Phrase, ...] = field(repr=False)
    width: int
    words: Words
    exact: Mapping[str, int] = field(repr=False)
    marks: tuple[int, ...] = field(repr=False)
    tried: tuple[_Entries | None, ...] = field(repr=False)
    lenient: int
    always: tuple[_Entry, ...]

    def find(self, text: str) -> int:
        """The bits of the phrases that stand in `text`."""
        known = self.exact.get(text, 0) | self.lenient
        marks, tried = self.marks, self.tried
        standing = self.words.standing_in(text, True)
        for word, _, _ in standing:
            known |= marks[word]
        for word, start, _ in standing:
            there = tried[word]
            if there and there[0] & known:
                for allowed, mark, test, here in there[1]:
                    if allowed & known:
                        if test(text, start * here):
                            known = known ^ allowed | mark
                        elif not here:
                            # what was searched for everywhere need not be at the next word
                            known ^= allowed
        for _, mark, test, _ in self.always:
            if test(text, 0):
                known |= mark
        return known & ~(known >> self.width) & ((1 << self.width) - 1)

    def those(self, bits: int) -> list[Phrase]:
        """The phrases of these bits, in the order of the tables."""
        return [phrase for number, phrase in enumerate(self.phrases) if bits >> number & 1]


def a_book(phrases: Iterable[Phrase], patterns: Patterns) -> Book:
    """Compiles and indexes. Raises `re.error` for a pattern that is none."""
    rows = tuple(phrases)
    listed = list(_listed(rows, patterns))
    words = a_lexicon(pattern for pattern, _ in listed)
    marks = [0] * len(words.numbers)
    tried: list[list[_Entry]] = [[] for _ in words.numbers]
    exact: dict[str, int] = {}
    always: list[_Entry] = []
    lenient, bits = 0, (1 << number for number in count(2 * len(rows)))
    for pattern, mark in listed:
        found = pattern.anchors
        if found is None:
            always.append(_Entry(0, mark, pattern.regex.search, 0))
        elif found.exact:
            exact.update((text, exact.get(text, 0) | mark) for text in found.literals)
        elif found.whole:
            for word in words.of(found.literals):
                marks[word] |= mark
        else:
            test = pattern.regex.match if found.opening else pattern.regex.search
            entry = _Entry(next(bits), mark, test, int(found.opening))
            lenient |= 0 if found.needs else entry.allowed
            for word in words.of(found.literals):
                tried[word].append(entry)
            for word in words.of(found.needs[-1]) if found.needs else ():
                marks[word] |= entry.allowed
    return Book(
        phrases=rows,
        width=len(rows),
        words=words,
        exact=exact,
        marks=tuple(marks),
        tried=tuple(map(_entries, tried)),
        lenient=lenient,
        always=tuple(always),
    )


def _listed(phrases: Sequence[Phrase], patterns: Patterns) -> Iterator[tuple[Pattern, int]]:
    """Every pattern, with its mark: the bit of the phrase it says or the higher one of the phrase it silences."""
    for number, phrase in enumerate(phrases):
        yield from ((patterns.of(source), 1 << number) for source in phrase.patterns)
        yield from ((patterns.of(source), 1 << number + len(phrases)) for source in phrase.unless)


def _entries(entries: Sequence[_Entry]) -> _Entries | None:
    return _Entries(reduce(or_, (entry.allowed for entry in entries)), tuple(entries)) if entries else None
