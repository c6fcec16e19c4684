"""What every source that wants a token promises: it is asked for with the credentials, read, and refused typed."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from carriers.contract import Stamp, Token
from carriers.errors import AccountError, CarrierError, RateLimited, SourceUnavailable, UnreadableResponse
from carriers.sandbox.server import create_app
from carriers.sandbox.world import World
from tests.carriers.contract.test_against_sandbox import the_account

if TYPE_CHECKING:
    from tests.carriers.contract.conftest import Case


def read(bearer: "Case", document: object, status: int = 200) -> Token:
    body = document if isinstance(document, bytes) else bearer.fixtures.encode(document)
    return bearer.bearing.read_token(httpx.Response(status, content=body))


def test_the_credentials_are_in_the_request_for_a_token_and_in_no_address(bearer: "Case") -> None:
    account = bearer.fixtures.ACCOUNT
    request = bearer.bearing.token_request(account)
    asked = bearer.fixtures.token_asked(request)
    assert asked, "token_asked() gives the values that the request carries"
    assert {*asked} >= {account.credentials["client_id"], account.credentials["client_secret"]}
    assert account.credentials["client_secret"] not in str(request.url)


def test_a_token_is_read_with_how_long_it_lasts(bearer: "Case") -> None:
    token = read(bearer, bearer.fixtures.token_answer())
    assert token == bearer.fixtures.TOKEN
    assert token.lasts > timedelta(minutes=1)


def test_refused_credentials_are_the_account_s_trouble(bearer: "Case") -> None:
    status, document = bearer.fixtures.token_refused()
    with pytest.raises(AccountError):
        read(bearer, document, status)


@pytest.mark.parametrize(
    ("status", "error"), [(429, RateLimited), (500, SourceUnavailable), (503, SourceUnavailable)]
)
def test_a_source_that_gives_no_token_now_is_no_account_s_trouble(
    bearer: "Case", status: int, error: type[CarrierError]
) -> None:
    with pytest.raises(error):
        read(bearer, b"<html>", status)


def test_no_answer_about_a_token_raises_outside_the_tree(bearer: "Case") -> None:
    changed = bearer.mutations(bearer.fixtures.token_answer())
    for label, document in [*changed, ("null", None), ("[]", []), ("html", b"<html>"), ("empty", b"")]:
        try:
            token = read(bearer, document)
        except CarrierError:
            continue
        except Exception as broke:  # noqa: BLE001 - the test is that none comes
            pytest.fail(f"{label}: read_token() raised {broke!r}, which is no CarrierError")
        assert token.value, label
        assert token.lasts >= timedelta(0), label
    with pytest.raises(UnreadableResponse):
        read(bearer, {})


async def test_the_player_lets_nobody_in_with_an_old_token(bearer: "Case") -> None:
    seconds = 0.0
    world = World(real=lambda: seconds)
    account, query = the_account(bearer), bearer.query
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(world))) as client:
        token = bearer.bearing.read_token(await client.send(bearer.bearing.token_request(account)))
        statuses = []
        for moment in (0.0, token.lasts.total_seconds() - 1, token.lasts.total_seconds() + 1):
            seconds = moment
            stamp = Stamp(at=datetime.now(UTC), nonce=uuid4().hex)
            request = bearer.adapter.request([query], account, stamp)
            request.headers["Authorization"] = f"Bearer {token.value}"
            statuses.append((await client.send(request)).status_code)
    assert statuses[0] == statuses[1] != httpx.codes.UNAUTHORIZED
    assert statuses[2] == httpx.codes.UNAUTHORIZED
