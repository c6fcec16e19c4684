"""DHL from the vendor's side: a key in a header, one number in one GET, hooks that have to be confirmed."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from carriers.sandbox import dhl
from carriers.sandbox.dhl_pushes import Hooks
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[httpx.Response]]
MakeLife = Callable[..., Life]
NUMBER = "JVGL0999999990"
PARCEL_DE = "00340434292135100124"
ECOMMERCE = "GM2951173225174494"
KEY = {"DHL-API-Key": dhl.API_KEY}
HOOK = "http://us.test/hook"


@pytest.fixture
def ask(client: httpx.AsyncClient, hands: Any) -> Ask:
    """A question a second; parameters and the key can be changed."""

    async def asked(
        number: str | None = NUMBER, *, key: str = dhl.API_KEY, **parameters: str
    ) -> httpx.Response:
        hands.real += 1
        named = {"trackingNumber": number} if number is not None else {}
        return await client.get(
            "/dhl/track/shipments", params=named | parameters, headers={"DHL-API-Key": key}
        )

    return asked


async def test_a_shipment_is_whole_and_newest_first(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("dhl", NUMBER, "collected", "out_for_delivery"))
    answer = (await ask()).json()
    [shipment] = answer["shipments"]
    assert answer["url"] == f"/shipments?trackingNumber={NUMBER}&offset=0&limit=5"
    assert (shipment["id"], shipment["service"], shipment["returnFlag"]) == (NUMBER, "express", False)
    assert [event["status"] for event in shipment["events"]] == ["WC", "PU"]
    assert shipment["status"]["status"] == "WC"
    assert shipment["events"][-1] == {
        "timestamp": "2026-03-01T12:00:00+08:00",
        "location": {"address": {"countryCode": "CN", "addressLocality": "上海市"}},
        "statusCode": "transit",
        "status": "PU",
        "statusDetailed": "PU",
        "description": "collected 于网点",
    }


@pytest.mark.parametrize(
    ("number", "service", "status", "detailed"),
    [
        (NUMBER, "express", "NH", "NH"),
        ("3318810025", "express", "NH", "NH"),
        (PARCEL_DE, "parcel-de", "ZN", "NTDEL:CNCNR"),
        (ECOMMERCE, "ecommerce", "844", "844"),
        ("60120172242323", "ecommerce", "844", "844"),
    ],
)
async def test_a_division_has_its_own_codes(
    world: World, a_life: MakeLife, ask: Ask, *, number: str, service: str, status: str, detailed: str
) -> None:
    world.add(a_life("dhl", number, "recipient_unreachable"))
    [shipment] = (await ask(number, service=service)).json()["shipments"]
    assert shipment["service"] == service
    told = shipment["status"]
    assert (told["statusCode"], told["status"], told["statusDetailed"]) == ("transit", status, detailed)


@pytest.mark.parametrize("number", [NUMBER, PARCEL_DE, ECOMMERCE])
@pytest.mark.parametrize("kind", EventKind)
async def test_everything_that_happens_has_a_code_in_every_division(
    world: World, a_life: MakeLife, ask: Ask, *, number: str, kind: EventKind
) -> None:
    world.add(a_life("dhl", number, kind))
    [shipment] = (await ask(number)).json()["shipments"]
    assert shipment["status"]["status"]


@pytest.mark.parametrize(
    ("kind", "coarse"),
    [
        ("ordered", "pre-transit"),
        ("at_station", "transit"),
        ("delivered", "delivered"),
        ("refused", "failure"),
    ],
)
async def test_the_coarse_word_hides_what_waits(
    world: World, a_life: MakeLife, ask: Ask, *, kind: str, coarse: str
) -> None:
    world.add(a_life("dhl", NUMBER, kind))
    assert (await ask()).json()["shipments"][0]["status"]["statusCode"] == coarse


async def test_a_return_has_a_flag_and_a_delivery_its_signer(
    world: World, a_life: MakeLife, ask: Ask
) -> None:
    world.add(a_life("dhl", NUMBER, "returning", "returned"))
    [shipment] = (await ask()).json()["shipments"]
    assert (shipment["returnFlag"], shipment["status"]["status"]) == (True, "OK")
    life = a_life("dhl", NUMBER, "delivered")
    world.add(replace(life, events=(replace(life.events[0], signer="N. Invented"),)))
    [shipment] = (await ask()).json()["shipments"]
    assert shipment["details"]["proofOfDelivery"]["signed"]["name"] == "N. Invented"


async def test_a_station_is_a_service_point(world: World, a_life: MakeLife, ask: Ask) -> None:
    life = a_life("dhl", NUMBER, "at_station")
    world.add(replace(life, events=(replace(life.events[0], station="Packstation 101", facility="Depot"),)))
    [shipment] = (await ask()).json()["shipments"]
    assert shipment["events"][0]["location"]["servicePoint"] == {"label": "Packstation 101"}


@pytest.mark.parametrize(
    ("number", "changes", "status", "outcome"),
    [
        (NUMBER, {"key": "wrong"}, 401, Outcome.SIGNATURE_REFUSED),
        (None, {}, 400, Outcome.CALL_REFUSED),
        (NUMBER, {"service": "pigeons"}, 400, Outcome.CALL_REFUSED),
        ("SF1000000000001", {}, 400, Outcome.NUMBER_REFUSED),
        (NUMBER, {"service": "freight"}, 404, Outcome.NOTHING_YET),
        ("JVGL0000000001", {}, 404, Outcome.NOTHING_YET),
    ],
)
async def test_a_question_is_refused(
    world: World,
    a_life: MakeLife,
    ask: Ask,
    *,
    number: str | None,
    changes: dict[str, str],
    status: int,
    outcome: Outcome,
) -> None:
    world.add(a_life("dhl", NUMBER, "collected"))
    answer = await ask(number, **changes)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert world.counts == {("dhl", outcome): 1}


async def test_a_new_key_has_one_call_a_second_and_250_a_day(
    world: World, hands: Any, client: httpx.AsyncClient, ask: Ask
) -> None:
    assert (await ask()).status_code == 404
    too_fast = await client.get("/dhl/track/shipments", params={"trackingNumber": NUMBER}, headers=KEY)
    assert too_fast.status_code == 429
    for _ in range(249):
        hands.real += 1
        world.enter("dhl", dhl.PLAYS.limit)
    assert (await ask()).status_code == 429


class Webhook:
    """Somebody's hook: writes down what came, and answers with 200."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any], str]] = []
        self.status = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)
        self.calls.append((said["scope"], said, request.headers["X-My-Hook-Key"]))
        return httpx.Response(self.status)

    @property
    def scopes(self) -> list[str]:
        return [scope.removeprefix("subscription.") for scope, _, _ in self.calls]


