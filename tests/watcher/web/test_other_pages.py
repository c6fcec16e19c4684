"""Shipments, coverage, health, home, errors, languages."""

from collections.abc import Callable

import httpx
import pytest
import sqlalchemy as sa
from browser.story import FORM_TOKEN, RECIPIENT_PHONE, a_busy_day, a_site, a_token, an_unreachable_recipient
from builders import ago, stored

from watcher.clock import ManualClock
from watcher.store.engine import Store
from watcher.store.tables import account_state, heartbeat

Visit = Callable[..., httpx.AsyncClient]
TOKEN = {"form_token": FORM_TOKEN}


async def test_home_is_the_queue(bob: httpx.AsyncClient) -> None:
    assert (await bob.get("/")).headers["location"] == "/queue"


async def test_a_number_that_one_parcel_has_opens_it(bob: httpx.AsyncClient, sqlite_store: Store) -> None:
    key = an_unreachable_recipient(sqlite_store)
    for number in ("78400000000001", "O-1", " 7840000 0000001 "):
        answer = await bob.get("/shipments", params={"number": number})
        assert answer.headers["location"] == f"/shipments/{key}"


async def test_an_order_of_several_parcels_lists_them(bob: httpx.AsyncClient, sqlite_store: Store) -> None:
    for number in ("78400000000001", "78400000000002"):
        stored(sqlite_store, tracking_number=number)
    text = (await bob.get("/shipments?number=O-1")).text
    assert "78400000000001" in text
    assert "78400000000002" in text


async def test_an_unknown_number_is_said_back_without_harm(bob: httpx.AsyncClient) -> None:
    text = (await bob.get("/shipments", params={"number": "<b>7%(x)s</b>"})).text
    assert "导入了吗" in text
    assert "&lt;b&gt;7%(x)s&lt;/b&gt;" in text


async def test_the_shipment_page_tells_how_it_was_asked_about(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    a_busy_day(sqlite_store, clock)
    text = (await bob.get("/shipments/1")).text
    assert "有新轨迹 (2)" in text
    assert "被限流" in text
    assert "打开工单" in text
    assert (await bob.get("/shipments/999")).status_code == 404


async def test_numbers_of_a_shipment_are_masked_until_revealed(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    key = an_unreachable_recipient(sqlite_store)
    assert RECIPIENT_PHONE not in (await bob.get(f"/shipments/{key}")).text
    await bob.post(f"/shipments/{key}/reveal", data=TOKEN)
    assert f"tel:+86{RECIPIENT_PHONE}" in (await bob.get(f"/shipments/{key}")).text
    assert (await bob.post("/shipments/999/reveal", data=TOKEN)).status_code == 404


async def test_coverage_counts_and_gives_no_percentage(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    a_busy_day(sqlite_store, clock)
    text = (await bob.get("/coverage?level=province")).text
    assert "新疆维吾尔自治区" in text
    assert "%</td>" not in text
    assert "没有统计" in (await bob.get("/coverage?minimum=99")).text
    assert "市</option>" in (await bob.get("/coverage?level=moon")).text


async def test_coverage_without_evidence_says_when_it_comes(bob: httpx.AsyncClient) -> None:
    assert "第一批签收或异常" in (await bob.get("/coverage")).text


async def test_health_shows_stopped_loops_and_broken_sources_in_red(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    a_busy_day(sqlite_store, clock)
    text = (await bob.get("/health")).text
    assert text.count('<tr class="bad">') == 2
    assert "已停" in text
    assert "<b>poll</b>" in text
    assert "<b>sf-main</b>" in text
    assert "X-99" in text
    assert "监看中" in text


async def test_health_is_calm_when_all_is_well(bob: httpx.AsyncClient, sqlite_store: Store) -> None:
    with sqlite_store.write() as connection:
        connection.execute(
            sa.insert(heartbeat).values(loop="poll", ticked_at=ago("0m"), every_seconds=5, took_seconds=0.1)
        )
        connection.execute(
            sa.insert(account_state).values(account="zto-main", source="zto", breaker="closed")
        )
    text = (await bob.get("/health")).text
    assert "都正常" in text
    assert 'class="bad"' not in text


async def test_health_names_a_loop_that_never_ticked(
    visit: Visit, bob_id: int, sqlite_store: Store, clock: ManualClock
) -> None:
    browser = visit(a_token(sqlite_store, bob_id), of=a_site(sqlite_store, clock, loops=("alert",)))
    assert "<b>alert</b>" in (await browser.get("/health")).text


async def test_an_address_that_leads_nowhere_says_so_in_both_languages(charlie: httpx.AsyncClient) -> None:
    for language, words in (("zh", "这里什么也没有"), ("en", "There is nothing here")):
        answer = await charlie.get("/nowhere", headers={"accept-language": language})
        assert answer.status_code == 404
        assert words in answer.text


async def test_a_breakage_is_a_page_that_tells_nothing_of_the_inside(
    visit: Visit, sqlite_store: Store, bob_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("13800000001 李四")

    monkeypatch.setattr("watcher.queue.cards.overview", broken)
    browser = visit(a_token(sqlite_store, bob_id))
    for path, words in (("/queue", "我们这边出错了"), ("/api/work-items", "nothing was saved")):
        answer = await browser.get(path)
        assert answer.status_code == 500
        assert words in answer.text
        assert "李四" not in answer.text
        assert answer.headers["x-frame-options"] == "DENY"


async def test_a_database_that_is_gone_is_still_a_page(bob: httpx.AsyncClient, sqlite_store: Store) -> None:
    with sqlite_store.write() as connection:
        connection.exec_driver_sql("drop table staff_session")
    answer = await bob.get("/queue")
    assert answer.status_code == 500
    assert "我们这边出错了" in answer.text
