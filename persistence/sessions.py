"""Sessions: one row each, with totals of the last derivation."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB, UUID

from persistence.database import metadata

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("source_service", sa.Text),
    sa.Column("project", sa.Text),
    sa.Column("branch", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("idle_ended_at", sa.DateTime(timezone=True)),
    sa.Column("last_activity_at", sa.DateTime(timezone=True)),
    sa.Column("event_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("decision_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("prompt_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("tool_call_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("tool_error_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("input_tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("output_tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("cache_read_tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("cache_write_tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("cost_usd", sa.Numeric),
    sa.Column("ai_attribution_pct", sa.Float),
    sa.Column("metadata", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.ForeignKeyConstraint(["org_id", "user_id"], ["users.org_id", "users.id"]),
    sa.Index("sessions_recent", "org_id", sa.text("started_at DESC NULLS LAST"), "id"),
    sa.Index("sessions_recent_of_user", "org_id", "user_id", sa.text("started_at DESC NULLS LAST"), "id"),
)

# Which session ids are taken on this server, by digest and without their owner: a second organisation that
# registers a taken id is refused, and learns nothing else. Not a tenant's table.
session_ids = sa.Table("session_ids", metadata, sa.Column("digest", BYTEA, primary_key=True))
