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

from carriers.contract import (
    Account,
    Arranged,
    Milestone,
    Proof,
    Pushed,
    PushEnd,
    PushReply,
    PushRequest,
    PushSheet,
    Track,
)
from carriers.errors import AuthenticationFailed, InvalidNumber, UnreadableResponse
from carriers.reading import Examined
from watcher.model import PollOutcome, PollReason, PollWay, PushState
from watcher.polling.asking import SourceClient
from watcher.polling.pushes import PushedAccount, Pushes
from watcher.polling.recording import Recorder
from watcher.polling.schedule import Timetable
from watcher.source_accounts import push_key, push_secret
from watcher.store import accounts, polls, pushes, scans, watches
from watcher.telemetry import Metrics

URL = "https://source.test/subscribe"
ACCOUNT = "zto-main"
NUMBER = "78400000000001"


@dataclass
class CallingBack:
    """A source that pushes JSON with the secret beside it."""

    asked: list = field(default_factory=list)
    PUSH: PushSheet = field(default_factory=PushSheet)

    def subscribe(self, queries, account, stamp, subscription):
        self.asked.append((queries, subscription))
        return httpx.Request("POST", URL, json={"numbers": [query.tracking_number for query in queries]})

    def read_subscription(self, response, queries):
        if response.status_code == 401:
            raise AuthenticationFailed("zto", code="401")
        if response.status_code == 422:
            raise InvalidNumber("zto", code="700")
        refused = response.text.split()
        return {
            query: InvalidNumber("zto", code="700") if query.tracking_number in refused else None
            for query in queries
        }

    def verify(self, push, account, secret):
        return push.headers.get("x-secret") == secret

    def read_push(self, push, account):
        if not push.body.startswith(b"{"):
            raise UnreadableResponse("zto")
        said = json.loads(push.body)
        scans = tuple(a_scan(word, "3h") for word in said.get("scans", []))
        ended = PushEnd(said["ended"]) if "ended" in said else None
        return (Pushed("zto", NUMBER, Track("zto", NUMBER, scans) if scans else None, ended),)

    def acknowledge(self, push, account, *, accepted):
        return PushReply(200, "text/plain", b"taken" if accepted else b"again")


class PlainReader:
    def examine(self, scan, *, carrier):
        return Examined(scan, ("known",))


@pytest.fixture
def calling_back():
    return CallingBack()


@pytest.fixture
async def receiver(store, clock, calling_back):
    client = httpx.AsyncClient(transport=AiohttpTransport())
    recorder = Recorder(
        account=ACCOUNT,
        source="zto",
        reader=PlainReader(),
        timetable=Timetable(intervals=dict.fromkeys(Milestone, timedelta(hours=3))),
        minimum_interval=timedelta(minutes=10),
    )
    account = Account(ACCOUNT, "zto", {"key": "k-1"})
    with store.write() as connection:
        accounts.ensure(connection, {ACCOUNT: "zto"})
    pushed = PushedAccount(
        client=SourceClient(account, None, client, attempts=1),
        adapter=calling_back,
        subscriber=calling_back,
        recorder=recorder,
        callback_url="https://us.test/push/zto-main",
    )
    yield Pushes(store, clock, {ACCOUNT: pushed}, Metrics.create())
    await client.aclose()


@pytest.fixture
def source():
    with respx.mock(using="httpx", assert_all_called=False) as router:
        yield router.post(URL).respond(200)


def a_push(receiver, secret=None, **said):
    right = push_secret(receiver.accounts[ACCOUNT].client.account)
    return PushRequest({"x-secret": right if secret is None else secret}, {}, json.dumps(said).encode())


def wanting(store, key):
    with store.write() as connection:
        pushes.want(connection, ACCOUNT, [key], at=NOW)


def state_of(store, key):
    with store.read() as connection:
        return watches.watch_of(connection, key).push


async def test_a_wanted_subscription_is_asked_for_with_our_address_and_secret(
    store, receiver, source, calling_back
):
    key = stored(store)
    wanting(store, key)
    await receiver.tick()
    (((query,), subscription),) = calling_back.asked
    assert state_of(store, key) is PushState.ACTIVE
    assert (query.tracking_number, query.phone_tail) == (NUMBER, "0001")
    assert subscription.callback_url.endswith("/push/zto-main")


