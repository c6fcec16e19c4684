"""The whole thing against invented carriers on a fast clock: a newcomer sees parcels fail, and be queued, in a minute.

Starts the sandbox as a process of its own, imports its order file, runs the daemon with its console, and at the end
holds what was alerted against what the sandbox knows to be true.
"""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import httpx
from rich.console import Console
from rich.table import Table

from carriers.contract import SHANGHAI
from watcher.app import Watcher, build_watcher, listen, routing
from watcher.clock import FastClock
from watcher.detection.table import name
from watcher.intake.importing import import_file
from watcher.intake.regions import Regions
from watcher.model import PollWay, RouteReason, Rule
from watcher.polling.history import history_of
from watcher.queue.contacts import Who, contacts
from watcher.queue.playbooks import Playbooks
from watcher.routing import Choice, Routes
from watcher.settings import (
    AccountSettings,
    Alerting,
    Coverage,
    Data,
    Detection,
    Polling,
    QueueSettings,
    Settings,
    Web,
    secret_variable,
)
from watcher.source_accounts import address_to_enter, push_secret, source_account
from watcher.store import scans, shipments
from watcher.store.alert_summary import RaisedAlert, raised
from watcher.store.engine import Store
from watcher.store.polls import count_by_account
from watcher.telemetry import configure_logging

SPEED = 1800.0
"""Half an hour for every second."""
PARCELS = 320
_PARCELS_OF_EVERY = 1456
_ROUNDS_OF_EVERY = 26
SPREAD_DAYS = 6.0
_FEW_SOURCES = ("sf", "zto", "kuaidi100")
_FEW_CARRIERS = ("sf", "zto", "yto", "sto", "yunda", "jt")
_TICK = 0.25
_IN_VAIN = frozenset({Rule.RECIPIENT_UNREACHABLE, Rule.REFUSED, Rule.OUT_OF_AREA, Rule.PICKUP_ONLY})


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The running sandbox: its address, its order file, and its accounts by source. `every` source is to be asked."""

    url: str
    orders: Path
    accounts: Mapping[str, Mapping[str, str]]
    every: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """How often one source was asked and called us, and what was alerted about its parcels, by rule."""

    polls: int
    pushes: int
    alerts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was alerted, held against the truth.

    `with_courier_phone` counts alerts with somebody to call on the carrier's side, `own_courier` (by rule) those where
    it is the courier's own number and not the station's, the branch's or the hotline's. `by_source` tells how often
    each source was asked and called us, and what was alerted about its parcels.
    """

    alerts: Mapping[str, Mapping[str, int]]
    own_courier: Mapping[str, int]
    shipments: int
    polls: int
    false_alarms: tuple[str, ...]
    by_source: Mapping[str, Told]

    def as_json(self) -> str:
        """One line."""
        return json.dumps(
            {
                "alerts": self.alerts,
                "shipments": self.shipments,
                "polls": self.polls,
                "false_alarms": len(self.false_alarms),
                "by_source": {source: asdict(told) for source, told in self.by_source.items()},
            }
        )


def run_demo(*, seconds: float | None, headless: bool, every: bool, port: int, json: bool) -> int:
    """Run the demo for `seconds` (until Ctrl-C without) and sum up; gives the exit code.

    With `every`, each source has its share of the parcels: those of one carrier go by lot to all that answer for it.
    """
    configure_logging("error", "auto")
    say = Console(stderr=True, quiet=json and headless)
    duration = seconds if seconds is not None or not headless else 45.0
    for number in _stops():
        # also before and after the watching: nothing is left behind
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="parcel-watcher-demo-") as folder:
        clock = _clock()
        with _sandbox(Path(folder), clock, every=every) as sandbox:
            judged = asyncio.run(_run(sandbox, clock, Path(folder), port=port, seconds=duration, say=say))
    if json:
        sys.stdout.write(judged.as_json() + "\n")
    else:
        _print(judged)
    return 0


def _stops() -> tuple[signal.Signals, ...]:
    """What ends the demo; a terminal that closes does not where somebody said so (nohup)."""
    hung_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    return (signal.SIGINT, signal.SIGTERM, *hung_up)


def _clock() -> FastClock:
    """Seven in the morning in Shanghai, when the couriers' day begins."""
    real = datetime.now(UTC)
    morning = real.astimezone(SHANGHAI).replace(hour=7, minute=0, second=0, microsecond=0)
    return FastClock(real_start=real, fake_start=morning.astimezone(UTC), speed=SPEED)


