"""`watcher import`: a file of orders becomes shipments that are watched."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli.database import ready_store
from watcher.cli.options import AsJson, ConfigFile, settings_of
from watcher.cli.speaking import BadInput, note, plain_record, progress, say, say_json

if TYPE_CHECKING:
    from watcher.intake.importing import ImportReport
    from watcher.settings import Settings
    from watcher.store.engine import Store


def command(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030) or XLSX.")],
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected rows go; NAME-rejects.csv in the current folder.")
    ] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Take in orders; a file may be imported again, and only what changed is changed."""
    from watcher.intake.faults import ImportRefused

    settings = settings_of(config)
    try:
        with ready_store(config) as store:
            report = _import(store, settings, file, rejects=rejects)
    except ImportRefused as error:
        raise BadInput(str(error)) from error
    if json:
        say_json(plain_record(report))
    else:
        _tell(report)


def _import(store: "Store", settings: "Settings", file: Path, *, rejects: Path | None) -> "ImportReport":
    from watcher.app import routing
    from watcher.clock import SystemClock
    from watcher.intake.importing import import_file
    from watcher.intake.regions import Regions

    account_for = routing(settings)
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


def _tell(report: "ImportReport") -> None:
    say(
        f"{report.rows} rows: {report.created} new, {report.changed} changed, "
        f"{report.unchanged} as they were, {report.rejected} rejected"
    )
    if report.rejects_path:
        note(f"watcher: rejected rows, with reasons, are in {report.rejects_path}")
    for warning, count in report.warnings.items():
        note(f"watcher: {count} times {warning.replace('_', ' ')}")
    for column in report.unknown_columns:
        near = f", it resembles {column.near!r}" if column.near else ""
        note(f"watcher: the column {column.header!r} is not read{near}")
