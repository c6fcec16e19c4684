"""Signing in and out, and choosing the language."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from watcher import staff
from watcher.web import languages
from watcher.web.console.pages import LANGUAGE_COOKIE, Said, pages_of
from watcher.web.guard import (
    DOOR_COOKIE,
    SESSION_COOKIE,
    Given,
    SignedIn,
    door_token,
    guard,
    guard_door,
    safe_path,
    session_of,
    set_cookie,
)
from watcher.web.services import Services

outside = APIRouter(include_in_schema=False, dependencies=[Depends(guard_door)])
inside = APIRouter(include_in_schema=False, dependencies=[Depends(guard)])


@outside.get("/sign-in")
def show_door(request: Request, services: Given, next: str = "/queue") -> Response:  # noqa: A002 - the name in the address
    """The sign-in page; who is signed in already goes on."""
    if session_of(request) is not None:
        return RedirectResponse(safe_path(next), 303)
    return _door(request, services, wish=next)


@outside.post("/sign-in")
def sign_in(
    request: Request,
    services: Given,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/queue",  # noqa: A002 - the name in the form
) -> Response:
    """A session for a right name and password."""
    door: staff.FrontDoor = request.app.state.door
    try:
        begun = door.sign_in(name=name.strip(), password=password, address=address_of(request))
    except staff.TooManyTries:
        return _door(request, services, wish=next, name=name, refused="too_many", status=429)
    if begun is None:
        return _door(request, services, wish=next, name=name, refused="wrong", status=403)
    response = RedirectResponse(safe_path(next), 303)
    keep_session(response, begun, services)
    response.delete_cookie(DOOR_COOKIE, path="/")
    return response


@inside.post("/sign-out")
def sign_out(request: Request, services: Given) -> Response:
    """The end of this session."""
    staff.sign_out(services.store, request.cookies.get(SESSION_COOKIE, ""))
    response = RedirectResponse(f"/sign-in?said={Said.SIGNED_OUT}", 303)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


@inside.post("/language")
def choose_language(
    session: SignedIn,
    services: Given,
    language: Annotated[str, Form()],
    back: Annotated[str, Form()] = "/queue",
) -> Response:
    """Remember the language for this person, in all their browsers."""
    response = RedirectResponse(safe_path(back), 303)
    if (known := languages.as_language(language)) is not None:
        staff.choose_language(services.store, staff_id=session.staff_id, language=known)
        set_cookie(response, LANGUAGE_COOKIE, known, secure=services.cookie_secure, seconds=365 * 24 * 3600)
    return response


def keep_session(response: Response, begun: staff.SignedIn, services: Services) -> None:
    """Put the session into the browser."""
    seconds = int(services.session_hours * 3600)
    set_cookie(response, SESSION_COOKIE, begun.token, secure=services.cookie_secure, seconds=seconds)


def address_of(request: Request) -> str:
    """Where the browser is, as far as the connection tells."""
    return request.client.host if request.client else "unknown"


def _door(
    request: Request,
    services: Services,
    *,
    wish: str,
    name: str = "",
    refused: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    token = door_token(request)
    values = {"next": safe_path(wish), "name": name, "refused": refused, "door_token": token}
    response = pages_of(request).show(request, "sign_in.html", values, status=status)
    # for as long as the browser is open: the page that was left open over night must still let its owner in
    set_cookie(response, DOOR_COOKIE, token, secure=services.cookie_secure, seconds=None)
    return response