async def test_a_source_that_knows_only_the_recipient_s_phone_hears_of_no_other(
    store, receiver, source, calling_back
):
    calling_back.PUSH = PushSheet(recipient_phone=True)
    wanting(store, stored(store, phone="13800000002", sender_phone_tail="0001"))
    await receiver.tick()
    (((query,), _),) = calling_back.asked
    assert query.phone_tail == "0002"


async def test_a_standing_subscription_is_not_asked_for_again(store, receiver, source):
    wanting(store, stored(store))
    await receiver.tick()
    await receiver.tick()
    assert source.call_count == 1


async def test_a_refused_number_is_polled_instead(store, receiver, source):
    key = stored(store)
    wanting(store, key)
    source.respond(200, text=NUMBER)
    await receiver.tick()
    assert state_of(store, key) is PushState.REFUSED


async def test_a_blocked_account_leaves_the_wish_standing(store, receiver, source):
    key = stored(store)
    wanting(store, key)
    source.respond(401)
    with capture_logs() as logs:
        await receiver.tick()
    assert state_of(store, key) is PushState.WANTED
    assert [entry["event"] for entry in logs] == ["subscribing_failed"]


async def test_a_push_goes_down_the_same_path_as_a_poll(store, receiver):
    key = stored(store)
    reply = await receiver.receive(ACCOUNT, a_push(receiver, scans=["picked_up", "delivered"]))
    with store.read() as connection:
        kept = scans.standing(connection, [key])[key]
        (written,) = polls.latest(connection, key)
        milestone = watches.watch_of(connection, key).milestone
    assert reply.body == b"taken"
    assert (written.way, written.new_scans) == (PollWay.PUSH, 2)
    assert len(kept) == 2
    assert milestone is Milestone.DELIVERED


async def test_the_same_push_again_doubles_nothing_and_is_taken(store, receiver):
    key = stored(store)
    for _ in range(2):
        reply = await receiver.receive(ACCOUNT, a_push(receiver, scans=["picked_up"]))
    with store.read() as connection:
        assert len(scans.standing(connection, [key])[key]) == 1
    assert reply.body == b"taken"


async def test_a_push_with_a_wrong_secret_is_refused_unread(store, receiver):
    key = stored(store)
    reply = await receiver.receive(ACCOUNT, a_push(receiver, secret="guess", scans=["picked_up"]))
    with store.read() as connection:
        assert scans.standing(connection, [key])[key] == []
    assert reply.body == b"again"


async def test_a_push_that_cannot_be_read_is_asked_for_again(receiver):
    secret = push_secret(receiver.accounts[ACCOUNT].client.account)
    reply = await receiver.receive(ACCOUNT, PushRequest({"x-secret": secret}, {}, b"<xml/>"))
    assert reply.body == b"again"


async def test_a_push_to_an_unknown_account_is_not_found(receiver):
    assert (await receiver.receive("other", PushRequest({}, {}, b""))).status == 404


async def test_a_push_about_an_unknown_number_is_taken_and_forgotten(receiver):
    assert (await receiver.receive(ACCOUNT, a_push(receiver, scans=["picked_up"]))).body == b"taken"


@pytest.mark.parametrize(
    ("end", "state"),
    [(PushEnd.FINISHED, PushState.FINISHED), (PushEnd.ABANDONED, PushState.ABANDONED)],
)
async def test_a_subscription_that_the_source_ended_is_written_down(store, receiver, end, state):
    key = stored(store)
    wanting(store, key)
    await receiver.receive(ACCOUNT, a_push(receiver, ended=end))
    assert state_of(store, key) is state


async def test_a_batch_is_subscribed_in_one_call_and_each_number_has_its_own_answer(
    store, receiver, source, calling_back
):
    calling_back.PUSH = PushSheet(batch_size=5)
    good, bad = stored(store), stored(store, tracking_number="78400000000002")
    for key in (good, bad):
        wanting(store, key)
    source.respond(200, text="78400000000002")
    await receiver.tick()
    assert source.call_count == 1
    assert (state_of(store, good), state_of(store, bad)) == (PushState.ACTIVE, PushState.REFUSED)


