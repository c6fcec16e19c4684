"""The merchant's side of the lives: the order file that a watcher imports to learn about these parcels."""

import csv
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from carriers.sandbox.life import CHINA, Life
from carriers.sandbox.people import mobile, name, tail
from carriers.sandbox.places import Warehouse

_SHOPS = (("小满家居旗舰店", "tmall"), ("山货优选", "douyin"), ("阿木户外", "pinduoduo"), ("青禾母婴", ""))
_STREETS = ("人民路", "建设路", "新华街", "解放路", "滨河路", "文化路")
_VILLAGES = ("前进村", "新民村", "大桥村", "石门村", "柳树湾村")
_HAS_SECOND_PHONE = 0.25
_COD = 1 / 3
_IN_A_VILLAGE = 0.6
_NOTES = ("", "", "", "", "尽快发货", "送货前请电话联系", "不要放驿站")


@dataclass(frozen=True, slots=True)
class Order:
    """One row of the order file; the fields are its columns, in order, as the file prints them.

    Times are ISO 8601 with China's offset, money in yuan with two decimals, the weight in kilograms.
    """

    order_number: str
    tracking_number: str
    carrier: str
    recipient: str
    phone: str
    second_phone: str
    sender_phone_tail: str
    address: str
    buyer_id: str
    shop: str
    platform: str
    warehouse: str
    warehouse_address: str
    distributor: str
    paid_at: str
    promised_ship_at: str
    presale: str
    number_uploaded_at: str
    weight: str
    value: str
    cod_amount: str
    order_note: str
    order_state: str


COLUMNS = tuple(column.name for column in fields(Order))


def an_order(life: Life, warehouse: Warehouse, phone: str, *, rng: Random, position: int) -> Order:
    """The order behind a life: paid a few hours before its number was uploaded, a third of them COD."""
    paid_at = life.birth - timedelta(minutes=rng.randrange(90, 18 * 60))
    shop, platform = rng.choice(_SHOPS)
    value = f"{rng.randrange(3000, 60001) / 100:.2f}"
    return Order(
        order_number=f"D{life.birth.astimezone(CHINA):%y%m%d}{position:06d}",
        tracking_number=life.tracking_number,
        carrier=life.carrier,
        recipient=name(rng),
        phone=phone,
        second_phone=mobile(rng) if rng.random() < _HAS_SECOND_PHONE else "",
        sender_phone_tail=tail(warehouse.phone),
        address=_address(life, rng),
        buyer_id=f"b{rng.randrange(10**7):07d}",
        shop=shop,
        platform=platform,
        warehouse=warehouse.name,
        warehouse_address=warehouse.address,
        distributor=rng.choice(("", "", "华东一部", "团长小吴")),
        paid_at=_iso(paid_at),
        promised_ship_at=_iso(paid_at + timedelta(hours=48)),
        presale="no",
        number_uploaded_at=_iso(life.birth),
        weight=f"{rng.randrange(2, 60) / 10:.1f}",
        value=value,
        cod_amount=value if rng.random() < _COD else "0.00",
        order_note=rng.choice(_NOTES),
        order_state="open",
    )


def rows(orders: Iterable[Order]) -> Iterator[dict[str, str]]:
    """The rows of the order file, column -> text."""
    for order in orders:
        yield {column: getattr(order, column) for column in COLUMNS}


def write_orders_csv(orders: Collection[Order], path: Path) -> int:
    """Write the order file as UTF-8 with BOM, as shop systems do; gives the number of rows."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows(orders))
    return len(orders)


def _address(life: Life, rng: Random) -> str:
    place = life.destination
    if place is None:
        return ""
    if place.rural and rng.random() < _IN_A_VILLAGE:
        return f"{place.address}{rng.choice(_VILLAGES)}{rng.randrange(1, 12)}组{rng.randrange(1, 90)}号"
    street = f"{rng.choice(_STREETS)}{rng.randrange(1, 300)}号"
    return f"{place.address}{street}{rng.randrange(1, 30)}栋{rng.randrange(101, 2600)}室"


def _iso(moment: datetime) -> str:
    return moment.astimezone(CHINA).isoformat(timespec="seconds")
