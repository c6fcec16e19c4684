"""Which of the patterns for names, people and idle sentences are worth trying on a line.

In come lists of pattern sources by kind, out goes a `Sieve`: one pass over a line tells which few patterns can
match it.
A set of patterns is a number with one bit for each, because nothing else is as quick to join and to ask.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from carriers.reading.words import Patterns, Words, a_lexicon


@dataclass(frozen=True, slots=True)
class Sieve:
    """Patterns in their order; `kinds` are the bits of each kind of them.

    `by_word` and `by_need` are, for each word, the bits of the patterns that cannot do without it, or something
    like it; a pattern in both wants a word of either. `lenient` are the bits of patterns that want one word or none.
    """

    words: Words
    patterns: tuple[re.Pattern[str], ...]
    kinds: Mapping[str, int]
    by_word: tuple[int, ...]
    by_need: tuple[int, ...]
    always: int
    lenient: int

    def tries(self, text: str) -> int:
        """The bits of the patterns that may match `text`; all others cannot."""
        found, needed = self.always, self.lenient
        by_word, by_need = self.by_word, self.by_need
        for word, _, _ in self.words.standing_in(text):
            found |= by_word[word]
            needed |= by_need[word]
        return found & needed

    def chosen(self, bits: int) -> Iterator[re.Pattern[str]]:
        """The patterns of these bits, in their order."""
        while bits:
            lowest = bits & -bits
            yield self.patterns[lowest.bit_length() - 1]
            bits ^= lowest


def a_sieve(kinds: Mapping[str, Iterable[str]], patterns: Patterns) -> Sieve:
    """Compiles and indexes. Raises `re.error` for a pattern that is none."""
    rows = [(kind, patterns.of(source)) for kind, sources in kinds.items() for source in sources]
    words = a_lexicon(pattern for _, pattern in rows)
    masks = dict.fromkeys(kinds, 0)
    by_word, by_need = [0] * len(words.numbers), [0] * len(words.numbers)
    always = lenient = 0
    for number, (kind, pattern) in enumerate(rows):
        bit, found = 1 << number, pattern.anchors
        masks[kind] |= bit
        always |= 0 if found else bit
        lenient |= 0 if found and found.needs else bit
        for word in words.of(found.literals) if found else ():
            by_word[word] |= bit
        for word in words.of(found.needs[-1]) if found and found.needs else ():
            by_need[word] |= bit
    return Sieve(
        words=words,
        patterns=tuple(pattern.regex for _, pattern in rows),
        kinds=masks,
        by_word=tuple(by_word),
        by_need=tuple(by_need),
        always=always,
        lenient=lenient,
    )
