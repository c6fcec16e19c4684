"""Cainiao from the vendor's side: messages in a signed form, codes inside HTTP 200, and the calls to subscribers."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from carriers.sandbox import cainiao
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBER = "YT0000000000004"


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """Asks about a number; fields of the form and of the content can be changed."""

    async def asked(
        company: str, number: str, *, content: str | None = None, app: str = cainiao.APP_CODE, **form: str
    ) -> dict[str, Any]:
        text = content or json.dumps({"arg0": {"appCode": app, "cpCode": company, "mailNo": number}})
        fields = {
            "logistic_provider_id": cainiao.RESOURCE_CODE,
            "msg_type": cainiao.QUERY,
            "to_code": "CNTECH_LV",
            "logistics_interface": text,
            "data_digest": cainiao.digest(text, cainiao.SECRET_KEY),
        }
        response = await client.post("/cainiao/gateway/link.do", data=fields | form)
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer

    return asked


@pytest.mark.parametrize(
    ("content", "secret", "expected"),
    [
        ("hello1234", "key123", "ufYU7rvXhHY3IDyZgyt6SA=="),
        (
            '{"arg0":{"appCode":"demoapp","cpCode":"YTO","mailNo":"YT0000000000000"}}',
            "demoCainiaoSecretKey000000000000",
            "7UkjAx4iDkpg5LBnvY+INA==",
        ),
    ],
)
def test_the_signature_follows_the_vendors_rule(content: str, secret: str, expected: str) -> None:
    assert cainiao.digest(content, secret) == expected


async def test_a_track_has_a_status_of_two_levels(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("yto", NUMBER, "collected", "returned"))
    answer = await ask("YTO", NUMBER)
    assert (answer["success"], answer["mailNo"], answer["cpCode"]) == (True, NUMBER, "YTO")
    assert (answer["logisticsStatus"], answer["logisticsStatusDesc"]) == ("SIGN", "已签收")
    first, last = answer["fullTraceDetail"]
    assert first == {
        "areaCode": "",
        "areaName": "上海市",
        "logisticsStatus": "ACCEPT",
        "subLogisticsStatus": "ACCEPT",
        "time": "1772337600000",  # 2026-03-01 12:00 in China, milliseconds as text
        "desc": "collected 于网点",
    }
    assert (last["logisticsStatus"], last["subLogisticsStatus"]) == ("SIGN", "RETURN_SIGN")


@pytest.mark.parametrize("kind", EventKind)
async def test_every_kind_of_event_is_printed(
    world: World, a_life: MakeLife, ask: Ask, kind: EventKind
) -> None:
    world.add(a_life("yto", NUMBER, kind))
    [line] = (await ask("YTO", NUMBER))["fullTraceDetail"]
    assert line["subLogisticsStatus"]
    assert ("deliveryMan" in line) == (kind is EventKind.OUT_FOR_DELIVERY)


async def test_an_unknown_number_has_no_list(world: World, ask: Ask) -> None:
    answer = await ask("YTO", NUMBER)
    assert answer == {"success": True, "mailNo": NUMBER, "cpCode": "YTO"}
    assert world.counts["cainiao", Outcome.NOTHING_YET] == 1


@pytest.mark.parametrize(
    ("company", "number", "changes", "code"),
    [
        ("YTO", NUMBER, {"data_digest": "x"}, "S02"),
        ("YTO", NUMBER, {"logistic_provider_id": "somebody"}, "S03"),
        ("YTO", NUMBER, {"app": "somebody"}, "S03"),
        ("YTO", NUMBER, {"msg_type": "TMS_WAYBILL_GET"}, "S04"),
        ("YTO", NUMBER, {"content": "{"}, "S01"),
        ("YTO", NUMBER, {"msg_type": ""}, "S12"),
        ("NOBODY", NUMBER, {}, "S12"),
        ("YTO", "Y 1", {}, "S12"),
    ],
)
async def test_a_message_is_refused(
    ask: Ask, *, company: str, number: str, changes: dict[str, Any], code: str
) -> None:
    answer = await ask(company, number, **changes)
    assert (answer["success"], answer["errorCode"]) == (False, code)


@pytest.fixture
def told() -> list[dict[str, str]]:
    """The forms that were pushed."""
    return []


@pytest.fixture
async def pushes(world: World, told: list[dict[str, str]]) -> AsyncIterator[Callbacks]:
    def take(request: httpx.Request) -> httpx.Response:
        told.append(dict(parse_qsl(request.content.decode())))
        return httpx.Response(200, json={"success": len(told) > 1})

    async with httpx.AsyncClient(transport=httpx.MockTransport(take)) as client:
        yield Callbacks(cainiao.MANNER, world, client)


async def test_what_was_subscribed_is_told_with_the_whole_list_until_it_is_taken(
    world: World,
    hands: Any,
    a_life: MakeLife,
    ask: Ask,
    *,
    told: list[dict[str, str]],
    pushes: Callbacks,
) -> None:
    world.add(a_life("yto", NUMBER, "collected", "delivered"))
    world.consoles["cainiao"] = "http://us.test/push"
    assert (await ask("YTO", NUMBER, msg_type=cainiao.SUBSCRIBE))["success"] is True
    await pushes.push_due()
    assert pushes.outcomes[PushOutcome.NOT_TAKEN] == 1
    hands.advance(hours=1)
    await pushes.push_due()
    assert pushes.outcomes[PushOutcome.TAKEN] == 1
    first, again = told
    assert first == again
    content = json.loads(first["logistics_interface"])
    assert (content["mailNo"], content["cpCode"], content["logisticsStatus"]) == (NUMBER, "YTO", "SIGN")
    assert [line["subLogisticsStatus"] for line in content["logisticsFullTraceList"]] == ["ACCEPT", "SIGN"]
    assert first["data_digest"] == cainiao.digest(first["logistics_interface"], cainiao.SECRET_KEY)