@contextmanager
def _sandbox(folder: Path, clock: FastClock, *, every: bool) -> Iterator[Sandbox]:
    parcels = _PARCELS_OF_EVERY if every else PARCELS
    command = [
        sys.executable, "-m", "carriers.sandbox", "--json", "--port", "0",
        "--parcels", str(parcels), "--spread-days", str(SPREAD_DAYS), "--speed", str(clock.speed),
        "--fake-start", clock.fake_start.isoformat(), "--real-start", clock.real_start.isoformat(),
        "--orders", str(folder / "orders.csv"), "--until-input-ends",
        *(("--rounds", str(_ROUNDS_OF_EVERY)) if every else ("--carriers", ",".join(_FEW_CARRIERS))),
    ]  # fmt: skip
    # Ctrl-C in a terminal goes to everybody in it, and the sandbox is still to be asked for the truth; the end of its
    # input tells it when we are killed
    process = subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        ready = json.loads(process.stdout.readline() or "null")
        if ready is None:
            raise RuntimeError("the sandbox did not start")
        asked = ready["accounts"] if every else {name: ready["accounts"][name] for name in _FEW_SOURCES}
        yield Sandbox(ready["url"], Path(ready["orders"]), asked, every)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()


def _settings(sandbox: Sandbox, folder: Path, *, port: int) -> Settings:
    accounts = {
        f"{source}-demo": AccountSettings(
            source=source,
            base_url=account["base_url"],
            rate_per_second=400,
            burst=50,
            push=True,
        )
        for source, account in sandbox.accounts.items()
    }
    return Settings(
        data=Data(folder=str(folder)),
        web=Web(port=port, public_url=f"http://127.0.0.1:{port}"),
        polling=Polling(tick_seconds=_TICK, first_look_spread_minutes=60, batches_at_once=8),
        detection=Detection(tick_seconds=_TICK),
        alerting=Alerting(tick_seconds=_TICK),
        queue=QueueSettings(tick_seconds=_TICK, claim_minutes=15 * SPEED),
        coverage=Coverage(tick_seconds=1),
        accounts=accounts,
    )


def _secrets(sandbox: Sandbox) -> dict[str, str]:
    return {
        secret_variable(f"{source}-demo", name): value
        for source, account in sandbox.accounts.items()
        for name, value in account.items()
        if name != "base_url"
    }


async def _run(
    sandbox: Sandbox, clock: FastClock, folder: Path, *, port: int, seconds: float | None, say: Console
) -> Judged:
    settings = _settings(sandbox, folder, port=_free(port))
    secrets = _secrets(sandbox)
    watcher = build_watcher(settings, environ=secrets, clock=clock)
    _enter_addresses(sandbox, settings, secrets)
    routes = routing(settings)
    report = await asyncio.to_thread(
        import_file,
        watcher.store,
        sandbox.orders,
        clock=clock,
        regions=Regions.load(),
        account_for=_shared_out(routes) if sandbox.every else routes.for_order,
        rejects=folder / "rejects.csv",
        spread=timedelta(minutes=settings.polling.first_look_spread_minutes),
    )
    say.print(f"console  {watcher.url}")
    say.print(f"sign in  admin, password {watcher.first_admin()}")
    say.print(f"parcels  {report.created} imported; one second here is half an hour there")
    stop = asyncio.Event()
    async with _stopping(stop, seconds):
        telling = asyncio.create_task(_tell(watcher, stop, say))
        await watcher.run(stop)
        await telling
        truth = await asyncio.to_thread(_truth, sandbox)
        sources = {name: account.source for name, account in settings.accounts.items()}
        judged = await asyncio.to_thread(_judge, watcher.store, truth, sources)
    watcher.store.close()
    return judged


def _enter_addresses(sandbox: Sandbox, settings: Settings, secrets: Mapping[str, str]) -> None:
    """What a merchant does by hand: tell the vendors' consoles where to push."""
    for account_id, account in settings.accounts.items():
        ours = source_account(settings, account_id, secrets)
        address = address_to_enter(settings, ours)
        if address:
            entered = {"source": account.source, "callback_url": address, "secret": push_secret(ours)}
            httpx.post(f"{sandbox.url}/sandbox/consoles", json=entered, timeout=10).raise_for_status()


def _shared_out(routes: Routes) -> Callable[[str, bool], Choice | None]:
    """The accounts of a carrier by lot, the same each time, whatever is the best: the troubles of made worlds come in
    turns, and would meet the same accounts again and again."""
    lot = Random(1)  # noqa: S311 - invented parcels

    def account_for(carrier: str, _has_tail: bool) -> Choice | None:  # noqa: FBT001 - the shape that intake asks for
        listed = routes.by_carrier.get(carrier)
        return Choice(lot.choice(listed).account, RouteReason.FIRST_CHOICE) if listed else None

    return account_for


