"""Puts the alerts of one shipment into one work item. Pure: in come what stands and what is known, out goes a change.

News is an alert that no work item of the shipment has shown yet, or that is worse than it was shown. Only news opens a
work item, and only news wakes one: an alert that staff have dealt with may stay open for days, updated every hour.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watcher.model import CloseReason, Rule, WorkItem, WorkItemEvent, WorkItemEventKind, WorkItemState
from watcher.queue.life import Change, end, tell, wake
from watcher.queue.priority import standing
from watcher.store.work_items import Circumstances, QueuedAlert, Remembered


@dataclass(frozen=True, slots=True)
class Scene:
    """All the queue needs to know about one shipment: its open alerts, its work item that is not closed, what was told
    before, and how order and parcel stand."""

    shipment_id: int
    alerts: Sequence[QueuedAlert]
    item: WorkItem | None
    remembered: Remembered
    circumstances: Circumstances


def gather(scene: Scene, *, now: datetime) -> Change | None:
    """The work item to write (id 0: a new one), or None where there is nothing to do."""
    if scene.circumstances.ending is CloseReason.ORDER_CLOSED:
        # nobody shall call a buyer who has cancelled, even while alerts are still being closed
        scene = replace(scene, alerts=())
    if scene.item is None:
        return _opened(scene, now=now)
    change = _updated(scene, scene.item, now=now)
    return change if change.item != scene.item or change.events else None


def _opened(scene: Scene, *, now: datetime) -> Change | None:
    if not any(_is_news(alert, scene.remembered) for alert in scene.alerts):
        return None
    place = standing(scene.alerts)
    item = WorkItem(
        id=0,
        shipment_id=scene.shipment_id,
        state=WorkItemState.OPEN,
        at_risk_fen=place.at_risk_fen,
        urgency=place.urgency,
        deadline=place.deadline,
        priority=place.priority,
        opened_at=now,
        changed_at=now,
    )
    event = WorkItemEvent(kind=WorkItemEventKind.OPENED, at=now, to_state=WorkItemState.OPEN)
    return _added(Change(item, (event,)), scene.alerts, now=now)


def _updated(scene: Scene, item: WorkItem, *, now: datetime) -> Change:
    inside = scene.remembered.inside[item.id]
    open_ids = {alert.id for alert in scene.alerts}
    gone = [alert_id for alert_id in inside if alert_id not in open_ids]
    change = _added(Change(item), [alert for alert in scene.alerts if alert.id not in inside], now=now)
    change = _worsened(change, scene, now=now)
    for alert_id in gone:
        change = change.then(_teller(WorkItemEventKind.ALERT_ENDED, alert_id, inside[alert_id], now=now))
    if scene.alerts:
        return _placed(change, scene, now=now)
    # without an alert of its own that ended just now, the item is somebody's reminder: it stays
    ends = gone or scene.circumstances.ending is CloseReason.ORDER_CLOSED
    return change.then(lambda last: end(last, over=scene.circumstances.ending, now=now)) if ends else change


def _placed(change: Change, scene: Scene, *, now: datetime) -> Change:
    """With its place in the queue computed anew; news wakes it."""
    place = standing(scene.alerts)
    item = replace(
        change.item,
        at_risk_fen=place.at_risk_fen,
        urgency=place.urgency,
        deadline=place.deadline,
        priority=place.priority,
    )
    placed = Change(item, change.events)
    if any(_is_news(alert, scene.remembered) for alert in scene.alerts):
        return placed.then(lambda asleep: wake(asleep, now=now, because="news"))
    return placed


def _is_news(alert: QueuedAlert, remembered: Remembered) -> bool:
    return alert.weight > remembered.weights.get(alert.id, 0)


def _added(change: Change, alerts: Sequence[QueuedAlert], *, now: datetime) -> Change:
    for alert in alerts:
        change = change.then(
            _teller(WorkItemEventKind.ALERT_ADDED, alert.id, alert.rule, now=now, weight=alert.weight)
        )
    return change


def _worsened(change: Change, scene: Scene, *, now: datetime) -> Change:
    inside = scene.remembered.inside[change.item.id]
    for alert in scene.alerts:
        if alert.id in inside and _is_news(alert, scene.remembered):
            kind = WorkItemEventKind.ALERT_WORSENED
            change = change.then(_teller(kind, alert.id, alert.rule, now=now, weight=alert.weight))
    return change


def _teller(
    kind: WorkItemEventKind, alert_id: int, rule: Rule, *, now: datetime, weight: int | None = None
) -> Callable[[WorkItem], Change]:
    facts: dict[str, str | int] = {"alert_id": alert_id, "rule": rule.value}
    if weight is not None:
        facts["weight"] = weight
    return lambda item: tell(item, kind, now=now, facts=facts)
