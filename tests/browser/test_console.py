"""The console as people see it: two widths, two languages, with JavaScript and without."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
import sqlalchemy as sa
from browser.story import RECIPIENT_PHONE, Served, a_token, item_of
from playwright.sync_api import Browser, Page, expect

from watcher import staff
from watcher.clock import ManualClock
from watcher.model import Role
from watcher.store.tables import work_item, work_item_event

pytestmark = pytest.mark.slow
PAGES = ("/queue", "/work-items/1", "/shipments", "/shipments/1", "/coverage", "/health", "/nowhere")
Opened = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, served: Served) -> Iterator[Opened]:
    """Opens a signed-in page; `complaints` collects what the console of the browser says."""
    token = a_token(served.store, served.alice_id)
    with ExitStack() as stack:

        def open_page(*, complaints: list[str] | None = None, signed_in: bool = True, **options: Any) -> Page:
            context = stack.enter_context(closing(chromium.new_context(base_url=served.address, **options)))
            context.set_default_timeout(10_000)
            if signed_in:
                context.add_cookies([{"name": "watcher_session", "value": token, "url": served.address}])
            page = context.new_page()
            if complaints is not None:
                page.on("console", lambda message: complaints.append(message.text))
                page.on("pageerror", lambda error: complaints.append(str(error)))
            return page

        yield open_page


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 375])
def test_every_page_fits_and_the_browser_has_nothing_to_complain_about(
    opened: Opened, width: int, language: str
) -> None:
    complaints: list[str] = []
    page = opened(complaints=complaints, viewport={"width": width, "height": 800})
    for path in PAGES:
        page.goto(f"{path}?lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("h1").count() == 1, path
        assert page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")
    # the browser itself reports the page that is not there
    assert [said for said in complaints if "404" not in said] == []


def test_every_field_has_a_name_and_every_button_a_word(opened: Opened) -> None:
    page = opened()
    for path in PAGES:
        page.goto(path)
        nameless = page.eval_on_selector_all(
            "input:not([type=hidden]), select, textarea",
            "all => all.filter(one => !one.labels.length).length",
        )
        assert nameless == 0, path
        silent = page.eval_on_selector_all(
            "button, a", "all => all.filter(one => !one.textContent.trim()).length"
        )
        assert silent == 0, path


@pytest.mark.parametrize("javascript", [True, False])
def test_an_agent_claims_calls_notes_and_closes(opened: Opened, served: Served, *, javascript: bool) -> None:
    page = opened(java_script_enabled=javascript, locale="en-GB", viewport={"width": 375, "height": 800})
    page.goto("/queue?rule=recipient_unreachable&carrier=zto")
    page.get_by_role("link", name="Recipient not reached").first.click()
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_role("status")).to_contain_text("Claimed")
    page.get_by_role("button", name="Show numbers").click()
    expect(page.locator(f'a[href="tel:+86{RECIPIENT_PHONE}"]')).to_be_visible()
    page.get_by_label("Note", exact=True).fill("at home tonight, 说好再派")
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_text("at home tonight, 说好再派").first).to_be_visible()
    page.locator("summary", has_text="Close").click()
    page.get_by_label("What came of it").select_option("redelivery_agreed")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("status")).to_contain_text("Closed")
    with served.store.read() as connection:
        state = connection.execute(sa.select(work_item.c.state).where(work_item.c.id == 1)).scalar_one()
        kinds = list(
            connection.execute(
                sa.select(work_item_event.c.kind).where(work_item_event.c.work_item_id == 1)
            ).scalars()
        )
    assert state == "closed"
    assert kinds[-3:] == ["claimed", "noted", "closed"]


def test_signing_in_by_keyboard(opened: Opened, served: Served, clock: ManualClock) -> None:
    staff.add(served.store, clock, name="dora", role=Role.AGENT, password="long enough to pass")
    page = opened(signed_in=False)
    page.goto("/health?lang=en")
    page.keyboard.type("dora")
    page.keyboard.press("Tab")
    page.keyboard.type("long enough to pass")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Health")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_queue_renews_itself_while_it_is_looked_at(opened: Opened, served: Served) -> None:
    page = opened(locale="en-GB")
    page.clock.install()
    page.goto("/queue")
    rows = page.locator("table.queue tbody tr")
    expect(rows).to_have_count(10)
    with served.store.write() as connection:
        gone = sa.update(work_item).where(work_item.c.id == item_of(served.store, 1))
        connection.execute(gone.values(state="closed", closed_at=sa.func.now()))
    page.clock.run_for(21_000)
    expect(rows).to_have_count(9)


def test_a_list_that_cannot_be_renewed_says_so(opened: Opened) -> None:
    page = opened(locale="en-GB")
    page.clock.install()
    page.goto("/queue")
    page.route("**/queue?*part=list*", lambda route: route.abort())
    page.clock.run_for(21_000)
    expect(page.locator("#stale")).to_be_visible()
    page.unroute("**/queue?*part=list*")
    page.clock.run_for(21_000)
    expect(page.locator("#stale")).to_be_hidden()


def test_wording_is_copied_with_one_click(opened: Opened) -> None:
    page = opened(locale="en-GB", permissions=["clipboard-read", "clipboard-write"])
    page.goto("/work-items/1")
    page.locator('[data-copy="to-recipient"]').click()
    expect(page.locator('[data-copy="to-recipient"]')).to_have_text("Copied")
    assert (
        page.evaluate("navigator.clipboard.readText()") == page.locator("#to-recipient").inner_text().strip()
    )


def test_a_half_written_note_is_not_lost_by_a_click(opened: Opened) -> None:
    page = opened(locale="en-GB")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto("/work-items/1")
    page.get_by_label("Note", exact=True).click()
    page.keyboard.type("half a")
    with page.expect_event("dialog"):
        page.get_by_role("button", name="Claim").click(no_wait_after=True)
    expect(page.get_by_label("Note", exact=True)).to_have_value("half a")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_role("status")).to_contain_text("Note saved")
    assert asked == ["beforeunload"]
