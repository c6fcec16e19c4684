"""TrackingMore from the vendor's side: only what was created is known, and only the timestamp of a push is signed."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from carriers.sandbox import trackingmore
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.trackingmore_parcels import COURIERS
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBER, SF_NUMBER = "YT0000000000001", "SF1000000000001"


@pytest.fixture
def create(client: httpx.AsyncClient) -> Ask:
    async def created(*wishes: dict[str, str], key: str = trackingmore.API_KEY) -> httpx.Response:
        headers = {"Tracking-Api-Key": key}
        return await client.post("/trackingmore/v4/trackings/batch", json=list(wishes), headers=headers)

    return created


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    async def asked(*numbers: str, key: str = trackingmore.API_KEY) -> httpx.Response:
        params, headers = {"tracking_numbers": ",".join(numbers)}, {"Tracking-Api-Key": key}
        return await client.get("/trackingmore/v4/trackings/get", params=params, headers=headers)

    return asked


def a_wish(courier: str = "yto", number: str = NUMBER, **fields: str) -> dict[str, str]:
    return {"tracking_number": number, "courier_code": courier} | fields


async def test_only_what_was_created_is_known(world: World, a_life: MakeLife, create: Ask, ask: Ask) -> None:
    world.add(a_life("yto", NUMBER, "collected", "out_for_delivery"))
    assert (await ask(NUMBER)).json()["data"] == []
    assert (await create(a_wish())).json()["data"] == {"success": [a_wish()], "error": []}
    (parcel,) = (await ask(NUMBER)).json()["data"]
    assert (parcel["tracking_number"], parcel["courier_code"]) == (NUMBER, "yto")
    assert (parcel["delivery_status"], parcel["substatus"]) == ("pickup", "pickup001")
    newest, oldest = parcel["origin_info"]["trackinfo"]
    assert (newest["checkpoint_date"], newest["checkpoint_delivery_substatus"]) == (
        "2026-03-01 14:00:00",
        "pickup001",
    )
    assert (oldest["checkpoint_delivery_status"], oldest["tracking_detail"]) == (
        "transit",
        "collected 于网点",
    )
    assert parcel["origin_info"]["milestone_date"]["pickup_date"] == "2026-03-01 12:00"


async def test_a_created_number_without_a_record_is_pending(create: Ask, ask: Ask) -> None:
    await create(a_wish())
    (parcel,) = (await ask(NUMBER)).json()["data"]
    assert (parcel["substatus"], parcel["origin_info"]["trackinfo"]) == ("pending001", [])


async def test_a_number_of_several_couriers_is_told_of_each(create: Ask, ask: Ask) -> None:
    await create(a_wish("yto"), a_wish("sto"))
    assert [one["courier_code"] for one in (await ask(NUMBER)).json()["data"]] == ["yto", "sto"]


@pytest.mark.parametrize("kind", EventKind)
async def test_everything_that_can_happen_has_a_code(
    world: World, a_life: MakeLife, create: Ask, ask: Ask, kind: EventKind
) -> None:
    world.add(a_life("yto", NUMBER, kind))
    await create(a_wish())
    (parcel,) = (await ask(NUMBER)).json()["data"]
    (line,) = parcel["origin_info"]["trackinfo"]
    assert line["checkpoint_delivery_substatus"].startswith(line["checkpoint_delivery_status"])


def test_the_vendor_has_a_word_for_every_carrier_of_the_sandbox_but_jd() -> None:
    assert {*CARRIED} - {*COURIERS.values()} <= {"jd"}


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (a_wish("pigeon"), 4120),
        (a_wish(number="YT 1"), 4110),
        (a_wish("sf-express", SF_NUMBER), 4122),
        (a_wish("sf-express", SF_NUMBER, tracking_key="9999"), 4122),
    ],
)
async def test_a_wish_is_refused_by_itself(
    world: World, a_life: MakeLife, create: Ask, wish: dict[str, str], code: int
) -> None:
    world.add(a_life("sf", SF_NUMBER, "collected"))
    data = (await create(wish, a_wish("sto"))).json()["data"]
    assert data["success"] == [a_wish("sto")]
    (error,) = data["error"]
    assert (error["tracking_number"], error["errorCode"]) == (wish["tracking_number"], code)


async def test_a_tail_opens_and_a_number_exists_once(world: World, a_life: MakeLife, create: Ask) -> None:
    world.add(a_life("sf", SF_NUMBER, "collected"))
    wish = a_wish("sf-express", SF_NUMBER, tracking_key="0001")
    assert (await create(wish)).json()["data"]["error"] == []
    (error,) = (await create(wish)).json()["data"]["error"]
    assert error["errorCode"] == 4101


async def test_a_wrong_key_and_wrong_questions_are_refused(world: World, create: Ask, ask: Ask) -> None:
    many = [f"YT00000000000{place:02}" for place in range(41)]
    replies = [
        await ask(NUMBER, key="wrong"),
        await create(a_wish(), key="wrong"),
        await ask(*many),
        await ask(),
        await create(*(a_wish(number=number) for number in many)),
        await create(),
    ]
    assert [reply.json()["meta"]["code"] for reply in replies] == [401, 401, 4103, 4111, 4103, 4111]
    assert [reply.status_code for reply in replies] == [401, 401, 400, 400, 400, 400]
    assert world.counts["trackingmore", Outcome.SIGNATURE_REFUSED] == 2


async def test_a_body_that_is_no_list_is_refused(client: httpx.AsyncClient) -> None:
    headers = {"Tracking-Api-Key": trackingmore.API_KEY}
    reply = await client.post("/trackingmore/v4/trackings/batch", content=b"{", headers=headers)
    assert reply.json()["meta"]["code"] == 400


async def test_more_than_ten_calls_in_a_second_are_too_many(ask: Ask) -> None:
    statuses = [(await ask(NUMBER)).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


@pytest.mark.parametrize(
    ("timestamp", "secret", "expected"),
    [
        (
            "1662371528",
            "2e55b9a3-4dd1-4416-9897-c4bd1e3d738f",
            "a37084ab68ae16b77db1f8463f31be9fcc965e2515e03efecf8139bb1e511b06",
        ),
        (
            "1735787045",
            "00000000-1111-2222-3333-444444444444",
            "d41be876ae4c2446ff70f7cd155bd57c18e2920166cc97e6c9940aedc1a9ed58",
        ),
    ],
)
def test_the_signature_of_a_push_follows_the_vendors_sample(
    timestamp: str, secret: str, expected: str
) -> None:
    assert trackingmore.push_signature(timestamp, secret) == expected


@pytest.mark.parametrize(("status", "outcome"), [(204, PushOutcome.TAKEN), (500, PushOutcome.NOT_TAKEN)])
async def test_the_console_s_address_is_told_of_the_whole_parcel(
    world: World, hands: Any, a_life: MakeLife, create: Ask, *, status: int, outcome: PushOutcome
) -> None:
    heard: list[httpx.Request] = []

    def hear(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return httpx.Response(status)

    world.add(a_life("yto", NUMBER, "collected", "departed"))
    world.consoles["trackingmore"] = "http://us.test/push"
    await create(a_wish())
    async with httpx.AsyncClient(transport=httpx.MockTransport(hear)) as caller:
        assert trackingmore.PLAYS.calls_back
        calls = trackingmore.PLAYS.calls_back(world, caller)
        assert isinstance(calls, Callbacks)
        assert await calls.push_due() == 1
        hands.now += timedelta(hours=4)
        await calls.push_due()
    assert calls.outcomes[outcome] == len(heard)
    told = json.loads(heard[0].content)["data"]
    assert (told["tracking_number"], len(told["origin_info"]["trackinfo"])) == (NUMBER, 2)
    timestamp = heard[0].headers["timestamp"]
    assert timestamp == str(int((hands.now - timedelta(hours=4)).timestamp()))
    right = trackingmore.push_signature(timestamp, trackingmore.WEBHOOK_SECRET)
    assert heard[0].headers["signature"] == right
