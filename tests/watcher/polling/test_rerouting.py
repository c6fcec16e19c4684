"""While a source is away, parcels nobody knows anything of are asked about elsewhere, and come back."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from builders import NOW, stored

from watcher.model import Box, PollReason, RouteReason
from watcher.polling.rerouting import Rerouting
from watcher.routing import Route, routes_of
from watcher.store import accounts, watches
from watcher.store.tables import account_state, watch

ROUTES = routes_of(
    [
        Route("zto-main", "zto", own=True),
        Route("kuaidi100-main", "zto", own=False, wants_tail=True),
        Route("kdniao-main", "zto", own=False, fen_per_call=3),
    ]
)


@pytest.fixture
def rerouting(store, clock):
    with store.write() as connection:
        accounts.ensure(
            connection, {"zto-main": "zto", "kuaidi100-main": "kuaidi100", "kdniao-main": "kdniao"}
        )
    return Rerouting(store, clock, ROUTES)


def breaks(store, *broken):
    with store.write() as connection:
        connection.execute(sa.update(account_state).values(broken_since=None))
        for account in broken:
            connection.execute(
                sa.update(account_state).where(account_state.c.account == account).values(broken_since=NOW)
            )


def watch_of(store, key):
    with store.read() as connection:
        return watches.watch_of(connection, key)


def test_what_nobody_knows_anything_of_goes_to_the_next_account_and_comes_back(store, rerouting):
    key = stored(store)
    breaks(store, "zto-main")
    assert rerouting.run_once() == 1
    moved = watch_of(store, key)
    assert (moved.account, moved.route_reason) == ("kuaidi100-main", RouteReason.SOURCE_AWAY)
    assert moved.poll_reason is PollReason.OTHER_SOURCE
    assert rerouting.run_once() == 0
    breaks(store)
    assert rerouting.run_once() == 1
    home = watch_of(store, key)
    assert (home.account, home.route_reason) == ("zto-main", RouteReason.FIRST_CHOICE)
    assert rerouting.run_once() == 0


def test_a_parcel_without_a_phone_goes_to_whoever_wants_none(store, rerouting):
    key = stored(store, phone=None)
    breaks(store, "zto-main")
    rerouting.run_once()
    assert watch_of(store, key).account == "kdniao-main"


def test_what_has_scans_or_is_not_watched_stays(store, rerouting):
    known, closed = stored(store), stored(store, box=Box.ORDER_CLOSED, order_number="O-2")
    with store.write() as connection:
        connection.execute(
            sa.update(watch).where(watch.c.shipment_id == known).values(last_scan_at=NOW - timedelta(hours=1))
        )
    breaks(store, "zto-main")
    assert rerouting.run_once() == 0
    assert {watch_of(store, key).account for key in (known, closed)} == {"zto-main"}


def test_where_nobody_answers_nothing_moves(store, rerouting):
    key = stored(store)
    breaks(store, "zto-main", "kuaidi100-main", "kdniao-main")
    assert rerouting.run_once() == 0
    assert watch_of(store, key).account == "zto-main"


def test_with_one_account_for_each_carrier_the_store_is_not_even_asked(clock):
    assert Rerouting(None, clock, routes_of([Route("zto-main", "zto", own=True)])).run_once() == 0
