"""Builds the site: pages, REST, probes and the ear for pushes, behind one guard."""

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

from watcher.intake.places import provinces
from watcher.queue.playbooks import Playbooks
from watcher.staff import FrontDoor
from watcher.web import mishaps, probes, push
from watcher.web.api import labels, routes
from watcher.web.console import coverage, door, health, queue, shipments, unknown_texts, work_items
from watcher.web.console.pages import STATIC, build_pages
from watcher.web.guard import BodyCap, SecurityHeaders
from watcher.web.lookout import Lookout
from watcher.web.services import Services

__all__ = ["Services", "create_site"]


def create_site(services: Services) -> FastAPI:
    """The whole site over `services`; nothing runs until it is served, and closing is the caller's."""
    app = FastAPI(
        title="parcel-watcher",
        version=services.version,
        openapi_url="/api/openapi.json",
        # the documentation pages load scripts from elsewhere
        docs_url=None,
        redoc_url=None,
        # it would send people to whatever host and scheme the request names
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.pages = build_pages(services)
    app.state.lookout = Lookout(services.store, services.real_clock, services.loops)
    app.state.provinces = provinces()
    app.state.playbooks = services.playbooks or Playbooks.load()
    app.state.door = FrontDoor(services.store, services.real_clock, session_hours=services.session_hours)
    _include(app)
    mishaps.handle(app)
    app.add_middleware(BodyCap)
    app.add_middleware(SecurityHeaders)
    return app


def _include(app: FastAPI) -> None:
    for router in (
        probes.router,
        push.router,
        door.outside,
        door.inside,
        queue.router,
        work_items.router,
        shipments.router,
        coverage.router,
        health.router,
        unknown_texts.router,
        routes.door,
        routes.router,
        labels.router,
    ):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_api_route("/", _home, include_in_schema=False)


def _home() -> RedirectResponse:
    return RedirectResponse("/queue", 303)