async def test_a_batch_that_is_refused_for_a_number_it_does_not_name_is_asked_one_by_one(
    store, receiver, source, calling_back
):
    calling_back.PUSH = PushSheet(batch_size=5)
    keys = [stored(store), stored(store, tracking_number="78400000000002")]
    for key in keys:
        wanting(store, key)
    source.side_effect = [httpx.Response(422), httpx.Response(200), httpx.Response(422)]
    await receiver.tick()
    assert [state_of(store, key) for key in keys] == [PushState.ACTIVE, PushState.REFUSED]


async def test_a_refusal_of_a_source_that_must_be_told_first_is_its_answer(
    store, receiver, source, calling_back
):
    calling_back.PUSH = PushSheet(before_asking=True)
    key = stored(store)
    wanting(store, key)
    source.respond(200, text=NUMBER)
    await receiver.tick()
    with store.read() as connection:
        (written,) = polls.latest(connection, key)
        watched = watches.watch_of(connection, key)
    assert (written.outcome, written.reason) == (PollOutcome.INVALID_NUMBER, PollReason.TOLD_FIRST)
    assert (watched.push, watched.failures_in_a_row) == (PushState.REFUSED, 1)


async def test_where_the_address_is_the_proof_another_one_is_not_found(store, receiver, calling_back):
    calling_back.PUSH = PushSheet(proof=Proof.SECRET_PATH)
    key = stored(store)
    push = a_push(receiver, scans=["picked_up"])
    right = push_key(receiver.accounts[ACCOUNT].client.account)
    for wrong in (None, "", right[:-1], "é"):
        assert (await receiver.receive(ACCOUNT, push, wrong)).status == 404
    assert (await receiver.receive(ACCOUNT, push, right)).body == b"taken"
    with store.read() as connection:
        assert len(scans.standing(connection, [key])[key]) == 1


async def test_a_wrong_address_is_not_found_also_where_pushes_are_signed(receiver):
    assert (await receiver.receive(ACCOUNT, a_push(receiver, scans=["picked_up"]), "guess")).status == 404


async def test_a_push_that_came_unasked_counts_as_a_subscription(store, receiver, calling_back):
    calling_back.PUSH = PushSheet(arranged=Arranged.BY_ACCOUNT)
    key = stored(store)
    assert state_of(store, key) is None
    await receiver.receive(ACCOUNT, a_push(receiver, scans=["picked_up"]))
    assert state_of(store, key) is PushState.ACTIVE


async def test_a_hint_makes_the_parcel_due_but_never_sooner_than_its_source_allows(store, receiver):
    fresh, asked = stored(store), stored(store, tracking_number=NUMBER, order_number="O-2")
    with store.write() as connection:
        watches.update_many(connection, [{"shipment_id": asked, "last_polled_at": NOW}])
    await receiver.receive(ACCOUNT, a_push(receiver))
    with store.read() as connection:
        hinted = [watches.watch_of(connection, key) for key in (fresh, asked)]
    assert {watch.poll_reason for watch in hinted} == {PollReason.HINTED}
    assert [watch.next_poll_at for watch in hinted] == [NOW, NOW + timedelta(minutes=10)]


async def test_a_source_that_is_told_nothing_is_left_alone(store, receiver, source):
    wanting(store, stored(store))
    account = receiver.accounts[ACCOUNT]
    await replace(receiver, accounts={ACCOUNT: replace(account, subscriber=None)}).tick()
    assert source.call_count == 0


def test_the_push_secret_is_the_same_in_every_container_and_can_be_given():
    account = Account("a", "zto", {"key": "k"})
    assert push_secret(account) == push_secret(Account("a", "zto", {"key": "k"}))
    assert push_secret(account) != push_secret(Account("a", "zto", {"key": "other"}))
    assert push_secret(Account("a", "zto", {"key": "k", "push_salt": "mine"})) == "mine"


@dataclass
class AskingFirst(CallingBack):
    """A source that wants a yes before it pushes."""

    def confirmation(self, push, account):
        said = json.loads(push.body)
        return httpx.Request("POST", URL, json={"yes": said["asks"]}) if "asks" in said else None

    def read_confirmation(self, response):
        if response.status_code != 200:
            raise AuthenticationFailed("zto", code="401")


@pytest.fixture
def asked_first(receiver):
    asking = AskingFirst()
    account = replace(receiver.accounts[ACCOUNT], adapter=asking, subscriber=asking, confirmer=asking)
    receiver.accounts[ACCOUNT] = account
    return receiver


