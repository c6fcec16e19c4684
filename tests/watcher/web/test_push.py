"""Pushes: in and out byte for byte, without a session."""

from collections.abc import Callable

import httpx
from browser.story import a_site

from carriers.contract import PushReply, PushRequest
from watcher.clock import ManualClock
from watcher.store.engine import Store

Visit = Callable[..., httpx.AsyncClient]


async def test_a_push_reaches_the_receiver_as_it_came_and_its_reply_goes_back_as_it_is(
    visit: Visit, sqlite_store: Store, clock: ManualClock
) -> None:
    heard: list[tuple[str, PushRequest]] = []

    async def receive(account: str, push: PushRequest) -> PushReply:
        heard.append((account, push))
        return PushReply(202, "text/xml; charset=gbk", "<好/>".encode("gbk"))

    browser: httpx.AsyncClient = visit(of=a_site(sqlite_store, clock, receive_push=receive))
    answer = await browser.post(
        "/push/kuaidi100-main?a=1", content=b"\xff\x00param=1", headers={"X-Sign": "s"}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (202, "text/xml; charset=gbk")
    assert answer.content == "<好/>".encode("gbk")
    account, push = heard[0]
    assert (account, push.body, push.query, push.headers["x-sign"]) == (
        "kuaidi100-main",
        b"\xff\x00param=1",
        {"a": "1"},
        "s",
    )


async def test_a_receiver_that_breaks_answers_so_that_the_source_comes_again(
    visit: Visit, sqlite_store: Store, clock: ManualClock
) -> None:
    async def receive(_account: str, _push: PushRequest) -> PushReply:
        raise RuntimeError("broken")

    browser = visit(of=a_site(sqlite_store, clock, receive_push=receive))
    answer = await browser.post("/push/kuaidi100-main", content=b"x")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "failed"


async def test_looking_at_the_push_address_is_no_push(charlie: httpx.AsyncClient) -> None:
    assert (await charlie.get("/push/kuaidi100-main")).status_code == 405
