"""Asks every rule about one shipment. Pure.

Shipment, history, polls and context come in; the findings that are true now, the rules that could not tell, and the
moment to look again go out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from watcher.detection.context import Context
from watcher.detection.sight import fresh, ripe_look
from watcher.detection.table import RULES
from watcher.model import Finding, History, NotYet, PollSummary, Rule, Shipment

OnRuleError = Callable[[Rule, Exception], None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is true of a shipment now.

    `findings` in the order of the rules. `unsure` rules could not tell (our data are too old, or the rule failed): what
    they found before stands, and nothing new is found by them. `look_again_at` is the next moment at which something
    changes if nothing is heard.
    """

    findings: tuple[Finding, ...] = ()
    unsure: frozenset[Rule] = frozenset()
    look_again_at: datetime | None = None


def evaluate(
    shipment: Shipment,
    history: History,
    polls: PollSummary,
    context: Context,
    now: datetime,
    *,
    on_rule_error: OnRuleError | None = None,
) -> Evaluation:
    """Every rule's word on one shipment at `now`; a rule that fails leaves the others alone."""
    said: dict[Rule, Finding | NotYet | None] = {}
    unsure: set[Rule] = set()
    sees = fresh(polls, context.pack.watching, now=now)
    for rule, entry in RULES.items():
        try:
            word = entry.check(shipment, history, polls, context, now)
        except Exception as failure:  # noqa: BLE001 - one broken rule must not silence the others; the caller counts it
            unsure.add(rule)
            if on_rule_error:
                on_rule_error(rule, failure)
            continue
        if entry.reads_silence and not sees and isinstance(word, Finding):
            unsure.add(rule)
        else:
            said[rule] = word
    return Evaluation(
        findings=tuple(word for word in said.values() if isinstance(word, Finding)),
        unsure=frozenset(unsure),
        look_again_at=_look_again(said.values(), polls, context, sees=sees, now=now),
    )


def _look_again(
    said: Iterable[Finding | NotYet | None],
    polls: PollSummary,
    context: Context,
    *,
    sees: bool,
    now: datetime,
) -> datetime | None:
    moments = [_moment(word) for word in said]
    if not sees:
        moments.append(ripe_look(now, polls, context.pack.watching, now=now))
    return min((moment for moment in moments if moment and moment > now), default=None)


def _moment(word: Finding | NotYet | None) -> datetime | None:
    if isinstance(word, NotYet):
        return word.at
    return None if word is None else word.worse_at
