"""What an evaluation changes in the findings of one shipment: new episodes, new evidence, ends. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.detection.evaluate import Evaluation
from watcher.model import Finding, KnownFinding, Rule, Suppression

# what holds a finding back from outside, and can be over without any change in the evidence
_PASSING = frozenset({Suppression.SOURCE_OUTAGE, Suppression.ORDER_CLOSED})


@dataclass(frozen=True, slots=True)
class Turns:
    """New findings with their episode, new evidence by finding id, ids that ended, ids to be weighed again."""

    new: tuple[tuple[int, Finding], ...] = ()
    changed: Mapping[int, Finding] = field(default_factory=dict)
    ended: tuple[int, ...] = ()
    again: tuple[int, ...] = ()


def turns(known: Mapping[Rule, KnownFinding], episodes: Mapping[Rule, int], evaluation: Evaluation) -> Turns:
    """Compare what stands (`known`, by rule) with what is true now; `episodes` counts how often each rule was true.

    A rule that could not tell leaves its finding as it is. A finding that an outage or a closed order held back is
    weighed again whenever it was looked at, because the outage may be over and the order open again.
    """
    true = {finding.rule: finding for finding in evaluation.findings}
    standing = {rule: true[rule] for rule in known if rule in true}
    changed = {known[rule].id: now for rule, now in standing.items() if now != known[rule].finding}
    held = (known[rule] for rule in standing if known[rule].suppressed_by in _PASSING)
    return Turns(
        new=tuple((episodes.get(rule, 0) + 1, true[rule]) for rule in true if rule not in known),
        changed=changed,
        ended=tuple(known[rule].id for rule in known if rule not in true and rule not in evaluation.unsure),
        again=tuple(held_back.id for held_back in held if held_back.id not in changed),
    )
