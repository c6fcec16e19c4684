"""Writes the next migration from the difference between the tables and what the migrations make. Read it before use.

python scripts/make_migration.py "say what changes"
"""

import sys
import tempfile
from pathlib import Path

from alembic import command

from watcher.store import schema
from watcher.store.engine import open_store


def main(message: str) -> None:
    """Migrate an empty SQLite database, then let Alembic compare it with the tables."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'scratch.db'}")
        number = len(list((Path(schema.__file__).parent / "migrations/versions").glob("*.py"))) + 1
        schema.upgrade(store)
        with store.write() as connection:
            config = schema.configuration(connection)
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")
        store.close()


if __name__ == "__main__":
    main(sys.argv[1])
