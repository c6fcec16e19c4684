"""`watcher demo`: sandbox and daemon together on a fast clock, so that a newcomer sees parcels fail and be saved."""

from enum import StrEnum
from typing import Annotated

import typer

from watcher.cli.options import AsJson


class Carriers(StrEnum):
    """How many sources the demo asks."""

    FEW = "few"
    ALL = "all"


def command(
    seconds: Annotated[
        float | None,
        typer.Option("--for", min=1, metavar="SECONDS", help="Stop after this time; else on Ctrl-C."),
    ] = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="Do not wait for anybody: run the time, sum up, end.")
    ] = False,
    carriers: Annotated[
        Carriers,
        typer.Option(help="few: the usual ones of a merchant in China; all: every source there is."),
    ] = Carriers.FEW,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The console's port; 0 takes a free one.")
    ] = 8080,
    json: AsJson = False,
) -> None:
    """Run everything against invented carriers with a few hundred parcels; keeps nothing afterwards."""
    from watcher.demo import run_demo

    raise typer.Exit(
        run_demo(seconds=seconds, headless=headless, every=carriers is Carriers.ALL, port=port, json=json)
    )
