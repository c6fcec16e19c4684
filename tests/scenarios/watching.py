"""A whole watching against the sandbox, moved by hand: real adapters, a real server, and a clock that a test pushes.

`a_scene(store, clock)` stands on a store; `scene.parcel("sf")` puts a parcel into both worlds, `scene.poll()` asks,
`scene.work()` runs the stages behind, `scene.real_time_passes()` ends breakers and pauses, which run on real time.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
import sqlalchemy as sa
import uvicorn
from builders import stored
from httpx_aiohttp import AiohttpTransport
from scenarios.standing_daemon import polled_account, told_of_all

from carriers.contract import Milestone
from carriers.registry import SOURCES
from carriers.sandbox.accounts import ACCOUNTS
from carriers.sandbox.carried import CARRIED
from carriers.sandbox.faults import Fault, FaultKind
from carriers.sandbox.life import EventKind, Life, LifeEvent
from carriers.sandbox.limits import Limit
from carriers.sandbox.server import create_app
from carriers.sandbox.world import World
from watcher.alerting.stage import Alerting
from watcher.clock import ManualClock
from watcher.detection.packs import load_packs
from watcher.detection.stage import Detection
from watcher.model import PollOutcome
from watcher.polling.poller import Patience, PolledAccount, Poller
from watcher.polling.schedule import Timetable
from watcher.queue.stage import Queueing
from watcher.store import accounts, polls, scans, schema, watches
from watcher.store.accounts import AccountStanding
from watcher.store.engine import Store, open_store
from watcher.store.tables import account_state, alert, finding, poll, scan, shipment, watch, work_item
from watcher.store.watches import Watch
from watcher.telemetry import Metrics

AGGREGATED = "yto"
"""The carrier whose parcels aggregators are asked about."""
CARRIER_OF = {
    source: next(
        carrier
        for carrier in (source, AGGREGATED, *CARRIED)
        if carrier in CARRIED and carrier in asked.INFO.carriers
    )
    for source, asked in SOURCES.items()
}
NUMBERS = {
    source: f"{CARRIED[carrier].heads[0]}{{:0{CARRIED[carrier].digits}}}"
    for source, carrier in CARRIER_OF.items()
}
EVERY_THREE_HOURS = Timetable(intervals=dict.fromkeys(Milestone, timedelta(hours=3)))
UNLIMITED = dict.fromkeys(SOURCES, Limit(per_second=100_000, per_day=None))
READ_SECONDS = 0.15
SLOW_SECONDS = 0.6

# 揽收, 发出, 到达: a healthy parcel, a line every ten hours for days
_WORDS = {
    EventKind.COLLECTED: "【深圳南山营业部】已揽收",
    EventKind.DEPARTED: "快件已发往下一站",
    EventKind.ARRIVED: "快件已到达转运中心",
}


def a_life(
    source: str,
    number: str,
    birth: datetime,
    *,
    hours: Sequence[float] = (1, 9),
    refused_at: float | None = None,
) -> Life:
    """A parcel born at `birth`: collected, then under way, one line at each of `hours`, and refused at `refused_at`."""
    kinds = [EventKind.COLLECTED, *(EventKind.DEPARTED, EventKind.ARRIVED) * len(hours)]
    events = tuple(
        LifeEvent(
            timedelta(hours=after), kind, f"{_WORDS[kind]} {place}", city="深圳市", facility="南山营业部"
        )
        for place, (after, kind) in enumerate(zip(hours, kinds, strict=False))
    )
    if refused_at is not None:
        words = "客户拒收，派件员王强 13800000077"
        events = (*events, LifeEvent(timedelta(hours=refused_at), EventKind.REFUSED, words, city="成都市"))
    return Life(CARRIER_OF[source], number, birth, events, phone_tails=("0001",), owned=True)


class _Quiet(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _nobody() -> httpx.AsyncClient:
    """Who the sandbox would call back: nobody."""
    return httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(404)))


@asynccontextmanager
async def serving(world: World) -> AsyncIterator[str]:
    """The sandbox over `world` on a port of its own, in this event loop; gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = create_app(world, client=_nobody())
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    server = _Quiet(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        await app.state.pushes.client.aclose()


@dataclass
class Held:
    """Answers that were given and have not arrived."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Scene:
    """One store, the sandbox's world, and everything between them."""

    store: Store
    clock: ManualClock
    world: World
    url: str
    poller: Poller
    stages: Sequence[Any]
    lives: dict[int, Life] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # what happens

    def parcel(self, source: str, *, born: timedelta = timedelta(hours=10), **changes: Any) -> int:
        """A parcel in both worlds; `hours` are those of its lines after birth."""
        number = changes.pop("tracking_number", NUMBERS[source].format(next(self.numbers)))
        birth = self.clock.now() - born
        life = a_life(
            source,
            number,
            birth,
            hours=changes.pop("hours", (1, 9)),
            refused_at=changes.pop("refused_at", None),
        )
        self.world.add(life)
        told_of_all(self.world)
        fields = {
            "order_number": f"O-{number}", "tracking_number": number, "carrier": CARRIER_OF[source],
            "account": source, "number_uploaded_at": birth, "imported_at": birth,
        }  # fmt: skip
        key = stored(self.store, **(fields | changes))
        self.lives[key] = life
        return key

    def fault(self, source: str, kind: FaultKind, **how: Any) -> None:
        """From now on, until `well()`, calls of `source` go wrong."""
        delay = {FaultKind.SLOW: SLOW_SECONDS}.get(kind)
        self.world.faults.add(Fault(source, kind, **({"delay": delay} | how)))

    def well(self) -> None:
        """All faults end."""
        self.world.faults.clear()

    async def poll(self, *sources: str) -> int:
        """Poll the accounts until nothing is due; gives the number of answers recorded."""
        return sum(await asyncio.gather(*(self.poller.poll_account(name) for name in sources or SOURCES)))

    async def poll_one_round(self, source: str) -> int:
        """Only the first round of what is due, as a large backlog would leave it; gives the number of answers."""
        account, lease = self.poller.accounts[source], self.poller._take_lease(source)
        assert lease is not None
        planned = self.poller._plan(account, lease)
        said = [one for batch in planned.batches for one in await self.poller._ask(account, batch, 0) or ()]
        self.poller._record(account, lease, said)
        self.poller._release(lease)
        return len(said)

    def hold_answers(self, source: str) -> "Held":
        """From now on the answers of `source` are on their way until `go` is set."""
        held, client = Held(), self.poller.accounts[source].client.client

        async def wait(_response: httpx.Response) -> None:
            held.reached.set()
            await held.go.wait()

        client.event_hooks = {"response": [wait]}
        return held

    def shortened(self, key: int, *, by: int) -> Life:
        """The parcel's life without its last lines."""
        life = self.lives[key] = replace(self.lives[key], events=self.lives[key].events[:-by])
        return life

    def work(self) -> None:
        """Let detection, alerting and queue do everything that waits for them."""
        for stage in self.stages:
            while stage.run_once():
                pass

    def pauses_end(self) -> None:
        """What sources asked to wait for in real time is over."""
        with self.store.write() as connection:
            connection.execute(sa.update(account_state).values(rate_tat=0.0))

    def real_time_passes(self) -> None:
        """Pauses end, and breakers that are open become half-open."""
        with self.store.write() as connection:
            connection.execute(sa.update(account_state).values(breaker_until=0.0, rate_tat=0.0))

    async def step(self, by: timedelta) -> None:
        """The clock moves on, and everybody does what is due."""
        self.clock.advance(by)
        self.real_time_passes()
        await self.poll()
        self.work()

    # what stands

    def calls(self) -> int:
        """How many calls the sandbox has seen."""
        return sum(self.world.counts.values())

    def watch(self, key: int) -> Watch:
        """The watch of one shipment."""
        with self.store.read() as connection:
            found = watches.watch_of(connection, key)
        assert found is not None
        return found

    def standing(self, source: str) -> AccountStanding:
        """How one account stands."""
        with self.store.read() as connection:
            return accounts.standing(connection, source)

    def outcomes(self, keys: Iterable[int]) -> list[PollOutcome]:
        """How the last question about each ended."""
        with self.store.read() as connection:
            return [polls.latest(connection, key)[0].outcome for key in keys]

    def lines(self, key: int) -> list[tuple[datetime, str]]:
        """The standing lines of one shipment as (moment, text)."""
        with self.store.read() as connection:
            return [(line.occurred_at, line.text) for line in scans.standing(connection, [key])[key]]

    def truth(self, key: int) -> list[tuple[datetime, str]]:
        """What its carrier would print now."""
        life = self.lives[key]
        return [(life.moment(event), event.text) for event in life.seen_at(self.clock.now())]

    def raised(self) -> Counter[str]:
        """All alerts there ever were, by rule."""
        with self.store.read() as connection:
            return Counter(connection.scalars(sa.select(alert.c.rule)))

    def found(self, *, open_only: bool = True) -> Counter[tuple[str, str | None]]:
        """All findings, by rule and what holds them back."""
        query = sa.select(finding.c.rule, finding.c.suppressed_by)
        if open_only:
            query = query.where(finding.c.ended_at.is_(None))
        with self.store.read() as connection:
            return Counter((row.rule, row.suppressed_by) for row in connection.execute(query))

    def work_items(self) -> int:
        """All work items there ever were."""
        with self.store.read() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(work_item)).scalar_one())

    def asked(self) -> Counter[int]:
        """How often each shipment was asked about, with an answer or without."""
        with self.store.read() as connection:
            return Counter(connection.scalars(sa.select(poll.c.shipment_id)))

    def doubled(self) -> list[tuple[int, str]]:
        """Lines that stand twice, by shipment and text; a healthy store has none."""
        query = (
            sa.select(scan.c.shipment_id, scan.c.text)
            .group_by(scan.c.shipment_id, scan.c.occurred_at, scan.c.text)
            .having(sa.func.count() > 1)
        )
        with self.store.read() as connection:
            return [(row.shipment_id, row.text) for row in connection.execute(query)]

    def waiting(self) -> int:
        """How many watches are due or wait for detection."""
        now = self.clock.now()
        query = sa.select(sa.func.count()).where(
            sa.or_(watch.c.next_poll_at <= now, watch.c.evaluate_at <= now)
        )
        with self.store.read() as connection:
            return int(connection.execute(query.select_from(watch)).scalar_one())

    def private_words(self) -> set[str]:
        """Everything in the store that is about a person: recipients, phones, addresses, couriers, stations."""
        query = sa.select(
            shipment.c.recipient, shipment.c.phone, shipment.c.second_phone, shipment.c.address,
        )  # fmt: skip
        printed = sa.select(
            scan.c.courier_name, scan.c.courier_phone, scan.c.station_phone, scan.c.signed_by, scan.c.pickup_code,
            scan.c.text,
        )  # fmt: skip
        with self.store.read() as connection:
            rows = [*connection.execute(query), *connection.execute(printed)]
        return {cell for row in rows for cell in row if cell and len(cell) > 1}


