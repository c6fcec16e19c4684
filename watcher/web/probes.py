"""What machines ask: `/healthz` (alive), `/readyz` (may be sent work), `/metrics` (aggregates only).

A loop counts as ticking while its last tick is younger than three of its periods and ten seconds, in real time.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from watcher.model import Breaker
from watcher.store import health
from watcher.store.engine import Store
from watcher.web.guard import Given, services_of

router = APIRouter(include_in_schema=False)
_PERIODS = 3
_GRACE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `detail` holds names of our parts only."""

    name: str
    ok: bool
    detail: str = ""


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def healthz(request: Request) -> JSONResponse:
    """The process is alive and serves; asks for no thread, because all may be busy with people."""
    return JSONResponse({"alive": True, "version": services_of(request).version})


@router.api_route("/readyz", methods=["GET", "HEAD"])
def readyz(services: Given) -> JSONResponse:
    """Whether database, loops and sources are well: 200 or 503, with each check."""
    checks = look(services.store, services.real_clock.now(), expected=services.loops)
    ready = all(check.ok for check in checks)
    body = {"ready": ready, "checks": [asdict(check) for check in checks]}
    return JSONResponse(body, status_code=200 if ready else 503)


@router.get("/metrics")
def metrics(services: Given) -> Response:
    """Counters and gauges, in the text format of Prometheus."""
    return Response(generate_latest(services.registry), headers={"content-type": CONTENT_TYPE_LATEST})


def look(store: Store, real_now: datetime, *, expected: Sequence[str]) -> list[Check]:
    """All checks; a database that does not answer is the only one then."""
    try:
        with store.read() as connection:
            loops = health.loops(connection)
            accounts = health.accounts(connection)
    except sa.exc.SQLAlchemyError as error:
        return [Check("database", ok=False, detail=type(error).__name__)]
    return check_rows(loops, accounts, real_now, expected=expected)


def check_rows(
    loops: Sequence[health.LoopRow],
    accounts: Sequence[health.AccountRow],
    real_now: datetime,
    *,
    expected: Sequence[str],
) -> list[Check]:
    """All checks of a database that answered."""
    return [Check("database", ok=True), *_loops(loops, real_now, expected), _sources(accounts)]


def ticks(loop: health.LoopRow, real_now: datetime) -> bool:
    """Whether the loop has ticked lately."""
    return real_now - loop.ticked_at < timedelta(seconds=loop.every_seconds) * _PERIODS + _GRACE


def stopped(
    loops: Sequence[health.LoopRow], real_now: datetime, *, expected: Sequence[str]
) -> tuple[str, ...]:
    """The loops that do not tick, by name; `loops` itself where none ever has."""
    unwell = (check.name for check in _loops(loops, real_now, expected) if not check.ok)
    return tuple(name.removeprefix("loop ") for name in unwell)


def _loops(loops: Sequence[health.LoopRow], real_now: datetime, expected: Sequence[str]) -> list[Check]:
    known = {loop.loop: loop for loop in loops}
    wanted = expected or sorted(known)
    if not wanted:
        return [Check("loops", ok=False, detail="no loop has ticked yet")]
    return [_loop(name, known.get(name), real_now) for name in wanted]


def _loop(name: str, loop: health.LoopRow | None, real_now: datetime) -> Check:
    if loop is None:
        return Check(f"loop {name}", ok=False, detail="has not ticked yet")
    seconds = int((real_now - loop.ticked_at).total_seconds())
    return Check(f"loop {name}", ok=ticks(loop, real_now), detail=f"ticked {seconds} s ago")


def _sources(accounts: Sequence[health.AccountRow]) -> Check:
    """One source that is down is an alert, not a reason to send staff away: unready only when we are quite blind."""
    broken = [account.account for account in accounts if account.breaker is not Breaker.CLOSED]
    blind = bool(accounts) and len(broken) == len(accounts)
    return Check("sources", ok=not blind, detail=f"not answering: {', '.join(broken)}" if broken else "")
