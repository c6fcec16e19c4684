"""When each loop of the daemon last ticked, on real time: a loop that stopped must show."""

from datetime import datetime

import sqlalchemy as sa

from watcher.store.tables import heartbeat
from watcher.store.upserts import upsert


def beat(
    connection: sa.Connection,
    loop: str,
    *,
    at: datetime,
    every_seconds: float,
    took_seconds: float,
    error: str | None = None,
) -> None:
    """Write one tick; `error` names what went wrong in it, and stays until the next one."""
    row = {"loop": loop, "ticked_at": at, "every_seconds": every_seconds, "took_seconds": took_seconds}
    if error is not None:
        row |= {"last_error": error, "last_error_at": at}
    changes = {name: value for name, value in row.items() if name != "loop"}
    connection.execute(
        upsert(connection, heartbeat)
        .values(**row)
        .on_conflict_do_update(index_elements=["loop"], set_=changes)
    )
