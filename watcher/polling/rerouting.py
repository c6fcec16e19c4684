"""Asks elsewhere while a source is away: parcels that nobody has told anything of yet go to the next account, and back.

Those that have scans stay where they are; what is known of them is known to be old, and said to be.
"""

from dataclasses import dataclass

import structlog

from watcher.clock import Clock
from watcher.routing import Routes
from watcher.store import accounts, assigning
from watcher.store.engine import Store

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rerouting:
    """Looks at the accounts that are broken, and at those that answer again."""

    store: Store
    clock: Clock
    routes: Routes

    def run_once(self) -> int:
        """Move what has to be moved; gives how many parcels."""
        if all(len(routes) == 1 for routes in self.routes.by_carrier.values()):
            return 0
        with self.store.read() as connection:
            away = accounts.broken(connection)
            if not assigning.stranded(connection, away=away):
                return 0
        with self.store.write() as connection:
            moved = assigning.reroute(connection, self.routes, away=away, now=self.clock.now())
        for (before, after), parcels in moved.items():
            log.info("asked_elsewhere", account=before, by=after, parcels=parcels)
        return sum(moved.values())
