"""Kuaidi100 from the vendor's side: the signed query, and the lock of a number that is asked too often."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from carriers.sandbox import kuaidi100
from carriers.sandbox.life import Life
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBER = "YT0000000000004"
BLUNT = "YT0000000000001"


@pytest.mark.parametrize(
    ("param", "expected"),
    [
        (
            '{"com":"shunfeng","num":"SF0000000000000","phone":"0000","resultv2":"4","show":"0","order":"desc"}',
            "152D9C7910C47D679F4E87394CC1AB48",
        ),
        (
            '{"com":"yuantong","num":"YT0000000000000","from":"广东省深圳市","to":"北京市"}',
            "AEC32B7B00A52A57A086368BF3757826",
        ),
    ],
)
def test_the_signature_follows_the_vendors_rule(param: str, expected: str) -> None:
    assert kuaidi100.query_sign(param, "demoKEY12345", "0123456789ABCDEF0123456789ABCDEF") == expected


async def test_a_track_is_whole_and_newest_first(world: World, a_life: MakeLife, ask_kuaidi100: Ask) -> None:
    world.add(a_life("yto", NUMBER, "collected", "out_for_delivery", "refused"))
    answer = await ask_kuaidi100("yuantong", NUMBER)
    assert (answer["status"], answer["nu"], answer["com"]) == ("200", NUMBER, "yuantong")
    assert (answer["state"], answer["ischeck"]) == ("2", "0")
    assert [row["statusCode"] for row in answer["data"]] == ["203", "5", "103"]
    assert answer["data"][-1] == {
        "time": "2026-03-01 12:00:00",
        "ftime": "2026-03-01 12:00:00",
        "context": "collected 于网点",
        "location": "",
        "areaCode": "",
        "areaName": "上海市",
        "status": "已揽收",
        "statusCode": "103",
    }


@pytest.mark.parametrize(
    "kind", ["attempt_failed", "recipient_unreachable", "refused", "out_of_area", "pickup_only"]
)
async def test_of_every_other_parcel_it_only_knows_that_there_is_a_problem(
    world: World, a_life: MakeLife, ask_kuaidi100: Ask, kind: str
) -> None:
    for number in (NUMBER, BLUNT):
        world.add(a_life("yto", number, kind))
    [sharp] = (await ask_kuaidi100("yuantong", NUMBER))["data"]
    [blunt] = (await ask_kuaidi100("yuantong", BLUNT))["data"]
    assert blunt["statusCode"] == "2"
    assert (sharp["statusCode"] == "2") is (kind == "pickup_only")


async def test_oldest_first_and_plain_rows_can_be_asked_for(
    world: World, a_life: MakeLife, ask_kuaidi100: Ask
) -> None:
    world.add(a_life("yto", NUMBER, "collected", "departed"))
    answer = await ask_kuaidi100("yuantong", NUMBER, order="asc", resultv2="")
    assert [row["context"] for row in answer["data"]] == ["collected 于网点", "departed 于网点"]
    assert "statusCode" not in answer["data"][0]


@pytest.mark.parametrize(
    ("kinds", "state", "newest"),
    [
        (("collected", "delivered"), "3", "301"),
        (("refused", "delivered"), "3", "302"),
        (("delivered_to_proxy",), "3", "303"),
        (("at_station",), "5", "501"),
        (("arrived_destination",), "0", "1001"),
        (("returning",), "6", "6"),
        (("returned",), "4", "4"),
        (("ordered",), "1", "101"),
        (("handed_over",), "7", "7"),
    ],
)
async def test_the_state_is_the_basic_one_of_the_newest_row(
    world: World, a_life: MakeLife, ask_kuaidi100: Ask, *, kinds: tuple[str, ...], state: str, newest: str
) -> None:
    world.add(a_life("yto", NUMBER, *kinds))
    answer = await ask_kuaidi100("yuantong", NUMBER)
    assert (answer["state"], answer["data"][0]["statusCode"]) == (state, newest)
    assert answer["ischeck"] == ("1" if state == "3" else "0")


async def test_the_courier_is_told_to_who_asks(world: World, a_life: MakeLife, ask_kuaidi100: Ask) -> None:
    life = a_life("yto", NUMBER, "out_for_delivery")
    named = replace(life.events[0], courier_name="李四", courier_phone="13800000002")
    world.add(replace(life, events=(named,)))
    answer = await ask_kuaidi100("yuantong", NUMBER, needCourierInfo=True)
    assert answer["courierInfo"]["deliveryManPhone"] == "13800000002"


@pytest.mark.parametrize(
    ("company", "number", "changes", "code"),
    [
        ("yuantong", NUMBER, {"sign": "0" * 32}, "503"),
        ("yuantong", "YT0000000000009", {}, "500"),
        ("nobody", NUMBER, {}, "400"),
        ("yuantong", "YT1", {}, "400"),
        ("shunfeng", "SF1000000000001", {}, "408"),
        ("shunfeng", "SF1000000000001", {"phone": "9999"}, "408"),
    ],
)
async def test_a_question_is_refused(
    world: World,
    a_life: MakeLife,
    ask_kuaidi100: Ask,
    *,
    company: str,
    number: str,
    changes: dict[str, Any],
    code: str,
) -> None:
    world.add(a_life("sf", "SF1000000000001", "collected"))
    answer = await ask_kuaidi100(company, number, **changes)
    assert (answer["result"], answer["returnCode"]) == (False, code)


async def test_a_lower_case_signature_is_refused(ask_kuaidi100: Ask) -> None:
    param = '{"com":"yuantong","num":"YT0000000000004","resultv2":"4"}'
    sign = kuaidi100.query_sign(param, "sandboxKEY01", kuaidi100.CUSTOMER).lower()
    assert (await ask_kuaidi100("yuantong", NUMBER, sign=sign))["returnCode"] == "503"


@pytest.mark.parametrize("phone", ["0001", "13800000001", "13800001234-0001"])
async def test_a_phone_opens_what_wants_one(
    world: World, a_life: MakeLife, ask_kuaidi100: Ask, phone: str
) -> None:
    world.add(a_life("sf", "SF1000000000001", "collected"))
    assert (await ask_kuaidi100("shunfeng", "SF1000000000001", phone=phone))["status"] == "200"


async def test_asked_within_30_minutes_a_number_shows_old_data(
    world: World, hands: Any, a_life: MakeLife, ask_kuaidi100: Ask
) -> None:
    world.add(a_life("yto", NUMBER, "collected", "departed", birth=hands.now))
    hands.advance(hours=3, minutes=50)
    rows = []
    for minutes in (0, 29, 1):
        hands.advance(minutes=minutes)
        rows.append(len((await ask_kuaidi100("yuantong", NUMBER))["data"]))
    assert rows == [1, 1, 2]
    assert world.locks.too_soon == 1
    assert world.counts["kuaidi100", Outcome.OLD_DATA] == 1


async def test_an_empty_answer_stays_empty_for_30_minutes(
    world: World, hands: Any, a_life: MakeLife, ask_kuaidi100: Ask
) -> None:
    world.add(a_life("yto", NUMBER, "collected", birth=hands.now))
    hands.advance(minutes=115)
    codes = []
    for minutes in (0, 10, 20):
        hands.advance(minutes=minutes)
        answer = await ask_kuaidi100("yuantong", NUMBER)
        codes.append(answer.get("returnCode", "200"))
    assert codes == ["500", "500", "200"]


async def test_two_numbers_do_not_lock_each_other(world: World, a_life: MakeLife, ask_kuaidi100: Ask) -> None:
    world.add(a_life("yto", NUMBER, "collected"))
    world.add(a_life("sto", NUMBER, "collected", "departed"))
    await ask_kuaidi100("yuantong", NUMBER)
    assert len((await ask_kuaidi100("shentong", NUMBER))["data"]) == 2
    assert world.locks.too_soon == 0


async def test_more_than_48_questions_in_a_day_lock_a_number_for_a_day(
    world: World, hands: Any, a_life: MakeLife, ask_kuaidi100: Ask
) -> None:
    world.add(a_life("yto", NUMBER, "collected", *["note"] * 30, birth=hands.now))
    hands.advance(hours=2)
    for _ in range(49):
        answer = await ask_kuaidi100("yuantong", NUMBER)
        hands.advance(minutes=29)
    assert world.locks.locked == 1
    frozen = len(answer["data"])
    hands.advance(hours=22)
    assert len((await ask_kuaidi100("yuantong", NUMBER))["data"]) == frozen
    hands.advance(hours=3)
    assert len((await ask_kuaidi100("yuantong", NUMBER))["data"]) > frozen


async def test_too_many_calls_in_a_second_are_refused(world: World, hands: Any, ask_kuaidi100: Ask) -> None:
    async def codes(*last_digits: int) -> list[str]:
        numbers = [f"YT00000000000{digit:02d}" for digit in last_digits]
        return [(await ask_kuaidi100("yuantong", number))["returnCode"] for number in numbers]

    limit = kuaidi100.PLAYS.limit
    for _ in range(limit.per_second - 1):
        world.enter("kuaidi100", limit)
    assert await codes(1, 2) == ["500", "504"]
    hands.real += 1
    assert await codes(3) == ["500"]
