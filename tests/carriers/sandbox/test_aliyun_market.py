"""Aliyun Market from the vendor's side: a gateway with words in a header, and products with codes inside HTTP 200."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from carriers.aggregators import aliyun_market as adapter
from carriers.contract import Account, Query, Stamp, Track
from carriers.sandbox import aliyun_market
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[httpx.Response]]
MakeLife = Callable[..., Life]
NUMBER, OURS = "YT0000000000004", "SF1000000000001"
STAMP = Stamp(at=datetime(2026, 3, 2, tzinfo=UTC), nonce="0123456789abcdef0123456789abcdef")
BEARING = {"Authorization": f"APPCODE {aliyun_market.APP_CODE}"}


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    async def asked(path: str, headers: dict[str, str] | None = None, **params: str) -> httpx.Response:
        sent = BEARING if headers is None else headers
        return await client.get(f"/aliyun_market{path}", params=params, headers=sent)

    return asked


async def test_wuliu_prints_the_newest_line_first_and_one_state(
    world: World, a_life: MakeLife, ask: Ask
) -> None:
    world.add(a_life("yto", NUMBER, "collected", "returned"))
    told = (await ask("/kdi", no=NUMBER, type="yto")).json()
    assert (told["status"], told["msg"]) == ("0", "ok")
    result = told["result"]
    assert (result["number"], result["type"], result["deliverystatus"]) == (NUMBER, "yto", "6")
    assert [line["status"] for line in result["list"]] == ["returned 于网点", "collected 于网点"]
    assert result["list"][1]["time"] == "2026-03-01 12:00:00"
    assert (await ask("/kdwlcx", no=NUMBER)).json() == told


async def test_express3_prints_a_status_of_two_levels_line_by_line(
    world: World, a_life: MakeLife, ask: Ask
) -> None:
    world.add(a_life("yto", NUMBER, "collected", "returned"))
    told = (await ask("/express3", number=NUMBER)).json()
    assert (told["success"], told["code"]) == (True, 200)
    (info,) = told["data"]["info"]
    assert (info["cpCode"], info["mailNo"], info["logisticsStatus"]) == ("YTO", NUMBER, "SIGN")
    first, last = info["logisticsTraceDetailList"]
    assert (first["time"], first["areaName"], first["desc"]) == (
        1772337600000,
        "上海市",
        "collected 于网点",
    )
    assert (last["logisticsStatus"], last["subLogisticsStatus"]) == ("SIGN", "RETURN_SIGN")


@pytest.mark.parametrize("kind", EventKind)
async def test_every_kind_of_event_is_printed(
    world: World, a_life: MakeLife, ask: Ask, kind: EventKind
) -> None:
    world.add(a_life("yto", NUMBER, kind))
    (info,) = (await ask("/express3", number=NUMBER)).json()["data"]["info"]
    assert info["logisticsTraceDetailList"][0]["subLogisticsStatus"]
    assert (await ask("/kdi", no=NUMBER)).json()["result"]["deliverystatus"] in set("0123456")


async def test_a_tail_opens_the_parcels_of_sf_and_zto(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("sf", OURS, "collected"))
    assert (await ask("/kdi", no=f"{OURS}:0001")).json()["status"] == "0"
    assert (await ask("/express3", number=OURS, mobile="13800007712")).json()["data"]["info"]
    assert (await ask("/kdi", no=OURS)).json()["status"] == "205"
    assert (await ask("/kdi", no=f"{OURS}:9999")).json()["status"] == "205"
    assert (await ask("/express3", number=OURS, mobile="9999")).json()["data"]["info"] == []
    assert world.counts["aliyun_market", Outcome.TAIL_REFUSED] == 3


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("/kdi", {"no": "Y 1"}, "201"),
        ("/kdi", {}, "201"),
        ("/express3", {"number": "Y 1"}, "201"),
        ("/kdi", {"no": NUMBER, "type": "pigeon"}, "203"),
        ("/kdi", {"no": NUMBER}, "205"),
        ("/kdi", {"no": NUMBER, "type": "zto"}, "205"),
    ],
)
async def test_a_product_refuses_inside_a_success(
    ask: Ask, path: str, params: dict[str, str], code: str
) -> None:
    reply = await ask(path, **params)
    assert (reply.status_code, reply.json()["status"]) == (200, code)


async def test_without_the_right_code_nobody_is_let_in(world: World, ask: Ask) -> None:
    for headers in ({}, {"Authorization": "APPCODE wrong"}, {"X-Ca-Key": aliyun_market.APP_KEY}):
        reply = await ask("/kdi", headers, no=NUMBER)
        assert (reply.status_code, reply.headers["X-Ca-Error-Message"]) == (400, "Invalid AppCode")
    assert world.counts["aliyun_market", Outcome.SIGNATURE_REFUSED] == 3


def test_the_signature_follows_the_gateways_rule() -> None:
    text = (
        "GET\napplication/json\n\n\n\nx-ca-key:24000000\nx-ca-nonce:00000000-0000-4000-8000-000000000000\n"
        "x-ca-timestamp:1735787045000\n/kdi?no=YT0000000000000&type=yto"
    )
    right = "pL7mq/x2YF9X6dEcTvbLsJBydCXjh27cCbJClN2xCY8="
    assert aliyun_market.gateway_signature(text, "demoAppSecret") == right


@pytest.mark.parametrize(("secret", "status"), [(aliyun_market.APP_SECRET, 200), ("wrong", 400)])
@pytest.mark.parametrize("profile", ["express3", "wuliu", "kdwlcxf"])
async def test_a_signed_question_is_let_in_whichever_the_product(
    world: World,
    client: httpx.AsyncClient,
    a_life: MakeLife,
    *,
    profile: str,
    secret: str,
    status: int,
) -> None:
    world.add(a_life("sf", OURS, "collected", "out_for_delivery"))
    credentials: dict[str, Any] = {"app_code": "x", "app_key": aliyun_market.APP_KEY, "app_secret": secret}
    account = Account("a", "aliyun_market", credentials, "http://sandbox/aliyun_market", {"profile": profile})
    query = Query("sf", OURS, "0001")
    response = await client.send(adapter.request([query], account, STAMP))
    assert response.status_code == status
    if status == 200:
        found = adapter.read(response, [query])[query]
        assert isinstance(found, Track)
        assert [scan.text for scan in found.scans] == ["collected 于网点", "out_for_delivery 于网点"]
        assert found.scans[-1].milestone == "out_for_delivery"
