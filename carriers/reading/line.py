"""First stage: a printed line becomes one spelling that patterns can rely on.

In comes the text as the carrier printed it, out goes a `Line` in half-width lower case, simplified characters, one kind
of square bracket and no idle spaces, that can still give back any stretch of it exactly as printed.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

# What may stand on both sides of a space that separates words; any other space is decoration.
_WORD = "a-z0-9.!?;'\"/*#&-"
_IDLE_SPACE = re.compile(rf"(?<![{_WORD}])\s++|\s++(?![{_WORD}])|(?<=\s)\s++")
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
}
_PLANES = ((0x20, 0x0600), (0x2000, 0x3300), (0x4E00, 0xA000), (0xF900, 0xFB00), (0xFE00, 0x10000))


def alphabet(traditional: str, simplified: str) -> Mapping[int, str]:
    """One character for every character of the planes that scans are written in; lengths never change."""
    table = {code: _spelling(chr(code)) for start, end in _PLANES for code in range(start, end)}
    table |= {ord(space): " " for space in "\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u1680" + _INVISIBLE}
    table |= {ord(char): spelling for char, spelling in (_SQUARE | _PUNCTUATION).items()}
    return table | {ord(old): new for old, new in zip(traditional, simplified, strict=True)}


def _spelling(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char).lower()
    if char.isspace():
        return " "
    return folded if len(folded) == 1 else char


@dataclass(frozen=True, slots=True)
class Line:
    """`text` is what patterns read; `between` gives a stretch of it as it was printed."""

    printed: str
    text: str
    characters: frozenset[str] = field(repr=False)
    cuts: tuple[int, ...] = field(default=(), repr=False)
    skipped: tuple[int, ...] = field(default=(), repr=False)

    def between(self, start: int, end: int) -> str:
        """The printed characters behind `text[start:end]`."""
        return self.printed[self._place(start) : self._place(end - 1) + 1] if end > start else ""

    def _place(self, index: int) -> int:
        cut = bisect_right(self.cuts, index)
        return index + (self.skipped[cut - 1] if cut else 0)


def read_line(printed: str, letters: Mapping[int, str], noise: re.Pattern[str]) -> Line:
    """`noise` matches further stretches to leave out, such as a number stamped into the middle of a word."""
    spelled = printed.translate(letters)
    spans = [match.span() for match in _IDLE_SPACE.finditer(spelled)]
    if "(" in spelled:
        spans = sorted(spans + [match.span() for match in noise.finditer(spelled)])
    if not spans:
        return Line(printed, spelled, frozenset(spelled))
    return _without(printed, spelled, spans)


def _without(printed: str, spelled: str, spans: list[tuple[int, int]]) -> Line:
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
    return Line(printed, "".join(pieces), frozenset(spelled), tuple(cuts), tuple(skipped))
