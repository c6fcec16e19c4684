"""The index over thousands of patterns: one pass over a text says which words of the tables stand in it, and where.

In come the sources of all patterns of a table, out goes `Words`, a single Aho-Corasick automaton over the literals
that those patterns cannot do without (see `anchors`); a pattern is only tried where its literals stand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from carriers.reading.anchors import anchors

Standing = list[tuple[int, int, int]]
"""Words that stand in a text: number of the word, start and end."""


@dataclass(frozen=True, slots=True)
class Words:
    """`numbers` gives each literal its number; `automaton` finds them all, overlapping too."""

    numbers: Mapping[str, int]
    automaton: AhoCorasick

    def standing_in(self, text: str) -> Standing:
        """Every occurrence of every word."""
        return self.automaton.find_matches_as_indexes(text, overlapping=True)

    def of(self, literals: Iterable[str]) -> frozenset[int]:
        """The numbers of these words."""
        return frozenset(self.numbers[literal] for literal in literals)


def a_lexicon(sources: Iterable[str]) -> Words:
    """One automaton for all these patterns."""
    literals: set[str] = set()
    for found in map(anchors, sources):
        if found:
            literals = literals.union(found.literals, *found.needs)
    return Words(
        {literal: number for number, literal in enumerate(sorted(literals))}, AhoCorasick(sorted(literals))
    )
