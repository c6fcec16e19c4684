"""The reader with the labels that stand: every process hears of a label with the first reading after it.

In comes a connection, out goes the reader of the tables with the labels on top. Asking whether others stand than before
is one small query, in the transaction that reads texts; labels are loaded only when they changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from carriers.reading.labels import Label
from carriers.reading.reader import Reader
from watcher.store import labels
from watcher.store.labels import Version

_NONE: Version = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class LabelledReader:
    """A reader, and which row each of its labels is."""

    reader: Reader
    ids: Mapping[Label, int] = field(default_factory=dict)

    def label_id(self, carrier: str, template: str) -> int | None:
        """The label of lines with this skeleton."""
        label = self.reader.labels.find(carrier, template) if self.ids else None
        return self.ids[label] if label else None


@dataclass(slots=True)
class KnownLabels:
    """The labels as this process knows them; may be shared by threads."""

    _known: tuple[Version, Reader | None, LabelledReader | None] = (_NONE, None, None)

    def over(self, tables: Reader, connection: sa.Connection) -> LabelledReader:
        """The reader to read with now."""
        version = labels.version(connection)
        known_version, known_tables, known = self._known
        if known is None or known_version != version or known_tables is not tables:
            known = _labelled(tables, connection) if version != _NONE else LabelledReader(tables)
            self._known = (version, tables, known)
        return known


def _labelled(tables: Reader, connection: sa.Connection) -> LabelledReader:
    standing = labels.standing(connection)
    return LabelledReader(
        tables.with_labels(standing.values()), {label: key for key, label in standing.items()}
    )
