"""First stage: a printed line becomes one spelling that patterns can rely on.

In comes the text as the carrier printed it, out goes a `Line` in half-width lower case, simplified characters, one kind
of square bracket and no idle spaces, that can still give back any stretch of it exactly as printed.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from carriers.reading.phones import PHONE, REST, without_numbers
from carriers.reading.sieve import Sieve

# What may stand on both sides of a space that separates words; any other space is decoration.
_WORD = "a-z0-9.!?;'\"/*#&-"
_IDLE_SPACE = re.compile(rf" (?:(?<![{_WORD}] )|(?! *[{_WORD}]))")
_SQUARE = dict.fromkeys("[［〔【「『《〖{", "【") | dict.fromkeys("]］〕】」』》〗}", "】")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_PUNCTUATION = {
    "、": ",",
    "，": ",",
    "。": "。",
    "．": ".",
    "；": ";",
    "…": "。",
    "“": '"',
    "”": '"',
    "’": "'",
    "—": "-",
    "–": "-",
}
LONGEST = 600
"""Characters of a text that are read."""
# where one word of a status such as `OutForDelivery` or `INTransit` ends
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)")
_PLANES = ((0x20, 0x0600), (0x2000, 0x3300), (0x4E00, 0xA000), (0xF900, 0xFB00), (0xFE00, 0x10000))


def alphabet(traditional: str, simplified: str) -> Mapping[int, str]:
    """One character for every character of the planes that scans are written in; lengths never change."""
    table = {code: _spelling(chr(code)) for start, end in _PLANES for code in range(start, end)}
    table |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
    table |= {
        ord(space): " " for space in "_\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u1680📞📱" + _INVISIBLE + PHONE + REST
    }
    table |= {ord(char): spelling for char, spelling in (_SQUARE | _PUNCTUATION).items()}
    return table | {ord(old): new for old, new in zip(traditional, simplified, strict=True)}


def _spelling(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char).lower()
    if char.isspace():
        return " "
    return folded if len(folded) == 1 else char


class Line(NamedTuple):
    """`text` is what patterns read, `tries` the bits of those that may match it; `between` gives a stretch of
    it as it was printed.

    A tuple, because one is made for every line, and a frozen dataclass costs five times as much to make.
    """

    printed: str
    text: str
    tries: int
    cuts: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()

    def between(self, start: int, end: int) -> str:
        """The printed characters behind `text[start:end]`."""
        if not self.cuts:
            return self.printed[start:end]
        return self.printed[self._place(start) : self._place(end - 1) + 1] if end > start else ""

    def _place(self, index: int) -> int:
        cut = bisect_right(self.cuts, index)
        return index + (self.skipped[cut - 1] if cut else 0)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one language spells: `noise` matches further stretches to leave out, such as a number stamped into the
    middle of a word."""

    letters: Mapping[int, str] = field(repr=False)
    noise: re.Pattern[str]

    def read(self, printed: str, sieve: Sieve) -> Line:
        """Of a text longer than `LONGEST` the beginning is read: no courier writes more, and reading stays bounded.

        A status of a program, `OutForDelivery` or `out_for_delivery`, is read as the words that it is made of.
        """
        printed = printed[:LONGEST]
        if printed.isascii() and printed.isidentifier():
            printed = _HUMP.sub(" ", printed)
        spelled = printed[:LONGEST].translate(self.letters)
        spans = [match.span() for match in _IDLE_SPACE.finditer(spelled)] if " " in spelled else []
        if "(" in spelled:
            spans = sorted(spans + [match.span() for match in self.noise.finditer(spelled)])
        if not spans:
            text = without_numbers(spelled)
            return Line(printed, text, sieve.tries(text))
        kept, cuts, skipped = _without(spelled, spans)
        text = without_numbers(kept)
        return Line(printed, text, sieve.tries(text), cuts, skipped)


def _without(spelled: str, spans: list[tuple[int, int]]) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    """The text without these stretches, where each was cut, and how much had been left out up to there."""
    pieces: list[str] = []
    cuts: list[int] = []
    skipped: list[int] = []
    kept = position = 0
    for start, end in spans:
        pieces.append(spelled[position:start])
        kept += start - position
        cuts.append(kept)
        skipped.append(end - kept)
        position = end
    pieces.append(spelled[position:])
    return "".join(pieces), tuple(cuts), tuple(skipped)