@asynccontextmanager
async def a_scene(
    store: Store, clock: ManualClock, *, sockets: bool = True, **changes: Any
) -> AsyncIterator[Scene]:
    """A scene whose server and client close with it. `changes` are those of the poller's patience.

    Without `sockets` the sandbox answers in this process: quicker, but it can neither be slow nor hang up.
    """
    world = World(now=clock.now, limits=UNLIMITED)
    with store.write() as connection:
        accounts.ensure(connection, {source: source for source in SOURCES})
    async with _wire(world, sockets=sockets) as (url, made):
        poller = a_poller(store, clock, polled_accounts(url, made), **changes)
        packs = load_packs()
        stages = (
            Detection(store, clock, packs),
            Alerting(store, clock, packs, accounts.broken),
            Queueing(store, clock),
        )
        yield Scene(store, clock, world, url, poller, stages)


@asynccontextmanager
async def a_scene_on(url: str, clock: ManualClock, **changes: Any) -> AsyncIterator[Scene]:
    """A scene on a database of its own, migrated as the daemon would."""
    store = open_store(url)
    schema.upgrade(store)
    async with a_scene(store, clock, **changes) as scene:
        yield scene
    store.close()


def a_poller(
    store: Store,
    clock: ManualClock,
    polled: Mapping[str, PolledAccount],
    *,
    owner: str = "me",
    **changes: Any,
) -> Poller:
    """A poller of its own on these accounts."""
    patience = replace(Patience(), **changes)
    return Poller(store, clock, polled, owner=owner, patience=patience, metrics=Metrics.create())


@asynccontextmanager
async def _wire(world: World, *, sockets: bool) -> AsyncIterator[tuple[str, httpx.AsyncClient]]:
    """The sandbox's address, and a client that reaches it."""
    if sockets:
        async with serving(world) as url, clients() as made:
            yield url, made
        return
    app = create_app(world, client=_nobody())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as made:
        yield "http://sandbox", made
    await app.state.pushes.client.aclose()


@asynccontextmanager
async def clients() -> AsyncIterator[httpx.AsyncClient]:
    """One impatient HTTP client for all sources."""
    async with httpx.AsyncClient(
        transport=AiohttpTransport(limits=httpx.Limits(max_connections=50)),
        timeout=httpx.Timeout(READ_SECONDS, connect=5, pool=30),
    ) as client:
        yield client


def polled_accounts(url: str, client: httpx.AsyncClient, **changes: Any) -> dict[str, PolledAccount]:
    """Every source's account at the sandbox at `url`; `changes` are fields of `PolledAccount`."""
    return {
        account.source: replace(
            polled_account(account, client, url=url, timetable=EVERY_THREE_HOURS, attempts=1), **changes
        )
        for account in ACCOUNTS
    }
