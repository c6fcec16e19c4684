"""Kuaidi100 calls back: what it says, how it signs, how often it tries, and when it stops."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from carriers.sandbox import kuaidi100, pushes
from carriers.sandbox.faults import Fault, FaultKind
from carriers.sandbox.life import Life
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.pushes import Pushes, first_look, push_sign
from carriers.sandbox.server import create_app
from carriers.sandbox.world import World

MakeLife = Callable[..., Life]
NUMBER = "YT0000000000001"
TAKEN = {"result": True, "returnCode": "200", "message": "成功"}
Subscribe = Callable[..., Awaitable[dict[str, Any]]]


class Subscriber:
    """Somebody's webhook: writes down what came, and answers as the test wants."""

    def __init__(self) -> None:
        self.calls: list[dict[str, str]] = []
        self.called = asyncio.Event()
        self.reply: httpx.Response | httpx.HTTPError = httpx.Response(200, json=TAKEN)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode(), keep_blank_values=True)
        self.calls.append({word: values[0] for word, values in form.items()})
        self.called.set()
        if isinstance(self.reply, httpx.HTTPError):
            raise self.reply
        return self.reply

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(call["param"]) for call in self.calls]


@pytest.fixture
def subscriber() -> Subscriber:
    return Subscriber()


@pytest.fixture
def app(world: World, subscriber: Subscriber) -> Any:
    return create_app(world, client=httpx.AsyncClient(transport=httpx.MockTransport(subscriber)))


@pytest.fixture
def pushing(app: Any) -> Pushes:
    running: Pushes = app.state.pushes.by_source["kuaidi100"]
    return running


@pytest.fixture
def subscribe(app: Any) -> Subscribe:
    async def ask(number: str = NUMBER, company: str = "yuantong", **changes: Any) -> dict[str, Any]:
        parameters = {
            "callbackurl": "http://watcher.test/hooks/kuaidi100?ref=1",
            "salt": "pepper",
            "resultv2": "4",
        }
        param = {
            "company": company,
            "number": number,
            "key": changes.pop("key", kuaidi100.KEY),
            "parameters": {
                word: value for word, value in (parameters | changes).items() if value is not None
            },
        }
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
            form = {"schema": "json", "param": json.dumps(param)}
            response = await client.post("/kuaidi100/poll", data=form)
        answer: dict[str, Any] = response.json()
        return answer

    return ask


@pytest.mark.parametrize(
    ("salt", "expected"),
    [
        ("s3cr3tsalt0123456789abcdefABCDEF", "282510A840A35624F34ECFA82C062490"),
        ("", "75CE1AAF7E9F802E4C7DAD5B8174EA42"),
    ],
)
def test_a_push_is_signed_by_the_vendors_rule(salt: str, expected: str) -> None:
    param = (
        '{"status":"polling","billstatus":"got","message":"","autoCheck":"0","comOld":"","comNew":"","lastResult":'
        '{"message":"ok","state":"0","status":"200","condition":"F00","ischeck":"0","com":"yuantong",'
        '"nu":"YT0000000000000","data":[{"context":"快件已到达深圳转运中心","time":"2025-01-02 03:04:05",'
        '"ftime":"2025-01-02 03:04:05"}]}}'
    )
    assert push_sign(param, salt) == expected


def test_the_first_look_is_15_minutes_to_4_hours_away() -> None:
    waits = [first_look(f"YT{position:013d}") for position in range(500)]
    assert min(waits) >= timedelta(minutes=15)
    assert max(waits) <= timedelta(hours=4)
    assert len(set(waits)) > 100


async def test_a_subscription_is_taken_once(subscribe: Subscribe) -> None:
    assert await subscribe() == {"result": True, "returnCode": "200", "message": "提交成功"}
    assert (await subscribe())["returnCode"] == "501"


