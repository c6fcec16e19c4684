"""Many clicks at once: the budget holds, and nobody pays twice for one parcel."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from browser.story import a_person, a_site, a_token
from builders import stored

from watcher import staff
from watcher.clock import ManualClock
from watcher.store.engine import Store
from watcher.store.tables import reveal as reveals
from watcher.web.revealing import BudgetSpent, reveal

CLICKS = 20


@pytest.fixture
def click(store: Store, clock: ManualClock) -> Callable[[int], bool]:
    """Reveals a shipment to Bob, who may open five in an hour; tells whether he could."""
    services = a_site(store, clock, reveals_per_hour=5).state.services
    bob = staff.session(store, clock, a_token(store, a_person(store, "bob")))
    assert bob

    def clicked(shipment_id: int) -> bool:
        try:
            reveal(services, bob, shipment_id=shipment_id)
        except BudgetSpent:
            return False
        return True

    return clicked


def at_once(click: Callable[[int], bool], keys: list[int]) -> list[bool]:
    with ThreadPoolExecutor(CLICKS) as people:
        return list(people.map(click, keys))


def written(store: Store) -> list[Any]:
    with store.read() as connection:
        return list(connection.execute(sa.select(reveals.c.shipment_id)).scalars())


def test_clicks_at_once_do_not_get_round_the_budget(store: Store, click: Callable[[int], bool]) -> None:
    keys = [stored(store, order_number=f"O-{number}") for number in range(CLICKS)]
    assert sum(at_once(click, keys)) == 5
    assert len(written(store)) == 5


def test_clicks_at_once_on_one_parcel_are_one_reveal(store: Store, click: Callable[[int], bool]) -> None:
    key = stored(store)
    assert all(at_once(click, [key] * CLICKS))
    assert written(store) == [key]
