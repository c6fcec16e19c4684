"""The desk for labels: in comes who and what, out goes a label that stands or stands no longer, or a refusal.

New scans are read with it from the next reading on, in every process; stored ones are read again by the replay stage.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from carriers.contract import Milestone, Reason, in_order
from carriers.reading.labels import Label
from watcher.clock import Clock
from watcher.labelling.refusals import (
    AlreadyLabelled,
    AlreadyWithdrawn,
    ReasonOfNothing,
    UnknownLabel,
    UnknownText,
)
from watcher.store import labels, unknown_texts
from watcher.store.engine import Store


@dataclass(frozen=True, slots=True)
class LabelDesk:
    """Labels in the hands of staff (`staff_id` None: the command line). Every method may raise `LabelRefused`."""

    store: Store
    clock: Clock

    def label(
        self,
        unknown_text_id: int,
        *,
        milestone: Milestone,
        reasons: Sequence[Reason] = (),
        for_all: bool = False,
        staff_id: int | None = None,
    ) -> int:
        """Say what lines with this text mean, for their carrier or for all; gives the label's id."""
        with self.store.read() as connection:
            text = unknown_texts.by_id(connection, unknown_text_id)
        if text is None:
            raise UnknownText(unknown_text_id)
        carrier = None if for_all else text.carrier
        return self.put(Label(text.template, carrier, milestone, in_order(reasons)), staff_id=staff_id)

    def put(self, label: Label, *, staff_id: int | None = None) -> int:
        """Let a label stand, whether or not such a line was ever seen; gives its id."""
        if label.milestone is Milestone.UNKNOWN and label.reasons:
            raise ReasonOfNothing
        with self.store.write() as connection:
            label_id = labels.add(connection, label, staff_id=staff_id, at=self.clock.now())
        if label_id is None:
            raise AlreadyLabelled
        return label_id

    def withdraw(self, label_id: int, *, staff_id: int | None = None) -> None:
        """Take a label back: what it said of stored scans is undone."""
        with self.store.write() as connection:
            if labels.withdraw(connection, label_id, staff_id=staff_id, at=self.clock.now()):
                return
            known = labels.by_id(connection, label_id)
        raise UnknownLabel(label_id) if known is None else AlreadyWithdrawn
