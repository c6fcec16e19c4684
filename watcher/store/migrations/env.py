"""Alembic's entry: runs migrations on the connection that `watcher.store.schema` hands over."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from watcher.store.tables import UtcDateTime, metadata


def _plainly(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """A migration must not change when our own types do: write what the database sees."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, sa.JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_plainly,
    transaction_per_migration=False,
)
context.run_migrations()
