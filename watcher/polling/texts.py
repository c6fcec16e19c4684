"""Keeps what no phrase explains: in come new scans as they were read, out go counted texts and the links to them.

Called for each new scan once; a line that was withdrawn and is printed again counts no second time. All of it is part
of the transaction that records the scans.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from carriers.contract import SHANGHAI, Milestone, Scan
from carriers.reading.labels import Examined
from watcher.labelling.known import LabelledReader
from watcher.store import replays, scans, unknown_texts
from watcher.store.unknown_texts import Key, Link, Noted


@dataclass(frozen=True, slots=True)
class TextRead:
    """One new scan: `said` as its code has it, `examined` as its text was read."""

    shipment_id: int
    carrier: str
    said: Scan
    examined: Examined

    @property
    def line(self) -> tuple[int, str]:
        """Which line of which shipment."""
        return self.shipment_id, self.said.identity

    @property
    def key(self) -> Key:
        """Which unknown text."""
        return self.carrier, self.examined.template


def counted(read: Sequence[TextRead]) -> dict[str, tuple[int, int]]:
    """Of each carrier how many texts there were to read, and how many of them something explained."""
    counts: dict[str, tuple[int, int]] = {}
    for text in read:
        explained = text.examined.explained
        if explained or text.examined.template:
            texts, known = counts.get(text.carrier, (0, 0))
            counts[text.carrier] = (texts + 1, known + explained)
    return counts


def noted(
    connection: sa.Connection, read: Sequence[TextRead], labelled: LabelledReader, *, at: datetime
) -> dict[tuple[int, str], Link]:
    """Count texts; gives for each line that no phrase explains where it belongs."""
    unknown = [text for text in read if text.examined.template]
    stored = scans.present(connection, [text.line for text in unknown])
    new = {text.line: text for text in unknown if text.line not in stored}
    rows = unknown_texts.note(connection, _gathered(list(new.values()), labelled), at=at)
    # a label was made or withdrawn since this transaction asked
    replays.begin_again(
        connection,
        [
            key
            for (carrier, words), (key, label) in rows.items()
            if label != labelled.label_id(carrier, words)
        ],
    )
    day = at.astimezone(SHANGHAI).date().isoformat()
    unknown_texts.count_texts(connection, counted(read), day=day)
    return {line: Link(rows[text.key][0], replays.code_words(text.said)) for line, text in new.items()}


def _gathered(new: Sequence[TextRead], labelled: LabelledReader) -> list[Noted]:
    by_key: dict[Key, list[TextRead]] = {}
    for text in new:
        by_key.setdefault(text.key, []).append(text)
    return [_noted(key, texts, labelled) for key, texts in by_key.items()]


def _noted(key: Key, texts: Sequence[TextRead], labelled: LabelledReader) -> Noted:
    milestones = [text.said.milestone for text in texts]
    return Noted(
        *key,
        milestone=Milestone.UNKNOWN if Milestone.UNKNOWN in milestones else milestones[-1],
        seen=len(texts),
        shipment_id=texts[-1].shipment_id,
        label_id=labelled.label_id(*key),
    )
