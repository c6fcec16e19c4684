"""Who gets in, and what a change must carry."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx
import pytest
from browser.story import FORM_TOKEN, a_site, a_token, an_unreachable_recipient, queued
from fastapi import FastAPI
from fastapi.routing import APIRoute

from watcher import staff
from watcher.clock import ManualClock
from watcher.model import Role
from watcher.store.engine import Store
from watcher.web.guard import LARGEST_FORM, LARGEST_PUSH, safe_path

Visit = Callable[..., httpx.AsyncClient]
PAGES = ("/queue", "/work-items/1", "/shipments", "/shipments/1", "/coverage", "/health")
READS = ("/api/session", "/api/work-items", "/api/work-items/1", "/api/shipments/1", "/api/coverage")
PASSWORD = "long enough to pass"
OPEN = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/sign-in",
    "/api/session",
    "/push/{account_id}",
    "/push/{account_id}/{key}",
    "/",
}


def routes(site: FastAPI) -> list[tuple[str, str]]:
    """Every method and path of the site, with numbers filled in."""
    found: list[tuple[str, str]] = []
    for context in site.routes:
        stack = [context]
        while stack:
            route = stack.pop()
            if isinstance(route, APIRoute):
                found += [(method, route.path) for method in sorted(route.methods)]
            else:
                stack += list(getattr(getattr(route, "original_router", None), "routes", []))
    return found


def filled(path: str) -> str:
    for name in ("work_item_id", "shipment_id", "number"):
        path = path.replace(f"{{{name}}}", "1")
    return path


@pytest.mark.parametrize("page", PAGES)
async def test_charlie_is_sent_to_the_door_and_back_to_where_he_wanted(
    charlie: httpx.AsyncClient, page: str
) -> None:
    answer = await charlie.get(f"{page}?page=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in?next={page}%3Fpage%3D2"


@pytest.mark.parametrize(
    ("before", "door"),
    [
        ("http://watcher.test/work-items/7?said=claimed", "/sign-in?next=/work-items/7%3Fsaid%3Dclaimed"),
        ("http://elsewhere.test/work-items/7", "/sign-in"),
        ("http://[", "/sign-in"),
        (None, "/sign-in"),
    ],
)
async def test_whose_session_ended_over_a_form_comes_back_to_its_page(
    charlie: httpx.AsyncClient, before: str | None, door: str
) -> None:
    headers = {"referer": before} if before else {}
    answer = await charlie.post("/work-items/7/note", data={"text": "x"}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, door)


@pytest.mark.parametrize("path", READS)
async def test_a_program_that_is_not_signed_in_is_told_so(charlie: httpx.AsyncClient, path: str) -> None:
    answer = await charlie.get(path)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "sign_in_needed"


async def test_every_change_asks_for_a_session_and_a_form_token(
    site: FastAPI, charlie: httpx.AsyncClient, bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    an_unreachable_recipient(sqlite_store)
    queued(sqlite_store, clock)
    changes = [(method, path) for method, path in routes(site) if method not in {"GET", "HEAD"}]
    guarded = [(method, filled(path)) for method, path in changes if path not in OPEN or method == "DELETE"]
    assert len(guarded) >= 18
    for method, path in guarded:
        assert (await charlie.request(method, path)).status_code in {303, 401}, path
        assert (await bob.request(method, path)).status_code == 403, path
        wrong = await bob.request(method, path, headers={"x-form-token": "guessed"})
        assert wrong.status_code == 403, path


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.test"},
        {"origin": "null"},
        {"referer": "https://elsewhere.test/queue"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://watcher.test.elsewhere.test"},
    ],
)
async def test_a_form_from_another_site_changes_nothing(
    bob: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await bob.post("/queue/next", data={"form_token": FORM_TOKEN}, headers=headers)
    assert answer.status_code == 403
    assert "没有接受" in answer.text


async def test_a_form_of_ours_passes(bob: httpx.AsyncClient) -> None:
    headers = {"origin": "http://watcher.test", "sec-fetch-site": "same-origin"}
    answer = await bob.post("/queue/next", data={"form_token": FORM_TOKEN}, headers=headers)
    assert answer.headers["location"] == "/queue?said=nothing_to_call"


async def test_a_proxy_that_renames_the_host_can_be_named(
    sqlite_store: Store, clock: ManualClock, visit: Visit, bob_id: int
) -> None:
    site = a_site(sqlite_store, clock, public_hosts=frozenset({"parcels.test"}))
    browser = visit(a_token(sqlite_store, bob_id), of=site)
    answer = await browser.post(
        "/queue/next", data={"form_token": FORM_TOKEN}, headers={"origin": "https://parcels.test"}
    )
    assert answer.status_code == 303


async def signed_in(
    browser: httpx.AsyncClient, *, password: str = PASSWORD, wish: str = "/queue"
) -> httpx.Response:
    page = await browser.get("/sign-in")
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    form = {"form_token": token, "name": "dora", "password": password, "next": wish}
    return await browser.post("/sign-in", data=form)


@pytest.fixture
def _dora(sqlite_store: Store, clock: ManualClock) -> None:
    staff.add(sqlite_store, clock, name="dora", role=Role.AGENT, password=PASSWORD)


@pytest.mark.usefixtures("_dora")
async def test_a_right_password_leads_to_the_page_that_was_wanted(charlie: httpx.AsyncClient) -> None:
    answer = await signed_in(charlie, wish="/health")
    assert (answer.status_code, answer.headers["location"]) == (303, "/health")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await charlie.get("/queue")).status_code == 200


@pytest.mark.usefixtures("_dora")
async def test_a_wrong_password_says_so_and_keeps_the_name(charlie: httpx.AsyncClient) -> None:
    answer = await signed_in(charlie, password="wrong")
    assert answer.status_code == 403
    assert "用户名或密码不对" in answer.text
    assert 'value="dora"' in answer.text
    assert "watcher_session" not in answer.headers.get("set-cookie", "")


@pytest.mark.usefixtures("_dora")
async def test_a_sign_in_page_that_was_left_open_over_night_still_works(charlie: httpx.AsyncClient) -> None:
    cookie = (await charlie.get("/sign-in")).headers["set-cookie"]
    assert cookie.startswith("watcher_door=")
    assert "max-age" not in cookie.lower()
    assert "expires" not in cookie.lower()


async def test_signing_in_needs_the_form_of_this_browser(charlie: httpx.AsyncClient) -> None:
    form = {"name": "dora", "password": PASSWORD}
    assert (await charlie.post("/sign-in", data=form)).status_code == 403
    assert (await charlie.post("/sign-in", data={**form, "form_token": "guessed"})).status_code == 403


@pytest.mark.usefixtures("_dora")
async def test_after_signing_out_the_cookie_is_worth_nothing(charlie: httpx.AsyncClient) -> None:
    await signed_in(charlie)
    old = charlie.cookies["watcher_session"]
    token = (await charlie.get("/api/session")).json()["form_token"]
    answer = await charlie.post("/sign-out", data={"form_token": token})
    assert answer.headers["location"] == "/sign-in?said=signed_out"
    charlie.cookies.set("watcher_session", old)
    assert (await charlie.get("/queue")).status_code == 303


async def test_a_disabled_person_is_out_at_once(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    assert (await bob.get("/queue")).status_code == 200
    staff.disable(sqlite_store, clock, name="bob")
    assert (await bob.get("/queue")).status_code == 303


async def test_a_session_that_ran_out_leads_to_the_door(bob: httpx.AsyncClient, clock: ManualClock) -> None:
    clock.advance(timedelta(hours=13))
    assert (await bob.get("/queue")).headers["location"] == "/sign-in?next=/queue"


@pytest.mark.parametrize(
    "wish",
    [
        "https://elsewhere.test",
        "//elsewhere.test",
        "/\\elsewhere.test",
        "javascript:alert(1)",
        "queue",
        "",
        "/a\nb",
        "/\t/e",
        "//[",
        "/\x00",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(wish: str) -> None:
    assert safe_path(wish) == "/queue"


def test_a_path_of_ours_is_kept_with_its_filters() -> None:
    assert safe_path("/queue?state=open&rule=refused") == "/queue?state=open&rule=refused"


@pytest.mark.parametrize("origin", ["http://[", "null", "//", "http://watcher.test.elsewhere.test"])
@pytest.mark.parametrize("header", ["origin", "referer"])
async def test_an_origin_that_is_no_address_of_ours_is_refused(
    bob: httpx.AsyncClient, charlie: httpx.AsyncClient, header: str, origin: str
) -> None:
    form = {"form_token": FORM_TOKEN}
    assert (await bob.post("/queue/next", data=form, headers={header: origin})).status_code == 403
    assert (await charlie.post("/sign-in", data=form, headers={header: origin})).status_code == 403


@pytest.mark.parametrize(
    "address",
    ["/queue?carrier=%00", "/shipments?number=7%00", "/coverage?carrier=%00", "/api/shipments/7%00",
     "/api/work-items?carrier=%00", "/api/coverage?carrier=%00"],
)  # fmt: skip
async def test_an_address_that_no_database_can_be_asked_for_leads_nowhere(
    bob: httpx.AsyncClient, address: str
) -> None:
    assert (await bob.get(address)).status_code == 404


@pytest.mark.parametrize("path", ["/queue/", "/static"])
async def test_nobody_is_sent_to_the_host_that_a_request_names(bob: httpx.AsyncClient, path: str) -> None:
    answer = await bob.get(path, headers={"host": "elsewhere.test"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", [*PAGES, "/sign-in", "/nowhere", "/healthz"])
async def test_every_answer_carries_the_headers(bob: httpx.AsyncClient, path: str) -> None:
    headers = (await bob.get(path)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


async def test_files_of_ours_may_be_kept(charlie: httpx.AsyncClient) -> None:
    for name, kind in (
        ("console.css", "text/css"),
        ("console.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
    ):
        answer = await charlie.get(f"/static/{name}")
        assert answer.headers["content-type"].startswith(kind)
        assert "immutable" in answer.headers["cache-control"]
    assert (await charlie.get("/static/none.css")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "page", ["/queue", "/work-items/1", "/shipments/1", "/coverage", "/health", "/sign-in"]
)
async def test_no_page_holds_script_or_style_of_its_own(
    bob: httpx.AsyncClient, charlie: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock, page: str
) -> None:
    an_unreachable_recipient(sqlite_store)
    queued(sqlite_store, clock)
    browser = charlie if page == "/sign-in" else bob
    text = (await browser.get(page)).text
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick=" not in text
    assert text.count("<script") == 1


async def test_a_body_that_is_too_large_is_refused(bob: httpx.AsyncClient) -> None:
    answer = await bob.post("/queue/next", content=b"x" * (LARGEST_FORM + 1))
    assert answer.status_code == 413
    assert (await bob.post("/push/zto-main", content=b"x" * (LARGEST_PUSH + 1))).status_code == 413


async def test_a_body_of_unknown_length_is_counted(bob: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_FORM // 1024 + 1):
            yield b"x" * 1024

    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await bob.post("/queue/next", content=endless(), headers=headers)
    assert answer.status_code == 413


async def test_an_agent_sees_health_and_coverage_too(
    bob: httpx.AsyncClient, alice: httpx.AsyncClient
) -> None:
    for browser in (bob, alice):
        assert (await browser.get("/health")).status_code == 200
        assert (await browser.get("/coverage")).status_code == 200


async def test_hammering_the_door_shuts_it(
    charlie: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        staff, "_hasher", lambda: staff.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
    for _ in range(staff.TRIES):
        assert (await signed_in(charlie, password="guess")).status_code == 403
    answer = await signed_in(charlie, password="guess")
    assert answer.status_code == 429
    assert "等五分钟" in answer.text


@pytest.mark.usefixtures("_dora")
async def test_the_cookie_stays_on_https_where_that_is_set(
    sqlite_store: Store, clock: ManualClock, visit: Visit
) -> None:
    browser = visit(of=a_site(sqlite_store, clock, cookie_secure=True))
    browser.base_url = "https://watcher.test"
    assert "Secure" in (await signed_in(browser)).headers["set-cookie"]
