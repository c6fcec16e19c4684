"""A desk with work on it, and the site over it: the story that page tests and browser tests share."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from builders import CHENGDU, NOW, URUMQI, a_scan, ago, stored
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from carriers.contract import SHANGHAI, PushReply, PushRequest
from carriers.registry import SOURCES
from watcher.clock import Clock
from watcher.labelling.desk import LabelDesk
from watcher.model import AlertState, Breaker, Fate, Role, Rule, Urgency
from watcher.queue.stage import Queueing
from watcher.queue.work import Desk
from watcher.store import staff as staff_rows
from watcher.store.engine import Store
from watcher.store.tables import (
    account_state,
    alert,
    evidence,
    finding,
    heartbeat,
    poll,
    unmapped_code,
    watch,
    work_item,
)
from watcher.web.services import Services
from watcher.web.site import create_site

FORM_TOKEN = "form-token-of-the-story"
RECIPIENT_PHONE = "13800000001"
COURIER_PHONE = "13800000077"


@dataclass(frozen=True, slots=True)
class Served:
    """Where the site listens, the store behind it, and the staff member whose session a test may open."""

    address: str
    store: Store
    alice_id: int


async def refuse_pushes(_account: str, _push: PushRequest, _key: str | None) -> PushReply:
    """Nobody pushes in most stories."""
    return PushReply(404, "text/plain", b"")


def a_site(store: Store, clock: Clock, **changes: Any) -> FastAPI:
    """The site over `store`; sessions run on the same clock."""
    fields: dict[str, Any] = {
        "store": store,
        "clock": clock,
        "real_clock": clock,
        "desk": Desk(store, clock, timedelta(minutes=20)),
        "label_desk": LabelDesk(store, clock),
        "registry": CollectorRegistry(),
        "receive_push": refuse_pushes,
        "sources": {name: adapter.INFO for name, adapter in SOURCES.items()},
        "version": "0.1.0",
    }
    return create_site(Services(**fields | changes))


def a_person(store: Store, name: str, *, role: Role = Role.AGENT, password_hash: str = "none") -> int:
    """Somebody who may sign in; without a real hash only by `a_token`."""
    with store.write() as connection:
        key = staff_rows.insert(connection, name=name, role=role, password_hash=password_hash, at=NOW)
    assert key is not None
    return key


def a_token(store: Store, staff_id: int, *, now: datetime = NOW) -> str:
    """The cookie of a session that has begun for `staff_id`."""
    token = f"token-of-{staff_id}"
    with store.write() as connection:
        staff_rows.open_session(
            connection,
            staff_id,
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            form_token=FORM_TOKEN,
            at=now,
            until=now + timedelta(hours=12),
        )
    return token


def raised(
    store: Store,
    shipment_id: int,
    rule: Rule,
    *,
    urgency: Urgency = Urgency.NOW,
    at_risk_fen: int = 12_000,
    deadline: datetime | None = None,
    since: datetime | None = None,
    facts: Mapping[str, str | int] | None = None,
) -> None:
    """An open alert that the queue has not seen."""
    since = since or ago("3h")
    said = {"since": since.astimezone(SHANGHAI).strftime("%m-%d %H:%M"), "attempts": 1, **(facts or {})}
    common = {"shipment_id": shipment_id, "rule": rule, "episode": 1, "weight": 1, "deadline": deadline}
    with store.write() as connection:
        found = connection.execute(
            sa.insert(finding)
            .values(
                **common, since=since, facts=said, found_at=since, changed_at=since, alerting_pending=False
            )
            .returning(finding.c.id)
        ).scalar_one()
        connection.execute(
            sa.insert(alert).values(
                **common,
                finding_id=found,
                state=AlertState.OPEN,
                urgency=urgency,
                at_risk_fen=at_risk_fen,
                facts=said,
                raised_at=since,
                changed_at=since,
            )
        )


def ticking(store: Store) -> None:
    """A loop that has just ticked, so that nothing has stopped."""
    with store.write() as connection:
        connection.execute(
            sa.insert(heartbeat).values(loop="poll", ticked_at=NOW, every_seconds=5, took_seconds=0.1)
        )


def queued(store: Store, clock: Clock) -> None:
    """Let the queue take all alerts."""
    Queueing(store, clock).run_once()


def item_of(store: Store, shipment_id: int) -> int:
    """The id of a shipment's newest work item."""
    query = sa.select(sa.func.max(work_item.c.id)).where(work_item.c.shipment_id == shipment_id)
    with store.read() as connection:
        return int(connection.execute(query).scalar_one())


