"""The queue page: what is to be done, in order, filtered, page by page."""

from datetime import timedelta

import httpx
from browser.story import FORM_TOKEN, a_busy_day, an_unreachable_recipient, item_of, queued, raised, ticking
from builders import ago, stored

from watcher.clock import ManualClock
from watcher.model import Box, CloseReason, Rule, Urgency, WorkItemState
from watcher.queue.work import Desk
from watcher.store.engine import Store
from watcher.web.console.queue import LINES


async def test_an_empty_queue_says_that_there_is_nothing_to_do(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    ticking(sqlite_store)
    answer = await bob.get("/queue")
    assert "没有待办" in answer.text
    assert "<table" not in answer.text


async def test_an_empty_queue_is_not_called_calm_while_parcels_are_not_watched(
    bob: httpx.AsyncClient, sqlite_store: Store
) -> None:
    ticking(sqlite_store)
    stored(sqlite_store, box=Box.UNASSIGNED, carrier="yto")
    text = (await bob.get("/queue?part=list")).text
    assert "没有待办" not in text
    assert "并不是所有包裹都有人在盯" in text
    assert "1 个包裹没有账号可查" in text


async def test_closed_work_says_what_came_of_it_and_who_closed_it(
    bob: httpx.AsyncClient, *, bob_id: int, sqlite_store: Store, clock: ManualClock
) -> None:
    key = an_unreachable_recipient(sqlite_store)
    queued(sqlite_store, clock)
    item = item_of(sqlite_store, key)
    Desk(sqlite_store, clock).close(item, staff_id=bob_id, reason=CloseReason.MOVING_AGAIN)
    text = (await bob.get("/queue?state=closed")).text
    assert '<td data-label="结果">已恢复流转</td>' in text
    assert '<td data-label="关闭人">bob</td>' in text
    assert "谁在处理" not in text
    assert "<h1>联系不上收件人 <small>" in (await bob.get(f"/work-items/{item}")).text


async def test_the_tabs_have_one_word_for_one_thing(bob: httpx.AsyncClient) -> None:
    text = (await bob.get("/queue?lang=en")).text
    words = ["All open", "Unclaimed", "In hand", "Snoozed", "Mine", "Closed"]
    places = [text.index(f">{word}") for word in words]
    assert places == sorted(places)


async def test_a_line_says_what_is_wrong_how_much_is_at_stake_and_how_old_the_data_is(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    a_busy_day(sqlite_store, clock)
    text = (await bob.get("/queue")).text
    assert "联系不上收件人" in text
    assert "¥299" in text
    assert "4 小时后" in text
    assert "25 分钟前" in text
    assert "四川省 成都市 武侯区 浆洗街街道" in text


async def test_a_deadline_that_has_passed_says_by_how_much(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    an_unreachable_recipient(sqlite_store)
    queued(sqlite_store, clock)
    clock.advance(timedelta(hours=6))
    assert '<span class="late">已超 2 小时</span>' in (await bob.get("/queue")).text


async def test_filters_leave_the_others_out(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    a_busy_day(sqlite_store, clock)
    text = (await bob.get("/queue?rule=refused&carrier=sf")).text
    assert text.count('class="why"') == 1
    assert "78400000000006" in text
    assert "没有工单" in (await bob.get("/queue?rule=refused&carrier=zto&state=snoozed")).text


async def test_an_unknown_filter_word_filters_nothing(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    a_busy_day(sqlite_store, clock)
    assert (await bob.get("/queue?state=%3Cb%3E&rule=none")).text.count('class="why"') == 10


async def test_a_page_that_cannot_be_is_refused_in_words(bob: httpx.AsyncClient) -> None:
    for page in ("0", "-1", "x", "999999999"):
        answer = await bob.get(f"/queue?page={page}")
        assert answer.status_code == 422
        assert "不符合要求" in answer.text


async def test_a_long_queue_comes_page_by_page(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    for number in range(LINES + 3):
        key = stored(sqlite_store, order_number=f"O-{number}", tracking_number=f"7840000{number:07}")
        raised(sqlite_store, key, Rule.REFUSED, at_risk_fen=100_000 - number, since=ago("1h"))
    queued(sqlite_store, clock)
    first, second = (await bob.get("/queue")).text, (await bob.get("/queue?page=2")).text
    assert first.count('class="why"') == LINES
    assert 'href="/queue?page=2"' in first
    assert 'rel="prev"' not in first
    assert second.count('class="why"') == 3
    assert f"第 {LINES + 1}–{LINES + 3} 条，共 {LINES + 3} 条" in second
    assert 'rel="next"' not in second


async def test_the_list_alone_can_be_asked_for(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    a_busy_day(sqlite_store, clock)
    text = (await bob.get("/queue?part=list")).text
    assert text.count('class="why"') == 10
    assert "<html" not in text


async def test_next_call_serves_the_most_pressing_one_claimed(
    bob: httpx.AsyncClient, alice: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    small = stored(sqlite_store, order_number="O-9", tracking_number="78400000000009")
    raised(sqlite_store, small, Rule.STALLED, urgency=Urgency.TODAY, at_risk_fen=1_000)
    large = an_unreachable_recipient(sqlite_store)
    queued(sqlite_store, clock)
    answer = await bob.post("/queue/next", data={"form_token": FORM_TOKEN})
    assert answer.headers["location"] == f"/work-items/{item_of(sqlite_store, large)}"
    again = await alice.post("/queue/next", data={"form_token": FORM_TOKEN})
    assert again.headers["location"] == f"/work-items/{item_of(sqlite_store, small)}"
    assert "bob" in (await alice.get("/queue?state=claimed")).text


async def test_mine_shows_what_is_in_my_hands(
    bob: httpx.AsyncClient, alice: httpx.AsyncClient, bob_id: int, sqlite_store: Store, clock: ManualClock
) -> None:
    key = an_unreachable_recipient(sqlite_store)
    queued(sqlite_store, clock)
    Desk(sqlite_store, clock).claim(item_of(sqlite_store, key), staff_id=bob_id)
    assert (await bob.get("/queue?mine=1")).text.count('class="why"') == 1
    assert (await alice.get("/queue?mine=1")).text.count('class="why"') == 0


async def test_the_tabs_count_every_state(
    bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock
) -> None:
    a_busy_day(sqlite_store, clock)
    text = (await bob.get("/queue")).text
    for state, shown in (
        (WorkItemState.OPEN, "待认领 <b>10</b>"),
        (WorkItemState.CLAIMED, "处理中 <b>0</b>"),
    ):
        assert f'href="/queue?state={state}"' in text
        assert shown in text
