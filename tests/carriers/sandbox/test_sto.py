"""STO from the vendor's side: one address and a signed form for all, several numbers at once, pushes event by event."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from carriers.sandbox import sto
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.life import Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.server import create_app
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBER, SECOND = "777000000000001", "777000000000002"
NUMBERS = [f"7770000000001{position:02d}" for position in range(30)]


class Webhook:
    """Writes down what came, and answers as the test wants."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.reply = httpx.Response(200, json={"success": True, "errorCode": "", "errorMsg": ""})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode(), keep_blank_values=True)
        self.forms.append({name: values[0] for name, values in form.items()})
        return self.reply

    @property
    def traces(self) -> list[dict[str, Any]]:
        return [json.loads(form["content"])["trace"] for form in self.forms]


@pytest.fixture
def webhook() -> Webhook:
    return Webhook()


@pytest.fixture
def app(world: World, webhook: Webhook) -> Any:
    world.consoles["sto"] = "http://us.test/push"
    return create_app(world, client=httpx.AsyncClient(transport=httpx.MockTransport(webhook)))


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as opened:
        yield opened


@pytest.fixture
def pushes(app: Any) -> Callbacks:
    running: Callbacks = app.state.pushes.by_source["sto"]
    return running


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """Asks for numbers, or sends what is given; fields of the form can be changed."""

    async def asked(
        *numbers: str, order: str = "asc", content: str | None = None, service: str = sto.QUERY, **form: str
    ) -> Any:
        told = content if content is not None else json.dumps({"waybillNoList": numbers, "order": order})
        to = "sto_trace_query" if service == sto.QUERY else "sto_trace_platform"
        fields = {
            "content": told,
            "data_digest": sto.digest(told, sto.SECRET_KEY),
            "api_name": service,
            "from_appkey": sto.APP_KEY,
            "from_code": sto.APP_KEY,
            "to_appkey": to,
            "to_code": to,
        }
        response = await client.post("/sto/gateway/link.do", data=fields | form)
        assert response.status_code == 200
        return response.json()

    return asked


@pytest.fixture
def subscribe(ask: Ask) -> Ask:
    async def asked(*numbers: str) -> Any:
        content = json.dumps({"subscribeInfoList": [{"waybillNo": number} for number in numbers]})
        return await ask(content=content, service=sto.SUBSCRIBE)

    return asked


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"order":"asc","waybillNoList":["777000000000001"]}', "CCeiVkGQ8CTPMlr3VhQvPw=="),
        ('{"subscribeInfoList":[{"waybillNo":"777000000000001"}]}', "RNnbJVgIhvl0SWmoNV6r5Q=="),
    ],
)
def test_the_signature_follows_the_vendors_rule(content: str, expected: str) -> None:
    assert sto.digest(content, "demo-sto-secret") == expected


async def test_several_numbers_are_answered_at_once(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("sto", NUMBER, "ordered", "collected", "departed"))
    world.add(a_life("sto", SECOND, "at_station"))
    answer = await ask(NUMBER, SECOND)
    assert (answer["success"], answer["errorCode"], answer["needRetry"]) == ("true", "", "false")
    assert [line["scanType"] for line in answer["data"][NUMBER]] == ["收件", "发件"]
    assert [line["opOrgTypeCode"] for line in answer["data"][NUMBER]] == ["0001", "0003"]
    assert answer["data"][NUMBER][0]["opTime"] == "2026-03-01 14:00:00"
    assert [line["scanType"] for line in answer["data"][SECOND]] == ["驿站代收"]
    reversed_ = await ask(NUMBER, order="desc")
    assert [line["scanType"] for line in reversed_["data"][NUMBER]] == ["发件", "收件"]


async def test_nothing_is_said_in_three_ways(ask: Ask) -> None:
    told = [(await ask(number))["data"] for number in NUMBERS]
    assert {json.dumps(list(data.values())) for data in told} == {"[[]]", "[null]", "[]"}


async def test_a_problem_has_its_number_in_front_for_every_other_parcel(
    world: World, a_life: MakeLife, ask: Ask
) -> None:
    for number in NUMBERS[:10]:
        world.add(a_life("sto", number, "refused"))
    data = (await ask(*NUMBERS[:10]))["data"]
    assert {lines[0]["issueName"] for lines in data.values()} == {"40客户拒收", "客户拒收"}
    assert {lines[0]["scanType"] for lines in data.values()} == {"问题件"}


