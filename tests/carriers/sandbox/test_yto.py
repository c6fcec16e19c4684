"""YTO from the vendor's side: an address for each interface, a list or an object, and pushes event by event in XML."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import httpx
import pytest

from carriers.sandbox import yto
from carriers.sandbox.accounts import ACCOUNTS
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.life import Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.server import create_app
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBER = "YT0000000000001"


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """Asks for a number, or sends what is given."""

    async def asked(
        number: str = NUMBER,
        *,
        method: str = yto.QUERY,
        version: str = "v1",
        customer: str = yto.CUSTOMER,
        param: str | None = None,
        form: bool = False,
        **changes: Any,
    ) -> Any:
        told = param if param is not None else json.dumps({"NUMBER": number}, separators=(",", ":"))
        fields = {
            "timestamp": "1735786800000",
            "param": told,
            "sign": yto.sign(told, yto.SECRET, method=method, version=version),
            "format": "JSON",
        } | changes
        path = f"/yto/open/{method}/{version}/sandbox/{customer}"
        response = await client.post(path, **({"data": fields} if form else {"json": fields}))
        assert response.status_code == 200
        return response.json()

    return asked


def wish(number: str = NUMBER, customer: str = yto.CUSTOMER) -> str:
    inner = json.dumps({"clientId": customer, "waybillNo": number})
    return json.dumps({"client_id": customer, "logistics_interface": inner, "msg_type": "online"})


@pytest.mark.parametrize(
    ("text", "secret", "method", "version", "expected"),
    [
        ("opentest", "123456", "", "", "YLstCNa3x8ijQx16e/jqOA=="),
        (
            '{"NUMBER":"YT2600227881409"}',
            "123456",
            "track_query_adapter",
            "v1",
            "uhSL6hg8txxadZi26YPYPg==",
        ),
        ("<order></order>", "123456", "", "", "LghTkEmsD2tbQ3fsIBRcBg=="),
    ],
)
def test_the_signature_follows_the_vendors_rule(
    text: str, secret: str, method: str, version: str, *, expected: str
) -> None:
    assert yto.sign(text, secret, method=method, version=version) == expected


def test_the_account_has_an_address_of_its_own() -> None:
    (account,) = (one for one in ACCOUNTS if one.source == "yto")
    assert account.base_url("http://sandbox") == (
        "http://sandbox/yto/open/track_query_adapter/v1/sandbox/K00000001"
    )


@pytest.mark.parametrize("form", [False, True])
async def test_found_is_a_list(world: World, a_life: MakeLife, ask: Ask, *, form: bool) -> None:
    world.add(a_life("yto", NUMBER, "ordered", "collected", "refused", "at_station"))
    answer = await ask(form=form)
    assert [line["infoContent"] for line in answer] == ["GOT", "FAILED", "INBOUND"]
    assert answer[0] == {
        "waybill_No": NUMBER,
        "upload_Time": "2026-03-01 14:00:00",
        "infoContent": "GOT",
        "processInfo": "collected 于网点",
        "city": "上海市",
        "district": "",
        "weight": 1.0,
    }


async def test_nothing_found_is_an_object(world: World, a_life: MakeLife, ask: Ask) -> None:
    nothing = {"map": {NUMBER: []}, "code": "1001", "success": "true", "message": "查询结果为空。"}
    assert await ask() == nothing
    world.add(a_life("yto", NUMBER, "ordered"))
    assert await ask() == nothing
    assert world.counts["yto", Outcome.NOTHING_YET] == 2


@pytest.mark.parametrize(
    ("changes", "code", "outcome"),
    [
        ({"sign": "AAAAAAAAAAAAAAAAAAAAAA=="}, 401, Outcome.SIGNATURE_REFUSED),
        ({"method": "other_adapter"}, 401, Outcome.SIGNATURE_REFUSED),
        ({"version": "v2"}, 401, Outcome.SIGNATURE_REFUSED),
        ({"customer": "K00000002"}, 401, Outcome.SIGNATURE_REFUSED),
        ({"param": "{"}, 200010003, Outcome.CALL_REFUSED),
        ({"param": "[]"}, 200010003, Outcome.CALL_REFUSED),
        ({"timestamp": 1}, 200010003, Outcome.CALL_REFUSED),
        ({"number": "SF1000000000001"}, 200010003, Outcome.NUMBER_REFUSED),
        ({"number": ""}, 200010003, Outcome.NUMBER_REFUSED),
        ({"method": yto.SUBSCRIBE, "param": "{}"}, 200010003, Outcome.CALL_REFUSED),
        ({"method": yto.SUBSCRIBE, "param": wish(customer="K2")}, 401, Outcome.CALL_REFUSED),
        ({"method": yto.SUBSCRIBE, "param": wish("YT1")}, 200010003, Outcome.NUMBER_REFUSED),
    ],
)
async def test_a_question_is_refused(
    world: World, ask: Ask, changes: dict[str, Any], code: int, *, outcome: Outcome
) -> None:
    answer = await ask(**changes)
    assert (answer["success"], answer["code"]) == (False, code)
    assert world.counts["yto", outcome] == 1


async def test_a_body_that_is_neither_json_nor_form_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/yto/open/track_query_adapter/v1/sandbox/K00000001", content=b"{")
    assert response.json()["code"] == 200010003


async def test_too_many_calls_are_a_system_error(hands: Any, world: World, ask: Ask) -> None:
    world.limits = {"yto": Limit(1)}
    assert (await ask())["code"] == "1001"
    assert (await ask())["code"] == 200010002


# --- pushes


class Webhook:
    """Writes down what came, and answers as the test wants."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.reply = httpx.Response(200, text="<Response><success>true</success></Response>")

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode(), keep_blank_values=True)
        self.forms.append({name: values[0] for name, values in form.items()})
        return self.reply

    @property
    def told(self) -> list[dict[str, str]]:
        documents = [ET.fromstring(form["logistics_interface"]) for form in self.forms]
        return [{child.tag: child.text or "" for child in document} for document in documents]