def an_unreachable_recipient(store: Store, **changes: Any) -> int:
    """A cash-on-delivery parcel whose courier has called in vain; gives the shipment's id."""
    courier = f"快递员王师傅（{COURIER_PHONE}）"
    key = stored(
        store,
        a_scan("picked_up", "2d", text="【深圳南山】已揽收", facility="深圳南山"),
        a_scan("in_transit", "1d", text="【成都转运中心】已到达", facility="成都转运中心"),
        a_scan("out_for_delivery", "5h", text=f"{courier}正在派送", courier_name="王师傅", courier_phone=COURIER_PHONE),
        a_scan(
            "exception",
            "3h",
            "failed_attempt",
            "recipient_unreachable",
            text=f"电话无人接听，{courier}",
            facility="成都武侯",
            courier_name="王师傅",
            courier_phone=COURIER_PHONE,
        ),
        **{"phone": RECIPIENT_PHONE, "cod_fen": 29_900} | changes,
    )  # fmt: skip
    raised(
        store,
        key,
        Rule.RECIPIENT_UNREACHABLE,
        at_risk_fen=29_900,
        deadline=NOW + timedelta(hours=4),
        facts={"facility": "成都武侯"},
    )
    return key


def a_busy_day(store: Store, clock: Clock) -> None:
    """Parcels of every kind of trouble, loops and accounts with a history, and evidence to count."""
    an_unreachable_recipient(store)
    _troubles(store)
    queued(store, clock)
    with store.write() as connection:
        connection.execute(
            sa.update(watch).values(
                last_answered_at=ago("25m"), last_scan_at=ago("3h"), evaluate_at=None, milestone="exception",
                next_poll_at=NOW + timedelta(minutes=20), poll_reason="stage_interval",
            )
        )  # fmt: skip
        _polls(connection)
        _machinery(connection)
        _evidence(connection)


def _troubles(store: Store) -> None:
    places = (CHENGDU, URUMQI)
    for number, rule in enumerate(Rule, start=2):
        key = stored(
            store,
            a_scan("picked_up", "4d", text="已揽收"),
            a_scan("exception", "6h", text="包裹状态有变"),
            order_number=f"O-{number}",
            tracking_number=f"784000000000{number:02}",
            carrier="sf" if number % 3 == 0 else "zto",
            region=places[number % 2],
            recipient=f"收件人{number}",
            phone="13800000001-1234" if number % 2 else "028-85550001",
            value_fen=4_900 * number,
        )
        urgency = list(Urgency)[number % 3]
        deadline = NOW + timedelta(hours=7 * number - 20) if number % 2 else None
        facts: dict[str, str | int] = {"facility": "乌鲁木齐天山", "hours": 40, "lane": "remote"}
        facts |= {"why": "no_answer", "under_way": 1}
        raised(store, key, rule, urgency=urgency, at_risk_fen=4_900 * number, deadline=deadline, facts=facts)


def _polls(connection: sa.Connection) -> None:
    common = {"shipment_id": 1, "account": "zto-main", "way": "poll", "reason": "stage_interval"}
    rows = [
        {**common, "outcome": "new_scans", "polled_at": ago("25m"), "new_scans": 2, "code": None},
        {**common, "outcome": "unchanged", "polled_at": ago("3h"), "new_scans": 0, "code": None},
        {**common, "outcome": "rate_limited", "polled_at": ago("6h"), "new_scans": 0, "code": "S208"},
    ]
    connection.execute(sa.insert(poll), rows)


def _machinery(connection: sa.Connection) -> None:
    beats = [
        ("poll", 5.0, "20m", "SourceUnavailable"),
        ("detect", 5.0, "0m", None),
        ("queue", 5.0, "0m", None),
    ]
    rows = [
        {"loop": loop, "ticked_at": ago(last), "every_seconds": every, "took_seconds": 0.12, "last_error": error,
         "last_error_at": ago(last) if error else None}
        for loop, every, last, error in beats
    ]  # fmt: skip
    connection.execute(sa.insert(heartbeat), rows)
    accounts = [
        {"account": "zto-main", "source": "zto", "breaker": Breaker.CLOSED, "last_answered_at": ago("2m"),
         "failures_in_a_row": 0, "last_error": None, "last_error_at": None, "broken_since": None},
        {"account": "sf-main", "source": "sf", "breaker": Breaker.OPEN, "last_answered_at": ago("3h"),
         "failures_in_a_row": 7, "last_error": "unreachable", "last_error_at": ago("1m"),
         "broken_since": ago("3h")},
    ]  # fmt: skip
    connection.execute(sa.insert(account_state), accounts)
    connection.execute(
        sa.insert(unmapped_code).values(
            source="zto",
            code="X-99",
            seen=12,
            first_seen_at=ago("2d"),
            last_seen_at=ago("1h"),
            sample_shipment_id=1,
        )
    )


def _evidence(connection: sa.Connection) -> None:
    fates = (Fate.SHIPPED, Fate.FAILED_ATTEMPT)
    rows = [
        {"shipment_id": key, "fate": fate, "carrier": "zto" if key % 2 else "sf", "at": NOW, "days_in_transit": None,
         **{name: getattr(region, name) for name in ("province", "city", "district", "town")}}
        for key in range(1, 8)
        for region in ((CHENGDU, URUMQI)[key % 2],)
        for fate in (fates if key % 3 else fates[:1])
    ]  # fmt: skip
    connection.execute(sa.insert(evidence), rows)
