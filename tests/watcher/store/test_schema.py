import threading

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from builders import NOW

from watcher.store import schema
from watcher.store.engine import open_store
from watcher.store.schema import SchemaTooNew
from watcher.store.tables import metadata


@pytest.fixture
def empty_store(database_url):
    store = open_store(database_url)
    yield store
    store.close()


def test_migrations_make_exactly_the_tables_of_this_version(empty_store):
    schema.upgrade(empty_store)
    with empty_store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_an_empty_database_is_told_from_a_migrated_one(empty_store):
    before = schema.standing(empty_store)
    schema.upgrade(empty_store)
    after = schema.standing(empty_store)
    assert (before.current, before.is_current) == (None, False)
    assert after.is_current


def test_migrating_twice_changes_nothing(empty_store):
    schema.upgrade(empty_store)
    assert schema.upgrade(empty_store).is_current


def test_two_daemons_that_start_at_once_migrate_once(database_url):
    failures = []

    def start():
        store = open_store(database_url)
        try:
            schema.upgrade(store)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            failures.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_store, monkeypatch):
    monkeypatch.setattr(schema.command, "upgrade", _half_done)
    with pytest.raises(RuntimeError):
        schema.upgrade(empty_store)
    with empty_store.read() as connection:
        assert sa.inspect(connection).get_table_names() == []


def _half_done(config, _revision):
    config.attributes["connection"].execute(sa.text("CREATE TABLE half (id INTEGER)"))
    raise RuntimeError


def test_a_database_of_a_newer_version_is_left_alone(empty_store):
    schema.upgrade(empty_store)
    with empty_store.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="9999"):
        schema.upgrade(empty_store)


def test_a_filled_database_of_the_first_version_keeps_its_rows(empty_store):
    with empty_store.write() as connection:
        command.upgrade(schema.configuration(connection), "0001")
        before = _fill_the_first_version(connection)
    assert schema.upgrade(empty_store).current == "0001"
    with empty_store.read() as connection:
        after = connection.execute(sa.text("SELECT id, text, milestone FROM scan ORDER BY id")).all()
        new = connection.execute(sa.text("SELECT unknown_text_id, code_said FROM scan")).all()
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert [tuple(row) for row in after] == before
    assert {tuple(row) for row in new} == {(None, None)}


def _fill_the_first_version(connection):
    """One shipment with lines, in the columns that the first version had."""
    first = sa.MetaData()
    first.reflect(connection, only=["shipment", "scan"])
    connection.execute(
        first.tables["shipment"].insert(),
        {"id": 1, "order_number": "O-1", "tracking_number": "78400000000001", "carrier": "zto", "order_state": "open",
         "presale": False, "cod_fen": 0, "row_digest": "", "imported_at": NOW, "changed_at": NOW},
    )  # fmt: skip
    rows = [
        {"id": number, "shipment_id": 1, "identity": f"line {number}", "source": "zto", "occurred_at": NOW,
         "local_time": "", "milestone": "in_transit", "reasons": [], "carrier_code": "", "text": f"text {number}",
         "first_seen_at": NOW}
        for number in range(1, 51)
    ]  # fmt: skip
    connection.execute(first.tables["scan"].insert(), rows)
    return [(row["id"], row["text"], row["milestone"]) for row in rows]