@pytest.fixture
def webhook() -> Webhook:
    return Webhook()


@pytest.fixture
async def hooks(world: World, webhook: Webhook) -> AsyncIterator[Hooks]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(webhook)) as caller:
        yield Hooks(world, caller)


def a_wish(*numbers: str, **changes: Any) -> dict[str, Any]:
    return {
        "hook": {
            "uri": HOOK,
            "authentication": {
                "type": "ApiKeyAuthentication",
                "header": "X-My-Hook-Key",
                "token": "my-long-random",
            },
        },
        "format": "Default",
        "type": "Shipment",
        "events": ["Transit"],
        "shipmentIDs": list(numbers or (NUMBER,)),
    } | changes


async def subscribe(client: httpx.AsyncClient, **wish: Any) -> httpx.Response:
    return await client.post("/dhl/tracking/push/v1/subscription", json=a_wish() | wish, headers=KEY)


async def confirm(client: httpx.AsyncClient, subscription: str, once: str) -> httpx.Response:
    headers = {**KEY, "DHL-API-Hook-Secret": once}
    return await client.post(f"/dhl/tracking/push/v1/subscription/{subscription}", headers=headers)


async def test_nothing_is_told_before_somebody_confirmed(
    world: World, hands: Any, a_life: MakeLife, *, client: httpx.AsyncClient, hooks: Hooks, webhook: Webhook
) -> None:
    world.add(a_life("dhl", NUMBER, "collected"))
    subscription = (await subscribe(client)).json()["id"]
    for _ in range(2):
        assert await hooks.push_due() == 0
        hands.advance(hours=1)
    assert webhook.scopes == ["validate", "validate"]
    assert (await confirm(client, subscription, "wrong")).status_code == 404
    assert (await confirm(client, subscription, webhook.calls[0][1]["secret"])).status_code == 204
    assert await hooks.push_due() == 1
    assert webhook.scopes[2:] == ["ready", "push"]
    assert {key for _, _, key in webhook.calls} == {"my-long-random"}
    [shipment] = webhook.calls[-1][1]["shipments"]
    assert (shipment["id"], shipment["status"]["status"]) == (NUMBER, "PU")
    assert hooks.outcomes[PushOutcome.TAKEN] == 1


async def test_every_change_is_told_with_the_whole_shipment(
    world: World, hands: Any, a_life: MakeLife, *, client: httpx.AsyncClient, hooks: Hooks, webhook: Webhook
) -> None:
    world.add(a_life("dhl", NUMBER, "collected", "out_for_delivery", birth=hands.now))
    subscription = (await subscribe(client)).json()["id"]
    await hooks.push_due()
    await confirm(client, subscription, webhook.calls[0][1]["secret"])
    for _ in range(3):
        hands.advance(hours=2)
        await hooks.push_due()
    told = [said["shipments"][0]["events"] for scope, said, _ in webhook.calls if scope.endswith("push")]
    assert [len(events) for events in told] == [1, 2]


async def test_a_hook_that_does_not_take_it_is_called_again(
    world: World, hands: Any, a_life: MakeLife, *, client: httpx.AsyncClient, hooks: Hooks, webhook: Webhook
) -> None:
    world.add(a_life("dhl", NUMBER, "collected"))
    subscription = (await subscribe(client)).json()["id"]
    await hooks.push_due()
    await confirm(client, subscription, webhook.calls[0][1]["secret"])
    webhook.status = 503
    await hooks.push_due()
    webhook.status = 202
    hands.advance(hours=1)
    await hooks.push_due()
    assert webhook.scopes == ["validate", "ready", "push", "push"]
    assert (hooks.outcomes[PushOutcome.NOT_TAKEN], hooks.outcomes[PushOutcome.TAKEN]) == (1, 1)


@pytest.mark.parametrize(
    "wish",
    [
        {"type": "Account", "accountID": "1"},
        {"shipmentIDs": []},
        {"shipmentIDs": [f"JVGL{number:010d}" for number in range(11)]},
        {"shipmentIDs": ["SF1000000000001"]},
        {"service": "pigeons"},
        {"hook": {"uri": "nowhere", "authentication": {"type": "None", "header": "", "token": ""}}},
        {"hook": {}},
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(
    world: World, client: httpx.AsyncClient, wish: dict[str, Any]
) -> None:
    assert (await subscribe(client, **wish)).status_code == 400
    assert not world.subscribers.get("dhl")


async def test_pushes_want_the_key_too(client: httpx.AsyncClient) -> None:
    for path in ("", "/0a5a11db"):
        answer = await client.post(f"/dhl/tracking/push/v1/subscription{path}", json=a_wish())
        assert answer.status_code == 401
