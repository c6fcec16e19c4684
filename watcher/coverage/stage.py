"""The coverage stage: takes shipments of which something new was heard, and keeps their fates as evidence.

Writes only what differs, so doing it twice changes nothing; evidence that is no longer true (a delivery was withdrawn)
is taken back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from watcher.clock import Clock
from watcher.coverage.fates import fates
from watcher.model import History, Shipment
from watcher.polling.history import history_of
from watcher.store import evidence, scans, shipments
from watcher.store.engine import Store
from watcher.store.evidence import EvidenceRow


@dataclass(frozen=True, slots=True)
class Covering:
    """Histories to evidence. Any number may run at once. The clock is not read: evidence bears the time of its scan."""

    store: Store
    clock: Clock

    def run_once(self, *, limit: int = 500) -> int:
        """Take up to `limit` shipments; gives how many it took."""
        with self.store.write() as connection:
            ids = evidence.pending(connection, limit=limit)
            if ids:
                _cover(connection, ids)
                evidence.taken(connection, ids)
        return len(ids)


def _cover(connection: sa.Connection, shipment_ids: Sequence[int]) -> None:
    stands = evidence.of_shipments(connection, shipment_ids)
    lines = scans.standing(connection, shipment_ids)
    known = shipments.by_ids(connection, shipment_ids)
    true = {row for key, shipment in known.items() for row in _rows(shipment, history_of(lines[key]))}
    before = {row for rows in stands.values() for row in rows}
    still = {(row.shipment_id, row.fate) for row in true}
    evidence.remove(connection, [row for row in before if (row.shipment_id, row.fate) not in still])
    evidence.put(connection, sorted(true - before, key=lambda row: (row.shipment_id, row.fate)))


def _rows(shipment: Shipment, history: History) -> Iterator[EvidenceRow]:
    region = shipment.region
    for found in fates(history):
        yield EvidenceRow(
            shipment_id=shipment.id,
            fate=found.fate,
            carrier=shipment.carrier,
            province=region.province,
            city=region.city,
            district=region.district,
            town=region.town,
            at=found.at,
            days_in_transit=found.days_in_transit,
        )