@pytest.mark.parametrize(
    ("changes", "code", "outcome"),
    [
        ({"data_digest": "AAAAAAAAAAAAAAAAAAAAAA=="}, "S02", Outcome.SIGNATURE_REFUSED),
        ({"from_appkey": "somebody"}, "S03", Outcome.SIGNATURE_REFUSED),
        ({"api_name": "STO_OTHER"}, "S04", Outcome.CALL_REFUSED),
        ({"to_appkey": "sto_oms"}, "S04", Outcome.CALL_REFUSED),
        ({"to_code": ""}, "S12", Outcome.CALL_REFUSED),
        ({"content": "{"}, "S01", Outcome.CALL_REFUSED),
        ({"content": "{}"}, "S12", Outcome.CALL_REFUSED),
        ({"content": '{"waybillNoList":[]}'}, "S12", Outcome.CALL_REFUSED),
        ({"order": "up"}, "S12", Outcome.CALL_REFUSED),
        ({"service": sto.SUBSCRIBE, "content": '{"subscribeInfoList":[]}'}, "S12", Outcome.CALL_REFUSED),
    ],
)
async def test_a_question_is_refused(
    world: World, ask: Ask, changes: dict[str, str], code: str, *, outcome: Outcome
) -> None:
    answer = await ask(NUMBER, **changes)
    assert (answer["success"], answer["errorCode"], answer["needRetry"]) == ("false", code, "false")
    assert world.counts["sto", outcome] == 1


async def test_more_than_ten_numbers_are_refused(ask: Ask) -> None:
    assert (await ask(*NUMBERS[:10]))["success"] == "true"
    assert (await ask(*NUMBERS[:11]))["errorCode"] == "S12"


async def test_a_number_of_a_wrong_form_has_no_record(world: World, ask: Ask) -> None:
    assert not any((await ask("SF1000000000001"))["data"].values())
    assert world.counts["sto", Outcome.NUMBER_REFUSED] == 1


async def test_too_many_calls_may_be_tried_again(world: World, ask: Ask) -> None:
    world.limits = {"sto": Limit(1)}
    assert (await ask(NUMBER))["success"] == "true"
    refused = await ask(NUMBER)
    assert (refused["errorCode"], refused["needRetry"]) == ("S14", "true")


async def test_a_subscription_has_a_status_for_each_number(world: World, subscribe: Ask) -> None:
    answer = await subscribe(NUMBER, "SF1000000000001")
    assert [(one["waybillNo"], one["status"]) for one in answer["data"]] == [
        (NUMBER, "true"),
        ("SF1000000000001", "false"),
    ]
    assert (await subscribe(NUMBER))["data"][0]["status"] == "true"
    assert world.counts["sto", Outcome.SUBSCRIBED] == 2


async def test_a_subscriber_is_told_event_by_event(
    world: World, a_life: MakeLife, subscribe: Ask, webhook: Webhook, pushes: Callbacks
) -> None:
    life = a_life("sto", NUMBER, "ordered", "out_for_delivery", "at_station")
    out = replace(life.events[1], courier_name="李四", courier_phone="13800000002", facility="示例网点")
    stored = replace(life.events[2], station="示例驿站", station_phone="13800000003", facility="示例网点")
    world.add(replace(life, events=(life.events[0], out, stored)))
    await subscribe(NUMBER)
    assert await pushes.push_due() == 1
    sent, at_station = webhook.traces
    assert (sent["scanType"], sent["bizEmpName"], sent["bizEmpPhone"]) == ("派件", "李四", "13800000002")
    assert (sent["opOrgType"], sent["opOrgName"]) == ("1", "示例网点")
    assert (at_station["opOrgType"], at_station["opOrgName"]) == ("3", "示例驿站")
    assert at_station["opOrgTel"] == "13800000003"
    assert len({trace["outBizCode"] for trace in webhook.traces}) == 2
    for form in webhook.forms:
        assert form["data_digest"] == sto.digest(form["content"], sto.SECRET_KEY)
        assert json.loads(form["content"])["waybillNo"] == NUMBER


async def test_nobody_is_told_of_what_was_not_subscribed(
    world: World, a_life: MakeLife, webhook: Webhook, pushes: Callbacks
) -> None:
    world.add(a_life("sto", NUMBER, "collected"))
    assert await pushes.push_due() == 0
    assert webhook.forms == []


@pytest.mark.parametrize(
    ("status", "reply", "outcome"),
    [
        (200, '{"success":"true"}', PushOutcome.TAKEN),
        (200, '{"success":false}', PushOutcome.NOT_TAKEN),
        (200, "[]", PushOutcome.NOT_TAKEN),
        (200, "ok", PushOutcome.NOT_TAKEN),
        (500, '{"success":true}', PushOutcome.NOT_TAKEN),
    ],
)
async def test_only_success_is_taken_for_an_acknowledgement(
    world: World,
    a_life: MakeLife,
    subscribe: Ask,
    webhook: Webhook,
    pushes: Callbacks,
    *,
    status: int,
    reply: str,
    outcome: PushOutcome,
) -> None:
    world.add(a_life("sto", NUMBER, "collected"))
    await subscribe(NUMBER)
    webhook.reply = httpx.Response(status, text=reply)
    await pushes.push_due()
    assert pushes.outcomes[outcome] == 1
