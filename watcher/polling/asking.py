"""Puts one batch of questions to a source and brings back an answer for each: the only way out to the carriers.

Time-outs, the cap on an answer's size and the retry of passing faults are the same for every source.
"""

import asyncio
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from carriers.contract import Account, Carrier, Query, Stamp, Track
from carriers.errors import (
    AccountError,
    CarrierError,
    ShipmentError,
    SourceUnavailable,
    SourceUnreachable,
    TransientError,
    UnreadableResponse,
)

log = structlog.get_logger()

_LARGEST_ANSWER = 4 * 1024 * 1024
# so many numbers of a refused batch are asked alone before the source itself is to blame
_ENOUGH = 2
_PASSING = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class SourceClient:
    """One account, its adapter, and an HTTP client of its own; `auth` lets it in where the source wants a token."""

    account: Account
    adapter: Carrier
    client: httpx.AsyncClient
    auth: httpx.Auth | None = None
    attempts: int = 2
    seconds_between_calls: float = 0.0
    seconds_for_one_call: float = 60.0

    async def ask(self, queries: Sequence[Query]) -> Mapping[Query, Track | CarrierError]:
        """An answer or an error for every query; raises nothing of the carriers' tree.

        One call, unless the source refuses the whole of it for one number that it does not name: then one by one.
        """
        try:
            with self.guarded():
                request = self.adapter.request(queries, self.account, stamp())
            response = await self.send(request)
            with self.guarded():
                return self.adapter.read(response, queries)
        except (ShipmentError, UnreadableResponse) as error:
            if len(queries) == 1:
                return {queries[0]: error}
            return await self._one_by_one(queries)
        except CarrierError as error:
            return dict.fromkeys(queries, error)

    async def _one_by_one(self, queries: Sequence[Query]) -> Mapping[Query, Track | CarrierError]:
        """Until the source shows that it is not about the numbers: then the rest fail as the last one did."""
        answers: dict[Query, Track | CarrierError] = {}
        for query in queries:
            await asyncio.sleep(self.seconds_between_calls)
            answers |= await self.ask([query])
            said = answers[query]
            if isinstance(said, CarrierError) and _is_about_the_source(said, answers):
                return dict.fromkeys(queries, said) | answers
        return answers

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send one request, again when the fault is a passing one.

        Raises `SourceUnreachable` or `UnreadableResponse`.
        """
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self.attempts),
            wait=wait_random_exponential(multiplier=0.2, max=2),
            retry=retry_if_exception_type((SourceUnreachable, SourceUnavailable)),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                last = attempt.retry_state.attempt_number >= self.attempts
                return await self._send_once(request, last=last)
        raise SourceUnreachable(self.account.source)  # pragma: no cover - the retrying raises by itself

    async def _send_once(self, request: httpx.Request, *, last: bool) -> httpx.Response:
        try:
            # the client's own time-outs are for each read: a source that drips could keep us for ever
            async with asyncio.timeout(self.seconds_for_one_call):
                response = await self.client.send(request, stream=True, auth=self.auth)
                try:
                    body = await self._body(response)
                finally:
                    await response.aclose()
        except (httpx.TimeoutException, TimeoutError) as error:
            raise SourceUnreachable(self.account.source, detail="no answer in time") from error
        except httpx.DecodingError as error:
            raise UnreadableResponse(self.account.source, detail="the answer cannot be unpacked") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise SourceUnreachable(self.account.source, detail=type(error).__name__) from error
        if response.status_code in _PASSING and not last:
            raise SourceUnavailable(self.account.source, code=str(response.status_code))
        return _whole(response, body)

    async def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _LARGEST_ANSWER:
                raise UnreadableResponse(self.account.source, detail="the answer is larger than 4 MB")
        return bytes(body)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """An adapter that breaks ends as `UnreadableResponse`, and takes nothing along."""
        try:
            yield
        except CarrierError:
            raise
        except Exception as error:  # noqa: BLE001 - an adapter that breaks on a number must not take the others along
            raise self._broke(error) from None

    def _broke(self, error: Exception) -> UnreadableResponse:
        """Logs where the adapter broke, not what it said: the words of such an error can be those of the answer."""
        where = "".join(traceback.format_tb(error.__traceback__))
        kind = type(error).__name__
        log.error(
            "adapter_broke", source=self.account.source, account=self.account.id, error=kind, where=where
        )
        return UnreadableResponse(self.account.source, detail=kind)


def _is_about_the_source(said: CarrierError, answers: Mapping[Query, Track | CarrierError]) -> bool:
    """Whether it makes no sense to ask about further numbers: the source is away, or answers nobody."""
    if isinstance(said, TransientError | AccountError):
        return True
    understood = any(isinstance(answer, Track | ShipmentError) for answer in answers.values())
    return len(answers) >= _ENOUGH and not understood


def stamp() -> Stamp:
    """The real time, whatever clock the watching runs on: vendors check it against theirs."""
    return Stamp(at=datetime.now(UTC), nonce=uuid4().hex)


def _whole(response: httpx.Response, body: bytes) -> httpx.Response:
    """The response with its unpacked body at hand."""
    headers = [
        (name, value)
        for name, value in response.headers.multi_items()
        if name.lower() not in {"content-encoding", "content-length", "transfer-encoding"}
    ]
    return httpx.Response(response.status_code, headers=headers, content=body, request=response.request)