@pytest.fixture
def webhook() -> Webhook:
    return Webhook()


@pytest.fixture
def app(world: World, webhook: Webhook) -> Any:
    world.consoles["yto"] = "http://us.test/push"
    return create_app(world, client=httpx.AsyncClient(transport=httpx.MockTransport(webhook)))


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as opened:
        yield opened


@pytest.fixture
def pushes(app: Any) -> Callbacks:
    running: Callbacks = app.state.pushes.by_source["yto"]
    return running


async def test_a_subscriber_is_told_event_by_event(
    world: World, a_life: MakeLife, ask: Ask, webhook: Webhook, pushes: Callbacks
) -> None:
    life = a_life("yto", NUMBER, "ordered", "out_for_delivery", "delivered")
    named = replace(life.events[1], courier_name="李四", courier_phone="13800000002", text="a<b")
    world.add(replace(life, events=(life.events[0], named, life.events[2])))
    assert (await ask(method=yto.SUBSCRIBE, param=wish()))["success"] == "true"
    assert await pushes.push_due() == 1
    assert [told["infoContent"] for told in webhook.told] == ["ACCEPT", "SENT_SCAN", "SIGNED"]
    assert webhook.told[1] == {
        "logisticProviderID": "YTO",
        "clientID": "K00000001",
        "mailNo": NUMBER,
        "txLogisticID": f"ORDER-{NUMBER}",
        "infoType": "STATUS",
        "infoContent": "SENT_SCAN",
        "acceptTime": "2026-03-01 14:00:00.0 CST",
        "remark": "a<b",
        "empName": "李四",
        "deliveryName": "李四",
        "contactInfo": "13800000002",
        "city": "上海市",
    }
    for form in webhook.forms:
        assert form["data_digest"] == yto.sign(form["logistics_interface"], yto.SECRET)
        assert (form["clientId"], form["type"]) == ("K00000001", "online")
    assert world.counts["yto", Outcome.SUBSCRIBED] == 1


async def test_nobody_is_told_of_what_was_not_subscribed(
    world: World, a_life: MakeLife, webhook: Webhook, pushes: Callbacks
) -> None:
    world.add(a_life("yto", NUMBER, "collected"))
    assert await pushes.push_due() == 0
    assert webhook.forms == []


@pytest.mark.parametrize(
    ("status", "reply", "outcome"),
    [
        (200, '{"success":"true"}', PushOutcome.TAKEN),
        (200, '{"success": true}', PushOutcome.TAKEN),
        (200, "<Response><success>false</success></Response>", PushOutcome.NOT_TAKEN),
        (200, "ok", PushOutcome.NOT_TAKEN),
        (500, "<Response><success>true</success></Response>", PushOutcome.NOT_TAKEN),
    ],
)
async def test_only_success_is_taken_for_an_acknowledgement(
    world: World,
    a_life: MakeLife,
    ask: Ask,
    webhook: Webhook,
    pushes: Callbacks,
    *,
    status: int,
    reply: str,
    outcome: PushOutcome,
) -> None:
    world.add(a_life("yto", NUMBER, "collected"))
    await ask(method=yto.SUBSCRIBE, param=wish())
    webhook.reply = httpx.Response(status, text=reply)
    await pushes.push_due()
    assert pushes.outcomes[outcome] == 1
