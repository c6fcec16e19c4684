"""`watcher check`: whether everything the daemon needs is there, and what to do where it is not.

Exit code 1 when something is wrong. That no account is there yet is said, but fails only once parcels wait for one.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from watcher.cli.accounts import NO_ACCOUNT, unassigned_in_words, wrong_names, wrong_options
from watcher.cli.carrier_names import carrier_ids
from watcher.cli.database import look
from watcher.cli.database_faults import DatabaseFailed, database_in_words, read_only_fault
from watcher.cli.options import AsJson, ConfigFile
from watcher.cli.speaking import FAILED, say_json, say_table

if TYPE_CHECKING:
    from watcher.settings import AccountSettings, Settings

_UPGRADE = "run `watcher db upgrade`"
_ENTER_ADDRESS = "enter this address in the vendor's console, if it is not there"
_NAME_BY_CARRIER = "name it after a carrier, such as zto.mine.toml, or shared.mine.toml for all"
# this version was made after that day, so an earlier clock is wrong
_NOT_BEFORE = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was looked at; `advice` says what to do, empty where nothing is wrong.

    `fails`: whether the command ends with 1 when there is an advice.
    """

    what: str
    found: str
    advice: str = ""
    fails: bool = True

    @property
    def is_good(self) -> bool:
        """Whether nothing has to be done."""
        return not self.advice


def command(config: ConfigFile = None, json: AsJson = False) -> None:
    """Look at settings, accounts, clock, database and data files; exit code 1 when something is wrong.

    Without any account the exit code is 1 only when parcels wait for one.
    """
    checks = list(_checks(config))
    if json:
        for check in checks:
            say_json(_record(check))
    else:
        say_table(("", "what", "found", "what to do"), (_row(check) for check in checks))
    if any(check.fails and not check.is_good for check in checks):
        raise typer.Exit(FAILED)


def _record(check: Checked) -> dict[str, object]:
    return {"what": check.what, "found": check.found, "advice": check.advice, "ok": check.is_good}


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
    yield from _own_phrases(settings)
    yield from _accounts(settings)
    yield from _web(settings)
    yield _folder(settings)
    yield from _database(settings)


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


def _own_phrases(settings: "Settings") -> Iterator[Checked]:
    """The merchant's own phrases: whether they can be used, and read their own cases."""
    from carriers.reading.table_faults import faults, wrong_cases
    from carriers.reading.tables import default_folder, load_reader

    for folder in settings.phrase_folders:
        wrong = faults(folder)
        if not wrong:
            wrong = wrong_cases(folder, load_reader(default_folder(), folder))
        yield from (Checked("own phrases", "not usable", f"correct {fault}") for fault in wrong)
        yield from (
            Checked("own phrases", f"{path.name} read for nobody", _NAME_BY_CARRIER, fails=False)
            for path in sorted(folder.glob("*.toml"))
            if path.name.partition(".")[0] not in {*carrier_ids(), "shared"}
        )
        if not wrong:
            yield Checked("own phrases", f"{folder} readable")


def _accounts(settings: "Settings") -> Iterator[Checked]:
    if not settings.accounts:
        yield Checked("accounts", "none", NO_ACCOUNT, fails=False)
    for name, account in settings.accounts.items():
        if account.enabled:
            yield from _account(name, account, settings)
        else:
            yield Checked(f"account {name}", "switched off")


def _account(name: str, account: "AccountSettings", settings: "Settings") -> Iterator[Checked]:
    from carriers.registry import SOURCES, pushing
    from watcher.settings import SettingsError
    from watcher.source_accounts import address_to_enter, is_called_back, source_account

    what = f"account {name}"
    wrong = list(wrong_names(account))
    yield from (Checked(what, "cannot be asked", f"correct {problem}") for problem in wrong)
    if account.source not in SOURCES:
        return
    try:
        ours = source_account(settings, name, os.environ)
        yield Checked(what, f"{account.source}, credentials there")
        if is_called_back(settings, account) and (address := address_to_enter(settings, ours)):
            yield Checked(what, f"pushes to {address}", _ENTER_ADDRESS, fails=False)
    except SettingsError as error:
        yield from (Checked(what, "credentials missing", problem) for problem in error.problems)
    for problem in wrong_options(account):
        yield Checked(what, "cannot be asked", f"correct {problem}")
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


def _database(settings: "Settings") -> Iterator[Checked]:
    if fault := read_only_fault(settings.database_url):
        yield Checked("database", fault.problem, fault.advice)
        return
    try:
        standing = look(settings.database_url)
        if standing.is_current:
            yield Checked("database", f"up to date ({standing.current})")
            yield from _waiting(settings.database_url)
        elif standing.current is None:
            yield Checked("database", "empty, tables are made at the first start")
        else:
            yield Checked("database", f"at {standing.current}, wanted {standing.wanted}", _UPGRADE)
    except DatabaseFailed as failure:
        yield Checked("database", failure.problem, failure.advice)


def _waiting(url: str) -> Iterator[Checked]:
    from watcher.store import health
    from watcher.store.engine import open_store

    with closing(open_store(url)) as store, database_in_words(url), store.read() as connection:
        waiting = health.unassigned(connection)
    if waiting:
        yield Checked("parcels", unassigned_in_words(waiting), NO_ACCOUNT)
