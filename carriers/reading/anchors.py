"""Which plain words a pattern cannot match without: the index over thousands of patterns is built from them.

In comes the source of a regular expression, out goes a set of literals of which at least one stands in every
match, or None when no such set can be seen. Only what the phrase tables use is understood.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_PIECE = re.compile(
    r"(?P<look>\(\?(?:[=!]|<[=!]))|(?P<open>\((?:\?:|\?P<\w+>)?)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<escape>\\.)|(?P<close>\))|(?P<bar>\|)|(?P<plain>[^()\[\]\\])",
    re.DOTALL,
)
_REPEAT = re.compile(r"(?P<none>[?*]|\{0?,\d*\}|\{0\})\??|(?P<some>\+|\{\d+(?:,\d*)?\})\??")
_PLAIN_ESCAPES = frozenset("()[]{}.*+?|/-^$\\")


@dataclass(frozen=True, slots=True)
class Sieve:
    """Patterns in their order, with the words that stand in every match listed by one character each."""

    patterns: tuple[re.Pattern[str], ...]
    by_character: Mapping[str, tuple[tuple[int, str], ...]]
    always: frozenset[int]

    def candidates(self, text: str, characters: frozenset[str]) -> list[int]:
        """The numbers of the patterns that may match; the others cannot.

        `characters` are those of the text, or more.
        """
        numbers = set(self.always)
        for character in self.by_character.keys() & characters:
            for number, word in self.by_character[character]:
                if number not in numbers and word in text:
                    numbers.add(number)
        return sorted(numbers)


def a_sieve(sources: Iterable[str], frequent: str = "") -> Sieve:
    """Compiles; `frequent` characters make poor keys. Raises `re.error` for a pattern that is none."""
    listed = tuple(sources)
    words = [
        (number, word) for number, source in enumerate(listed) for word in sorted(anchors(source) or {""})
    ]
    by_character: dict[str, list[tuple[int, str]]] = {}
    for number, word in words:
        if word:
            rarest = min(word, key=lambda character: (character in frequent, character < "\u3000"))
            by_character.setdefault(rarest, []).append((number, word))
    return Sieve(
        patterns=tuple(map(re.compile, listed)),
        by_character={character: tuple(rows) for character, rows in by_character.items()},
        always=frozenset(number for number, word in words if not word),
    )


def anchors(source: str) -> frozenset[str] | None:
    """The literals of which one stands in every match of `source`."""
    return _any_of(_branches(source))


def _any_of(branches: list[str]) -> frozenset[str] | None:
    found = [_best(branch) for branch in branches]
    if any(literals is None for literals in found):
        return None
    return frozenset().union(*(literals for literals in found if literals))


def _branches(source: str) -> list[str]:
    """The alternatives of the outermost level."""
    starts, depth = [0], 0
    for piece in _PIECE.finditer(source):
        depth += (piece.lastgroup in {"look", "open"}) - (piece.lastgroup == "close")
        if piece.lastgroup == "bar" and depth == 0:
            starts.append(piece.end())
    ends = [start - 1 for start in starts[1:]] + [len(source)]
    return [source[start:end] for start, end in zip(starts, ends, strict=True)]


def _best(branch: str) -> frozenset[str] | None:
    """Of all sets of needed literals, the one whose shortest literal is longest."""
    candidates = list(_needed(branch))
    return max(candidates, key=lambda literals: (min(map(len, literals)), -len(literals)), default=None)


def _needed(branch: str) -> Iterator[frozenset[str]]:
    run, position = "", 0
    while position < len(branch):
        piece = _PIECE.match(branch, position)
        if piece is None:
            return
        end = _group_end(branch, piece) if piece.lastgroup in {"look", "open"} else piece.end()
        repeat = _REPEAT.match(branch, end)
        literal = _literal(piece)
        if literal and repeat is None:
            run += literal
        else:
            if run:
                yield frozenset({run})
            run = ""
            if _must_match(piece) and (repeat is None or repeat["some"]):
                inner = anchors(branch[piece.end() : end - 1])
                if inner:
                    yield inner
        position = repeat.end() if repeat else end
    if run:
        yield frozenset({run})


def _must_match(piece: re.Match[str]) -> bool:
    """Whether this is a group whose content stands in every match: what lies ahead or behind does too."""
    return piece["open"] is not None or piece["look"] in {"(?=", "(?<="}


def _literal(piece: re.Match[str]) -> str:
    if piece["plain"] and piece["plain"] not in ".^$":
        return piece["plain"]
    if piece["escape"] and piece["escape"][1] in _PLAIN_ESCAPES:
        return piece["escape"][1]
    return ""


def _group_end(source: str, opening: re.Match[str]) -> int:
    depth = 0
    for piece in _PIECE.finditer(source, opening.start()):
        depth += (piece.lastgroup in {"look", "open"}) - (piece.lastgroup == "close")
        if depth == 0:
            return piece.end()
    return len(source)
