"""Opens the database, and hands out connections that commit or roll back as a whole.

SQLite and PostgreSQL from the same code, synchronous, called from threads. SQLite writers begin IMMEDIATE, because the
driver's own transactions silently lose updates.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

_SQLITE_PRAGMAS = (
    "pragma journal_mode=wal",
    "pragma synchronous=normal",
    "pragma busy_timeout=15000",
    "pragma foreign_keys=on",
    "pragma cache_size=-65536",
    "pragma temp_store=memory",
)
# a server that vanished without a word is noticed within a minute, not within the hours of the system's defaults
_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


@dataclass(frozen=True, slots=True)
class Store:
    """One database. `write()` and `read()` give a connection inside one transaction."""

    writer: sa.Engine
    reader: sa.Engine

    @property
    def is_sqlite(self) -> bool:
        """Whether the file-based default is in use."""
        return self.writer.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that may change rows: committed at the end, rolled back on any error."""
        with self.writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only looks: one consistent picture."""
        with self.reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.writer.dispose()
        self.reader.dispose()


def open_store(url: str) -> Store:
    """Open `url` (`sqlite:///path` or `postgresql+psycopg://…`).

    Creates the folder of an SQLite file, but no tables.
    """
    parsed = make_url(url)
    # an error of the database must not print the row it was about
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    engine = sa.create_engine(
        parsed,
        pool_size=8,
        max_overflow=8,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={name: value for name, value in _PATIENCE.items() if name not in parsed.query},
    )
    return Store(writer=engine, reader=engine)


def _open_sqlite(url: sa.URL) -> Store:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    writer = sa.create_engine(url, pool_size=4, max_overflow=8, pool_timeout=60, hide_parameters=True)
    reader = sa.create_engine(url, pool_size=4, max_overflow=8, pool_timeout=60, hide_parameters=True)
    for engine, begin in ((writer, "BEGIN IMMEDIATE"), (reader, "BEGIN")):
        _prepare_sqlite(engine, begin=begin)
    return Store(writer=writer, reader=reader)


def _prepare_sqlite(engine: sa.Engine, *, begin: str) -> None:
    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(pragma)

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)
