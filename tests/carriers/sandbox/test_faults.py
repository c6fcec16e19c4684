"""Faults strike as ordered, as often as ordered, and nobody else.

The made-up player stands for all: that each vendor's takes each kind is seen beside its adapter, in the contract tests.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from carriers.sandbox.faults import Fault, FaultKind
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[httpx.Response]]
RIGHT = [["2026-03-01 12:00:00", "collected 于网点"]]


def is_right(response: httpx.Response) -> bool:
    return response.status_code == 200 and response.content != b"" and response.json() == RIGHT


async def test_without_a_fault_the_answer_is_right(ask_pigeon: Ask) -> None:
    assert is_right(await ask_pigeon())


async def test_slow_gives_the_right_answer_late(world: World, hands: Any, ask_pigeon: Ask) -> None:
    world.faults.add(Fault("pigeon", FaultKind.SLOW, times=1, delay=7.5))
    assert is_right(await ask_pigeon())
    assert hands.slept == [7.5]


async def test_rate_limited_is_429_with_retry_after_and_the_vendor_s_words(
    world: World, ask_pigeon: Ask
) -> None:
    world.faults.add(Fault("pigeon", FaultKind.RATE_LIMITED, times=1, delay=12))
    response = await ask_pigeon()
    assert (response.status_code, response.headers["retry-after"]) == (429, "12")
    assert response.json() == {"no": "P429"}


async def test_server_error_is_503_without_json(world: World, ask_pigeon: Ask) -> None:
    world.faults.add(Fault("pigeon", FaultKind.SERVER_ERROR, times=1))
    response = await ask_pigeon()
    assert response.status_code == 503
    with pytest.raises(json.JSONDecodeError):
        response.json()


async def test_error_in_200_is_the_vendor_s_own(world: World, ask_pigeon: Ask) -> None:
    world.faults.add(Fault("pigeon", FaultKind.ERROR_IN_200, times=1))
    response = await ask_pigeon()
    assert (response.status_code, response.json()) == (200, {"no": "P500"})


async def test_truncated_is_the_first_half_of_the_right_answer(world: World, ask_pigeon: Ask) -> None:
    whole = (await ask_pigeon()).content
    world.faults.add(Fault("pigeon", FaultKind.TRUNCATED, times=1))
    response = await ask_pigeon()
    assert (response.status_code, response.content) == (200, whole[: len(whole) // 2])


async def test_html_is_a_page_with_200(world: World, ask_pigeon: Ask) -> None:
    world.faults.add(Fault("pigeon", FaultKind.HTML, times=1))
    response = await ask_pigeon()
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "<html>" in response.text


async def test_empty_is_200_and_nothing(world: World, ask_pigeon: Ask) -> None:
    world.faults.add(Fault("pigeon", FaultKind.EMPTY, times=1))
    response = await ask_pigeon()
    assert (response.status_code, response.content) == (200, b"")


async def test_a_wrong_clock_prints_times_ahead(world: World, ask_pigeon: Ask) -> None:
    world.faults.add(Fault("pigeon", FaultKind.WRONG_CLOCK, times=1))
    assert (await ask_pigeon()).json() == [["2026-03-01 20:00:00", "collected 于网点"]]


async def test_a_fault_strikes_as_often_as_ordered_and_nobody_else(
    world: World, ask_pigeon: Ask, ask_zto: Ask
) -> None:
    world.faults.add(Fault("pigeon", FaultKind.EMPTY, times=2))
    await ask_zto("78400000000001")
    assert [is_right(await ask_pigeon()) for _ in range(3)] == [False, False, True]
    assert (world.counts["pigeon", Outcome.FAULT], world.counts["zto", Outcome.FAULT]) == (2, 0)


async def test_a_fault_strikes_before_the_caller_is_looked_at(world: World, ask_pigeon: Ask) -> None:
    world.faults.add(Fault("pigeon", FaultKind.ERROR_IN_200, times=1))
    assert [(await ask_pigeon(word="caw")).json() for _ in range(2)] == [{"no": "P500"}, {"no": "P403"}]
    assert world.counts == {("pigeon", Outcome.FAULT): 1, ("pigeon", Outcome.SIGNATURE_REFUSED): 1}


async def test_a_fault_lasts_as_long_as_ordered(world: World, hands: Any, ask_pigeon: Ask) -> None:
    world.faults.add(Fault("pigeon", FaultKind.EMPTY, seconds=60))
    hands.real += 59
    assert not is_right(await ask_pigeon())
    hands.real += 2
    assert is_right(await ask_pigeon())
    assert world.faults.in_force() == ()


async def test_a_fault_without_end_lasts_until_cleared(world: World, ask_pigeon: Ask) -> None:
    world.faults.add(Fault("pigeon", FaultKind.EMPTY))
    assert not any([is_right(await ask_pigeon()) for _ in range(5)])
    world.faults.clear()
    assert is_right(await ask_pigeon())


async def test_faults_strike_in_the_order_they_were_given(world: World, ask_pigeon: Ask) -> None:
    world.faults.add(Fault("pigeon", FaultKind.SERVER_ERROR, times=1))
    world.faults.add(Fault("pigeon", FaultKind.EMPTY, times=1))
    answers = [await ask_pigeon() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert [is_right(answer) for answer in answers] == [False, False, True]


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_has_a_delay_that_suits_it(kind: FaultKind) -> None:
    usual = Fault("sf", kind).delay_seconds
    assert (usual > 0) is (kind in {FaultKind.SLOW, FaultKind.RATE_LIMITED, FaultKind.WRONG_CLOCK})
    assert Fault("sf", kind, delay=0.5).delay_seconds == 0.5
