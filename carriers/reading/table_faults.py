"""What is wrong with a folder of phrases that somebody added: one sentence for each, naming file, phrase and key.

Only the added folder is looked at, and nothing is raised: whoever wrote it wants to hear of everything at once.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any

from carriers.contract import Milestone, Reason
from carriers.reading.learnt import LEARNT
from carriers.reading.pattern_faults import pattern_fault
from carriers.reading.phrases import Phrase
from carriers.reading.reader import Reader
from carriers.reading.tables import ADDED, FRAGMENT, PHRASE_KEYS, default_folder, load_tables, phrases_of

_LISTS = ("match", "unless", "yes", "no")
_SWITCHES = ("firm", "alone", "of_signer")
_SHARED = "shared"
_TAKEN = frozenset({LEARNT, "boilerplate"})


@dataclass(frozen=True, slots=True)
class _Known:
    """What phrases that are added may name: fragments, and the milestones that can be firm."""

    fragments: Mapping[str, str]
    firm: tuple[str, ...]


def faults(folder: Path) -> list[str]:
    """Everything that is wrong with the tables of `folder`, beside those that came with the program.

    A folder without files is right: so it is left when the last label was withdrawn.
    """
    if not folder.is_dir():
        return [f"{folder}: is no folder" if folder.exists() else f"{folder}: there is no such folder"]
    files = sorted(folder.glob("*.toml"))
    tables: dict[Path, dict[str, Any]] = {}
    found = [fault for file in files for fault in _read(file, tables)]
    known = _known(tables)
    for file, table in tables.items():
        found += [f"{file.name}: {said}" for said in _of_table(table, known)]
    return found + list(_twice(tables))


def wrong_cases(folder: Path, reader: Reader) -> list[str]:
    """The phrases of `folder` that do not read their own cases as they say; `reader` has been loaded with them."""
    tables = load_tables(default_folder(), folder)
    fragments = {**tables[_SHARED]["fragments"], "kinds": tables[_SHARED]["names"]["kinds"]}
    added = {
        file: tomllib.loads(file.read_text(encoding="utf-8-sig")) for file in sorted(folder.glob("*.toml"))
    }
    return [
        f"{file.name}: phrase {phrase.id!r}: {said}"
        for file, table in added.items()
        for phrase in phrases_of(table, {**fragments, **table.get("fragments", {})})
        for said in _misread(phrase, reader, carrier=file.name.partition(".")[0])
    ]


def _misread(phrase: Phrase, reader: Reader, *, carrier: str) -> Iterator[str]:
    for number, text in enumerate(phrase.yes, start=1):
        reading = reader.read(text, carrier=carrier)
        heard = phrase.milestone in {None, reading.milestone} and phrase.reasons <= set(reading.reasons)
        if phrase.id not in reading.phrases or not heard:
            yield f"yes: case {number} is read as {reading.milestone} by {', '.join(reading.phrases) or 'nothing'}"
    for number, text in enumerate(phrase.no, start=1):
        if phrase.id in reader.read(text, carrier=carrier).phrases:
            yield f"no: case {number} is read by it"


def _read(file: Path, tables: dict[Path, dict[str, Any]]) -> Iterator[str]:
    try:
        tables[file] = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        yield f"{file.name}: cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        yield f"{file.name}: is not UTF-8 text"
    except tomllib.TOMLDecodeError as error:
        yield f"{file.name}: is not valid TOML: {error}"


def _known(tables: Mapping[Path, Mapping[str, Any]]) -> _Known:
    shipped = load_tables(default_folder())
    fragments: dict[str, str] = {"kinds": ""}
    for table in (*shipped.values(), *tables.values()):
        mine = table.get("fragments")
        rows = mine.items() if isinstance(mine, dict) else ()
        fragments |= {name: text for name, text in rows if isinstance(text, str)}
    order = shipped[_SHARED]["precedence"]["order"]
    return _Known(fragments, tuple(name.removesuffix("!") for name in order if name.endswith("!")))


def _of_table(table: Mapping[str, Any], known: _Known) -> Iterator[str]:
    for key in table.keys() - {"phrase", *ADDED}:
        yield f"{key}: is not a key here{_near(key, ['phrase', *ADDED])}"
    for section in ADDED:
        rows = table.get(section, {})
        if not isinstance(rows, dict):
            yield f"{section}: is not a table"
            continue
        for name, value in rows.items():
            if said := _of_pattern(value, known.fragments):
                yield f"[{section}] {name}: {said}"
    rows = table.get("phrase", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        yield "phrase: write each phrase as a [[phrase]]"
        return
    for number, row in enumerate(rows, start=1):
        name = f"phrase {row['id']!r}" if row.get("id") else f"phrase {number}"
        yield from (f"{name}: {said}" for said in _of_phrase(row, known))


def _of_phrase(row: Mapping[str, Any], known: _Known) -> Iterator[str]:
    if not isinstance(row.get("id"), str) or not row["id"]:
        yield "id: is missing, or no text"
    elif row["id"] in _TAKEN:
        yield f"id: {row['id']!r} is what the reader says where no phrase decides"
    for key in sorted(row.keys() - PHRASE_KEYS):
        yield f"{key}: is not a key here{_near(key, sorted(PHRASE_KEYS))}"
    if "milestone" not in row and not row.get("reasons"):
        yield "milestone: neither a milestone nor reasons are given"
    if "milestone" in row:
        yield from _of_words([row["milestone"]], Milestone, key="milestone")
    for key in ("reasons", "drops"):
        yield from _of_words(row.get(key, []), Reason, key=key)
    if not row.get("match"):
        yield "match: is missing or empty"
    for key in _LISTS:
        yield from _of_list(key, row.get(key, []), known.fragments)
    yield from _of_switches(row, known.firm)


def _of_switches(row: Mapping[str, Any], firm: Sequence[str]) -> Iterator[str]:
    for key in _SWITCHES:
        if not isinstance(row.get(key, False), bool):
            yield f"{key}: is neither true nor false"
    milestone = row.get("milestone", Milestone.EXCEPTION)
    if row.get("firm") is True and milestone in list(Milestone) and milestone not in firm:
        yield f"firm: {milestone} cannot be firm; these can: {', '.join(firm)}"


def _of_words(words: Any, kind: type[StrEnum], *, key: str) -> Iterator[str]:
    if not isinstance(words, list):
        yield f"{key}: is not a list"
        return
    for word in words:
        if not isinstance(word, str) or word not in set(kind):
            yield f"{key}: {word!r} is no {kind.__name__.lower()}{_near(str(word), list(kind))}"


def _of_list(key: str, rows: Any, fragments: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        yield f"{key}: is not a list of texts"
        return
    if key in {"yes", "no"}:
        return
    for row in rows:
        if said := _of_pattern(row, fragments):
            yield f"{key}: {said}"


def _of_pattern(source: Any, fragments: Mapping[str, Any]) -> str | None:
    if not isinstance(source, str):
        return "is no text"
    unknown = [name for name in FRAGMENT.findall(source) if name not in fragments]
    if unknown:
        return f"there is no fragment %{unknown[0]}%{_near(unknown[0], sorted(fragments))}"
    said = pattern_fault(source, fragments)
    return said and f"{source!r} {said}"


def _twice(tables: Mapping[Path, Mapping[str, Any]]) -> Iterator[str]:
    seen: Counter[tuple[str, Any]] = Counter()
    for file, table in tables.items():
        rows = table.get("phrase", [])
        for row in rows if isinstance(rows, list) else []:
            key = (file.name.partition(".")[0], str(row.get("id")) if isinstance(row, dict) else None)
            seen[key] += 1
            if seen[key] == 2 and key[1]:  # noqa: PLR2004 - told once
                yield f"{file.name}: phrase {key[1]!r}: id: another phrase has it"


def _near(word: str, known: list[Any]) -> str:
    near = get_close_matches(word, [str(one) for one in known], n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
