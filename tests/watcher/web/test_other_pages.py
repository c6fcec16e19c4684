"""Shipments, coverage, health, home, errors, languages."""

from collections.abc import Callable

import httpx
import pytest
import sqlalchemy as sa
from browser.story import FORM_TOKEN, RECIPIENT_PHONE, a_busy_day, a_site, a_token, an_unreachable_recipient
from builders import ago, stored

from watcher.clock import ManualClock
from watcher.model import Box
from watcher.store.engine import Store
from watcher.store.tables import account_state, evidence, heartbeat, poll, watch

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


@pytest.mark.parametrize(
    "typed", ["sf1000000000001", " SF 1000 0000 00001 ", "ＳＦ１０００００００００００１", "A 17", "A 17 "]
)
async def test_a_number_is_found_as_people_type_it(
    bob: httpx.AsyncClient, sqlite_store: Store, typed: str
) -> None:
    key = stored(sqlite_store, tracking_number="SF1000000000001", order_number="A 17", carrier="sf")
    answer = await bob.get("/shipments", params={"number": typed})
    assert answer.headers.get("location") == f"/shipments/{key}"


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


async def test_a_parcel_that_was_never_asked_about_is_not_called_well(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    stored(sqlite_store, number_uploaded_at=ago("5h"))
    text = (await bob.get("/shipments/1")).text
    assert "还没有查询过，不知道有没有异常" in text
    assert "首次查询定在" in text
    assert "目前没有异常" not in text


async def test_a_parcel_without_an_account_says_which_carrier_nobody_answers_for(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    stored(sqlite_store, box=Box.UNASSIGNED, carrier="yto")
    text = (await bob.get("/shipments/1?lang=en")).text
    assert "Not asked yet: nobody knows whether it is well." in text
    assert "No account answers for YTO Express." in text


async def test_a_parcel_that_was_asked_in_vain_is_not_called_well(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    stored(sqlite_store)
    with sqlite_store.write() as connection:
        connection.execute(sa.update(watch).values(last_polled_at=ago("1h"), last_outcome="unreachable"))
    assert "查询过但从未得到应答" in (await bob.get("/shipments/1")).text


async def test_a_parcel_without_scans_begins_with_its_number(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    stored(sqlite_store, number_uploaded_at=ago("5h"))
    text = (await bob.get("/shipments/1")).text
    assert "尚无轨迹" in text
    assert "承运商还没有给出任何轨迹" in text
    assert "运单号上传" in text
    assert "未知" not in text


async def test_the_number_stands_below_the_first_scan(bob: httpx.AsyncClient, sqlite_store: Store) -> None:
    an_unreachable_recipient(sqlite_store, number_uploaded_at=ago("3d"))
    text = (await bob.get("/shipments/1")).text
    assert text.index("【深圳南山】已揽收") < text.index("运单号上传")
    assert text.count("运单号上传") == 1


async def test_a_code_of_the_carrier_does_not_look_like_an_error_of_ours(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    stored(sqlite_store)
    row = {"shipment_id": 1, "account": "zto-main", "way": "poll", "reason": "first_look", "new_scans": 0}
    with sqlite_store.write() as connection:
        connection.execute(
            sa.insert(poll).values(**row, outcome="not_found_yet", polled_at=ago("1h"), code="500")
        )
    assert "（承运商代码 500）</small>" in (await bob.get("/shipments/1")).text


async def test_numbers_of_a_shipment_are_masked_until_revealed(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    key = an_unreachable_recipient(sqlite_store)
    assert RECIPIENT_PHONE not in (await bob.get(f"/shipments/{key}")).text
    await bob.post(f"/shipments/{key}/reveal", data=TOKEN)
    assert f"tel:+86{RECIPIENT_PHONE}" in (await bob.get(f"/shipments/{key}")).text
    assert (await bob.post("/shipments/999/reveal", data=TOKEN)).status_code == 404


async def test_a_filter_that_was_emptied_filters_nothing(bob: httpx.AsyncClient) -> None:
    assert (await bob.get("/coverage?level=city&carrier=&minimum=")).status_code == 200


async def test_coverage_counts_and_gives_no_percentage(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    a_busy_day(sqlite_store, clock)
    text = (await bob.get("/coverage?level=province")).text
    assert "新疆维吾尔自治区" in text
    assert "%</td>" not in text
    assert "不足 99 件的地区没有列出" in (await bob.get("/coverage?minimum=99")).text
    assert "市</option>" in (await bob.get("/coverage?level=moon")).text


async def test_coverage_begins_with_a_total_and_shows_zeros_as_dots(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    a_busy_day(sqlite_store, clock)
    text = (await bob.get("/coverage")).text
    total = text[text.index('<tr class="total">') :]
    total = total[: total.index("</tr>")]
    assert '<td data-label="件数" class="number">7</td>' in total
    assert '<td data-label="在途/未定" class="number">7</td>' in total
    assert '<td data-label="送到门" class="number none"><span aria-hidden="true">·</span>' in total


async def test_coverage_of_one_province_leaves_the_others_out(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    a_busy_day(sqlite_store, clock)
    text = (await bob.get("/coverage?province=65")).text
    assert '<option value="65" selected>新疆维吾尔自治区</option>' in text
    assert "<td>新疆维吾尔自治区" in text
    assert "<td>四川省" not in text
    assert "<td>四川省" in (await bob.get("/coverage?province=moon")).text


async def test_a_place_with_one_parcel_is_left_out_until_it_is_asked_for(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    key = stored(sqlite_store)
    with sqlite_store.write() as connection:
        connection.execute(
            sa.insert(evidence).values(
                shipment_id=key, fate="shipped", carrier="zto", province="51", city="5101", at=ago("1d")
            )
        )
    assert "不足 2 件的地区没有列出" in (await bob.get("/coverage")).text
    assert '<tr class="total">' in (await bob.get("/coverage?minimum=1")).text


async def test_coverage_without_evidence_says_when_it_comes(bob: httpx.AsyncClient) -> None:
    assert "第一批签收或异常" in (await bob.get("/coverage")).text


async def test_health_shows_stopped_loops_and_broken_sources_in_red(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    a_busy_day(sqlite_store, clock)
    text = (await bob.get("/health")).text
    assert text.count('<tr class="bad">') == 2
    assert "已停" in text
    assert "已停止：<b>查询轨迹</b>" in text
    assert "账号 sf-main 不应答（自" in text
    assert 'class="said"' not in text
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


async def test_health_says_what_to_do_about_an_account_that_does_not_answer(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    stored(sqlite_store)
    row = {"shipment_id": 1, "account": "zto-main", "way": "poll", "reason": "retry", "new_scans": 0}
    with sqlite_store.write() as connection:
        connection.execute(
            sa.insert(poll).values(**row, outcome="authentication_failed", polled_at=ago("1m"))
        )
        connection.execute(
            sa.insert(account_state).values(
                account="zto-main", source="zto", breaker="open", failures_in_a_row=3, last_error="zto: no"
            )
        )
    text = (await bob.get("/health")).text
    assert "请检查账号 zto-main 的密钥" in text
    assert "停用中" in text
    text = (await bob.get("/health?lang=en")).text
    assert "Check the secrets of account zto-main" in text


async def test_health_names_a_loop_that_never_ticked(
    visit: Visit, bob_id: int, sqlite_store: Store, clock: ManualClock
) -> None:
    browser = visit(a_token(sqlite_store, bob_id), of=a_site(sqlite_store, clock, loops=("alert",)))
    assert "已停止：<b>发出预警</b>" in (await browser.get("/health")).text


async def test_an_address_that_leads_nowhere_says_so_in_both_languages(charlie: httpx.AsyncClient) -> None:
    for language, words in (("zh", "这里什么也没有"), ("en", "There is nothing here")):
        answer = await charlie.get("/nowhere", headers={"accept-language": language})
        assert answer.status_code == 404
        assert words in answer.text


async def test_who_is_signed_in_keeps_the_navigation_where_nothing_is(bob: httpx.AsyncClient) -> None:
    for path in ("/nowhere", "/shipments/999", "/work-items/x"):
        answer = await bob.get(path)
        assert answer.status_code == 404
        assert 'href="/coverage"' in answer.text


async def test_a_stranger_sees_no_navigation_where_nothing_is(charlie: httpx.AsyncClient) -> None:
    assert 'href="/coverage"' not in (await charlie.get("/nowhere")).text


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
