"""Accounts: who polls one (lease with a fence), how fast (GCRA), and whether it may be used at all (breaker).

All of it runs on the database's clock, so the limits hold over every process that shares the database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from watcher.model import Breaker
from watcher.store.tables import account_state
from watcher.store.upserts import upsert

_SQLITE_NOW = sa.literal_column("((julianday('now') - 2440587.5) * 86400.0)", sa.Float)
_POSTGRESQL_NOW = sa.literal_column("extract(epoch from clock_timestamp())::double precision", sa.Float)
# nothing is ever held so long: what lies further ahead was written before the clock was set back, and is over
_IMPOSSIBLE_SECONDS = 7200.0
# so many rounds without one answer, and the source is doubted, whether or not its breaker is open yet
_DOUBTED_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to poll one account; `fence` grows with every owner, so an old owner's writes can be told."""

    account: str
    owner: str
    fence: int


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """What the breaker says of one account, and since when it has been broken.

    `held_for` is how long its calls are held back by rate or at the source's wish.
    """

    account: str
    source: str
    breaker: Breaker
    blocked_for: timedelta
    held_for: timedelta
    failures_in_a_row: int
    last_error: str | None
    last_error_at: datetime | None
    last_answered_at: datetime | None
    broken_since: datetime | None


class LeaseLost(Exception):
    """Another worker owns the account now: what this one learnt is dropped and asked again."""


def real_now(connection: sa.Connection) -> sa.ColumnElement[float]:
    """The database's clock as an SQL expression, in seconds since 1970."""
    return _SQLITE_NOW if connection.dialect.name == "sqlite" else _POSTGRESQL_NOW


def ensure(connection: sa.Connection, sources: Mapping[str, str]) -> None:
    """Make sure that every configured account (id -> source) has its row."""
    if not sources:
        return
    rows = [
        {"account": account, "source": source, "breaker": Breaker.CLOSED}
        for account, source in sources.items()
    ]
    statement = upsert(connection, account_state)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["account"], set_={"source": statement.excluded.source}
        ),
        rows,
    )


def take_lease(connection: sa.Connection, account: str, *, owner: str, seconds: float) -> Lease | None:
    """The lease of a free account, or None while another worker holds it."""
    now = real_now(connection)
    fence = connection.execute(
        sa.update(account_state)
        .where(
            account_state.c.account == account,
            sa.or_(
                account_state.c.lease_until < now,
                account_state.c.lease_until > now + seconds + _IMPOSSIBLE_SECONDS,
            ),
        )
        .values(lease_owner=owner, lease_until=now + seconds, fence=account_state.c.fence + 1)
        .returning(account_state.c.fence)
    ).scalar_one_or_none()
    return None if fence is None else Lease(account=account, owner=owner, fence=fence)


def renew_lease(connection: sa.Connection, lease: Lease, *, seconds: float) -> AccountStanding:
    """Hold the lease for longer; raises `LeaseLost` when the fence has moved on."""
    _hold(connection, lease, {"lease_until": real_now(connection) + seconds})
    return standing(connection, lease.account)


def release_lease(connection: sa.Connection, lease: Lease) -> None:
    """Give the account free at once; nothing happens when the lease was lost."""
    connection.execute(
        sa.update(account_state)
        .where(account_state.c.account == lease.account, account_state.c.fence == lease.fence)
        .values(lease_owner=None, lease_until=0.0)
    )


def reserve(connection: sa.Connection, account: str, *, calls: int, rate: float, burst: int) -> float:
    """Reserve `calls` calls at `rate` a second (GCRA); gives the seconds to wait before the last of them."""
    now = real_now(connection)
    greatest = sa.func.max if connection.dialect.name == "sqlite" else sa.func.greatest
    furthest = now + _IMPOSSIBLE_SECONDS + calls / rate
    believed = sa.case((account_state.c.rate_tat > furthest, now), else_=account_state.c.rate_tat)
    wait = connection.execute(
        sa.update(account_state)
        .where(account_state.c.account == account)
        .values(rate_tat=greatest(believed, now - burst / rate) + calls / rate)
        .returning(account_state.c.rate_tat - now)
    ).scalar_one()
    return max(0.0, float(wait))


