"""`watcher sandbox`: the carriers from the other side of the wire, for trying things out without an account."""

import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from watcher.cli.options import AsJson
from watcher.cli.speaking import BadInput, CommandFailed, say


def command(
    host: Annotated[str, typer.Option(help="Listen on this address.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Listen on this port; 0 takes a free one.")
    ] = 8099,
    parcels: Annotated[int, typer.Option(min=1, max=100_000, help="How many parcels to invent.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed gives the same parcels.")] = 1,
    speed: Annotated[
        float, typer.Option(min=0.001, help="How many times as fast as real time their clock runs.")
    ] = 1.0,
    spread_days: Annotated[
        float, typer.Option(min=0, help="Parcels are born over this many days before now.")
    ] = 6.0,
    fake_start: Annotated[
        str | None, typer.Option(help="What their clock shows at the start, ISO 8601.")
    ] = None,
    orders: Annotated[
        Path, typer.Option(help="Where the order file goes, ready for `watcher import`.")
    ] = Path("sandbox-orders.csv"),
    json: AsJson = False,
) -> None:
    """Play the carriers with invented parcels, until Ctrl-C; prints the account that each lets in."""
    from carriers.sandbox.running import Plan, serve

    moment = _moment(fake_start)
    if not json:
        port = _usable_port(host, port)
        for line in to_paste(f"http://{host}:{port}"):
            say(line)
    plan = Plan(
        host=host,
        port=port,
        parcels=parcels,
        seed=seed,
        speed=speed,
        spread_days=spread_days,
        fake_start=moment,
        orders=orders,
    )
    try:
        serve(plan, as_json=json)
    except OSError as error:
        raise _cannot_serve(host, port, error) from error


def _usable_port(host: str, port: int) -> int:
    """The port that will be served on, tried before anything is announced."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise _cannot_serve(host, port, error) from error
        return int(trial.getsockname()[1])


def _cannot_serve(host: str, port: int, error: OSError) -> CommandFailed:
    return CommandFailed(f"the sandbox cannot serve on {host}:{port}: {error.strerror}")


def to_paste(url: str) -> Iterator[str]:
    """What goes into watcher.toml and into the shell, so that `watcher run` asks the sandbox."""
    from carriers.sandbox.accounts import ACCOUNTS
    from watcher.settings_faults import secret_variable

    yield "# for watcher.toml"
    for account in ACCOUNTS:
        yield f"[accounts.{account.source}-sandbox]"
        yield f'source = "{account.source}"'
        yield f'base_url = "{account.base_url(url)}"'
        yield ""
    yield "# for the shell of `watcher run`"
    for account in ACCOUNTS:
        for name, value in account.credentials.items():
            yield f"export {secret_variable(f'{account.source}-sandbox', name)}={quote(value)}"
    yield ""


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"--fake-start: {text!r} is no ISO 8601 time, such as 2026-03-02T10:00+08:00"
        ) from None
    if moment.tzinfo is None:
        raise BadInput("--fake-start: give the offset as well, such as 2026-03-02T10:00+08:00")
    return moment
