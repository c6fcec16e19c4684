"""ZTO from the vendor's side: one number per call, signed bytes, every error HTTP 200."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from carriers.sandbox import zto
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.life import Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBER = "78400000000001"


def test_the_signature_follows_the_vendors_rule() -> None:
    body = b'{"billCode":"78400000000001","mobilePhone":"0000"}'
    assert zto.digest(body, "demo-zto-secret-0001") == "9xlnThFB1bHgcTI2huwr4Q=="


async def test_a_parcel_opens_with_its_tail_and_prints_its_scans(
    world: World, a_life: MakeLife, ask_zto: Ask
) -> None:
    world.add(a_life("zto", NUMBER, "collected", "refused", "at_station"))
    answer = await ask_zto(NUMBER)
    assert (answer["status"], answer["statusCode"]) == (True, "SYS000")
    assert [scan["scanType"] for scan in answer["result"]] == ["收件", "问题件", "ARRIVAL"]
    first = answer["result"][0]
    assert first["billCode"] == NUMBER
    assert first["scanDate"] == 1772337600000  # 2026-03-01 12:00 in China, milliseconds
    assert first["desc"] == "collected 于网点"
    assert first["scanSite"]["city"] == "上海市"


@pytest.mark.parametrize(("refused", "return_type"), [(True, "5"), (False, "2")])
async def test_a_return_says_why(
    world: World, a_life: MakeLife, ask_zto: Ask, *, refused: bool, return_type: str
) -> None:
    life = a_life("zto", NUMBER, "returning")
    world.add(replace(life, events=(replace(life.events[0], refused=refused),)))
    [scan] = (await ask_zto(NUMBER))["result"]
    assert (scan["scanType"], scan["returnType"]) == ("退件", return_type)


async def test_the_people_of_a_scan_stand_in_its_fields(world: World, a_life: MakeLife, ask_zto: Ask) -> None:
    life = a_life("zto", NUMBER, "out_for_delivery", "at_station")
    out = replace(life.events[0], courier_name="李四", courier_phone="13800000002", facility="示例网点")
    station = replace(life.events[1], station="示例驿站", station_phone="13800000003")
    world.add(replace(life, events=(out, station)))
    sent, stored = (await ask_zto(NUMBER))["result"]
    assert (sent["operateUser"], sent["operateUserPhone"]) == ("李四", "13800000002")
    assert sent["scanSite"]["name"] == "示例网点"
    assert (stored["scanSite"]["name"], stored["scanSite"]["phone"]) == ("示例驿站", "13800000003")
    assert stored["scanSite"]["id"] is None


async def test_an_unknown_number_has_an_empty_list(ask_zto: Ask) -> None:
    answer = await ask_zto(NUMBER)
    assert (answer["status"], answer["result"]) == (True, [])


@pytest.mark.parametrize(
    ("number", "tail", "code", "outcome"),
    [
        (NUMBER, None, "E413", Outcome.TAIL_REFUSED),
        (NUMBER, "", "E413", Outcome.TAIL_REFUSED),
        (NUMBER, "9999", "E409", Outcome.TAIL_REFUSED),
        ("SF1000000000001", "0001", "E416", Outcome.NUMBER_REFUSED),
        ("", "0001", "S208", Outcome.CALL_REFUSED),
    ],
)
async def test_a_question_is_refused(
    world: World,
    a_life: MakeLife,
    ask_zto: Ask,
    *,
    number: str,
    tail: str | None,
    code: str,
    outcome: Outcome,
) -> None:
    world.add(a_life("zto", NUMBER, "collected"))
    answer = await ask_zto(number, tail)
    assert (answer["status"], answer["statusCode"], answer["result"]) == (False, code, None)
    assert world.counts["zto", outcome] == 1


async def test_an_own_parcel_needs_no_tail(world: World, a_life: MakeLife, ask_zto: Ask) -> None:
    world.add(a_life("zto", NUMBER, "collected", owned=True))
    assert len((await ask_zto(NUMBER, None))["result"]) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"headers": {"x-dataDigest": "AAAAAAAAAAAAAAAAAAAAAA=="}}, "S211"),
        ({"headers": {"x-appKey": "somebody"}}, "S210"),
        ({"method": "zto.open.getRouteInfo"}, "S207"),
        ({"body": b"{"}, "S208"),
        ({"body": json.dumps({"billCode": NUMBER, "mobilePhone": "0001"}).encode()}, "S202"),
    ],
)
async def test_the_gate_refuses(ask_zto: Ask, changes: dict[str, Any], code: str) -> None:
    assert (await ask_zto(NUMBER, **changes))["statusCode"] == code


async def test_a_refused_signature_is_counted(world: World, ask_zto: Ask) -> None:
    await ask_zto(NUMBER, headers={"x-dataDigest": "x"})
    assert world.counts["zto", Outcome.SIGNATURE_REFUSED] == 1


@pytest.fixture
def world(hands: Any) -> World:
    return World(now=lambda: hands.now, real=lambda: hands.real, limits={"zto": Limit(3, per_day=5)})


async def test_too_many_in_a_second_and_in_a_day_have_codes_of_their_own(hands: Any, ask_zto: Ask) -> None:
    assert [(await ask_zto(NUMBER))["statusCode"] for _ in range(4)] == ["SYS000"] * 3 + ["S221"]
    hands.real += 1
    assert [(await ask_zto(NUMBER))["statusCode"] for _ in range(3)] == ["SYS000"] * 2 + ["S206"]


async def test_what_was_subscribed_is_told_event_by_event_to_the_console_s_address(
    world: World,
    a_life: MakeLife,
    ask_zto: Ask,
    told: list[dict[str, str]],
    zto_pushes: Callbacks,
) -> None:
    world.add(a_life("zto", NUMBER, "ordered", "collected", "refused", "delivered"))
    world.consoles["zto"] = "http://us.test/push"
    assert (await ask_zto(NUMBER, method=zto.SUBSCRIBE))["status"] is True
    await zto_pushes.push_due()
    events = [json.loads(call["data"]) for call in told]
    assert [event["action"] for event in events] == ["GOT", "PROBLEM", "SIGNED"]
    assert events[1]["problemCode"] == "A5"
    assert events[0]["actionTime"] == "2026-03-01 14:00:00"
    first = told[0]
    assert (first["msg_type"], first["company_id"], first["token"]) == ("Traces", zto.APP_KEY, "")
    assert first["data_digest"] == zto.digest(first["data"].encode(), zto.APP_SECRET)
    assert world.subscribers["zto"]["zto", NUMBER].ended_at == world.now()


@pytest.mark.parametrize(
    "reply", [httpx.Response(200, json={"status": False}), httpx.Response(200, text="ok")]
)
async def test_a_push_is_taken_when_status_says_so(
    world: World, a_life: MakeLife, reply: httpx.Response
) -> None:
    world.add(a_life("zto", NUMBER, "collected"))
    world.subscribe("zto", "zto", NUMBER, callback_url="http://us.test/push")
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: reply))
    pushes = Callbacks(zto.MANNER, world, client)
    await pushes.push_due()
    await client.aclose()
    assert pushes.outcomes[PushOutcome.NOT_TAKEN] == 1


@pytest.mark.parametrize(
    ("number", "tail", "code"), [(NUMBER, "9999", "E409"), (NUMBER, None, "E413"), ("SF1", "0001", "E416")]
)
async def test_a_subscription_is_refused_like_a_question(
    world: World, a_life: MakeLife, ask_zto: Ask, *, number: str, tail: str | None, code: str
) -> None:
    world.add(a_life("zto", NUMBER, "collected"))
    assert (await ask_zto(number, tail, method=zto.SUBSCRIBE))["statusCode"] == code
    assert not world.subscribers.get("zto")


def test_the_digest_of_a_push_follows_the_vendors_rule() -> None:
    data = (
        '{"billCode":"78400000000001","facilityCode":"02100","actionTime":"2025-01-02 03:04:05","city":"上海市",'
        '"courier":"张三","courierPhone":"13800000000","action":"DISPATCH","facilityName":"示例网点",'
        '"facilityContactPhone":"021-00000000",'
        '"desc":"【上海市】【示例网点】的业务员张三(13800000000)正在派件"}'
    )
    assert zto.digest(data.encode(), "demo-zto-secret-0001") == "X7h65mbhQSWCRU7M8kcSJA=="


@pytest.fixture
def told() -> list[dict[str, str]]:
    """The forms that were pushed."""
    return []


@pytest.fixture
async def zto_pushes(world: World, told: list[dict[str, str]]) -> AsyncIterator[Callbacks]:
    def take(request: httpx.Request) -> httpx.Response:
        told.append(dict(parse_qsl(request.content.decode(), keep_blank_values=True)))
        return httpx.Response(200, json={"status": True})

    async with httpx.AsyncClient(transport=httpx.MockTransport(take)) as client:
        yield Callbacks(zto.MANNER, world, client)
