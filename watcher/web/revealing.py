"""Numbers are masked until somebody asks to see them; each asking is written down, and there is a budget per hour.

What a person has revealed stays open to them for a while, so that a page can be loaded again without asking twice.
Both run on real time.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from watcher.staff import Session
from watcher.store import staff
from watcher.web.services import Services

_BUDGET_RUNS_FOR = timedelta(hours=1)


class BudgetSpent(Exception):
    """This person has looked at as many numbers as one hour allows."""


def revealed_until(services: Services, session: Session, *, shipment_id: int) -> datetime | None:
    """How long this person still sees the numbers of this shipment (real time); None: they are masked."""
    with services.store.read() as connection:
        return _open_until(connection, services, session, shipment_id=shipment_id)


def reveal(services: Services, session: Session, *, shipment_id: int) -> None:
    """Open the numbers of one shipment to one person; raises `BudgetSpent`."""
    now = services.real_clock.now()
    with services.store.write() as connection:
        staff.hold(connection, session.staff_id)
        # asked only now: of two clicks at once the second finds what the first has opened
        if _open_until(connection, services, session, shipment_id=shipment_id):
            return
        spent = staff.reveals_since(connection, session.staff_id, since=now - _BUDGET_RUNS_FOR)
        if spent >= services.reveals_per_hour:
            raise BudgetSpent
        staff.add_reveal(connection, session.staff_id, shipment_id=shipment_id, at=now)


def _open_until(
    connection: sa.Connection, services: Services, session: Session, *, shipment_id: int
) -> datetime | None:
    last = staff.last_reveal(connection, session.staff_id, shipment_id=shipment_id)
    until = last + services.revealed_for if last else None
    return until if until and until > services.real_clock.now() else None
