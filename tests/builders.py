"""Builders: say what matters to a test, and nothing else."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from carriers.contract import SHANGHAI, Milestone, Reason, Scan
from watcher.model import Box, History, PollReason, Region, Shipment
from watcher.store.engine import Store
from watcher.store.scans import add
from watcher.store.tables import shipment, watch

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SHENZHEN = Region("44", "4403", "440305", "440305007", "广东省", "深圳市", "南山区", "粤海街道")
CHENGDU = Region("51", "5101", "510107", "510107001", "四川省", "成都市", "武侯区", "浆洗街街道")
URUMQI = Region("65", "6501", "650102", "650102001", "新疆维吾尔自治区", "乌鲁木齐市", "天山区", "燕儿窝街道")
_AGO = re.compile(r"^(?P<text>.+?) (?P<count>\d+)(?P<unit>[mhd]) ago$")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def ago(text: str, *, now: datetime = NOW) -> datetime:
    """`ago("3h")`: the moment three hours before `now`."""
    return now - int(text[:-1]) * _UNITS[text[-1]]


def a_scan(
    milestone: Milestone | str = Milestone.IN_TRANSIT,
    when: datetime | str = "1h",
    *reasons: Reason | str,
    now: datetime = NOW,
    **changes: Any,
) -> Scan:
    """A scan: `a_scan("exception", "3h", "refused", courier_phone="13800000001")`."""
    moment = ago(when, now=now) if isinstance(when, str) else when
    fields: dict[str, Any] = {
        "occurred_at": moment,
        "local_time": moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
        "milestone": Milestone(milestone),
        "reasons": tuple(Reason(reason) for reason in reasons),
        "text": f"{milestone} {' '.join(reasons)}".strip(),
    }
    return Scan(**fields | changes)


def a_shipment(**changes: Any) -> Shipment:
    """A shipment from Shenzhen to Chengdu by ZTO, worth 120 yuan, uploaded two days before `NOW`."""
    fields: dict[str, Any] = {
        "id": 1,
        "order_number": "O-1",
        "tracking_number": "78400000000001",
        "carrier": "zto",
        "recipient": "李四",
        "phone": "13800000001",
        "address": "四川省成都市武侯区浆洗街街道1号",
        "region": CHENGDU,
        "origin": SHENZHEN,
        "number_uploaded_at": ago("2d"),
        "paid_at": ago("3d"),
        "value_fen": 12_000,
        "imported_at": ago("2d"),
    }
    return Shipment(**fields | changes)


def stored(
    store: Store, *scans: Scan, box: Box = Box.WATCHING, account: str = "zto-main", **changes: Any
) -> int:
    """Put `a_shipment(**changes)` with its watch row and scans into the store; gives the shipment's id."""
    made = a_shipment(**changes)
    region, origin = made.region, made.origin
    row: dict[str, Any] = {
        column.name: getattr(made, column.name)
        for column in shipment.c
        if hasattr(made, column.name) and column.name != "id"
    }
    row |= {name: getattr(region, name) for name in region.__dataclass_fields__}
    row |= {f"origin_{name}": getattr(origin, name) for name in ("province", "city", "district", "town")}
    row |= {"row_digest": "", "changed_at": NOW}
    with store.write() as connection:
        key = connection.execute(sa.insert(shipment).values(**row).returning(shipment.c.id)).scalar_one()
        connection.execute(
            sa.insert(watch).values(
                shipment_id=key,
                account=account,
                box=box,
                watched_since=made.imported_at,
                milestone=Milestone.UNKNOWN,
                next_poll_at=NOW,
                poll_reason=PollReason.FIRST_LOOK,
                evaluate_at=NOW,
            )
        )
        add(connection, {key: scans}, source="zto", seen_at=NOW)
    return int(key)


def a_history(*scans: Scan) -> History:
    """A history of these scans, standing where the last one that says something leaves it."""
    ordered = tuple(sorted(scans, key=lambda scan: scan.occurred_at))
    telling = [scan for scan in ordered if scan.milestone is not Milestone.UNKNOWN]
    if not telling:
        return History(scans=ordered)
    return History(scans=ordered, milestone=telling[-1].milestone, milestone_since=telling[-1].occurred_at)
