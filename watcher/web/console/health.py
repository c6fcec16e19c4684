"""The health page: who ticks, who answers, what waits."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from watcher.model import Breaker
from watcher.store import health
from watcher.web import probes
from watcher.web.console.pages import pages_of
from watcher.web.guard import Given, guard

router = APIRouter(include_in_schema=False, dependencies=[Depends(guard)])


@router.get("/health")
def show_health(request: Request, services: Given) -> HTMLResponse:
    """Loops that stopped and sources that are broken stand out in red."""
    real_now = services.real_clock.now()
    with services.store.read() as connection:
        loops = health.loops(connection)
        accounts = health.accounts(connection)
        values: dict[str, Any] = {
            "loops": [(loop, probes.ticks(loop, real_now)) for loop in loops],
            "accounts": accounts,
            "watched": health.watched(connection),
            "boxes": health.boxes(connection),
            "waiting": health.waiting(connection, now=services.clock.now()),
            "unmapped": health.unmapped(connection),
        }
    checks = probes.check_rows(loops, accounts, real_now, expected=services.loops)
    values["sick"] = [
        *_unwell(checks),
        *(one.account for one in accounts if one.breaker is not Breaker.CLOSED),
    ]
    return pages_of(request).show(request, "health.html", values)


def _unwell(checks: Sequence[probes.Check]) -> list[str]:
    return [check.name.removeprefix("loop ") for check in checks if not check.ok]
