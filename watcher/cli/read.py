"""`watcher read`: what the reader makes of lines of text, and why; needs no store, so labels are not asked."""

import json
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from watcher.cli.carrier_names import known_carrier
from watcher.cli.options import AsJson, ConfigFile, settings_of
from watcher.cli.speaking import BadInput, plain_record, say, say_json, say_table

if TYPE_CHECKING:
    from carriers.reading.explain import Explanation
    from carriers.reading.reader import Reader, Reading


class Told(NamedTuple):
    """One line to read, and the carrier that printed it where that is known."""

    text: str
    carrier: str | None


def command(
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            help="Lines to read; without any, or with -, from input, one per line, UTF-8 or GB18030: "
            'plain text, or JSON like {"text": "...", "carrier": "zto"}.'
        ),
    ] = None,
    carrier: Annotated[str | None, typer.Option(help="Read as this carrier's: zto or 中通.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say which phrase of the tables decided what.")
    ] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show what a line of a carrier says: milestone, reasons, whom to call, and the phrases that decided.

    With --json one object per line read, in order. Phrases of your own ([reading] phrases of the settings) count;
    labels, which lie in the database, do not.
    """
    wanted = known_carrier(carrier)
    from watcher.labelling.tables import reader_of

    reader = reader_of(settings_of(config))
    for told in _lines(texts, wanted):
        if as_json:
            say_json(_record(told, reader, explain=explain))
        elif told.text.strip():
            _say(told, reader, explain=explain)


def _lines(texts: list[str] | None, carrier: str | None) -> Iterator[Told]:
    if texts and texts != ["-"]:
        yield from (Told(text, carrier) for text in texts)
        return
    for line in sys.stdin.buffer:
        yield _told(_decoded(line).rstrip("\r\n"), carrier)


def _decoded(line: bytes) -> str:
    """UTF-8, else what Windows writes in China."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("gb18030", errors="replace")


def _told(line: str, carrier: str | None) -> Told:
    """A line of input: JSON with a `text` where it is that, else the text itself."""
    if line.lstrip("\ufeff \t").startswith("{"):
        try:
            value = json.loads(line.lstrip("\ufeff"))
        except (ValueError, RecursionError):
            return Told(line, carrier)
        if isinstance(value, Mapping) and isinstance(value.get("text"), str):
            own = value.get("carrier")
            return Told(_sound(value["text"]), carrier or (_carrier(own) if isinstance(own, str) else None))
    return Told(line, carrier)


@lru_cache(maxsize=256)
def _carrier(told: str) -> str | None:
    """By id or name; a carrier that is not known here is read with the shared phrases, as is none."""
    try:
        return known_carrier(told)
    except BadInput:
        return told


def _sound(text: str) -> str:
    """Without halves of characters, which JSON can hold and no output can."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _record(told: Told, reader: "Reader", *, explain: bool) -> dict[str, Any]:
    reading = reader.read(told.text, carrier=told.carrier)
    record = {"text": told.text, **reading._asdict()}
    record["explained_by"] = record.pop("phrases")
    if explain:
        told_why = plain_record(_explanation(told, reader))
        record["explanation"] = {key: value for key, value in told_why.items() if key != "reading"}
    return record


def _explanation(told: Told, reader: "Reader") -> "Explanation":
    from carriers.reading.explain import explain

    return explain(reader, told.text, carrier=told.carrier)


def _say(told: Told, reader: "Reader", *, explain: bool) -> None:
    say_table(("", told.text), _rows(reader.read(told.text, carrier=told.carrier)))
    if explain:
        found = _explanation(told, reader)
        say(f"read as: {found.spoken}")
        for stretch in found.idle:
            say(f"says nothing: {stretch}")
        if found.learnt:
            say(f"no phrase knows it; what speaks loudest in it: {' '.join(found.learnt)}")
        if not found.heard:
            say("no phrase stands in it")
            return
        say_table(
            ("phrase", "stands in the line as", "says", "what came of it"),
            (
                (
                    heard.phrase,
                    heard.stretch,
                    ", ".join([*([heard.milestone] if heard.milestone else []), *heard.reasons]),
                    heard.fate if heard.silenced_by is None else f"{heard.fate} by {heard.silenced_by}",
                )
                for heard in found.heard
            ),
        )


def _rows(reading: "Reading") -> Iterator[tuple[str, object]]:
    yield "milestone", reading.milestone
    yield "reasons", ", ".join(reading.reasons)
    yield "courier", _joined(reading.courier_name, reading.courier_phone)
    yield "station", _joined(reading.station, reading.station_phone)
    yield "pickup code", reading.pickup_code
    yield "signed by", reading.signed_by
    yield "facility", _joined(reading.facility, reading.facility_phone)
    yield "explained by", ", ".join(reading.phrases) or "nothing: no phrase knows this line"


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)