async def test_a_source_that_asks_whether_we_are_there_hears_yes(asked_first, source):
    reply = await asked_first.receive(ACCOUNT, a_push(asked_first, asks="once-0001"))
    assert reply.body == b"taken"
    assert json.loads(source.calls.last.request.content) == {"yes": "once-0001"}


@pytest.mark.parametrize("answer", [{"status_code": 401}, {"side_effect": httpx.ConnectError("gone")}])
async def test_a_yes_that_did_not_arrive_is_asked_for_again(asked_first, source, answer):
    source.mock(**({"return_value": httpx.Response(401)} if "status_code" in answer else answer))
    with capture_logs() as logs:
        reply = await asked_first.receive(ACCOUNT, a_push(asked_first, asks="once-0001"))
    assert reply.body == b"again"
    assert "confirming_failed" in [line["event"] for line in logs]
    assert "once-0001" not in str(logs)


async def test_news_need_no_yes(asked_first, source):
    assert (await asked_first.receive(ACCOUNT, a_push(asked_first, scans=["picked_up"]))).body == b"taken"
    assert not source.called


async def test_an_adapter_that_breaks_on_one_number_takes_no_other_along(
    store, receiver, source, calling_back
):
    calling_back.PUSH = PushSheet(batch_size=5)
    keys = [stored(store), stored(store, tracking_number="BREAKS")]
    for key in keys:
        wanting(store, key)
    sound = calling_back.subscribe

    def breaking(queries, *rest):
        if any(query.tracking_number == "BREAKS" for query in queries):
            raise ValueError("broke")
        return sound(queries, *rest)

    calling_back.subscribe = breaking
    with capture_logs() as logs:
        await receiver.tick()
    assert [state_of(store, key) for key in keys] == [PushState.ACTIVE, PushState.REFUSED]
    assert {entry["event"] for entry in logs} == {"adapter_broke"}


async def test_a_slow_account_asks_for_no_more_than_has_its_turn_soon(store, receiver, source):
    account = receiver.accounts[ACCOUNT]
    for place in range(4):
        wanting(store, stored(store, order_number=f"O-{place}", tracking_number=f"N{place}"))
    slow = replace(account, rate_per_second=0.5, burst=20)
    await replace(receiver, accounts={ACCOUNT: slow}).tick()
    assert source.call_count == 2


@pytest.mark.parametrize("broken", ["verify", "read_push"])
async def test_an_adapter_that_breaks_on_a_push_refuses_it_and_logs_none_of_its_words(
    receiver, calling_back, broken
):
    def breaks(push, *_rest):
        raise ValueError(push.body.decode())

    push = a_push(receiver, scans=["picked_up"], name="王小明")
    setattr(calling_back, broken, breaks)
    with capture_logs() as logs:
        reply = await receiver.receive(ACCOUNT, push)
    assert reply.body == b"again"
    assert [entry["event"] for entry in logs] == ["adapter_broke", "push_unreadable"]
    assert "王小明" not in str(logs)


async def test_an_account_that_waits_for_its_turn_keeps_no_other_from_asking(
    store, receiver, source, monkeypatch
):
    monkeypatch.setattr("watcher.polling.pushes.LONGEST_HOLD", timedelta(seconds=0.05))
    wanting(store, stored(store))
    turn, waiting = asyncio.Event(), []

    async def waits(account_id, _account):
        waiting.append(account_id)
        await turn.wait()

    asks = receiver._subscribe_wanted
    slow = replace(receiver, accounts={"slow": receiver.accounts[ACCOUNT], **receiver.accounts})
    monkeypatch.setattr(
        type(slow),
        "_subscribe_wanted",
        lambda _self, name, account: (waits if name == "slow" else asks)(name, account),
    )
    for _ in range(2):
        await slow.tick()
    assert waiting == ["slow"]
    assert source.call_count == 1
    turn.set()
    await slow.tick()
    assert slow._asking == {}


async def test_what_breaks_while_subscribing_is_the_loop_s(receiver, monkeypatch):
    async def breaks(*_given):
        raise sa.exc.OperationalError("SELECT 1", None, Exception("gone"))

    monkeypatch.setattr(type(receiver), "_subscribe_wanted", breaks)
    with pytest.raises(sa.exc.OperationalError):
        await receiver.tick()
    assert receiver._asking == {}
