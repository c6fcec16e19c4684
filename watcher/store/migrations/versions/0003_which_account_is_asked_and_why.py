"""which account is asked, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("watch", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("route_reason", sa.Text(), server_default="first_choice", nullable=False)
        )
        batch_op.add_column(sa.Column("asked_elsewhere", sa.Text(), server_default="", nullable=False))
        batch_op.create_index(
            "ix_watch_unheard",
            ["account"],
            unique=False,
            sqlite_where=sa.text("last_scan_at IS NULL AND next_poll_at IS NOT NULL"),
            postgresql_where=sa.text("last_scan_at IS NULL AND next_poll_at IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("watch", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_watch_unheard",
            sqlite_where=sa.text("last_scan_at IS NULL AND next_poll_at IS NOT NULL"),
            postgresql_where=sa.text("last_scan_at IS NULL AND next_poll_at IS NOT NULL"),
        )
        batch_op.drop_column("asked_elsewhere")
        batch_op.drop_column("route_reason")
