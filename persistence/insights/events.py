"""What insights count: a row for each event, captured or derived, and what they add up to by quarters of an hour.

Both are a session's, written anew where its derivation says something else. Sums by quarters serve days of any zone,
because every zone of today is whole quarters away from UTC.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from persistence.database import metadata

insight_events = sa.Table(
    "insight_events",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("ts", sa.DateTime(timezone=True), nullable=False),
    # Orders events of equal ts, as their source had them.
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("sub_session_id", UUID),
    sa.Column("agent", sa.Text),
    sa.Column("project", sa.Text),
    sa.Column("model", sa.Text),
    sa.Column("tool", sa.Text),
    # All other properties, by the names and types of domain.insights.catalogue.
    sa.Column("properties", JSONB, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "session_id", "id"),
    sa.Index(
        "insight_events_by_name",
        "org_id",
        "event",
        "ts",
        postgresql_include=["user_id", "session_id", "sub_session_id", "ordinal", "id"],
    ),
    sa.Index("insight_events_of_user", "org_id", "user_id", "ts"),
)

insight_quarters = sa.Table(
    "insight_quarters",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("quarter", sa.DateTime(timezone=True), nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "session_id", "event", "quarter"),
    sa.Index(
        "insight_quarters_by_name", "org_id", "event", "quarter", postgresql_include=["user_id", "session_id", "count"]
    ),
    sa.Index("insight_quarters_of_user", "org_id", "user_id"),
)
