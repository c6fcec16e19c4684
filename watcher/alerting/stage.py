"""Alerting as a stage: takes shipments whose findings changed, decides, writes alerts and events. One transaction.

A crash rolls everything back, and the findings are still waiting; a second run finds nothing to do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from watcher.alerting.decide import Decision, Situation, decide, event_facts
from watcher.clock import Clock
from watcher.detection.packs import Pack, Packs
from watcher.model import AlertClose, AlertState, Box, OrderState, Shipment
from watcher.store import alerts, findings, shipments
from watcher.store.alerts import AlertEvent, AlertRow, Watched
from watcher.store.engine import Store

Outages = Callable[[sa.Connection], frozenset[str]]
OnDecision = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Alerting:
    """Tells staff what detection found, once, and takes it back when it is over.

    `outages` gives the accounts that are known not to answer; `on_decision(word, rule)` hears of every decision once
    it is committed.
    """

    store: Store
    clock: Clock
    packs: Packs
    outages: Outages = alerts.accounts_in_outage
    on_decision: OnDecision | None = None

    def run_once(self, *, limit: int = 500) -> int:
        """Weigh at most `limit` shipments; gives how many, 0 when none is waiting."""
        now = self.clock.now()
        with self.store.write() as connection:
            ids = findings.take_pending(connection, limit=limit)
            decisions = self._decide(connection, ids, self.packs.at(now)) if ids else []
            _write(connection, decisions, now=now)
        self._tell(decisions)
        return len(ids)

    def _decide(self, connection: sa.Connection, ids: Sequence[int], pack: Pack) -> list[Decision]:
        about = shipments.by_ids(connection, ids)
        watched = alerts.watched(connection, ids)
        found = findings.open_or_pending(connection, ids)
        known = alerts.of_shipments(connection, ids)
        outages = self.outages(connection)
        return [
            decision
            for key in ids
            for decision in decide(
                found[key], known[key], _situation(about[key], watched[key], pack, outages=outages)
            )
        ]

    def _tell(self, decisions: Sequence[Decision]) -> None:
        if self.on_decision is None:
            return
        for decision in decisions:
            if decision.word:
                self.on_decision(decision.word, decision.finding.rule.value)


def _situation(shipment: Shipment, watch: Watched, pack: Pack, *, outages: frozenset[str]) -> Situation:
    return Situation(
        shipment=shipment,
        pack=pack,
        watched_since=watch.watched_since,
        order_closed=shipment.order_state is not OrderState.OPEN or watch.box is Box.ORDER_CLOSED,
        outage=watch.account in outages,
    )


def _write(connection: sa.Connection, decisions: Sequence[Decision], *, now: datetime) -> None:
    changing = [decision for decision in decisions if decision.kind]
    new = [decision for decision in changing if decision.alert is None]
    known = [(decision.alert.id, decision) for decision in changing if decision.alert]
    alerts.change(connection, [(key, _row(decision, now=now)) for key, decision in known], at=now)
    keys = alerts.add(connection, [_row(decision, now=now) for decision in new], at=now)
    numbered = [*known, *zip(keys, new, strict=True)]
    alerts.add_events(connection, [_event(key, decision) for key, decision in numbered], at=now)
    findings.weighed(connection, {decision.finding.id: decision.suppressed_by for decision in decisions})


def _row(decision: Decision, *, now: datetime) -> AlertRow:
    closed: AlertClose | None = decision.close_reason
    finding, face = decision.finding, decision.face
    return AlertRow(
        shipment_id=finding.shipment_id,
        finding_id=finding.id,
        rule=finding.rule,
        episode=finding.episode,
        state=AlertState.CLOSED if closed else AlertState.OPEN,
        urgency=face.urgency,
        weight=face.weight,
        at_risk_fen=face.at_risk_fen,
        deadline=face.deadline,
        facts=face.facts,
        closed_at=now if closed else None,
        close_reason=closed,
    )


def _event(alert_id: int, decision: Decision) -> AlertEvent:
    assert decision.kind is not None  # noqa: S101 - only decisions that change an alert come here
    return AlertEvent(alert_id=alert_id, kind=decision.kind, facts=dict(event_facts(decision)))
