"""Which of the patterns for names, people and idle sentences are worth trying on a line.

In come lists of pattern sources by kind, out goes a `Sieve`: one pass over a line tells which few patterns can
match it.
A set of patterns is a number with one bit for each, because nothing else is as quick to join and to ask.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from carriers.reading.words import Patterns, Words, a_lexicon

_SETS = 4096


@dataclass(frozen=True, slots=True)
class Sieve:
    """Patterns in their order; `kinds` are the bits of each kind of them.

    `marks` has, for each word, the bits of the patterns that cannot do without it or something like it, and, `width`
    bits higher, of those for which it, or something like it, is the other word they want. `always` are the bits of
    patterns that want no word, and the higher ones of those that want no other. `chosen` gives the patterns of some
    bits in their order; what was chosen together is remembered, for as many sets as are met in practice.
    """

    words: Words
    chosen: Callable[[int], tuple[re.Pattern[str], ...]] = field(repr=False)
    width: int
    kinds: Mapping[str, int]
    marks: tuple[int, ...] = field(repr=False)
    always: int

    def tries(self, text: str) -> int:
        """The bits of the patterns that may match `text`; all others cannot."""
        known, marks = self.always, self.marks
        for word, _, _ in self.words.standing_in(text, True):
            known |= marks[word]
        return known & (known >> self.width)


def a_sieve(kinds: Mapping[str, Iterable[str]], patterns: Patterns) -> Sieve:
    """Compiles and indexes. Raises `re.error` for a pattern that is none."""
    rows = [(kind, patterns.of(source)) for kind, sources in kinds.items() for source in sources]
    words = a_lexicon(pattern for _, pattern in rows)
    masks = dict.fromkeys(kinds, 0)
    marks = [0] * len(words.numbers)
    always = 0
    for number, (kind, pattern) in enumerate(rows):
        bit, other = 1 << number, 1 << number + len(rows)
        # a text that must be nothing else holds no word of the lexicon: it is simply tried
        found = None if pattern.anchors and pattern.anchors.exact else pattern.anchors
        masks[kind] |= bit
        always |= (0 if found else bit) | (0 if found and found.needs else other)
        for word in words.of(found.literals) if found else ():
            marks[word] |= bit
        for word in words.of(found.needs[-1]) if found and found.needs else ():
            marks[word] |= other
    return Sieve(
        words=words,
        chosen=_chooser([pattern.regex for _, pattern in rows]),
        width=len(rows),
        kinds=masks,
        marks=tuple(marks),
        always=always,
    )


def _chooser(patterns: Sequence[re.Pattern[str]]) -> Callable[[int], tuple[re.Pattern[str], ...]]:
    @lru_cache(maxsize=_SETS)
    def chosen(bits: int) -> tuple[re.Pattern[str], ...]:
        return tuple(pattern for number, pattern in enumerate(patterns) if bits >> number & 1)

    return chosen
