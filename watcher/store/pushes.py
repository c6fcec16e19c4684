"""Subscriptions at sources that call us back: wanted, standing, or over."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from watcher.model import PushState
from watcher.store.tables import push_subscription, shipment
from watcher.store.upserts import upsert


def want(connection: sa.Connection, account: str, shipment_ids: Sequence[int], *, at: datetime) -> None:
    """Ask for subscriptions; what stands or has ended at this account stays as it is."""
    if not shipment_ids:
        return
    rows = [
        {"shipment_id": shipment_id, "account": account, "state": PushState.WANTED, "changed_at": at}
        for shipment_id in shipment_ids
    ]
    statement = upsert(connection, push_subscription)
    statement = statement.on_conflict_do_update(
        index_elements=["shipment_id"],
        set_={name: statement.excluded[name] for name in ("account", "state", "changed_at")},
        where=push_subscription.c.account != statement.excluded.account,
    )
    connection.execute(statement, rows)


def wanted(
    connection: sa.Connection, account: str, *, limit: int
) -> list[sa.Row[tuple[int, str, str, str, str]]]:
    """Subscriptions to ask for: (shipment_id, carrier, tracking_number, sender_phone_tail, phone), oldest first."""
    query = (
        sa.select(
            push_subscription.c.shipment_id,
            shipment.c.carrier,
            shipment.c.tracking_number,
            shipment.c.sender_phone_tail,
            shipment.c.phone,
        )
        .join(shipment, shipment.c.id == push_subscription.c.shipment_id)
        .where(push_subscription.c.account == account, push_subscription.c.state == PushState.WANTED)
        .order_by(push_subscription.c.changed_at, push_subscription.c.shipment_id)
        .limit(limit)
    )
    return list(connection.execute(query))


def told(connection: sa.Connection, account: str, shipment_ids: Sequence[int]) -> set[int]:
    """Those of the shipments whose subscription at this account was asked for, whatever came of it."""
    query = sa.select(push_subscription.c.shipment_id).where(
        push_subscription.c.account == account,
        push_subscription.c.shipment_id.in_(shipment_ids),
        push_subscription.c.state != PushState.WANTED,
    )
    return set(connection.scalars(query))


def move(
    connection: sa.Connection,
    states: Mapping[int, PushState],
    *,
    at: datetime,
    detail: str | None = None,
) -> None:
    """Write the new state of subscriptions by shipment."""
    for shipment_id, state in states.items():
        connection.execute(
            sa.update(push_subscription)
            .where(push_subscription.c.shipment_id == shipment_id)
            .values(state=state, changed_at=at, detail=detail)
        )


def came_by_themselves(
    connection: sa.Connection, account: str, shipment_ids: Sequence[int], *, at: datetime
) -> None:
    """These shipments are pushed without having been asked for: their subscriptions stand."""
    if not shipment_ids:
        return
    rows = [
        {"shipment_id": shipment_id, "account": account, "state": PushState.ACTIVE, "changed_at": at}
        for shipment_id in shipment_ids
    ]
    statement = upsert(connection, push_subscription)
    statement = statement.on_conflict_do_update(
        index_elements=["shipment_id"],
        set_={name: statement.excluded[name] for name in ("account", "state", "changed_at")},
        where=sa.or_(
            push_subscription.c.account != statement.excluded.account,
            push_subscription.c.state != statement.excluded.state,
        ),
    )
    connection.execute(statement, rows)


def forget(connection: sa.Connection, shipment_ids: Sequence[int]) -> None:
    """These shipments are subscribed to nothing any more: what they were subscribed to is another parcel."""
    if shipment_ids:
        connection.execute(
            sa.delete(push_subscription).where(push_subscription.c.shipment_id.in_(shipment_ids))
        )


def heard(connection: sa.Connection, shipment_ids: Sequence[int], *, at: datetime) -> None:
    """A push about these shipments arrived."""
    connection.execute(
        sa.update(push_subscription)
        .where(push_subscription.c.shipment_id.in_(shipment_ids))
        .values(last_push_at=at)
    )
