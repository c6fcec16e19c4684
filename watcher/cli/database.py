"""The database as the commands want it: made and migrated, or only looked at, so that no question makes a file."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from watcher.cli.options import settings_of
from watcher.cli.speaking import CommandFailed

if TYPE_CHECKING:
    from watcher.store.engine import Store
    from watcher.store.schema import SchemaStanding

_SQLITE = "sqlite:///"


@contextmanager
def ready_store(config: Path | None) -> "Iterator[Store]":
    """The store with its tables up to date, made where there is none."""
    from watcher.store import schema
    from watcher.store.engine import open_store

    with closing(open_store(settings_of(config).database_url)) as store:
        try:
            schema.upgrade(store)
        except schema.SchemaTooNew as error:
            raise CommandFailed(str(error)) from error
        yield store


@contextmanager
def existing_store(config: Path | None) -> "Iterator[Store]":
    """The store for a question: what is not there is not made, and what is old is not changed."""
    from watcher.store.engine import open_store

    url = settings_of(config).database_url
    standing = look(url)
    if standing.current is None:
        raise CommandFailed("there is no database yet: `watcher run` or `watcher import` makes it")
    if not standing.is_current:
        raise CommandFailed(
            f"the tables are at {standing.current}, this version wants {standing.wanted}: run `watcher db upgrade`"
        )
    with closing(open_store(url)) as store:
        yield store


def look(url: str) -> "SchemaStanding":
    """How the tables stand; an SQLite file that does not exist stands nowhere, and is not made."""
    from watcher.store import schema
    from watcher.store.engine import open_store

    if url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).exists():
        with TemporaryDirectory() as folder, closing(open_store(f"{_SQLITE}{folder}/empty.db")) as store:
            return schema.standing(store)
    with closing(open_store(url)) as store:
        return schema.standing(store)
