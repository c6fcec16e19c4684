"""What a person has said about lines that no phrase explains: labels, looked up by the skeleton of a line.

A label for one carrier goes before one for all. It says what a phrase would say, and takes its place among them: the
carrier's code still comes first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from carriers.contract import Milestone, Reason, Scan, in_order
from carriers.reading.verdict import Verdict

_ID_BYTES = 5


@dataclass(frozen=True, slots=True)
class Label:
    """What lines with the skeleton `template` mean; `carrier` None: whoever printed them.

    Milestone `unknown` says that they say nothing about how far the parcel is.
    """

    template: str
    carrier: str | None
    milestone: Milestone
    reasons: tuple[Reason, ...] = ()

    @property
    def phrase_id(self) -> str:
        """The id among phrases; the same for all carriers, so that one carrier's replaces everybody's."""
        return f"label:{blake2b(self.template.encode(), digest_size=_ID_BYTES).hexdigest()}"

    @property
    def verdict(self) -> Verdict:
        """As if a phrase had said it."""
        return Verdict(self.milestone, in_order(self.reasons), (self.phrase_id,))


@dataclass(frozen=True, slots=True)
class Labels:
    """All labels in force, by carrier and template."""

    by_text: Mapping[tuple[str | None, str], Label] = field(default_factory=dict)

    @classmethod
    def of(cls, labels: Iterable[Label]) -> "Labels":
        """An index; of two for the same lines the later one counts."""
        return cls({(label.carrier, label.template): label for label in labels})

    def find(self, carrier: str | None, template: str) -> Label | None:
        """The label of a line with this skeleton."""
        own = self.by_text.get((carrier, template)) if carrier else None
        return own or self.by_text.get((None, template))

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.by_text)


@dataclass(frozen=True, slots=True)
class Examined:
    """One reading of a scan: the scan refined, and what decided.

    `template` is the skeleton of a text that no phrase explains, with a label or without; empty where one does, and
    where nothing is said.
    """

    scan: Scan
    phrases: tuple[str, ...] = ()
    template: str = ""

    @property
    def explained(self) -> bool:
        """Whether a phrase or a label knew the text."""
        return bool(self.phrases)
