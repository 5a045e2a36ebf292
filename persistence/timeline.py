"""The event log: append-only, with the raw lines it was read from."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB, UUID

from persistence.database import Xid8, metadata

events = sa.Table(
    "events",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("ts", sa.DateTime(timezone=True), nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("xid", Xid8, nullable=False, server_default=sa.text("pg_current_xact_id()")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("agent_id", sa.Text),
    sa.Column("call_id", sa.Text),
    sa.Column("request_id", sa.Text),
    sa.Column("tool", sa.Text),
    sa.Column("path", sa.Text),
    sa.Column("exit_code", sa.BigInteger),
    sa.Column("succeeded", sa.Boolean),
    sa.Column("duration_ms", sa.BigInteger),
    sa.Column("model", sa.Text),
    sa.Column("input_tokens", sa.BigInteger),
    sa.Column("output_tokens", sa.BigInteger),
    sa.Column("cache_read_tokens", sa.BigInteger),
    sa.Column("cache_write_tokens", sa.BigInteger),
    sa.Column("cost_usd", sa.Numeric),
    sa.Column("lines_added", sa.BigInteger),
    sa.Column("lines_removed", sa.BigInteger),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("attribution", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("observability", sa.Text, nullable=False),
    sa.Column("source", JSONB, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("raw_digest", BYTEA),
    # `ts` stands in the key so that the table can be partitioned by time as it is.
    sa.PrimaryKeyConstraint("org_id", "session_id", "ts", "id"),
    # Finds an event by id: a repeated post, and lines that a resumed session copied from another.
    sa.Index("events_id", "org_id", "id"),
)

raw_payloads = sa.Table(
    "raw_payloads",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("org_id", "session_id", "digest"),
)
