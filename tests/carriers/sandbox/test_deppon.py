"""Deppon from the vendor's side: one number per call, signed forms, few codes and many words, pushes of news."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from carriers.sandbox import deppon
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBER = "DPK000000000001"
SUBSCRIBE = "/dop-nonstandard-extension/standTraceSubscribe.action"
TAKEN = {"success": True, "error_code": "1000", "error_message": "成功", "result": True}


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """Asks about a number; fields of the form and the path can be changed."""

    async def asked(
        number: str = NUMBER,
        *,
        customer: str = deppon.CUSTOMER_CODE,
        params: str | None = None,
        path: str = "/standard-query/newTraceQuery.action",
        **form: str,
    ) -> Any:
        text = json.dumps({"mailNo": number, "customerCode": customer}) if params is None else params
        fields = {
            "companyCode": deppon.COMPANY_CODE,
            "timestamp": "1760000000000",
            "params": text,
            "digest": deppon.digest(text, "1760000000000", deppon.APP_KEY),
        }
        response = await client.post(f"/deppon{path}", data=fields | form)
        assert response.status_code == 200
        return response.json()

    return asked


def test_the_signature_follows_the_vendors_rule() -> None:
    params = '{"mailNo":"DPK000000000001","customerCode":"000001"}'
    made = deppon.digest(params, "1760000000000", "fakeappkeyfakeappkeyfakeappkey01")
    assert made == "YjgzOGE4NDJlYzE0NzA3NDZlNWE4MmZlMTc5YzgwYTY="


async def test_a_parcel_prints_its_lines_in_either_order(world: World, a_life: MakeLife, ask: Ask) -> None:
    statuses = []
    for number in (NUMBER, "DPK000000000002", "DPK000000000003", "DPK000000000004"):
        world.add(a_life("deppon", number, "collected", "departed", "out_for_delivery", "delivered"))
        said = await ask(number)
        assert (said["result"], said["resultCode"]) == ("true", "1000")
        assert said["responseParam"]["tracking_number"] == number
        statuses.append([line["status"] for line in said["responseParam"]["trace_list"]])
    straight = ["GOT", "DEPARTURE", "SENT_SCAN", "SIGNED"]
    assert straight in statuses
    assert straight[::-1] in statuses
    assert all(told in (straight, straight[::-1]) for told in statuses)


async def test_a_line_is_printed_as_the_vendor_does(world: World, a_life: MakeLife, ask: Ask) -> None:
    life = a_life("deppon", NUMBER, "at_station")
    world.add(replace(life, events=(replace(life.events[0], station="测试自提柜", facility="测试营业部"),)))
    [line] = (await ask())["responseParam"]["trace_list"]
    assert line == {
        "city": "上海市",
        "site": "【测试自提柜】",
        "status": "STA_INBOUND",
        "time": "2026-03-01 12:00:00",
        "description": "at_station 于网点",
    }


@pytest.mark.parametrize("kind", EventKind)
async def test_everything_that_can_happen_has_a_status(
    world: World, a_life: MakeLife, ask: Ask, kind: EventKind
) -> None:
    world.add(a_life("deppon", NUMBER, kind))
    [line] = (await ask())["responseParam"]["trace_list"]
    assert line["status"] == deppon._STATUSES[kind]


async def test_an_unknown_number_has_an_empty_list(world: World, ask: Ask) -> None:
    said = await ask()
    assert (said["result"], said["reason"]) == ("true", "暂无查询记录")
    assert said["responseParam"]["trace_list"] == []
    assert world.counts["deppon", Outcome.NOTHING_YET] == 1


@pytest.mark.parametrize(
    ("changes", "code", "words", "outcome"),
    [
        ({"digest": "x"}, "", "摘要校验失败", Outcome.SIGNATURE_REFUSED),
        ({"timestamp": "1760000000001"}, "", "摘要校验失败", Outcome.SIGNATURE_REFUSED),
        ({"companyCode": "EWBNOBODY"}, "", "companyCode不存在", Outcome.CALL_REFUSED),
        ({"timestamp": ""}, "2006", "参数校验失败", Outcome.CALL_REFUSED),
        ({"customer": ""}, "2006", "参数校验失败", Outcome.CALL_REFUSED),
        ({"customer": "9"}, "3002", "没有该接口权限", Outcome.CALL_REFUSED),
        ({"params": "{"}, "2006", "参数校验失败", Outcome.CALL_REFUSED),
        ({"number": "SF1000000000001"}, "2006", "参数校验失败", Outcome.NUMBER_REFUSED),
        ({"number": "DPK1"}, "2006", "参数校验失败", Outcome.NUMBER_REFUSED),
    ],
)
async def test_a_question_is_refused(
    world: World, ask: Ask, *, changes: dict[str, Any], code: str, words: str, outcome: Outcome
) -> None:
    said = await ask(**changes)
    assert (said["result"], said["resultCode"], said["reason"]) == ("false", code, words)
    assert world.counts["deppon", outcome] == 1


async def test_too_many_calls_are_refused_in_words(world: World, ask: Ask) -> None:
    world.limits = {"deppon": Limit(1)}
    assert [(await ask())["reason"] for _ in range(2)] == ["暂无查询记录", "调用频率超限"]


def test_the_numbers_of_its_parcels_are_well_formed() -> None:
    for number in ("DPK000000000001", "6000000001", "12345678"):
        assert deppon.well_formed(number)
    assert (CARRIED["deppon"].heads, CARRIED["deppon"].digits) == (("DPK",), 12)


@pytest.fixture
def subscribe(ask: Ask) -> Ask:
    async def asked() -> Any:
        return await ask(params=json.dumps({"tracking_number": NUMBER}), path=SUBSCRIBE)

    return asked


class Webhook:
    """Somebody's webhook: writes down what came, and answers as the test wants."""

    def __init__(self) -> None:
        self.calls: list[dict[str, str]] = []
        self.reply = httpx.Response(200, json=TAKEN)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append({word: told[0] for word, told in parse_qs(request.content.decode()).items()})
        return self.reply


