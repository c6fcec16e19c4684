"""UPS from the vendor's side: tokens, the three manners of times, and fourteen days of alerts."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from carriers.sandbox import ups, ups_alerts
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.server import create_app
from carriers.sandbox.world import Outcome, World, made_world

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBER, SECOND = "1ZDEMO010010000001", "1ZDEMO010010000002"
NUMBERS = [f"1ZDEMO01001000{position:04d}" for position in range(110)]
NAMED = {"transId": "1", "transactionSrc": "test"}


class Webhook:
    """Writes down what came, and answers as the test wants."""

    def __init__(self) -> None:
        self.calls: list[httpx.Request] = []
        self.reply = httpx.Response(200)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        return self.reply

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(call.content) for call in self.calls]


@pytest.fixture
def webhook() -> Webhook:
    return Webhook()


@pytest.fixture
def app(world: World, webhook: Webhook) -> Any:
    return create_app(world, client=httpx.AsyncClient(transport=httpx.MockTransport(webhook)))


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as opened:
        yield opened


@pytest.fixture
def pushes(app: Any) -> Callbacks:
    running: Callbacks = app.state.pushes.by_source["ups"]
    return running


@pytest.fixture
def token(client: httpx.AsyncClient) -> Ask:
    async def asked(secret: str = ups.CLIENT_SECRET, grant: str = "client_credentials") -> httpx.Response:
        basic = base64.b64encode(f"{ups.CLIENT_ID}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}"}
        return await client.post("/ups/security/v1/oauth/token", data={"grant_type": grant}, headers=headers)

    return asked


@pytest.fixture
def ask(client: httpx.AsyncClient, token: Ask) -> Ask:
    async def asked(
        number: str = NUMBER, headers: dict[str, str] = NAMED, bearer: str = ""
    ) -> httpx.Response:
        bearer = bearer or f"Bearer {(await token()).json()['access_token']}"
        return await client.get(
            f"/ups/api/track/v1/details/{number}", headers=headers | {"Authorization": bearer}
        )

    return asked


@pytest.fixture
def package(ask: Ask) -> Ask:
    async def asked(number: str = NUMBER) -> Any:
        (shipment,) = (await ask(number)).json()["trackResponse"]["shipment"]
        (found,) = shipment["package"]
        return found

    return asked


@pytest.fixture
def subscribe(client: httpx.AsyncClient, token: Ask) -> Ask:
    """Subscribes numbers, or sends what is given; fields of the wish can be changed."""

    async def asked(*numbers: str, headers: dict[str, str] = NAMED, **changes: Any) -> httpx.Response:
        bearer = f"Bearer {(await token()).json()['access_token']}"
        destination = {"url": "http://us.test/push", "credentialType": "Bearer", "credential": "pepper"}
        wish = {
            "locale": "en_US",
            "countryCode": "US",
            "trackingNumberList": numbers,
            "destination": destination,
        }
        return await client.post(
            "/ups/api/track/v1/subscription/standard/package",
            json=wish | changes,
            headers=headers | {"Authorization": bearer},
        )

    return asked


def code_of(response: httpx.Response) -> tuple[int, str]:
    (error,) = response.json()["response"]["errors"]
    return response.status_code, error["code"]


async def test_a_token_lasts_about_four_hours_and_its_seconds_are_text(token: Ask) -> None:
    answer = await token()
    assert answer.status_code == 200
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", "14399")


async def test_a_token_is_refused_to_strangers(world: World, token: Ask) -> None:
    assert code_of(await token(secret="wrong")) == (401, "250003")
    assert code_of(await token(grant="password")) == (401, "250002")
    assert world.counts["ups", Outcome.SIGNATURE_REFUSED] == 1


async def test_nobody_is_let_in_without_a_token_that_stands(hands: Any, ask: Ask, token: Ask) -> None:
    bearer = f"Bearer {(await token()).json()['access_token']}"
    assert code_of(await ask(bearer="Basic x")) == (401, "UJ0001")
    assert code_of(await ask(bearer="Bearer nobody's")) == (401, "250002")
    hands.real += 14_400
    assert code_of(await ask(bearer=bearer)) == (401, "251004")


async def test_a_call_names_itself(ask: Ask, subscribe: Ask) -> None:
    assert code_of(await ask(headers={"transId": "1"})) == (400, "TV1001")
    assert code_of(await subscribe(NUMBER, headers={})) == (400, "VSS002")


@pytest.mark.parametrize("number", ["1Z1234", "1" * 35])
async def test_a_number_of_a_wrong_length_is_refused(world: World, ask: Ask, number: str) -> None:
    assert code_of(await ask(number)) == (400, "TV1002")
    assert world.counts["ups", Outcome.NUMBER_REFUSED] == 1


async def test_not_found_is_a_success_with_a_warning(world: World, ask: Ask) -> None:
    answer = await ask()
    (shipment,) = answer.json()["trackResponse"]["shipment"]
    assert answer.status_code == 200
    assert [warning["code"] for warning in shipment["warnings"]] == ["TW0001"]
    assert "package" not in shipment
    assert world.counts["ups", Outcome.NOTHING_YET] == 1


async def test_lines_come_newest_first_with_three_codes(world: World, a_life: MakeLife, package: Ask) -> None:
    world.add(a_life("ups", NUMBER, "ordered", "collected", "out_for_delivery"))
    lines = (await package())["activity"]
    said = [(line["status"]["type"], line["status"]["code"], line["status"]["statusCode"]) for line in lines]
    assert said == [("I", "OT", "021"), ("I", "PU", "038"), ("M", "MP", "003")]
    assert [(line["date"], line["time"]) for line in lines][-1] == ("20260301", "120000")
    assert lines[0]["location"]["address"]["city"] == "上海市"


async def test_the_time_in_greenwich_comes_in_three_manners(
    world: World, a_life: MakeLife, package: Ask
) -> None:
    shapes = set()
    for number in NUMBERS[:20]:
        world.add(a_life("ups", number, "collected"))
        (line,) = (await package(number))["activity"]
        shapes.add((line.get("gmtDate"), line.get("gmtTime"), line.get("gmtOffset")))
    assert shapes == {
        (None, None, None),
        ("20260301", "04:00:00", "+08:00"),
        ("20260301", "40000", "+08:00"),
    }


@pytest.mark.parametrize("kind", EventKind)
async def test_every_kind_has_its_codes(
    world: World, a_life: MakeLife, package: Ask, kind: EventKind
) -> None:
    world.add(a_life("ups", NUMBER, kind))
    (line,) = (await package())["activity"]
    assert all(line["status"][level] for level in ("type", "code", "statusCode"))


async def test_an_event_may_bring_its_own_codes(world: World, a_life: MakeLife, package: Ask) -> None:
    life = a_life("ups", NUMBER, "note")
    world.add(replace(life, events=(replace(life.events[0], code="X/H1/050"),)))
    (line,) = (await package())["activity"]
    assert (line["status"]["type"], line["status"]["code"], line["status"]["statusCode"]) == (
        "X",
        "H1",
        "050",
    )


async def test_who_took_it_and_when_it_should_come_is_told(
    world: World, a_life: MakeLife, package: Ask
) -> None:
    world.add(a_life("ups", NUMBER, "out_for_delivery"))
    assert (await package())["deliveryDate"] == [{"type": "SDD", "date": "20260301"}]
    life = a_life("ups", SECOND, "delivered")
    world.add(replace(life, events=(replace(life.events[0], signer="本人"),)))
    assert (await package(SECOND))["deliveryInformation"]["receivedBy"] == "本人"


async def test_too_many_calls_are_refused(world: World, ask: Ask, token: Ask) -> None:
    bearer = f"Bearer {(await token()).json()['access_token']}"
    world.limits = {"ups": Limit(1)}
    world._turnstiles.clear()
    assert (await ask(bearer=bearer)).status_code == 200
    assert code_of(await ask(bearer=bearer)) == (429, "10429")


async def test_only_parcels_can_be_subscribed(world: World, subscribe: Ask) -> None:
    answer = await subscribe(NUMBER, "K1506235620")
    assert answer.json() == {"validTrackingNumbers": [NUMBER], "invalidTrackingNumbers": ["K1506235620"]}
    assert world.counts["ups", Outcome.SUBSCRIBED] == 1
    assert code_of(await subscribe("K1506235620")) == (400, "VSS210")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"trackingNumberList": []}, "VSS200"),
        ({"trackingNumberList": NUMBERS[:101]}, "VSS220"),
        ({"trackingNumberList": "1Z"}, "VSS110"),
        ({"locale": ""}, "VSS300"),
        ({"countryCode": ""}, "VSS400"),
        ({"destination": None}, "VSS500"),
        ({"destination": {"url": "us.test"}}, "VSS600"),
        ({"destination": {"url": "http://us.test"}}, "VSS700"),
        ({"destination": {"url": "http://us.test", "credential": "x"}}, "VSS800"),
    ],
)
async def test_a_subscription_that_lacks_something_is_refused(
    subscribe: Ask, changes: dict[str, Any], code: str
) -> None:
    assert code_of(await subscribe(NUMBER, **changes)) == (400, code)


async def test_a_hundred_numbers_are_taken_at_once(subscribe: Ask) -> None:
    assert (await subscribe(*NUMBERS[:100])).json()["validTrackingNumbers"] == NUMBERS[:100]


async def test_a_subscriber_is_told_event_by_event_with_the_credential(
    world: World,
    hands: Any,
    a_life: MakeLife,
    *,
    subscribe: Ask,
    webhook: Webhook,
    pushes: Callbacks,
) -> None:
    world.add(a_life("ups", NUMBER, "collected", "out_for_delivery", birth=hands.now))
    await subscribe(NUMBER)
    hands.advance(hours=5)
    assert await pushes.push_due() == 1
    assert [call.headers["credential"] for call in webhook.calls] == ["pepper", "pepper"]
    assert webhook.calls[0].headers["user-agent"] == "UPSPubSubTrackingService"
    collected, out = webhook.events
    assert (collected["activityStatus"]["code"], out["activityStatus"]["code"]) == ("PU", "OT")
    assert (out["trackingNumber"], out["gmtOffset"]) == (NUMBER, "+08.00")
    assert (out["localActivityTime"], out["gmtActivityTime"]) == ("140000", "060000")


async def test_nothing_from_before_the_subscription_is_told(
    world: World, a_life: MakeLife, subscribe: Ask, webhook: Webhook, pushes: Callbacks
) -> None:
    world.add(a_life("ups", NUMBER, "collected", "out_for_delivery"))
    await subscribe(NUMBER)
    await pushes.push_due()
    assert webhook.calls == []
    assert pushes.outcomes[PushOutcome.TAKEN] == 0


async def test_a_subscription_lasts_fourteen_days_and_can_be_renewed(
    world: World,
    hands: Any,
    a_life: MakeLife,
    *,
    subscribe: Ask,
    webhook: Webhook,
    pushes: Callbacks,
) -> None:
    world.add(a_life("ups", NUMBER, *["note"] * 400, birth=hands.now))
    await subscribe(NUMBER)
    hands.advance(days=13, hours=23)
    await pushes.push_due()
    told = len(webhook.calls)
    assert told == 167
    hands.advance(days=3)
    await pushes.push_due()
    assert len(webhook.calls) == told
    await subscribe(NUMBER)
    hands.advance(hours=4)
    await pushes.push_due()
    assert len(webhook.calls) == told + 2


@pytest.mark.parametrize(("status", "outcome"), [(200, PushOutcome.TAKEN), (503, PushOutcome.NOT_TAKEN)])
async def test_the_status_alone_is_the_acknowledgement(
    world: World,
    hands: Any,
    a_life: MakeLife,
    *,
    subscribe: Ask,
    webhook: Webhook,
    pushes: Callbacks,
    status: int,
    outcome: PushOutcome,
) -> None:
    world.add(a_life("ups", NUMBER, "collected", birth=hands.now))
    await subscribe(NUMBER)
    hands.advance(hours=3)
    webhook.reply = httpx.Response(status)
    await pushes.push_due()
    assert pushes.outcomes[outcome] == 1


def test_the_numbers_of_a_world_can_be_subscribed(hands: Any) -> None:
    world = made_world(20, 1, lambda: hands.now, carriers=("ups",))
    assert "ups" in CARRIED
    assert all(ups_alerts._NUMBER.fullmatch(number) for _, number in world.lives)
