"""Imports and polls at work on the same shipments, on PostgreSQL, where rows are held and not the whole database."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from builders import NOW, a_scan, stored

from watcher.model import PollOutcome, PollReason, PollWay
from watcher.store import imports, polls, scans, watches
from watcher.store.engine import Store, open_store
from watcher.store.polls import Poll
from watcher.store.tables import metadata, shipment, watch

NUMBER = ("zto", "78400000000001")


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Store]:
    opened = open_store(postgres_url)
    with opened.write() as connection:
        metadata.create_all(connection)
    yield opened
    opened.close()


def at_once(connection: sa.Connection) -> None:
    """What has to wait for somebody fails."""
    connection.execute(sa.text("SET LOCAL lock_timeout = '300ms'"))


def import_at_once(store: Store, key: int) -> None:
    with store.write() as importing:
        at_once(importing)
        imports.stored(importing, [key])


def correct_at_once(store: Store) -> None:
    with store.write() as importing:
        at_once(importing)
        importing.execute(sa.update(shipment).values(carrier="sf"))


def a_poll(key: int) -> Poll:
    return Poll(key, "zto-main", PollWay.POLL, PollReason.RETRY, PollOutcome.NEW_SCANS, NOW)


def test_while_an_import_holds_a_shipment_rows_may_be_written_that_point_to_it(postgres: Store) -> None:
    key = stored(postgres)
    with postgres.write() as importing, postgres.write() as polling:
        at_once(polling)
        imports.stored(importing, [key])
        polls.add(polling, [a_poll(key)])
        scans.add(polling, {key: [a_scan()]}, source="zto", seen_at=NOW)


def test_an_import_that_waits_for_a_poll_holds_nothing_of_the_shipment(postgres: Store) -> None:
    key = stored(postgres)
    with postgres.write() as polling:
        polling.execute(sa.select(watch.c.shipment_id).with_for_update())
        with pytest.raises(sa.exc.OperationalError):
            import_at_once(postgres, key)
        at_once(polling)
        polls.add(polling, [a_poll(key)])


def test_a_carrier_is_not_corrected_while_an_answer_about_it_is_written(postgres: Store) -> None:
    stored(postgres)
    with postgres.write() as polling:
        assert NUMBER in watches.of_numbers(polling, "zto-main", [NUMBER])
        with pytest.raises(sa.exc.OperationalError):
            correct_at_once(postgres)


def test_what_is_put_off_is_held_in_the_order_of_ids(postgres: Store) -> None:
    first, second = stored(postgres), stored(postgres, order_number="O-2")
    held: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        held.append(statement)

    sa.event.listen(postgres.writer, "before_cursor_execute", note)
    with postgres.write() as connection:
        watches.put_off(connection, [second, first], until=NOW + timedelta(minutes=20))
    sa.event.remove(postgres.writer, "before_cursor_execute", note)
    assert "ORDER BY watch.shipment_id FOR" in held[0]
    assert held[1].startswith("UPDATE watch")
