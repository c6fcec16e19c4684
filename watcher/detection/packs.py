"""Rule packs: every threshold of detection and alerting, as dated data.

TOML files of a folder come in, checked `Pack` objects go out; a misspelt key is refused with the nearest right one.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec

from carriers.contract import SHANGHAI
from watcher.model import Lane, Rule, Urgency

HOUSE = "house"
REPORTED_RULES = frozenset(
    {
        Rule.FAILED_ATTEMPT,
        Rule.RECIPIENT_UNREACHABLE,
        Rule.REFUSED,
        Rule.OUT_OF_AREA,
        Rule.PICKUP_ONLY,
        Rule.RETURN_TO_SENDER,
    }
)

_Positive = Annotated[int, msgspec.Meta(gt=0)]
_NotNegative = Annotated[int, msgspec.Meta(ge=0)]
_Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
_Name = Annotated[str, msgspec.Meta(min_length=1)]
_Province = Annotated[str, msgspec.Meta(pattern=r"^\d{2}$")]
_SMALLEST_STEP = timedelta(microseconds=1)


class PackError(Exception):
    """A pack cannot be used; the message names the file, the key and what to write instead."""


class Boundary(StrEnum):
    """Whether the exact hour counts."""

    AT_AND_OVER = "gte"
    OVER = "gt"


class Watching(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How old an answer may be, and how often a refusal must be heard before it is believed."""

    max_data_age_hours: _Positive
    misses: _Positive
    refusals: _Positive
    old_history_days: _Positive
    answer_minutes: _Positive

    @property
    def max_data_age(self) -> timedelta:
        """An answer older than this says nothing about now."""
        return timedelta(hours=self.max_data_age_hours)

    @property
    def answer(self) -> timedelta:
        """How long a question takes until its answer is written."""
        return timedelta(minutes=self.answer_minutes)

    @property
    def old_history(self) -> timedelta:
        """Trouble that was older than this when watching began is nobody's work."""
        return timedelta(days=self.old_history_days)


class Lanes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which provinces (two-digit division codes) are remote, which count as one region."""

    remote_provinces: frozenset[_Province]
    regions: tuple[frozenset[_Province], ...]
    unknown: Lane


class Stages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A clock with two warnings and a deadline, all counted from the same start."""

    boundary: Boundary
    warn_hours: _Positive
    red_hours: _Positive
    deadline_hours: _Positive

    def __post_init__(self) -> None:
        if not self.warn_hours <= self.red_hours <= self.deadline_hours:
            raise ValueError("warn_hours, red_hours and deadline_hours must not fall")

    def ripe_at(self, start: datetime, *, hours: int) -> datetime:
        """The first moment at which `hours` after `start` have run out, by this clock's boundary."""
        exact = start + timedelta(hours=hours)
        return exact + _SMALLEST_STEP if self.boundary is Boundary.OVER else exact


class Reported(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule that says what a scan said: how long it waits, when to have acted, when it weighs more (None: never)."""

    grace_minutes: _NotNegative
    act_within_hours: _Positive
    worse_after_hours: _Positive | None = None

    @property
    def grace(self) -> timedelta:
        """How long the carrier may think again before the rule speaks."""
        return timedelta(minutes=self.grace_minutes)

    def worse_at(self, start: datetime) -> datetime | None:
        """When trouble from `start` weighs more for having been left lying."""
        return None if self.worse_after_hours is None else start + timedelta(hours=self.worse_after_hours)


class Weighing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How soon a person is needed, and how likely the money is lost if nobody acts."""

    urgency: Urgency
    chance_of_loss_percent: _Percent
    worse_urgency: Urgency | None = None

    def urgency_at(self, weight: int) -> Urgency:
        """The urgency of a finding of this weight (1: as first found)."""
        return self.worse_urgency if self.worse_urgency and weight > 1 else self.urgency


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One dated set of thresholds. `source` says where they come from."""

    id: _Name
    valid_from: date
    source: _Name
    watching: Watching
    lanes: Lanes
    no_first_scan: Stages
    stalled: dict[Lane, Stages]
    reported: dict[Rule, Reported]
    weighing: dict[Rule, Weighing]

    def __post_init__(self) -> None:
        _complete("stalled", self.stalled, Lane)
        _complete("reported", self.reported, REPORTED_RULES)
        _complete("weighing", self.weighing, Rule)


@dataclass(frozen=True, slots=True)
class Packs:
    """All packs of a folder."""

    packs: tuple[Pack, ...]

    def current(self, day: date, *, pack_id: str = HOUSE) -> Pack:
        """The pack that counts on `day` (a date in China); raises `PackError` when none does."""
        valid = [pack for pack in self.packs if pack.id == pack_id and pack.valid_from <= day]
        if not valid:
            raise PackError(f"no rule pack {pack_id!r} is valid on {day}: add one with an earlier valid_from")
        return max(valid, key=lambda pack: pack.valid_from)

    def at(self, now: datetime) -> Pack:
        """The house pack that counts at `now`, by the date in China."""
        return self.current(now.astimezone(SHANGHAI).date())


def default_folder() -> Path:
    """Where the shipped packs lie: inside the installed package, else in the checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "config" / "rules"
    return installed if installed.is_dir() else package.parent / "config" / "rules"


def load_packs(folder: Path | None = None) -> Packs:
    """Read every `*.toml` of `folder` (default: the shipped ones); raises `PackError`."""
    place = folder or default_folder()
    files = sorted(place.glob("*.toml"))
    if not files:
        raise PackError(f"no rule pack (*.toml) in {place}")
    packs = tuple(read_pack(file.read_text(encoding="utf-8"), name=str(file)) for file in files)
    _refuse_doubles(packs)
    return Packs(packs)


def read_pack(text: str, *, name: str) -> Pack:
    """One pack from TOML; `name` is the file that an error speaks of."""
    try:
        return msgspec.convert(tomllib.loads(text), Pack, strict=True)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise PackError(f"{name}: {wrong}{_hint(str(wrong))}") from wrong


def _complete(table: str, given: Iterable[str], wanted: Iterable[str]) -> None:
    missing, odd = sorted(set(wanted) - set(given)), sorted(set(given) - set(wanted))
    if missing:
        raise ValueError(f"[{table}] lacks {', '.join(missing)}")
    if odd:
        raise ValueError(f"[{table}] has no use for {', '.join(odd)}")


def _refuse_doubles(packs: tuple[Pack, ...]) -> None:
    seen: set[tuple[str, date]] = set()
    for pack in packs:
        if (pack.id, pack.valid_from) in seen:
            raise PackError(f"two rule packs {pack.id!r} are valid from {pack.valid_from}: remove one")
        seen.add((pack.id, pack.valid_from))


def _hint(message: str) -> str:
    wrong = re.search(r"unknown field `(\w+)`|[Ii]nvalid enum value '(\w+)'", message)
    if not wrong:
        return ""
    near = difflib.get_close_matches(wrong[1] or wrong[2], _known_words(), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _known_words() -> list[str]:
    structs = (Pack, Watching, Lanes, Stages, Reported, Weighing)
    fields = [field for struct in structs for field in struct.__struct_fields__]
    words = [word.value for kind in (Rule, Lane, Urgency, Boundary) for word in kind]
    return sorted({*fields, *words})
