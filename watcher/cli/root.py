"""The `watcher` command: its sub-commands, and how their failures end.

Exit codes: 0 done, 1 failed, 2 what was given cannot be used. No traceback reaches the operator, unless
WATCHER_TRACEBACK is set.
"""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from watcher import __version__
from watcher.cli import (
    carriers,
    check,
    coverage,
    db,
    demo,
    import_orders,
    queue,
    read,
    run,
    sandbox,
    staff,
    track,
    unknown,
)
from watcher.cli.speaking import BAD_INPUT, FAILED, CommandFailed, given, note, use_utf8

root = typer.Typer(
    name="watcher",
    help="Watches parcels and brings the troubled ones to a person while they can still be saved.",
    no_args_is_help=True,
    add_completion=False,
    # plain help: with markup a [section] of the settings would vanish from it, and rich printed the help twice
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
root.command("run", short_help="The daemon with its console, until it is told to stop.")(run.command)
root.command("demo", short_help="All of it against invented carriers; keeps nothing.")(demo.command)
root.command("sandbox", short_help="Only the invented carriers, to try an account against.")(sandbox.command)
root.command("import", short_help="Take in orders.")(import_orders.command)
root.command("track", short_help="All that is known about one parcel.")(track.command)
root.command("read", short_help="What the reader makes of a carrier's line.")(read.command)
root.command("check", short_help="Whether everything is there, and what to do.")(check.command)
root.command("queue", short_help="What waits for a person, the most pressing first.")(queue.command)
root.command("coverage", short_help="What became of parcels, by carrier and place.")(coverage.command)
root.command("carriers", short_help="Whom can be asked, and what they want.")(carriers.command)
root.add_typer(
    unknown.commands, name="unknown", short_help="Texts that no phrase explains, and their labels."
)
root.add_typer(staff.commands, name="staff")
root.add_typer(db.commands, name="db", short_help="The database's tables: upgrade, status.")


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"watcher {__version__}")
        raise typer.Exit


@root.callback()
def _watcher(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """Watches parcels and brings the troubled ones to a person while they can still be saved."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit."""
    use_utf8()
    sys.exit(exit_code(given() if arguments is None else arguments))


def exit_code(arguments: Sequence[str]) -> int:
    """Run one command; gives how it ended."""
    if os.environ.get("WATCHER_TRACEBACK"):
        return _invoke(arguments)
    try:
        return _invoke(arguments)
    except CommandFailed as failure:
        note(f"watcher: {failure}")
        return failure.exit_code
    except BrokenPipeError:
        # whoever read our output has seen enough (`watcher queue | head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as failure:  # noqa: BLE001 - the top of the command line: one sentence instead of a traceback
        return _told(failure)


def _invoke(arguments: Sequence[str]) -> int:
    try:
        ended = typer.main.get_command(root).main(list(arguments), prog_name="watcher", standalone_mode=False)
    except typer.TyperException as failure:
        return _usage(failure)
    except typer.Abort:
        note("watcher: stopped")
        return FAILED
    sys.stdout.flush()
    return ended if isinstance(ended, int) else 0


def _usage(failure: typer.TyperException) -> int:
    message = failure.format_message()
    context = getattr(failure, "ctx", None)
    if context and message == context.get_help():
        # nothing was asked for: the message is the help
        note(message)
        return failure.exit_code
    where = f" (see `{context.command_path} --help`)" if context else ""
    note(f"watcher: {message}{where}")
    return failure.exit_code


def _told(failure: Exception) -> int:
    from watcher.settings import SettingsError
    from watcher.telemetry import masked

    if isinstance(failure, SettingsError):
        for problem in failure.problems:
            note(f"watcher: {problem}")
        return BAD_INPUT
    lines = masked(str(failure)).strip().splitlines() or [""]
    note(f"watcher: {type(failure).__name__}: {lines[0]} (WATCHER_TRACEBACK=1 shows where)")
    return FAILED
