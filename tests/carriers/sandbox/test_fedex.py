"""FedEx from the vendor's side: tokens, thirty numbers in a call, refusals with their status, pushes by account."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from carriers.sandbox import fedex
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[httpx.Response]]
MakeLife = Callable[..., Life]
NUMBER, OTHER = "568283610012000", "986578788855"
OURS = "http://us.test/push"
FORM = {
    "grant_type": "client_credentials",
    "client_id": fedex.CLIENT_ID,
    "client_secret": fedex.CLIENT_SECRET,
}


@pytest.fixture
def ask(client: httpx.AsyncClient, world: World) -> Ask:
    """Asks about numbers with a token; headers and the body can be changed."""

    async def asked(*numbers: str, body: bytes | None = None, **headers: str) -> httpx.Response:
        wanted = [{"trackingNumberInfo": {"trackingNumber": number}} for number in numbers]
        content = body if body is not None else json.dumps({"trackingInfo": wanted}).encode()
        token = world.issue_token("fedex", fedex.TOKEN_LASTS)
        told = {"authorization": f"Bearer {token}", "x-locale": "en_US"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.post("/fedex/track/v1/trackingnumbers", content=content, headers=told)

    return asked


def results(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200
    listed = response.json()["output"]["completeTrackResults"]
    return {one["trackingNumber"]: one["trackResults"][0] for one in listed}


def test_the_signature_follows_the_vendors_rule() -> None:
    body = (
        b'{"transactionId":"c1d2e3f4-0000-4a6b-9c00-111122223333","output":{"completeTrackResults":'
        b'[{"trackingNumber":"568283610012000","trackResults":'
        b'[{"latestStatusDetail":{"code":"OD","derivedCode":"OD"}}]}]}}'
    )
    assert fedex.signature(body, "wh-demo-token-3f9a7c") == "mYv29smAVQMrBvwNdYnsta3aQTX2waA5XnTP1Zm3RBM="


async def test_a_token_is_given_for_the_right_form(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.post("/fedex/oauth/token", data=FORM)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["token_type"], told["expires_in"]) == ("bearer", 3599)
    assert world.lets_in("fedex", f"Bearer {told['access_token']}")


@pytest.mark.parametrize(
    "change", [{"client_id": "x"}, {"client_secret": "x"}, {"grant_type": "password"}, {"client_secret": "é"}]
)
async def test_no_token_is_given_for_a_wrong_form(
    client: httpx.AsyncClient, world: World, change: dict[str, str]
) -> None:
    answer = await client.post("/fedex/oauth/token", data=FORM | change)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "NOT.AUTHORIZED.ERROR")
    assert world.counts["fedex", Outcome.SIGNATURE_REFUSED] == 1


async def test_several_numbers_are_answered_in_one_call(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("fedex", NUMBER, "collected", "refused"))
    told = results(await ask(NUMBER, OTHER, "12"))
    newest, first = told[NUMBER]["scanEvents"]
    assert (newest["eventType"], newest["exceptionCode"]) == ("DE", "07")
    assert (newest["eventDescription"], newest["exceptionDescription"]) == (
        "Delivery exception",
        "refused 于网点",
    )
    assert (first["eventType"], first["date"]) == ("PU", "2026-03-01T12:00:00+08:00")
    assert (first["eventDescription"], first["exceptionDescription"]) == ("collected 于网点", "")
    assert first["scanLocation"]["city"] == "上海市"
    assert told[NUMBER]["latestStatusDetail"]["ancillaryDetails"][0]["reason"] == "07"
    assert told[NUMBER]["deliveryDetails"]["deliveryAttempts"] == "1"
    assert told[OTHER]["error"]["code"] == "TRACKING.TRACKINGNUMBER.NOTFOUND"
    assert told["12"]["error"]["code"] == "TRACKING.TRACKINGNUMBER.INVALID"
    assert [world.counts["fedex", one] for one in (Outcome.ANSWERED, Outcome.NOTHING_YET)] == [1, 1]
    assert world.counts["fedex", Outcome.NUMBER_REFUSED] == 1


async def test_a_return_is_shown_as_delivered(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("fedex", NUMBER, "returning"))
    (scan,) = results(await ask(NUMBER))[NUMBER]["scanEvents"]
    assert (scan["eventType"], scan["exceptionCode"], scan["derivedStatusCode"]) == ("RS", "060G", "DL")


async def test_an_event_may_bring_its_own_codes(world: World, a_life: MakeLife, ask: Ask) -> None:
    life = a_life("fedex", NUMBER, "note", "note")
    events = (replace(life.events[0], code="AF"), replace(life.events[1], code="DE/08"))
    world.add(replace(life, events=events))
    newest, first = results(await ask(NUMBER))[NUMBER]["scanEvents"]
    assert (newest["eventType"], newest["exceptionCode"]) == ("DE", "08")
    assert (first["eventType"], first["exceptionCode"]) == ("AF", "")


async def test_signer_and_station_stand_in_their_fields(world: World, a_life: MakeLife, ask: Ask) -> None:
    life = a_life("fedex", NUMBER, "at_station", "delivered")
    held = replace(life.events[0], station="示例驿站", station_phone="13800000003")
    world.add(replace(life, events=(held,)))
    contact = results(await ask(NUMBER))[NUMBER]["holdAtLocation"]["locationContactAndAddress"]["contact"]
    assert contact == {"companyName": "示例驿站", "phoneNumber": "13800000003"}
    world.add(replace(life, events=(held, replace(life.events[1], signer="本人"))))
    told = results(await ask(NUMBER))[NUMBER]
    assert told["deliveryDetails"]["receivedByName"] == "本人"
    assert told["holdAtLocation"]["locationContactAndAddress"] == {"address": {}}
    assert [one["type"] for one in told["dateAndTimes"]] == ["ACTUAL_DELIVERY"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"authorization": "Bearer x"}, 401, "NOT.AUTHORIZED.ERROR"),
        ({"authorization": ""}, 401, "NOT.AUTHORIZED.ERROR"),
        ({"x_locale": "English"}, 400, "TRACKING.LOCALE.INVALID"),
        ({"body": b"{"}, 400, "TRACKING.TRACKINGNUMBER.EMPTY"),
        ({"body": b"{}"}, 400, "TRACKING.TRACKINGNUMBER.EMPTY"),
    ],
)
async def test_a_question_is_refused(ask: Ask, change: dict[str, Any], status: int, code: str) -> None:
    answer = await ask(NUMBER, **change)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


async def test_thirty_numbers_are_the_most(ask: Ask) -> None:
    numbers = [f"{number:012}" for number in range(31)]
    assert (await ask(*numbers[:30])).status_code == 200
    answer = await ask(*numbers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "TRACKING.TRACKINGNUMBERS.LIMITEXCEEDED"


async def test_too_many_calls_are_refused(world: World, ask: Ask) -> None:
    world.limits = {"fedex": Limit(1)}
    assert [(await ask(NUMBER)).status_code for _ in range(2)] == [200, 429]


def test_every_kind_of_event_has_codes() -> None:
    assert fedex._CODES.keys() == set(EventKind)


def test_the_numbers_of_its_parcels_are_well_formed() -> None:
    carried = CARRIED["fedex"]
    assert fedex.well_formed(f"{carried.heads[0]}{0:0{carried.digits}d}")
    for number in (NUMBER, OTHER, "000123450000000027", "61292701078443410536", "9611020987654312345672"):
        assert fedex.well_formed(number)
    for number in ("", "12", "9311020987654312345672", "56828361001200A"):
        assert not fedex.well_formed(number)


class Webhook:
    """Somebody's webhook: writes down what came."""

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
async def pushes(world: World, webhook: Webhook) -> AsyncIterator[Callbacks]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(webhook)) as caller:
        assert fedex.PLAYS.calls_back is not None
        yield fedex.PLAYS.calls_back(world, caller)


