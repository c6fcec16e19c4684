"""The tables of the flow. Every arrow of it is a column here that says "not yet taken" (`…_pending`, `…_at`).

    shipment ─► watch ─► poll, scan ─► finding ─► alert ─► work_item ─► evidence
                          │ evaluate_at   │ alerting_pending  │ queue_pending   (watch.coverage_pending)
    scan ─► unknown_text ◄─ label: what no phrase explains, and what a person said of it (unknown_text.replay_after)
    account_state: lease, rate, breaker          staff, session: who may look

Times are stored in UTC; money in fen; enums as their words.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = sa.JSON().with_variant(JSONB(), "postgresql")
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware datetime, kept in UTC on both databases; a naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """To the database: UTC; SQLite keeps it without the zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """From the database: aware, UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _when(condition: str) -> dict[str, Any]:
    """Keyword arguments of a partial index, for both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _when_true(column: str) -> dict[str, Any]:
    """The same for a mark. SQLite takes a partial index only for the very words of the query; there they are `= 1`."""
    return {"sqlite_where": sa.text(f"{column} = 1"), "postgresql_where": sa.text(column)}


shipment = sa.Table(
    "shipment",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("order_number", sa.Text, nullable=False),
    sa.Column("tracking_number", sa.Text, nullable=False),
    sa.Column("carrier", sa.Text, nullable=False),
    sa.Column("order_state", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text),
    sa.Column("phone", sa.Text),
    sa.Column("second_phone", sa.Text),
    sa.Column("sender_phone_tail", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("province", sa.Text),
    sa.Column("city", sa.Text),
    sa.Column("district", sa.Text),
    sa.Column("town", sa.Text),
    sa.Column("province_name", sa.Text),
    sa.Column("city_name", sa.Text),
    sa.Column("district_name", sa.Text),
    sa.Column("town_name", sa.Text),
    sa.Column("buyer_id", sa.Text),
    sa.Column("shop", sa.Text),
    sa.Column("platform", sa.Text),
    sa.Column("warehouse", sa.Text),
    sa.Column("warehouse_address", sa.Text),
    sa.Column("origin_province", sa.Text),
    sa.Column("origin_city", sa.Text),
    sa.Column("origin_district", sa.Text),
    sa.Column("origin_town", sa.Text),
    sa.Column("distributor", sa.Text),
    sa.Column("paid_at", UtcDateTime),
    sa.Column("promised_ship_at", UtcDateTime),
    sa.Column("presale", sa.Boolean, nullable=False, default=False),
    sa.Column("number_uploaded_at", UtcDateTime),
    sa.Column("weight_grams", sa.Integer),
    sa.Column("value_fen", sa.BigInteger),
    sa.Column("cod_fen", sa.BigInteger, nullable=False, default=0),
    sa.Column("order_note", sa.Text),
    # equal digests mean that a re-import brings nothing new
    sa.Column("row_digest", sa.Text, nullable=False),
    sa.Column("imported_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("order_number", "tracking_number"),
    sa.Index(None, "tracking_number"),
)

watch = sa.Table(
    "watch",
    metadata,
    sa.Column("shipment_id", Key, sa.ForeignKey("shipment.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("account", sa.Text),
    sa.Column("route_reason", sa.Text, nullable=False, server_default="first_choice"),
    # accounts that do not know the number, or do not show it, with spaces between
    sa.Column("asked_elsewhere", sa.Text, nullable=False, server_default=""),
    sa.Column("box", sa.Text, nullable=False),
    sa.Column("watched_since", UtcDateTime, nullable=False),
    sa.Column("milestone", sa.Text, nullable=False),
    sa.Column("milestone_since", UtcDateTime),
    sa.Column("last_scan_at", UtcDateTime),
    sa.Column("next_poll_at", UtcDateTime),
    sa.Column("poll_reason", sa.Text, nullable=False),
    sa.Column("last_polled_at", UtcDateTime),
    sa.Column("last_answered_at", UtcDateTime),
    sa.Column("last_outcome", sa.Text),
    sa.Column("failures_in_a_row", sa.Integer, nullable=False, default=0),
    sa.Column("track_digest", sa.Text),
    # detection looks again at this time at the latest; null: only when something new is heard
    sa.Column("evaluate_at", UtcDateTime),
    sa.Column("coverage_pending", sa.Boolean, nullable=False, default=False),
    sa.Index("ix_watch_due", "account", "next_poll_at", **_when("next_poll_at IS NOT NULL")),
    sa.Index("ix_watch_evaluate", "evaluate_at", **_when("evaluate_at IS NOT NULL")),
    sa.Index("ix_watch_coverage", "shipment_id", **_when_true("coverage_pending")),
    # nobody has told anything of these yet: they can be asked about elsewhere
    sa.Index("ix_watch_unheard", "account", **_when("last_scan_at IS NULL AND next_poll_at IS NOT NULL")),
    # counted for page and metrics, by the index alone
    sa.Index("ix_watch_box", "box", "account"),
)

poll = sa.Table(
    "poll",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("shipment_id", Key, sa.ForeignKey("shipment.id", ondelete="CASCADE"), nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("polled_at", UtcDateTime, nullable=False),
    sa.Column("new_scans", sa.Integer, nullable=False, default=0),
    sa.Column("code", sa.Text),
    sa.Column("detail", sa.Text),
    sa.Index(None, "shipment_id", "polled_at"),
)

scan = sa.Table(
    "scan",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("shipment_id", Key, sa.ForeignKey("shipment.id", ondelete="CASCADE"), nullable=False),
    sa.Column("identity", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("occurred_at", UtcDateTime, nullable=False),
    sa.Column("local_time", sa.Text, nullable=False),
    sa.Column("milestone", sa.Text, nullable=False),
    sa.Column("reasons", Json, nullable=False),
    sa.Column("carrier_code", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("city", sa.Text),
    sa.Column("facility", sa.Text),
    sa.Column("facility_phone", sa.Text),
    sa.Column("courier_name", sa.Text),
    sa.Column("courier_phone", sa.Text),
    sa.Column("station", sa.Text),
    sa.Column("station_phone", sa.Text),
    sa.Column("pickup_code", sa.Text),
    sa.Column("signed_by", sa.Text),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    # the source no longer prints this line
    sa.Column("withdrawn_at", UtcDateTime),
    # what no phrase explained, and what the code alone had said of it: milestone and reasons with spaces between
    sa.Column("unknown_text_id", Key),
    sa.Column("code_said", sa.Text),
    sa.UniqueConstraint("shipment_id", "identity"),
    sa.Index("ix_scan_unknown_text", "unknown_text_id", "id", **_when("unknown_text_id IS NOT NULL")),
)

finding = sa.Table(
    "finding",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("shipment_id", Key, sa.ForeignKey("shipment.id", ondelete="CASCADE"), nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("episode", sa.Integer, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Column("weight", sa.Integer, nullable=False),
    sa.Column("deadline", UtcDateTime),
    sa.Column("found_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("suppressed_by", sa.Text),
    sa.Column("alerting_pending", sa.Boolean, nullable=False, default=True),
    sa.UniqueConstraint("shipment_id", "rule", "episode"),
    sa.Index("uq_finding_open", "shipment_id", "rule", unique=True, **_when("ended_at IS NULL")),
    sa.Index("ix_finding_pending", "shipment_id", **_when_true("alerting_pending")),
)

alert = sa.Table(
    "alert",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("shipment_id", Key, sa.ForeignKey("shipment.id", ondelete="CASCADE"), nullable=False),
    sa.Column("finding_id", Key, sa.ForeignKey("finding.id", ondelete="CASCADE"), nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("episode", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("weight", sa.Integer, nullable=False),
    sa.Column("at_risk_fen", sa.BigInteger, nullable=False),
    sa.Column("deadline", UtcDateTime),
    sa.Column("facts", Json, nullable=False),
    sa.Column("raised_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("close_reason", sa.Text),
    sa.Column("queue_pending", sa.Boolean, nullable=False, default=True),
    sa.UniqueConstraint("shipment_id", "rule", "episode"),
    sa.Index("ix_alert_pending", "shipment_id", **_when_true("queue_pending")),
    sa.Index("ix_alert_open", "shipment_id", **_when("closed_at IS NULL")),
)

alert_event = sa.Table(
    "alert_event",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("alert_id", Key, sa.ForeignKey("alert.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Index(None, "alert_id"),
)

work_item = sa.Table(
    "work_item",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("shipment_id", Key, sa.ForeignKey("shipment.id", ondelete="CASCADE"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at_risk_fen", sa.BigInteger, nullable=False),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("deadline", UtcDateTime),
    # computed order: higher first, see queue.priority
    sa.Column("priority", sa.Float, nullable=False),
    sa.Column("claimed_by", Key, sa.ForeignKey("staff.id")),
    sa.Column("claimed_until", UtcDateTime),
    sa.Column("snoozed_until", UtcDateTime),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("close_reason", sa.Text),
    sa.Column("version", sa.Integer, nullable=False, default=1),
    sa.Index("uq_work_item_open", "shipment_id", unique=True, **_when("closed_at IS NULL")),
    sa.Index("ix_work_item_order", "state", "priority", **_when("closed_at IS NULL")),
    sa.Index("ix_work_item_shipment", "shipment_id"),
)

work_item_event = sa.Table(
    "work_item_event",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("work_item_id", Key, sa.ForeignKey("work_item.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    # null: the daemon
    sa.Column("staff_id", Key, sa.ForeignKey("staff.id")),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("from_state", sa.Text),
    sa.Column("to_state", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("facts", Json, nullable=False),
    sa.Index(None, "work_item_id"),
)

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("shipment_id", Key, sa.ForeignKey("shipment.id", ondelete="CASCADE"), nullable=False),
    sa.Column("fate", sa.Text, nullable=False),
    sa.Column("carrier", sa.Text, nullable=False),
    sa.Column("province", sa.Text),
    sa.Column("city", sa.Text),
    sa.Column("district", sa.Text),
    sa.Column("town", sa.Text),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("days_in_transit", sa.Float),
    sa.UniqueConstraint("shipment_id", "fate"),
    sa.Index(None, "carrier", "province", "city", "district", "town"),
)

account_state = sa.Table(
    "account_state",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    # seconds since 1970 by the database's clock: leases, rate and breaker run on real time
    sa.Column("lease_owner", sa.Text),
    sa.Column("lease_until", sa.Float, nullable=False, default=0.0),
    sa.Column("fence", sa.BigInteger, nullable=False, default=0),
    sa.Column("rate_tat", sa.Float, nullable=False, default=0.0),
    sa.Column("breaker", sa.Text, nullable=False),
    sa.Column("breaker_until", sa.Float, nullable=False, default=0.0),
    sa.Column("failures_in_a_row", sa.Integer, nullable=False, default=0),
    sa.Column("last_error", sa.Text),
    sa.Column("last_error_at", UtcDateTime),
    sa.Column("last_answered_at", UtcDateTime),
    sa.Column("broken_since", UtcDateTime),
)

push_subscription = sa.Table(
    "push_subscription",
    metadata,
    sa.Column("shipment_id", Key, sa.ForeignKey("shipment.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("last_push_at", UtcDateTime),
    sa.Column("detail", sa.Text),
    sa.Index("ix_push_wanted", "account", **_when("state = 'wanted'")),
)

unmapped_code = sa.Table(
    "unmapped_code",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("seen", sa.Integer, nullable=False),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False),
    sa.Column("sample_shipment_id", Key),
)

unknown_text = sa.Table(
    "unknown_text",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("carrier", sa.Text, nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    # what the code said: `unknown` as soon as it once said nothing
    sa.Column("milestone", sa.Text, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False),
    sa.Column("sample_shipment_id", Key),
    # the label in force; its scans with a greater id are still to be read with it, null: none
    sa.Column("label_id", Key, sa.ForeignKey("label.id")),
    sa.Column("replay_after", Key),
    # the label that this replay is about: the one in force, or the one that was withdrawn
    sa.Column("replay_label_id", Key),
    sa.UniqueConstraint("carrier", "template"),
    sa.Index(None, "template"),
    sa.Index("ix_unknown_text_label", "label_id", **_when("label_id IS NOT NULL")),
    sa.Index("ix_unknown_text_replay", "id", **_when("replay_after IS NOT NULL")),
)

label = sa.Table(
    "label",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    # empty: of all carriers
    sa.Column("carrier", sa.Text, nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("milestone", sa.Text, nullable=False),
    sa.Column("reasons", Json, nullable=False),
    # null: from the command line
    sa.Column("made_by", Key, sa.ForeignKey("staff.id")),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("withdrawn_by", Key, sa.ForeignKey("staff.id")),
    sa.Column("withdrawn_at", UtcDateTime),
    # what came of it: stored scans read again, changed by it, and changed back
    sa.Column("scans_read", sa.Integer, nullable=False, default=0),
    sa.Column("scans_changed", sa.Integer, nullable=False, default=0),
    sa.Column("scans_restored", sa.Integer, nullable=False, default=0),
    sa.Index("uq_label_standing", "template", "carrier", unique=True, **_when("withdrawn_at IS NULL")),
)

reading_count = sa.Table(
    "reading_count",
    metadata,
    sa.Column("carrier", sa.Text, primary_key=True),
    # in Shanghai: 2026-03-02
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("texts", sa.Integer, nullable=False),
    sa.Column("explained", sa.Integer, nullable=False),
)

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("language", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("disabled_at", UtcDateTime),
)

staff_session = sa.Table(
    "staff_session",
    metadata,
    # SHA-256 of the random value in the cookie
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("staff_id", Key, sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    sa.Column("form_token", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Index(None, "expires_at"),
)

reveal = sa.Table(
    "reveal",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("staff_id", Key, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("shipment_id", Key, sa.ForeignKey("shipment.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index(None, "staff_id", "at"),
    sa.Index(None, "staff_id", "shipment_id"),
)

heartbeat = sa.Table(
    "heartbeat",
    metadata,
    sa.Column("loop", sa.Text, primary_key=True),
    # real time: a loop must tick whatever the clock object says
    sa.Column("ticked_at", UtcDateTime, nullable=False),
    sa.Column("every_seconds", sa.Float, nullable=False),
    sa.Column("took_seconds", sa.Float, nullable=False),
    sa.Column("last_error", sa.Text),
    sa.Column("last_error_at", UtcDateTime),
)
