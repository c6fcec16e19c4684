"""`watcher run`: the daemon, until SIGTERM or Ctrl-C."""

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli.accounts import NO_ACCOUNT, refuse_unusable, unassigned_in_words
from watcher.cli.database_faults import database_in_words, opening_in_words
from watcher.cli.options import ConfigFile, settings_of
from watcher.cli.speaking import CommandFailed, note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watcher.app import Watcher
    from watcher.settings import Settings

_STOPS = (signal.SIGTERM, signal.SIGINT)


def command(
    config: ConfigFile = None,
    host: Annotated[str | None, typer.Option(help="Listen on this address instead of [web] host.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Listen on this port instead of [web] port.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Keep files in this folder instead of [data] folder.")
    ] = None,
) -> None:
    """Run the daemon with its console until it is told to stop; data lies in the current folder by default."""
    from watcher.settings import which_file

    settings = _with_options(settings_of(config), host=host, port=port, data=data)
    refuse_unusable(settings, which_file(config, os.environ))
    from watcher.telemetry import configure_logging

    configure_logging(settings.log.level, settings.log.format)
    watcher = _built(settings)
    with database_in_words(settings.database_url):
        password = watcher.first_admin()
        if password:
            # told once, here; the log must not keep it
            note(f"watcher: nobody could sign in yet; sign in as admin with the password {password}")
        for line in _what_is_asked(watcher):
            note(f"watcher: {line}")
    note(f"watcher: console at {watcher.url}")
    asyncio.run(_until_stopped(watcher))


def _built(settings: "Settings") -> "Watcher":
    from watcher.app import build_watcher
    from watcher.store.schema import SchemaTooNew

    try:
        with opening_in_words(settings.database_url):
            return build_watcher(settings, environ=os.environ)
    except SchemaTooNew as error:
        raise CommandFailed(str(error)) from error


def _what_is_asked(watcher: "Watcher") -> "Iterator[str]":
    """What a first start should know: whether anybody is asked at all, who is not, and that it takes its time."""
    from watcher.store import health

    with watcher.store.read() as connection:
        waiting = health.unassigned(connection)
    if not watcher.clients:
        yield f"there is no account, so nothing is asked: {NO_ACCOUNT}"
    if waiting:
        yield f"{unassigned_in_words(waiting)}; `watcher carriers` says who answers for them"
    if watcher.clients:
        minutes = watcher.settings.polling.first_look_spread_minutes
        yield f"the first questions about imported parcels are spread over {minutes:g} minutes"


def _with_options(
    settings: "Settings", *, host: str | None, port: int | None, data: Path | None
) -> "Settings":
    from msgspec.structs import replace

    web = settings.web
    if host is not None:
        web = replace(web, host=host)
    if port is not None:
        web = replace(web, port=port)
    folder = settings.data if data is None else replace(settings.data, folder=str(data))
    return replace(settings, web=web, data=folder)


async def _until_stopped(watcher: "Watcher") -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _STOPS:
        loop.add_signal_handler(number, stop.set)
    await watcher.run(stop)
