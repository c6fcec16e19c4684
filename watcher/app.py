"""Builds every object of the daemon and puts them together: the only place that knows everybody."""

import asyncio
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import structlog
import uvicorn
from httpx_aiohttp import AiohttpTransport

from carriers.contract import CarrierInfo, Milestone
from carriers.reading.reader import Reader
from carriers.registry import SOURCES, confirming, pushing, source, subscribing, token_bearing
from watcher import __version__, staff
from watcher.alerting.stage import Alerting
from watcher.clock import Clock, FastClock, SystemClock
from watcher.coverage.stage import Covering
from watcher.detection.packs import load_packs
from watcher.detection.stage import Detection
from watcher.engine.local import LocalEngine, Loop, in_thread
from watcher.labelling.desk import LabelDesk
from watcher.labelling.known import KnownLabels
from watcher.labelling.replay import Replaying
from watcher.labelling.tables import reader_of
from watcher.measuring import Measuring
from watcher.model import Rule
from watcher.polling.asking import SourceClient
from watcher.polling.poller import Patience, PolledAccount, Poller
from watcher.polling.pushes import PushedAccount, Pushes
from watcher.polling.recording import Recorder
from watcher.polling.rerouting import Rerouting
from watcher.polling.schedule import Timetable
from watcher.polling.tokens import BearerAuth
from watcher.queue.playbooks import Playbooks
from watcher.queue.stage import Queueing
from watcher.queue.work import Desk
from watcher.routing import Route, Routes, routes_of
from watcher.settings import AccountSettings, Settings, SettingsError
from watcher.source_accounts import is_called_back, push_address, source_account
from watcher.store import accounts, assigning, schema
from watcher.store.engine import Store, open_store
from watcher.telemetry import Metrics
from watcher.web.services import Services
from watcher.web.site import create_site

log = structlog.get_logger()

_MEASURES_EVERY = 15.0
_HALTS = timedelta(seconds=5)
_BACKLOG = 2048


def prepare_store(settings: Settings) -> Store:
    """Open the database and bring its tables up to date."""
    store = open_store(settings.database_url)
    schema.upgrade(store)
    return store


def enabled_accounts(settings: Settings) -> dict[str, AccountSettings]:
    """The accounts in use, in the order of the configuration."""
    return {name: account for name, account in settings.accounts.items() if account.enabled}


def carriers_of(account: AccountSettings) -> tuple[str, ...]:
    """The carriers one account answers for; raises `SettingsError` for one that its source does not know."""
    known = source(account.source).INFO.carriers
    unknown = [carrier for carrier in account.carriers if carrier not in known]
    if unknown:
        raise SettingsError(
            f"accounts: source {account.source!r} does not answer for {', '.join(unknown)}; "
            f"it answers for {', '.join(sorted(known))}"
        )
    return account.carriers or tuple(known)


def routing(settings: Settings) -> Routes:
    """Which accounts can be asked about each carrier, the preferred first."""
    return routes_of(
        Route(
            account=name,
            carrier=carrier,
            own=carrier == account.source,
            wants_tail=carrier in source(account.source).INFO.phone_tail_carriers,
            fen_per_call=account.fen_per_call,
        )
        for name, account in enabled_accounts(settings).items()
        for carrier in carriers_of(account)
    )


def timetable(settings: Settings) -> Timetable:
    """The schedule's table from the settings."""
    polling, minutes = settings.polling, settings.polling.minutes
    ended = timedelta(minutes=minutes.delivered)
    by_name = {milestone: getattr(minutes, milestone, minutes.delivered) for milestone in Milestone}
    return Timetable(
        intervals={milestone: timedelta(minutes=value) for milestone, value in by_name.items()}
        | dict.fromkeys((Milestone.RETURNED, Milestone.CANCELLED), ended),
        not_found_yet=timedelta(minutes=minutes.pre_transit),
        refused_number=timedelta(minutes=polling.refused_number_minutes),
        retry=timedelta(minutes=polling.retry_minutes),
        retry_at_most=timedelta(minutes=polling.retry_longest_minutes),
        safety_net=timedelta(minutes=polling.safety_net_minutes),
        ask_elsewhere=timedelta(minutes=polling.ask_elsewhere_minutes),
        quiet_from=time(polling.quiet_from_hour % 24),
        quiet_until=time(polling.quiet_until_hour % 24),
        settle=timedelta(hours=polling.settle_hours),
        give_up=timedelta(days=polling.give_up_days),
    )


def build_watcher(
    settings: Settings, *, environ: Mapping[str, str] = os.environ, clock: Clock | None = None
) -> "Watcher":
    """Put the daemon together on an opened and migrated database; starts nothing."""
    reader = reader_of(settings)
    store = prepare_store(settings)
    return _Builder(
        settings=settings,
        environ=environ,
        clock=clock or SystemClock(),
        store=store,
        metrics=Metrics.create(),
        reader=reader,
    ).watcher()


