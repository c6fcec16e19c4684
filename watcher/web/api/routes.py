"""REST under /api: sign in, look at the queue, work on it, look shipments and coverage up.

Signed in by the cookie of `POST /api/session`; a change carries its `form_token` in `X-Form-Token`.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from watcher import staff
from watcher.coverage.table import Level, coverage_table
from watcher.model import Rule, WorkItemState
from watcher.queue import cards
from watcher.queue.refusals import UnknownWorkItem
from watcher.store import shipment_view, shipments
from watcher.web.api import errors, shapes
from watcher.web.api.showing import shipment_out
from watcher.web.console.door import address_of, keep_session
from watcher.web.console.pages import language_of
from watcher.web.guard import (
    SESSION_COOKIE,
    Given,
    RowId,
    SignedIn,
    guard,
    refuse_foreign_origin,
    session_of,
)
from watcher.web.revealing import reveal, revealed_until

door = APIRouter(prefix="/api", tags=["session"], responses=dict(errors.RESPONSES))
router = APIRouter(prefix="/api", dependencies=[Depends(guard)], responses=dict(errors.RESPONSES))
Limit = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0, le=100_000)]


@door.post("/session", status_code=201, responses={429: {"model": errors.Error}})
def sign_in(request: Request, response: Response, services: Given, wish: shapes.SignIn) -> shapes.SessionOut:
    """Begin a session; the cookie comes with the answer."""
    refuse_foreign_origin(request)
    front: staff.FrontDoor = request.app.state.door
    try:
        begun = front.sign_in(name=wish.name.strip(), password=wish.password, address=address_of(request))
    except staff.TooManyTries as error:
        raise HTTPException(429, str(error)) from error
    if begun is None:
        raise HTTPException(401, "Name or password is wrong")
    keep_session(response, begun, services)
    return shapes.SessionOut.of(begun.session)


@router.get("/session", tags=["session"])
def who_am_i(session: SignedIn) -> shapes.SessionOut:
    """Who is signed in."""
    return shapes.SessionOut.of(session)


@router.delete("/session", status_code=204, tags=["session"])
def sign_out(request: Request, response: Response, services: Given) -> None:
    """End the session."""
    staff.sign_out(services.store, request.cookies.get(SESSION_COOKIE, ""))
    response.delete_cookie(SESSION_COOKIE, path="/")


@router.get("/work-items", tags=["work items"])
def list_work_items(
    services: Given,
    session: SignedIn,
    *,
    state: WorkItemState | None = None,
    rule: Rule | None = None,
    carrier: str | None = None,
    mine: bool = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> shapes.WorkItemList:
    """The queue in its computed order; without `state` all that is not closed."""
    found = cards.overview(
        services.store,
        now=services.clock.now(),
        state=state,
        rule=rule,
        carrier=carrier,
        claimed_by=session.staff_id if mine else None,
        limit=limit,
        offset=offset,
    )
    return shapes.WorkItemList.of(found)


@router.post("/work-items/next", tags=["work items"])
def next_call(services: Given, session: SignedIn) -> shapes.NextCall:
    """Claim what is to be done next."""
    return shapes.NextCall(work_item_id=services.desk.next_call(staff_id=session.staff_id))


@router.get("/work-items/{work_item_id}", tags=["work items"], responses=dict(errors.NOT_FOUND))
def show_work_item(request: Request, work_item_id: RowId, services: Given) -> shapes.ShipmentOut:
    """All about one work item and its parcel."""
    card = cards.card(
        services.store, work_item_id, now=services.clock.now(), playbooks=request.app.state.playbooks
    )
    if card is None:
        raise UnknownWorkItem(work_item_id)
    return _shown(request, card)


@router.post(
    "/work-items/{work_item_id}/claim", status_code=204, tags=["work items"], responses=dict(errors.REFUSED)
)
def claim(work_item_id: RowId, services: Given, session: SignedIn) -> None:
    """Take it, or keep it for longer."""
    services.desk.claim(work_item_id, staff_id=session.staff_id)


@router.post(
    "/work-items/{work_item_id}/release", status_code=204, tags=["work items"], responses=dict(errors.REFUSED)
)
def release(work_item_id: RowId, services: Given, session: SignedIn) -> None:
    """Give it back."""
    services.desk.release(work_item_id, staff_id=session.staff_id)


@router.post(
    "/work-items/{work_item_id}/note", status_code=204, tags=["work items"], responses=dict(errors.REFUSED)
)
def note(work_item_id: RowId, services: Given, session: SignedIn, wish: shapes.NoteIn) -> None:
    """Write something down."""
    services.desk.note(work_item_id, staff_id=session.staff_id, text=wish.text)


@router.post(
    "/work-items/{work_item_id}/snooze", status_code=204, tags=["work items"], responses=dict(errors.REFUSED)
)
def snooze(work_item_id: RowId, services: Given, session: SignedIn, wish: shapes.SnoozeIn) -> None:
    """Put it aside."""
    services.desk.snooze(work_item_id, staff_id=session.staff_id, until=wish.until, note=wish.note)


@router.post(
    "/work-items/{work_item_id}/close", status_code=204, tags=["work items"], responses=dict(errors.REFUSED)
)
def close(work_item_id: RowId, services: Given, session: SignedIn, wish: shapes.CloseIn) -> None:
    """Done with it."""
    services.desk.close(work_item_id, staff_id=session.staff_id, reason=wish.reason, note=wish.note)


@router.post(
    "/work-items/{work_item_id}/reveal",
    tags=["work items"],
    responses={**errors.NOT_FOUND, 429: {"model": errors.Error, "description": "The hour's budget is spent"}},
)
def reveal_numbers(
    request: Request, work_item_id: RowId, services: Given, session: SignedIn
) -> shapes.ContactsOut:
    """Show the numbers; that you asked is written down."""
    card = cards.card(
        services.store, work_item_id, now=services.clock.now(), playbooks=request.app.state.playbooks
    )
    if card is None:
        raise UnknownWorkItem(work_item_id)
    reveal(services, session, shipment_id=card.shipment.id)
    until = revealed_until(services, session, shipment_id=card.shipment.id)
    return shapes.ContactsOut.of(card, revealed_until=until)


@router.get("/shipments/{number:path}", tags=["shipments"], responses=dict(errors.NOT_FOUND))
def show_shipments(request: Request, number: str, services: Given) -> shapes.ShipmentList:
    """All parcels with this tracking or order number, newest first."""
    with services.store.read() as connection:
        ids = [one.id for one in shipments.by_number(connection, number)]
    if not ids:
        raise HTTPException(404, "No parcel and no order has this number: was it imported?")
    now, books = services.clock.now(), request.app.state.playbooks
    found = [cards.card_of_shipment(services.store, key, now=now, playbooks=books) for key in ids]
    return shapes.ShipmentList(shipments=[_shown(request, card) for card in found if card])


@router.get("/coverage", tags=["coverage"])
def show_coverage(
    services: Given,
    *,
    level: Level = Level.CITY,
    carrier: str | None = None,
    minimum: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    limit: Limit = 100,
    offset: Offset = 0,
) -> shapes.CoverageList:
    """What became of parcels by carrier and place."""
    lines = coverage_table(services.store, level=level, carrier=carrier, minimum=minimum)
    page = lines[offset : offset + limit]
    return shapes.CoverageList(lines=[shapes.CoverageOut.of(line) for line in page], total=len(lines))


def _shown(request: Request, card: cards.Card) -> shapes.ShipmentOut:
    services, session, key = request.app.state.services, session_of(request), card.shipment.id
    with services.store.read() as connection:
        watch = shipment_view.watches(connection, [key]).get(key)
    until = revealed_until(services, session, shipment_id=key) if session else None
    return shipment_out(card, watch, revealed_until=until, language=language_of(request))
