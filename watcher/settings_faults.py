"""What is wrong with a settings table, in sentences that say where it stands and what would be right.

In comes what TOML gave and the Struct it should fill, out come problems; nothing here knows a particular key but the
words that tell a secret.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

import msgspec

_SECRET_WORDS = frozenset({"credentials", "password", "passwd", "secret", "token", "key", "checkword"})

StructType = type[msgspec.Struct]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file we look."""

    file: str
    section: tuple[str, ...] = ()

    def at(self, key: str) -> "Place":
        """One level further in."""
        return Place(self.file, (*self.section, key))

    def says(self, key: str, problem: str) -> str:
        """The problem with its file, section and key."""
        where = f" [{'.'.join(self.section)}]" if self.section else ""
        return f"{self.file}:{where} {key}: {problem}"


def faults(table: Mapping[str, Any], struct: StructType, *, place: Place, root: StructType) -> Iterator[str]:
    """One sentence for everything in `table` that `struct` does not take; `root` is the whole of the settings."""
    fields = {field.name: field for field in msgspec.structs.fields(struct)}
    for key, value in table.items():
        if key not in fields:
            yield place.says(key, _unknown_key(key, list(fields), place=place, root=root))
        else:
            yield from _value_faults(key, value, fields[key].type, place=place, root=root)
    for field in fields.values():
        if field.required and field.name not in table:
            yield place.says(field.name, "is missing")


def leaves(struct: StructType, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every single value that can be set, as its path of keys and its type; free tables are left out."""
    for field in msgspec.structs.fields(struct):
        if is_struct(field.type):
            yield from leaves(field.type, (*path, field.name))
        elif get_origin(field.type) is not dict:
            yield (*path, field.name), field.type


def wrong_value(value: Any, kind: Any, *, strict: bool = True) -> str | None:
    """What was expected and what was got, or None when the value fits."""
    try:
        msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        return f"expected {_expected(kind, error)}, got {_shown(value)}"
    return None


def nearest(word: str, words: Sequence[str]) -> str | None:
    """The word that was probably meant."""
    return next(iter(difflib.get_close_matches(word, words, n=1, cutoff=0.6)), None)


def is_secret(key: str) -> bool:
    """Whether a key's name says that its value must not stand in the file."""
    return not _SECRET_WORDS.isdisjoint(re.split(r"[^a-z]+", key.lower()))


def secret_variable(owner: str, name: str) -> str:
    """`WATCHER_SECRET_<OWNER>_<NAME>`."""
    return f"WATCHER_SECRET_{owner}_{name}".replace("-", "_").upper()


def without_password(url: str) -> str:
    """A URL that may be shown."""
    return re.sub(r"(://[^:/@\s]*):[^/\s]*@", r"\1:***@", url)


def is_struct(kind: Any) -> bool:
    """Whether a type is a section."""
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _value_faults(key: str, value: Any, kind: Any, *, place: Place, root: StructType) -> Iterator[str]:
    if is_struct(kind) and isinstance(value, dict):
        yield from faults(value, kind, place=place.at(key), root=root)
    elif _holds_structs(kind) and isinstance(value, dict):
        yield from _named_sections(value, get_args(kind)[1], place=place.at(key), root=root)
    elif wrong := wrong_value(value, kind):
        yield place.says(key, wrong)
    elif isinstance(value, dict):
        secrets = filter(is_secret, value)
        yield from (place.at(key).says(name, _belongs_elsewhere(name, place)) for name in secrets)
    elif isinstance(value, str) and value != without_password(value):
        yield place.says(key, f"leave the password out of the URL; {_belongs_elsewhere('password', place)}")


def _holds_structs(kind: Any) -> bool:
    return get_origin(kind) is dict and is_struct(get_args(kind)[1])


def _named_sections(
    table: Mapping[str, Any], struct: StructType, *, place: Place, root: StructType
) -> Iterator[str]:
    variables: dict[str, str] = {}
    for name, section in table.items():
        if not isinstance(section, dict):
            yield place.says(name, f"is no section; write [{'.'.join((*place.section, name))}]")
        elif not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            yield place.says(name, "a name is of small letters and digits, with single dashes between")
        else:
            yield from faults(section, struct, place=place.at(name), root=root)
        other = variables.setdefault(name.replace("-", "_").upper(), name)
        if other != name:
            yield place.says(name, f"would share its environment variables with {other}")


def _unknown_key(key: str, names: Sequence[str], *, place: Place, root: StructType) -> str:
    if is_secret(key):
        return _belongs_elsewhere(key, place)
    if near := nearest(key, names):
        return f"is not a key here; did you mean {near!r}?"
    if elsewhere := [".".join(path) for path, _ in leaves(root) if path[-1] == key]:
        return f"is not a key here; it stands elsewhere: {', '.join(elsewhere)}"
    return f"is not a key here; the keys are: {', '.join(names)}"


def _belongs_elsewhere(key: str, place: Place) -> str:
    owner = next(iter(place.section[1:2] or place.section), "<account>")
    return (
        f"a secret never stands in the file; set {secret_variable(owner, key)} "
        f"or write the file {owner}.{key} in the secrets folder"
    )


def _expected(kind: Any, error: msgspec.ValidationError) -> str:
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(repr(word) for word in get_args(kind))
    if is_struct(kind):
        return "a section"
    said = re.sub(r" - at .*|, got .*|`", "", str(error))
    return said.removeprefix("Expected ")


def _shown(value: Any) -> str:
    return "a section" if isinstance(value, dict) else f"{value!r} ({type(value).__name__})"
