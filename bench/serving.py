"""Measures what the wire adds to the console's server: a probe over a kept connection, against one handed in without.

A server that waits for the other side's acknowledgement between head and body of an answer shows as a ratio of tens.
"""

import asyncio
import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, cast
from urllib.parse import urlsplit

import httpx

from bench.databases import Databases
from bench.figures import Figure, compare, timed
from bench.scale import Scale
from watcher.app import Watcher, build_watcher
from watcher.settings import Data, Settings, Web

_PATH = "/healthz"


def measure(scale: Scale, _databases: Databases) -> Iterator[Figure]:
    """One figure."""
    with TemporaryDirectory() as folder, _served(Path(folder)) as watcher, asyncio.Runner() as runner:
        amount = scale.bodies
        transport = httpx.ASGITransport(cast("Any", watcher.server.config.app))
        yield compare(
            "probe answered over HTTP",
            lambda: timed(lambda: _asked(watcher.url, amount)),
            lambda: timed(lambda: runner.run(_handed_in(transport, amount))),
            against="the same without a socket",
            amount=amount,
            unit="answers/s",
            rounds=scale.rounds,
        )


@contextmanager
def _served(folder: Path) -> Iterator[Watcher]:
    """The daemon's server in a thread; nothing else of it runs."""
    watcher = build_watcher(Settings(data=Data(folder=str(folder)), web=Web(port=0)), environ={})
    # callers queue until the server's loop is up
    watcher.listener.listen()
    serving = Thread(target=lambda: asyncio.run(watcher.server.serve(sockets=[watcher.listener])))
    serving.start()
    try:
        yield watcher
    finally:
        watcher.server.should_exit = True
        serving.join()
        watcher.listener.close()
        watcher.store.close()


def _asked(url: str, amount: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    for _ in range(amount):
        connection.request("GET", _PATH)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == http.client.OK
    connection.close()


async def _handed_in(transport: httpx.ASGITransport, amount: int) -> None:
    async with httpx.AsyncClient(transport=transport, base_url="http://watcher.test") as client:
        for _ in range(amount):
            assert (await client.get(_PATH)).is_success
