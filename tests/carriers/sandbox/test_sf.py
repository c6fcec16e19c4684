"""SF from the vendor's side: what opens a parcel, what is refused, and in which shape."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from carriers.sandbox import sf
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.life import Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBERS = [f"SF10000000000{position:02d}" for position in range(12)]
VECTOR_CHECKWORD = "FAKE0CHECKWORD0FOR0TESTS0ONLY0001"


@pytest.mark.parametrize(
    ("message", "timestamp", "checkword", "expected"),
    [
        # published: the vendor's own sample
        (
            '{"language":"zh-CN","orderId":"QIAO-20200618-004"}',
            "12312334453453",
            "fjcg5PGKaNpPSHFAZ4QsCOkV71R3zVci",
            "IIKJtuLVzoFTu4kHI8M8vA==",
        ),
        # made: batch with tails
        (
            (
                '{"language":"zh-CN","trackingType":"1","trackingNumber":["SF1000000000001","SF1000000000002"],'
                '"methodType":"1","checkPhoneNo":"0000,0001"}'
            ),
            "1760000000000",
            VECTOR_CHECKWORD,
            "5ldVTFNdS4i62+YuHsnqzA==",
        ),
        # made: every character that languages escape differently
        (
            '{"language":"zh-CN","trackingNumber":["SF1000000000001"],"note":"张三 a+b&c*d-e_f.g~h"}',
            "1760000000000",
            VECTOR_CHECKWORD,
            "HJpNWb5pBvDBJsJNhmTQAQ==",
        ),
    ],
)
def test_the_signature_follows_the_vendors_rule(
    message: str, timestamp: str, checkword: str, expected: str
) -> None:
    assert sf.digest(message, timestamp, checkword) == expected


async def test_a_parcel_opens_with_either_tail_and_prints_its_routes(
    world: World, a_life: MakeLife, ask_sf: Ask
) -> None:
    world.add(a_life("sf", NUMBERS[0], "collected", "departed", "out_for_delivery"))
    for tail in ("0001", "7712"):
        outer, inner = await ask_sf(NUMBERS[:1], tail)
        assert outer["apiResultCode"] == "A1000"
        assert inner["success"] is True
        [parcel] = inner["msgData"]["routeResps"]
        assert parcel["mailNo"] == NUMBERS[0]
        assert {route["opCode"] for route in parcel["routes"]} == {"54", "36", "204"}
        out = next(route for route in parcel["routes"] if route["opCode"] == "204")
        assert out == {
            "acceptTime": "2026-03-01 16:00:00",
            "acceptAddress": "上海市",
            "remark": "out_for_delivery 于网点",
            "opCode": "204",
            "firstStatusCode": "3",
            "firstStatusName": "派送中",
            "secondaryStatusCode": "301",
            "secondaryStatusName": "派送中",
        }


async def test_routes_come_in_no_certain_order(world: World, a_life: MakeLife, ask_sf: Ask) -> None:
    orders = set()
    for number in NUMBERS[:10]:
        world.add(a_life("sf", number, "collected", "departed"))
    _, inner = await ask_sf(NUMBERS[:10], ",".join(["0001"] * 10))
    for parcel in inner["msgData"]["routeResps"]:
        orders.add(tuple(route["opCode"] for route in parcel["routes"]))
    assert orders == {("54", "36"), ("36", "54")}


async def test_tails_go_by_position_and_a_wrong_one_leaves_its_neighbours_alone(
    world: World, a_life: MakeLife, ask_sf: Ask
) -> None:
    for number, tail in zip(NUMBERS[:3], ("1111", "2222", "3333"), strict=True):
        world.add(a_life("sf", number, "collected", phone_tails=(tail,)))
    _, inner = await ask_sf(NUMBERS[:3], "1111,9999,3333")
    first, second, third = inner["msgData"]["routeResps"]
    assert len(first["routes"]) == len(third["routes"]) == 1
    assert (second["routes"], second["reasonCode"]) == ([], "20028")
    assert world.counts["sf", Outcome.TAIL_REFUSED] == 1


async def test_a_missing_tail_refuses_only_what_others_ordered(
    world: World, a_life: MakeLife, ask_sf: Ask
) -> None:
    world.add(a_life("sf", NUMBERS[0], "collected"))
    world.add(a_life("sf", NUMBERS[1], "collected", owned=True))
    _, inner = await ask_sf(NUMBERS[:2])
    foreign, own = inner["msgData"]["routeResps"]
    assert foreign["reasonCode"] == "20028"
    assert len(own["routes"]) == 1


async def test_an_unknown_and_an_unborn_number_have_no_routes_and_no_reason(
    world: World, a_life: MakeLife, ask_sf: Ask
) -> None:
    world.add(a_life("sf", NUMBERS[1]))
    _, inner = await ask_sf(NUMBERS[:2], "0001,0001")
    assert inner["msgData"]["routeResps"] == [{"mailNo": number, "routes": []} for number in NUMBERS[:2]]
    assert world.counts["sf", Outcome.NOTHING_YET] == 2


async def test_what_will_happen_is_not_told(world: World, hands: Any, a_life: MakeLife, ask_sf: Ask) -> None:
    world.add(a_life("sf", NUMBERS[0], "collected", "delivered", birth=hands.now))
    hands.advance(hours=3)
    _, inner = await ask_sf(NUMBERS[:1], "0001")
    assert [route["opCode"] for route in inner["msgData"]["routeResps"][0]["routes"]] == ["54"]


async def test_a_malformed_number_is_refused_alone(world: World, a_life: MakeLife, ask_sf: Ask) -> None:
    world.add(a_life("sf", NUMBERS[0], "collected"))
    _, inner = await ask_sf(["SF12", NUMBERS[0]], "0001,0001")
    bad, good = inner["msgData"]["routeResps"]
    assert bad["reasonCode"] == "8247"
    assert len(good["routes"]) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"msgDigest": "AAAAAAAAAAAAAAAAAAAAAA=="}, "A1006"),
        ({"timestamp": "1760000000001"}, "A1006"),
        ({"partnerID": "SOMEBODY"}, "A1004"),
        ({"serviceCode": "EXP_RECE_CREATE_ORDER"}, "A1004"),
        ({"requestID": ""}, "A1001"),
        ({"timestamp": "yesterday"}, "A1001"),
    ],
)
async def test_the_gate_refuses(ask_sf: Ask, changes: dict[str, Any], code: str) -> None:
    outer, inner = await ask_sf(NUMBERS[:1], "0001", **changes)
    assert outer["apiResultCode"] == code
    assert inner is None


async def test_a_refused_signature_is_counted(world: World, ask_sf: Ask) -> None:
    await ask_sf(NUMBERS[:1], "0001", msgDigest="AAAA")
    assert world.counts["sf", Outcome.SIGNATURE_REFUSED] == 1


async def test_a_body_that_is_no_form_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/sf/std/service", json={"partnerID": "x"})
    assert response.json()["apiResultCode"] == "A1001"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", "S0001"),
        ('{"trackingNumber":[]}', "8013"),
        ('{"trackingNumber":["SF1000000000001"],"trackingType":"5"}', "6132"),
        ('{"trackingNumber":["SF1000000000001"],"methodType":7}', "6133"),
        ('{"trackingNumber":["D1"],"trackingType":2}', "6150"),
    ],
)
async def test_a_wrong_question_is_refused_inside_the_envelope(ask_sf: Ask, message: str, code: str) -> None:
    outer, inner = await ask_sf([], message=message)
    assert outer["apiResultCode"] == "A1000"
    assert (inner["success"], inner["errorCode"]) == (False, code)


async def test_ten_numbers_are_taken_and_eleven_are_not(ask_sf: Ask) -> None:
    _, ten = await ask_sf(NUMBERS[:10])
    _, eleven = await ask_sf(NUMBERS[:11])
    assert len(ten["msgData"]["routeResps"]) == 10
    assert eleven["errorCode"] == "8003"


async def test_the_31st_call_of_a_second_is_too_many_and_the_next_second_is_free(
    hands: Any, ask_sf: Ask
) -> None:
    codes = [(await ask_sf(NUMBERS[:1]))[0]["apiResultCode"] for _ in range(31)]
    assert codes == ["A1000"] * 30 + ["A1005"]
    hands.real += 1
    assert (await ask_sf(NUMBERS[:1]))[0]["apiResultCode"] == "A1000"


@pytest.fixture
def world(hands: Any) -> World:
    return World(now=lambda: hands.now, real=lambda: hands.real, limits={"sf": Limit(30, per_day=40)})


async def test_a_used_up_day_is_said_inside_the_envelope(hands: Any, ask_sf: Ask) -> None:
    for _ in range(40):
        hands.real += 1
        await ask_sf(NUMBERS[:1])
    _, inner = await ask_sf(NUMBERS[:1])
    assert inner["errorCode"] == "8005"


def sf_pushes(world: World, answer: Callable[[httpx.Request], httpx.Response]) -> Callbacks:
    return Callbacks(sf.MANNER, world, httpx.AsyncClient(transport=httpx.MockTransport(answer)))


async def test_the_account_s_own_parcels_are_told_to_the_console_s_address(
    world: World, a_life: MakeLife
) -> None:
    calls: list[dict[str, Any]] = []

    def take(request: httpx.Request) -> httpx.Response:
        calls.append(json.loads(request.content))
        return httpx.Response(200, json={"return_code": "0000", "return_msg": "成功"})

    world.add(a_life("sf", NUMBERS[0], *["collected"] + ["departed"] * 10, owned=True))
    world.add(a_life("sf", NUMBERS[1], "collected"))
    world.consoles["sf"] = "http://us.test/push"
    pushes = sf_pushes(world, take)
    await pushes.push_due()
    await pushes.client.aclose()
    told = [call["Body"]["WaybillRoute"] for call in calls]
    assert [len(lines) for lines in told] == [10, 1]
    first = told[0][0]
    assert (first["mailno"], first["opCode"], first["acceptTime"]) == (
        NUMBERS[0],
        "54",
        "2026-03-01 12:00:00",
    )
    assert first["remark"] == "collected 于网点"
    assert {type(value) for value in first.values()} == {str}
    assert len({line["id"] for lines in told for line in lines}) == 11
    assert {line["mailno"] for lines in told for line in lines} == {NUMBERS[0]}


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, json={"return_code": "1000"}),
        httpx.Response(200, text="ok"),
        httpx.Response(500, json={"return_code": "0000"}),
    ],
)
async def test_a_push_without_the_documented_reply_comes_again(
    world: World, a_life: MakeLife, reply: httpx.Response
) -> None:
    world.add(a_life("sf", NUMBERS[0], "collected", owned=True))
    world.consoles["sf"] = "http://us.test/push"
    pushes = sf_pushes(world, lambda _: reply)
    await pushes.push_due()
    await pushes.client.aclose()
    assert pushes.outcomes[PushOutcome.NOT_TAKEN] == 1
