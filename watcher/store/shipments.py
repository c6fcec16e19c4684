"""Shipments as the merchant described them: rows to `Shipment` and back."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from carriers.numbers import normal_form
from watcher.model import OrderState, Region, Shipment
from watcher.store.tables import shipment

_REGION = ("province", "city", "district", "town", "province_name", "city_name", "district_name", "town_name")
_ORIGIN = ("province", "city", "district", "town")
_PLAIN = (
    "id", "order_number", "tracking_number", "carrier", "recipient", "phone", "second_phone", "sender_phone_tail",
    "address", "buyer_id", "shop", "platform", "warehouse", "warehouse_address", "distributor", "paid_at",
    "promised_ship_at", "presale", "number_uploaded_at", "weight_grams", "value_fen", "cod_fen", "order_note",
    "imported_at",
)  # fmt: skip


def shipment_of(row: sa.Row[Any]) -> Shipment:
    """The dataclass of a row that holds all columns of `shipment` (other columns are passed over)."""
    cells = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    return Shipment(
        order_state=OrderState(cells["order_state"]),
        region=Region(**{name: cells[name] for name in _REGION}),
        origin=Region(**{name: cells[f"origin_{name}"] for name in _ORIGIN}),
        **{name: cells[name] for name in _PLAIN},
    )


def by_ids(connection: sa.Connection, ids: Iterable[int]) -> dict[int, Shipment]:
    """Shipments by id; ids that do not exist are left out."""
    query = sa.select(shipment).where(shipment.c.id.in_(list(ids)))
    return {row.id: shipment_of(row) for row in connection.execute(query)}


def by_number(connection: sa.Connection, number: str, *, limit: int = 100) -> list[Shipment]:
    """Shipments whose tracking number or order number is `number` as somebody typed it, newest first."""
    forms = {number.strip(), normal_form(number)}
    matches = sa.or_(shipment.c.tracking_number.in_(forms), shipment.c.order_number.in_(forms))
    query = sa.select(shipment).where(matches).order_by(shipment.c.id.desc()).limit(limit)
    return [shipment_of(row) for row in connection.execute(query)]
