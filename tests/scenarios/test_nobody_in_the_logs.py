"""No person in what the daemon writes about itself: logs at their most talkative, errors, figures."""

import logging
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
import structlog
from builders import NOW
from scenarios.running import a_running_daemon, until, written_logs
from scenarios.watching import a_scene_on

from carriers.contract import Account, Query
from carriers.registry import SOURCES
from carriers.sandbox.faults import FaultKind
from watcher.polling.asking import SourceClient
from watcher.store.tables import shipment

NAME, PHONE, ADDRESS = "欧阳秋实", "13800000042", "四川省成都市武侯区浆洗街街道洗面桥横街七号"
PEOPLE = {"recipient": NAME, "phone": PHONE, "second_phone": "13800000043", "address": ADDRESS}
FAULTS = [FaultKind.HTML, FaultKind.TRUNCATED, FaultKind.DROP_CONNECTION, FaultKind.ERROR_IN_200]


@pytest.fixture
async def scene(tmp_path, clock):
    async with a_scene_on(f"sqlite:///{tmp_path / 'watcher.db'}", clock) as made:
        yield made


def about_people(scene):
    """Whatever the store knows of people, and the courier that a line names."""
    words = scene.private_words() | {"13800000077", "王强"}
    assert {NAME, PHONE, ADDRESS} <= words
    return words


async def test_a_whole_day_of_trouble_names_nobody_in_logs_and_figures(scene, tmp_path):
    for source in SOURCES:
        for _ in range(3):
            scene.parcel(source, refused_at=9.5, **PEOPLE)
    url = str(scene.store.writer.url)
    with written_logs("debug") as logs:
        async with a_running_daemon(scene, url) as watcher, httpx.AsyncClient(base_url=watcher.url) as client:
            # time goes on: some sources are told of a number first, and asked about it a little later
            await until(
                lambda: scene.clock.advance(timedelta(seconds=10)) or scene.work_items() == 3 * len(SOURCES)
            )
            for fault in FAULTS:
                for source in SOURCES:
                    scene.fault(source, fault)
                scene.clock.advance(timedelta(hours=4))
                await until(lambda: scene.real_time_passes() or not scene.waiting())
                scene.well()
            pushed = {"param": f'{{"name": "{NAME}", "phone": "{PHONE}"}}', "sign": "x"}
            await client.post("/push/kuaidi100", data=pushed)
            await client.get("/login")
            figures = (await client.get("/metrics")).text
            with pytest.raises(sa.exc.SQLAlchemyError) as refused, watcher.store.write() as connection:
                connection.execute(sa.insert(shipment).values(order_number="O", carrier="zto", **PEOPLE))
            logging.getLogger("somebody.else").error("it broke", exc_info=refused.value)
            structlog.get_logger().error("it_broke", exc_info=refused.value)
        written = logs.getvalue()
    assert "it_broke" in written
    assert len(written.splitlines()) > 5
    for word in about_people(scene):
        assert word not in written
        assert word not in figures


class Breaking:
    """An adapter that breaks with words of the answer in its mouth."""

    INFO = SOURCES["zto"].INFO

    def request(self, queries, account, stamp):
        return httpx.Request("GET", "http://source.test")

    def read(self, response, queries):
        raise ValueError(f"cannot read {NAME} {PHONE}")


async def test_an_adapter_that_breaks_on_a_name_does_not_tell_it():
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=NAME))
    with written_logs("debug") as logs:
        async with httpx.AsyncClient(transport=transport) as client:
            asking = SourceClient(Account("zto", "zto", {}), Breaking(), client)
            answers = await asking.ask([Query("zto", "1")])
    (error,) = answers.values()
    written = logs.getvalue() + repr(error) + str(error)
    assert "adapter_broke" in written
    assert NAME not in written
    assert PHONE not in written


def test_the_scenario_would_notice_a_name():
    with written_logs() as logs:
        structlog.get_logger().info("told", place=NAME, at=NOW)
    assert NAME in logs.getvalue()
