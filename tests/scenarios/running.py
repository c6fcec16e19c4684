"""The whole daemon in a test's own process, and everything that it logs meanwhile."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from io import StringIO
from typing import Any

import httpx
import msgspec
import structlog
from scenarios.daemon import secrets_of, settings_for
from scenarios.watching import Scene

from carriers.sandbox.accounts import ACCOUNTS
from watcher.app import Watcher, build_watcher
from watcher.telemetry import configure_logging


@asynccontextmanager
async def a_running_daemon(scene: Scene, url: str, **polling: Any) -> AsyncIterator[Watcher]:
    """The whole daemon on the database at `url`, asking the scene's sandbox, in a hurry; `polling` changes settings."""
    settings = settings_for(
        url, {account.source: {"base_url": account.base_url(scene.url)} for account in ACCOUNTS}
    )
    settings = msgspec.structs.replace(settings, polling=msgspec.structs.replace(settings.polling, **polling))
    secrets = secrets_of({account.source: dict(account.credentials) for account in ACCOUNTS})
    watcher = build_watcher(settings, environ=secrets, clock=scene.clock)
    stop = asyncio.Event()
    running = asyncio.create_task(watcher.run(stop))
    try:
        yield watcher
    finally:
        stop.set()
        await asyncio.wait_for(running, 30)
        watcher.store.close()


async def until(reached: Callable[[], Any], *, seconds: float = 90) -> None:
    """Wait for something that another task or thread does."""
    async with asyncio.timeout(seconds):
        while not reached():  # noqa: ASYNC110 - what is waited for happens in threads and processes
            await asyncio.sleep(0.03)


async def until_answers(client: httpx.AsyncClient, path: str, status: int) -> None:
    """Wait until a page of the daemon answers so."""
    async with asyncio.timeout(30):
        while (await client.get(path)).status_code != status:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)


@contextmanager
def written_logs(level: str = "info") -> Iterator[StringIO]:
    """Everything that is logged, as the daemon writes it; afterwards logging is as it was before."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, root_level = list(root.handlers), root.level
    loggers = {name: (logger.level, logger.propagate) for name, logger in _loggers()}
    stream = StringIO()
    configure_logging(level, "json", stream=stream)
    try:
        yield stream
    finally:
        structlog.configure(**before)
        root.handlers[:] = handlers
        root.setLevel(root_level)
        logging.captureWarnings(capture=False)
        for name, logger in _loggers():
            logger.level, logger.propagate = loggers.get(name, (logging.NOTSET, True))


def _loggers() -> list[tuple[str, logging.Logger]]:
    known = logging.getLogger().manager.loggerDict.items()
    return [(name, logger) for name, logger in known if isinstance(logger, logging.Logger)]
