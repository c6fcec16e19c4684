"""The index over thousands of patterns: one pass over a text says which words of the tables stand in it, and where.

In come the patterns of a table, out goes `Words`, a single Aho-Corasick automaton over the literals that those
patterns cannot do without (see `anchors`); a pattern is only tried where its literals stand.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from carriers.reading.anchors import Anchors, anchors

Standing = list[tuple[int, int, int]]
"""Words that stand in a text: number of the word, start and end."""


class Pattern(NamedTuple):
    """A compiled pattern with the words it cannot do without."""

    regex: re.Pattern[str]
    anchors: Anchors | None


class Patterns:
    """Compiles each source once, for all the languages that share it."""

    def __init__(self) -> None:
        self._known: dict[str, Pattern] = {}

    def of(self, source: str) -> Pattern:
        """Raises `re.error` for a source that is no pattern."""
        if source not in self._known:
            self._known[source] = Pattern(re.compile(source), anchors(source))
        return self._known[source]


@dataclass(frozen=True, slots=True)
class Words:
    """`numbers` gives each literal its number; `standing_in(text, True)` finds every occurrence of every word."""

    numbers: Mapping[str, int] = field(repr=False)
    standing_in: Callable[[str, bool], Standing] = field(repr=False)

    def of(self, literals: Iterable[str]) -> frozenset[int]:
        """The numbers of these words."""
        return frozenset(self.numbers[literal] for literal in literals)


def a_lexicon(patterns: Iterable[Pattern]) -> Words:
    """One automaton for all these patterns."""
    literals: set[str] = set()
    for pattern in patterns:
        if pattern.anchors and not pattern.anchors.exact:
            literals.update(pattern.anchors.literals, *pattern.anchors.needs)
    listed = sorted(literals)
    numbers = {literal: number for number, literal in enumerate(listed)}
    # the bound method: one is called twice for every line
    return Words(numbers, AhoCorasick(listed).find_matches_as_indexes)
