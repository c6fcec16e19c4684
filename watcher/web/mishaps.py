"""What becomes of errors: under /api JSON of one shape, elsewhere a page in the reader's language."""

from collections.abc import Mapping
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from watcher.labelling.refusals import LabelRefused, UnknownLabel, UnknownText
from watcher.queue.refusals import (
    NoteNeeded,
    ReasonNotForStaff,
    UnfitNote,
    UnfitSnooze,
    UnknownWorkItem,
    WorkRefused,
)
from watcher.web.api import errors
from watcher.web.console.pages import pages_of
from watcher.web.guard import ForeignForm, SignInNeeded, page_before, protect
from watcher.web.revealing import BudgetSpent

_SERVER_ERROR = 500
_REFUSALS: Mapping[type[Exception], tuple[int, str]] = {
    UnknownWorkItem: (404, "not_found"),
    UnknownText: (404, "not_found"),
    UnknownLabel: (404, "not_found"),
    NoteNeeded: (422, "note_needed"),
    UnfitNote: (422, "unfit_note"),
    UnfitSnooze: (422, "unfit_snooze"),
    ReasonNotForStaff: (422, "reason_not_for_staff"),
}


def handle(app: FastAPI) -> None:
    """Register all handlers."""
    app.add_exception_handler(SignInNeeded, _send_to_door)
    app.add_exception_handler(ForeignForm, _refuse_form)
    app.add_exception_handler(HTTPException, _show_status)
    app.add_exception_handler(RequestValidationError, _show_refused_values)
    app.add_exception_handler(WorkRefused, _show_refusal)
    app.add_exception_handler(LabelRefused, _show_refusal)
    app.add_exception_handler(BudgetSpent, _show_spent)
    app.add_exception_handler(Exception, _show_breakage)


def _send_to_door(request: Request, _error: Exception) -> Response:
    if _for_programs(request):
        return errors.answer(401, message="Sign in first: POST /api/session")
    # a form has no address of its own: who signs in again is brought back to the page that it stood on
    page = request.url if request.method == "GET" else page_before(request)
    if page is None:
        return RedirectResponse("/sign-in", 303)
    wish = f"{page.path}?{page.query}" if page.query else page.path
    return RedirectResponse(f"/sign-in?next={quote(wish, safe='/')}", 303)


def _refuse_form(request: Request, _error: Exception) -> Response:
    if _for_programs(request):
        return errors.answer(403, message="Send the session's form token in X-Form-Token, from our own pages")
    return pages_of(request).show_error(request, 403)


def _show_status(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else _SERVER_ERROR
    if _for_programs(request):
        return errors.answer(status, message=str(getattr(error, "detail", "")))
    return pages_of(request).show_error(request, status)


def _show_refused_values(request: Request, error: Exception) -> Response:
    fields = errors.refused_fields(error.errors()) if isinstance(error, RequestValidationError) else {}
    if _for_programs(request):
        return errors.answer(422, message="Some values were refused", fields=fields)
    # an address that holds no number where one belongs leads nowhere
    in_path = isinstance(error, RequestValidationError) and any(e["loc"][0] == "path" for e in error.errors())
    return pages_of(request).show_error(request, 404 if in_path else 422)


def _show_refusal(_request: Request, error: Exception) -> Response:
    """Pages show a refusal on the card itself; what comes here was asked by a program."""
    status, code = _REFUSALS.get(type(error), (409, _snake(type(error).__name__)))
    return errors.answer(status, code=code, message=str(error))


def _show_spent(request: Request, _error: Exception) -> Response:
    if _for_programs(request):
        return errors.answer(
            429, message="As many numbers as one hour allows were revealed: wait, or ask a lead"
        )
    return pages_of(request).show_error(request, 429)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")


def _show_breakage(request: Request, _error: Exception) -> Response:
    # made outside of all middleware, so it brings its headers itself
    if _for_programs(request):
        return protect(errors.answer(_SERVER_ERROR, message="Something broke on our side; nothing was saved"))
    return protect(pages_of(request).show_error(request, _SERVER_ERROR))


def _for_programs(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/push/"))
