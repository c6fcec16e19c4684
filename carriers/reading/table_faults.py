"""What is wrong with a folder of phrases that somebody added: one sentence for each, naming file, phrase and key.

Only the added folder is looked at, and nothing is raised: whoever wrote it wants to hear of everything at once.
"""

import re
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any

from carriers.contract import Milestone, Reason
from carriers.reading.learnt import LEARNT
from carriers.reading.phrases import Phrase
from carriers.reading.reader import Reader
from carriers.reading.tables import ADDED, PHRASE_KEYS, default_folder, load_tables, phrases_of

_FRAGMENT = re.compile(r"%(\w+)%")
_LISTS = ("match", "unless", "yes", "no")
_SWITCHES = ("firm", "alone", "of_signer")
_SHARED = "shared"
_TAKEN = frozenset({LEARNT, "boilerplate"})
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_GROUPS = frozenset({"SUBPATTERN", "BRANCH"})


def faults(folder: Path) -> list[str]:
    """Everything that is wrong with the tables of `folder`, beside those that came with the program.

    A folder without files is right: so it is left when the last label was withdrawn.
    """
    if not folder.is_dir():
        return [f"{folder}: is no folder" if folder.exists() else f"{folder}: there is no such folder"]
    files = sorted(folder.glob("*.toml"))
    tables: dict[Path, dict[str, Any]] = {}
    found = [fault for file in files for fault in _read(file, tables)]
    fragments = _fragments(tables)
    for file, table in tables.items():
        found += [f"{file.name}: {said}" for said in _of_table(table, fragments)]
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


def _fragments(tables: Mapping[Path, Mapping[str, Any]]) -> dict[str, Any]:
    known: dict[str, Any] = {"kinds": ""}
    shipped = load_tables(default_folder())
    for table in (*shipped.values(), *tables.values()):
        mine = table.get("fragments", {})
        known |= mine if isinstance(mine, dict) else {}
    return known


def _of_table(table: Mapping[str, Any], fragments: Mapping[str, Any]) -> Iterator[str]:
    for key in table.keys() - {"phrase", *ADDED}:
        yield f"{key}: is not a key here{_near(key, ['phrase', *ADDED])}"
    for section in ADDED:
        rows = table.get(section, {})
        if not isinstance(rows, dict):
            yield f"{section}: is not a table"
            continue
        for name, value in rows.items():
            if said := _of_pattern(value, fragments):
                yield f"[{section}] {name}: {said}"
    rows = table.get("phrase", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        yield "phrase: write each phrase as a [[phrase]]"
        return
    for number, row in enumerate(rows, start=1):
        name = f"phrase {row['id']!r}" if row.get("id") else f"phrase {number}"
        yield from (f"{name}: {said}" for said in _of_phrase(row, fragments))


def _of_phrase(row: Mapping[str, Any], fragments: Mapping[str, Any]) -> Iterator[str]:
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
        yield from _of_list(key, row.get(key, []), fragments)
    yield from _of_switches(row)


def _of_switches(row: Mapping[str, Any]) -> Iterator[str]:
    for key in _SWITCHES:
        if not isinstance(row.get(key, False), bool):
            yield f"{key}: is neither true nor false"
    if row.get("firm") is True and row.get("milestone") not in {*_firm_milestones(), None}:
        yield f"firm: {row['milestone']} cannot be firm{_one_of(_firm_milestones())}"


def _firm_milestones() -> list[str]:
    order = load_tables(default_folder())[_SHARED]["precedence"]["order"]
    return [name.removesuffix("!") for name in order if name.endswith("!")]


def _one_of(words: list[str]) -> str:
    return f"; these can: {', '.join(words)}"


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
    unknown = [name for name in _FRAGMENT.findall(source) if name not in fragments]
    if unknown:
        return f"there is no fragment %{unknown[0]}%{_near(unknown[0], sorted(fragments))}"
    try:
        said = _of_expression(source, fragments)
    except (re.error, OverflowError) as error:
        said = f"is no regular expression: {error}"
    except RecursionError:
        said = "is nested too deep, or holds a fragment that holds itself"
    return said and f"{source!r} {said}"


def _of_expression(source: str, fragments: Mapping[str, Any]) -> str | None:
    """Raises what `re.compile` raises."""
    if re.compile(_whole(source, fragments)).match("") is not None:
        return "stands in every line, even an empty one"
    if _repeats_a_repeat(_FRAGMENT.sub("(?:x)", source)):
        return "repeats without end what repeats without end: some lines would be tried for hours"
    return None


def _whole(source: str, fragments: Mapping[str, Any]) -> str:
    """The pattern with its fragments, as it will be compiled."""
    return _FRAGMENT.sub(lambda found: f"(?:{_whole(str(fragments[found[1]]), fragments)})", source)


def _repeats_a_repeat(source: str) -> bool:
    """Whether an unbounded repeat repeats nothing but another one, such as `(a+)+`: there are then countless ways to
    match the same stretch."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import sre_parse
    return _has_bare_repeat(sre_parse.parse(source), sre_parse.MAXREPEAT)


def _has_bare_repeat(tree: Any, endless: Any) -> bool:
    for operation, given in tree:
        if str(operation) in _REPEATS and given[1] == endless and _is_repeat(given[2], endless):
            return True
        if any(_has_bare_repeat(part, endless) for part in _parts(given)):
            return True
    return False


def _is_repeat(tree: Any, endless: Any) -> bool:
    """Whether all of the pattern, or one of its branches, is an unbounded repeat, in groups or not."""
    if len(tree) != 1:
        return False
    operation, given = tree[0]
    if str(operation) in _REPEATS:
        return bool(given[1] == endless)
    return any(_is_repeat(part, endless) for part in _parts(given)) if str(operation) in _GROUPS else False


def _parts(given: Any) -> Iterator[Any]:
    """The patterns inside what one operation was given."""
    if hasattr(given, "data"):
        yield given
    elif isinstance(given, tuple | list):
        for part in given:
            yield from _parts(part)


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
