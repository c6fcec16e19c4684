"""Brings the tables to the shape this version knows, under a lock, as a whole or not at all."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from watcher.store.engine import Store

_MIGRATIONS = Path(__file__).parent / "migrations"
# any fixed number will do: two containers that start at once must not both migrate
_LOCK = 7_206_113


@dataclass(frozen=True, slots=True)
class SchemaStanding:
    """Which revision the database has, and which this version wants."""

    current: str | None
    wanted: str

    @property
    def is_current(self) -> bool:
        """Whether nothing is to be done."""
        return self.current == self.wanted


class SchemaTooNew(Exception):
    """The database was migrated by a newer version of parcel-watcher."""


def standing(store: Store) -> SchemaStanding:
    """How the tables stand; the database is only read."""
    with store.read() as connection:
        return _standing(connection)


def upgrade(store: Store) -> SchemaStanding:
    """Migrate to the wanted revision; gives how it stood before. Raises `SchemaTooNew` for an unknown revision."""
    with store.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = _standing(connection)
        if not before.is_current:
            _refuse_unknown(before)
            command.upgrade(configuration(connection), "head")
    return before


def _standing(connection: sa.Connection) -> SchemaStanding:
    context = MigrationContext.configure(connection)
    wanted = ScriptDirectory.from_config(configuration(connection)).get_current_head()
    return SchemaStanding(current=context.get_current_revision(), wanted=wanted or "")


def _refuse_unknown(before: SchemaStanding) -> None:
    known = {path.name.split("_", 1)[0] for path in (_MIGRATIONS / "versions").glob("*.py")}
    if before.current is not None and before.current not in known:
        raise SchemaTooNew(
            f"the database is at revision {before.current}, which this version does not know: "
            "run the version that wrote it, or a newer one"
        )


def configuration(connection: sa.Connection) -> Config:
    """Alembic, pointed at our migrations and at this connection."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
