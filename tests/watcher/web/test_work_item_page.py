"""One card: who to call, what happened, what can be done; and what stays hidden until it is asked for."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from browser.story import (
    COURIER_PHONE,
    FORM_TOKEN,
    RECIPIENT_PHONE,
    a_site,
    a_token,
    an_unreachable_recipient,
    item_of,
    queued,
    raised,
)
from builders import NOW, a_scan, stored

from watcher.clock import ManualClock
from watcher.model import CloseReason, Rule, WorkItemState
from watcher.queue.work import Desk
from watcher.store import work_items
from watcher.store.engine import Store
from watcher.store.tables import reveal, work_item_event

Visit = Callable[..., httpx.AsyncClient]
TOKEN = {"form_token": FORM_TOKEN}


@pytest.fixture
def shipment(sqlite_store: Store, clock: ManualClock) -> int:
    key = an_unreachable_recipient(sqlite_store)
    queued(sqlite_store, clock)
    return key


@pytest.fixture
def item(sqlite_store: Store, shipment: int) -> int:
    return item_of(sqlite_store, shipment)


def digits(text: str) -> str:
    """Only the digits, so that no spacing hides a number."""
    return "".join(letter for letter in text if letter.isdigit())


def events(store: Store) -> list[str]:
    with store.read() as connection:
        return list(
            connection.execute(sa.select(work_item_event.c.kind).order_by(work_item_event.c.id)).scalars()
        )


async def test_the_card_says_what_is_wrong_what_to_do_and_what_to_say(
    bob: httpx.AsyncClient, item: int
) -> None:
    text = (await bob.get(f"/work-items/{item}")).text
    assert "联系不上收件人" in text
    assert "03-02 07:00 · 3 小时前" in text
    assert "03-02 14:00 · 4 小时后" in text
    assert "¥299" in text
    assert "怎么处理" in text
    assert "对收件人说" in text
    assert text.index("成都转运中心") < text.index("深圳南山")


async def test_numbers_are_not_in_the_page_until_they_are_revealed(bob: httpx.AsyncClient, item: int) -> None:
    before = (await bob.get(f"/work-items/{item}")).text
    for phone in (RECIPIENT_PHONE, COURIER_PHONE):
        assert phone not in digits(before)
    assert "138****0001" in before
    assert "tel:+86" not in before
    answer = await bob.post(f"/work-items/{item}/reveal", data=TOKEN)
    assert answer.headers["location"] == f"/work-items/{item}#people"
    after = (await bob.get(f"/work-items/{item}")).text
    assert f'href="tel:+86{RECIPIENT_PHONE}"' in after
    assert f'href="tel:+86{COURIER_PHONE}"' in after


async def test_numbers_hide_wherever_somebody_wrote_them(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    """Merchants write phones behind names, carriers into fields that are for places."""
    hidden = [f"1390000{number:04}" for number in range(12)]
    by_name = iter(hidden)
    fields = ("text", "facility", "station", "signed_by", "pickup_code", "courier_name")
    line = {name: f"某 {next(by_name)}" for name in fields} | {"courier_phone": COURIER_PHONE, "city": None}
    words = {
        name: f"某 {next(by_name)}" for name in ("recipient", "address", "order_note", "shop", "warehouse")
    }
    key = stored(sqlite_store, a_scan("out_for_delivery", "3h", "refused", **line), **words)
    raised(sqlite_store, key, Rule.REFUSED, facts={"facility": next(by_name)})
    queued(sqlite_store, clock)
    item = item_of(sqlite_store, key)
    for page in (f"/work-items/{item}", f"/shipments/{key}", f"/api/work-items/{item}"):
        text = digits((await bob.get(page)).text)
        assert [number for number in hidden if number in text] == []
    await bob.post(f"/work-items/{item}/reveal", data=TOKEN)
    assert hidden[1] in digits((await bob.get(f"/work-items/{item}")).text)


async def test_the_desk_of_the_carrier_is_no_secret(bob: httpx.AsyncClient, item: int) -> None:
    assert 'href="tel:95311"' in (await bob.get(f"/work-items/{item}")).text


async def test_a_reveal_is_for_one_person_and_one_parcel_and_written_down(
    bob: httpx.AsyncClient,
    alice: httpx.AsyncClient,
    *,
    bob_id: int,
    item: int,
    shipment: int,
    sqlite_store: Store,
) -> None:
    await bob.post(f"/work-items/{item}/reveal", data=TOKEN)
    await bob.post(f"/work-items/{item}/reveal", data=TOKEN)
    assert RECIPIENT_PHONE not in digits((await alice.get(f"/work-items/{item}")).text)
    with sqlite_store.read() as connection:
        rows = list(connection.execute(sa.select(reveal.c.staff_id, reveal.c.shipment_id, reveal.c.at)))
    assert rows == [(bob_id, shipment, NOW)]


async def test_revealed_numbers_close_again(bob: httpx.AsyncClient, item: int, clock: ManualClock) -> None:
    await bob.post(f"/work-items/{item}/reveal", data=TOKEN)
    clock.advance(timedelta(minutes=15))
    assert RECIPIENT_PHONE not in digits((await bob.get(f"/work-items/{item}")).text)


async def test_the_budget_of_an_hour_ends_and_begins_anew(
    visit: Visit, bob_id: int, item: int, sqlite_store: Store, clock: ManualClock
) -> None:
    other = an_unreachable_recipient(sqlite_store, order_number="O-2", tracking_number="78400000000002")
    queued(sqlite_store, clock)
    browser = visit(a_token(sqlite_store, bob_id), of=a_site(sqlite_store, clock, reveals_per_hour=1))
    assert (await browser.post(f"/work-items/{item}/reveal", data=TOKEN)).status_code == 303
    refused = await browser.post(f"/work-items/{item_of(sqlite_store, other)}/reveal", data=TOKEN)
    assert refused.status_code == 429
    assert "已达上限" in refused.text
    assert RECIPIENT_PHONE not in digits(refused.text)
    clock.advance(timedelta(hours=1))
    again = await browser.post(f"/work-items/{item_of(sqlite_store, other)}/reveal", data=TOKEN)
    assert again.status_code == 303


async def test_claim_note_and_close(bob: httpx.AsyncClient, item: int, sqlite_store: Store) -> None:
    assert (
        (await bob.post(f"/work-items/{item}/claim", data=TOKEN))
        .headers["location"]
        .endswith("?said=claimed")
    )
    answer = await bob.post(f"/work-items/{item}/note", data={**TOKEN, "text": "晚上在家，答应再派"})
    assert "备注已保存" in (await bob.get(answer.headers["location"])).text
    page = (await bob.get(f"/work-items/{item}")).text
    assert "之前说过什么" in page
    assert page.count("晚上在家，答应再派") == 2
    form = {**TOKEN, "reason": CloseReason.REDELIVERY_AGREED, "note": "今晚"}
    answer = await bob.post(f"/work-items/{item}/close", data=form)
    assert answer.headers["location"] == "/queue?said=closed"
    closed = (await bob.get(f"/work-items/{item}")).text
    assert "已约定再派" in closed
    assert "/close" not in closed
    assert events(sqlite_store)[-3:] == ["claimed", "noted", "closed"]


async def test_giving_back_leaves_it_to_the_others(
    bob: httpx.AsyncClient, item: int, sqlite_store: Store
) -> None:
    await bob.post(f"/work-items/{item}/claim", data=TOKEN)
    assert "放回队列" in (await bob.get(f"/work-items/{item}")).text
    await bob.post(f"/work-items/{item}/release", data=TOKEN)
    with sqlite_store.read() as connection:
        found = work_items.by_id(connection, item)
    assert found is not None
    assert found.state is WorkItemState.OPEN


async def test_snoozing_until_an_offered_hour_or_a_typed_one(
    bob: httpx.AsyncClient, item: int, sqlite_store: Store
) -> None:
    text = (await bob.get(f"/work-items/{item}")).text
    assert "30 分钟后 (10:30)" in text
    assert "明天 09:00" in text
    offered = (NOW + timedelta(hours=2)).isoformat()
    form = {**TOKEN, "until": offered, "other": "2026-03-03T15:30", "note": ""}
    assert (await bob.post(f"/work-items/{item}/snooze", data=form)).headers[
        "location"
    ] == "/queue?said=snoozed"
    with sqlite_store.read() as connection:
        found = work_items.by_id(connection, item)
    assert found is not None
    assert found.snoozed_until == NOW + timedelta(days=1, hours=5, minutes=30)


async def test_a_colleagues_work_item_stays_theirs_and_what_was_written_is_kept(
    bob: httpx.AsyncClient, alice_id: int, item: int, sqlite_store: Store, clock: ManualClock
) -> None:
    Desk(sqlite_store, clock).claim(item, staff_id=alice_id)
    form = {**TOKEN, "reason": CloseReason.REFUNDED, "note": "买家要求退款"}
    answer = await bob.post(f"/work-items/{item}/close", data=form)
    assert answer.status_code == 409
    assert "同事正在处理" in answer.text
    assert 'value="买家要求退款"' in answer.text
    assert '<option value="refunded" selected>' in answer.text


async def test_what_was_written_is_kept_where_the_work_ended_meanwhile(
    bob: httpx.AsyncClient, alice_id: int, item: int, sqlite_store: Store, clock: ManualClock
) -> None:
    """The forms are gone with the work; a note can still be written."""
    Desk(sqlite_store, clock).close(item, staff_id=alice_id, reason=CloseReason.REFUNDED)
    for verb, form in (("close", {"reason": "nothing_wrong"}), ("snooze", {"until": "2026-03-02T18:00"})):
        answer = await bob.post(f"/work-items/{item}/{verb}", data={**TOKEN, **form, "note": "买家会自取"})
        assert answer.status_code == 409
        assert ">买家会自取</textarea>" in answer.text


async def test_lines_of_a_note_count_as_the_browser_counts_them(bob: httpx.AsyncClient, item: int) -> None:
    lines = "\r\n".join(["字"] * 1000)
    answer = await bob.post(f"/work-items/{item}/note", data={**TOKEN, "text": lines})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("verb", "form", "status", "words"),
    [
        ("note", {"text": "  "}, 409, "1 到 2000"),
        ("note", {"text": "长" * 2001}, 409, "1 到 2000"),
        ("snooze", {"until": "soon"}, 422, "请选择何时回来"),
        ("snooze", {"until": "2026-03-01T10:00"}, 409, "将来的时间"),
        ("snooze", {"until": "2027-03-01T10:00"}, 409, "14 天"),
        ("close", {}, 422, "请选择结果"),
        ("close", {"reason": "done"}, 422, "请选择结果"),
        ("close", {"reason": "delivered"}, 409, "只能由系统写入"),
        ("release", {}, 409, "先认领"),
    ],
)
async def test_what_cannot_be_done_is_refused_in_words_and_changes_nothing(
    bob: httpx.AsyncClient,
    item: int,
    sqlite_store: Store,
    *,
    verb: str,
    form: dict[str, str],
    status: int,
    words: str,
) -> None:
    before = events(sqlite_store)
    answer = await bob.post(f"/work-items/{item}/{verb}", data={**TOKEN, **form})
    assert answer.status_code == status
    assert words in answer.text
    assert events(sqlite_store) == before


async def test_a_work_item_that_is_not_there_is_a_page_that_says_so(bob: httpx.AsyncClient) -> None:
    for number in ("999", "nine", "99999999999999999999"):
        answer = await bob.get(f"/work-items/{number}")
        assert answer.status_code == 404
        assert "这里什么也没有" in answer.text
    for verb in ("claim", "release", "reveal"):
        assert (await bob.post(f"/work-items/999/{verb}", data=TOKEN)).status_code == 404


async def test_nothing_a_carrier_or_a_buyer_wrote_becomes_html(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    nasty = "<script>alert('x')</script>\"'><img src=x onerror=y>{{7*7}}"
    key = stored(
        sqlite_store,
        a_scan(
            "exception",
            "1h",
            "refused",
            text=nasty,
            facility=nasty,
            courier_name=nasty,
            courier_phone="13800000077",
        ),
        recipient=nasty,
        address=nasty,
        order_note=nasty,
        shop=nasty,
        order_number=nasty,
    )
    raised(sqlite_store, key, Rule.REFUSED, facts={"facility": nasty})
    queued(sqlite_store, clock)
    item = item_of(sqlite_store, key)
    await bob.post(f"/work-items/{item}/note", data={**TOKEN, "text": nasty})
    for page in (f"/work-items/{item}", f"/shipments/{key}", "/queue"):
        text = (await bob.get(page)).text
        assert "alert(" in text
        assert "<script>" not in text
        assert "<img src=x" not in text
        assert "49" not in text.split("alert(", 1)[1][:200]


async def test_a_parcel_without_any_number_says_how_to_go_on(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    key = stored(sqlite_store, phone=None, recipient=None, address=None, carrier="ane")
    raised(sqlite_store, key, Rule.STALLED)
    queued(sqlite_store, clock)
    text = (await bob.get(f"/work-items/{item_of(sqlite_store, key)}")).text
    assert "在平台上给买家留言" in text
    assert "没有该承运商的客服电话" in text
    assert "还没有应答" in text
    assert "显示号码" not in text


async def test_other_is_refused_without_a_note_and_the_form_stays_open(
    bob: httpx.AsyncClient, item: int
) -> None:
    answer = await bob.post(f"/work-items/{item}/close", data={**TOKEN, "reason": "other"})
    assert answer.status_code == 409
    assert "选“其他”请写备注" in answer.text
    assert '<details class="panel" open>' in answer.text
    noted = {**TOKEN, "reason": "other", "note": "门店自己处理"}
    assert (await bob.post(f"/work-items/{item}/close", data=noted)).status_code == 303
