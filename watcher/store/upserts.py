"""`INSERT … ON CONFLICT`, in the words of whichever database the connection speaks to."""

from typing import cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert:
    """An insert that takes `on_conflict_do_update` and `on_conflict_do_nothing`; both dialects have them alike."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return cast("sqlite.Insert", postgresql.insert(table))
