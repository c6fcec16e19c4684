"""Every adapter against its player of the sandbox: what one asks the other understands, and the other way round.

The two are written apart from each other, so what both get wrong in the same way stays hidden; all else shows here.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from carriers.contract import (
    Account,
    Arranged,
    Milestone,
    PushRequest,
    Query,
    Stamp,
    Subscription,
    Track,
)
from carriers.errors import (
    AccountError,
    CarrierError,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    TransientError,
    UnreadableResponse,
)
from carriers.registry import CONFIRMING, SUBSCRIBING, TOKEN_BEARING
from carriers.sandbox.accounts import ACCOUNTS
from carriers.sandbox.faults import Fault, FaultKind
from carriers.sandbox.life import EventKind, Life, LifeEvent
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.server import create_app
from carriers.sandbox.world import World

if TYPE_CHECKING:
    from tests.carriers.contract.conftest import Case

Ask = Callable[..., Awaitable[Track | CarrierError]]
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TOLD_BY_THE_CODE = {
    EventKind.COLLECTED: Milestone.PICKED_UP,
    EventKind.OUT_FOR_DELIVERY: Milestone.OUT_FOR_DELIVERY,
    EventKind.AT_STATION: Milestone.READY_FOR_PICKUP,
    EventKind.DELIVERED: Milestone.DELIVERED,
}
AT_FAULT = {
    FaultKind.RATE_LIMITED: RateLimited,
    FaultKind.SERVER_ERROR: SourceUnavailable,
    FaultKind.ERROR_IN_200: TransientError,
    FaultKind.TRUNCATED: UnreadableResponse,
    FaultKind.HTML: UnreadableResponse,
    FaultKind.EMPTY: UnreadableResponse,
}


def the_account(case: "Case") -> Account:
    played = [account for account in ACCOUNTS if account.source == case.id]
    assert played, (
        f"{case.id} has no player: write carriers/sandbox/{case.id}.py and add its PLAYS to carriers/sandbox/players.py"
    )
    return Account(case.id, case.id, played[0].credentials, played[0].base_url("http://sandbox"))


def a_life(query: Query, *kinds: EventKind) -> Life:
    """Born a day before now, then something every two hours, in words that say nothing."""
    events = tuple(
        LifeEvent(timedelta(hours=2 * position), kind, "一行", city="上海市")
        for position, kind in enumerate(kinds, 1)
    )
    tails = (query.phone_tail,) if query.phone_tail else ()
    return Life(query.carrier, query.tracking_number, NOW - timedelta(days=1), events, phone_tails=tails)


@pytest.fixture
def world() -> World:
    return World(now=lambda: NOW)


@pytest.fixture
async def nobody() -> AsyncIterator[httpx.AsyncClient]:
    """Would carry pushes; making one without a transport costs more than all else here."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(404))) as client:
        yield client


@pytest.fixture
def ask(case: "Case", world: World, nobody: httpx.AsyncClient) -> Ask:
    """Puts the adapter's question to its player and gives what the adapter reads: answer or error."""

    async def asked(*kinds: EventKind, **changes: object) -> Track | CarrierError:
        query = case.query
        if kinds:
            world.add(a_life(query, *kinds))
        account = replace(the_account(case), **changes)
        request = case.adapter.request([query], account, Stamp(at=datetime.now(UTC), nonce=uuid4().hex))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(world, client=nobody))
        ) as client:
            await make_known(case, client, account)
            try:
                response = await sent(case, client, request, account)
                return case.adapter.read(response, [query])[query]
            except CarrierError as error:
                return error

    return asked


async def make_known(case: "Case", client: httpx.AsyncClient, account: Account) -> None:
    """Subscribe the number where the source says nothing otherwise; how that ends shows in the answer."""
    if case.id in SUBSCRIBING and case.subscribing.PUSH.before_asking:
        wish = Subscription("http://us.test/push", "pepper")
        stamp = Stamp(at=datetime.now(UTC), nonce=uuid4().hex)
        request = case.subscribing.subscribe([case.query], account, stamp, wish)
        await sent(case, client, request, account)


async def sent(
    case: "Case", client: httpx.AsyncClient, request: httpx.Request, account: Account
) -> httpx.Response:
    """The player's answer; with a token, where the source wants one."""
    if case.id in TOKEN_BEARING:
        answer = await client.send(case.bearing.token_request(account))
        request.headers["Authorization"] = f"Bearer {case.bearing.read_token(answer).value}"
    response = await client.send(request)
    assert (
        response.headers.get("content-type") != "text/plain; charset=utf-8" or response.text != "Not Found"
    ), f"{request.url} is no door of the player"
    return response


def test_every_source_is_played(any_case: "Case") -> None:
    the_account(any_case)


async def test_the_player_accepts_the_question_and_the_adapter_the_answer(case: "Case", ask: Ask) -> None:
    found = await ask(EventKind.COLLECTED)
    assert isinstance(found, Track), f"the adapter read {found!r}"
    (scan,) = found.scans
    city = None if getattr(case.fixtures, "PRINTS_NO_CITY", "") else "上海市"
    assert (scan.text, scan.city) == ("一行", city)
    assert scan.occurred_at == NOW - timedelta(hours=22), (
        "the time is read in another zone than it is printed"
    )
    assert scan.local_time.replace("T", " ").startswith("2026-03-01 12:00"), (
        "local_time is the clock of China"
    )


