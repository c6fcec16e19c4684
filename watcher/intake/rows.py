"""One raw row comes in; a `NewShipment` goes out, or all reasons why it is none. Pure.

A blank cell says "nothing" and gives the field's default; a column that the file lacks gives the same, so whoever
merges a row into what is stored must look at the columns' `fields` to tell the two apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from watcher.intake import cells as read
from watcher.intake.cells import Cell
from watcher.intake.columns import Column, Columns
from watcher.intake.faults import Fault, FaultError, Reject
from watcher.intake.phones import dial
from watcher.intake.regions import Regions
from watcher.model import OrderState, Region

_READERS: Mapping[str, Callable[[Cell], Any]] = {
    "order_number": read.order_number,
    "tracking_number": read.tracking_number,
    "carrier": read.carrier,
    "order_state": read.order_state,
    "text": read.plain,
    "tail": read.tail,
    "time": read.moment,
    "deadline": read.deadline,
    "flag": read.yes,
}
_MEASURES: Mapping[str, Callable[[Cell, str], Any]] = {"grams": read.grams, "fen": read.fen}
_DEFAULTS: Mapping[str, Any] = {"order_state": OrderState.OPEN, "presale": False, "cod_fen": 0}
_ADDRESS_PARTS = ("address_province", "address_city", "address_district", "address_town")


class RowWarning(StrEnum):
    """What an accepted row lacks."""

    NO_PHONE = "no_phone"
    PHONE_NOT_DIALLED = "phone_not_dialled"
    NO_ADDRESS = "no_address"
    NO_REGION = "no_region"
    REPEATED_ROW = "repeated_row"


@dataclass(frozen=True, slots=True)
class NewShipment:
    """A row that can be watched. Money in fen, weight in grams, times aware UTC; `phone` is text as it was given."""

    order_number: str
    tracking_number: str
    carrier: str
    order_state: OrderState = OrderState.OPEN
    recipient: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    second_phone: str | None = field(default=None, repr=False)
    sender_phone_tail: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    region: Region = field(default_factory=Region)
    buyer_id: str | None = None
    shop: str | None = None
    platform: str | None = None
    warehouse: str | None = None
    warehouse_address: str | None = None
    origin: Region = field(default_factory=Region)
    distributor: str | None = None
    paid_at: datetime | None = None
    promised_ship_at: datetime | None = None
    presale: bool = False
    number_uploaded_at: datetime | None = None
    weight_grams: int | None = None
    value_fen: int | None = None
    cod_fen: int = 0
    order_note: str | None = field(default=None, repr=False)

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same shipment again."""
        return self.order_number, self.tracking_number

    def warnings(self) -> list[RowWarning]:
        """What it lacks to be called or placed."""
        found = []
        phones = [phone for phone in (self.phone, self.second_phone) if phone]
        if not phones:
            found.append(RowWarning.NO_PHONE)
        elif not any(dial(phone) for phone in phones):
            found.append(RowWarning.PHONE_NOT_DIALLED)
        if not self.address:
            found.append(RowWarning.NO_ADDRESS)
        elif self.region.city is None:
            found.append(RowWarning.NO_REGION)
        return found


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the rows of one file. Warehouse addresses repeat, so their regions are looked up once."""

    columns: Columns
    regions: Regions
    _origins: dict[str, Region] = field(default_factory=dict, repr=False)

    def read(self, cells: Sequence[Cell]) -> NewShipment | tuple[Reject, ...]:
        """The shipment, or every reason why the row stays out."""
        if any(cell not in ("", None) for cell in cells[self.columns.width :]):
            return (Reject("", Fault.TOO_MANY_CELLS),)
        values: dict[str, Any] = {}
        rejects: list[Reject] = []
        for column in self.columns.columns:
            cell = cells[column.index] if column.index < len(cells) else None
            try:
                values[column.field.name] = _value(column, cell)
            except FaultError as error:
                rejects.append(Reject(column.field.name, error.fault))
        return tuple(rejects) if rejects else self._shipment(values)

    def _shipment(self, values: dict[str, Any]) -> NewShipment:
        values["address"] = _whole_address(values)
        for part in _ADDRESS_PARTS:
            values.pop(part, None)
        for name, default in _DEFAULTS.items():
            if values.get(name) is None:
                values[name] = default
        region = self.regions.find(values["address"] or "")
        return NewShipment(**values, region=region, origin=self._origin(values.get("warehouse_address")))

    def _origin(self, address: str | None) -> Region:
        if not address:
            return Region()
        if address not in self._origins:
            self._origins[address] = self.regions.find(address)
        return self._origins[address]


def _value(column: Column, cell: Cell) -> Any:
    kind = column.field.kind
    if kind in _READERS:
        return _READERS[kind](cell)
    measure = _MEASURES[kind]
    return measure(cell, column.unit or ("kg" if kind == "grams" else "元"))


def _whole_address(values: Mapping[str, Any]) -> str | None:
    """The address in one piece, where a file has the province, city and district in columns of their own."""
    street = values.get("address") or ""
    parts = [part for name in _ADDRESS_PARTS if (part := values.get(name))]
    if not parts or street.startswith(parts[0][:2]):
        return street or None
    return "".join(part for part in dict.fromkeys(parts) if not street.startswith(part)) + street or None
