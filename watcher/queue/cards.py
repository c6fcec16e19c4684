"""What staff look at: the queue as a list, and one card with all there is to know before a call. Read only.

The card says who to call, what happened, what was done already, what to do and say, and why it is here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import sqlalchemy as sa

from carriers.contract import Milestone, Scan
from watcher.model import (
    Box,
    CloseReason,
    History,
    Region,
    Rule,
    Shipment,
    Urgency,
    WorkItem,
    WorkItemState,
    place_in_words,
)
from watcher.polling.history import history_of
from watcher.queue.contacts import Contacts, contacts
from watcher.queue.playbooks import Playbook, Playbooks
from watcher.queue.priority import Standing, priority, why
from watcher.store import queue_view, scans, shipments, work_items
from watcher.store.engine import Store
from watcher.store.queue_view import CardAlert, EventView, Filter, LineView

COUNT_AT_MOST: Final = 10_000
Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Line:
    """One work item in the list. `age` is how long it waits, `rules` holds the most pressing first."""

    work_item_id: int
    shipment_id: int
    state: WorkItemState
    rules: tuple[Rule, ...]
    order_number: str
    tracking_number: str
    carrier: str
    place: str
    at_risk_fen: int
    urgency: Urgency
    deadline: datetime | None
    opened_at: datetime
    age: timedelta
    claimed_by_id: int | None
    claimed_by: str | None
    claimed_until: datetime | None
    snoozed_until: datetime | None
    closed_at: datetime | None
    close_reason: CloseReason | None
    milestone: Milestone
    last_answered_at: datetime | None
    data_age: timedelta | None


@dataclass(frozen=True, slots=True)
class Overview:
    """One page of the queue. `total` counts what the filter finds, up to `COUNT_AT_MOST`; `counts` all that is not
    closed, by state, whatever the filter."""

    lines: tuple[Line, ...]
    total: int
    counts: Mapping[WorkItemState, int]


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing in the time line: a line the carrier printed, or something that happened in the queue."""

    at: datetime
    scan: Scan | None = None
    happened: EventView | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """All about one shipment and its work item (None where it never had one).

    `place` is the region in words; `box` says whether it is still watched (None: not at all), `data_age` how old the
    carrier's last answer is; `alerts` open ones first; `time_line` newest first; `done` what staff did, oldest first,
    over all work items of the shipment; `rule` the most pressing one, whose `playbook` is filled in for this shipment.
    """

    item: WorkItem | None
    claimed_by: str | None
    shipment: Shipment
    history: History
    place: str
    milestone: Milestone
    milestone_since: datetime | None
    box: Box | None
    last_answered_at: datetime | None
    data_age: timedelta | None
    alerts: tuple[CardAlert, ...]
    contacts: Contacts
    time_line: tuple[Moment, ...]
    done: tuple[EventView, ...]
    rule: Rule | None
    playbook: Playbook | None
    now: datetime

    def why(self, language: Language) -> str:
        """Why it stands where it stands in the queue; empty when it is in none."""
        if self.item is None or self.item.state is WorkItemState.CLOSED:
            return ""
        item = self.item
        place = Standing(item.at_risk_fen, item.urgency, item.deadline, item.priority)
        return why(place, opened_at=item.opened_at, now=self.now, language=language)


