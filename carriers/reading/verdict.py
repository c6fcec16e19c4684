"""Fourth stage: the phrases that stand in a line become one milestone and its reasons; a code and a text become one.

In come phrases (or what code and text say), out goes a `Verdict`. Which milestone outranks which, and which text may
refine which code, is data: this module only applies the order.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from carriers.contract import Milestone, Reason, in_order
from carriers.reading.phrases import Book, Phrase

_SETS = 4096
_RANK = attrgetter("rank")


class Verdict(NamedTuple):
    """What one line says, and the ids of the phrases that said it."""

    milestone: Milestone = Milestone.UNKNOWN
    reasons: tuple[Reason, ...] = ()
    phrases: tuple[str, ...] = ()


NOTHING_SAID = Verdict()


def a_judge(text: Book, signer: Book) -> Callable[[int, int], Verdict]:
    """Judges by the bits of the phrases in the text and of those of the signer.

    What the same phrases say together is remembered, for as many sets of phrases as are met in practice.
    """

    @lru_cache(maxsize=_SETS)
    def judge_bits(said: int, signed: int) -> Verdict:
        return judge(text.those(said) + signer.those(signed))

    return judge_bits


def judge(found: Sequence[Phrase]) -> Verdict:
    """The milestone of the phrase that ranks first, with the reasons of all phrases."""
    if not found:
        return NOTHING_SAID
    if len(found) == 1:
        only = found[0]
        return Verdict(only.said, in_order(only.reasons), (only.id,))
    heard = [phrase for phrase in found if phrase.alone] or found
    dropped = frozenset().union(*(phrase.drops for phrase in heard))
    if dropped:
        heard = [phrase for phrase in heard if phrase.milestone or phrase.reasons - dropped]
    chosen = min(heard, key=_RANK).said
    reasons = frozenset().union(*(phrase.reasons for phrase in heard)) - dropped
    deciding = tuple(phrase.id for phrase in heard if phrase.said is chosen or phrase.reasons)
    return Verdict(chosen, in_order(reasons), deciding)


def refined(code: Verdict, text: Verdict, refines: Mapping[Milestone, frozenset[Milestone]]) -> Verdict:
    """Code first, text second: the text's milestone stands where `refines` lets it, reasons of both are kept."""
    allowed = text.milestone in refines.get(code.milestone, frozenset())
    milestone = text.milestone if allowed else code.milestone
    return Verdict(milestone, in_order({*code.reasons, *text.reasons}), text.phrases)
