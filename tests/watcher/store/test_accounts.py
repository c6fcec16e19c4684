import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from builders import NOW, ago

from watcher.model import Breaker
from watcher.store import accounts
from watcher.store.accounts import LeaseLost
from watcher.store.tables import account_state


@pytest.fixture
def account(store):
    with store.write() as connection:
        accounts.ensure(connection, {"sf-main": "sf"})
    return "sf-main"


def take(store, account, owner="a", seconds=60.0):
    with store.write() as connection:
        return accounts.take_lease(connection, account, owner=owner, seconds=seconds)


def test_a_second_start_keeps_what_is_known_of_an_account(store, account):
    lease = take(store, account)
    with store.write() as connection:
        accounts.record_failed(connection, lease, error="down", at=NOW, opens_for=None)
        accounts.ensure(connection, {"sf-main": "sf"})
        assert accounts.standing(connection, account).failures_in_a_row == 1


def test_one_account_has_one_owner_at_a_time(store, account):
    assert take(store, account, "a") is not None
    assert take(store, account, "b") is None


def test_a_lease_that_ran_out_goes_to_the_next_with_a_higher_fence(store, account):
    first = take(store, account, "a", seconds=-1)
    second = take(store, account, "b")
    assert second.fence == first.fence + 1


def test_an_old_owner_cannot_write_any_more(store, account):
    old = take(store, account, "a", seconds=-1)
    take(store, account, "b")
    with pytest.raises(LeaseLost), store.write() as connection:
        accounts.renew_lease(connection, old, seconds=60)
    with pytest.raises(LeaseLost), store.write() as connection:
        accounts.record_answered(connection, old, at=NOW)


def test_an_old_owner_cannot_release_the_lease_of_the_new_one(store, account):
    old = take(store, account, "a", seconds=-1)
    take(store, account, "b")
    with store.write() as connection:
        accounts.release_lease(connection, old)
    assert take(store, account, "c") is None


def test_a_released_account_is_free_at_once(store, account):
    lease = take(store, account, "a")
    with store.write() as connection:
        accounts.release_lease(connection, lease)
    assert take(store, account, "b") is not None


def test_calls_are_spread_at_the_accounts_rate_after_its_burst(store, account):
    with store.write() as connection:
        waits = [accounts.reserve(connection, account, calls=1, rate=10.0, burst=2) for _ in range(6)]
    assert waits[0] == 0.0
    assert waits[1] < 0.1
    assert waits[5] == pytest.approx(0.4, abs=0.06)


def test_the_rate_holds_over_many_threads(store, account):
    waits = []

    def reserve():
        for _ in range(10):
            with store.write() as connection:
                waits.append(accounts.reserve(connection, account, calls=1, rate=2.0, burst=1))

    threads = [threading.Thread(target=reserve) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # the last of forty calls at two a second waits about twenty seconds, less what reserving took
    assert len(waits) == 40
    assert 12 < max(waits) <= 20


def test_a_source_that_asks_for_a_pause_gets_it(store, account):
    with store.write() as connection:
        accounts.hold_back(connection, account, seconds=30)
        wait = accounts.reserve(connection, account, calls=1, rate=10.0, burst=5)
    assert wait == pytest.approx(30.1, abs=1)


def test_the_breaker_opens_for_a_time_and_then_lets_one_through(store, account):
    lease = take(store, account)
    with store.write() as connection:
        assert accounts.record_failed(connection, lease, error="down", at=NOW, opens_for=60)
        opened = accounts.standing(connection, account)
        accounts.record_failed(connection, lease, error="down", at=NOW, opens_for=-1)
        half = accounts.standing(connection, account)
    assert opened.breaker is Breaker.OPEN
    assert opened.blocked_for > timedelta(seconds=50)
    assert half.breaker is Breaker.HALF_OPEN
    assert half.broken_since == NOW


def test_an_outage_is_told_once_when_it_begins_and_once_when_it_ends(store, account):
    lease = take(store, account)
    with store.write() as connection:
        told = [
            accounts.record_failed(connection, lease, error="down", at=ago("1h"), opens_for=60),
            accounts.record_failed(connection, lease, error="down", at=NOW, opens_for=60),
        ]
        assert accounts.broken(connection) == {account}
        ended = [accounts.record_answered(connection, lease, at=NOW) for _ in range(2)]
        assert accounts.broken(connection) == frozenset()
    assert told == [True, False]
    assert ended == [True, False]


def test_leases_and_breakers_run_on_the_databases_clock(store, account):
    with store.read() as connection:
        now = connection.execute(sa.select(accounts.real_now(connection))).scalar_one()
        connection.execute(sa.select(account_state))

    assert abs(now - time.time()) < 2
