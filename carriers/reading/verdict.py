"""Fourth stage: the phrases that stand in a line become one milestone and its reasons; a code and a text become one.

In come phrases (or what code and text say), out goes a `Verdict`. Which milestone outranks which, and which text may
refine which code, is data: this module only applies the order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from carriers.contract import Milestone, Reason, in_order
from carriers.reading.phrases import Phrase

Standing = tuple[Milestone, bool]
"""A milestone, and whether a firm phrase says it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one line says, and the ids of the phrases that said it."""

    milestone: Milestone = Milestone.UNKNOWN
    reasons: tuple[Reason, ...] = ()
    phrases: tuple[str, ...] = ()


def judge(found: Sequence[Phrase], precedence: Sequence[Standing]) -> Verdict:
    """The first milestone of `precedence` that a phrase says, with the reasons of all phrases.

    A phrase that gives only a reason says that something is wrong: its milestone is `exception`.
    """
    heard = [phrase for phrase in found if phrase.alone] or found
    dropped = {reason for phrase in heard for reason in phrase.drops}
    if dropped:
        heard = [phrase for phrase in heard if phrase.milestone or phrase.reasons - dropped]
    standings = {(phrase.milestone or Milestone.EXCEPTION, phrase.firm) for phrase in heard}
    chosen = next((standing[0] for standing in precedence if standing in standings), None) if heard else None
    if chosen is None:
        return Verdict()
    reasons = {reason for phrase in heard for reason in phrase.reasons} - dropped
    deciding = [
        phrase.id for phrase in heard if (phrase.milestone or Milestone.EXCEPTION) is chosen or phrase.reasons
    ]
    return Verdict(chosen, in_order(reasons) if reasons else (), tuple(deciding))


def refined(code: Verdict, text: Verdict, refines: Mapping[Milestone, frozenset[Milestone]]) -> Verdict:
    """Code first, text second: the text's milestone stands where `refines` lets it, reasons of both are kept."""
    allowed = text.milestone in refines.get(code.milestone, frozenset())
    milestone = text.milestone if allowed else code.milestone
    return Verdict(milestone, in_order({*code.reasons, *text.reasons}), text.phrases)
