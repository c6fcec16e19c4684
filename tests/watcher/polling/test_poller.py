import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import pytest
import respx
import sqlalchemy as sa
from builders import NOW, a_scan, stored
from httpx_aiohttp import AiohttpTransport
from structlog.testing import capture_logs

from carriers.contract import Account, CarrierInfo, Milestone, Track
from carriers.errors import (
    AuthenticationFailed,
    OwnershipRefused,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)
from carriers.reading import Examined
from watcher.model import Breaker, PollOutcome, PollReason, PushState
from watcher.polling.asking import SourceClient
from watcher.polling.poller import Patience, PolledAccount, Poller, tail_for
from watcher.polling.recording import Recorder
from watcher.polling.schedule import Timetable
from watcher.store import accounts, polls, pushes, scans, watches
from watcher.store.watches import DueWatch
from watcher.telemetry import Metrics

URL = "https://source.test/ask"
ACCOUNT = "zto-main"
COLLECTED = a_scan("picked_up", "30h")


@dataclass
class ListSource:
    """A source that is asked with a JSON list of numbers and answers with one of numbers it knows."""

    batch_size: int = 2
    RESULT_CODES: dict = field(default_factory=dict)
    MILESTONES: dict = field(default_factory=dict)

    @property
    def INFO(self):  # noqa: N802 - the contract's name
        return CarrierInfo(
            id="zto", name_zh="", name_en="", base_url=URL, carriers={"zto": "zto"}, number_patterns=(),
            batch_size=self.batch_size, minimum_interval=timedelta(minutes=10), rate_per_second=1000.0,
            burst=1000, credentials=(),
        )  # fmt: skip

    def request(self, queries, account, stamp):
        return httpx.Request("POST", URL, json=[query.tracking_number for query in queries])

    def read(self, response, queries):
        if response.status_code == 429:
            raise RateLimited("zto", code="429", retry_after=timedelta(seconds=40))
        if response.status_code == 401:
            raise AuthenticationFailed("zto", code="401")
        if response.status_code >= 500:
            raise SourceUnavailable("zto", code=str(response.status_code))
        known = response.json()
        return {
            query: Track("zto", query.tracking_number, (COLLECTED,))
            if query.tracking_number in known
            else OwnershipRefused("zto", code="E409")
            for query in queries
        }


class PlainReader:
    def examine(self, scan, *, carrier):
        return Examined(scan, ("known",))


@pytest.fixture
def source():
    with respx.mock(using="httpx", assert_all_called=False) as router:
        yield router.post(URL)


def echo(request):
    return httpx.Response(200, content=request.content)


@pytest.fixture
async def poller(store, clock):
    with store.write() as connection:
        accounts.ensure(connection, {ACCOUNT: "zto"})
    client = httpx.AsyncClient(transport=AiohttpTransport())
    made = Poller(
        store=store,
        clock=clock,
        accounts={ACCOUNT: polled(client)},
        owner="me",
        patience=Patience(batches_at_once=2, breaker_failures=2),
        metrics=Metrics.create(),
    )
    yield made
    await client.aclose()


def polled(client, **changes):
    return PolledAccount(
        client=SourceClient(Account(ACCOUNT, "zto", {}), ListSource(**changes), client, attempts=1),
        recorder=Recorder(
            account=ACCOUNT,
            source="zto",
            reader=PlainReader(),
            timetable=Timetable(intervals=dict.fromkeys(Milestone, timedelta(hours=3))),
            minimum_interval=timedelta(minutes=10),
        ),
        rate_per_second=1000.0,
        burst=1000,
    )


def parcels(store, number):
    return [stored(store, order_number=f"O-{n}", tracking_number=f"N{n}") for n in range(number)]


def outcome_counts(store, keys):
    with store.read() as connection:
        return [[one.outcome for one in polls.latest(connection, key)] for key in keys]


def standing(store):
    with store.read() as connection:
        return accounts.standing(connection, ACCOUNT)


def watch_of(store, key):
    with store.read() as connection:
        return watches.watch_of(connection, key)


async def test_everything_due_is_asked_once_in_full_batches(store, poller, source):
    source.side_effect = echo
    keys = parcels(store, 5)
    assert await poller.poll_account(ACCOUNT) == 5
    assert outcome_counts(store, keys) == [[PollOutcome.NEW_SCANS]] * 5
    assert source.call_count == 3


