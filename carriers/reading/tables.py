"""Loads the phrase tables: TOML files in, a compiled `Reader` out.

`shared.toml` holds the language every carrier speaks; `<carrier>.toml` adds phrases (and replaces shared ones by id)
for one. A second folder adds to the first, and replaces its phrases by id. Patterns are regular expressions over the
spelled text (see `line`); `%word%` stands for a fragment.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from carriers.contract import Milestone, Reason
from carriers.reading.learnt import Weights, load_weights
from carriers.reading.line import Spelling, alphabet
from carriers.reading.names import compiled_names
from carriers.reading.people import KINDS, Finders, wanted_at
from carriers.reading.phrases import Phrase, a_book
from carriers.reading.reader import Language, Reader
from carriers.reading.sieve import a_sieve
from carriers.reading.verdict import a_judge
from carriers.reading.words import Patterns

Table = Mapping[str, Any]
_SHARED = "shared"
_NAMES = ("kinds", "said", "speech")
_REFUSALS = (
    "hotline",
    "not_beside_a_number",
    "not_a_name",
    "surname",
    "bare_place",
    "person_place",
    "place",
    "latin_nowhere",
    "not_a_facility",
)
FRAGMENT = re.compile(r"%(\w+)%")
"""Stands in a pattern for the fragment of this name."""
_HERE = Path(__file__).parent
PHRASE_KEYS = frozenset(
    {"id", "milestone", "reasons", "match", "unless", "drops", "firm", "alone", "of_signer", "yes", "no"}
)
ADDED = ("fragments", "boilerplate")
"""What a second folder can add to beside phrases."""


def load_reader(*folders: Path) -> Reader:
    """Reads and compiles every table of `folders` (default: the tables shipped with the package).

    Raises `FileNotFoundError` without a `shared.toml`, `ValueError` where a table is not what it should be.
    """
    first, *more = folders or (default_folder(),)
    tables = load_tables(first, *more)
    shared = tables[_SHARED]
    patterns, learnt = Patterns(), load_weights(first / "learnt.tsv")
    letters = alphabet(shared["line"]["traditional"], shared["line"]["simplified"])
    return Reader(
        shared=_language(shared, {}, letters, patterns, learnt),
        carriers={
            name: _language(shared, own, letters, patterns, learnt)
            for name, own in tables.items()
            if name != _SHARED
        },
    )


def default_folder() -> Path:
    """The tables inside an installed package, else those of the checkout."""
    shipped = _HERE / "phrases"
    return shipped if shipped.is_dir() else _HERE.parent.parent / "config" / "phrases"


def load_tables(*folders: Path) -> dict[str, Table]:
    """One table per carrier: a file is part of the table named before its first dot. The first folder is whole, the
    others add to it."""
    first, *more = folders
    tables = _tables_of(first)
    if _SHARED not in tables:
        raise FileNotFoundError(first / f"{_SHARED}.toml")
    for folder in more:
        for name, table in _tables_of(folder).items():
            tables[name] = _with(tables.get(name, {"phrase": []}), table)
    return dict(tables)


def _tables_of(folder: Path) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.toml")):
        table = tables.setdefault(path.name.partition(".")[0], {"phrase": []})
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        table["phrase"] += content.pop("phrase", [])
        for key, value in content.items():
            table[key] = {**table.get(key, {}), **value}
    return tables


def _with(table: dict[str, Any], more: Table) -> dict[str, Any]:
    taken = {row.get("id") for row in more["phrase"]}
    phrases = [*more["phrase"], *(row for row in table["phrase"] if row.get("id") not in taken)]
    added = {key: {**table.get(key, {}), **more[key]} for key in ADDED if key in more}
    return {**table, **added, "phrase": phrases}


def phrases_of(table: Table, fragments: Mapping[str, str], order: Sequence[str] = ()) -> list[Phrase]:
    """The phrases of one table; raises `ValueError` naming the phrase that is wrong.

    `order` is that of precedence: milestones, with `!` for firm ones.
    """
    return [_phrase(row, fragments, order) for row in table.get("phrase", ())]


def _phrase(row: Table, fragments: Mapping[str, str], order: Sequence[str]) -> Phrase:
    unknown = row.keys() - PHRASE_KEYS
    if unknown or not row.get("match"):
        raise ValueError(
            f"phrase {row.get('id')}: {'unknown key ' + min(unknown) if unknown else 'no match'}"
        )
    standing = row.get("milestone", Milestone.EXCEPTION) + ("!" if row.get("firm") else "")
    return Phrase(
        id=row["id"],
        milestone=Milestone(row["milestone"]) if "milestone" in row else None,
        reasons=frozenset(map(Reason, row.get("reasons", ()))),
        patterns=_all_expanded(row["match"], fragments),
        unless=_all_expanded(row.get("unless", ()), fragments),
        drops=frozenset(map(Reason, row.get("drops", ()))),
        alone=row.get("alone", False),
        of_signer=row.get("of_signer", False),
        yes=tuple(row.get("yes", ())),
        no=tuple(row.get("no", ())),
        rank=order.index(standing) if order else 0,
    )


def expanded(source: str, fragments: Mapping[str, str]) -> str:
    """The pattern with its fragments in their places; raises `KeyError` for one that is not there."""
    return FRAGMENT.sub(lambda match: f"(?:{expanded(fragments[match[1]], fragments)})", source)


def _all_expanded(sources: Iterable[str], fragments: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(expanded(source, fragments) for source in sources)


def _language(
    shared: Table, own: Table, letters: Mapping[int, str], patterns: Patterns, learnt: Weights | None
) -> Language:
    fragments = {**shared["fragments"], "kinds": shared["names"]["kinds"], **own.get("fragments", {})}
    order = shared["precedence"]["order"]
    mine = phrases_of(own, fragments, order)
    taken = {phrase.id for phrase in mine}
    phrases = mine + [phrase for phrase in phrases_of(shared, fragments, order) if phrase.id not in taken]
    sieve = a_sieve(
        {
            "boilerplate": _all_expanded(
                {**shared["boilerplate"], **own.get("boilerplate", {})}.values(), fragments
            ),
            "names": _all_expanded(shared["names"]["inline"], fragments),
            **{
                kind: _all_expanded([*own.get("find", {}).get(kind, ()), *shared["find"][kind]], fragments)
                for kind in KINDS
            },
        },
        patterns,
    )
    text = a_book((phrase for phrase in phrases if not phrase.of_signer), patterns)
    signer = a_book((phrase for phrase in phrases if phrase.of_signer), patterns)
    return Language(
        spelling=Spelling(letters, re.compile(shared["line"]["noise"])),
        sieve=sieve,
        names=compiled_names({key: expanded(shared["names"][key], fragments) for key in _NAMES}),
        text=text,
        signer=signer,
        judge=a_judge(text, signer),
        learnt=learnt,
        finders=Finders(
            sieve=sieve,
            wanted=wanted_at(sieve.kinds),
            **{key: re.compile(expanded(shared["find"][key], fragments)) for key in _REFUSALS},
        ),
        refines=_refines(shared["refines"]),
        patterns=patterns,
    )


def _refines(rows: Mapping[str, list[str]]) -> dict[Milestone, frozenset[Milestone]]:
    return {Milestone(code): frozenset(map(Milestone, texts)) for code, texts in rows.items()}
