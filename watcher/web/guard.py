"""Keeps strangers out: headers on every answer, a cap on every body, and the checks in front of every change.

A change needs three things: a browser that says it comes from us (Origin), a session, and that session's form token.
"""

import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.status import HTTP_200_OK
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watcher import staff
from watcher.web.services import Services

SESSION_COOKIE = "watcher_session"
DOOR_COOKIE = "watcher_door"
FORM_FIELD = "form_token"
FORM_HEADER = "x-form-token"
LARGEST_FORM = 64 * 1024
LARGEST_PUSH = 1024 * 1024
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# the address of a file of ours changes with its content
_KEPT = "public, max-age=31536000, immutable"
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # not "no-referrer": with it browsers send Origin "null", and our own forms would be refused
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
"""The number of a row in an address; more digits than the database counts lead nowhere."""


class SignInNeeded(Exception):
    """Nobody is signed in here."""


class ForeignForm(Exception):
    """The change was not sent from a page of ours."""


def services_of(request: Request) -> Services:
    """What the site was built with."""
    services: Services = request.app.state.services
    return services


def session_of(request: Request) -> staff.Session | None:
    """Whose browser this is, asked once per request."""
    if not hasattr(request.state, "session"):
        token = request.cookies.get(SESSION_COOKIE)
        services = services_of(request)
        request.state.session = staff.session(services.store, services.real_clock, token) if token else None
    known: staff.Session | None = request.state.session
    return known


def signed_in(request: Request) -> staff.Session:
    """Whose browser this is; raises `SignInNeeded`."""
    if (known := session_of(request)) is None:
        raise SignInNeeded
    return known


async def guard(request: Request) -> None:
    """In front of all pages and routes of staff: a session for looking, and a form token of ours for changing."""
    session = await run_in_threadpool(signed_in, request)
    _refuse_unspeakable(request)
    if request.method in _READING:
        return
    refuse_foreign_origin(request)
    if not _same(await _sent_token(request), session.form_token):
        raise ForeignForm


async def guard_door(request: Request) -> None:
    """In front of the sign-in form, where there is no session yet: the cookie and the field must agree."""
    if request.method in _READING:
        return
    refuse_foreign_origin(request)
    if not _same(await _sent_token(request), request.cookies.get(DOOR_COOKIE, "")):
        raise ForeignForm


def refuse_foreign_origin(request: Request) -> None:
    """Raises `ForeignForm` when the browser says that another site sent this."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise ForeignForm
    origin = request.headers.get("origin") or request.headers.get("referer")
    if origin is not None and _host_of(origin) not in _our_hosts(request):
        raise ForeignForm


def page_before(request: Request) -> URL | None:
    """The page of ours from which this was sent, as far as the browser tells."""
    before = request.headers.get("referer", "")
    return URL(before) if _host_of(before) in _our_hosts(request) else None


def door_token(request: Request) -> str:
    """The value that ties a sign-in form to this browser."""
    return request.cookies.get(DOOR_COOKIE) or secrets.token_urlsafe(24)


def set_cookie(response: Response, name: str, value: str, *, secure: bool, seconds: int | None) -> None:
    """A cookie that scripts and other sites cannot use."""
    response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")


def safe_path(wish: str) -> str:
    """`wish` when it is a path on this site, else the queue: nobody is sent elsewhere after signing in."""
    local = wish.startswith("/") and not wish.startswith("//") and "\\" not in wish
    return wish if local and wish.isprintable() else "/queue"


def protect(response: Response) -> Response:
    """The same headers on an answer that is made outside of `SecurityHeaders`."""
    for name, value in (*_HEADERS.items(), ("cache-control", "no-store")):
        response.headers.setdefault(name, value)
    return response


@dataclass(frozen=True, slots=True)
class SecurityHeaders:
    """Puts the headers on every answer; only files of ours may be kept by browsers and proxies."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                kept = scope["path"].startswith("/static/") and message["status"] == HTTP_200_OK
                headers.setdefault("cache-control", _KEPT if kept else "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


@dataclass(frozen=True, slots=True)
class BodyCap:
    """Refuses bodies that are larger than anything we ask for, declared or not."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = LARGEST_PUSH if scope["path"].startswith("/push/") else LARGEST_FORM
        if _declared(scope) > most:
            await PlainTextResponse("body too large", status_code=413)(scope, receive, send)
            return
        await self.app(scope, _counted(receive, most), send)


def _our_hosts(request: Request) -> set[str]:
    return {request.headers.get("host", ""), *services_of(request).public_hosts}


def _host_of(address: str) -> str | None:
    """The host with its port; None where what was sent is no address at all."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None


def _refuse_unspeakable(request: Request) -> None:
    """No text in the database holds a NUL, and PostgreSQL breaks where it is asked for one."""
    words = (request.url.path, *request.query_params.values())
    if any("\x00" in word for word in words):
        raise HTTPException(404)


def _declared(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _counted(receive: Receive, most: int) -> Receive:
    left = most

    async def receive_counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, "body too large")
        return message

    return receive_counted


async def _sent_token(request: Request) -> str:
    if (header := request.headers.get(FORM_HEADER)) is not None:
        return header
    if "json" in request.headers.get("content-type", ""):
        return ""
    value = (await request.form()).get(FORM_FIELD, "")
    return value if isinstance(value, str) else ""


def _same(one: str, other: str) -> bool:
    return bool(one) and hmac.compare_digest(one.encode(), other.encode())


SignedIn = Annotated[staff.Session, Depends(signed_in)]
Given = Annotated[Services, Depends(services_of)]