def overview(
    store: Store,
    *,
    now: datetime,
    state: WorkItemState | None = None,
    rule: Rule | None = None,
    carrier: str | None = None,
    claimed_by: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Overview:
    """One page of work items: without `state` all that are not closed; `claimed_by` (a staff id) shows his own."""
    wanted = Filter(state=state, rule=rule, carrier=carrier, claimed_by=claimed_by)
    with store.read() as connection:
        page = queue_view.lines(connection, wanted, limit=limit, offset=offset)
        rules = queue_view.rules_of(connection, [view.item for view in page])
        return Overview(
            lines=tuple(_line(view, rules.get(view.item.id, ()), now=now) for view in page),
            total=queue_view.total(connection, wanted, at_most=COUNT_AT_MOST),
            counts=queue_view.counts(connection),
        )


def card(
    store: Store,
    work_item_id: int,
    *,
    now: datetime,
    playbooks: Playbooks | None = None,
    desk_phones: Mapping[str, str] | None = None,
) -> Card | None:
    """The card of a work item; None where there is none.

    `playbooks` are those that came with the program unless given; `desk_phones` (carrier id to phone) go before theirs.
    """
    books = playbooks or Playbooks.load()
    with store.read() as connection:
        item = work_items.by_id(connection, work_item_id)
        if item is None:
            return None
        return _card(connection, item.shipment_id, item, now=now, books=_with(books, desk_phones))


def card_of_shipment(
    store: Store,
    shipment_id: int,
    *,
    now: datetime,
    playbooks: Playbooks | None = None,
    desk_phones: Mapping[str, str] | None = None,
) -> Card | None:
    """The same for a shipment, with its work item that is not closed, else its last one, else none."""
    books = playbooks or Playbooks.load()
    with store.read() as connection:
        item = queue_view.latest_of(connection, shipment_id)
        return _card(connection, shipment_id, item, now=now, books=_with(books, desk_phones))


def place_of(region: Region) -> str:
    """A region in words, from the province down."""
    names = (region.province_name, region.city_name, region.district_name, region.town_name)
    return place_in_words(names)


def _card(
    connection: sa.Connection, shipment_id: int, item: WorkItem | None, *, now: datetime, books: Playbooks
) -> Card | None:
    shipment = shipments.by_ids(connection, [shipment_id]).get(shipment_id)
    if shipment is None:
        return None
    history = history_of(scans.standing(connection, [shipment_id])[shipment_id])
    box, answered = queue_view.watched(connection, shipment_id)
    alerts = tuple(queue_view.alerts(connection, shipment_id))
    events = queue_view.events(connection, shipment_id)
    rule = _leading(alerts)
    return Card(
        item=item,
        claimed_by=_owner(connection, item),
        shipment=shipment,
        history=history,
        place=place_of(shipment.region),
        milestone=history.milestone,
        milestone_since=history.milestone_since,
        box=box,
        last_answered_at=answered,
        data_age=now - answered if answered else None,
        alerts=alerts,
        contacts=contacts(shipment, history, books.desk_phones.get(shipment.carrier)),
        time_line=_time_line(history, events),
        done=tuple(view for view in events if view.event.staff_id is not None),
        rule=rule,
        playbook=_playbook(books, rule, shipment),
        now=now,
    )


def _owner(connection: sa.Connection, item: WorkItem | None) -> str | None:
    if item is None or item.claimed_by is None:
        return None
    return queue_view.staff_name(connection, item.claimed_by)


def _with(books: Playbooks, desk_phones: Mapping[str, str] | None) -> Playbooks:
    if not desk_phones:
        return books
    return Playbooks(books.by_rule, {**books.desk_phones, **desk_phones})


def _leading(alerts: Sequence[CardAlert]) -> Rule | None:
    """The rule of the most pressing open alert, else of the last one that was open."""
    still = [alert for alert in alerts if alert.closed_at is None]
    if not still:
        return alerts[0].rule if alerts else None
    return max(still, key=_pressing).rule


def _pressing(alert: CardAlert) -> float:
    return priority(
        at_risk_fen=alert.at_risk_fen,
        urgency=alert.urgency,
        deadline=alert.deadline,
        raised_at=alert.raised_at,
    )


def _playbook(books: Playbooks, rule: Rule | None, shipment: Shipment) -> Playbook | None:
    found = books.by_rule.get(rule) if rule else None
    if found is None:
        return None
    region = shipment.region
    near = [name for name in (region.city_name, region.district_name, region.town_name) if name]
    return found.filled(
        tracking_number=shipment.tracking_number,
        order_number=shipment.order_number,
        place=place_in_words(near),
    )


def _time_line(history: History, events: Sequence[EventView]) -> tuple[Moment, ...]:
    """Newest first; of the same moment the later one of each list first, and our own after what caused it."""
    printed = [Moment(at=scan.occurred_at, scan=scan) for scan in history.scans]
    ours = [Moment(at=view.event.at, happened=view) for view in events]
    oldest_first = sorted([*printed, *ours], key=lambda moment: moment.at)
    return tuple(oldest_first[::-1])


def _line(view: LineView, rules: tuple[Rule, ...], *, now: datetime) -> Line:
    item, answered = view.item, view.last_answered_at
    return Line(
        work_item_id=item.id,
        shipment_id=item.shipment_id,
        state=item.state,
        rules=rules,
        order_number=view.order_number,
        tracking_number=view.tracking_number,
        carrier=view.carrier,
        place=place_in_words(view.place),
        at_risk_fen=item.at_risk_fen,
        urgency=item.urgency,
        deadline=item.deadline,
        opened_at=item.opened_at,
        age=(item.closed_at or now) - item.opened_at,
        claimed_by_id=item.claimed_by,
        claimed_by=view.staff_name,
        claimed_until=item.claimed_until,
        snoozed_until=item.snoozed_until,
        closed_at=item.closed_at,
        close_reason=item.close_reason,
        milestone=view.milestone,
        last_answered_at=answered,
        data_age=now - answered if answered else None,
    )
