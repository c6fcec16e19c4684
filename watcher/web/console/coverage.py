"""The coverage page: what became of parcels, by carrier and place, as counts."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BeforeValidator

from watcher.coverage.table import Level, coverage_table, total_of
from watcher.model import Fate
from watcher.web.console.pages import pages_of
from watcher.web.guard import Given, guard

router = APIRouter(include_in_schema=False, dependencies=[Depends(guard)])
LINES = 100
# one parcel alone is more often chance than place
_LEAST = 2


def _one_where_empty(typed: str) -> str:
    return typed or "1"


@router.get("/coverage")
def show_coverage(
    request: Request,
    services: Given,
    *,
    level: str = Level.CITY,
    carrier: str = "",
    province: str = "",
    minimum: Annotated[int, BeforeValidator(_one_where_empty), Query(ge=1, le=1_000_000)] = _LEAST,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """The places with the most troubled parcels first; an unknown level shows cities."""
    chosen = next((one for one in Level if one == level), Level.CITY)
    known: Mapping[str, str] = request.app.state.provinces
    province = province if province in known else ""
    lines = coverage_table(
        services.store, level=chosen, carrier=carrier or None, province=province or None, minimum=minimum
    )
    start = (page - 1) * LINES
    wishes = {"level": chosen.value, "carrier": carrier, "province": province, "minimum": str(minimum)}
    values: dict[str, Any] = {
        "lines": lines[start : start + LINES],
        "found": len(lines),
        "total": total_of(lines),
        "first": start + 1,
        "level": chosen,
        "levels": list(Level),
        "carrier": carrier,
        "carriers": sorted({code for info in services.sources.values() for code in info.carriers}),
        "province": province,
        "provinces": known,
        "minimum": minimum,
        "all_places": _page({**wishes, "minimum": "1"}, 1),
        "fates": [fate for fate in Fate if fate is not Fate.SHIPPED],
        "previous_page": _page(wishes, page - 1) if page > 1 else None,
        "next_page": _page(wishes, page + 1) if start + LINES < len(lines) else None,
    }
    return pages_of(request).show(request, "coverage.html", values)


def _page(wishes: dict[str, str], number: int) -> str:
    return f"/coverage?{urlencode({**wishes, 'page': str(number)})}"
