"""A line that nobody understood becomes a finding, an alert and work once a person has said what it means."""

from datetime import timedelta

import sqlalchemy as sa
from builders import NOW, stored
from scenarios.standing_daemon import the_reader
from scenarios.watching import CARRIER_OF, NUMBERS, a_scene

from carriers.contract import Milestone, Reason
from carriers.sandbox.life import EventKind, Life, LifeEvent
from watcher.labelling.desk import LabelDesk
from watcher.labelling.replay import Replaying
from watcher.model import Box
from watcher.store import unknown_texts
from watcher.store.tables import watch

LINE = "【成都城西网点】宜晒被子，编号13800000077"


def parcel(scene, number, *, line_at=9):
    """Collected, and then a line under a code that says nothing about trouble."""
    birth = scene.clock.now() - timedelta(hours=10)
    name = NUMBERS["kuaidi100"].format(number)
    events = (
        LifeEvent(timedelta(hours=1), EventKind.COLLECTED, "【深圳南山营业部】已揽收", city="深圳市"),
        LifeEvent(timedelta(hours=line_at), EventKind.NOTE, LINE, city="成都市", code="0"),
    )
    scene.world.add(Life(CARRIER_OF["kuaidi100"], name, birth, events, phone_tails=("0001",), owned=True))
    return stored(
        scene.store, order_number=f"O-{number}", tracking_number=name, carrier=CARRIER_OF["kuaidi100"],
        account="kuaidi100", number_uploaded_at=birth, imported_at=birth,
    )  # fmt: skip


async def test_a_label_brings_stored_and_new_lines_to_a_person_and_takes_them_back(store, clock):
    async with a_scene(store, clock, sockets=False) as scene:
        stored_key, settled = parcel(scene, 1), parcel(scene, 2)
        await scene.poll()
        scene.work()
        assert scene.raised() == {}
        with store.write() as connection:
            connection.execute(sa.update(watch).where(watch.c.shipment_id == settled).values(box=Box.SETTLED))
        with store.read() as connection:
            (text,) = unknown_texts.ranked(connection)
        assert (text.seen, text.milestone) == (2, "in_transit")

        desk, replaying = LabelDesk(store, clock), Replaying(store, clock, the_reader(), most=100)
        label = desk.label(text.id, milestone=Milestone.EXCEPTION, reasons=[Reason.REFUSED])
        while replaying.run_once():
            pass
        scene.work()
        # what has ended is corrected, and alarms nobody
        assert scene.raised() == {"refused": 1}
        assert scene.work_items() == 1
        assert {scene.watch(key).milestone for key in (stored_key, settled)} == {"exception"}

        new = parcel(scene, 3)
        await scene.poll()
        scene.work()
        assert scene.raised() == {"refused": 2}
        assert scene.watch(new).milestone is Milestone.EXCEPTION

        desk.withdraw(label)
        while replaying.run_once():
            pass
        scene.work()
        assert scene.found() == {}
        assert {scene.watch(key).milestone for key in (stored_key, settled, new)} == {"in_transit"}
        assert scene.clock.now() == NOW
