"""J&T from the vendor's side: one digest over one form field, several numbers, and pushes of what is new."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from carriers.sandbox import jt
from carriers.sandbox.life import Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.server import create_app
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBERS = [f"JT00000000000{position:02}" for position in range(1, 32)]
OURS = "http://us.test/push"
TAKEN = {"code": "1", "msg": "success", "data": "SUCCESS"}


@pytest.fixture
def ask_jt(client: httpx.AsyncClient) -> Ask:
    """Asks with a right digest; headers can be changed."""

    async def ask(asked: object, path: str = "logistics/trace", **headers: str | None) -> dict[str, Any]:
        return await asked_at(client, asked, path, **headers)

    return ask


async def asked_at(
    client: httpx.AsyncClient, asked: object, path: str, **headers: str | None
) -> dict[str, Any]:
    text = asked if isinstance(asked, str) else json.dumps(asked, separators=(",", ":"))
    signed = {
        "apiAccount": jt.API_ACCOUNT,
        "digest": jt.digest(text, jt.PRIVATE_KEY),
        "timestamp": "1760000000000",
    } | headers
    response = await client.post(
        f"/jt/webopenplatformapi/api/{path}",
        data={"bizContent": text},
        headers={name: value for name, value in signed.items() if value is not None},
    )
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def asked_for(*numbers: str) -> dict[str, str]:
    return {"billCodes": ",".join(numbers)}


def wished(*numbers: str, url: str = OURS, nodes: str = "1&5&13") -> dict[str, Any]:
    wishes = [{"traceNode": nodes, "waybillCode": number, "backUrl": url} for number in numbers]
    return {"id": jt.API_ACCOUNT, "list": wishes}


def test_the_signature_follows_the_vendors_rule() -> None:
    text = '{"billCodes":"JT0000000000001,JT0000000000002"}'
    assert jt.digest(text, "demo-jt-private-key") == "+eBM6ZlvT2LomVJapySlQA=="


async def test_details_come_newest_first_with_names_for_scan_types(
    world: World, a_life: MakeLife, ask_jt: Ask
) -> None:
    life = a_life("jt", NUMBERS[0], "collected", "out_for_delivery", "refused", "delivered")
    named = replace(life.events[1], courier_name="李四", courier_phone="13800000002", facility="示例网点")
    world.add(replace(life, events=(life.events[0], named, *life.events[2:])))
    answer = await ask_jt(asked_for(NUMBERS[0]))
    assert (answer["code"], answer["msg"]) == ("1", "success")
    [told] = answer["data"]
    assert told["billCode"] == NUMBERS[0]
    kinds = [(detail["scanType"], detail["problemType"]) for detail in told["details"]]
    assert kinds == [("快件签收", None), ("问题件扫描", "A2"), ("出仓扫描", None), ("快件揽收", None)]
    out, first = told["details"][2:]
    assert (out["staffName"], out["staffContact"], out["scanNetworkName"]) == (
        "李四",
        "13800000002",
        "示例网点",
    )
    assert (first["scanTime"], first["scanNetworkCity"]) == ("2026-03-01 12:00:00", "上海市")
    assert told["details"][0]["sigPicUrl"].endswith(f"{NUMBERS[0]}.jpg")


async def test_numbers_without_a_record_are_missing_or_empty(
    world: World, a_life: MakeLife, ask_jt: Ask
) -> None:
    world.add(a_life("jt", NUMBERS[0], "collected"))
    told = {one["billCode"]: one["details"] for one in (await ask_jt(asked_for(*NUMBERS[:9])))["data"]}
    assert len(told[NUMBERS[0]]) == 1
    assert 1 < len(told) < 9
    assert {len(details) for number, details in told.items() if number != NUMBERS[0]} == {0}
    assert world.counts["jt", Outcome.NOTHING_YET] == 8


async def test_thirty_numbers_are_taken_and_one_more_is_not(ask_jt: Ask) -> None:
    assert (await ask_jt(asked_for(*NUMBERS[:30])))["code"] == "1"
    assert (await ask_jt(asked_for(*NUMBERS[:31])))["code"] == "145003050"


@pytest.mark.parametrize(
    ("asked", "headers", "code"),
    [
        (asked_for(NUMBERS[0]), {"apiAccount": None}, "145003051"),
        (asked_for(NUMBERS[0]), {"digest": None}, "145003052"),
        (asked_for(NUMBERS[0]), {"timestamp": None}, "145003053"),
        (asked_for(NUMBERS[0]), {"apiAccount": "somebody"}, "145003010"),
        (asked_for(NUMBERS[0]), {"digest": "AAAAAAAAAAAAAAAAAAAAAA=="}, "145003030"),
        (asked_for(NUMBERS[0], "SF1000000000001"), {}, "145003050"),
        ({"billCodes": [NUMBERS[0]]}, {}, "145003050"),
        ("{", {}, "145003050"),
    ],
)
async def test_the_gate_refuses(
    ask_jt: Ask, asked: object, headers: dict[str, str | None], code: str
) -> None:
    answer = await ask_jt(asked, **headers)
    assert (answer["code"], answer["data"]) == (code, None)


async def test_refusals_are_counted_by_what_they_are_about(world: World, ask_jt: Ask) -> None:
    await ask_jt(asked_for(NUMBERS[0]), digest="x")
    await ask_jt(asked_for("JT1"))
    assert world.counts["jt", Outcome.SIGNATURE_REFUSED] == 1
    assert world.counts["jt", Outcome.NUMBER_REFUSED] == 1


async def test_too_many_calls_are_said_in_words(world: World, ask_jt: Ask) -> None:
    world.limits = {"jt": Limit(per_second=1)}
    answers = [await ask_jt(asked_for(NUMBERS[0])) for _ in range(2)]
    assert [answer["code"] for answer in answers] == ["1", "0"]
    assert "频繁" in answers[1]["msg"]


async def test_every_number_of_a_subscription_is_answered(world: World, ask_jt: Ask) -> None:
    answer = await ask_jt(wished(NUMBERS[0], "JT1"), "trace/subscribe")
    taken = {one["waybillCode"]: one["isSuccess"] for one in answer["data"]["list"]}
    assert taken == {NUMBERS[0]: True, "JT1": False}
    assert world.counts["jt", Outcome.SUBSCRIBED] == 1
    unreachable = await ask_jt(wished(NUMBERS[1], url="us.test"), "trace/subscribe")
    assert unreachable["data"]["list"][0]["isSuccess"] is False


@pytest.mark.parametrize("asked", ["{", wished(), wished(*NUMBERS), wished(NUMBERS[0]) | {"id": "x"}])
async def test_a_wrong_subscription_is_refused(ask_jt: Ask, asked: object) -> None:
    assert (await ask_jt(asked, "trace/subscribe"))["code"] == "145003050"


async def test_a_subscriber_is_told_what_is_new_of_the_nodes_that_were_asked_for(
    world: World, hands: Any, a_life: MakeLife
) -> None:
    calls: list[httpx.Request] = []
    replies = [httpx.Response(200, json={"code": "0"})]

    def webhook(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return replies.pop() if replies else httpx.Response(200, json=TAKEN)

    app = create_app(world, client=httpx.AsyncClient(transport=httpx.MockTransport(webhook)))
    world.add(a_life("jt", NUMBERS[0], "collected", "departed", "out_for_delivery", birth=hands.now))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        await asked_at(client, wished(NUMBERS[0]), "trace/subscribe")
    for _ in range(8):
        hands.advance(hours=1)
        await app.state.pushes.push_due()
    told = [parse_qs(call.content.decode())["bizContent"][0] for call in calls]
    kinds = [[detail["scanType"] for detail in json.loads(text)["details"]] for text in told]
    assert kinds == [["快件揽收"], ["快件揽收"], ["出仓扫描"]], "repeated until taken; nothing of other nodes"
    assert [str(call.url) for call in calls] == [OURS] * 3
    for call, text in zip(calls, told, strict=True):
        assert call.headers["apiAccount"] == jt.API_ACCOUNT
        assert call.headers["digest"] == jt.digest(text, jt.PRIVATE_KEY)
        assert call.headers["timestamp"].isdigit()
    outcomes = app.state.pushes.by_source["jt"].outcomes
    assert (outcomes[PushOutcome.NOT_TAKEN], outcomes[PushOutcome.GIVEN_UP]) == (1, 0)


@pytest.mark.parametrize("reply", [b"", b"[]", b'{"code":"0"}'])
def test_only_the_vendor_s_own_answer_is_taken_for_one(reply: bytes) -> None:
    assert not jt._is_taken(httpx.Response(200, content=reply))
    assert jt._is_taken(httpx.Response(200, json=TAKEN))
    assert not jt._is_taken(httpx.Response(500, json=TAKEN))
