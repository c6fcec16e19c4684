"""The words couriers write, read from wordings.toml: carrier and kind of event -> lines with slots."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from carriers.sandbox.life import EventKind


@dataclass(frozen=True, slots=True)
class Wording:
    """One line with slots; `code` where the vendor would print another code than the kind's usual one."""

    text: str
    code: str = ""

    @property
    def names_courier(self) -> bool:
        """Whether the line says who is on the way or how to call them."""
        return "{courier}" in self.text or "{phone}" in self.text

    @property
    def names_station(self) -> bool:
        """Whether the line says how to call the station."""
        return "{station_phone}" in self.text


SHARED = "shared"
Book = Mapping[str, Mapping[EventKind, tuple[Wording, ...]]]


@cache
def book() -> Book:
    """All lines by carrier, read once; under `SHARED` those of carriers without words of their own."""
    raw = tomllib.loads(Path(__file__).with_name("wordings.toml").read_text(encoding="utf-8"))
    return {
        carrier: {EventKind(kind): tuple(map(_wording, lines)) for kind, lines in kinds.items()}
        for carrier, kinds in raw.items()
    }


def lines(carrier: str, kind: EventKind) -> tuple[Wording, ...]:
    """What this carrier's couriers write about this: their own words, or else the shared ones."""
    return book().get(carrier, {}).get(kind) or book()[SHARED][kind]


def pick(carrier: str, kind: EventKind, rng: Random) -> Wording:
    """One of the lines, by chance."""
    return rng.choice(lines(carrier, kind))


def _wording(line: str | dict[str, str]) -> Wording:
    return Wording(line) if isinstance(line, str) else Wording(line["text"], line["code"])
