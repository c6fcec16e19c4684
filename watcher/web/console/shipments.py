"""The shipment page: one parcel with all we know, and the search that leads there."""

from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from watcher.queue import cards
from watcher.store import shipment_view, shipments
from watcher.web.console.pages import pages_of
from watcher.web.guard import Given, RowId, SignedIn, guard
from watcher.web.revealing import BudgetSpent, reveal, revealed_until

router = APIRouter(prefix="/shipments", include_in_schema=False, dependencies=[Depends(guard)])


@router.get("")
def search(request: Request, services: Given, number: str = "") -> Response:
    """By tracking or order number; a single hit opens at once."""
    wanted = number.strip()
    with services.store.read() as connection:
        found = shipments.by_number(connection, wanted) if wanted else []
        watched = shipment_view.watches(connection, [one.id for one in found])
        scanless = shipment_view.without_scans(connection, [one.id for one in found])
    if len(found) == 1:
        return RedirectResponse(f"/shipments/{found[0].id}", 303)
    values = {
        "number": wanted,
        "scanless": scanless,
        "found": [(one, watched.get(one.id), cards.place_of(one.region)) for one in found],
    }
    return pages_of(request).show(request, "shipments.html", values)


@router.get("/{shipment_id}")
def show_shipment(request: Request, shipment_id: RowId, services: Given, session: SignedIn) -> HTMLResponse:
    """One parcel."""
    return _show(request, shipment_id, services, session)


@router.post("/{shipment_id}/reveal")
def reveal_numbers(request: Request, shipment_id: RowId, services: Given, session: SignedIn) -> Response:
    """Show the numbers to whoever asks, and write down that they asked."""
    with services.store.read() as connection:
        if not shipments.by_ids(connection, [shipment_id]):
            raise HTTPException(404)
    try:
        reveal(services, session, shipment_id=shipment_id)
    except BudgetSpent:
        return _show(request, shipment_id, services, session, refused="budget", status=429)
    return RedirectResponse(f"/shipments/{shipment_id}#people", 303)


def _show(
    request: Request,
    shipment_id: int,
    services: Given,
    session: SignedIn,
    *,
    refused: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    card = cards.card_of_shipment(
        services.store, shipment_id, now=services.clock.now(), playbooks=request.app.state.playbooks
    )
    if card is None:
        raise HTTPException(404)
    with services.store.read() as connection:
        view = shipment_view.view(connection, shipment_id)
    values: dict[str, Any] = {
        "card": card,
        "view": view,
        "watch": view.watch,
        "revealed_until": revealed_until(services, session, shipment_id=shipment_id),
        "reveal_at": f"/shipments/{shipment_id}/reveal",
        "refused": refused,
        "number": "",
    }
    return pages_of(request).show(request, "shipment.html", values, status=status)