async def test_nothing_due_asks_nothing(store, poller, source, clock):
    parcels(store, 2)
    clock.advance(timedelta(hours=-1))
    assert await poller.poll_account(ACCOUNT) == 0
    assert not source.called


async def test_a_refused_number_leaves_its_neighbours_alone(store, poller, source):
    source.side_effect = lambda request: httpx.Response(200, json=["N1"])
    refused, known = parcels(store, 2)
    await poller.poll_account(ACCOUNT)
    assert outcome_counts(store, [refused, known]) == [
        [PollOutcome.OWNERSHIP_REFUSED],
        [PollOutcome.NEW_SCANS],
    ]
    assert standing(store).breaker is Breaker.CLOSED


async def test_an_adapter_that_breaks_fails_its_batch_and_nothing_else(store, poller, source):
    source.side_effect = lambda request: httpx.Response(200, content=b"<html>")
    keys = parcels(store, 2)
    with capture_logs() as logs:
        await poller.poll_account(ACCOUNT)
    assert outcome_counts(store, keys) == [[PollOutcome.UNREADABLE]] * 2
    assert "adapter_broke" in [entry["event"] for entry in logs]


async def test_a_failing_source_breaks_once_and_recovers_once(store, poller, source, clock):
    parcels(store, 1)
    source.side_effect = lambda request: httpx.Response(503)
    with capture_logs() as logs:
        for _ in range(3):
            await poller.poll_account(ACCOUNT)
            clock.advance(timedelta(hours=3))
        assert standing(store).breaker is Breaker.OPEN
        asked_while_open = source.call_count
        with store.write() as connection:
            connection.execute(sa.text("UPDATE account_state SET breaker_until = 0"))
        source.side_effect = echo
        await poller.poll_account(ACCOUNT)
    events = [entry["event"] for entry in logs]
    assert asked_while_open == 2
    assert (events.count("source_broke"), events.count("source_recovered")) == (1, 1)
    assert standing(store).breaker is Breaker.CLOSED


async def test_a_half_open_breaker_lets_one_call_through(store, poller, source):
    parcels(store, 5)
    with store.write() as connection:
        connection.execute(sa.text("UPDATE account_state SET breaker = 'open', breaker_until = 1"))
    source.side_effect = lambda request: httpx.Response(503)
    await poller.poll_account(ACCOUNT)
    assert source.call_count == 1


async def test_a_wrong_key_opens_the_breaker_at_once(store, poller, source):
    keys = parcels(store, 1)
    source.side_effect = lambda request: httpx.Response(401)
    await poller.poll_account(ACCOUNT)
    assert outcome_counts(store, keys) == [[PollOutcome.AUTHENTICATION_FAILED]]
    assert standing(store).breaker is Breaker.OPEN


async def test_too_many_calls_hold_the_account_back_without_blaming_it(store, poller, source):
    (key,) = parcels(store, 1)
    source.side_effect = lambda request: httpx.Response(429)
    await poller.poll_account(ACCOUNT)
    with store.write() as connection:
        wait = accounts.reserve(connection, ACCOUNT, calls=1, rate=1000.0, burst=1)
    assert 35 < wait <= 41
    assert standing(store).breaker is Breaker.CLOSED
    assert watch_of(store, key).poll_reason in {PollReason.RETRY_AFTER, PollReason.MINIMUM_INTERVAL}


async def test_a_worker_that_dies_while_asking_loses_and_doubles_nothing(store, poller, source, clock):
    source.side_effect = echo
    keys = parcels(store, 2)
    lease = poller._take_lease(ACCOUNT)
    poller._plan(poller.accounts[ACCOUNT], lease)
    poller._release(lease)
    assert await poller.poll_account(ACCOUNT) == 0
    clock.advance(timedelta(minutes=21))
    assert await poller.poll_account(ACCOUNT) == 2
    with store.read() as connection:
        assert [len(lines) for lines in scans.standing(connection, keys).values()] == [1, 1]


async def test_an_owner_that_was_overtaken_drops_what_it_learnt(store, poller, source):
    (key,) = parcels(store, 1)

    def overtaken(request):
        with store.write() as connection:
            connection.execute(sa.text("UPDATE account_state SET fence = fence + 1"))
        return echo(request)

    source.side_effect = overtaken
    with capture_logs() as logs:
        assert await poller.poll_account(ACCOUNT) == 0
    assert "lease_lost" in [entry["event"] for entry in logs]
    assert outcome_counts(store, [key]) == [[]]


