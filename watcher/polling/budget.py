"""Which of the due shipments are asked about now, and in which calls. Pure.

A call costs money and quota: batches are as large as the source allows, and when fewer calls may be made than are due,
the shipments with most to lose go first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from carriers.contract import Query
from watcher.model import PollReason


@dataclass(frozen=True, slots=True)
class Due:
    """One shipment that may be asked about now, as the store hands it out."""

    shipment_id: int
    query: Query
    reason: PollReason
    due_at: datetime
    at_stake_fen: int


def calls(due: Sequence[Due], *, batch_size: int, at_most: int) -> list[tuple[Due, ...]]:
    """The due shipments in batches, at most `at_most` of them.

    One number never stands twice in a batch: the answers come back by number.
    """
    room = batch_size * at_most
    chosen = list(due) if len(due) <= room else sorted(due, key=_most_to_lose_first)[:room]
    batches: list[list[Due]] = []
    for shipment in chosen:
        number = shipment.query.tracking_number
        fitting = next(
            (
                batch
                for batch in batches
                if len(batch) < batch_size and all(other.query.tracking_number != number for other in batch)
            ),
            None,
        )
        if fitting is None:
            batches.append([shipment])
        else:
            fitting.append(shipment)
    return [tuple(batch) for batch in batches[:at_most]]


def _most_to_lose_first(due: Due) -> tuple[int, datetime]:
    return (-due.at_stake_fen, due.due_at)