@pytest.fixture
def webhook() -> Webhook:
    return Webhook()


@pytest.fixture
def pushing(world: World, webhook: Webhook) -> Callbacks:
    world.consoles["deppon"] = "http://us.test/push"
    made = deppon.PLAYS.calls_back
    assert made is not None
    calls = made(world, httpx.AsyncClient(transport=httpx.MockTransport(webhook)))
    assert isinstance(calls, Callbacks)
    return calls


async def test_whoever_subscribed_is_told_what_is_new(
    world: World, hands: Any, a_life: MakeLife, subscribe: Ask, *, webhook: Webhook, pushing: Callbacks
) -> None:
    world.add(a_life("deppon", NUMBER, "collected", "delivered", birth=hands.now))
    said = await subscribe()
    assert (said["result"], said["success"], said["error_code"]) == (True, True, "1000")
    for _ in range(3):
        hands.advance(hours=2)
        await pushing.push_due()
    told = [json.loads(call["params"])["track_list"] for call in webhook.calls]
    assert [[line["status"] for line in one["trace_list"]] for [one] in told] == [["GOT"], ["SIGNED"]]
    for call in webhook.calls:
        assert call["digest"] == deppon.digest(call["params"], call["timestamp"], deppon.APP_KEY)


async def test_a_push_is_repeated_until_the_vendor_hears_what_it_wants(
    world: World, hands: Any, a_life: MakeLife, subscribe: Ask, *, webhook: Webhook, pushing: Callbacks
) -> None:
    world.add(a_life("deppon", NUMBER, "collected"))
    await subscribe()
    for reply in (
        httpx.Response(200, text="ok"),
        httpx.Response(500, json=TAKEN),
        httpx.Response(200, json=TAKEN),
    ):
        webhook.reply = reply
        await pushing.push_due()
        hands.advance(hours=1)
    assert len(webhook.calls) == 3
    assert (pushing.outcomes[PushOutcome.NOT_TAKEN], pushing.outcomes[PushOutcome.TAKEN]) == (2, 1)


async def test_a_subscription_without_a_number_is_refused(world: World, ask: Ask) -> None:
    for params in ("{}", "{", '{"tracking_number":"x"}'):
        assert (await ask(params=params, path=SUBSCRIBE))["error_code"] == "2006"
    assert world.counts["deppon", Outcome.NUMBER_REFUSED] == 3