def hold_back(connection: sa.Connection, account: str, *, seconds: float) -> None:
    """The source asked for a pause: no call of this account before it is over, in two hours at most."""
    now, seconds = real_now(connection), min(seconds, _IMPOSSIBLE_SECONDS)
    connection.execute(
        sa.update(account_state)
        .where(account_state.c.account == account, account_state.c.rate_tat < now + seconds)
        .values(rate_tat=now + seconds)
    )


def record_answered(connection: sa.Connection, lease: Lease, *, at: datetime) -> bool:
    """The source answered: the breaker closes. Tells whether it had been broken; raises `LeaseLost`."""
    before = standing(connection, lease.account)
    _hold(
        connection,
        lease,
        {
            "breaker": Breaker.CLOSED,
            "breaker_until": 0.0,
            "failures_in_a_row": 0,
            "last_answered_at": at,
            "broken_since": None,
        },
    )
    return before.broken_since is not None


def record_failed(
    connection: sa.Connection, lease: Lease, *, error: str, at: datetime, opens_for: float | None
) -> bool:
    """The call failed; `opens_for` seconds (two hours at most) opens the breaker. Tells whether the account broke now.

    Raises `LeaseLost`.
    """
    before = standing(connection, lease.account)
    changes: dict[str, Any] = {
        "failures_in_a_row": account_state.c.failures_in_a_row + 1,
        "last_error": error,
        "last_error_at": at,
    }
    if opens_for is not None:
        changes |= {
            "breaker": Breaker.OPEN,
            "breaker_until": real_now(connection) + min(opens_for, _IMPOSSIBLE_SECONDS),
            "broken_since": sa.func.coalesce(account_state.c.broken_since, at),
        }
    _hold(connection, lease, changes)
    return opens_for is not None and before.broken_since is None


def standing(connection: sa.Connection, account: str) -> AccountStanding:
    """How one account stands now."""
    return standings(connection, [account])[0]


def standings(connection: sa.Connection, accounts: Iterable[str] | None = None) -> list[AccountStanding]:
    """How accounts stand now (all of them by default), by name."""
    now = real_now(connection)
    left = (account_state.c.breaker_until - now).label("left")
    held = (account_state.c.rate_tat - now).label("held")
    query = sa.select(account_state, left, held).order_by(account_state.c.account)
    if accounts is not None:
        query = query.where(account_state.c.account.in_(list(accounts)))
    return [_standing_of(row) for row in connection.execute(query)]


def broken(connection: sa.Connection) -> frozenset[str]:
    """The accounts whose source has been failing: their shipments are not blamed for it.

    Also those whose breaker is about to open: what a small account asks in one round has missed as often as its source.
    """
    failing = sa.or_(
        account_state.c.broken_since.is_not(None), account_state.c.failures_in_a_row >= _DOUBTED_FAILURES
    )
    query = sa.select(account_state.c.account).where(failing)
    return frozenset(connection.execute(query).scalars())


def _standing_of(row: sa.Row[Any]) -> AccountStanding:
    breaker = Breaker(row.breaker)
    if breaker is Breaker.OPEN and not 0 < row.left <= _IMPOSSIBLE_SECONDS:
        breaker = Breaker.HALF_OPEN
    return AccountStanding(
        account=row.account,
        source=row.source,
        breaker=breaker,
        blocked_for=timedelta(seconds=max(0.0, row.left)) if breaker is Breaker.OPEN else timedelta(0),
        held_for=timedelta(seconds=row.held if 0 < row.held <= _IMPOSSIBLE_SECONDS else 0),
        failures_in_a_row=row.failures_in_a_row,
        last_error=row.last_error,
        last_error_at=row.last_error_at,
        last_answered_at=row.last_answered_at,
        broken_since=row.broken_since,
    )


def _hold(connection: sa.Connection, lease: Lease, changes: Mapping[str, Any]) -> None:
    changed = connection.execute(
        sa.update(account_state)
        .where(
            account_state.c.account == lease.account,
            account_state.c.fence == lease.fence,
            # what was released must not be renewed by a straggler
            account_state.c.lease_owner == lease.owner,
        )
        .values(**changes)
    )
    if changed.rowcount != 1:
        raise LeaseLost(lease.account)
