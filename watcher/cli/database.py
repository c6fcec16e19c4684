"""The database as the commands want it: made and migrated, or only looked at, so that no question makes a file."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from watcher.cli.database_faults import database_in_words, opening_in_words, sqlite_file
from watcher.cli.options import settings_of
from watcher.cli.speaking import CommandFailed

if TYPE_CHECKING:
    from watcher.store.engine import Store
    from watcher.store.schema import SchemaStanding


@contextmanager
def ready_store(config: Path | None) -> "Iterator[Store]":
    """The store with its tables up to date, made where there is none."""
    from watcher.store import schema
    from watcher.store.engine import open_store

    url = settings_of(config).database_url
    with opening_in_words(url):
        store = open_store(url)
    with closing(store), database_in_words(url):
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
    with closing(open_store(url)) as store, database_in_words(url):
        yield store


def look(url: str) -> "SchemaStanding":
    """How the tables stand; an SQLite file that does not exist stands nowhere, and is not made."""
    from watcher.store import schema
    from watcher.store.engine import open_store

    with opening_in_words(url):
        file = sqlite_file(url)
        if file is not None and not file.exists():
            with TemporaryDirectory() as folder, closing(open_store(f"sqlite:///{folder}/empty.db")) as store:
                return schema.standing(store)
        with closing(open_store(url)) as store:
            return schema.standing(store)