@dataclass(frozen=True, slots=True)
class Watcher:
    """The whole daemon, ready to run."""

    settings: Settings
    store: Store
    clock: Clock
    metrics: Metrics
    engine: LocalEngine
    poller: Poller
    clients: tuple[SourceClient, ...]
    server: uvicorn.Server
    listener: socket.socket

    @property
    def url(self) -> str:
        """Where the console is."""
        host, port = self.listener.getsockname()[:2]
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 - compared, not bound

    def first_admin(self) -> str | None:
        """The password of the first administrator, where nobody may sign in yet; told only once."""
        return staff.first_admin(self.store, SystemClock())

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then finish what is under way; the store stays open."""
        serving = asyncio.create_task(self.server.serve(sockets=[self.listener]))
        stopping = asyncio.create_task(stop.wait())
        self.engine.start()
        log.info("watcher_started", version=__version__, accounts=len(self.clients))
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await self._halt(serving)
        stopping.cancel()

    async def _halt(self, serving: "asyncio.Task[None]") -> None:
        log.info("watcher_stopping")
        await asyncio.gather(self.engine.stop(), self.poller.drain())
        self.server.should_exit = True
        await serving
        for client in self.clients:
            await client.client.aclose()
        log.info("watcher_stopped")


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: who runs the daemon decides when it stops."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@dataclass(frozen=True, slots=True)
class _Builder:
    """Everything the parts have in common while they are put together."""

    settings: Settings
    environ: Mapping[str, str]
    clock: Clock
    store: Store
    metrics: Metrics
    reader: Reader
    labels: KnownLabels = field(default_factory=KnownLabels)

    def watcher(self) -> Watcher:
        """All parts, put together."""
        polled = {name: self._polled(name, account) for name, account in self._accounts().items()}
        self._register(polled)
        poller = self._poller(polled)
        pushes = Pushes(self.store, self.clock, self._pushed(polled), self.metrics)
        loops = self._loops(poller, pushes)
        server, listener = self._server(pushes, loops)
        return Watcher(
            settings=self.settings,
            store=self.store,
            clock=self.clock,
            metrics=self.metrics,
            engine=LocalEngine(self.store, self.metrics, loops),
            poller=poller,
            clients=tuple(account.client for account in polled.values()),
            server=server,
            listener=listener,
        )

    def _accounts(self) -> dict[str, AccountSettings]:
        return enabled_accounts(self.settings)

    def _polled(self, name: str, account: AccountSettings) -> PolledAccount:
        info = source(account.source).INFO
        return PolledAccount(
            client=self._client(name, account),
            recorder=self._recorder(name, account, info),
            rate_per_second=account.rate_per_second or info.rate_per_second,
            burst=account.burst or info.burst,
            tells_first=(adapter := pushing(account.source)) is not None and adapter.PUSH.before_asking,
        )

    def _client(self, name: str, account: AccountSettings) -> SourceClient:
        adapter, ours = source(account.source), source_account(self.settings, name, self.environ)
        bearing = token_bearing(account.source)
        return SourceClient(
            account=ours,
            adapter=adapter,
            client=self._http(),
            auth=BearerAuth(bearing, ours) if bearing else None,
            # as many batches as are asked at once may fall apart at once
            seconds_between_calls=self.settings.polling.batches_at_once
            / (account.rate_per_second or adapter.INFO.rate_per_second),
            seconds_for_one_call=self.settings.polling.connect_seconds
            + 2 * self.settings.polling.read_seconds,
        )

    def _http(self) -> httpx.AsyncClient:
        """The one factory of HTTP clients: the limits go on the transport."""
        polling = self.settings.polling
        limits = httpx.Limits(
            max_connections=polling.batches_at_once + 2, max_keepalive_connections=polling.batches_at_once
        )
        return httpx.AsyncClient(
            transport=AiohttpTransport(limits=limits),
            timeout=httpx.Timeout(polling.read_seconds, connect=polling.connect_seconds),
        )

    def _recorder(self, name: str, account: AccountSettings, info: CarrierInfo) -> Recorder:
        carriers = carriers_of(account)
        return Recorder(
            account=name,
            source=account.source,
            reader=self.reader,
            timetable=timetable(self.settings),
            minimum_interval=info.minimum_interval,
            pushed_carriers=frozenset(carriers) if self._subscribes(account) else frozenset(),
            called_back=is_called_back(self.settings, account),
            routes=routing(self.settings),
            labels=self.labels,
        )

    def _pushes(self, account: AccountSettings) -> bool:
        """Whether the source calls us, or has to be told of a number before it can be asked."""
        adapter = pushing(account.source)
        if adapter is None:
            return False
        return adapter.PUSH.before_asking or is_called_back(self.settings, account)

    def _subscribes(self, account: AccountSettings) -> bool:
        return self._pushes(account) and subscribing(account.source) is not None

    def _pushed(self, polled: Mapping[str, PolledAccount]) -> dict[str, PushedAccount]:
        return {
            name: PushedAccount(
                client=polled[name].client,
                adapter=adapter,
                recorder=polled[name].recorder,
                subscriber=subscribing(account.source),
                confirmer=confirming(account.source),
                callback_url=push_address(self.settings, polled[name].client.account),
                rate_per_second=polled[name].rate_per_second,
                burst=polled[name].burst,
            )
            for name, account in self._accounts().items()
            if self._pushes(account) and (adapter := pushing(account.source)) is not None
        }

    def _poller(self, polled: Mapping[str, PolledAccount]) -> Poller:
        polling = self.settings.polling
        return Poller(
            store=self.store,
            clock=self.clock,
            accounts=polled,
            owner=f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}",
            patience=Patience(
                batches_at_once=polling.batches_at_once,
                lease_seconds=polling.lease_seconds,
                breaker_failures=polling.breaker_failures,
                breaker_open=timedelta(seconds=polling.breaker_open_seconds),
                breaker_longest=timedelta(seconds=polling.breaker_longest_seconds),
            ),
            metrics=self.metrics,
        )

    def _register(self, polled: Mapping[str, PolledAccount]) -> None:
        """Tell the database which accounts there are, and give them what nobody answered for so far."""
        sources = {name: account.client.account.source for name, account in polled.items()}
        now = self.clock.now()
        with self.store.write() as connection:
            accounts.ensure(connection, sources)
            assigning.reassign(connection, routing(self.settings), sources, now=now)

    def _loops(self, poller: Poller, pushes: Pushes) -> list[Loop]:
        settings, packs = self.settings, load_packs()
        detection = Detection(self.store, self.clock, packs, on_rule_error=self._rule_failed)
        alerting = Alerting(self.store, self.clock, packs, accounts.broken, on_decision=self._decided)
        queueing = Queueing(self.store, self.clock)
        covering = Covering(self.store, self.clock)
        return [
            Loop("poll", settings.polling.tick_seconds, poller.tick),
            Loop("subscribe", settings.polling.tick_seconds, pushes.tick),
            Loop(
                "reroute",
                settings.polling.tick_seconds,
                in_thread(Rerouting(self.store, self.clock, routing(settings)).run_once),
            ),
            Loop("replay", settings.reading.tick_seconds, in_thread(self._replaying().run_once)),
            Loop("detect", settings.detection.tick_seconds, in_thread(detection.run_once)),
            Loop("alert", settings.alerting.tick_seconds, in_thread(alerting.run_once)),
            Loop("queue", settings.queue.tick_seconds, in_thread(queueing.run_once)),
            Loop(
                "measure",
                _MEASURES_EVERY,
                in_thread(Measuring(self.store, self.clock, self.metrics).run_once),
            ),
            Loop("cover", settings.coverage.tick_seconds, in_thread(covering.run_once)),
        ]

    def _replaying(self) -> Replaying:
        return Replaying(
            self.store,
            self.clock,
            self.reader,
            most=self.settings.reading.unknown_texts_per_carrier,
            known=self.labels,
            on_dropped=self._dropped,
        )

    def _dropped(self, carrier: str, count: int) -> None:
        log.warning("unknown_texts_dropped", carrier=carrier, count=count)
        self.metrics.unknown_texts_dropped.labels(carrier=carrier).inc(count)

    def _rule_failed(self, rule: Rule, error: Exception) -> None:
        log.error("rule_broke", rule=rule, error=type(error).__name__, exc_info=error)
        self.metrics.rule_failed(rule)

    def _decided(self, decision: str, rule: str) -> None:
        self.metrics.alert_decided(rule, decision)

    def _server(self, pushes: Pushes, loops: list[Loop]) -> tuple[uvicorn.Server, socket.socket]:
        web = self.settings.web
        services = Services(
            store=self.store,
            clock=self.clock,
            desk=Desk(self.store, self.clock, timedelta(minutes=self.settings.queue.claim_minutes)),
            label_desk=LabelDesk(self.store, self.clock),
            registry=self.metrics.registry,
            receive_push=pushes.receive,
            sources={name: adapter.INFO for name, adapter in SOURCES.items()},
            version=__version__,
            playbooks=_playbooks(),
            session_hours=web.session_hours,
            cookie_secure=web.cookie_secure,
            demo_speed=self.clock.speed if isinstance(self.clock, FastClock) else None,
            loops=tuple(loop.name for loop in loops),
            public_hosts=frozenset({urlsplit(web.public_url).netloc} - {""}),
        )
        config = uvicorn.Config(
            create_site(services),
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=web.trusted_proxies,
            timeout_graceful_shutdown=int(_HALTS.total_seconds()),
        )
        return _Server(config), listen(web.host, web.port)


def _playbooks() -> Playbooks:
    """The playbooks that came with the program; a desk that only its adapter knows is called there."""
    books = Playbooks.load()
    known = {name: adapter.INFO.desk_phone for name, adapter in SOURCES.items()}
    desks = {name: phone for name, phone in known.items() if phone is not None}
    return Playbooks(books.by_rule, {**desks, **books.desk_phones})


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises `SettingsError` in words when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named as TCP, so that asyncio turns off the wait for more to send
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # at once: until somebody listens, others can have the same address
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"web: cannot listen on {host}:{port} ({error.strerror}); choose another with --port"
        ) from error
    return listener
