"""`watcher check`: whether everything the daemon needs is there, and what to do where it is not."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from watcher.cli.database import look
from watcher.cli.options import AsJson, ConfigFile
from watcher.cli.speaking import FAILED, plain_record, say_json, say_table

if TYPE_CHECKING:
    from watcher.settings import AccountSettings, Settings

# this version was made after that day, so an earlier clock is wrong
_NOT_BEFORE = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was looked at; `advice` says what to do, empty where nothing is wrong."""

    what: str
    found: str
    advice: str = ""

    @property
    def is_good(self) -> bool:
        """Whether nothing has to be done."""
        return not self.advice


def command(config: ConfigFile = None, json: AsJson = False) -> None:
    """Look at settings, accounts, clock, database and data files; exit code 1 when something is wrong."""
    checks = list(_checks(config))
    if json:
        for check in checks:
            say_json({**plain_record(check), "ok": check.is_good})
    else:
        say_table(("", "what", "found", "what to do"), (_row(check) for check in checks))
    if not all(check.is_good for check in checks):
        raise typer.Exit(FAILED)


def _row(check: Checked) -> tuple[str, ...]:
    return "ok" if check.is_good else "!!", check.what, check.found, check.advice


def _checks(config: Path | None) -> Iterator[Checked]:
    from watcher.settings import SettingsError, load_settings, which_file

    yield _clock(datetime.now(UTC))
    yield _zones()
    yield from _tables()
    try:
        settings = load_settings(config, os.environ)
    except SettingsError as error:
        yield from (Checked("settings", "not usable", problem) for problem in error.problems)
        return
    yield Checked("settings", str(which_file(config, os.environ) or "all defaults"))
    yield from _accounts(settings)
    yield from _web(settings)
    yield _folder(settings)
    yield _database(settings)


def _clock(now: datetime) -> Checked:
    wrong = "set the machine's clock: signatures and deadlines depend on it" if now < _NOT_BEFORE else ""
    return Checked("clock", f"{now:%Y-%m-%d %H:%M} UTC", wrong)


def _zones() -> Checked:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        there = datetime.now(ZoneInfo("Asia/Shanghai"))
    except ZoneInfoNotFoundError:
        return Checked("time zones", "no Asia/Shanghai", "install the system's tzdata, or the package tzdata")
    return Checked("time zones", f"Shanghai {there:%H:%M}")


def _tables() -> Iterator[Checked]:
    """The data files that came with the program."""
    from carriers.reading.tables import load_reader
    from watcher.detection.packs import load_packs
    from watcher.queue.playbooks import Playbooks

    for what, load in (("phrases", load_reader), ("rule packs", load_packs), ("playbooks", Playbooks.load)):
        try:
            load()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a file shall be told, and the rest checked
            yield Checked(what, "not readable", f"{error}; install the program again")
        else:
            yield Checked(what, "readable")


def _accounts(settings: "Settings") -> Iterator[Checked]:
    if not settings.accounts:
        yield Checked("accounts", "none: nothing will be asked until there is one")
    for name, account in settings.accounts.items():
        if account.enabled:
            yield from _account(name, account, settings)
        else:
            yield Checked(f"account {name}", "switched off")


def _account(name: str, account: "AccountSettings", settings: "Settings") -> Iterator[Checked]:
    from carriers.registry import pushing, source
    from watcher.settings import SettingsError, account_credentials

    what = f"account {name}"
    try:
        sheet = source(account.source).INFO
    except LookupError as error:
        yield Checked(what, "cannot be asked", str(error.args[0]))
        return
    try:
        account_credentials(settings, name, sheet.credentials, os.environ)
        yield Checked(what, f"{account.source}, credentials there")
    except SettingsError as error:
        yield from (Checked(what, "credentials missing", problem) for problem in error.problems)
    for carrier in account.carriers:
        if carrier not in sheet.carriers:
            yield Checked(
                what,
                f"no carrier {carrier}",
                f"{account.source} answers for {', '.join(sorted(sheet.carriers))}",
            )
    for option in account.options:
        if option not in sheet.options:
            yield Checked(
                what, f"no option {option}", f"{account.source} knows {', '.join(sheet.options) or 'none'}"
            )
    if account.push and pushing(account.source) is None:
        yield Checked(what, "cannot push", f"{account.source} only answers: remove push")
    if account.push and not settings.web.public_url:
        yield Checked(what, "no address for pushes", "set [web] public_url, or remove push")


def _web(settings: "Settings") -> Iterator[Checked]:
    web = settings.web
    if web.public_url.startswith("https://") and not web.cookie_secure:
        yield Checked(
            "web", web.public_url, "set [web] cookie_secure = true: the console is reached by HTTPS"
        )
    else:
        yield Checked("web", f"{web.host}:{web.port}")


def _folder(settings: "Settings") -> Checked:
    folder = settings.data_folder
    nearest = next((place for place in (folder, *folder.absolute().parents) if place.exists()), Path("/"))
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        return Checked("data folder", str(folder), f"let this user write to {nearest}")
    return Checked("data folder", str(folder) if folder.exists() else f"{folder}, made at the first start")


def _database(settings: "Settings") -> Checked:
    from watcher.telemetry import masked

    try:
        standing = look(settings.database_url)
    except Exception as error:  # noqa: BLE001 - each driver has its own ways to be unreachable
        first = str(masked(str(error.__cause__ or error))).strip().splitlines()[0]
        return Checked("database", f"not reachable: {first}", "start it, or correct [database] url")
    if standing.is_current:
        return Checked("database", f"up to date ({standing.current})")
    if standing.current is None:
        return Checked("database", "empty, tables are made at the first start")
    return Checked("database", f"at {standing.current}, wanted {standing.wanted}", "run `watcher db upgrade`")
