"""What a player tells the sandbox about itself: one `Played` each, of which all that stands around it is made.

`players.PLAYERS` lists them; the server takes its routes from it, the gate the vendor's own words for trouble and the
limit, and whoever prints accounts the credentials.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

import httpx
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.limits import Limit
from carriers.sandbox.world import Outcome, World


@dataclass(frozen=True, slots=True)
class Refused:
    """The vendor's code for a no, and how it is counted."""

    code: str
    outcome: Outcome = Outcome.CALL_REFUSED


class Answer(Protocol):
    """What the vendor says to a question it has let in; the times of scans are printed `ahead` of the truth."""

    def __call__(self, question: bytes, world: World, /, *, ahead: timedelta) -> Response | Refused:
        """The answer."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """One address of a vendor, at `path` under the player's own; `{word}` in it stands for any word.

    `question` verifies the signature and gives what was asked, or the refusal; then the limit is kept; then `answer`
    is given that question. Both count nothing but what they find out about numbers. A door that is not `limited` uses
    up nothing of the limit.
    """

    path: str
    question: Callable[[Request], Awaitable[bytes | Refused]]
    answer: Answer
    methods: tuple[str, ...] = ("POST",)
    limited: bool = True


class PushOutcome(StrEnum):
    """How one call to a subscriber ended."""

    TAKEN = "taken"
    NOT_TAKEN = "not_taken"
    GIVEN_UP = "given_up"


class CallsBack(Protocol):
    """The calls that a vendor's subscriptions lead to."""

    @property
    def subscriptions(self) -> Mapping[tuple[str, str], object]:
        """What was subscribed."""
        ...

    @property
    def outcomes(self) -> Mapping[PushOutcome, int]:
        """How the calls ended."""
        ...

    async def push_due(self) -> int:
        """Call all subscribers that have to be told something by now; gives the number of calls."""
        ...


@dataclass(frozen=True, slots=True)
class Played:
    """One vendor's side.

    `source` is the id that the registry knows it by, `path` with the server's address before it the base URL of the
    account (with `account_path` behind it where every customer has an address of their own), `credentials` what the
    account is let in with, in the adapter's words. `refuse` prints a refusal of any of the vendor's codes;
    `system_error`, `too_many` and `used_up` (where a day's quota has a code of its own) are such codes. `calls_back`
    makes the vendor's side of pushes; the client carries its calls.
    """

    source: str
    path: str
    credentials: Mapping[str, str]
    limit: Limit
    doors: tuple[Door, ...]
    refuse: Callable[[str], Response]
    system_error: str
    too_many: str
    used_up: str | None = None
    account_path: str = ""
    calls_back: Callable[[World, httpx.AsyncClient], CallsBack] | None = None
