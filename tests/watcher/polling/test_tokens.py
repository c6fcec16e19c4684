"""Tokens: fetched once for many calls, renewed before they run out and when refused, never asked for in a herd."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from carriers.contract import Account, Token
from carriers.errors import AuthenticationFailed, SourceUnavailable
from watcher.polling.asking import SourceClient
from watcher.polling.tokens import BearerAuth

ACCOUNT = Account("ups-main", "ups", {"client_id": "id", "client_secret": "secret"})
URL = "https://source.test"


class Bearing:
    """Reads a token from a text; anything but 200 is a refusal of the credentials."""

    def token_request(self, account):
        return httpx.Request("POST", f"{URL}/token", json={"id": account.credentials["client_id"]})

    def read_token(self, response):
        if response.status_code == 503:
            raise SourceUnavailable("ups", code="HTTP 503")
        if response.status_code != 200:
            raise AuthenticationFailed("ups", code=f"HTTP {response.status_code}")
        return Token(response.text, timedelta(seconds=100))


class Source:
    """Gives a new token whenever it is asked for one, and lets in whoever bears one of `standing`."""

    def __init__(self):
        self.fetched = 0
        self.standing = set()
        self.status = 200
        self.asked = 0

    async def __call__(self, request):
        await asyncio.sleep(0)
        if request.url.path == "/token":
            self.fetched += 1
            token = f"t{self.fetched}"
            if self.status == 200:
                self.standing.add(token)
            return httpx.Response(self.status, text=token)
        self.asked += 1
        borne = request.headers["Authorization"].removeprefix("Bearer ")
        return httpx.Response(200 if borne in self.standing else 401, text=borne)


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def seconds():
    return [0.0]


@pytest.fixture
async def client(source, seconds):
    async with httpx.AsyncClient(transport=httpx.MockTransport(source)) as carrying:
        auth = BearerAuth(Bearing(), ACCOUNT, now=lambda: seconds[0])
        yield SourceClient(ACCOUNT, None, carrying, auth=auth, attempts=1)


async def asked(client):
    return await client.send(httpx.Request("GET", f"{URL}/track"))


async def test_one_token_serves_many_calls_at_once(client, source):
    answers = await asyncio.gather(*(asked(client) for _ in range(20)))
    assert {answer.text for answer in answers} == {"t1"}
    assert source.fetched == 1


async def test_a_token_is_renewed_before_it_runs_out(client, source, seconds):
    await asked(client)
    seconds[0] = 89.0
    await asked(client)
    assert source.fetched == 1
    seconds[0] = 90.0
    assert (await asked(client)).text == "t2"


async def test_a_refused_token_is_renewed_once_for_all_that_bore_it(client, source):
    await asked(client)
    source.standing.clear()
    answers = await asyncio.gather(*(asked(client) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert source.fetched == 2


async def test_a_new_token_that_is_refused_is_not_renewed_again(client, source):
    await asked(client)
    source.standing = frozenset()
    source.fetched = 0

    async def useless(request):
        source.fetched += request.url.path == "/token"
        return httpx.Response(200 if request.url.path == "/token" else 401, text="useless")

    client.client._transport = httpx.MockTransport(useless)
    assert (await asked(client)).status_code == 401
    assert source.fetched == 1


async def test_credentials_that_give_no_token_are_the_account_s_trouble(client, source):
    source.status = 403
    with pytest.raises(AuthenticationFailed):
        await asked(client)
    assert source.asked == 0
    source.status = 200
    assert (await asked(client)).status_code == 200


async def test_a_source_that_gives_no_token_now_is_away(client, source):
    source.status = 503
    with pytest.raises(SourceUnavailable):
        await asked(client)


def test_no_token_stands_in_what_is_printed():
    assert "t-secret" not in repr(Token("t-secret", timedelta(seconds=1)))
    auth = BearerAuth(Bearing(), ACCOUNT)
    auth._token = "t-secret"
    assert "t-secret" not in repr(auth)
