"""All stages of the daemon in a test's own hands: it works when told to, on a clock that is moved by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import httpx

from carriers.contract import Account, Milestone
from carriers.reading.reader import Reader
from carriers.reading.tables import load_reader
from carriers.registry import SOURCES, SUBSCRIBING, TOKEN_BEARING
from carriers.sandbox.accounts import ACCOUNTS, SandboxAccount
from carriers.sandbox.limits import Limit
from carriers.sandbox.world import World
from watcher.alerting.stage import Alerting
from watcher.clock import ManualClock
from watcher.coverage.stage import Covering
from watcher.detection.packs import load_packs
from watcher.detection.stage import Detection
from watcher.intake.importing import import_file
from watcher.intake.regions import Regions
from watcher.polling.asking import SourceClient
from watcher.polling.poller import Patience, PolledAccount, Poller
from watcher.polling.recording import Recorder
from watcher.polling.schedule import Timetable
from watcher.polling.tokens import BearerAuth
from watcher.queue.stage import Queueing
from watcher.routing import Route, routes_of
from watcher.store import accounts
from watcher.store.engine import Store
from watcher.telemetry import Metrics

UNLIMITED = dict.fromkeys(SOURCES, Limit(per_second=100_000, per_day=None))
"""Rate limits run on real time, for which no test waits."""
TIMETABLE = Timetable(intervals=dict.fromkeys(Milestone, timedelta(hours=2)))


@cache
def the_reader() -> Reader:
    """The reader of the shipped tables, compiled once for all tests of a process."""
    return load_reader()


@dataclass(frozen=True)
class StandingDaemon:
    """Poller and stages; `catch_up` does all there is to do at this moment of the clock."""

    poller: Poller
    stages: Sequence[Detection | Alerting | Queueing | Covering]

    async def catch_up(self) -> None:
        """Ask everything that is due, then run every stage dry."""
        for account in self.poller.accounts:
            await self.poller.poll_account(account)
        for stage in self.stages:
            while stage.run_once():
                pass


def a_daemon_of(
    store: Store, clock: ManualClock, client: httpx.AsyncClient, *, orders: Path
) -> StandingDaemon:
    """The daemon over `store`, asking the sandbox behind `client`, with the orders of the file taken in."""
    polled = {account.source: polled_account(account, client) for account in ACCOUNTS}
    with store.write() as connection:
        accounts.ensure(connection, {source: source for source in polled})
    routes = routes_of(
        Route(source, carrier, own=carrier == source)
        for source in polled
        for carrier in SOURCES[source].INFO.carriers
    )
    import_file(
        store, orders, clock=clock, regions=Regions.load(), account_for=routes.for_order, spread=timedelta(0)
    )
    packs = load_packs()
    return StandingDaemon(
        Poller(
            store, clock, polled, owner="test", patience=Patience(batches_at_once=8), metrics=Metrics.create()
        ),
        (
            Detection(store, clock, packs),
            Alerting(store, clock, packs),
            Queueing(store, clock),
            Covering(store, clock),
        ),
    )


def told_of_all(world: World) -> None:
    """Every source that must be told of a number before it is asked knows all parcels of its carriers."""
    for source, adapter in SUBSCRIBING.items():
        for carrier, number in world.lives if adapter.PUSH.before_asking else ():
            if carrier in adapter.INFO.carriers:
                world.subscribe(source, carrier, number)


def polled_account(
    account: SandboxAccount,
    client: httpx.AsyncClient,
    *,
    url: str = "http://sandbox",
    timetable: Timetable = TIMETABLE,
    attempts: int = 2,
) -> PolledAccount:
    """One account of the sandbox at `url`, without a rate that would make a test wait."""
    adapter = SOURCES[account.source]
    ours = Account(account.source, account.source, account.credentials, account.base_url(url))
    bearing = TOKEN_BEARING.get(account.source)
    auth = BearerAuth(bearing, ours) if bearing else None
    return PolledAccount(
        client=SourceClient(ours, adapter, client, auth, attempts=attempts),
        recorder=Recorder(
            account=account.source,
            source=account.source,
            reader=the_reader(),
            timetable=timetable,
            minimum_interval=adapter.INFO.minimum_interval,
        ),
        rate_per_second=100_000,
        burst=100_000,
    )
