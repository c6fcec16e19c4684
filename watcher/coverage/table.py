"""The coverage table: evidence comes in, counts per carrier and region go out. Read only.

Counts only, never a bare percentage: three parcels prove nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from watcher.model import Fate, place_in_words
from watcher.store import evidence
from watcher.store.engine import Store
from watcher.store.evidence import CellRow


class Level(StrEnum):
    """How fine a place is looked at; declared from the widest to the finest."""

    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    TOWN = "town"


TROUBLE: Final = (
    Fate.OUT_OF_AREA,
    Fate.PICKUP_ONLY,
    Fate.FAILED_ATTEMPT,
    Fate.REFUSED,
    Fate.RETURNED,
)


# what a parcel does not come back from; all others of its place are still on the way, or nobody can say
FINAL: Final = (Fate.DELIVERED_TO_DOOR, Fate.DELIVERED_TO_STATION, Fate.RETURNED)
_DELIVERED: Final = (Fate.DELIVERED_TO_DOOR, Fate.DELIVERED_TO_STATION)


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One carrier in one region. `region` is the finest code known down to `level` (None: the address gave none),
    `place` its names from the province down; `shipments` are linked to it, `troubled` of them had any of `TROUBLE`,
    `under_way` none of `FINAL` yet; `days_in_transit` is the mean from pick-up to delivery, over the delivered ones."""

    carrier: str
    level: Level
    region: str | None
    place: str
    shipments: int
    troubled: int
    under_way: int
    counts: Mapping[Fate, int]
    days_in_transit: float | None


@dataclass(frozen=True, slots=True)
class CoverageTotal:
    """What many lines come to; `days_in_transit` is the mean over all their deliveries."""

    shipments: int
    troubled: int
    under_way: int
    counts: Mapping[Fate, int]
    days_in_transit: float | None


def coverage_table(
    store: Store,
    *,
    level: Level | str = Level.CITY,
    carrier: str | None = None,
    province: str | None = None,
    minimum: int = 1,
) -> list[CoverageLine]:
    """Lines with the most troubled shipments first; those with fewer than `minimum` shipments are left out.

    `province` is a code of two digits. An unknown `level` raises `ValueError`.
    """
    wanted = Level(level)
    levels = list(Level)
    with store.read() as connection:
        cells = evidence.cells(
            connection,
            levels=[name.value for name in levels[: levels.index(wanted) + 1]],
            trouble=TROUBLE,
            final=FINAL,
            carrier=carrier,
            province=province,
            minimum=minimum,
        )
    return [_line(cell, wanted) for cell in cells]


def total_of(lines: Sequence[CoverageLine]) -> CoverageTotal:
    """All lines as one. Pure."""
    days = [(line.days_in_transit, _deliveries(line)) for line in lines if line.days_in_transit is not None]
    delivered = sum(count for _, count in days)
    return CoverageTotal(
        shipments=sum(line.shipments for line in lines),
        troubled=sum(line.troubled for line in lines),
        under_way=sum(line.under_way for line in lines),
        counts={fate: sum(line.counts.get(fate, 0) for line in lines) for fate in Fate},
        days_in_transit=sum(mean * count for mean, count in days) / delivered if delivered else None,
    )


def _deliveries(line: CoverageLine) -> int:
    return sum(line.counts.get(fate, 0) for fate in _DELIVERED)


def _line(cell: CellRow, level: Level) -> CoverageLine:
    return CoverageLine(
        carrier=cell.carrier,
        level=level,
        region=next((code for code in reversed(cell.codes) if code), None),
        place=place_in_words(cell.names),
        shipments=cell.shipments,
        troubled=cell.troubled,
        under_way=cell.under_way,
        counts=cell.counts,
        days_in_transit=cell.days_in_transit,
    )
