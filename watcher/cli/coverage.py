"""`watcher coverage`: what became of parcels, by carrier and place, in counts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli.carrier_names import known_carrier
from watcher.cli.database import existing_store
from watcher.cli.options import AsJson, ConfigFile
from watcher.cli.speaking import BadInput, note, plain_record, say_json, say_table

if TYPE_CHECKING:
    from watcher.coverage.table import CoverageLine
    from watcher.model import Fate

_LEVELS = ("province", "city", "district", "town")


def command(
    level: Annotated[str, typer.Option(help="How fine: province, city, district or town.")] = "city",
    carrier: Annotated[
        str | None, typer.Option(help="Only this carrier, by its id or name: zto or 中通.")
    ] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Show where each carrier delivered and where it did not; counts, because a share of three parcels says nothing."""
    if level not in _LEVELS:
        raise BadInput(f"--level: {level!r} is none of {', '.join(_LEVELS)}")
    wanted = known_carrier(carrier)
    from watcher.coverage.table import coverage_table

    with existing_store(config) as store:
        lines = coverage_table(store, level=level, carrier=wanted)
    if json:
        for line in lines:
            say_json(plain_record(line))
    else:
        _tell(lines, carrier=wanted)


def _tell(lines: "list[CoverageLine]", *, carrier: str | None) -> None:
    from watcher.model import Fate

    if not lines:
        note(
            f"watcher: nothing counted yet{f' of {carrier}' if carrier else ''}; counting begins with the first answers"
        )
        return
    fates = [fate for fate in Fate if fate is not Fate.SHIPPED]
    columns = (
        "carrier",
        "place",
        "shipments",
        "troubled",
        *(fate.replace("_", " ") for fate in fates),
        "days",
    )
    say_table(columns, (_row(line, fates) for line in lines))


def _row(line: "CoverageLine", fates: "Sequence[Fate]") -> tuple[object, ...]:
    days = None if line.days_in_transit is None else f"{line.days_in_transit:.1f}"
    counts = (line.counts.get(fate, 0) for fate in fates)
    return line.carrier, line.place or "no address", line.shipments, line.troubled, *counts, days
