"""Everything the vendors' players share: the lives, the time, what went wrong on command, and what was counted.

`made_world` fills one with lives that are at every stage at once. The lives and locks run on the world's clock
(`now`), rate limits and faults on real time.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any

from carriers.sandbox.casting import CARRIERS, ROUNDS, cast
from carriers.sandbox.faults import FaultBox
from carriers.sandbox.life import Life
from carriers.sandbox.limits import Limit, Turnstile, Verdict
from carriers.sandbox.locks import Locks
from carriers.sandbox.orders import Order
from carriers.sandbox.subscribers import Subscriber


class Outcome(StrEnum):
    """How one call ended, from the vendor's side."""

    ANSWERED = "answered"
    SIGNATURE_REFUSED = "signature_refused"
    CALL_REFUSED = "call_refused"  # malformed, too many numbers, an unknown service
    NUMBER_REFUSED = "number_refused"  # no such number can exist
    TAIL_REFUSED = "tail_refused"
    NOTHING_YET = "nothing_yet"
    OLD_DATA = "old_data"  # asked again too soon
    RATE_LIMITED = "rate_limited"
    SUBSCRIBED = "subscribed"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class FastNow:
    """A clock `speed` times as fast as real time that showed `fake_start` at `real_start`.

    A pure function of real time: two processes that are given the same three values agree.
    """

    real_start: datetime
    fake_start: datetime
    speed: float

    def __call__(self) -> datetime:
        """The made moment, UTC."""
        return self.fake_start + (datetime.now(UTC) - self.real_start) * self.speed


def real_now() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class World:
    """The parcels and the state of the vendors' counters. `now` tells the world's time, `real` real seconds.

    `limits` holds, by source, what stands in place of the limit that its player keeps; `consoles` the address that a
    merchant entered in a vendor's console, `console_secrets` what it was told to sign with; `subscribers` who is called
    about what, by source and then by the vendor's carrier and the number; `tokens` when each that was issued runs out,
    in real seconds.
    """

    now: Callable[[], datetime] = real_now
    real: Callable[[], float] = time.time
    limits: Mapping[str, Limit] = field(default_factory=dict)
    lives: dict[tuple[str, str], Life] = field(default_factory=dict)
    orders: dict[tuple[str, str], Order] = field(default_factory=dict)
    counts: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    consoles: dict[str, str] = field(default_factory=dict)
    console_secrets: dict[str, str] = field(default_factory=dict)
    subscribers: dict[str, dict[tuple[str, str], Subscriber]] = field(default_factory=dict)
    tokens: dict[tuple[str, str], float] = field(default_factory=dict)
    locks: Locks = field(default_factory=Locks)
    faults: FaultBox = field(init=False)
    _tokens_issued: int = field(init=False, default=0)
    _turnstiles: dict[str, Turnstile] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Faults run on this world's real time."""
        self.faults = FaultBox(self.real)

    def add(self, life: Life, order: Order | None = None) -> None:
        """Take in a life (its events are put in order of time), in place of one with the same number."""
        key = (life.carrier, life.tracking_number)
        self.lives[key] = replace(life, events=tuple(sorted(life.events, key=attrgetter("after"))))
        if order is not None:
            self.orders[key] = order

    def find(self, carrier: str, tracking_number: str) -> Life | None:
        """The life behind a number, also one that is not born yet."""
        return self.lives.get((carrier, tracking_number))

    def subscribe(self, source: str, carrier: str, number: str, **said: Any) -> bool:
        """Remember that somebody wants to be called, with what was `said` about it (fields of `Subscriber`).

        Gives whether that is new: a subscription that stands, or that ended, stays as it is.
        """
        known, now = self.subscribers.setdefault(source, {}), self.now()
        if (carrier, number) in known:
            return False
        known[carrier, number] = Subscriber(carrier, number, now, now, **said)
        return True

    def issue_token(self, source: str, lasts: timedelta) -> str:
        """A new token that lets a caller in for so long, on real time; the ones before it stand, too."""
        self._tokens_issued += 1
        token = f"{source}-token-{self._tokens_issued:06d}"
        self.tokens[source, token] = self.real() + lasts.total_seconds()
        return token

    def lets_in(self, source: str, authorization: str) -> bool:
        """Whether this `Authorization` header bears a token of the source that has not run out."""
        token = authorization.removeprefix("Bearer ")
        return token != authorization and self.tokens.get((source, token), 0.0) > self.real()

    def enter(self, source: str, usual: Limit) -> Verdict:
        """Count a call of `source` against its limit: the usual one, unless this world has another."""
        turnstile = self._turnstiles.get(source)
        if turnstile is None:
            turnstile = self._turnstiles[source] = Turnstile(self.limits.get(source, usual), self.real)
        return turnstile.enter()

    def count(self, source: str, outcome: Outcome) -> None:
        """Remember how a call ended."""
        self.counts[source, outcome] += 1


def made_world(
    count: int,
    seed: int,
    now: Callable[[], datetime] = real_now,
    *,
    carriers: Sequence[str] = CARRIERS,
    spread_days: float = 6.0,
    limits: Mapping[str, Limit] | None = None,
    rounds: int = ROUNDS,
) -> World:
    """A world of `count` lives born over the last `spread_days` before now; the same for the same seed and moment."""
    world = World(now=now, limits=limits or {})
    start = now().astimezone(UTC).replace(microsecond=0)
    for life, order in cast(
        count, seed, start=start, carriers=carriers, spread_days=spread_days, rounds=rounds
    ):
        world.add(life, order)
    return world
