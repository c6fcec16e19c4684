"""Every fault, at every source: it strikes as ordered, as often as ordered, and nobody else."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from carriers.sandbox import accounts, kuaidi100, sf, zto
from carriers.sandbox.faults import Fault, FaultKind
from carriers.sandbox.life import Life
from carriers.sandbox.world import Outcome, World

SOURCES = ("sf", "zto", "kuaidi100")
SystemError_ = {"sf": "A1099", "zto": "S203", "kuaidi100": "501"}
TooMany = {"sf": "A1005", "zto": "S221", "kuaidi100": "504"}
MakeLife = Callable[..., Life]
Call = Callable[[str], Awaitable[httpx.Response]]


@pytest.fixture
def call(client: httpx.AsyncClient, world: World, a_life: MakeLife) -> Call:
    """One right question to a source, the raw answer."""
    numbers = {"sf": "SF1000000000001", "zto": "78400000000001", "kuaidi100": "YT0000000000001"}
    world.add(a_life("sf", numbers["sf"], "collected"))
    world.add(a_life("zto", numbers["zto"], "collected"))
    world.add(a_life("yto", numbers["kuaidi100"], "collected"))

    async def send(source: str) -> httpx.Response:
        if source == "zto":
            body = b'{"billCode":"78400000000001","mobilePhone":"0001"}'
            headers = {
                "x-appKey": accounts.ZTO_APP_KEY,
                "x-dataDigest": zto.digest(body, accounts.ZTO_APP_SECRET),
            }
            return await client.post(f"/zto/{zto.METHOD}", content=body, headers=headers)
        if source == "sf":
            message = '{"trackingNumber":["SF1000000000001"],"checkPhoneNo":"0001"}'
            form = {
                "partnerID": accounts.SF_PARTNER_ID,
                "requestID": "r",
                "serviceCode": "EXP_RECE_SEARCH_ROUTES",
                "timestamp": "1",
                "msgDigest": sf.digest(message, "1", accounts.SF_CHECKWORD),
                "msgData": message,
            }
            return await client.post("/sf/std/service", data=form)
        param = '{"com":"yuantong","num":"YT0000000000001","resultv2":"4"}'
        sign = kuaidi100.query_sign(param, accounts.KUAIDI100_KEY, accounts.KUAIDI100_CUSTOMER)
        form = {"customer": accounts.KUAIDI100_CUSTOMER, "sign": sign, "param": param}
        return await client.post("/kuaidi100/poll/query.do", data=form)

    return send


def code_of(source: str, response: httpx.Response) -> str:
    words = {"sf": "apiResultCode", "zto": "statusCode", "kuaidi100": "returnCode"}
    code: str = response.json()[words[source]]
    return code


def is_right(response: httpx.Response) -> bool:
    return response.status_code == 200 and "collected 于网点" in response.text


@pytest.mark.parametrize("source", SOURCES)
async def test_without_a_fault_the_answer_is_right(call: Call, source: str) -> None:
    assert is_right(await call(source))


@pytest.mark.parametrize("source", SOURCES)
async def test_slow_gives_the_right_answer_late(world: World, hands: Any, call: Call, source: str) -> None:
    world.faults.add(Fault(source, FaultKind.SLOW, times=1, delay=7.5))
    assert is_right(await call(source))
    assert hands.slept == [7.5]


@pytest.mark.parametrize("source", SOURCES)
async def test_rate_limited_is_429_with_retry_after(world: World, call: Call, source: str) -> None:
    world.faults.add(Fault(source, FaultKind.RATE_LIMITED, times=1, delay=12))
    response = await call(source)
    assert (response.status_code, response.headers["retry-after"]) == (429, "12")
    assert code_of(source, response) == TooMany[source]


@pytest.mark.parametrize("source", SOURCES)
async def test_server_error_is_503_without_json(world: World, call: Call, source: str) -> None:
    world.faults.add(Fault(source, FaultKind.SERVER_ERROR, times=1))
    response = await call(source)
    assert response.status_code == 503
    with pytest.raises(json.JSONDecodeError):
        response.json()


@pytest.mark.parametrize("source", SOURCES)
async def test_error_in_200_is_the_vendors_own(world: World, call: Call, source: str) -> None:
    world.faults.add(Fault(source, FaultKind.ERROR_IN_200, times=1))
    response = await call(source)
    assert response.status_code == 200
    assert code_of(source, response) == SystemError_[source]


@pytest.mark.parametrize("source", SOURCES)
async def test_truncated_is_the_first_half_of_the_right_answer(world: World, call: Call, source: str) -> None:
    whole = (await call(source)).content
    world.locks._asked.clear()
    world.faults.add(Fault(source, FaultKind.TRUNCATED, times=1))
    response = await call(source)
    assert response.status_code == 200
    assert len(response.content) == len(whole) // 2
    assert response.content[:40] == whole[:40] or source == "sf"  # sf answers with an id of its own
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|codec"):
        response.json()


@pytest.mark.parametrize("source", SOURCES)
async def test_html_is_a_page_with_200(world: World, call: Call, source: str) -> None:
    world.faults.add(Fault(source, FaultKind.HTML, times=1))
    response = await call(source)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "<html>" in response.text


@pytest.mark.parametrize("source", SOURCES)
async def test_empty_is_200_and_nothing(world: World, call: Call, source: str) -> None:
    world.faults.add(Fault(source, FaultKind.EMPTY, times=1))
    response = await call(source)
    assert (response.status_code, response.content) == (200, b"")


async def test_a_wrong_clock_prints_times_ahead(world: World, call: Call) -> None:
    right = (await call("zto")).json()["result"][0]["scanDate"]
    for source in SOURCES:
        world.faults.add(Fault(source, FaultKind.WRONG_CLOCK, times=1))
    assert (await call("zto")).json()["result"][0]["scanDate"] == right + 8 * 3600 * 1000
    assert "2026-03-01 20:00:00" in (await call("sf")).text
    assert "2026-03-01 20:00:00" in (await call("kuaidi100")).text


async def test_a_fault_strikes_as_often_as_ordered_and_nobody_else(world: World, call: Call) -> None:
    world.faults.add(Fault("zto", FaultKind.EMPTY, times=2))
    assert is_right(await call("sf"))
    assert [is_right(await call("zto")) for _ in range(3)] == [False, False, True]
    assert world.counts["zto", Outcome.FAULT] == 2


async def test_a_fault_lasts_as_long_as_ordered(world: World, hands: Any, call: Call) -> None:
    world.faults.add(Fault("zto", FaultKind.EMPTY, seconds=60))
    hands.real += 59
    assert not is_right(await call("zto"))
    hands.real += 2
    assert is_right(await call("zto"))
    assert world.faults.in_force() == ()


async def test_a_fault_without_end_lasts_until_cleared(world: World, call: Call) -> None:
    world.faults.add(Fault("zto", FaultKind.EMPTY))
    assert not any([is_right(await call("zto")) for _ in range(5)])
    world.faults.clear()
    assert is_right(await call("zto"))


async def test_faults_strike_in_the_order_they_were_given(world: World, call: Call) -> None:
    world.faults.add(Fault("zto", FaultKind.SERVER_ERROR, times=1))
    world.faults.add(Fault("zto", FaultKind.EMPTY, times=1))
    answers = [await call("zto") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert [is_right(answer) for answer in answers] == [False, False, True]


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_has_a_delay_that_suits_it(kind: FaultKind) -> None:
    usual = Fault("sf", kind).delay_seconds
    assert (usual > 0) is (kind in {FaultKind.SLOW, FaultKind.RATE_LIMITED, FaultKind.WRONG_CLOCK})
    assert Fault("sf", kind, delay=0.5).delay_seconds == 0.5
