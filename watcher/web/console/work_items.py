"""The card of a work item: everything for one call, and what can be done afterwards.

A change that is refused shows the card again with what was written still in its fields.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from watcher.model import CloseReason, Rule, WorkItem
from watcher.queue import cards
from watcher.queue.life import LONGEST_NOTE
from watcher.queue.refusals import UnknownWorkItem, WorkRefused
from watcher.staff import Session
from watcher.store import queue_view, shipment_view
from watcher.web.console import later, outcomes
from watcher.web.console.pages import Said, language_of, pages_of
from watcher.web.guard import Given, RowId, SignedIn, guard
from watcher.web.revealing import BudgetSpent, reveal, revealed_until
from watcher.web.services import Services

router = APIRouter(prefix="/work-items", include_in_schema=False, dependencies=[Depends(guard)])
Note = Annotated[str, Form()]


@router.get("/{work_item_id}")
def show_work_item(request: Request, work_item_id: RowId, services: Given, session: SignedIn) -> HTMLResponse:
    """Who to call, what happened, what to say, what to do then."""
    return _show(request, work_item_id, services, session)


@router.post("/{work_item_id}/claim")
def claim(request: Request, work_item_id: RowId, services: Given, session: SignedIn) -> Response:
    """Take it."""
    return _done(
        request,
        work_item_id,
        services,
        session,
        lambda: services.desk.claim(work_item_id, staff_id=session.staff_id),
        said=Said.CLAIMED,
    )


@router.post("/{work_item_id}/release")
def release(request: Request, work_item_id: RowId, services: Given, session: SignedIn) -> Response:
    """Give it back."""
    return _done(
        request,
        work_item_id,
        services,
        session,
        lambda: services.desk.release(work_item_id, staff_id=session.staff_id),
        said=Said.RELEASED,
        onward="/queue",
    )


@router.post("/{work_item_id}/note")
def note(
    request: Request, work_item_id: RowId, services: Given, session: SignedIn, text: Note = ""
) -> Response:
    """Write down what was said."""
    return _done(
        request,
        work_item_id,
        services,
        session,
        lambda: services.desk.note(work_item_id, staff_id=session.staff_id, text=text),
        said=Said.NOTED,
        draft={"text": text},
    )


@router.post("/{work_item_id}/snooze")
def snooze(
    request: Request,
    work_item_id: RowId,
    services: Given,
    session: SignedIn,
    *,
    until: Annotated[str, Form()] = "",
    other: Annotated[str, Form()] = "",
    note: Note = "",
) -> Response:
    """Put it aside until one of the offered times, or `other`, a time typed in Shanghai's clock."""
    draft = {"until": until, "other": other, "snooze_note": note}
    moment = later.typed(other or until)
    if moment is None:
        return _show(request, work_item_id, services, session, refused="no_time", draft=draft, status=422)
    return _done(
        request,
        work_item_id,
        services,
        session,
        lambda: services.desk.snooze(
            work_item_id, staff_id=session.staff_id, until=moment, note=note or None
        ),
        said=Said.SNOOZED,
        draft=draft,
        onward="/queue",
    )


@router.post("/{work_item_id}/close")
def close(
    request: Request,
    work_item_id: RowId,
    services: Given,
    session: SignedIn,
    *,
    reason: Annotated[str, Form()] = "",
    note: Note = "",
) -> Response:
    """Done with it."""
    draft = {"reason": reason, "close_note": note}
    known = next((one for one in CloseReason if one == reason), None)
    if known is None:
        return _show(request, work_item_id, services, session, refused="no_reason", draft=draft, status=422)
    return _done(
        request,
        work_item_id,
        services,
        session,
        lambda: services.desk.close(work_item_id, staff_id=session.staff_id, reason=known, note=note or None),
        said=Said.CLOSED,
        draft=draft,
        onward="/queue",
    )


@router.post("/{work_item_id}/reveal")
def reveal_numbers(request: Request, work_item_id: RowId, services: Given, session: SignedIn) -> Response:
    """Show the numbers to whoever asks, and write down that they asked."""
    card = _card(request, work_item_id, services)
    try:
        reveal(services, session, shipment_id=card.shipment.id)
    except BudgetSpent:
        return _show(request, work_item_id, services, session, refused="budget", status=429)
    return RedirectResponse(f"/work-items/{work_item_id}#people", 303)


def _done(
    request: Request,
    work_item_id: int,
    services: Services,
    session: Session,
    change: Callable[[], None],
    *,
    said: Said,
    draft: Mapping[str, str] | None = None,
    onward: str | None = None,
) -> Response:
    try:
        change()
    except UnknownWorkItem as unknown:
        raise HTTPException(404) from unknown
    except WorkRefused as refusal:
        refused = type(refusal).__name__
        return _show(request, work_item_id, services, session, refused=refused, draft=draft, status=409)
    return RedirectResponse(f"{onward or f'/work-items/{work_item_id}'}?said={said}", 303)


def _show(
    request: Request,
    work_item_id: int,
    services: Services,
    session: Session,
    *,
    refused: str | None = None,
    draft: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    card = _card(request, work_item_id, services)
    with services.store.read() as connection:
        watch = shipment_view.watches(connection, [card.shipment.id]).get(card.shipment.id)
        rules = queue_view.rules_of(connection, [card.item] if card.item else [])
    values: dict[str, Any] = {
        "card": card,
        "watch": watch,
        "item": card.item,
        "why": card.why(language_of(request)),
        "mine": card.item is not None and card.item.claimed_by == session.staff_id,
        "revealed_until": revealed_until(services, session, shipment_id=card.shipment.id),
        "reveal_at": f"/work-items/{work_item_id}/reveal",
        "snooze_choices": later.choices(card.now),
        "rules": _leading_first(card, rules),
        "close_reasons": outcomes.ordered(_leading_first(card, rules)),
        "longest_note": LONGEST_NOTE,
        "refused": refused,
        "draft": dict(draft or {}),
    }
    return pages_of(request).show(request, "work_item.html", values, status=status)


def _leading_first(card: cards.Card, rules: Mapping[int, tuple[Rule, ...]]) -> tuple[Rule, ...]:
    """The rules of the work item: the most pressing one of what is open, and those it held where it is closed."""
    of_item: tuple[Rule, ...] = rules.get(card.item.id, ()) if card.item else ()
    if card.rule is None or _closed(card.item):
        return of_item
    return tuple(dict.fromkeys([card.rule, *of_item]))


def _closed(item: WorkItem | None) -> bool:
    return item is not None and item.closed_at is not None


def _card(request: Request, work_item_id: int, services: Services) -> cards.Card:
    found = cards.card(
        services.store, work_item_id, now=services.clock.now(), playbooks=request.app.state.playbooks
    )
    if found is None:
        raise HTTPException(404)
    return found
