"""Kdniao from the vendor's side: one form for everything, refusals in words, pushes to the address in the console."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from carriers.sandbox import kdniao, kdniao_results
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBER = "YT0000000000001"
QUERY, DIST = "/Ebusiness/EbusinessOrderHandle.aspx", "/api/dist"
TAKEN = {"EBusinessID": kdniao.BUSINESS_ID, "UpdateTime": "", "Success": True, "Reason": ""}


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """Asks about a number; keys of what is asked, fields of the form and the path can be changed."""

    async def asked(
        company: str = "YTO",
        number: str = NUMBER,
        *,
        tail: str = "",
        data: str | None = None,
        path: str = QUERY,
        **form: str,
    ) -> Any:
        wanted = {"ShipperCode": company, "LogisticCode": number, "CustomerName": tail, "Callback": "订单1"}
        text = json.dumps(wanted) if data is None else data
        fields = {
            "EBusinessID": kdniao.BUSINESS_ID,
            "RequestType": "8001",
            "RequestData": text,
            "DataSign": kdniao.sign(text, kdniao.API_KEY),
            "DataType": "2",
        }
        response = await client.post(f"/kdniao{path}", data=fields | form)
        assert response.status_code == 200
        return response.json()

    return asked


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            '{"OrderCode":"","ShipperCode":"SF","LogisticCode":"SF0000000000000","CustomerName":"0000"}',
            "NzMxYWJjNWVhNjhkN2RkNmMzMjA3NThiNmVhYTYzNTE=",
        ),
        (
            '{"ShipperCode":"YTO","LogisticCode":"YT0000000000000","Callback":"订单1"}',
            "ODI5NDUyY2QzOTU2MWNhYjZhZmIyM2QzMDA0ZmU3YjI=",
        ),
    ],
)
def test_the_signature_follows_the_vendors_rule(data: str, expected: str) -> None:
    assert kdniao.sign(data, "00000000-1111-2222-3333-444444444444") == expected


async def test_a_track_is_whole_and_oldest_first(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("yto", NUMBER, "collected", "out_for_delivery"))
    said = await ask()
    assert (said["Success"], said["State"], said["StateEx"]) == (True, "2", "202")
    assert [line["Action"] for line in said["Traces"]] == ["1", "202"]
    assert said["Traces"][0] == {
        "AcceptTime": "2026-03-01 12:00:00",
        "AcceptStation": "collected 于网点",
        "Remark": "",
        "Location": "上海市",
        "Action": "1",
    }


@pytest.mark.parametrize("path", [QUERY, DIST])
async def test_the_free_plan_shows_less(world: World, a_life: MakeLife, ask: Ask, path: str) -> None:
    world.add(a_life("yto", NUMBER, "collected"))
    said = await ask(RequestType="1002", path=path)
    assert said["State"] == "1"
    assert "StateEx" not in said
    assert set(said["Traces"][0]) == {"AcceptTime", "AcceptStation", "Remark"}


@pytest.mark.parametrize("kind", EventKind)
async def test_everything_that_can_happen_has_a_code(
    world: World, a_life: MakeLife, ask: Ask, kind: EventKind
) -> None:
    world.add(a_life("yto", NUMBER, kind))
    said = await ask()
    assert said["StateEx"] == said["Traces"][0]["Action"] == kdniao_results._ACTIONS[kind]
    assert said["State"] == said["StateEx"][0]


async def test_the_code_tells_what_went_before(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("yto", NUMBER, "refused", "delivered"))
    assert (await ask())["StateEx"] == "302"
    life = a_life("yto", NUMBER, "returning")
    world.add(replace(life, events=(replace(life.events[0], refused=True),)))
    assert (await ask())["StateEx"] == "404"


async def test_a_carrier_s_own_code_is_never_printed_but_the_vendor_s_may_be_chosen(
    world: World, a_life: MakeLife, ask: Ask
) -> None:
    life = a_life("yto", NUMBER, "at_station")
    for code, printed in (("678", "211"), ("302", "302")):
        world.add(replace(life, events=(replace(life.events[0], code=code),)))
        assert (await ask())["StateEx"] == printed


async def test_people_stand_beside_the_lines(world: World, a_life: MakeLife, ask: Ask) -> None:
    life = a_life("yto", NUMBER, "collected", "out_for_delivery", "at_station")
    who = {"courier_name": "李四", "courier_phone": "13800000002"}
    collected, out = (replace(event, **who) for event in life.events[:2])
    station = replace(life.events[2], station="测试驿站", station_phone="13800000003")
    world.add(replace(life, events=(collected, out, station)))
    said = await ask()
    assert (said["DeliveryMan"], said["DeliveryManTel"]) == ("李四", "13800000002")
    assert (said["Station"], said["StationTel"]) == ("测试驿站", "13800000003")


async def test_an_unknown_number_is_a_success_without_lines(world: World, ask: Ask) -> None:
    said = await ask()
    assert (said["Success"], said["State"], said["Traces"]) == (True, "0", [])
    assert world.counts["kdniao", Outcome.NOTHING_YET] == 1


@pytest.mark.parametrize(
    ("changes", "code", "words", "outcome"),
    [
        ({"DataSign": "x"}, "102", "签名", Outcome.SIGNATURE_REFUSED),
        ({"EBusinessID": "1"}, "104", "账号", Outcome.CALL_REFUSED),
        ({"DataType": "1"}, "101", "参数", Outcome.CALL_REFUSED),
        ({"RequestType": "8008"}, None, "套餐", Outcome.CALL_REFUSED),
        ({"RequestType": "7101"}, None, "套餐", Outcome.CALL_REFUSED),
        ({"data": "{"}, "401", "格式", Outcome.CALL_REFUSED),
        ({"company": "NOBODY"}, "101", "参数", Outcome.CALL_REFUSED),
        ({"number": ""}, "402", "单号", Outcome.NUMBER_REFUSED),
        ({"number": "YT*000000000001"}, "403", "特殊字符", Outcome.NUMBER_REFUSED),
        ({"number": "YT1"}, "404", "长度", Outcome.NUMBER_REFUSED),
        ({"company": "SF"}, None, "手机号", Outcome.TAIL_REFUSED),
        ({"company": "ZTO", "tail": "9999"}, None, "手机号", Outcome.TAIL_REFUSED),
    ],
)
async def test_a_question_is_refused(
    world: World,
    a_life: MakeLife,
    ask: Ask,
    *,
    changes: dict[str, Any],
    code: str | None,
    words: str,
    outcome: Outcome,
) -> None:
    world.add(a_life("zto", NUMBER, "collected"))
    said = await ask(**changes)
    assert (said["Success"], said.get("Code")) == (False, code)
    assert words in said["Reason"]
    assert world.counts["kdniao", outcome] == 1


async def test_a_tail_opens_what_wants_one(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("zto", NUMBER, "collected"))
    assert len((await ask("ZTO", tail="7712"))["Traces"]) == 1


async def test_too_many_calls_and_a_day_s_quota_have_words_of_their_own(
    world: World, hands: Any, ask: Ask
) -> None:
    world.limits = {"kdniao": Limit(1, per_day=2)}
    assert [(await ask())["Reason"] for _ in range(2)] == ["暂无轨迹信息", "请求过于频繁"]
    hands.real += 1
    await ask()
    hands.real += 1
    assert (await ask())["Code"] == "405"


def test_all_chinese_carriers_of_the_sandbox_can_be_asked_about() -> None:
    worldwide = {"dhl", "fedex", "ups", "usps"}
    assert CARRIED.keys() - worldwide <= set(kdniao_results.COMPANIES.values())


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
    world.consoles["kdniao"] = "http://us.test/push"
    made = kdniao.PLAYS.calls_back
    assert made is not None
    calls = made(world, httpx.AsyncClient(transport=httpx.MockTransport(webhook)))
    assert isinstance(calls, Callbacks)
    return calls


@pytest.mark.parametrize(("subscription_type", "push_type"), [("8008", "102"), ("1008", "101")])
async def test_whoever_subscribed_is_told_everything_with_each_news(
    world: World,
    hands: Any,
    a_life: MakeLife,
    ask: Ask,
    *,
    webhook: Webhook,
    pushing: Callbacks,
    subscription_type: str,
    push_type: str,
) -> None:
    world.add(a_life("yto", NUMBER, "collected", "delivered", birth=hands.now))
    said = await ask(path=DIST, RequestType=subscription_type)
    assert (said["Success"], said["UpdateTime"]) == (True, "2026-03-02 10:00:00")
    for _ in range(3):
        hands.advance(hours=2)
        await pushing.push_due()
    told = [json.loads(call["RequestData"]) for call in webhook.calls]
    assert [len(one["Data"][0]["Traces"]) for one in told] == [1, 2]
    assert told[0]["PushTime"] == "2026-03-02 12:00:00"
    assert (told[0]["Count"], told[0]["Data"][0]["Callback"]) == ("1", "订单1")
    for call in webhook.calls:
        assert call["RequestType"] == push_type
        assert call["DataSign"] == kdniao.sign(call["RequestData"], kdniao.API_KEY)


async def test_a_push_is_repeated_until_the_reply_names_the_account(
    world: World, hands: Any, a_life: MakeLife, ask: Ask, *, webhook: Webhook, pushing: Callbacks
) -> None:
    world.add(a_life("yto", NUMBER, "collected"))
    await ask(path=DIST, RequestType="8008")
    for reply in (
        httpx.Response(200, text="ok"),
        httpx.Response(200, json=TAKEN | {"EBusinessID": "1"}),
        httpx.Response(500, json=TAKEN),
        httpx.Response(200, json=TAKEN),
    ):
        webhook.reply = reply
        await pushing.push_due()
        hands.advance(hours=1)
    assert len(webhook.calls) == 4
    assert (pushing.outcomes[PushOutcome.NOT_TAKEN], pushing.outcomes[PushOutcome.TAKEN]) == (3, 1)
