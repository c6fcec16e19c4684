"""All alerts ever raised, with whose they are: for summing up."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from watcher.model import Rule
from watcher.store.tables import alert, shipment, watch


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """One alert, the parcel it is about, and the account that is asked about that."""

    shipment_id: int
    carrier: str
    tracking_number: str
    rule: Rule
    episode: int
    raised_at: datetime
    account: str | None


def raised(
    connection: sa.Connection, *, after: int = 0, limit: int = 100_000
) -> list[tuple[int, RaisedAlert]]:
    """Alerts with an id above `after`, in the order in which they were raised, with their ids."""
    query = (
        sa.select(
            alert.c.id,
            alert.c.shipment_id,
            alert.c.rule,
            alert.c.episode,
            alert.c.raised_at,
            shipment.c.carrier,
            shipment.c.tracking_number,
            watch.c.account,
        )
        .join(shipment, shipment.c.id == alert.c.shipment_id)
        .outerjoin(watch, watch.c.shipment_id == alert.c.shipment_id)
        .where(alert.c.id > after)
        .order_by(alert.c.id)
        .limit(limit)
    )
    return [
        (
            row.id,
            RaisedAlert(
                shipment_id=row.shipment_id,
                carrier=row.carrier,
                tracking_number=row.tracking_number,
                rule=Rule(row.rule),
                episode=row.episode,
                raised_at=row.raised_at,
                account=row.account,
            ),
        )
        for row in connection.execute(query)
    ]
