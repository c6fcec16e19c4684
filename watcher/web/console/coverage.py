"""The coverage page: what became of parcels, by carrier and place, as counts."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from watcher.coverage.table import Level, coverage_table
from watcher.model import Fate
from watcher.web.console.pages import pages_of
from watcher.web.guard import Given, guard

router = APIRouter(include_in_schema=False, dependencies=[Depends(guard)])
LINES = 100


@router.get("/coverage")
def show_coverage(
    request: Request,
    services: Given,
    *,
    level: str = Level.CITY,
    carrier: str = "",
    minimum: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """The places with the most troubled parcels first; an unknown level shows cities."""
    chosen = next((one for one in Level if one == level), Level.CITY)
    lines = coverage_table(services.store, level=chosen, carrier=carrier or None, minimum=minimum)
    start = (page - 1) * LINES
    wishes = {"level": chosen.value, "carrier": carrier, "minimum": str(minimum)}
    values: dict[str, Any] = {
        "lines": lines[start : start + LINES],
        "total": len(lines),
        "first": start + 1,
        "level": chosen,
        "levels": list(Level),
        "carrier": carrier,
        "carriers": sorted({code for info in services.sources.values() for code in info.carriers}),
        "minimum": minimum,
        "fates": [fate for fate in Fate if fate is not Fate.SHIPPED],
        "previous_page": _page(wishes, page - 1) if page > 1 else None,
        "next_page": _page(wishes, page + 1) if start + LINES < len(lines) else None,
    }
    return pages_of(request).show(request, "coverage.html", values)


def _page(wishes: dict[str, str], number: int) -> str:
    return f"/coverage?{urlencode({**wishes, 'page': str(number)})}"
