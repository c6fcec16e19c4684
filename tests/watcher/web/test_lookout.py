"""What nobody watches stands on every page, and costs the same however much is stored."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from browser.story import a_site, a_token, ticking
from builders import NOW, ago, stored

from watcher.clock import ManualClock
from watcher.model import Box, Breaker, PollOutcome
from watcher.store import health
from watcher.store.engine import Store
from watcher.store.tables import account_state, poll
from watcher.web.lookout import Lookout

Visit = Callable[..., httpx.AsyncClient]
PAGES = ("/queue", "/shipments", "/shipments/1", "/coverage", "/health", "/nowhere")


def unwatched(store: Store, **carriers: int) -> None:
    for carrier, count in carriers.items():
        for number in range(count):
            name = f"{carrier}-{number}"
            stored(store, box=Box.UNASSIGNED, carrier=carrier, order_number=name, tracking_number=name)


def broken(store: Store, *, breaker: Breaker = Breaker.OPEN, hours: str | None = "3h") -> None:
    since = ago(hours) if hours else None
    with store.write() as connection:
        connection.execute(
            sa.insert(account_state).values(
                account="zto-main", source="zto", breaker=breaker, broken_since=since
            )
        )


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_says_that_parcels_are_not_watched(
    bob: httpx.AsyncClient, sqlite_store: Store, path: str
) -> None:
    unwatched(sqlite_store, sto=1, yto=2)
    assert "3 个包裹没有账号可查，没有人在盯它们（圆通速递、申通快递）" in (await bob.get(path)).text
    text = (await bob.get(f"{path}?lang=en")).text
    assert "3 parcels are not watched: no account answers for YTO Express, STO Express." in text


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_silent_where_everything_is_watched(
    bob: httpx.AsyncClient, sqlite_store: Store, path: str
) -> None:
    ticking(sqlite_store)
    stored(sqlite_store)
    assert 'class="concerns"' not in (await bob.get(path)).text


async def test_strangers_learn_nothing_of_it(charlie: httpx.AsyncClient, sqlite_store: Store) -> None:
    unwatched(sqlite_store, yto=1)
    for path in ("/sign-in", "/nowhere"):
        assert 'class="concerns"' not in (await charlie.get(path)).text


async def test_a_silent_account_says_since_when_and_how_many_parcels(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    broken(sqlite_store)
    stored(sqlite_store)
    text = (await bob.get("/queue")).text
    assert "账号 zto-main 不应答（自 " in text
    assert "1 个包裹暂时看不到" in text
    assert 'class="said"' not in (await bob.get("/health")).text


async def test_an_account_that_is_being_tried_does_not_answer_either(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    broken(sqlite_store, breaker=Breaker.HALF_OPEN, hours=None)
    assert "账号 zto-main 不应答。" in (await bob.get("/queue")).text


async def test_a_loop_that_stopped_is_named_in_words(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    ticking(sqlite_store)
    clock.advance(timedelta(minutes=5))
    assert "已停止：<b>查询轨迹</b>" in (await bob.get("/queue")).text
    assert "Stopped: <b>asking the carriers</b>" in (await bob.get("/queue?lang=en")).text


async def test_health_is_red_as_soon_as_it_is_so(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    ticking(sqlite_store)
    assert 'class="said"' in (await bob.get("/health")).text
    unwatched(sqlite_store, yto=1)
    text = (await bob.get("/health")).text
    assert 'class="concerns"' in text
    assert 'class="said"' not in text


async def test_a_demo_says_how_fast_its_time_goes(
    visit: Visit, bob_id: int, sqlite_store: Store, clock: ManualClock
) -> None:
    token = a_token(sqlite_store, bob_id)
    assert 'class="demo"' not in (await visit(token).get("/queue")).text
    browser = visit(token, of=a_site(sqlite_store, clock, demo_speed=1800.0))
    assert "演示：1 秒 = 30 分钟" in (await browser.get("/queue")).text
    assert "Demo: 1 second = 30 min" in (await browser.get("/queue?lang=en")).text


def test_a_look_is_kept_for_a_few_seconds(sqlite_store: Store, clock: ManualClock) -> None:
    lookout = Lookout(sqlite_store, clock, ())
    assert lookout.concerns().unwatched == {}
    unwatched(sqlite_store, yto=1)
    assert lookout.concerns().unwatched == {}
    clock.advance(timedelta(seconds=3))
    assert lookout.concerns().unwatched == {"yto": 1}


def test_counting_ends_somewhere(store: Store) -> None:
    unwatched(store, yto=3, sto=1)
    broken(store)
    for number in range(3):
        stored(store, order_number=f"W-{number}", tracking_number=f"W-{number}")
    with store.read() as connection:
        assert health.unassigned(connection, at_most=100) == {"yto": 3, "sto": 1}
        assert sum(health.unassigned(connection, at_most=2).values()) == 2
        assert [one.shipments for one in health.blind(connection, at_most=2)] == [2]


def test_both_counts_use_an_index(sqlite_store: Store) -> None:
    with sqlite_store.read() as connection:
        for condition in ("box = 'unassigned'", "box = 'watching' AND account = 'a'"):
            plan = connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN SELECT box FROM watch WHERE {condition} LIMIT 9"
            )
            assert "ix_watch_box" in str(plan.all())


def test_only_the_last_question_of_an_account_counts_and_only_faults_of_its_own(store: Store) -> None:
    key = stored(store)
    told = [
        ("a", PollOutcome.UNREACHABLE), ("a", PollOutcome.UNCHANGED), ("b", PollOutcome.UNCHANGED),
        ("b", PollOutcome.QUOTA_EXHAUSTED), ("c", PollOutcome.INVALID_NUMBER),
    ]  # fmt: skip
    rows = [
        {"shipment_id": key, "account": account, "way": "poll", "reason": "retry", "outcome": outcome,
         "polled_at": NOW, "new_scans": 0}
        for account, outcome in told
    ]  # fmt: skip
    with store.write() as connection:
        connection.execute(sa.insert(poll), rows)
        assert health.last_faults(connection) == {"b": PollOutcome.QUOTA_EXHAUSTED}
        assert health.last_faults(connection, among=1) == {}
