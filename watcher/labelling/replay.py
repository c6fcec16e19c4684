"""The replay stage: stored scans are read again when a label was made or withdrawn, and everything behind follows.

In comes a text whose label is another than its scans were read with, out go scans with other meanings, watches that
stand elsewhere, and the mark by which detection looks again. One batch is one transaction, which also writes how far
it has come: a crash loses nothing, and reading twice changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from carriers.contract import Milestone, Scan
from carriers.reading.reader import Reader
from watcher.clock import Clock
from watcher.labelling.known import KnownLabels, LabelledReader
from watcher.model import Box, History, PollReason
from watcher.polling.history import history_of
from watcher.store import labels, replays, scans, unknown_texts, watches
from watcher.store.engine import Store
from watcher.store.replays import Replay, StoredLine
from watcher.store.watches import Watch

OnDropped = Callable[[str, int], None]

_ENDED_BY_CARRIER = frozenset({Box.SETTLED, Box.RETURNED, Box.CANCELLED})
_ENDS = frozenset(
    {Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY, Milestone.RETURNED, Milestone.CANCELLED}
)


@dataclass(frozen=True, slots=True)
class Replaying:
    """Follows labels. `most` is how many texts of one carrier are kept; `on_dropped` hears how many were forgotten."""

    store: Store
    clock: Clock
    reader: Reader
    most: int
    known: KnownLabels = field(default_factory=KnownLabels)
    on_dropped: OnDropped | None = None

    def run_once(self, *, limit: int = 200) -> int:
        """Read at most `limit` scans again; gives how many, 0 when none is waiting."""
        self._follow_labels()
        with self.store.write() as connection:
            replay = replays.next_replay(connection)
            if replay is not None:
                # also a replay that finds nothing left has done something
                return max(1, self._go_on(connection, replay, now=self.clock.now(), limit=limit))
        self._forget_rarest()
        return 0

    def _follow_labels(self) -> None:
        """Find the texts whose row holds another label than the one that stands."""
        with self.store.read() as connection:
            astray = self._astray(connection)
        if astray:
            with self.store.write() as connection:
                replays.begin(connection, self._astray(connection))

    def _astray(self, connection: sa.Connection) -> Mapping[replays.Astray, int | None]:
        labelled = self.known.over(self.reader, connection)
        standing = {
            text: labelled.label_id(text.carrier, text.template)
            for text in replays.labelled_texts(connection)
        }
        return {text: label_id for text, label_id in standing.items() if label_id != text.label_id}

    def _go_on(self, connection: sa.Connection, replay: Replay, *, now: datetime, limit: int) -> int:
        concerned = replays.shipments_of(connection, replay, limit=limit)
        held = {watch.shipment_id: watch for watch in watches.held(connection, concerned)}
        if not replays.hold(connection, replay):
            return 0
        found = replays.lines_of(connection, replay, limit=limit)
        lines = _up_to_strangers(found, held)
        changed = _read_again(lines, self.known.over(self.reader, connection), replay.carrier)
        replays.rewrite(connection, changed)
        moved = {line.shipment_id for line in lines if line.id in changed}
        revived = _without_end(lines, changed) if replay.label_id is None else frozenset()
        _follow(connection, [held[key] for key in sorted(moved)], revived=revived, now=now)
        done = len(found) < limit and len(lines) == len(found)
        replays.move(connection, replay, after=None if done else lines[-1].id if lines else replay.after)
        if replay.about is not None:
            labels.note_replay(connection, replay.about, read=len(lines), changed=len(changed))
        return len(lines)

    def _forget_rarest(self) -> None:
        with self.store.read() as connection:
            crowded = unknown_texts.crowded(connection, most=self.most)
        if not crowded:
            return
        with self.store.write() as connection:
            dropped = unknown_texts.drop_rarest(connection, most=self.most)
        for carrier, count in dropped.items():
            if self.on_dropped:
                self.on_dropped(carrier, count)


def _up_to_strangers(lines: Sequence[StoredLine], held: Mapping[int, Watch]) -> list[StoredLine]:
    """The lines before the first one of a shipment that is not held: it came in meanwhile."""
    taken = []
    for line in lines:
        if line.shipment_id not in held:
            break
        taken.append(line)
    return taken


def _read_again(lines: Sequence[StoredLine], labelled: LabelledReader, carrier: str) -> dict[int, Scan]:
    """The scans that say something else than before, by id."""
    read = ((line, labelled.reader.refine(line.said, carrier=carrier)) for line in lines)
    return {line.id: now for line, now in read if now != line.standing}


def _without_end(lines: Sequence[StoredLine], changed: Mapping[int, Scan]) -> frozenset[int]:
    """The shipments of which a line said that they had come to their end, and says so no longer."""
    return frozenset(
        line.shipment_id
        for line in lines
        if line.id in changed and line.standing.milestone in _ENDS and changed[line.id].milestone not in _ENDS
    )


def _follow(
    connection: sa.Connection, moved: Sequence[Watch], *, revived: frozenset[int], now: datetime
) -> None:
    lines = scans.standing(connection, [watch.shipment_id for watch in moved])
    rows = [
        _moved(
            watch,
            history_of(lines[watch.shipment_id], now=now),
            revived=watch.shipment_id in revived,
            now=now,
        )
        for watch in moved
    ]
    watches.update_many(connection, rows)


def _moved(watch: Watch, history: History, *, revived: bool, now: datetime) -> dict[str, Any]:
    """The row of a watch whose history says something else; detection and coverage look at it again.

    One that has ended stays ended, whatever its old lines are found to say; but a parcel that only a label had brought
    to its end is asked about again when the label is withdrawn.
    """
    back = revived and watch.box in _ENDED_BY_CARRIER and history.milestone not in _ENDS
    return {
        "shipment_id": watch.shipment_id,
        "box": Box.WATCHING if back else watch.box,
        "next_poll_at": now if back else watch.next_poll_at,
        "poll_reason": PollReason.ASKED_BY_STAFF if back else watch.poll_reason,
        "milestone": history.milestone,
        "milestone_since": history.milestone_since,
        "last_scan_at": history.last_scan_at,
        "evaluate_at": now,
        "coverage_pending": True,
    }
