"""The phrase book: which phrases of a table stand in a text.

In come `Phrase` rows, out goes a `Book` that finds them all quickly: a pattern is only tried where one of the words it
cannot do without stands in the text, and those words are looked up by their rarest character.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from carriers.contract import Milestone, Reason
from carriers.reading.anchors import anchors

_LATIN = re.compile(r"[a-z]{3}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing couriers say.

    `patterns` is matched against the text (or against the signer alone) and `unless` silences the phrase wherever it
    stands. `firm` phrases outrank others of their milestone, `alone` keeps the reasons of all other phrases out and
    `drops` names reasons that this phrase explains away. `yes` and `no` are the phrase's own test cases.
    """

    id: str
    milestone: Milestone | None
    reasons: frozenset[Reason]
    patterns: tuple[str, ...]
    unless: tuple[str, ...] = ()
    drops: frozenset[Reason] = frozenset()
    firm: bool = False
    alone: bool = False
    of_signer: bool = False
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


class _Entry(NamedTuple):
    """`search` is None where the literal is the whole pattern. A tuple, because unpacking it is the inner loop."""

    phrase: int
    literal: str
    search: Callable[[str], object] | None


@dataclass(frozen=True, slots=True)
class Book:
    """Phrases with their index."""

    phrases: tuple[Phrase, ...]
    unless: tuple[re.Pattern[str] | None, ...]
    by_character: Mapping[str, tuple[_Entry, ...]]
    latin: tuple[_Entry, ...]
    always: tuple[_Entry, ...]

    def find(self, text: str, characters: frozenset[str]) -> list[Phrase]:
        """The phrases that stand in `text`, in the order of the tables. `characters` are those of the text, or more."""
        hits: set[int] = set()
        for character in self.by_character.keys() & characters:
            for number, literal, search in self.by_character[character]:
                if literal in text and number not in hits and (search is None or search(text)):
                    hits.add(number)
        if self.latin and _LATIN.search(text):
            _try(self.latin, text, hits)
        _try(self.always, text, hits)
        return [self.phrases[hit] for hit in sorted(hits) if not self._silenced(hit, text)]

    def _silenced(self, hit: int, text: str) -> bool:
        unless = self.unless[hit]
        return unless is not None and unless.search(text) is not None


def _try(entries: Iterable[_Entry], text: str, hits: set[int]) -> None:
    for number, literal, search in entries:
        if literal in text and number not in hits and (search is None or search(text)):
            hits.add(number)


def a_book(phrases: Iterable[Phrase], frequent: str = "") -> Book:
    """Compiles and indexes; `frequent` characters stand in most lines and make poor keys.

    Raises `re.error` for a pattern that is none.
    """
    rows = tuple(phrases)
    entries = [
        _Entry(number, literal, None if literal == pattern else re.compile(pattern).search)
        for number, phrase in enumerate(rows)
        for pattern in phrase.patterns
        for literal in sorted(anchors(pattern) or {""})
    ]
    common = Counter(character for entry in entries for character in set(entry.literal))
    common.update({character: len(entries) for character in frequent})
    by_character: dict[str, list[_Entry]] = {}
    for entry in (entry for entry in entries if _is_chinese(entry.literal)):
        by_character.setdefault(min(entry.literal, key=common.__getitem__), []).append(entry)
    return Book(
        phrases=rows,
        unless=tuple(re.compile("|".join(phrase.unless)) if phrase.unless else None for phrase in rows),
        by_character={character: tuple(listed) for character, listed in by_character.items()},
        latin=tuple(entry for entry in entries if entry.literal and not _is_chinese(entry.literal)),
        always=tuple(entry for entry in entries if not entry.literal),
    )


def _is_chinese(literal: str) -> bool:
    return any(character >= "\u3000" for character in literal)
