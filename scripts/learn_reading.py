"""Learns, from the project's own labelled lines, what a line most likely says where no phrase explains it.

python scripts/learn_reading.py

An averaged perceptron with a margin over runs of characters; families of fold 0 are left out, so that tests can measure
on lines that were not learnt from. Writes config/phrases/learnt.tsv; the same lines and tables give the same file.
"""

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from carriers.contract import Milestone, Reason
from carriers.reading import Reader, load_reader
from carriers.reading.learnt import Weights, packed, runs_of, written
from carriers.reading.reader import spoken

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from own_lines import OwnLine, own_lines  # noqa: E402 - beside the tests, which are no package

ROUNDS = 12
LARGEST_STEP = 0.05
LEAST_WEIGHT = 30
SURE = 100
Sums = dict[str, float]


class Example(NamedTuple):
    """One line to learn from: its runs of characters and its labels."""

    runs: list[str]
    milestone: str
    reasons: frozenset[str]


class Perceptron:
    """Weights that move whenever a margin of 1 is missed, and their average over all steps."""

    def __init__(self) -> None:
        self.step = 0
        self.now: defaultdict[str, Sums] = defaultdict(dict)
        self.moved: defaultdict[str, Sums] = defaultdict(dict)

    def learn(self, example: Example) -> None:
        """Move every weight that this example says is wrong."""
        self.step += 1
        sums = self._sums(example.runs)
        rival = max(
            (word for word in Milestone if word != example.milestone), key=lambda word: sums.get(word, 0.0)
        )
        missing = 1.0 - sums.get(example.milestone, 0.0) + sums.get(rival, 0.0)
        if missing > 0:
            step = min(LARGEST_STEP, missing / (2 * len(example.runs)))
            self._move(example.runs, example.milestone, step)
            self._move(example.runs, rival, -step)
        for reason in Reason:
            side = 1 if reason in example.reasons else -1
            missing = 1.0 - side * sums.get(reason, 0.0)
            if missing > 0:
                self._move(example.runs, reason, side * min(LARGEST_STEP, missing / len(example.runs)))

    def averaged(self) -> Iterator[tuple[str, dict[str, int]]]:
        """Each run of characters with what it speaks for, in thousandths, without what hardly counts."""
        for run, sums in self.now.items():
            weights = {
                word: round(1000 * (weight - self.moved[run].get(word, 0.0) / (self.step + 1)))
                for word, weight in sums.items()
            }
            kept = {word: weight for word, weight in weights.items() if abs(weight) >= LEAST_WEIGHT}
            if kept:
                yield run, kept

    def _sums(self, runs: Iterable[str]) -> Sums:
        sums: Sums = {}
        for run in runs:
            for word, weight in self.now[run].items():
                sums[word] = sums.get(word, 0.0) + weight
        return sums

    def _move(self, runs: Iterable[str], word: str, by: float) -> None:
        for run in runs:
            self.now[run][word] = self.now[run].get(word, 0.0) + by
            self.moved[run][word] = self.moved[run].get(word, 0.0) + self.step * by


def main() -> None:
    """Learn, and write the table."""
    reader = load_reader()
    examples = list(_examples((line for line in own_lines() if line.fold), reader))
    perceptron, order = Perceptron(), random.Random(7)  # noqa: S311 - shuffling, not secrets
    for _ in range(ROUNDS):
        order.shuffle(examples)
        for example in examples:
            perceptron.learn(example)
    weights = Weights({run: packed(speaks) for run, speaks in perceptron.averaged()}, SURE)
    target = ROOT / "config/phrases/learnt.tsv"
    target.write_text("".join(written(weights)), encoding="utf-8")
    sys.stdout.write(f"{target}: {len(weights.runs)} runs of characters from {len(examples)} lines\n")


def _examples(lines: Iterable[OwnLine], reader: Reader) -> Iterator[Example]:
    """What is seen but once teaches nothing and is left out."""
    read = [(_runs(line, reader), line) for line in lines]
    seen = Counter(run for runs, _ in read for run in runs)
    for runs, line in read:
        kept = sorted(run for run in runs if seen[run] > 1)
        if kept:
            yield Example(kept, line.milestone, frozenset(line.reasons))


def _runs(line: OwnLine, reader: Reader) -> set[str]:
    language = reader.language(line.carrier)
    return runs_of(spoken(language.spelling.read(line.text, language.sieve), language).text)


if __name__ == "__main__":
    main()
