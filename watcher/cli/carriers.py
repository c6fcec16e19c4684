"""`watcher carriers`: the capability sheets of all sources; needs no store and no settings."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from watcher.cli.options import AsJson
from watcher.cli.speaking import say_block, say_json, span

if TYPE_CHECKING:
    from carriers.contract import CarrierInfo


def command(json: AsJson = False) -> None:
    """List whom can be asked: carriers answered for, limits, the secrets an account needs, its options."""
    from carriers.registry import SOURCES

    sheets = [adapter.INFO for adapter in SOURCES.values()]
    if json:
        for sheet in sheets:
            say_json(_record(sheet))
        return
    for sheet in sheets:
        say_block(f"{sheet.id}  {sheet.name_zh} {sheet.name_en}", list(_lines(sheet)))


def _lines(sheet: "CarrierInfo") -> Iterator[tuple[str, object]]:
    yield "carriers", ", ".join(sorted(sheet.carriers))
    yield "secrets", ", ".join(sheet.credentials)
    if sheet.optional_credentials:
        yield "secrets, if you like", ", ".join(sheet.optional_credentials)
    yield "asked", f"{sheet.batch_size} at once, {sheet.rate_per_second:g} calls per second"
    yield "interval", f"{span(sheet.minimum_interval)} between two questions about a parcel"
    yield "needs", ", ".join(sorted(sheet.needs))
    yield "answers", ", ".join(sorted(sheet.answers))
    for name, takes in sheet.options.items():
        yield f"option {name}", takes


def _record(sheet: "CarrierInfo") -> dict[str, Any]:
    return {
        "source": sheet.id,
        "name_zh": sheet.name_zh,
        "name_en": sheet.name_en,
        "base_url": sheet.base_url,
        "carriers": sorted(sheet.carriers),
        "number_patterns": list(sheet.number_patterns),
        "batch_size": sheet.batch_size,
        "minimum_interval_seconds": sheet.minimum_interval.total_seconds(),
        "rate_per_second": sheet.rate_per_second,
        "burst": sheet.burst,
        "credentials": list(sheet.credentials),
        "options": dict(sheet.options),
        "needs": sorted(sheet.needs),
        "phone_tail_carriers": sorted(sheet.phone_tail_carriers),
        "answers": sorted(sheet.answers),
        "desk_phone": sheet.desk_phone,
    }
