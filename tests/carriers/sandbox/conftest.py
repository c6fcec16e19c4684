"""A world that a test moves by hand, and askers that sign as the vendors want it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from carriers.sandbox import accounts, kuaidi100, sf, zto
from carriers.sandbox.life import EventKind, Life, LifeEvent
from carriers.sandbox.server import create_app
from carriers.sandbox.world import World

Ask = Callable[..., Awaitable[Any]]


@dataclass
class Hands:
    """Both clocks, moved by the test; what was slept is written down, not slept."""

    now: datetime = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    real: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    def advance(self, **step: float) -> None:
        self.now += timedelta(**step)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def world(hands: Hands) -> World:
    return World(now=lambda: hands.now, real=lambda: hands.real)


@pytest.fixture
async def client(world: World, hands: Hands) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(world, sleep=hands.sleep))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as opened:
        yield opened


@pytest.fixture
def a_life(hands: Hands) -> Callable[..., Life]:
    """`a_life("sf", "SF1000000000001", "collected", "departed")`: born a day ago, then something every two hours."""

    def build(carrier: str, number: str, *kinds: str, **changes: Any) -> Life:
        events = tuple(
            LifeEvent(timedelta(hours=2 * position), EventKind(kind), f"{kind} 于网点", city="上海市")
            for position, kind in enumerate(kinds, 1)
        )
        birth = hands.now - timedelta(days=1)
        given = {"birth": birth, "events": events, "phone_tails": ("0001", "7712")}
        return Life(carrier, number, **(given | changes))

    return build


@pytest.fixture
def ask_sf(client: httpx.AsyncClient) -> Ask:
    """Asks for numbers; form fields and keys of the message can be changed. Gives outer and inner answer."""

    async def ask(
        numbers: Sequence[str], tails: str = "", *, message: str | None = None, **form: Any
    ) -> tuple[dict[str, Any], Any]:
        asked = {
            "trackingNumber": list(numbers),
            "trackingType": "1",
            "methodType": "1",
            "checkPhoneNo": tails,
        }
        text = message or json.dumps(asked, separators=(",", ":"))
        fields = {
            "partnerID": accounts.SF_PARTNER_ID,
            "requestID": "6f3c",
            "serviceCode": "EXP_RECE_SEARCH_ROUTES",
            "timestamp": "1760000000000",
            "msgDigest": sf.digest(text, "1760000000000", accounts.SF_CHECKWORD),
            "msgData": text,
        }
        response = await client.post("/sf/std/service", data=fields | form)
        assert response.status_code == 200
        outer = response.json()
        return outer, json.loads(outer["apiResultData"]) if outer["apiResultData"] else None

    return ask


@pytest.fixture
def ask_zto(client: httpx.AsyncClient) -> Ask:
    async def ask(
        number: str,
        tail: str | None = "0001",
        *,
        body: bytes | None = None,
        method: str = zto.METHOD,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        asked = {"billCode": number} | ({"mobilePhone": tail} if tail is not None else {})
        content = body if body is not None else json.dumps(asked, separators=(",", ":")).encode()
        signed = {
            "x-appKey": accounts.ZTO_APP_KEY,
            "x-dataDigest": zto.digest(content, accounts.ZTO_APP_SECRET),
            "content-type": "application/json; charset=utf-8",
        }
        response = await client.post(f"/zto/{method}", content=content, headers=signed | (headers or {}))
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer

    return ask


@pytest.fixture
def ask_kuaidi100(client: httpx.AsyncClient) -> Ask:
    async def ask(company: str, number: str, *, sign: str | None = None, **param: Any) -> dict[str, Any]:
        text = json.dumps({"com": company, "num": number, "resultv2": "4"} | param, separators=(",", ":"))
        right = kuaidi100.query_sign(text, accounts.KUAIDI100_KEY, accounts.KUAIDI100_CUSTOMER)
        form = {"customer": accounts.KUAIDI100_CUSTOMER, "sign": sign or right, "param": text}
        response = await client.post("/kuaidi100/poll/query.do", data=form)
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer

    return ask
