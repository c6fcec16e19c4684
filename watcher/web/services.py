"""Everything the web part is given: built in one place by the app, looked up nowhere."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from prometheus_client import CollectorRegistry

from carriers.contract import CarrierInfo, PushReply, PushRequest
from watcher.clock import Clock, SystemClock
from watcher.labelling.desk import LabelDesk
from watcher.queue.playbooks import Playbooks
from watcher.queue.work import Desk
from watcher.store.engine import Store

ReceivePush = Callable[[str, PushRequest, str | None], Awaitable[PushReply]]
"""Takes the account, the call, and the end of the address that was called."""


@dataclass(frozen=True, slots=True)
class Services:
    """What pages and API work with.

    `clock` tells the time of scans and promises, `real_clock` that of sessions, reveals and loops. `sources` gives the
    names and desk phones by source id. `loops` are the loops that must tick; empty: those that ever did. `public_hosts`
    are further host names (with port) under which browsers reach us, behind a proxy that rewrites `Host`. Without
    `playbooks` those that came with the program are read. `demo_speed` is how many seconds of `clock` go by in a real
    one, where that is not one; pages say so.
    """

    store: Store
    clock: Clock
    desk: Desk
    label_desk: LabelDesk
    registry: CollectorRegistry
    receive_push: ReceivePush
    sources: Mapping[str, CarrierInfo]
    version: str
    real_clock: Clock = field(default_factory=SystemClock)
    session_hours: float = 12.0
    cookie_secure: bool = False
    reveals_per_hour: int = 60
    revealed_for: timedelta = timedelta(minutes=15)
    loops: tuple[str, ...] = ()
    public_hosts: frozenset[str] = frozenset()
    playbooks: Playbooks | None = None
    demo_speed: float | None = None
