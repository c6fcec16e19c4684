"""Lets an account in where the source wants a bearer token: fetched once, kept until it is old, fetched again on 401.

An `httpx.Auth` for one account. Whoever comes while a token is being fetched waits for that one, so that many calls at
once never ask for many tokens.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

import httpx

from carriers.contract import Account, TokenBearing
from carriers.errors import SourceUnreachable

# a token is renewed before it runs out, for calls under way still need it
_FRESH_FOR = 0.9
_SHORTEST = 1.0


@dataclass(eq=False)
class BearerAuth(httpx.Auth):
    """`now` tells real seconds that no clock change moves."""

    adapter: TokenBearing
    account: Account
    now: Callable[[], float] = time.monotonic
    _token: str | None = field(default=None, init=False, repr=False)
    _old_at: float = field(default=0.0, init=False)
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """The request with a token; once more with a new one where the source no longer takes the one we had."""
        refused: str | None = None
        while True:
            async with self._fetching:
                fetches = self._token is None or self._token == refused or self.now() >= self._old_at
                if fetches:
                    await self._keep((yield self.adapter.token_request(self.account)))
                token = self._token
            request.headers["Authorization"] = f"Bearer {token}"
            answer = yield request
            if answer.status_code != httpx.codes.UNAUTHORIZED or fetches or refused:
                return
            refused = token

    async def _keep(self, response: httpx.Response) -> None:
        self._token = None
        try:
            await response.aread()
        except httpx.HTTPError as error:
            raise SourceUnreachable(self.account.source, detail="no token in time") from error
        token = self.adapter.read_token(response)
        self._token = token.value
        self._old_at = self.now() + max(_SHORTEST, token.lasts.total_seconds() * _FRESH_FOR)
