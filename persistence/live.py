"""The log of live events: written in the transaction of the change it tells of, read by a commit-safe cursor."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from persistence.database import Xid8, metadata

live_events = sa.Table(
    "live_events",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("xid", Xid8, nullable=False, server_default=sa.text("pg_current_xact_id()")),
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("sub_session_id", UUID, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "xid", "id"),
    sa.Index("live_events_of_user", "org_id", "user_id", "xid", "id"),
    sa.Index("live_events_age", "org_id", "at"),
)
