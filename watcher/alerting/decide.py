"""What becomes of the alerts of one shipment. Pure: its findings and alerts come in, named decisions go out.

Every finding that was handed over gets one decision: an alert is raised, reopened, updated, worsened or closed; or the
finding is held back, with the reason; or nothing changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from watcher.alerting.inhibition import sharper_than
from watcher.alerting.risk import at_risk_fen
from watcher.detection.packs import Pack
from watcher.detection.table import RULES
from watcher.model import (
    Alert,
    AlertClose,
    AlertEventKind,
    KnownFinding,
    Rule,
    Shipment,
    Suppression,
    Urgency,
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What else counts for one shipment: its order, its source, when we began to watch, and the pack in force."""

    shipment: Shipment
    pack: Pack
    watched_since: datetime
    order_closed: bool = False
    outage: bool = False


@dataclass(frozen=True, slots=True)
class Face:
    """What an alert shows of its finding."""

    urgency: Urgency
    weight: int
    at_risk_fen: int
    deadline: datetime | None
    facts: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Decision:
    """One finding's word. `kind` is None when no alert changes; `alert` is the alert it had before, if any."""

    finding: KnownFinding
    alert: Alert | None
    face: Face
    kind: AlertEventKind | None = None
    close_reason: AlertClose | None = None
    suppressed_by: Suppression | None = None
    sharper: Rule | None = None

    @property
    def word(self) -> str | None:
        """The decision's name for the metrics: what an alert closed for, what happened to it, or, when it begins, what
        holds the finding back. None when nothing changed."""
        if self.close_reason:
            return self.close_reason.value
        if self.kind:
            return self.kind.value
        news = self.suppressed_by is not self.finding.suppressed_by
        return self.suppressed_by.value if news and self.suppressed_by else None


def decide(
    findings: Sequence[KnownFinding], alerts: Sequence[Alert], situation: Situation
) -> tuple[Decision, ...]:
    """One decision for every finding; ended ones first, so that a new episode opens after the old one has closed.

    `findings` are all that stand, and those that ended unseen; `alerts` are all that the shipment ever had.
    """
    by_identity = {(alert.rule, alert.episode): alert for alert in alerts}
    alerted = {alert.rule for alert in alerts}
    speaking = [
        finding.rule
        for finding in findings
        if finding.ended_at is None
        and not _mute(finding, by_identity.get((finding.rule, finding.episode)), situation)
    ]
    ordered = sorted(findings, key=lambda finding: (finding.ended_at is None, finding.episode))
    return tuple(
        _decide(
            finding,
            by_identity.get((finding.rule, finding.episode)),
            situation,
            sharper=sharper_than(finding.rule, speaking),
            seen_before=finding.rule in alerted,
        )
        for finding in ordered
    )


def _decide(
    finding: KnownFinding,
    alert: Alert | None,
    situation: Situation,
    *,
    sharper: Rule | None,
    seen_before: bool,
) -> Decision:
    face = _face(finding, situation)
    standing = alert if alert and alert.is_open else None
    closing = _closing(finding, situation, sharper=sharper)
    held = _held(finding, alert, situation, sharper=sharper)
    if standing and closing:
        return Decision(
            finding,
            alert,
            face,
            kind=AlertEventKind.CLOSED,
            close_reason=closing,
            suppressed_by=held,
            sharper=sharper if closing is AlertClose.INHIBITED else None,
        )
    if finding.ended_at or held:
        return Decision(finding, alert, face, suppressed_by=held, sharper=sharper)
    if standing:
        return Decision(finding, alert, face, kind=_progress(standing, face))
    opened = AlertEventKind.REOPENED if seen_before else AlertEventKind.RAISED
    return Decision(finding, alert, face, kind=opened)


def _closing(finding: KnownFinding, situation: Situation, *, sharper: Rule | None) -> AlertClose | None:
    if situation.order_closed:
        return AlertClose.ORDER_CLOSED
    if finding.ended_at:
        return AlertClose.FINDING_ENDED
    return AlertClose.INHIBITED if sharper else None


def _held(
    finding: KnownFinding, alert: Alert | None, situation: Situation, *, sharper: Rule | None
) -> Suppression | None:
    """What keeps the finding from being an alert now; the last word stays on a finding that has ended."""
    if situation.order_closed:
        return Suppression.ORDER_CLOSED
    if finding.ended_at:
        return finding.suppressed_by
    return _mute(finding, alert, situation) or (Suppression.SHARPER_RULE if sharper else None)


def _mute(finding: KnownFinding, alert: Alert | None, situation: Situation) -> Suppression | None:
    """Why the finding is nobody's work by itself; such a finding inhibits no other either."""
    if alert and alert.is_open:
        # nothing is taken back from a person who already has it
        return None
    if finding.finding.since < situation.watched_since - situation.pack.watching.old_history:
        return Suppression.OLD_HISTORY
    silent = finding.rule is Rule.CANNOT_WATCH or RULES[finding.rule].reads_silence
    return Suppression.SOURCE_OUTAGE if situation.outage and silent else None


def _face(finding: KnownFinding, situation: Situation) -> Face:
    found = finding.finding
    return Face(
        urgency=situation.pack.weighing[found.rule].urgency_at(found.weight),
        weight=found.weight,
        at_risk_fen=at_risk_fen(situation.shipment, [found.rule], situation.pack),
        deadline=found.deadline,
        facts=found.facts,
    )


def _progress(alert: Alert, face: Face) -> AlertEventKind | None:
    if face.weight > alert.weight:
        return AlertEventKind.WORSENED
    shown = Face(alert.urgency, alert.weight, alert.at_risk_fen, alert.deadline, alert.facts)
    return None if shown == face else AlertEventKind.UPDATED


def event_facts(decision: Decision) -> Mapping[str, str | int]:
    """What an alert's event keeps: how heavy it is, since which weight, why it closed and for which sharper rule."""
    facts: dict[str, str | int] = {"episode": decision.finding.episode, "weight": decision.face.weight}
    if decision.alert and decision.alert.weight != decision.face.weight:
        facts["weight_before"] = decision.alert.weight
    if decision.close_reason:
        facts["reason"] = decision.close_reason.value
    if decision.sharper:
        facts["sharper_rule"] = decision.sharper.value
    return facts
