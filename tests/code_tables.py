"""Holds the code tables of the adapters against those of the fact sheets, for every `code_lists/test_<source>.py`.

The sheets lie beside the repository where it is developed; without them these tests are skipped.
"""

import re
from collections.abc import Iterator, Mapping

from fact_sheets import Table, tables

from carriers.contract import Meaning
from carriers.errors import (
    AccountError,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    OwnershipRefused,
    QuotaExhausted,
    RateLimited,
    TransientError,
    UnreadableResponse,
)

# What the column "class" of a sheet wants, by the first word that fits.
CLASSES: tuple[tuple[str, tuple[type[CarrierError], ...]], ...] = (
    (r"phone|^permission", (OwnershipRefused,)),
    (r"or not yet|not found yet", (NotFoundYet,)),
    (r"invalid (number|input)", (InvalidNumber,)),
    (r"invalid request|^bug|^split", (UnreadableResponse,)),
    (r"^quota|^rate|^wait", (RateLimited, QuotaExhausted)),
    (r"^auth|^contact|^config$", (AccountError,)),
    (r"^config, fatal", (UnreadableResponse,)),
    (r"^retr", (TransientError,)),
)
NO_ERROR = r"^-$|^ok$|success"


def the(name: str, section: str, position: int = 0) -> Table:
    return [table for table in tables(name) if table.section == section][position]


def agree(
    said: Mapping[str, Meaning],
    ours: Mapping[str, Meaning],
    *,
    differ_because: Mapping[str, str] | None = None,
) -> None:
    """Fails on a code that ours lacks or that means something else there, save those listed with the reason why.

    An entry of that list which is no longer different fails, too.
    """
    listed = differ_because or {}
    differ = {code: (told, ours.get(code)) for code, told in said.items() if ours.get(code) != told}
    assert {code: both for code, both in differ.items() if code not in listed} == {}, "sheet, ours"
    assert listed.keys() - differ.keys() == set(), "no longer different: take it out of the list"


def spread(cell: str) -> list[str]:
    """`8003, 8004` and `S0001 / S0002` are two codes each; what stands in brackets is said about them."""
    return re.findall(r"\w+", re.sub(r"\(.*?\)", "", cell))


def results(name: str, section: str) -> Iterator[tuple[str, str]]:
    for table in tables(name):
        if table.section == section:
            yield from ((code, row[2].strip("*").lower()) for row in table.rows for code in spread(row[0]))


def fits(words: str, ours: type[CarrierError] | None) -> bool:
    if re.search(NO_ERROR, words):
        return ours is None
    wanted = next((classes for pattern, classes in CLASSES if re.search(pattern, words)), ())
    return ours is not None and issubclass(ours, wanted)


def assert_every_table_is_known(
    name: str, codes: Mapping[tuple[str, int], int], no_codes: set[tuple[str, int]]
) -> None:
    """Fails on a table of the sheet, by section and place in it, that is neither in `codes` (with its number of rows,
    to be read by a test) nor said to hold no codes."""
    found: dict[tuple[str, int], int] = {}
    for table in tables(name):
        place = sum(1 for section, _ in found if section == table.section)
        found[table.section, place] = len(table.rows)
    assert {key: rows for key, rows in found.items() if key not in no_codes} == codes
    assert found.keys() >= no_codes


def assert_result_classes(
    name: str, section: str, ours: Mapping[str, type[CarrierError]], *, codes: int
) -> None:
    """Fails where a result code is not of a class that the sheet's column "class" wants."""
    said = dict(results(name, section))
    assert len(said) == codes
    wrong = {code: (words, ours.get(code)) for code, words in said.items() if not fits(words, ours.get(code))}
    assert wrong == {}, "sheet, ours"
