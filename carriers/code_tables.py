"""Code tables that are too long for a module: CSV files beside the adapters, read when they are first asked.

A file has the columns namespace, code, milestone and reason. The same code means different things in two namespaces, so
the keys are `namespace/code`, with the code as the carrier prints it. An empty milestone keeps the one before.
"""

import csv
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from carriers.contract import Meaning, Milestone, Reason

_FOLDER = Path(__file__).parent / "worldwide" / "codes"


class CodeTable(Mapping[str, Meaning]):
    """`namespace/code` to what it says, from the file of one carrier; `without` some keys, or whole namespaces."""

    def __init__(self, carrier: str, *, without: Collection[str] = ()) -> None:
        self._path = _FOLDER / f"{carrier}.csv"
        self._without = frozenset(without)

    @cached_property
    def _meanings(self) -> dict[str, Meaning]:
        with self._path.open(encoding="utf-8", newline="") as rows:
            return {
                key: _meaning(row)
                for row in csv.DictReader(rows)
                if not {row["namespace"], key := f"{row['namespace']}/{row['code']}"} & self._without
            }

    def __getitem__(self, key: str) -> Meaning:
        return self._meanings[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._meanings)

    def __len__(self) -> int:
        return len(self._meanings)


def _meaning(row: Mapping[str, str]) -> Meaning:
    milestone = Milestone(row["milestone"]) if row["milestone"] else None
    return Meaning(milestone, (Reason(row["reason"]),) if row["reason"] else ())
