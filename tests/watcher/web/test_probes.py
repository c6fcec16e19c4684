"""What orchestrators and Prometheus see."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import sqlalchemy as sa
from browser.story import a_site
from builders import NOW
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter

from watcher.clock import ManualClock
from watcher.model import Breaker
from watcher.store.engine import Store
from watcher.store.tables import account_state, heartbeat

Visit = Callable[..., httpx.AsyncClient]


def ticked(store: Store, loop: str, *, ago: timedelta = timedelta(0), every: float = 5) -> None:
    row = {"loop": loop, "ticked_at": NOW - ago, "every_seconds": every, "took_seconds": 0.1}
    with store.write() as connection:
        connection.execute(sa.insert(heartbeat), row)


def an_account(store: Store, name: str, *, breaker: Breaker = Breaker.CLOSED) -> None:
    with store.write() as connection:
        connection.execute(sa.insert(account_state), {"account": name, "source": "zto", "breaker": breaker})


def checks(answer: httpx.Response) -> dict[str, bool]:
    return {check["name"]: check["ok"] for check in answer.json()["checks"]}


async def test_alive_is_alive_whatever_the_database_does(
    charlie: httpx.AsyncClient, sqlite_store: Store
) -> None:
    with sqlite_store.write() as connection:
        connection.exec_driver_sql("drop table heartbeat")
    answer = await charlie.get("/healthz")
    assert (answer.status_code, answer.json()["alive"]) == (200, True)
    assert (await charlie.head("/healthz")).status_code == 200


async def test_ready_when_loops_tick_and_sources_answer(
    charlie: httpx.AsyncClient, sqlite_store: Store
) -> None:
    ticked(sqlite_store, "poll")
    an_account(sqlite_store, "zto-main")
    answer = await charlie.get("/readyz")
    assert answer.status_code == 200
    assert checks(answer) == {"database": True, "loop poll": True, "sources": True}


async def test_not_ready_before_the_first_tick(charlie: httpx.AsyncClient) -> None:
    answer = await charlie.get("/readyz")
    assert answer.status_code == 503
    assert checks(answer)["loops"] is False


async def test_a_loop_is_late_after_three_periods_and_ten_seconds(
    charlie: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    ticked(sqlite_store, "poll", ago=timedelta(seconds=24))
    assert (await charlie.get("/readyz")).status_code == 200
    clock.advance(timedelta(seconds=1))
    answer = await charlie.get("/readyz")
    assert answer.status_code == 503
    assert checks(answer)["loop poll"] is False


async def test_only_expected_loops_count(visit: Visit, sqlite_store: Store, clock: ManualClock) -> None:
    ticked(sqlite_store, "renamed-since", ago=timedelta(days=9))
    browser = visit(of=a_site(sqlite_store, clock, loops=("poll",)))
    assert checks(await browser.get("/readyz"))["loop poll"] is False
    ticked(sqlite_store, "poll")
    assert (await browser.get("/readyz")).status_code == 200


async def test_one_broken_source_is_named_and_only_blindness_makes_unready(
    charlie: httpx.AsyncClient, sqlite_store: Store
) -> None:
    ticked(sqlite_store, "poll")
    an_account(sqlite_store, "zto-main")
    an_account(sqlite_store, "sf-main", breaker=Breaker.OPEN)
    answer = await charlie.get("/readyz")
    assert answer.status_code == 200
    assert "sf-main" in answer.text
    with sqlite_store.write() as connection:
        connection.execute(sa.update(account_state).values(breaker=Breaker.OPEN))
    assert (await charlie.get("/readyz")).status_code == 503


async def test_a_database_that_does_not_answer_is_said_without_its_secrets(
    charlie: httpx.AsyncClient, sqlite_store: Store
) -> None:
    with sqlite_store.write() as connection:
        connection.exec_driver_sql("drop table heartbeat")
    answer = await charlie.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == [{"name": "database", "ok": False, "detail": "OperationalError"}]


async def test_metrics_are_those_of_the_registry(
    visit: Visit, sqlite_store: Store, clock: ManualClock
) -> None:
    registry = CollectorRegistry()
    Counter("watcher_things", "Things", registry=registry).inc(3)
    site: FastAPI = a_site(sqlite_store, clock, registry=registry)
    answer = await visit(of=site).get("/metrics")
    assert "watcher_things_total 3.0" in answer.text
    assert answer.headers["content-type"].startswith("text/plain")
