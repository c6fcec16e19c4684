"""The last resort for a line that no phrase explains: what lines spelled like it usually say.

In comes the text that phrases were looked for in, out goes a `Verdict` or None where nothing is sure enough. The
weights are learnt from the project's own lines by `scripts/learn_reading.py` (a linear classifier over runs of
characters, trained as an averaged perceptron) and lie beside the phrase tables as data.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from carriers.contract import Milestone, Reason, in_order
from carriers.reading.verdict import Verdict

LONGEST_RUN = 4
"""Characters of the longest run that is looked at."""
LEARNT = "learnt"
"""Stands in place of a phrase's id where nothing but the weights decided."""
_DIGITS = re.compile(r"\d+")
_READ = 200
_PAIR = 2
_FAMILIAR = 0.5


@dataclass(frozen=True, slots=True)
class Weights:
    """For each run of characters what it speaks for, by milestone or reason; thousandths.

    A verdict is only given where the best milestone leads the next by `sure`, and a reason where its sum is positive.
    """

    runs: Mapping[str, Mapping[str, int]] = field(repr=False)
    sure: int

    def verdict(self, text: str) -> Verdict | None:
        """What the text most likely says; None where little of it was ever met."""
        pairs = [run for run in runs_of(text) if len(run) == _PAIR]
        if sum(run in self.runs for run in pairs) < _FAMILIAR * len(pairs):
            return None
        sums = self.sums(text)
        ranked = sorted(Milestone, key=lambda milestone: sums.get(milestone, 0), reverse=True)
        best, second = ranked[:2]
        if best is Milestone.UNKNOWN or sums.get(best, 0) - sums.get(second, 0) < self.sure:
            return None
        reasons = [reason for reason in Reason if sums.get(reason, 0) > 0]
        return Verdict(best, in_order(reasons), (LEARNT,))

    def sums(self, text: str) -> dict[str, int]:
        """The weights of all runs of the text, added up by what they speak for."""
        sums: dict[str, int] = {}
        for run in runs_of(text):
            for word, weight in self.runs.get(run, {}).items():
                sums[word] = sums.get(word, 0) + weight
        return sums

    def speaking_for(self, text: str, word: str) -> list[tuple[str, int]]:
        """The runs of the text that speak for this milestone or reason, strongest first."""
        found = [(run, self.runs.get(run, {}).get(word, 0)) for run in runs_of(text)]
        return sorted((pair for pair in found if pair[1] > 0), key=lambda pair: -pair[1])


def runs_of(text: str) -> set[str]:
    """Every run of up to four characters, numbers written as 0, with marks at both ends."""
    plain = f"^{_DIGITS.sub('0', text[:_READ])}$"
    return {
        plain[at : at + length]
        for length in range(1, LONGEST_RUN + 1)
        for at in range(len(plain) - length + 1)
    }


def load_weights(path: Path) -> Weights | None:
    """Reads a table of weights, None where there is none; raises `ValueError` for a line that is no row of one."""
    if not path.is_file():
        return None
    with path.open(encoding="utf-8") as lines:
        sure = int(next(lines).removeprefix("sure\t"))
        return Weights(dict(map(_row, lines)), sure)


def _row(line: str) -> tuple[str, dict[str, int]]:
    run, *pairs = line.rstrip("\n").split("\t")
    return run, {word: int(weight) for word, weight in (pair.split("=") for pair in pairs)}


def written(weights: Weights) -> Iterable[str]:
    """The rows of a table of weights."""
    yield f"sure\t{weights.sure}\n"
    for run, speaks in sorted(weights.runs.items()):
        yield "\t".join([run, *(f"{word}={weight}" for word, weight in sorted(speaks.items()))]) + "\n"
