"""USPS from the vendor's side: tokens with scopes, refusals among answers, three ways to print a time, pushes."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from carriers.sandbox import usps
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.server import create_app
from carriers.sandbox.world import Outcome, World, made_world

Ask = Callable[..., Awaitable[httpx.Response]]
MakeLife = Callable[..., Life]
NUMBERS = [f"94001000000000000000{place:02}" for place in range(40)]
NUMBER, SECOND = NUMBERS[:2]
SECRET = "0123456789abcdef0123456789abcdef"
BOTH = "tracking subscriptions-tracking"
CREDENTIALS = {
    "client_id": usps.CLIENT_ID,
    "client_secret": usps.CLIENT_SECRET,
    "grant_type": "client_credentials",
}


class Webhook:
    """Writes down what came, and answers as the test wants."""

    def __init__(self) -> None:
        self.calls: list[httpx.Request] = []
        self.status = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        return httpx.Response(self.status)


@pytest.fixture
def webhook() -> Webhook:
    return Webhook()


@pytest.fixture
def app(world: World, webhook: Webhook) -> Any:
    world.limits = {"usps": Limit(1000)}
    return create_app(world, client=httpx.AsyncClient(transport=httpx.MockTransport(webhook)))


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    base = "http://sandbox/usps"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base) as opened:
        yield opened


@pytest.fixture
def pushes(app: Any) -> Callbacks:
    running: Callbacks = app.state.pushes.by_source["usps"]
    return running


@pytest.fixture
def let_in(client: httpx.AsyncClient) -> Ask:
    """The headers of a caller whose token has this scope."""

    async def headers(scope: str = BOTH) -> Any:
        answer = await client.post("/oauth2/v3/token", json=CREDENTIALS | {"scope": scope})
        assert answer.json()["scope"] == scope
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return headers


@pytest.fixture
def ask(client: httpx.AsyncClient, let_in: Ask) -> Ask:
    async def asked(*numbers: str, scope: str = BOTH, body: Any = None) -> httpx.Response:
        document = [{"trackingNumber": number} for number in numbers] if body is None else body
        headers: Any = await let_in(scope)
        return await client.post("/tracking/v3r2/tracking", json=document, headers=headers)

    return asked


@pytest.fixture
def subscribe(client: httpx.AsyncClient, let_in: Ask) -> Ask:
    async def asked(*, scope: str = BOTH, about: dict[str, str] | None = None, **said: Any) -> httpx.Response:
        wish = {
            "listenerURL": "http://us.test/push",
            "secret": SECRET,
            "filterProperties": {
                **(about or {"trackingNumber": NUMBER}),
                "trackingEventTypes": ["ALL_UPDATES"],
            },
        }
        headers: Any = await let_in(scope)
        return await client.post(
            "/subscriptions-tracking/v3/subscriptions", json=wish | said, headers=headers
        )

    return asked


def test_the_signature_of_a_push_follows_the_vendors_rule() -> None:
    payload = (
        '{"trackingNumber":"9400111206206406260787","statusCategory":"Out for Delivery","eventCode":"OF"}'
    )
    signed = usps.x_hmac("2026-02-03T14:05:09Z", payload, SECRET)
    assert signed == "cPcwyP0qDNdRUyKOppk02yAVC+LCKCl5Xu5pJfwIN80="


@pytest.mark.parametrize(
    "change", [{"client_id": "x"}, {"client_secret": "x"}, {"grant_type": "password"}, {"scope": 7}]
)
async def test_who_is_not_known_gets_no_token(client: httpx.AsyncClient, change: dict[str, Any]) -> None:
    answer = await client.post("/oauth2/v3/token", json=CREDENTIALS | {"scope": BOTH} | change)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_token_lasts_eight_hours(
    ask: Ask, client: httpx.AsyncClient, let_in: Ask, hands: Any
) -> None:
    headers: Any = await let_in()
    hands.real += 28798
    body = [{"trackingNumber": NUMBER}]
    assert (await client.post("/tracking/v3r2/tracking", json=body, headers=headers)).status_code == 207
    hands.real += 2
    assert (await client.post("/tracking/v3r2/tracking", json=body, headers=headers)).status_code == 401
    assert (await client.post("/tracking/v3r2/tracking", json=body)).status_code == 401


async def test_a_token_opens_only_what_its_scope_says(ask: Ask, subscribe: Ask) -> None:
    assert (await ask(NUMBER, scope="")).status_code == 401
    assert (await ask(NUMBER, scope="subscriptions-tracking")).status_code == 401
    assert (await ask(NUMBER, scope="tracking")).status_code == 207
    assert (await subscribe(scope="tracking")).status_code == 401
    assert (await subscribe(scope="subscriptions-tracking")).status_code == 201


async def test_several_numbers_are_told_of_newest_first(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("usps", NUMBER, "ordered", "collected", "out_for_delivery"))
    world.add(a_life("usps", SECOND, "delivered_to_proxy"))
    answer = await ask(NUMBER, SECOND)
    assert answer.status_code == 200
    first, second = answer.json()
    assert [event["eventCode"] for event in first["trackingEvents"]] == ["OF", "03", "GX"]
    assert first["statusCategory"] == "Out for Delivery"
    assert first["deliveryDateExpectation"] == {"expectedDeliveryDate": "2026-03-01", "endOfDay": "by 9:00pm"}
    assert second["trackingEvents"][0]["authorizedAgent"] == "true"
    assert second["statusCategory"] == "Delivered to Agent"


async def test_a_number_without_a_record_stands_among_the_others_with_207(
    world: World, a_life: MakeLife, ask: Ask
) -> None:
    world.add(a_life("usps", NUMBER, "collected"))
    answer = await ask(NUMBER, SECOND, f"42078701{NUMBER}", "SF1000000000001")
    assert answer.status_code == 207
    told, *refused = answer.json()
    assert "error" not in told
    codes = [(one["statusCode"], one["error"]["errors"][0]["code"]) for one in refused]
    assert codes == [("404", "150003"), ("400", "150002"), ("400", "150002")]
    assert world.counts["usps", Outcome.NUMBER_REFUSED] == 2


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        "x",
        [{"number": NUMBER}],
        [{"trackingNumber": NUMBER, "expand": "DETAIL"}],
        [{"trackingNumber": number} for number in NUMBERS[:36]],
    ],
)
async def test_a_body_of_another_shape_is_refused(ask: Ask, body: Any) -> None:
    answer = await ask(body=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("OASValidation")


async def test_the_older_version_tells_of_one_number(
    world: World, a_life: MakeLife, client: httpx.AsyncClient, let_in: Ask
) -> None:
    world.add(a_life("usps", NUMBER, "collected"))
    headers: Any = await let_in()
    path = "/tracking/v3/tracking/"
    found = await client.get(f"{path}{NUMBER}?expand=DETAIL", headers=headers)
    assert (found.status_code, found.json()["trackingEvents"][0]["eventCode"]) == (200, "03")
    missing = await client.get(f"{path}{SECOND}?expand=DETAIL", headers=headers)
    assert (missing.status_code, missing.json()["error"]["errors"][0]["code"]) == (404, "150003")
    assert (await client.get(f"{path}{NUMBER}", headers=headers)).status_code == 400
    assert (await client.get(f"{path}{NUMBER}?expand=DETAIL")).status_code == 401


async def test_times_are_printed_in_three_ways(world: World, a_life: MakeLife, ask: Ask) -> None:
    for number in NUMBERS[:12]:
        world.add(a_life("usps", number, "collected"))
    events = [piece["trackingEvents"][0] for piece in (await ask(*NUMBERS[:12])).json()]
    assert {event["eventTimestamp"] for event in events} == {"2026-03-01T12:00:00", "2026-03-01T12:00:00Z"}
    assert {event.get("GMTOffset") for event in events} == {"+08:00", "480", None}
    assert {event.get("GMTTimestamp") for event in events} == {"2026-03-01T04:00:00", "", None}


async def test_sixty_calls_an_hour_are_taken_tokens_included(
    world: World, client: httpx.AsyncClient, hands: Any
) -> None:
    world.limits = {}
    asked = CREDENTIALS | {"scope": BOTH}
    statuses = []
    for _ in range(61):
        hands.real += 1
        statuses.append((await client.post("/oauth2/v3/token", json=asked)).status_code)
    assert statuses == [200] * 60 + [429]
    hands.real += 3600
    assert (await client.post("/oauth2/v3/token", json=asked)).status_code == 200


async def test_a_subscription_is_named_also_to_who_asks_again(world: World, subscribe: Ask) -> None:
    taken = await subscribe()
    assert taken.status_code == 201
    again = await subscribe()
    assert again.status_code == 400
    assert taken.json()["subscriptionId"] in again.json()["error"]["message"]
    assert world.counts["usps", Outcome.SUBSCRIBED] == 1


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"secret": "short"}, 400),
        ({"listenerURL": "ftp://us.test"}, 400),
        ({"listenerURL": None}, 400),
        ({"filterProperties": {}}, 400),
        ({"filterProperties": {"trackingNumber": NUMBER, "trackingEventTypes": ["SOME"]}}, 400),
        ({"about": {"trackingNumber": "SF1000000000001"}}, 400),
        ({"about": {"trackingNumber": NUMBER, "MID": usps.MAILER_ID}}, 400),
        ({"about": {"MID": "911111111"}}, 403),
    ],
)
async def test_a_subscription_is_refused(subscribe: Ask, said: dict[str, Any], status: int) -> None:
    assert (await subscribe(**said)).status_code == status


async def test_a_subscriber_is_told_event_by_event(
    world: World, a_life: MakeLife, subscribe: Ask, webhook: Webhook, pushes: Callbacks
) -> None:
    world.add(a_life("usps", NUMBER, "collected", "delivered"))
    await subscribe()
    assert await pushes.push_due() == 1
    bodies = [json.loads(call.content) for call in webhook.calls]
    payloads = [json.loads(body["payload"]) for body in bodies]
    assert [payload["eventCode"] for payload in payloads] == ["03", "01"]
    assert {payload["trackingNumber"] for payload in payloads} == {NUMBER}
    for call, body in zip(webhook.calls, bodies, strict=True):
        assert call.headers["x-hmac"] == usps.x_hmac(body["timestamp"], body["payload"], SECRET)


async def test_a_mailer_is_told_of_all_parcels(
    world: World, a_life: MakeLife, subscribe: Ask, webhook: Webhook, pushes: Callbacks
) -> None:
    for number in (NUMBER, SECOND):
        world.add(a_life("usps", number, "collected"))
    world.add(a_life("zto", "78400000000001", "collected"))
    assert (await subscribe(about={"MID": usps.MAILER_ID})).status_code == 201
    assert (await subscribe(about={"MID": usps.MAILER_ID})).status_code == 400
    assert await pushes.push_due() == 2
    assert len(webhook.calls) == 2


@pytest.mark.parametrize(("status", "outcome"), [(204, PushOutcome.TAKEN), (500, PushOutcome.NOT_TAKEN)])
async def test_any_good_status_takes_a_push(
    world: World,
    a_life: MakeLife,
    subscribe: Ask,
    webhook: Webhook,
    pushes: Callbacks,
    *,
    status: int,
    outcome: PushOutcome,
) -> None:
    world.add(a_life("usps", NUMBER, "collected"))
    await subscribe()
    webhook.status = status
    await pushes.push_due()
    assert pushes.outcomes[outcome] == 1


def test_every_kind_of_event_has_its_code_and_numbers_are_of_the_vendor() -> None:
    assert set(usps._CODES) == set(EventKind)
    world = made_world(40, 1, carriers=("usps",))
    assert all(usps.well_formed(number) for _, number in world.lives)


async def test_a_code_of_a_story_stands_in_place_of_the_usual_one(
    world: World, a_life: MakeLife, ask: Ask
) -> None:
    life = a_life("usps", NUMBER, "arrived")
    world.add(replace(life, events=(replace(life.events[0], code="A1"),)))
    (piece,) = (await ask(NUMBER)).json()
    assert piece["trackingEvents"][0]["eventCode"] == "A1"


def test_a_parcel_at_a_station_must_be_fetched() -> None:
    stored = [
        life
        for life in made_world(200, 1, carriers=("usps",)).lives.values()
        if any(event.kind is EventKind.AT_STATION for event in life.events)
    ]
    assert stored
    assert {"pickup_only" in life.expected for life in stored} == {True}
    life = stored[0]
    moment = next(life.moment(event) for event in life.events if event.kind is EventKind.AT_STATION)
    assert "pickup_only" not in life.due_at(moment - timedelta(minutes=1))
    assert "pickup_only" in life.due_at(moment)
