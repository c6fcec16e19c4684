"""Scores the reader on labelled lines: milestones, each reason, and what it names, over groups of lines."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from own_lines import OwnLine

from carriers.reading.reader import Reader

FIELDS = ("courier_phone", "courier_name", "station")


@dataclass
class Count:
    """How often something was right, given wrongly, and missed."""

    right: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    def add(self, *, given: bool, wanted: bool) -> None:
        self.right += given and wanted
        self.false += given and not wanted
        self.missed += wanted and not given


@dataclass
class Score:
    """Counts over lines; `exact` has, of the lines where a field was named or given, those that agree."""

    lines: int = 0
    milestones: int = 0
    reasons: dict[str, Count] = field(default_factory=dict)
    named: Counter[str] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)

    @property
    def milestone_rate(self) -> float:
        return self.milestones / self.lines if self.lines else 1.0

    @property
    def together(self) -> Count:
        """All reasons."""
        counts = self.reasons.values()
        return Count(
            sum(c.right for c in counts), sum(c.false for c in counts), sum(c.missed for c in counts)
        )

    def exactness(self, name: str) -> float:
        return self.exact[name] / self.named[name] if self.named[name] else 1.0

    def add(self, line: OwnLine, reader: Reader) -> None:
        reading = reader.read(line.text, carrier=line.carrier)
        self.lines += 1
        self.milestones += reading.milestone == line.milestone
        for reason in {*reading.reasons, *line.reasons}:
            count = self.reasons.setdefault(str(reason), Count())
            count.add(given=reason in reading.reasons, wanted=reason in line.reasons)
        for name in FIELDS:
            given, wanted = getattr(reading, name), line.people.get(name)
            self.named[name] += wanted is not None
            self.exact[name] += wanted is not None and given == wanted
            self.false[name] += given is not None and given != wanted

    def head(self) -> str:
        """One line of figures."""
        found = self.together
        fields = "".join(
            f", {name.replace('_', ' ')} {self.exact[name]}/{self.named[name]} ({self.false[name]} false)"
            for name in FIELDS
        )
        return (
            f"{self.lines} lines: milestone {self.milestone_rate:.3f}, "
            f"reasons {found.precision:.3f}/{found.recall:.3f}{fields}"
        )

    def table(self) -> str:
        """Each reason in a line."""
        return "\n".join(
            f"  {reason:36} right {count.right:4} false {count.false:3} missed {count.missed:3}"
            for reason, count in sorted(self.reasons.items())
        )


def scored(lines: Iterable[OwnLine], reader: Reader) -> Score:
    """The score over these lines."""
    score = Score()
    for line in lines:
        score.add(line, reader)
    return score