async def test_a_fault_strikes_a_subscription_too(
    world: World, pushing: Pushes, subscribe: Subscribe
) -> None:
    world.faults.add(Fault("kuaidi100", FaultKind.ERROR_IN_200, times=1))
    assert (await subscribe())["message"] == "服务器错误"
    assert not pushing.subscriptions
    assert (await subscribe())["returnCode"] == "200"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": "wrong"}, "600"),
        ({"company": "nobody"}, "700"),
        ({"number": "YT1"}, "700"),
        ({"callbackurl": "watcher.test"}, "700"),
    ],
)
async def test_a_wrong_subscription_is_refused(
    subscribe: Subscribe, changes: dict[str, Any], code: str
) -> None:
    assert (await subscribe(**changes))["returnCode"] == code


async def test_what_is_no_subscription_is_refused(app: Any) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        response = await client.post("/kuaidi100/poll", data={"param": "{"})
    assert response.json()["returnCode"] == "700"


async def test_the_whole_track_is_pushed_when_something_is_new_and_only_then(
    world: World,
    hands: Any,
    a_life: MakeLife,
    *,
    pushing: Pushes,
    subscriber: Subscriber,
    subscribe: Subscribe,
) -> None:
    world.add(a_life("yto", NUMBER, "collected", "departed", "arrived", birth=hands.now))
    await subscribe()
    hands.advance(hours=4)
    assert await pushing.push_due() == 1
    assert await pushing.push_due() == 0
    hands.advance(hours=4)
    assert await pushing.push_due() == 1
    hands.advance(hours=4)
    assert await pushing.push_due() == 0
    assert [message["status"] for message in subscriber.messages] == ["polling", "polling"]
    assert [len(message["lastResult"]["data"]) for message in subscriber.messages] == [2, 3]
    contexts = [row["context"] for row in subscriber.messages[-1]["lastResult"]["data"]]
    assert contexts[0] == "arrived 于网点"
    assert pushing.outcomes[PushOutcome.TAKEN] == 2


@pytest.mark.parametrize("salt", ["pepper", ""])
async def test_a_push_carries_the_sign_of_its_salt(
    world: World,
    hands: Any,
    a_life: MakeLife,
    *,
    pushing: Pushes,
    subscriber: Subscriber,
    subscribe: Subscribe,
    salt: str,
) -> None:
    world.add(a_life("yto", NUMBER, "collected"))
    await subscribe(salt=salt)
    hands.advance(hours=4)
    await pushing.push_due()
    [call] = subscriber.calls
    assert call["sign"] == push_sign(call["param"], salt)


async def test_a_push_without_salt_carries_no_sign(
    world: World,
    hands: Any,
    a_life: MakeLife,
    *,
    pushing: Pushes,
    subscriber: Subscriber,
    subscribe: Subscribe,
) -> None:
    world.add(a_life("yto", NUMBER, "collected"))
    await subscribe(salt=None)
    hands.advance(hours=4)
    await pushing.push_due()
    assert "sign" not in subscriber.calls[0]


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(500),
        httpx.Response(200, text="ok"),
        httpx.Response(200, json={"result": False, "returnCode": "500"}),
        httpx.Response(200, json=["result"]),
        httpx.ConnectError("nobody there"),
    ],
    ids=["500", "no json", "refused", "a list", "unreachable"],
)
async def test_a_push_not_taken_is_tried_three_times_more_35_minutes_apart(
    world: World,
    hands: Any,
    a_life: MakeLife,
    *,
    pushing: Pushes,
    subscriber: Subscriber,
    subscribe: Subscribe,
    reply: httpx.Response | httpx.HTTPError,
) -> None:
    subscriber.reply = reply
    world.add(a_life("yto", NUMBER, "collected"))
    await subscribe()
    hands.advance(hours=4)
    await pushing.push_due()
    for tried in (1, 2, 3):
        hands.advance(minutes=34)
        assert await pushing.push_due() == 0
        hands.advance(minutes=1)
        assert await pushing.push_due() == 1
        assert len(subscriber.calls) == tried + 1
    hands.advance(hours=3)
    assert await pushing.push_due() == 0
    hands.advance(hours=24)
    assert await pushing.push_due() == 0, "given up, and nothing new to tell"
    assert pushing.outcomes == {PushOutcome.TAKEN: 0, PushOutcome.NOT_TAKEN: 3, PushOutcome.GIVEN_UP: 1}


