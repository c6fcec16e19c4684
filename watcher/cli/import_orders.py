"""`watcher import`: a file of orders becomes shipments that are watched."""

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli.accounts import NO_ACCOUNT, refuse_unusable, unassigned_in_words
from watcher.cli.database import ready_store
from watcher.cli.options import AsJson, ConfigFile, settings_of
from watcher.cli.speaking import BadInput, note, plain_record, progress, say, say_json

if TYPE_CHECKING:
    from watcher.intake.importing import ImportReport
    from watcher.settings import Settings
    from watcher.store.engine import Store


_WARNINGS = {
    "no_phone": "no phone",
    "phone_not_dialled": "the phone cannot be dialled",
    "no_address": "no address",
    "no_region": "no known city in the address",
    "repeated_row": "the same as an earlier row",
}


def command(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030) or XLSX.")],
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected rows go; else FILE-rejects.csv in the current folder.")
    ] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Take in orders; a file may be imported again, and only what changed is changed."""
    from watcher.intake.faults import ImportRefused
    from watcher.settings import which_file

    settings = settings_of(config)
    refuse_unusable(settings, which_file(config, os.environ))
    try:
        with ready_store(config) as store:
            report = _import(store, settings, file, rejects=rejects)
            waiting = _waiting(store)
    except ImportRefused as error:
        raise BadInput(str(error)) from error
    if json:
        say_json(plain_record(report))
    else:
        _tell(report)
        _tell_what_follows(report, settings, waiting)


def _import(store: "Store", settings: "Settings", file: Path, *, rejects: Path | None) -> "ImportReport":
    from watcher.app import routing
    from watcher.clock import SystemClock
    from watcher.intake.importing import import_file
    from watcher.intake.regions import Regions

    account_for = routing(settings).for_order
    with progress(f"importing {file.name}") as advance:
        return import_file(
            store,
            file,
            clock=SystemClock(),
            regions=Regions.load(),
            account_for=account_for,
            rejects=rejects,
            progress=advance,
            spread=timedelta(minutes=settings.polling.first_look_spread_minutes),
        )


def _waiting(store: "Store") -> dict[str, int]:
    from watcher.store import health

    with store.read() as connection:
        return health.unassigned(connection)


def _rows(named: Sequence[int], count: int) -> str:
    """`row 12`, or `rows 12, 15 and 40 more`."""
    more = count - len(named)
    numbers = ", ".join(map(str, named)) + (f" and {more} more" if more else "")
    return f"{'row' if count == 1 else 'rows'} {numbers}"


def _tell_what_follows(report: "ImportReport", settings: "Settings", waiting: dict[str, int]) -> None:
    minutes = settings.polling.first_look_spread_minutes
    if report.created and settings.accounts:
        note(
            f"watcher: the first questions about new parcels are spread over {minutes:g} minutes of `watcher run`"
        )
    if waiting:
        note(f"watcher: {unassigned_in_words(waiting)}; {NO_ACCOUNT}")


def _tell(report: "ImportReport") -> None:
    say(
        f"{report.rows} rows: {report.created} new, {report.changed} changed, "
        f"{report.unchanged} as they were, {report.rejected} rejected"
    )
    if report.rejects_path:
        note(f"watcher: rejected rows, with reasons, are in {report.rejects_path}")
    for warning, count in report.warnings.items():
        says = _WARNINGS.get(warning, warning.replace("_", " "))
        note(f"watcher: {_rows(report.warned_rows.get(warning, ()), count)}: {says}")
    for column in report.unknown_columns:
        near = f", it resembles {column.near!r}" if column.near else ""
        note(f"watcher: the column {column.header!r} is not read{near}")
