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
    heard: list[tuple[str, str | None, PushRequest]] = []

    async def receive(account: str, push: PushRequest, key: str | None) -> PushReply:
        heard.append((account, key, push))
        return PushReply(202, "text/xml; charset=gbk", "<好/>".encode("gbk"))

    browser: httpx.AsyncClient = visit(of=a_site(sqlite_store, clock, receive_push=receive))
    answer = await browser.post(
        "/push/kuaidi100-main?a=1", content=b"\xff\x00param=1", headers={"X-Sign": "s"}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (202, "text/xml; charset=gbk")
    assert answer.content == "<好/>".encode("gbk")
    account, key, push = heard[0]
    assert (account, key, push.body, push.query, push.headers["x-sign"]) == (
        "kuaidi100-main",
        None,
        b"\xff\x00param=1",
        {"a": "1"},
        "s",
    )


async def test_the_end_of_the_address_reaches_the_receiver(
    visit: Visit, sqlite_store: Store, clock: ManualClock
) -> None:
    async def receive(account: str, _push: PushRequest, key: str | None) -> PushReply:
        return PushReply(200, "text/plain", f"{account} {key}".encode())

    browser = visit(of=a_site(sqlite_store, clock, receive_push=receive))
    assert (await browser.post("/push/jd-main/0a1b", content=b"x")).text == "jd-main 0a1b"


async def test_a_receiver_that_breaks_answers_so_that_the_source_comes_again(
    visit: Visit, sqlite_store: Store, clock: ManualClock
) -> None:
    async def receive(_account: str, _push: PushRequest, _key: str | None) -> PushReply:
        raise RuntimeError("broken")

    browser = visit(of=a_site(sqlite_store, clock, receive_push=receive))
    answer = await browser.post("/push/kuaidi100-main", content=b"x")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "failed"


async def test_looking_at_the_push_address_is_no_push(charlie: httpx.AsyncClient) -> None:
    assert (await charlie.get("/push/kuaidi100-main")).status_code == 405
