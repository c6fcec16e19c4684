"""One row for every question about a shipment and every push: why, when, and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from watcher.model import PollOutcome, PollReason, PollWay
from watcher.store.tables import poll, unmapped_code
from watcher.store.upserts import upsert


@dataclass(frozen=True, slots=True)
class Poll:
    """How one question ended."""

    shipment_id: int
    account: str
    way: PollWay
    reason: PollReason
    outcome: PollOutcome
    polled_at: datetime
    new_scans: int = 0
    code: str | None = None
    detail: str | None = None


def add(connection: sa.Connection, polls: Sequence[Poll]) -> None:
    """Write outcomes, one row each."""
    if polls:
        connection.execute(sa.insert(poll), [_row(one) for one in polls])


def latest(connection: sa.Connection, shipment_id: int, *, limit: int = 20) -> list[Poll]:
    """The newest outcomes of one shipment, newest first."""
    query = (
        sa.select(poll)
        .where(poll.c.shipment_id == shipment_id)
        .order_by(poll.c.polled_at.desc(), poll.c.id.desc())
        .limit(limit)
    )
    return [_poll_of(row) for row in connection.execute(query)]


def count_by_account(connection: sa.Connection) -> dict[tuple[str, PollWay], int]:
    """How many questions, and how many pushes, were recorded for each account."""
    query = sa.select(poll.c.account, poll.c.way, sa.func.count()).group_by(poll.c.account, poll.c.way)
    return {(account, PollWay(way)): int(number) for account, way, number in connection.execute(query)}


def note_unmapped(connection: sa.Connection, codes: Mapping[str, int], *, source: str, at: datetime) -> None:
    """Count codes that no table explains; `codes` maps each to a shipment that shows it."""
    if not codes:
        return
    statement = upsert(connection, unmapped_code)
    statement = statement.on_conflict_do_update(
        index_elements=["source", "code"],
        set_={"seen": unmapped_code.c.seen + 1, "last_seen_at": statement.excluded.last_seen_at},
    )
    rows = [
        {"source": source, "code": code, "seen": 1, "first_seen_at": at, "last_seen_at": at,
         "sample_shipment_id": shipment_id}
        # in one order everywhere, or two accounts of one source could wait for each other
        for code, shipment_id in sorted(codes.items())
    ]  # fmt: skip
    connection.execute(statement, rows)


def unmapped(connection: sa.Connection, *, limit: int = 50) -> list[sa.Row[Any]]:
    """The codes that no table explains, most seen first."""
    query = sa.select(unmapped_code).order_by(unmapped_code.c.seen.desc(), unmapped_code.c.code).limit(limit)
    return list(connection.execute(query))


def _row(one: Poll) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Poll.__dataclass_fields__}


def _poll_of(row: sa.Row[Any]) -> Poll:
    return Poll(
        shipment_id=row.shipment_id,
        account=row.account,
        way=PollWay(row.way),
        reason=PollReason(row.reason),
        outcome=PollOutcome(row.outcome),
        polled_at=row.polled_at,
        new_scans=row.new_scans,
        code=row.code,
        detail=row.detail,
    )
