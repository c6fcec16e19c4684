"""The last resort for a line that no phrase explains: what lines spelled like it usually say.

In comes the text that phrases were looked for in, out goes a `Verdict` or None where nothing is sure enough. The
weights are learnt from the project's own lines by `scripts/learn_reading.py` (a linear classifier over runs of
characters, trained as an averaged perceptron) and lie beside the phrase tables as data.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from ahocorasick_rs import AhoCorasick

from carriers.contract import Milestone, Reason, in_order
from carriers.reading.verdict import Verdict

LONGEST_RUN = 4
"""Characters of the longest run that is looked at."""
LEARNT = "learnt"
"""Stands in place of a phrase's id where nothing but the weights decided."""
_DIGITS = re.compile(r"\d+")
_READ = 200
_PAIR = 2
_SHORTEST = 3
_NUMBER = itemgetter(0)
_FAMILIAR = 0.4
_WORDS: tuple[str, ...] = (*Milestone, *Reason)
_BITS = 24
_FIELD, _MIDDLE = (1 << _BITS) - 1, 1 << _BITS - 1
_MIDDLES = sum(_MIDDLE << _BITS * place for place in range(len(_WORDS)))


@dataclass(frozen=True, slots=True)
class Weights:
    """For each run of characters what it speaks for, by milestone and reason, in thousandths, packed into one number.

    One number, because then a line costs one sum. A verdict is only given where the best milestone leads the next by
    `sure`, and a reason where its sum is positive.
    """

    runs: Mapping[str, int] = field(repr=False)
    sure: int
    _standing_in: Callable[[str, bool], list[tuple[int, int, int]]] = field(
        init=False, repr=False, compare=False
    )
    _numbered: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _pairs: frozenset[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        listed = list(self.runs)
        object.__setattr__(self, "_standing_in", AhoCorasick(listed).find_matches_as_indexes)
        object.__setattr__(self, "_numbered", tuple(self.runs.values()))
        pairs = (number for number, run in enumerate(listed) if len(run) == _PAIR)
        object.__setattr__(self, "_pairs", frozenset(pairs))

    def verdict(self, text: str) -> Verdict | None:
        """What the text most likely says; None where little of it was ever met."""
        plain = _plain(text)
        known = set(map(_NUMBER, self._standing_in(plain, True)))
        pairs = len({plain[at : at + _PAIR] for at in range(len(plain) - 1)})
        if len(text) < _SHORTEST or len(known & self._pairs) < _FAMILIAR * pairs:
            return None
        sums = unpacked(sum(map(self._numbered.__getitem__, known)))
        ranked = sorted(Milestone, key=sums.__getitem__, reverse=True)
        best, second = ranked[:2]
        if best is Milestone.UNKNOWN or sums[best] - sums[second] < self.sure:
            return None
        reasons = [reason for reason in Reason if sums[reason] > 0]
        # a problem without any reason is what lines look like that say nothing
        if best is Milestone.EXCEPTION and not reasons:
            return None
        return Verdict(best, in_order(reasons), (LEARNT,))

    def speaking_for(self, text: str, word: str) -> list[tuple[str, int]]:
        """The runs of the text that speak for this milestone or reason, strongest first."""
        found = [(run, unpacked(self.runs.get(run, 0))[word]) for run in runs_of(text)]
        return sorted((pair for pair in found if pair[1] > 0), key=lambda pair: (-pair[1], pair[0]))


def packed(weights: Mapping[str, int]) -> int:
    """One number for all weights; the numbers of several runs can be added."""
    return sum(weights.get(word, 0) << (_BITS * place) for place, word in enumerate(_WORDS))


def unpacked(number: int) -> dict[str, int]:
    """The weights, or sums of weights, in a number."""
    shifted = number + _MIDDLES
    return {word: (shifted >> _BITS * place & _FIELD) - _MIDDLE for place, word in enumerate(_WORDS)}


def runs_of(text: str) -> set[str]:
    """Every run of up to four characters, numbers written as 0, with marks at both ends."""
    plain = _plain(text)
    return {
        plain[at : at + length]
        for length in range(1, LONGEST_RUN + 1)
        for at in range(len(plain) - length + 1)
    }


def _plain(text: str) -> str:
    return f"^{_DIGITS.sub('0', text[:_READ])}$"


def load_weights(path: Path) -> Weights | None:
    """Reads a table of weights, None where there is none; raises `ValueError` for a line that is no row of one."""
    if not path.is_file():
        return None
    with path.open(encoding="utf-8") as lines:
        sure = int(next(lines).removeprefix("sure\t"))
        return Weights(dict(map(_row, lines)), sure)


def _row(line: str) -> tuple[str, int]:
    run, *pairs = line.rstrip("\n").split("\t")
    return run, packed({word: int(weight) for word, weight in (pair.split("=") for pair in pairs)})


def written(weights: Weights) -> Iterable[str]:
    """The rows of a table of weights."""
    yield f"sure\t{weights.sure}\n"
    for run, number in sorted(weights.runs.items()):
        speaks = sorted((word, weight) for word, weight in unpacked(number).items() if weight)
        yield "\t".join([run, *(f"{word}={weight}" for word, weight in speaks)]) + "\n"
