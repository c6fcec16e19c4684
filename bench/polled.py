"""Measures the polling from end to end: the daemon's own poller over real HTTP against the sandbox in another process.

Held against the same client posting the same requests at the same width, that does nothing with the answers. sf answers
ten numbers in one call, zto one.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import sqlalchemy as sa

from bench.databases import Databases
from bench.figures import Figure, Run, compare, timed
from bench.parts import regions
from bench.scale import Scale
from carriers.contract import Milestone, Query
from watcher.app import Watcher, build_watcher, routing
from watcher.clock import SystemClock
from watcher.intake.importing import import_file
from watcher.intake.phones import phone_tail
from watcher.model import Box
from watcher.polling.asking import SourceClient, stamp
from watcher.settings import AccountSettings, Data, Polling, Settings, Web
from watcher.settings_faults import secret_variable
from watcher.store import watches
from watcher.store.tables import poll, scan, shipment, watch

_SOURCES = ("sf", "zto")
_NO_LIMIT = 100_000


def measure(scale: Scale, _databases: Databases) -> Iterator[Figure]:
    """First looks, where all scans are new, and later ones, where nothing is."""
    with (
        TemporaryDirectory() as name,
        _sandbox(scale.parcels, Path(name) / "orders.csv") as accounts,
        asyncio.Runner() as runner,
        _watcher(accounts, Path(name)) as watcher,
    ):
        for source in _SOURCES:
            line = _Line(watcher, source, runner.run)
            for kind, first in (("all scans new", True), ("nothing new", False)):
                yield compare(
                    f"polled over HTTP, {source}, {kind}",
                    line.polled(first=first),
                    line.posted(),
                    against="the HTTP client alone, same requests",
                    amount=len(line.numbers),
                    unit="shipments/s",
                    rounds=scale.rounds,
                )
        for client in watcher.clients:
            runner.run(client.client.aclose())


@contextmanager
def _sandbox(parcels: int, orders: Path) -> Iterator[Mapping[str, Mapping[str, str]]]:
    """The accounts of a running sandbox, by source."""
    command = (sys.executable, "-m", "bench.counterpart", str(parcels), str(orders))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        try:
            assert process.stdout is not None
            accounts: Mapping[str, Mapping[str, str]] = json.loads(process.stdout.readline())
            yield accounts
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()


@contextmanager
def _watcher(accounts: Mapping[str, Mapping[str, str]], folder: Path) -> Iterator[Watcher]:
    """The daemon, put together as always and not started, with the sandbox's parcels imported."""
    settings = Settings(
        data=Data(folder=str(folder)),
        web=Web(port=0),
        polling=Polling(quiet_from_hour=0, quiet_until_hour=0),
        accounts={
            source: AccountSettings(
                source=source,
                base_url=accounts[source]["base_url"],
                rate_per_second=_NO_LIMIT,
                burst=_NO_LIMIT,
            )
            for source in _SOURCES
        },
    )
    secrets = {
        secret_variable(source, name): value
        for source in _SOURCES
        for name, value in accounts[source].items()
        if name != "base_url"
    }
    watcher = build_watcher(settings, environ=secrets)
    try:
        import_file(
            watcher.store,
            folder / "orders.csv",
            clock=SystemClock(),
            regions=regions(),
            account_for=routing(settings).for_order,
            rejects=folder / "rejects.csv",
        )
        yield watcher
    finally:
        watcher.listener.close()
        watcher.store.close()


@dataclass(slots=True)
class _Line:
    """One account: everything due is polled, again and again."""

    watcher: Watcher
    account: str
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    numbers: Sequence[Query] = ()

    def __post_init__(self) -> None:
        """The questions, with the phone tails that open them."""
        query = (
            sa.select(
                shipment.c.carrier, shipment.c.tracking_number, shipment.c.sender_phone_tail, shipment.c.phone
            )
            .join(watch, watch.c.shipment_id == shipment.c.id)
            .where(watch.c.account == self.account)
            .order_by(shipment.c.id)
        )
        with self.watcher.store.read() as connection:
            self.numbers = [
                Query(row.carrier, row.tracking_number, row.sender_phone_tail or phone_tail(row.phone or ""))
                for row in connection.execute(query)
            ]

    def polled(self, *, first: bool) -> Run:
        """The poller until nothing is due."""

        def run() -> float:
            self._make_due(forget=first)
            return timed(self._poll)

        return run

    def posted(self) -> Run:
        """The client alone; requests are made beforehand, for the time they bear."""

        def run() -> float:
            requests = self._requests()
            return timed(lambda: self.run(_post(self._client, requests, width=_width(self.watcher))))

        return run

    @property
    def _client(self) -> SourceClient:
        return self.watcher.poller.accounts[self.account].client

    def _poll(self) -> None:
        recorded = self.run(self.watcher.poller.poll_account(self.account))
        assert recorded == len(self.numbers), (recorded, len(self.numbers))

    def _make_due(self, *, forget: bool) -> None:
        with self.watcher.store.write() as connection:
            keys = list(
                connection.scalars(sa.select(watch.c.shipment_id).where(watch.c.account == self.account))
            )
            if forget:
                connection.execute(sa.delete(scan).where(scan.c.shipment_id.in_(keys)))
                connection.execute(sa.delete(poll).where(poll.c.shipment_id.in_(keys)))
            changes: dict[str, Any] = {"box": Box.WATCHING, "failures_in_a_row": 0, "last_outcome": None}
            if forget:
                changes |= {"track_digest": None, "milestone": Milestone.UNKNOWN}
            connection.execute(sa.update(watch).where(watch.c.shipment_id.in_(keys)).values(changes))
            watches.ask_now(connection, keys, now=self.watcher.clock.now())

    def _requests(self) -> list[httpx.Request]:
        client = self._client
        size = client.adapter.INFO.batch_size
        return [
            client.adapter.request(self.numbers[start : start + size], client.account, stamp())
            for start in range(0, len(self.numbers), size)
        ]


def _width(watcher: Watcher) -> int:
    return watcher.settings.polling.batches_at_once


async def _post(client: SourceClient, requests: Sequence[httpx.Request], *, width: int) -> None:
    """All requests, `width` at a time."""
    waiting = iter(requests)

    async def work() -> None:
        for request in waiting:
            response = await client.client.send(request)
            assert response.is_success

    await asyncio.gather(*(work() for _ in range(width)))