async def test_a_repeated_push_that_is_taken_goes_on_as_usual(
    world: World,
    hands: Any,
    a_life: MakeLife,
    *,
    pushing: Pushes,
    subscriber: Subscriber,
    subscribe: Subscribe,
) -> None:
    subscriber.reply = httpx.Response(503)
    world.add(a_life("yto", NUMBER, "collected"))
    await subscribe()
    hands.advance(hours=4)
    await pushing.push_due()
    subscriber.reply = httpx.Response(200, json=TAKEN)
    hands.advance(minutes=35)
    await pushing.push_due()
    assert pushing.outcomes[PushOutcome.TAKEN] == 1
    hands.advance(hours=1)
    assert await pushing.push_due() == 0


@pytest.mark.parametrize("kind", ["delivered", "collected_from_station", "returned"])
async def test_a_signed_parcel_ends_with_shutdown(
    world: World,
    hands: Any,
    a_life: MakeLife,
    *,
    pushing: Pushes,
    subscriber: Subscriber,
    subscribe: Subscribe,
    kind: str,
) -> None:
    world.add(a_life("yto", NUMBER, "collected", kind))
    await subscribe()
    hands.advance(hours=4)
    await pushing.push_due()
    assert subscriber.messages[0]["status"] == "shutdown"
    hands.advance(days=90)
    assert await pushing.push_due() == 0


async def test_three_days_without_a_record_end_with_abort(
    hands: Any, pushing: Pushes, subscriber: Subscriber, subscribe: Subscribe
) -> None:
    await subscribe()
    for _ in range(17):
        hands.advance(hours=4)
        await pushing.push_due()
    assert subscriber.calls == []
    hands.advance(hours=8)
    await pushing.push_due()
    [message] = subscriber.messages
    assert message["status"] == "abort"
    assert message["lastResult"]["data"] == []
    hands.advance(days=1)
    assert await pushing.push_due() == 0


async def test_sixty_days_without_change_end_with_abort(
    world: World,
    hands: Any,
    a_life: MakeLife,
    *,
    pushing: Pushes,
    subscriber: Subscriber,
    subscribe: Subscribe,
) -> None:
    world.add(a_life("yto", NUMBER, "collected"))
    await subscribe()
    for days in (1, 58, 3):
        hands.advance(days=days)
        await pushing.push_due()
    assert [message["status"] for message in subscriber.messages] == ["polling", "abort"]


async def test_an_ended_subscription_comes_back_after_30_minutes_and_four_times_a_month(
    world: World, hands: Any, a_life: MakeLife, pushing: Pushes, subscribe: Subscribe
) -> None:
    world.add(a_life("yto", NUMBER, "delivered"))
    codes = []
    for _ in range(4):
        codes.append((await subscribe())["returnCode"])
        hands.advance(hours=4)
        await pushing.push_due()
        assert (await subscribe())["returnCode"] == "501"
        hands.advance(minutes=31)
    assert codes == ["200"] * 4
    assert (await subscribe())["returnCode"] == "700"
    hands.advance(days=31)
    assert (await subscribe())["returnCode"] == "200"


async def test_many_subscribers_are_called_in_one_go(
    world: World,
    hands: Any,
    a_life: MakeLife,
    *,
    pushing: Pushes,
    subscriber: Subscriber,
    subscribe: Subscribe,
) -> None:
    numbers = [f"YT{position:013d}" for position in range(45)]
    for number in numbers:
        world.add(a_life("yto", number, "collected"))
        await subscribe(number)
    hands.advance(hours=4)
    assert await pushing.push_due() == 45
    assert {message["lastResult"]["nu"] for message in subscriber.messages} == set(numbers)


async def test_a_standing_server_calls_back_by_itself(
    world: World, hands: Any, a_life: MakeLife, *, app: Any, subscriber: Subscriber, subscribe: Subscribe
) -> None:
    world.add(a_life("yto", NUMBER, "collected"))
    await subscribe()
    hands.advance(hours=4)
    async with app.router.lifespan_context(app), asyncio.timeout(10):
        await subscriber.called.wait()
    assert subscriber.messages[0]["status"] == "polling"


def test_retries_are_as_the_vendor_documents_them() -> None:
    assert pushes.MOST_RETRIES == 3
    assert timedelta(minutes=35) == pushes.RETRY_AFTER
