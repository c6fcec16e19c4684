"""`watcher db`: bring the tables up to date, or see how they stand."""

from typing import TYPE_CHECKING

import typer

from watcher.cli.database import look, ready_store
from watcher.cli.options import AsJson, ConfigFile, settings_of
from watcher.cli.speaking import FAILED, say, say_json

if TYPE_CHECKING:
    from watcher.store.schema import SchemaStanding

commands = typer.Typer(
    help="Bring the database's tables up to date, or see how they stand.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@commands.command("upgrade")
def upgrade(config: ConfigFile = None, json: AsJson = False) -> None:
    """Migrate to what this version wants; `watcher run` does the same at its start."""
    before = look(settings_of(config).database_url)
    with ready_store(config):
        pass
    if json:
        say_json({"from": before.current, "to": before.wanted, "changed": not before.is_current})
    elif before.is_current:
        say(f"nothing to do: the tables are at {before.wanted}")
    else:
        say(f"migrated from {before.current or 'an empty database'} to {before.wanted}")


@commands.command("status")
def status(config: ConfigFile = None, json: AsJson = False) -> None:
    """Tell which revision the tables have; exit code 1 when they are not up to date."""
    standing = look(settings_of(config).database_url)
    if json:
        say_json({"current": standing.current, "wanted": standing.wanted, "up_to_date": standing.is_current})
    else:
        say(_said(standing))
    if not standing.is_current:
        raise typer.Exit(FAILED)


def _said(standing: "SchemaStanding") -> str:
    if standing.is_current:
        return f"up to date: {standing.wanted}"
    return f"at {standing.current or 'nothing'}, wanted {standing.wanted}: run `watcher db upgrade`"
