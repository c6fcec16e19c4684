"""Counts for the metrics: what stands now, by the words of our closed lists. Read only; no row of a person."""

import sqlalchemy as sa

from watcher.model import Rule
from watcher.store.tables import finding


def open_findings(connection: sa.Connection) -> dict[Rule, int]:
    """How many findings of each rule have not ended; every rule is a key."""
    query = (
        sa.select(finding.c.rule, sa.func.count())
        .where(finding.c.ended_at.is_(None))
        .group_by(finding.c.rule)
    )
    counted = {Rule(word): count for word, count in connection.execute(query)}
    return {rule: counted.get(rule, 0) for rule in Rule}
