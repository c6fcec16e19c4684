"""Unknown texts: what carriers printed and nothing explains, a form to say what it means, and all labels."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from carriers.contract import SHANGHAI, Milestone, Reason
from watcher.labelling.refusals import LabelRefused, UnknownLabel, UnknownText
from watcher.store import labels, unknown_texts
from watcher.web.console.pages import Said, pages_of
from watcher.web.guard import Given, RowId, SignedIn, guard
from watcher.web.services import Services

router = APIRouter(prefix="/unknown-texts", include_in_schema=False, dependencies=[Depends(guard)])
LINES = 50
SHARE_DAYS = 30
_LABELS = 100


@router.get("")
def show_unknown_texts(
    request: Request, services: Given, *, carrier: str = "", page: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> HTMLResponse:
    """Those under a code that says nothing first, then the most seen; below them all labels."""
    return _show_list(request, services, carrier=carrier, page=page)


@router.get("/{unknown_text_id}")
def show_unknown_text(request: Request, unknown_text_id: RowId, services: Given) -> HTMLResponse:
    """One text with lines that show it, and the form."""
    return _show(request, unknown_text_id, services)


@router.post("/{unknown_text_id}/label")
def label(
    request: Request,
    unknown_text_id: RowId,
    services: Given,
    session: SignedIn,
    *,
    milestone: Annotated[str, Form()] = "",
    reasons: Annotated[list[str] | None, Form()] = None,
    scope: Annotated[str, Form()] = "carrier",
) -> Response:
    """Say what it means."""
    draft = {"milestone": milestone, "reasons": list(reasons or ()), "scope": scope}
    known = next((one for one in Milestone if one == milestone), None)
    if known is None:
        return _show(request, unknown_text_id, services, refused="no_milestone", draft=draft, status=422)
    try:
        services.label_desk.label(
            unknown_text_id,
            milestone=known,
            reasons=[reason for reason in Reason if reason in draft["reasons"]],
            for_all=scope == "all",
            staff_id=session.staff_id,
        )
    except UnknownText as unknown:
        raise HTTPException(404) from unknown
    except LabelRefused as refusal:
        refused = type(refusal).__name__
        return _show(request, unknown_text_id, services, refused=refused, draft=draft, status=409)
    return RedirectResponse(f"/unknown-texts?said={Said.LABELLED}#labels", 303)


@router.post("/labels/{label_id}/withdraw")
def withdraw(request: Request, label_id: RowId, services: Given, session: SignedIn) -> Response:
    """Take it back."""
    try:
        services.label_desk.withdraw(label_id, staff_id=session.staff_id)
    except UnknownLabel as unknown:
        raise HTTPException(404) from unknown
    except LabelRefused as refusal:
        return _show_list(request, services, refused=type(refusal).__name__, status=409)
    return RedirectResponse(f"/unknown-texts?said={Said.LABEL_WITHDRAWN}#labels", 303)


def since_day(services: Services) -> str:
    """The day from which shares are counted."""
    day = services.clock.now() - timedelta(days=SHARE_DAYS)
    return day.astimezone(SHANGHAI).date().isoformat()


def _show_list(
    request: Request,
    services: Services,
    *,
    carrier: str = "",
    page: int = 1,
    refused: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    start = (page - 1) * LINES
    with services.store.read() as connection:
        texts = unknown_texts.ranked(connection, carrier=carrier or None, limit=LINES, offset=start)
        made = labels.newest(connection, limit=_LABELS)
        values: dict[str, Any] = {
            "texts": texts,
            "total": unknown_texts.count(connection, carrier=carrier or None),
            "carriers": unknown_texts.carriers(connection),
            "shares": unknown_texts.shares(connection, since=since_day(services)),
            "labels": made,
            "labels_total": labels.total(connection),
        }
    values |= {
        "first": start + 1,
        "carrier": carrier,
        "days": SHARE_DAYS,
        "exports": _exports(made),
        "refused": refused,
        "previous_page": _page(carrier, page - 1) if page > 1 else None,
        "next_page": _page(carrier, page + 1) if start + LINES < values["total"] else None,
    }
    return pages_of(request).show(request, "unknown_texts.html", values, status=status)


def _show(
    request: Request,
    unknown_text_id: int,
    services: Services,
    *,
    refused: str | None = None,
    draft: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HTMLResponse:
    with services.store.read() as connection:
        text = unknown_texts.by_id(connection, unknown_text_id)
        if text is None:
            raise HTTPException(404)
        touched = unknown_texts.touched(connection, text.template, carrier=text.carrier)
        values: dict[str, Any] = {
            "text": text,
            "samples": unknown_texts.samples(connection, text.id),
            "scopes": {
                "carrier": touched,
                "all": unknown_texts.touched(connection, text.template, carrier=None),
            },
            "standing": labels.of_text(connection, text.template, carrier=text.carrier),
        }
    values |= {
        "milestones": list(Milestone),
        "reasons": list(Reason),
        "refused": refused,
        "draft": {"milestone": "", "reasons": [], "scope": "carrier", **(draft or {})},
    }
    return pages_of(request).show(request, "unknown_text.html", values, status=status)


def _exports(made: list[labels.LabelRow]) -> dict[str, str]:
    """Where the phrase files of the labels in force are fetched, by carrier (empty: of all carriers)."""
    standing = {row.label.carrier or "" for row in made if row.withdrawn_at is None}
    return {name: f"/api/labels/export?{urlencode({'carrier': name})}" for name in sorted(standing)}


def _page(carrier: str, number: int) -> str:
    return f"/unknown-texts?{urlencode({'carrier': carrier, 'page': str(number)})}"
