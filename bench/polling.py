"""Measures the recording of answers: those that bring nothing new, and those that bring eight scans each.

What each is held against is the driver alone, writing the same rows in the same transactions by executemany.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bench import town
from bench.databases import Databases
from bench.figures import Figure, Run, compare, timed
from bench.parts import a_recorder
from bench.scale import Scale
from carriers.contract import SHANGHAI, Milestone, Scan, Track
from watcher.model import PollWay
from watcher.polling.recording import Answered, Recorder
from watcher.store.engine import Store
from watcher.store.tables import poll, scan, shipment, watch

_SCANS = 8
# what one round of four batches of ten brings
_AT_ONCE = 40
_LINES = (
    "您的订单已提交，等待快递员上门",
    "【深圳南山网点】李师傅（13800000009）已收件",
    "快件离开【深圳南山网点】，发往【深圳转运中心】",
    "快件到达【深圳转运中心】",
    "快件离开【深圳转运中心】，发往【成都转运中心】",
    "快件到达【成都转运中心】",
    "快件到达【成都武侯网点】",
    "【成都武侯网点】王师傅正在派送，电话13800000008",
)


def measure(scale: Scale, databases: Databases) -> Iterator[Figure]:
    """Both kinds of answers on every database that can be had."""
    for kind in databases.kinds:
        with databases.empty(kind) as store:
            town.build(store, town.BLOCK)
            desk = _Desk(store, _numbers(store, scale.polled))
            yield compare(
                f"answers recorded, nothing new, {kind}",
                desk.unchanged(),
                desk.bare(desk.rows_of("UPDATE watch", desk.unchanged())),
                against="the driver's executemany UPDATE of the same rows",
                amount=scale.polled,
                unit="answers/s",
                rounds=scale.rounds,
            )
            yield compare(
                f"scans recorded, eight each, {kind}",
                desk.new_scans(),
                desk.bare(desk.rows_of("INSERT INTO scan", desk.new_scans())),
                against="the driver's executemany INSERT of the same scans",
                amount=scale.polled * _SCANS,
                unit="scans/s",
                rounds=scale.rounds,
            )


def _numbers(store: Store, limit: int) -> list[str]:
    with store.read() as connection:
        return list(
            connection.scalars(sa.select(shipment.c.tracking_number).order_by(shipment.c.id).limit(limit))
        )


def _scan(turn: int) -> Scan:
    at = town.NOW - timedelta(hours=_SCANS - turn)
    return Scan(
        occurred_at=at,
        local_time=f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        milestone=Milestone.IN_TRANSIT,
        text=_LINES[turn],
        carrier_code="ARRIVAL",
    )


@dataclass(slots=True)
class _Desk:
    """Records answers about the same numbers again and again."""

    store: Store
    numbers: Sequence[str]
    recorder: Recorder = field(default_factory=a_recorder)
    now: datetime = town.NOW

    def unchanged(self) -> Run:
        """The same answer as before."""
        self._forget()
        self._record()
        return lambda: timed(self._record)

    def new_scans(self) -> Run:
        """Everything is new."""

        def run() -> float:
            self._forget()
            return timed(self._record)

        return run

    def rows_of(self, beginning: str, run: Run) -> list[tuple[str, list[Any]]]:
        """The statements that begin so, with their rows as the driver gets them, of each transaction."""
        with _noted(self.store) as statements:
            run()
        rows: list[tuple[str, list[Any]]] = []
        size = -(-len(self.numbers) // _AT_ONCE)
        found = [(statement, given) for statement, given in statements if statement.startswith(beginning)]
        each = len(found) // size
        for start in range(0, len(found), each):
            part = found[start : start + each]
            rows.append((part[0][0], [row for _, given in part for row in given]))
        return rows

    def bare(self, transactions: Sequence[tuple[str, list[Any]]]) -> Run:
        """Only the driver, with the same rows in as many transactions."""

        def write() -> None:
            for statement, rows in transactions:
                with self.store.write() as connection:
                    connection.connection.cursor().executemany(statement, rows)

        def run() -> float:
            if transactions[0][0].startswith("INSERT"):
                self._forget()
            return timed(write)

        return run

    def _forget(self) -> None:
        with self.store.write() as connection:
            connection.execute(sa.delete(scan))
            connection.execute(sa.delete(poll))
            connection.execute(sa.update(watch).values(track_digest=None))

    def _record(self) -> None:
        self.now += timedelta(hours=3)
        scans = tuple(map(_scan, range(_SCANS)))
        for start in range(0, len(self.numbers), _AT_ONCE):
            answers = [
                Answered(("zto", number), Track("zto", number, scans))
                for number in self.numbers[start : start + _AT_ONCE]
            ]
            with self.store.write() as connection:
                self.recorder.record(connection, answers, way=PollWay.POLL, now=self.now)


@contextmanager
def _noted(store: Store) -> Iterator[list[tuple[str, list[Any]]]]:
    """All statements with their rows, while it lasts."""
    statements: list[tuple[str, list[Any]]] = []

    def note(*event: Any) -> None:
        _connection, _cursor, statement, rows, _context, many = event
        statements.append((statement, list(rows) if many else [rows]))

    sa.event.listen(store.writer, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(store.writer, "before_cursor_execute", note)
