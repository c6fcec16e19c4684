"""The health page: who ticks, who answers, what waits."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from watcher.store import health, unknown_texts
from watcher.web import probes
from watcher.web.console.pages import lookout_of, pages_of
from watcher.web.guard import Given, guard

router = APIRouter(include_in_schema=False, dependencies=[Depends(guard)])


@router.get("/health")
def show_health(request: Request, services: Given) -> HTMLResponse:
    """Loops that stopped and sources that are broken stand out in red; what nobody watches stands at the top."""
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
            "faults": health.last_faults(connection),
            "unknown_texts": unknown_texts.count(connection),
        }
    # the head of the page says what these tables say
    lookout_of(request).renewed()
    return pages_of(request).show(request, "health.html", values)