def _free(port: int) -> int:
    """`port`, or for 0 a free one: the sandbox must know beforehand where to push."""
    if port:
        return port
    with listen("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])


@asynccontextmanager
async def _stopping(stop: asyncio.Event, seconds: float | None) -> AsyncIterator[None]:
    """Sets `stop` after the time, or on any of `_stops()`."""
    loop = asyncio.get_running_loop()
    for number in (numbers := _stops()):
        loop.add_signal_handler(number, stop.set)
    timer = None if seconds is None else loop.call_later(seconds, stop.set)
    try:
        yield
    finally:
        if timer is not None:
            timer.cancel()
        for number in numbers:
            loop.remove_signal_handler(number)


async def _tell(watcher: Watcher, stop: asyncio.Event, say: Console) -> None:
    """Say each alert as it is raised."""
    told = 0
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1)
        for key, alert in await asyncio.to_thread(_raised, watcher.store, told):
            told = key
            local = alert.raised_at.astimezone(SHANGHAI)
            words = name(alert.rule, language="en")
            say.print(f"{local:%d %b %H:%M}  {words:24} {alert.carrier} {alert.tracking_number}")


def _raised(store: Store, after: int = 0) -> list[tuple[int, RaisedAlert]]:
    with store.read() as connection:
        return raised(connection, after=after)


def _truth(sandbox: Sandbox) -> dict[tuple[str, str], frozenset[str]]:
    """What should be alerted, by carrier and tracking number, in the sandbox's own words."""
    parcels = httpx.get(f"{sandbox.url}/sandbox/truth", timeout=10).json()["parcels"]
    return {
        (parcel["carrier"], parcel["tracking_number"]): frozenset(parcel["expected"]) for parcel in parcels
    }


def right_alerts(expected: Collection[str]) -> frozenset[str]:
    """The alerts that are true of a parcel with these troubles: the blunt one too where the courier was at the door in
    vain, because nobody answered, it was refused, or the place is not delivered to."""
    vain = not _IN_VAIN.isdisjoint(expected)
    return frozenset(expected) | (frozenset({Rule.FAILED_ATTEMPT.value}) if vain else frozenset())


def _judge(
    store: Store, truth: Mapping[tuple[str, str], frozenset[str]], sources: Mapping[str, str]
) -> Judged:
    desks = Playbooks.load().desk_phones
    alerts = [alert for _, alert in _raised(store)]
    ids = {alert.shipment_id for alert in alerts}
    with store.read() as connection:
        parcels = shipments.by_ids(connection, ids)
        lines = scans.standing(connection, ids)
        asked = count_by_account(connection)
    table = {rule.value: {"count": 0, "with_recipient_phone": 0, "with_courier_phone": 0} for rule in Rule}
    own: Counter[str] = Counter()
    for alert in alerts:
        parcel = parcels[alert.shipment_id]
        people = contacts(parcel, history_of(lines[alert.shipment_id]), desks.get(parcel.carrier))
        row = table[alert.rule]
        row["count"] += 1
        row["with_recipient_phone"] += bool(people.recipient)
        row["with_courier_phone"] += bool(people.courier)
        own[alert.rule] += any(contact.who is Who.COURIER for contact in people.courier)
    wrong = [
        alert
        for alert in alerts
        if alert.rule not in right_alerts(truth[alert.carrier, alert.tracking_number])
    ]
    return Judged(
        alerts={rule: row for rule, row in table.items() if row["count"]},
        own_courier=own,
        shipments=len(truth),
        polls=sum(asked.values()),
        false_alarms=tuple(f"{alert.rule} {alert.carrier} {alert.tracking_number}" for alert in wrong),
        by_source={
            source: Told(
                polls=asked.get((account, PollWay.POLL), 0),
                pushes=asked.get((account, PollWay.PUSH), 0),
                alerts=dict(Counter(alert.rule for alert in alerts if alert.account == account)),
            )
            for account, source in sources.items()
        },
    )


def _print(judged: Judged) -> None:
    """The summary as a table on stdout."""
    table = Table(title=f"{judged.shipments} parcels, {judged.polls} questions and pushes")
    for heading in ("alert", "raised", "recipient to call", "carrier to call", "of it the courier"):
        table.add_column(heading, justify="left" if heading == "alert" else "right")
    for rule, row in judged.alerts.items():
        numbers = (*row.values(), judged.own_courier.get(rule, 0))
        table.add_row(name(Rule(rule), language="en"), *map(str, numbers))
    console = Console()
    console.print(table)
    console.print(_by_source(judged))
    console.print(f"false alarms: {len(judged.false_alarms)}")
    for alarm in judged.false_alarms:
        console.print(f"  {alarm}")


def _by_source(judged: Judged) -> Table:
    table = Table(title="who told it")
    for heading in ("source", "asked", "called us", "alerts"):
        table.add_column(heading, justify="left" if heading == "source" else "right")
    for source, told in judged.by_source.items():
        table.add_row(source, *map(str, (told.polls, told.pushes, sum(told.alerts.values()))))
    return table
