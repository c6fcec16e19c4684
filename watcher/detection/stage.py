"""Detection as a stage: takes watches whose `evaluate_at` has come, asks the rules, writes findings. One transaction.

A crash rolls everything back, and the watches are still waiting; a second run finds nothing to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from carriers.contract import Scan
from watcher.clock import Clock
from watcher.detection.context import context_of
from watcher.detection.episodes import turns
from watcher.detection.evaluate import Evaluation, OnRuleError, evaluate
from watcher.detection.packs import Packs
from watcher.model import Box, Finding, OrderState, Rule, Shipment
from watcher.polling.history import history_of
from watcher.store import findings, scans, shipments
from watcher.store.engine import Store
from watcher.store.findings import DueLook

# nobody asks about these any more, and nothing about them is anybody's work
_ENDED = frozenset({Box.SETTLED, Box.RETURNED, Box.CANCELLED, Box.ORDER_CLOSED})
# nothing was heard for too long: what was found stands as it is
_FROZEN = Evaluation(unsure=frozenset(Rule))
_NOTHING = Evaluation()


@dataclass(slots=True)
class _Page:
    """The rows of one run while it is made."""

    new: list[tuple[int, int, Finding]] = field(default_factory=list)
    changed: dict[int, Finding] = field(default_factory=dict)
    ended: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    looks: dict[int, datetime | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Detection:
    """Finds what is wrong with shipments about which something was heard, or some time has run out."""

    store: Store
    clock: Clock
    packs: Packs
    on_rule_error: OnRuleError | None = None

    def run_once(self, *, limit: int = 500) -> int:
        """Judge at most `limit` shipments; gives how many, 0 when none is waiting."""
        now = self.clock.now()
        with self.store.write() as connection:
            looks = findings.take_looks(connection, now=now, limit=limit)
            if looks:
                _write(connection, self._judge(connection, looks, now=now), now=now)
        return len(looks)

    def _judge(self, connection: sa.Connection, looks: Sequence[DueLook], *, now: datetime) -> _Page:
        ids = [look.shipment_id for look in looks]
        about = shipments.by_ids(connection, ids)
        lines = scans.standing(connection, ids)
        known = findings.open_of(connection, ids)
        counts = findings.last_episodes(connection, ids)
        page = _Page()
        for look in looks:
            key = look.shipment_id
            evaluation = self._evaluate(about[key], look, lines[key], now=now)
            episodes = {rule: counts.get((key, rule), 0) for rule in Rule}
            change = turns(known[key], episodes, evaluation)
            page.new += [(key, episode, new) for episode, new in change.new]
            page.changed |= change.changed
            page.ended += change.ended
            page.again += change.again
            page.looks[key] = evaluation.look_again_at
        return page

    def _evaluate(self, shipment: Shipment, look: DueLook, lines: list[Scan], *, now: datetime) -> Evaluation:
        if shipment.order_state is not OrderState.OPEN or look.box in _ENDED:
            return _NOTHING
        if look.box is Box.GIVEN_UP:
            return _FROZEN
        return evaluate(
            shipment,
            history_of(lines, now=now),
            look.polls,
            context_of(shipment, self.packs.at(now)),
            now,
            on_rule_error=self.on_rule_error,
        )


def _write(connection: sa.Connection, page: _Page, *, now: datetime) -> None:
    findings.end(connection, page.ended, at=now)
    findings.add(connection, page.new, found_at=now)
    findings.change(connection, page.changed, at=now)
    findings.weigh_again(connection, page.again)
    findings.set_looks(connection, page.looks)
