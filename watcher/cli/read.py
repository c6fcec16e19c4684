"""`watcher read`: what the reader makes of lines of text; needs no store and no settings."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli.carrier_names import known_carrier
from watcher.cli.options import AsJson
from watcher.cli.speaking import plain_record, say_json, say_table

if TYPE_CHECKING:
    from carriers.reading.reader import Reading


def command(
    texts: Annotated[
        list[str] | None, typer.Argument(help="Lines to read; without any, or with -, from input.")
    ] = None,
    carrier: Annotated[str | None, typer.Option(help="Read as this carrier's: zto or 中通.")] = None,
    json: AsJson = False,
) -> None:
    """Show what a line of a carrier says: milestone, reasons, whom to call, and the phrases that decided."""
    from carriers.reading.tables import load_reader

    wanted, reader = known_carrier(carrier), load_reader()
    for text in _lines(texts):
        reading = reader.read(text, carrier=wanted)
        if json:
            say_json({"text": text, **plain_record(reading), "explained": reading.explained})
        else:
            say_table(("", text), _rows(reading))


def _lines(texts: list[str] | None) -> Iterator[str]:
    if texts and texts != ["-"]:
        yield from texts
        return
    for line in sys.stdin:
        if line.strip():
            yield line.rstrip("\r\n")


def _rows(reading: "Reading") -> Iterator[tuple[str, object]]:
    yield "milestone", reading.milestone
    yield "reasons", ", ".join(reading.reasons)
    yield "courier", _joined(reading.courier_name, reading.courier_phone)
    yield "station", _joined(reading.station, reading.station_phone)
    yield "pickup code", reading.pickup_code
    yield "signed by", reading.signed_by
    yield "facility", reading.facility
    yield "phrases", ", ".join(reading.phrases) or "none: nothing explains this line"


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)
