"""Six days of several made worlds through the whole flow: nothing healthy is alerted, and most trouble is.

The clock is moved by hand, so nothing depends on how fast the machine is.
"""

import sys
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from builders import NOW
from scenarios.standing_daemon import UNLIMITED, a_daemon_of, told_of_all

from carriers.sandbox.orders import write_orders_csv
from carriers.sandbox.server import create_app
from carriers.sandbox.world import made_world
from watcher.demo import right_alerts
from watcher.store.alert_summary import raised

STEP = timedelta(hours=3)
STEPS = 48
PARCELS = 120

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [2, 3])
async def test_no_healthy_parcel_is_alerted_and_most_troubled_ones_are(
    seed, sqlite_store, clock, tmp_path, capsys
):
    world = made_world(PARCELS, seed, lambda: NOW, spread_days=0.5, limits=UNLIMITED)
    world.now = clock.now
    told_of_all(world)
    write_orders_csv(world.orders.values(), tmp_path / "orders.csv")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(world))) as client:
        daemon = a_daemon_of(sqlite_store, clock, client, orders=tmp_path / "orders.csv")
        for _ in range(STEPS):
            await daemon.catch_up()
            clock.advance(STEP)
    with sqlite_store.read() as connection:
        alerts = [alert for _, alert in raised(connection)]
    told = {(alert.carrier, alert.tracking_number, str(alert.rule)) for alert in alerts}
    true = {(*key, rule) for key, life in world.lives.items() for rule in right_alerts(life.expected)}
    seen = {(*key, rule) for key, life in world.lives.items() for rule in life.due_at(clock.now())}
    assert told - true == set()
    troubled = Counter(rule for *_, rule in seen)
    found = Counter(rule for *_, rule in seen & told)
    with capsys.disabled():
        sys.stdout.write(f"\nmade world {seed}: found {dict(found)} of {dict(troubled)}\n")
    assert found.total() >= 0.8 * troubled.total()
