"""A scene to play in, and two members of staff: Alice and Bob."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from builders import NOW
from work_scene import Scene

from watcher.clock import ManualClock
from watcher.model import Role
from watcher.queue.stage import Queueing
from watcher.queue.work import Desk
from watcher.store.engine import Store
from watcher.store.tables import staff


def a_member(store: Store, name: str) -> int:
    row = {"name": name, "role": Role.AGENT, "password_hash": "made", "created_at": NOW}
    with store.write() as connection:
        return int(connection.execute(sa.insert(staff).returning(staff.c.id), row).scalar_one())


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> Scene:
    return Scene(store, clock, Desk(store, clock, claim_for=timedelta(minutes=20)), Queueing(store, clock))


@pytest.fixture
def alice(store: Store) -> int:
    return a_member(store, "alice")


@pytest.fixture
def bob(store: Store) -> int:
    return a_member(store, "bob")