@pytest.mark.parametrize("secret", [None, "pepper"])
async def test_the_account_s_parcels_are_told_event_by_event_and_signed(
    world: World, a_life: MakeLife, webhook: Webhook, pushes: Callbacks, secret: str | None
) -> None:
    world.add(a_life("fedex", NUMBER, "collected", "departed"))
    world.consoles["fedex"] = OURS
    if secret:
        world.console_secrets["fedex"] = secret
    assert await pushes.push_due() == 1
    assert len(webhook.calls) == 2
    for call, kind in zip(webhook.calls, ("PU", "DP"), strict=True):
        due = fedex.signature(call.content, secret or fedex.SECURITY_TOKEN)
        assert call.headers["fdx-signature"] == due
        (told,) = json.loads(call.content)["output"]["completeTrackResults"]
        (result,) = told["trackResults"]
        assert told["trackingNumber"] == result["trackingNumberInfo"]["trackingNumber"] == NUMBER
        assert [scan["eventType"] for scan in result["scanEvents"]] == [kind]
        assert result["latestStatusDetail"]["code"] == kind


async def test_without_an_address_in_the_console_nobody_is_called(
    world: World, a_life: MakeLife, webhook: Webhook, pushes: Callbacks
) -> None:
    world.add(a_life("fedex", NUMBER, "collected"))
    assert await pushes.push_due() == 0
    assert webhook.calls == []


async def test_another_status_is_not_taken(
    world: World, a_life: MakeLife, webhook: Webhook, pushes: Callbacks
) -> None:
    world.add(a_life("fedex", NUMBER, "collected"))
    world.consoles["fedex"] = OURS
    webhook.status = 500
    await pushes.push_due()
    assert pushes.outcomes[PushOutcome.NOT_TAKEN] == 1
