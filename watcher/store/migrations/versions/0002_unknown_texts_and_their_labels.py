"""unknown texts and their labels."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading_count",
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("explained", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("carrier", "day", name=op.f("pk_reading_count")),
    )
    op.create_table(
        "label",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=False),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scans_read", sa.Integer(), nullable=False),
        sa.Column("scans_changed", sa.Integer(), nullable=False),
        sa.Column("scans_restored", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_label_made_by_staff")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["staff.id"], name=op.f("fk_label_withdrawn_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
    )
    with op.batch_alter_table("label", schema=None) as batch_op:
        batch_op.create_index(
            "uq_label_standing",
            ["template", "carrier"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "unknown_text",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sample_shipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("label_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("replay_after", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("replay_label_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_unknown_text_label_id_label")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unknown_text")),
        sa.UniqueConstraint("carrier", "template", name=op.f("uq_unknown_text_carrier_template")),
    )
    with op.batch_alter_table("unknown_text", schema=None) as batch_op:
        batch_op.create_index(
            "ix_unknown_text_label",
            ["label_id"],
            unique=False,
            sqlite_where=sa.text("label_id IS NOT NULL"),
            postgresql_where=sa.text("label_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_unknown_text_replay",
            ["id"],
            unique=False,
            sqlite_where=sa.text("replay_after IS NOT NULL"),
            postgresql_where=sa.text("replay_after IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_unknown_text_template"), ["template"], unique=False)

    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("unknown_text_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("code_said", sa.Text(), nullable=True))
        batch_op.create_index(
            "ix_scan_unknown_text",
            ["unknown_text_id", "id"],
            unique=False,
            sqlite_where=sa.text("unknown_text_id IS NOT NULL"),
            postgresql_where=sa.text("unknown_text_id IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_scan_unknown_text",
            sqlite_where=sa.text("unknown_text_id IS NOT NULL"),
            postgresql_where=sa.text("unknown_text_id IS NOT NULL"),
        )
        batch_op.drop_column("code_said")
        batch_op.drop_column("unknown_text_id")

    with op.batch_alter_table("unknown_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unknown_text_template"))
        batch_op.drop_index(
            "ix_unknown_text_replay",
            sqlite_where=sa.text("replay_after IS NOT NULL"),
            postgresql_where=sa.text("replay_after IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_unknown_text_label",
            sqlite_where=sa.text("label_id IS NOT NULL"),
            postgresql_where=sa.text("label_id IS NOT NULL"),
        )

    op.drop_table("unknown_text")
    with op.batch_alter_table("label", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_label_standing",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.drop_table("label")
    op.drop_table("reading_count")
