"""`watcher staff`: who may sign in."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli.database import existing_store, ready_store
from watcher.cli.options import AsJson, ConfigFile
from watcher.cli.speaking import BadInput, note, say_json, say_table

if TYPE_CHECKING:
    from watcher.model import Role
    from watcher.staff import Staff

commands = typer.Typer(help="Who may sign in to the console.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="The name to sign in with.")]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@commands.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="agent, lead or admin.")] = "agent",
    password_stdin: FromInput = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Let somebody sign in; asks for the password twice."""
    from watcher import staff
    from watcher.clock import SystemClock

    chosen, password = _role(role), _password(from_input=password_stdin)
    with ready_store(config) as store, _refusals():
        added = staff.add(store, SystemClock(), name=name, role=chosen, password=password)
    _tell(added, as_json=json)


@commands.command("list")
def list_all(config: ConfigFile = None, json: AsJson = False) -> None:
    """List everybody."""
    from watcher import staff

    with existing_store(config) as store:
        everybody = staff.list_all(store)
    if json:
        for one in everybody:
            say_json(_record(one))
    else:
        say_table(
            ("name", "role", "since", "disabled"), ((one.name, one.role, *_since(one)) for one in everybody)
        )


@commands.command("disable")
def disable(name: Name, config: ConfigFile = None) -> None:
    """Shut somebody out at once."""
    from watcher import staff
    from watcher.clock import SystemClock

    with existing_store(config) as store, _refusals():
        staff.disable(store, SystemClock(), name=name)
    note(f"watcher: {name} cannot sign in any more")


@commands.command("password")
def password(name: Name, password_stdin: FromInput = False, config: ConfigFile = None) -> None:
    """Set a new password.

    It lets a disabled person in again, ends all their sessions, and helps where the last administrator forgot theirs.
    """
    from watcher import staff

    chosen = _password(from_input=password_stdin)
    with existing_store(config) as store, _refusals():
        staff.set_password(store, name=name, password=chosen)
    note(f"watcher: {name} has a new password")


@contextmanager
def _refusals() -> Iterator[None]:
    """What staff refuses was given wrongly."""
    from watcher.staff import StaffError

    try:
        yield
    except StaffError as error:
        raise BadInput(str(error)) from error


def _role(word: str) -> "Role":
    from watcher.model import Role

    try:
        return Role(word)
    except ValueError:
        raise BadInput(f"--role: {word!r} is none of {', '.join(Role)}") from None


def _password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadInput("no terminal to ask for the password: give it with --password-stdin")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _tell(added: "Staff", *, as_json: bool) -> None:
    if as_json:
        say_json(_record(added))
    else:
        note(f"watcher: {added.name} may sign in as {added.role}")


def _record(one: "Staff") -> dict[str, object]:
    return {"name": one.name, "role": one.role, "since": one.created_at, "disabled_at": one.disabled_at}


def _since(one: "Staff") -> tuple[str, str | None]:
    return f"{one.created_at:%Y-%m-%d}", f"{one.disabled_at:%Y-%m-%d}" if one.disabled_at else None
