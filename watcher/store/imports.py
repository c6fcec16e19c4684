"""Shipments and their watch rows as an import writes them: many at once, by order number and tracking number."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from watcher.store.tables import alert, shipment, watch
from watcher.store.upserts import upsert

Key = tuple[str, str]
"""Order number and tracking number."""

_WATCH_COLUMNS = ("account", "box", "last_outcome")


class Known(NamedTuple):
    """A shipment that is there already, and the digest of what its merchant said."""

    id: int
    row_digest: str


def known(connection: sa.Connection, keys: Sequence[Key]) -> dict[Key, Known]:
    """Which of `keys` are there."""
    # not pairs IN pairs: SQLite would go through all shipments
    query = sa.select(
        shipment.c.id, shipment.c.order_number, shipment.c.tracking_number, shipment.c.row_digest
    ).where(shipment.c.order_number.in_({order_number for order_number, _ in keys}))
    wanted = set(keys)
    return {
        (row.order_number, row.tracking_number): Known(row.id, row.row_digest)
        for row in connection.execute(query)
        if (row.order_number, row.tracking_number) in wanted
    }


def add(connection: sa.Connection, rows: Sequence[Mapping[str, Any]], *, now: datetime) -> dict[Key, int]:
    """Write new shipments (columns with `row_digest`); gives the ids of those that nobody else wrote meanwhile."""
    if not rows:
        return {}
    statement = (
        upsert(connection, shipment)
        .on_conflict_do_nothing(index_elements=["order_number", "tracking_number"])
        .returning(shipment.c.id, shipment.c.order_number, shipment.c.tracking_number)
    )
    stamped = [{**row, "imported_at": now, "changed_at": now} for row in rows]
    written = connection.execute(statement, stamped)
    return {(row.order_number, row.tracking_number): row.id for row in written}


def add_watches(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the watch rows of new shipments (columns with `shipment_id`)."""
    if rows:
        connection.execute(sa.insert(watch), list(rows))


def stored(connection: sa.Connection, ids: Sequence[int]) -> list[dict[str, Any]]:
    """All columns of shipments, with account, box and last outcome of their watch, held until the transaction ends.

    Watch before shipment and in the order of ids, as everybody does; and so that whoever holds a watch may still write
    rows that point to its shipment. Else an import and a poll would wait for each other.
    """
    if not ids:
        return []
    query = (
        sa.select(shipment, *(watch.c[name] for name in _WATCH_COLUMNS))
        .join(watch, watch.c.shipment_id == shipment.c.id)
        .where(shipment.c.id.in_(ids))
        .order_by(shipment.c.id)
        .with_for_update(of=(watch, shipment), key_share=True)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def update(
    connection: sa.Connection,
    *,
    shipments: Mapping[int, Mapping[str, Any]],
    watches: Mapping[int, Mapping[str, Any]],
    now: datetime,
) -> None:
    """Write what changed, by shipment id, and nothing else."""
    stamped = {key: {**columns, "changed_at": now} for key, columns in shipments.items()}
    _update_each(connection, shipment.c.id, stamped.items())
    _update_each(connection, watch.c.shipment_id, watches.items())


def tell_queue(connection: sa.Connection, shipment_ids: Sequence[int]) -> None:
    """The orders of these shipments were closed or opened again: the queue is to look at their open alerts."""
    if shipment_ids:
        connection.execute(
            sa.update(alert)
            .where(alert.c.shipment_id.in_(shipment_ids), alert.c.closed_at.is_(None))
            .values(queue_pending=True)
        )


def _update_each(
    connection: sa.Connection, key: "sa.Column[Any]", rows: Iterable[tuple[int, Mapping[str, Any]]]
) -> None:
    """One executemany for all rows that change the same columns."""
    alike: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row_id, columns in rows:
        alike[tuple(sorted(columns))].append(
            {f"new_{name}": value for name, value in columns.items()} | {"row_id": row_id}
        )
    for names, parameters in alike.items():
        statement = (
            sa.update(key.table)
            .where(key == sa.bindparam("row_id"))
            .values({name: sa.bindparam(f"new_{name}") for name in names})
        )
        connection.execute(statement, parameters)