@pytest.mark.parametrize("kind", EventKind)
async def test_the_adapter_knows_every_code_that_the_player_prints(
    case: "Case", ask: Ask, kind: EventKind
) -> None:
    found = await ask(EventKind.COLLECTED, kind)
    assert isinstance(found, Track), f"the adapter read {found!r}"
    assert found.unmapped_codes == (), f"what the player prints for {kind} is not in MILESTONES"
    if kind in TOLD_BY_THE_CODE:
        assert found.scans[-1].milestone is TOLD_BY_THE_CODE[kind]


async def test_a_parcel_that_turned_back_ends_with_its_sender(case: "Case", ask: Ask) -> None:
    found = await ask(EventKind.COLLECTED, EventKind.RETURNING, EventKind.RETURNED)
    assert isinstance(found, Track), f"the adapter read {found!r}"
    assert found.scans[-1].milestone is Milestone.RETURNED


async def test_a_number_without_a_record_is_not_found_yet(case: "Case", ask: Ask) -> None:
    assert type(await ask()) is NotFoundYet


async def test_a_wrong_secret_is_the_account_s_trouble(case: "Case", ask: Ask) -> None:
    right = the_account(case).credentials
    for name in right.keys() - getattr(case.fixtures, "FOR_PUSHES_ALONE", frozenset()):
        answer = await ask(EventKind.COLLECTED, credentials={**right, name: "wrong"})
        assert isinstance(answer, AccountError), f"with a wrong {name} the adapter read {answer!r}"


@pytest.mark.parametrize("kind", AT_FAULT)
async def test_each_fault_ends_in_its_branch_of_the_errors(
    case: "Case", ask: Ask, world: World, kind: FaultKind
) -> None:
    world.faults.add(Fault(case.id, kind))
    answer = await ask(EventKind.COLLECTED)
    assert isinstance(answer, AT_FAULT[kind]), f"the adapter read {answer!r}"


async def test_how_long_to_wait_is_read_from_a_429(case: "Case", ask: Ask, world: World) -> None:
    world.faults.add(Fault(case.id, FaultKind.RATE_LIMITED, delay=12))
    answer = await ask(EventKind.COLLECTED)
    assert isinstance(answer, RateLimited), f"the adapter read {answer!r}"
    assert answer.retry_after == timedelta(seconds=12)


async def test_a_wrong_clock_of_the_source_is_seen(case: "Case", ask: Ask, world: World) -> None:
    world.faults.add(Fault(case.id, FaultKind.WRONG_CLOCK, delay=3600))
    found = await ask(EventKind.COLLECTED)
    assert isinstance(found, Track), f"the adapter read {found!r}"
    assert found.scans[0].occurred_at == NOW - timedelta(hours=21)


@dataclass
class OurSide:
    """Where the player's calls arrive: each is proved, read, confirmed where it asks for that, and acknowledged by the
    adapter. `player` is reached there."""

    case: "Case"
    account: Account
    player: httpx.AsyncClient | None = None
    proved: bool = True
    heard: list[Track | CarrierError | None] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        push = PushRequest(headers, dict(request.url.params), request.content)
        pushing = self.case.pushing
        self.proved = self.proved and pushing.verify(push, self.account, "pepper")
        self.heard += [pushed.answer for pushed in pushing.read_push(push, self.account)]
        await self._confirm(push)
        reply = pushing.acknowledge(push, self.account, accepted=True)
        return httpx.Response(reply.status, content=reply.body, headers={"content-type": reply.content_type})

    async def _confirm(self, push: PushRequest) -> None:
        confirmer = CONFIRMING.get(self.case.id)
        request = confirmer.confirmation(push, self.account) if confirmer else None
        if confirmer and request and self.player:
            confirmer.read_confirmation(await self.player.send(request))


async def test_the_player_s_pushes_are_proved_read_and_acknowledged(pusher: "Case") -> None:
    now = NOW - timedelta(hours=23)
    world = World(now=lambda: now)
    query, account = pusher.query, the_account(pusher)
    world.add(replace(a_life(query, EventKind.COLLECTED, EventKind.OUT_FOR_DELIVERY), owned=True))
    ours = OurSide(pusher, account)
    caller = httpx.AsyncClient(transport=httpx.MockTransport(ours))
    app = create_app(world, client=caller)
    assert pusher.id in app.state.pushes.by_source, f"the player of {pusher.id} brings no calls_back"
    world.consoles[pusher.id] = "http://us.test/push"
    world.console_secrets[pusher.id] = "pepper"
    if pusher.pushing.PUSH.arranged is Arranged.BY_NUMBER:
        wish = Subscription("http://us.test/push", "pepper")
        request = pusher.subscribing.subscribe([query], account, Stamp(datetime.now(UTC), uuid4().hex), wish)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            response = await sent(pusher, client, request, account)
        assert pusher.subscribing.read_subscription(response, [query]) == {query: None}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as ours.player:
        for _ in range(2):
            now += timedelta(hours=8)
            await app.state.pushes.push_due()
    await caller.aclose()
    assert ours.proved
    outcomes = app.state.pushes.by_source[pusher.id].outcomes
    assert outcomes[PushOutcome.TAKEN] >= 1
    assert outcomes[PushOutcome.NOT_TAKEN] == 0, "the player does not take the adapter's reply for one"
    tracks = [answer for answer in ours.heard if isinstance(answer, Track)]
    assert {scan.milestone for track in tracks for scan in track.scans} == (
        {Milestone.PICKED_UP, Milestone.OUT_FOR_DELIVERY} if tracks else set()
    )
    assert {(track.carrier, track.tracking_number) for track in tracks} <= {
        (query.carrier, query.tracking_number)
    }
    assert not [track.unmapped_codes for track in tracks if track.unmapped_codes]
