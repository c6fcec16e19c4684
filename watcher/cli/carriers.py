"""`watcher carriers`: the capability sheets of all sources; needs no store and no settings."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from watcher.cli.options import AsJson
from watcher.cli.speaking import say_json, say_table, span

if TYPE_CHECKING:
    from carriers.contract import CarrierInfo

_FEW = 6


def command(json: AsJson = False) -> None:
    """List whom can be asked: carriers answered for, limits, the secrets an account needs, its options."""
    from carriers.registry import SOURCES

    sheets = [adapter.INFO for adapter in SOURCES.values()]
    if json:
        for sheet in sheets:
            say_json(_record(sheet))
        return
    columns = ("source", "name", "carriers", "batch", "interval", "per second", "secrets", "needs", "answers")
    say_table(columns, (_row(sheet) for sheet in sheets))
    say_table(("source", "option", "what it takes"), (row for sheet in sheets for row in _options(sheet)))


def _row(sheet: "CarrierInfo") -> tuple[object, ...]:
    return (
        sheet.id,
        f"{sheet.name_zh} {sheet.name_en}",
        _few(sorted(sheet.carriers)),
        sheet.batch_size,
        span(sheet.minimum_interval),
        f"{sheet.rate_per_second:g}",
        ", ".join(sheet.credentials),
        ", ".join(sorted(sheet.needs)),
        ", ".join(sorted(sheet.answers)),
    )


def _options(sheet: "CarrierInfo") -> Iterator[tuple[str, str, str]]:
    for name, takes in sheet.options.items():
        yield sheet.id, name, takes


def _few(names: list[str]) -> str:
    more = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {more} more" if more > 0 else "")


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
