"""AfterShip from the vendor's side: trackings are created, then listed by number, and pushed to the console."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from carriers.sandbox import aftership, aftership_trackings
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[httpx.Response]]
MakeLife = Callable[..., Life]
YTO, SF = "YT0000000000006", "SF1000000000007"
PATH = "/aftership/tracking/2025-01/trackings"


@pytest.fixture
def call(client: httpx.AsyncClient) -> Ask:
    """One signed call; headers can be changed."""

    async def called(
        method: str, query: str = "", *, body: bytes = b"", secret: str = aftership.API_SECRET, **changes: str
    ) -> httpx.Response:
        path = f"{PATH}?{query}" if query else PATH
        headers = {"as-api-key": aftership.API_KEY, "date": "Mon, 02 Mar 2026 02:00:00 GMT"}
        headers |= {"content-type": "application/json"} if body else {}
        signed = aftership.signed_text(method, path, headers=headers, body=body)
        headers["as-signature-hmac-sha256"] = aftership.sign(signed, secret)
        changed = {name.replace("_", "-"): value for name, value in changes.items()}
        return await client.request(method, path, content=body, headers=headers | changed)

    return called


@pytest.fixture
def create(call: Ask) -> Ask:
    async def created(number: str = YTO, slug: str = "yto", **fields: Any) -> httpx.Response:
        wish = {"tracking_number": number, "slug": slug} | fields
        return await call("POST", body=json.dumps(wish).encode())

    return created


@pytest.fixture
def trackings(call: Ask) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    async def listed(*numbers: str) -> list[dict[str, Any]]:
        response = await call("GET", f"limit=100&tracking_numbers={','.join(numbers)}")
        assert (response.status_code, response.json()["meta"]["code"]) == (200, 200)
        found: list[dict[str, Any]] = response.json()["data"]["trackings"]
        return found

    return listed


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "expected"),
    [
        (
            "GET",
            "/tracking/2025-01/trackings?limit=1&page=1",
            b"",
            {},
            "HlXqUnH5Hrv7OX//dXc66ArvfCvKFRLE4Thzjy56FAg=",
        ),
        (
            "POST",
            "/tracking/2025-01/trackings",
            b'{"tracking_number":"1Z0000000000000000","slug":"ups"}',
            {"content-type": "application/json"},
            "QHcFL/0v6LcNkNFP28jhMPk6txQDnZWjgbfIctqF8J0=",
        ),
    ],
)
def test_the_signature_follows_the_vendors_rule(
    method: str, path: str, *, body: bytes, headers: dict[str, str], expected: str
) -> None:
    named = {"as-api-key": "asat_demo_key", "date": "Thu, 02 Jan 2025 03:04:05 GMT"} | headers
    signed = aftership.signed_text(method, path, headers=named, body=body)
    assert aftership.sign(signed, "asak_demo_secret") == expected


async def test_a_number_is_listed_once_its_tracking_is_created(
    world: World, a_life: MakeLife, create: Ask, trackings: Callable[..., Awaitable[Any]]
) -> None:
    world.add(a_life("yto", YTO, "collected", "delivered"))
    assert await trackings(YTO) == []
    created = await create()
    assert (created.status_code, created.json()["data"]["subtag"]) == (201, "Pending_001")
    again = await create()
    assert (again.status_code, again.json()["meta"]["code"]) == (400, 4003)
    (tracking,) = await trackings(YTO)
    assert (tracking["slug"], tracking["tag"], tracking["subtag"]) == ("yto", "Delivered", "Delivered_003")
    assert tracking["active"] is False
    first, last = tracking["checkpoints"]
    assert (first["subtag"], last["subtag"]) == ("InTransit_002", "Delivered_003")
    assert first["checkpoint_time"] == "2026-03-01T12:00:00"
    assert (first["country_region"], first["city"]) == ("CHN", "上海市")


@pytest.mark.parametrize("kind", EventKind)
async def test_everything_that_can_happen_has_a_subtag(
    world: World, a_life: MakeLife, create: Ask, trackings: Callable[..., Awaitable[Any]], *, kind: EventKind
) -> None:
    world.add(a_life("yto", YTO, kind))
    await create()
    ((checkpoint,),) = [tracking["checkpoints"] for tracking in await trackings(YTO)]
    assert checkpoint["subtag"] == aftership_trackings._SUBTAGS[kind]
    assert checkpoint["subtag"].startswith(checkpoint["tag"])


async def test_a_tracking_without_a_record_is_pending(
    world: World, create: Ask, trackings: Callable[..., Awaitable[Any]]
) -> None:
    await create()
    (tracking,) = await trackings(YTO)
    assert (tracking["tag"], tracking["checkpoints"]) == ("Pending", [])
    assert world.counts["aftership", Outcome.NOTHING_YET] == 1


async def test_a_tracking_created_in_the_console_needs_no_tail_here(
    world: World, a_life: MakeLife, trackings: Callable[..., Awaitable[Any]]
) -> None:
    world.add(a_life("sf", SF, "collected"))
    world.subscribe("aftership", "sf", SF)
    (tracking,) = await trackings(SF)
    assert (tracking["slug"], len(tracking["checkpoints"])) == ("sf-express", 1)


@pytest.mark.parametrize(
    "fields", [{"customers": [{"phone_number": "13800007712"}]}, {"tracking_key": "7712"}]
)
async def test_a_tail_opens_a_parcel_in_either_field(
    world: World,
    a_life: MakeLife,
    create: Ask,
    trackings: Callable[..., Awaitable[Any]],
    *,
    fields: dict[str, Any],
) -> None:
    world.add(a_life("sf", SF, "collected"))
    await create(SF, "sf-express", **fields)
    (tracking,) = await trackings(SF)
    assert tracking["tag"] == "InTransit"


async def test_a_wrong_tail_leaves_it_pending_for_ever(
    world: World, a_life: MakeLife, create: Ask, trackings: Callable[..., Awaitable[Any]]
) -> None:
    world.add(a_life("sf", SF, "collected"))
    await create(SF, "sf-express", tracking_key="9999")
    (tracking,) = await trackings(SF)
    assert tracking["tag"] == "Pending"


@pytest.mark.parametrize(
    ("fields", "code", "outcome"),
    [
        ({"number": ""}, 4007, Outcome.NUMBER_REFUSED),
        ({"number": "YT 1"}, 4005, Outcome.NUMBER_REFUSED),
        ({"number": "yt0000000000006"}, 4005, Outcome.NUMBER_REFUSED),
        ({"slug": "pigeon-post"}, 4010, Outcome.NUMBER_REFUSED),
        ({"number": SF, "slug": "sf-express"}, 4011, Outcome.TAIL_REFUSED),
    ],
)
async def test_a_tracking_is_not_created(
    world: World, create: Ask, fields: dict[str, Any], code: int, outcome: Outcome
) -> None:
    response = await create(**fields)
    assert (response.status_code, response.json()["meta"]["code"]) == (400, code)
    assert world.counts["aftership", outcome] == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"secret": "wrong"}, 401, 401),
        ({"as_api_key": "wrong"}, 401, 401),
        ({"as_signature_hmac_sha256": ""}, 401, 401),
        ({"date": "Mon, 02 Mar 2026 02:00:01 GMT"}, 401, 401),
        ({"query": "tracking_numbers="}, 400, 400),
        ({"query": "limit=1"}, 400, 400),
        ({"query": "tracking_numbers=" + ",".join(f"YT{number:013}" for number in range(51))}, 400, 400),
    ],
)
async def test_a_question_is_refused(call: Ask, changes: dict[str, str], status: int, code: int) -> None:
    response = await call("GET", **({"query": f"tracking_numbers={YTO}"} | changes))
    assert (response.status_code, response.json()["meta"]["code"]) == (status, code)


async def test_a_body_that_is_no_json_is_refused(call: Ask) -> None:
    assert (await call("POST", body=b"{")).json()["meta"]["code"] == 4001


async def test_whoever_calls_too_often_hears_until_when(world: World, call: Ask) -> None:
    world.limits = {"aftership": Limit(1)}
    responses = [await call("GET", f"tracking_numbers={YTO}") for _ in range(2)]
    assert [response.status_code for response in responses] == [200, 429]
    assert responses[1].headers["x-ratelimit-reset"].isdigit()
    assert responses[1].headers["date"].endswith("GMT")


def test_all_carriers_of_the_sandbox_can_be_followed() -> None:
    assert CARRIED.keys() <= set(aftership_trackings.SLUGS.values())


@pytest.fixture
def told() -> list[httpx.Request]:
    """What was pushed."""
    return []


@pytest.fixture
async def pushes(world: World, told: list[httpx.Request]) -> AsyncIterator[Callbacks]:
    def take(request: httpx.Request) -> httpx.Response:
        told.append(request)
        return httpx.Response(204 if len(told) > 1 else 500)

    world.consoles["aftership"] = "http://us.test/push"
    async with httpx.AsyncClient(transport=httpx.MockTransport(take)) as client:
        yield Callbacks(aftership.MANNER, world, client)


async def test_news_are_told_with_everything_until_they_are_taken(
    world: World, hands: Any, a_life: MakeLife, create: Ask, *, told: list[httpx.Request], pushes: Callbacks
) -> None:
    world.add(a_life("yto", YTO, "collected", "delivered"))
    await create()
    for _ in range(3):
        await pushes.push_due()
        hands.advance(hours=1)
    assert (pushes.outcomes[PushOutcome.NOT_TAKEN], pushes.outcomes[PushOutcome.TAKEN]) == (1, 1)
    first, again = told
    assert first.content == again.content
    assert first.headers["aftership-hmac-sha256"] == aftership.sign(first.content, aftership.WEBHOOK_SECRET)
    said = json.loads(first.content)
    assert (said["event"], said["msg"]["tracking_number"]) == ("tracking_update", YTO)
    assert len(said["msg"]["checkpoints"]) == 2


async def test_nothing_is_told_of_a_parcel_that_wants_another_tail(
    world: World, a_life: MakeLife, create: Ask, *, told: list[httpx.Request], pushes: Callbacks
) -> None:
    world.add(a_life("sf", SF, "collected"))
    await create(SF, "sf-express", tracking_key="9999")
    await pushes.push_due()
    assert told == []
