"""Which account is asked about which shipment: given at the start, taken from accounts that are gone or whose source is
away, and given back."""

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import product
from typing import Any

import sqlalchemy as sa

from watcher.model import Box, PollReason, RouteReason
from watcher.routing import Choice, Routes
from watcher.store.tables import shipment, watch
from watcher.store.watches import HAS_TAIL


def assign(connection: sa.Connection, routes: Routes, *, now: datetime) -> int:
    """Give shipments that no account answers for to those that do; tells how many."""
    moved = 0
    waiting = set(
        connection.scalars(
            sa.select(shipment.c.carrier)
            .distinct()
            .join(watch, watch.c.shipment_id == shipment.c.id)
            .where(watch.c.box == Box.UNASSIGNED)
        )
    )
    for carrier, has_tail in product(sorted(waiting), (True, False)):
        choice = routes.first(carrier, has_tail=has_tail)
        if choice is None:
            continue
        unassigned = _of_carrier(carrier, has_tail=has_tail).where(watch.c.box == Box.UNASSIGNED)
        changed = connection.execute(
            sa.update(watch)
            .where(watch.c.shipment_id.in_(unassigned))
            .values(**_chosen(choice), box=Box.WATCHING, next_poll_at=now, poll_reason=PollReason.FIRST_LOOK)
        )
        moved += changed.rowcount
    return moved


def reassign(connection: sa.Connection, routes: Routes, sources: Mapping[str, str], *, now: datetime) -> int:
    """At start: shipments whose account is gone go to one that answers now, or to the box `unassigned`; tells how
    many. `sources` holds the configured accounts."""
    orphaned = sa.and_(watch.c.box == Box.WATCHING, watch.c.account.not_in(list(sources)))
    left = connection.execute(
        sa.update(watch)
        .where(orphaned)
        .values(account=None, box=Box.UNASSIGNED, next_poll_at=None, asked_elsewhere="")
    )
    assign(connection, routes, now=now)
    return int(left.rowcount)


def stranded(connection: sa.Connection, *, away: Collection[str]) -> list[tuple[str, str, bool]]:
    """Groups of parcels that nobody has told anything of yet, and that wait at an account whose source is `away`, or
    were moved off one that answers again: (account, carrier, whether a phone tail is known)."""
    query = (
        sa.select(watch.c.account, shipment.c.carrier, HAS_TAIL.label("has_tail"))
        .distinct()
        .join(shipment, shipment.c.id == watch.c.shipment_id)
        .where(*_stranded(away))
    )
    return [(account, carrier, bool(has_tail)) for account, carrier, has_tail in connection.execute(query)]


def reroute(
    connection: sa.Connection, routes: Routes, *, away: Collection[str], now: datetime
) -> dict[tuple[str, str], int]:
    """Move these parcels to the best account that answers; gives how many were moved, by (from, to).

    Parcels with scans stay: another source would tell their whole story anew.
    """
    moved: dict[tuple[str, str], int] = {}
    for account, carrier, has_tail in stranded(connection, away=away):
        choice = routes.first(carrier, has_tail=has_tail, away=away)
        if choice is None or choice.account == account or choice.account in away:
            continue
        these = _of_carrier(carrier, has_tail=has_tail).where(
            *_stranded(away), watch.c.account == account, watch.c.asked_elsewhere == ""
        )
        changed = connection.execute(
            sa.update(watch)
            .where(watch.c.shipment_id.in_(these))
            .values(
                **_chosen(choice),
                failures_in_a_row=0,
                next_poll_at=now,
                poll_reason=PollReason.OTHER_SOURCE,
            )
        )
        if changed.rowcount:
            moved[account, choice.account] = moved.get((account, choice.account), 0) + changed.rowcount
    return moved


def _stranded(away: Collection[str]) -> tuple[sa.ColumnElement[bool], ...]:
    """As the index of what nobody has told anything of yet says it, so that only those are looked at."""
    home_again = sa.and_(watch.c.route_reason == RouteReason.SOURCE_AWAY, watch.c.account.not_in(list(away)))
    return (
        watch.c.last_scan_at.is_(None),
        watch.c.next_poll_at.is_not(None),
        watch.c.box == Box.WATCHING,
        sa.or_(watch.c.account.in_(list(away)), home_again),
    )


def _of_carrier(carrier: str, *, has_tail: bool) -> sa.Select[tuple[int]]:
    return (
        sa.select(watch.c.shipment_id)
        .join(shipment, shipment.c.id == watch.c.shipment_id)
        .where(shipment.c.carrier == carrier, HAS_TAIL if has_tail else sa.not_(HAS_TAIL))
    )


def _chosen(choice: Choice) -> dict[str, Any]:
    return {"account": choice.account, "route_reason": choice.why}
