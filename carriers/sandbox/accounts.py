"""The accounts that the sandbox knows: what a caller has to be given to be let in.

They are invented and the same in every sandbox, so a demo, a test and a developer's shell all use them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from carriers.sandbox.played import Played
from carriers.sandbox.players import PLAYERS


@dataclass(frozen=True, slots=True)
class SandboxAccount:
    """One source's account: the path under the server's address and the credentials, in the adapter's words."""

    source: str
    path: str
    credentials: Mapping[str, str]

    def base_url(self, server_url: str) -> str:
        """What an adapter's account has to carry as its base URL."""
        return server_url.rstrip("/") + self.path


def accounts_of(players: Iterable[Played]) -> tuple[SandboxAccount, ...]:
    """One account for each player."""
    return tuple(
        SandboxAccount(played.source, played.path + played.account_path, played.credentials)
        for played in players
    )


ACCOUNTS = accounts_of(PLAYERS)