async def test_a_tick_polls_each_account_once_at_a_time_and_none_after_draining(store, poller, source):
    both_ticked = asyncio.Event()

    async def in_time(request):
        await both_ticked.wait()
        return echo(request)

    source.side_effect = in_time
    keys = parcels(store, 3)
    await asyncio.gather(poller.tick(), poller.tick())
    assert len(poller._running) == 1
    both_ticked.set()
    await asyncio.gather(*poller._running.values())
    await poller.drain()
    await poller.tick()
    assert outcome_counts(store, keys) == [[PollOutcome.NEW_SCANS]] * 3


async def test_two_orders_in_one_parcel_are_one_question(store, poller, source):
    source.side_effect = echo
    keys = [stored(store, tracking_number="N0"), stored(store, tracking_number="N0", order_number="O-2")]
    await poller.poll_account(ACCOUNT)
    assert json.loads(source.calls.last.request.content) == ["N0"]
    assert outcome_counts(store, keys) == [[PollOutcome.NEW_SCANS]] * 2


async def test_a_batch_that_is_refused_for_one_number_is_asked_one_by_one(store, poller, source):
    source.side_effect = lambda request: httpx.Response(
        200, content=b"<html>" if len(json.loads(request.content)) > 1 else request.content
    )
    keys = parcels(store, 2)
    await poller.poll_account(ACCOUNT)
    assert outcome_counts(store, keys) == [[PollOutcome.NEW_SCANS]] * 2
    assert source.call_count == 3


def a_due(**changes):
    made = DueWatch(
        shipment_id=1, carrier="zto", tracking_number="N", reason=PollReason.FIRST_LOOK, due_at=NOW,
        at_stake_fen=0, failures_in_a_row=0, last_outcome=None, sender_phone_tail="0009",
        phone="13800000001", second_phone=None,
    )  # fmt: skip
    return replace(made, **changes)


def test_the_senders_tail_is_tried_first_and_the_next_one_after_a_refusal():
    refused = a_due(failures_in_a_row=1, last_outcome=PollOutcome.OWNERSHIP_REFUSED)
    assert tail_for(a_due()) == "0009"
    assert tail_for(refused) == "0001"
    assert tail_for(replace(refused, failures_in_a_row=2)) == "0009"


def test_a_failure_of_another_kind_changes_no_tail():
    assert tail_for(a_due(failures_in_a_row=1, last_outcome=PollOutcome.UNREACHABLE)) == "0009"


def test_a_parcel_without_phones_has_no_tail():
    assert tail_for(a_due(sender_phone_tail=None, phone=None)) is None


async def test_an_answer_of_gigantic_size_is_refused(source):
    source.side_effect = lambda request: httpx.Response(200, content=b" " * (5 * 1024 * 1024))
    async with httpx.AsyncClient(transport=AiohttpTransport()) as client:
        account = polled(client)
        with pytest.raises(UnreadableResponse):
            await account.client.send(httpx.Request("POST", URL))


async def test_a_passing_fault_is_tried_once_more(source):
    source.side_effect = [httpx.ConnectError("no"), httpx.Response(200, json=[])]
    async with httpx.AsyncClient(transport=AiohttpTransport()) as client:
        sender = replace(polled(client).client, attempts=2)
        assert (await sender.send(httpx.Request("POST", URL))).status_code == 200


async def test_a_number_that_its_source_must_be_told_of_first_is_not_asked_about_before(
    store, clock, poller, source
):
    source.respond(200, json=["N0"])
    poller.accounts[ACCOUNT] = replace(poller.accounts[ACCOUNT], tells_first=True)
    told, untold = parcels(store, 2)
    with store.write() as connection:
        pushes.want(connection, ACCOUNT, [told], at=NOW)
        pushes.move(connection, {told: PushState.ACTIVE}, at=NOW)
    assert await poller.poll_account(ACCOUNT) == 1
    waiting = watch_of(store, untold)
    assert (waiting.poll_reason, waiting.last_outcome) == (PollReason.TOLD_FIRST, None)
    assert NOW < waiting.next_poll_at < NOW + timedelta(minutes=5)
    with store.read() as connection:
        assert [row.shipment_id for row in pushes.wanted(connection, ACCOUNT, limit=9)] == [untold]
    assert watch_of(store, told).last_outcome is PollOutcome.NEW_SCANS
