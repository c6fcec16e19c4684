"""Labelled texts of couriers, as scans through sandbox, adapter, poller, reader and detection.

The lines are not part of the project: the test is skipped where they are not there. Every line is printed under a code
that says nothing about trouble, so that the text alone decides.
"""

import json
import sys
from collections import Counter
from datetime import timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from builders import NOW, stored
from scenarios.standing_daemon import UNLIMITED, polled_account

from carriers.registry import SOURCES
from carriers.sandbox.accounts import ACCOUNTS
from carriers.sandbox.life import EventKind, Life, LifeEvent
from carriers.sandbox.server import create_app
from carriers.sandbox.world import World
from watcher.detection.packs import load_packs
from watcher.detection.stage import Detection
from watcher.model import Rule
from watcher.polling.poller import Patience, Poller
from watcher.store import accounts
from watcher.store.tables import finding
from watcher.telemetry import Metrics

LINES = Path(__file__).parents[3] / "shared" / "data" / "scan_texts.jsonl"
SOURCE_OF = {
    "sf": "sf",
    "zto": "zto",
    "yto": "kuaidi100",
    "sto": "kuaidi100",
    "yunda": "kuaidi100",
    "jt": "kuaidi100",
}
NUMBERS = {"sf": "SF1{:012}", "zto": "784{:011}"}
BLUNT = {"sf": "135", "zto": "事件", "kuaidi100": "0"}
RULES = {rule.value: rule for rule in Rule}
STILL_TROUBLED = {"exception", "returning", "in_transit", "out_for_delivery"}
STILL_TO_BE_FETCHED = {Rule.OUT_OF_AREA, Rule.PICKUP_ONLY}

pytestmark = pytest.mark.skipif(not LINES.is_file(), reason="../shared is not beside the checkout")


def labelled():
    lines = [json.loads(line) for line in LINES.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line["carrier"] in SOURCE_OF and not line.get("ambiguous")]


def expected(line):
    """The rules that the label's reasons call for: none once the parcel is delivered or back, and while it waits to be
    fetched only those that say why."""
    said = {RULES[reason] for reason in line["reasons"] if reason in RULES}
    if line["milestone"] == "ready_for_pickup":
        return said & STILL_TO_BE_FETCHED
    return said if line["milestone"] in STILL_TROUBLED else set()


def a_life(line, number):
    def event(hours, kind, text, code=""):
        return LifeEvent(timedelta(hours=hours), kind, text, city="成都市", facility="城西网点", code=code)

    blunt = BLUNT[SOURCE_OF[line["carrier"]]]
    events = (event(1, EventKind.COLLECTED, "已揽收"), event(9, EventKind.NOTE, line["text"], blunt))
    return Life(line["carrier"], number, NOW - timedelta(hours=10), events, phone_tails=("0001",), owned=True)


@pytest.fixture
def world():
    return World(now=lambda: NOW, limits=UNLIMITED)


@pytest.fixture
async def poller(sqlite_store, clock, world):
    client = httpx.AsyncClient(transport=httpx.ASGITransport(create_app(world)))
    with sqlite_store.write() as connection:
        accounts.ensure(connection, {source: source for source in SOURCES})
    yield Poller(
        sqlite_store,
        clock,
        {account.source: polled_account(account, client) for account in ACCOUNTS},
        owner="test",
        patience=Patience(),
        metrics=Metrics.create(),
    )
    await client.aclose()


async def test_labelled_problems_become_the_right_findings(sqlite_store, clock, world, poller, capsys):
    lines, numbers = labelled(), count(1)
    keys = {}
    for line in lines:
        number = NUMBERS.get(line["carrier"], "YT{:013}").format(next(numbers))
        world.add(a_life(line, number))
        key = stored(
            sqlite_store, order_number=line["id"], tracking_number=number, carrier=line["carrier"],
            account=SOURCE_OF[line["carrier"]], number_uploaded_at=NOW - timedelta(hours=10),
        )  # fmt: skip
        keys[key] = line
    for source in SOURCES:
        await poller.poll_account(source)
    detection = Detection(sqlite_store, clock, load_packs())
    while detection.run_once():
        pass
    with sqlite_store.read() as connection:
        found = Counter()
        by_key = {key: set() for key in keys}
        for row in connection.execute(sa.select(finding.c.shipment_id, finding.c.rule)):
            by_key[row.shipment_id].add(Rule(row.rule))
    for key, line in keys.items():
        wanted = expected(line)
        found["problems"] += bool(wanted)
        found["all"] += bool(wanted) and wanted <= by_key[key]
        found["some"] += bool(wanted) and bool(wanted & by_key[key])
        found["quiet"] += not wanted
        found["quiet but found"] += not wanted and bool(by_key[key])
    with capsys.disabled():
        sys.stdout.write(f"\nreal lines: {dict(found)}\n")
    assert found["problems"] > 60
    assert found["all"] >= 0.95 * found["problems"]
    assert found["quiet but found"] <= 0.01 * found["quiet"]
