"""The daemon as a process of its own whose clock stands still: what the test of sudden death starts and kills.

python daemon.py DATABASE_URL SANDBOX_JSON NOW
"""

import asyncio
import json
import signal
import sys
from dataclasses import dataclass
from datetime import datetime

from watcher.app import build_watcher
from watcher.settings import (
    AccountSettings,
    Alerting,
    Coverage,
    Database,
    Detection,
    Polling,
    QueueSettings,
    Settings,
    Web,
    secret_variable,
)


@dataclass(frozen=True, slots=True)
class StandingClock:
    """Always the same moment."""

    moment: datetime

    def now(self) -> datetime:
        """The moment."""
        return self.moment


def settings_for(url: str, accounts: dict[str, dict[str, str]]) -> Settings:
    """Every account of the sandbox, slowly, and every loop in a hurry."""
    return Settings(
        database=Database(url=url),
        web=Web(port=0),
        polling=Polling(tick_seconds=0.2, first_look_spread_minutes=0, batches_at_once=2, lease_seconds=1),
        detection=Detection(tick_seconds=0.2),
        alerting=Alerting(tick_seconds=0.2),
        queue=QueueSettings(tick_seconds=0.2),
        coverage=Coverage(tick_seconds=0.2),
        accounts={
            source: AccountSettings(
                source=source,
                base_url=account["base_url"],
                rate_per_second=2 if source == "sf" else 25,
                burst=1,
            )
            for source, account in accounts.items()
        },
    )


def secrets_of(accounts: dict[str, dict[str, str]]) -> dict[str, str]:
    """The environment in which the accounts' secrets are found."""
    return {
        secret_variable(source, name): value
        for source, account in accounts.items()
        for name, value in account.items()
    }


async def run(url: str, accounts: dict[str, dict[str, str]], now: datetime) -> None:
    """Until SIGTERM."""
    watcher = build_watcher(
        settings_for(url, accounts), environ=secrets_of(accounts), clock=StandingClock(now)
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await watcher.run(stop)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], json.loads(sys.argv[2]), datetime.fromisoformat(sys.argv[3])))
