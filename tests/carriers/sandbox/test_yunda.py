"""Yunda from the vendor's side: signed bodies, nothing about numbers that nobody subscribed, pushes event by event."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from carriers.sandbox import yunda
from carriers.sandbox.life import Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.server import create_app
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBER = "310000000000001"
OURS = "http://us.test/push"
TAKEN = {"result": True, "code": "0000", "message": "success"}


@pytest.fixture
def ask_yunda(client: httpx.AsyncClient) -> Ask:
    """Asks with a right sign; headers can be changed."""

    async def ask(asked: object, door: str = "query", **headers: str) -> dict[str, Any]:
        return await asked_at(client, asked, door, **headers)

    return ask


async def asked_at(client: httpx.AsyncClient, asked: object, door: str, **headers: str) -> dict[str, Any]:
    body = asked if isinstance(asked, str) else json.dumps(asked, separators=(",", ":"))
    signed = {
        "app-key": yunda.APP_KEY,
        "sign": yunda.sign(body, yunda.APP_SECRET),
        "req-time": "1760000000000",
        "content-type": "application/json; charset=utf-8",
    }
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    response = await client.post(
        f"/yunda/openapi/outer/logictis/{door}", content=body, headers=signed | given
    )
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def orders(*numbers: str) -> dict[str, Any]:
    return {"orders": [{"orderid": f"D{number}", "mailno": number} for number in numbers]}


def test_the_signature_follows_the_vendors_rule() -> None:
    assert yunda.sign('{"mailno":"310000000000001"}', "demo-yunda-secret") == (
        "99b78d174d2f91291a9c20e27ea52a89"
    )
    subscription = '{"orders":[{"orderid":"DEMO-ORDER-1","mailno":"310000000000001"}]}'
    assert yunda.sign(subscription, "demo-yunda-secret") == "5db872319842177129ee140ceb223049"


async def test_nothing_is_told_of_a_number_until_it_is_subscribed(
    world: World, a_life: MakeLife, ask_yunda: Ask
) -> None:
    world.add(a_life("yunda", NUMBER, "collected"))
    before = await ask_yunda({"mailno": NUMBER})
    assert (before["result"], before["data"]) == (True, None)
    await ask_yunda(orders(NUMBER), "subscribe")
    after = await ask_yunda({"mailno": NUMBER})
    assert [step["action"] for step in after["data"]["steps"]] == ["GOT"]
    assert world.counts["yunda", Outcome.NOTHING_YET] == 1


async def test_an_own_parcel_needs_no_subscription_and_prints_its_steps_oldest_first(
    world: World, a_life: MakeLife, ask_yunda: Ask
) -> None:
    life = a_life("yunda", NUMBER, "collected", "out_for_delivery", "refused", "delivered", owned=True)
    out = replace(life.events[1], courier_phone="13800000002", facility="示例市某区公司")
    signed = replace(life.events[3], signer="保安室")
    world.add(replace(life, events=(life.events[0], out, life.events[2], signed)))
    told = (await ask_yunda({"mailno": NUMBER}))["data"]
    steps = told["steps"]
    assert [step["action"] for step in steps] == ["GOT", "SENT", "REJECTION", "SIGNED"]
    assert [step["status"] for step in steps] == ["GOT", "TRANSIT", "SIGNFAIL", "SIGNED"]
    assert (told["mailno"], told["result"], told["status"]) == (NUMBER, "true", "SIGNED")
    assert (steps[0]["time"], steps[0]["city"]) == ("2026-03-01 12:00:00", "上海市")
    assert (steps[1]["phone"], steps[1]["station_name"]) == ("13800000002", "示例市某区公司")
    assert steps[3]["signer"] == "保安室"


@pytest.mark.parametrize(
    ("asked", "headers", "message"),
    [
        ({"mailno": NUMBER}, {"app_key": "somebody"}, "app-key无效"),
        ({"mailno": NUMBER}, {"sign": "0" * 32}, "签名错误"),
        ({"mailno": NUMBER}, {"req_time": "now"}, "参数错误"),
        ({"mailno": ""}, {}, "参数错误"),
        ("{", {}, "参数错误"),
        ({"mailno": "SF1000000000001"}, {}, "单号格式错误"),
    ],
)
async def test_the_gate_refuses(ask_yunda: Ask, asked: object, headers: dict[str, str], message: str) -> None:
    answer = await ask_yunda(asked, **headers)
    assert (answer["result"], answer["message"], answer["data"]) == (False, message, None)


async def test_refusals_are_counted_by_what_they_are_about(world: World, ask_yunda: Ask) -> None:
    await ask_yunda({"mailno": NUMBER}, sign="x")
    await ask_yunda({"mailno": "1"})
    assert world.counts["yunda", Outcome.SIGNATURE_REFUSED] == 1
    assert world.counts["yunda", Outcome.NUMBER_REFUSED] == 1


async def test_too_many_calls_are_said_in_words(world: World, ask_yunda: Ask) -> None:
    world.limits = {"yunda": Limit(per_second=1)}
    messages = [(await ask_yunda({"mailno": NUMBER}))["message"] for _ in range(2)]
    assert messages == ["请求成功", "请求频率超限"]


async def test_every_order_of_a_subscription_is_answered(world: World, ask_yunda: Ask) -> None:
    answer = await ask_yunda(orders(NUMBER, "1"), "subscribe")
    assert [(one["orderid"], one["result"]) for one in answer["data"]] == [
        (f"D{NUMBER}", True),
        ("D1", False),
    ]
    assert world.counts["yunda", Outcome.SUBSCRIBED] == 1


@pytest.mark.parametrize("asked", ["{", {"orders": []}, orders(*[NUMBER] * 21), {"orders": ["x"]}])
async def test_a_wrong_subscription_is_refused(ask_yunda: Ask, asked: object) -> None:
    assert (await ask_yunda(asked, "subscribe"))["result"] is False


async def test_the_address_in_the_console_is_told_of_each_event(
    world: World, hands: Any, a_life: MakeLife
) -> None:
    calls: list[httpx.Request] = []
    replies = [httpx.Response(200, json={"result": False})]

    def webhook(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return replies.pop() if replies else httpx.Response(200, json=TAKEN)

    app = create_app(world, client=httpx.AsyncClient(transport=httpx.MockTransport(webhook)))
    world.consoles["yunda"] = OURS
    world.add(a_life("yunda", NUMBER, "collected", "departed"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        await app.state.pushes.push_due()
        assert calls == []
        await asked_at(client, orders(NUMBER), "subscribe")
    for _ in range(3):
        await app.state.pushes.push_due()
        hands.advance(hours=1)
    told = [json.loads(call.content) for call in calls]
    events = [json.loads(one["data"]) for one in told]
    assert [event["action"] for event in events] == ["GOT", "GOT", "DEPARTURE"], "repeated until it is taken"
    assert {event["mailno"] for event in events} == {int(NUMBER)}
    assert {event["orderid"] for event in events} == {f"D{NUMBER}"}
    for one in told:
        assert (one["appKey"], one["sign"]) == (yunda.APP_KEY, yunda.sign(one["data"], yunda.APP_SECRET))
    assert {str(call.url) for call in calls} == {OURS}
    outcomes = app.state.pushes.by_source["yunda"].outcomes
    assert (outcomes[PushOutcome.TAKEN], outcomes[PushOutcome.NOT_TAKEN]) == (1, 1)


@pytest.mark.parametrize("reply", [b"", b"[]", b'{"result":false}'])
def test_only_a_result_of_true_takes_a_push(reply: bytes) -> None:
    assert not yunda._is_taken(httpx.Response(200, content=reply))
    assert yunda._is_taken(httpx.Response(200, json=TAKEN))
    assert not yunda._is_taken(httpx.Response(500, json=TAKEN))
