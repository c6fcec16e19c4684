"""The site on a port of its own, and a real browser in front of it."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from browser.story import Served, a_busy_day, a_person, a_site
from playwright.sync_api import Browser, sync_playwright

from watcher.clock import ManualClock
from watcher.model import Role
from watcher.store.engine import Store

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip


@pytest.fixture
def served(sqlite_store: Store, clock: ManualClock) -> Iterator[Served]:
    """The site of a busy day, over HTTP."""
    a_busy_day(sqlite_store, clock)
    alice = a_person(sqlite_store, "alice", role=Role.LEAD)
    listener = socket.create_server(("127.0.0.1", 0))
    # the headless browser is no reason to wait: it is closed before
    config = uvicorn.Config(a_site(sqlite_store, clock), log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", sqlite_store, alice)
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's browser; it talks to nobody but us. It ends with its module: its event loop runs in this thread, where
    no test of another loop could run beside it."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield browser
        browser.close()
