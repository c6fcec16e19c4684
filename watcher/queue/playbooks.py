"""What to do and what to say, by kind of trouble: `config/playbooks/<rule>.toml` comes in, words in zh and en go out.

Beside them lies `desk_phones.toml`: the customer desks of the carriers, for those of which we know no better phone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec

import watcher
from watcher.model import Rule

PLACEHOLDERS: Final = ("tracking_number", "order_number", "place")
_DESK_PHONES: Final = "desk_phones.toml"
Language = Literal["zh", "en"]
Shape = TypeVar("Shape")


class PlaybookError(ValueError):
    """A playbook file cannot be used; the message says which one and why."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing said in both languages."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        """In one of them."""
        return self.zh if language == "zh" else self.en

    def filled(self, values: Mapping[str, str]) -> "Words":
        """With the placeholders replaced."""
        return Words(zh=self.zh.format_map(values), en=self.en.format_map(values))


class Playbook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of trouble: steps in order, and wording to read or paste for the recipient and for the courier (or who
    else holds the parcel). Wording may hold `{tracking_number}`, `{order_number}` and `{place}`."""

    steps: tuple[Words, ...]
    recipient: Words
    courier: Words

    def filled(self, *, tracking_number: str, order_number: str, place: str) -> "Playbook":
        """The wording for one shipment."""
        values = {"tracking_number": tracking_number, "order_number": order_number, "place": place}
        return Playbook(self.steps, self.recipient.filled(values), self.courier.filled(values))


@dataclass(frozen=True, slots=True)
class Playbooks:
    """All of them, and the desk phone by carrier id, as printed."""

    by_rule: Mapping[Rule, Playbook] = field(default_factory=dict)
    desk_phones: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path | None = None) -> "Playbooks":
        """Read a folder (default: the one that came with the program); every rule must have its file."""
        place = folder or shipped_folder()
        return cls(
            by_rule={rule: _playbook(place / f"{rule.value}.toml") for rule in Rule},
            desk_phones=_read(place / _DESK_PHONES, dict[str, str]),
        )


def shipped_folder() -> Path:
    """Where the files lie: inside the installed package, else in the checkout."""
    package = Path(watcher.__file__).parent
    installed = package / "config" / "playbooks"
    return installed if installed.is_dir() else package.parent / "config" / "playbooks"


def _playbook(path: Path) -> Playbook:
    book = _read(path, Playbook)
    if not book.steps:
        raise PlaybookError(f"{path.name}: no steps")
    for words in (*book.steps, book.recipient, book.courier):
        _check(words, path=path)
    return book


def _check(words: Words, *, path: Path) -> None:
    if not words.zh.strip() or not words.en.strip():
        raise PlaybookError(f"{path.name}: every text stands in zh and in en")
    try:
        words.filled(dict.fromkeys(PLACEHOLDERS, ""))
    except (KeyError, ValueError, IndexError) as broken:
        raise PlaybookError(f"{path.name}: a placeholder is none of {', '.join(PLACEHOLDERS)}") from broken


def _read(path: Path, shape: type[Shape]) -> Shape:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=shape)
    except FileNotFoundError as missing:
        raise PlaybookError(f"{path.name}: missing in {path.parent}") from missing
    except msgspec.DecodeError as broken:
        raise PlaybookError(f"{path.name}: {broken}") from broken
