"""17TRACK from the vendor's side: what is registered can be read, number by number, and is pushed to the console."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from carriers.sandbox import seventeentrack, seventeentrack_infos
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
YTO, SF = "YT0000000000005", "SF1000000000005"


@pytest.fixture(autouse=True)
def unhurried(world: World) -> None:
    world.limits = {"seventeentrack": Limit(100)}


@pytest.fixture
def call(client: httpx.AsyncClient) -> Ask:
    """One call, with whatever body and key."""

    async def called(method: str, body: Any, *, key: str = seventeentrack.KEY) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"17token": key, "content-type": "application/json"}
        return await client.post(f"/seventeentrack/{method}", content=content, headers=headers)

    return called


@pytest.fixture
def ask(call: Ask) -> Ask:
    """Asks about, or registers, numbers; what came of each, by number."""

    async def asked(method: str, *items: dict[str, Any]) -> dict[str, Any]:
        answer = (await call(method, list(items))).json()
        assert answer["code"] == 0
        told = {one["number"]: one for one in answer["data"]["accepted"]}
        return told | {one["number"]: one["error"]["code"] for one in answer["data"]["rejected"]}

    return asked


def test_the_signature_follows_the_vendors_rule() -> None:
    body = (
        b'{"event":"TRACKING_UPDATED","data":{"number":"RR123456789CN","carrier":3011,"param":null,'
        b'"tag":"order-1"}}'
    )
    assert seventeentrack.sign(body, "DEMO17TOKEN0000000000000000000000") == (
        "81c8efcef8694b63a80d3da97f9aff6fae0b74f3f3b34a2c465448b4f5a4ce82"
    )


async def test_nothing_is_known_of_a_number_before_it_is_registered(
    world: World, a_life: MakeLife, ask: Ask
) -> None:
    world.add(a_life("yto", YTO, "collected"))
    assert await ask("gettrackinfo", {"number": YTO}) == {YTO: -18019902}
    said = (await ask("register", {"number": YTO, "tag": "yto"}))[YTO]
    assert (said["origin"], said["carrier"], said["tag"]) == (2, 900003, "yto")
    assert await ask("register", {"number": YTO}) == {YTO: -18019901}
    told = (await ask("gettrackinfo", {"number": YTO, "carrier": 900003}))[YTO]
    assert told["tag"] == "yto"
    assert (await ask("gettrackinfo", {"number": YTO, "carrier": 3013})) == {YTO: -18019902}


async def test_a_number_registered_in_the_console_needs_no_tail_here(
    world: World, a_life: MakeLife, ask: Ask
) -> None:
    world.add(a_life("sf", SF, "collected"))
    world.subscribe("seventeentrack", "sf", SF)
    told = (await ask("gettrackinfo", {"number": SF}))[SF]
    assert (told["carrier"], told["tag"]) == (900001, None)
    assert told["track_info"]["latest_status"]["status"] == "InTransit"


async def test_lines_come_newest_first_with_three_times(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("yto", YTO, "collected", "delivered"))
    await ask("register", {"number": YTO})
    info = (await ask("gettrackinfo", {"number": YTO}))[YTO]["track_info"]
    assert info["latest_status"]["sub_status"] == "Delivered_Other"
    (provider,) = info["tracking"]["providers"]
    assert [event["stage"] for event in provider["events"]] == ["Delivered", "PickedUp"]
    first = provider["events"][-1]
    assert first["time_iso"] == "2026-03-01T12:00:00+08:00"
    assert first["time_utc"] == "2026-03-01T04:00:00Z"
    assert first["time_raw"] == {"date": "2026-03-01", "time": "12:00:00", "timezone": None}
    assert first["address"]["city"] == "上海市"


@pytest.mark.parametrize("kind", EventKind)
async def test_everything_that_can_happen_has_a_sub_status(
    world: World, a_life: MakeLife, ask: Ask, kind: EventKind
) -> None:
    world.add(a_life("yto", YTO, kind))
    await ask("register", {"number": YTO})
    info = (await ask("gettrackinfo", {"number": YTO}))[YTO]["track_info"]
    assert info["latest_event"]["sub_status"] == seventeentrack_infos._SUB_STATUSES[kind]
    assert info["latest_status"]["sub_status"].startswith(info["latest_status"]["status"])


async def test_a_registered_number_without_a_record_is_not_found(world: World, ask: Ask) -> None:
    await ask("register", {"number": YTO})
    info = (await ask("gettrackinfo", {"number": YTO}))[YTO]["track_info"]
    assert info["latest_status"]["status"] == "NotFound"
    assert world.counts["seventeentrack", Outcome.NOTHING_YET] == 1


@pytest.mark.parametrize(
    ("item", "code", "outcome"),
    [
        ({"number": "YT 1"}, -18010012, Outcome.NUMBER_REFUSED),
        ({"number": "YT1"}, -18010012, Outcome.NUMBER_REFUSED),
        ({"number": YTO, "carrier": 1}, -18019910, Outcome.NUMBER_REFUSED),
        ({"number": "QQ00000000"}, -18019903, Outcome.NUMBER_REFUSED),
        ({"number": SF}, -18010020, Outcome.TAIL_REFUSED),
    ],
)
async def test_a_number_is_not_registered(
    world: World, ask: Ask, item: dict[str, Any], code: int, outcome: Outcome
) -> None:
    assert await ask("register", item, {"number": "YT0000000000009"}) == {
        item["number"]: code,
        "YT0000000000009": {
            "origin": 2,
            "number": "YT0000000000009",
            "carrier": 900003,
            "tag": None,
            "email": None,
            "lang": None,
        },
    }
    assert world.counts["seventeentrack", outcome] == 1


async def test_a_tail_opens_a_parcel_of_sf_and_a_wrong_one_does_not(
    world: World, a_life: MakeLife, ask: Ask
) -> None:
    other = "SF1000000000006"
    for number in (SF, other):
        world.add(a_life("sf", number, "collected"))
    await ask("register", {"number": SF, "param": "7712"}, {"number": other, "param": "9999"})
    told = await ask("gettrackinfo", {"number": SF}, {"number": other})
    assert told[SF]["track_info"]["latest_status"]["status"] == "InTransit"
    assert told[other]["track_info"]["latest_status"]["status"] == "NotFound"


async def test_registering_costs_quota_but_not_twice(
    world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seventeentrack, "QUOTA", 1)
    await ask("register", {"number": YTO})
    told = await ask("register", {"number": YTO}, {"number": "YT0000000000009"})
    assert told == {YTO: -18019901, "YT0000000000009": -18019908}


@pytest.mark.parametrize(
    ("body", "key", "status", "code"),
    [
        ([{"number": YTO}], "wrong", 401, -18010002),
        (b"{", seventeentrack.KEY, 200, -18010013),
        ({"number": YTO}, seventeentrack.KEY, 200, -18010013),
        ([], seventeentrack.KEY, 200, -18010010),
        ([{"number": YTO}] * 41, seventeentrack.KEY, 200, -18010014),
    ],
)
@pytest.mark.parametrize("method", ["register", "gettrackinfo"])
async def test_a_call_is_refused(
    call: Ask, method: str, *, body: Any, key: str, status: int, code: int
) -> None:
    response = await call(method, body, key=key)
    assert response.status_code == status
    assert response.json()["code"] == response.json()["data"]["errors"][0]["code"] == code


async def test_three_calls_a_second_are_let_in(world: World, call: Ask) -> None:
    world.limits = {}
    statuses = [(await call("gettrackinfo", [{"number": YTO}])).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_all_carriers_of_the_sandbox_can_be_registered() -> None:
    assert CARRIED.keys() <= seventeentrack_infos.OF_CARRIER.keys()


@pytest.fixture
def told() -> list[httpx.Request]:
    """What was pushed."""
    return []


@pytest.fixture
async def pushes(world: World, told: list[httpx.Request]) -> AsyncIterator[Callbacks]:
    def take(request: httpx.Request) -> httpx.Response:
        told.append(request)
        return httpx.Response(200 if len(told) > 1 else 500)

    world.consoles["seventeentrack"] = "http://us.test/push"
    async with httpx.AsyncClient(transport=httpx.MockTransport(take)) as client:
        yield Callbacks(seventeentrack.MANNER, world, client)


async def test_news_are_told_with_everything_until_they_are_taken(
    world: World, hands: Any, a_life: MakeLife, ask: Ask, *, told: list[httpx.Request], pushes: Callbacks
) -> None:
    world.add(a_life("yto", YTO, "collected", "delivered"))
    await ask("register", {"number": YTO, "tag": "yto"})
    for _ in range(3):
        await pushes.push_due()
        hands.advance(hours=1)
    assert (pushes.outcomes[PushOutcome.NOT_TAKEN], pushes.outcomes[PushOutcome.TAKEN]) == (1, 1)
    first, again = told
    assert first.content == again.content
    assert first.headers["sign"] == seventeentrack.sign(first.content, seventeentrack.KEY)
    said = json.loads(first.content)
    assert (said["event"], said["data"]["number"], said["data"]["tag"]) == ("TRACKING_UPDATED", YTO, "yto")
    assert len(said["data"]["track_info"]["tracking"]["providers"][0]["events"]) == 2


async def test_nothing_is_told_of_a_parcel_that_wants_another_tail(
    world: World, a_life: MakeLife, ask: Ask, *, told: list[httpx.Request], pushes: Callbacks
) -> None:
    world.add(replace(a_life("sf", SF, "collected"), phone_tails=("0001",)))
    await ask("register", {"number": SF, "param": "9999"})
    await pushes.push_due()
    assert told == []
