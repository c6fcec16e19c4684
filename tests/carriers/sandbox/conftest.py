"""A world that a test moves by hand, and askers that sign as the vendors want it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox import kuaidi100, sf, zto
from carriers.sandbox.life import EventKind, Life, LifeEvent, printed
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.players import PLAYERS
from carriers.sandbox.server import create_app
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World

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
def pigeon() -> Played:
    """A vendor that nobody knows, as short as a player can be: it is let in with a word and tells what has happened."""

    async def question(request: Request) -> bytes | Refused:
        if request.headers.get("x-word") != "coo":
            return Refused("P403", Outcome.SIGNATURE_REFUSED)
        return (await request.body()) or Refused("P400")

    def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
        life = world.find("pigeon", question.decode())
        if life is None:
            return Refused("P404", Outcome.NOTHING_YET)
        world.count("pigeon", Outcome.ANSWERED)
        return json_response([[printed(life.moment(one) + ahead), one.text] for one in life.events])

    return Played(
        source="pigeon",
        path="/pigeon",
        credentials={"word": "coo"},
        limit=Limit(per_second=50, per_day=60),
        doors=(Door("/{loft}/ask", question, answer),),
        refuse=lambda code: json_response({"no": code}),
        system_error="P500",
        too_many="P429",
        used_up="P430",
    )


@pytest.fixture
def players(pigeon: Played) -> Sequence[Played]:
    return (*PLAYERS, pigeon)


@pytest.fixture
def ask_pigeon(client: httpx.AsyncClient, world: World, a_life: Callable[..., Life]) -> Ask:
    """One right question about a parcel that was collected; the raw answer."""
    world.add(a_life("pigeon", "P1", "collected"))

    async def ask(number: str = "P1", word: str = "coo") -> httpx.Response:
        return await client.post("/pigeon/north/ask", content=number, headers={"x-word": word})

    return ask


@pytest.fixture
async def client(world: World, hands: Hands, players: Sequence[Played]) -> AsyncIterator[httpx.AsyncClient]:
    # Would carry pushes. One without a transport loads the machine's certificates, which takes longer than the test.
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(404))) as nobody:
        app = create_app(world, players=players, client=nobody, sleep=hands.sleep)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as opened:
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
            "partnerID": sf.PARTNER_ID,
            "requestID": "6f3c",
            "serviceCode": "EXP_RECE_SEARCH_ROUTES",
            "timestamp": "1760000000000",
            "msgDigest": sf.digest(text, "1760000000000", sf.CHECKWORD),
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
            "x-appKey": zto.APP_KEY,
            "x-dataDigest": zto.digest(content, zto.APP_SECRET),
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
        right = kuaidi100.query_sign(text, kuaidi100.KEY, kuaidi100.CUSTOMER)
        form = {"customer": kuaidi100.CUSTOMER, "sign": sign or right, "param": text}
        response = await client.post("/kuaidi100/poll/query.do", data=form)
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer

    return ask
