"""Alice leads, Bob is an agent, Charlie is signed out; all three look at the same site."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
from browser.story import a_person, a_site, a_token
from fastapi import FastAPI

from watcher.clock import ManualClock
from watcher.model import Role
from watcher.store.engine import Store

HOST = "http://watcher.test"
Visit = Callable[..., httpx.AsyncClient]


@pytest.fixture
def site(sqlite_store: Store, clock: ManualClock) -> FastAPI:
    return a_site(sqlite_store, clock)


@pytest.fixture
async def visit(site: FastAPI) -> AsyncIterator[Visit]:
    """Opens browsers: `visit(token)`; they close with the test. `of` names another site than the usual one."""
    async with AsyncExitStack() as open_browsers:
        browsers: list[httpx.AsyncClient] = []

        def opened(token: str | None = None, *, of: FastAPI = site) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(of, raise_app_exceptions=False, client=("192.0.2.1", 1))
            browser = httpx.AsyncClient(
                transport=transport, base_url=HOST, headers={"accept-language": "zh-CN"}
            )
            if token:
                browser.cookies.set("watcher_session", token)
            browsers.append(browser)
            return browser

        yield opened
        for browser in browsers:
            open_browsers.push_async_callback(browser.aclose)


@pytest.fixture
def alice_id(sqlite_store: Store) -> int:
    return a_person(sqlite_store, "alice", role=Role.LEAD)


@pytest.fixture
def bob_id(sqlite_store: Store) -> int:
    return a_person(sqlite_store, "bob")


@pytest.fixture
def alice(visit: Visit, sqlite_store: Store, alice_id: int) -> httpx.AsyncClient:
    return visit(a_token(sqlite_store, alice_id))


@pytest.fixture
def bob(visit: Visit, sqlite_store: Store, bob_id: int) -> httpx.AsyncClient:
    return visit(a_token(sqlite_store, bob_id))


@pytest.fixture
def charlie(visit: Visit) -> httpx.AsyncClient:
    return visit()
