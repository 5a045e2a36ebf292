"""Organisations, developers, keys and assessments."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, UUID, insert

from domain.access import ApiKey, Caller, CandidateStatus, KeyKind, Org, OrgSettings, User
from domain.values import AssessmentId, KeyId, OrgId, SessionId, UserId
from persistence.database import Reading, Row, Writing, metadata

orgs = sa.Table(
    "orgs",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    sa.Column("environment_id", sa.Integer, sa.Identity(always=True), nullable=False, unique=True),
    sa.Column("settings", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("time_zone", sa.Text, nullable=False, server_default="UTC"),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.UniqueConstraint("org_id", "email"),
)

assessments = sa.Table(
    "assessments",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("org_id", "id"),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("expires_at", sa.DateTime(timezone=True)),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
    sa.Column("last_used_at", sa.DateTime(timezone=True)),
    sa.Column("assessment_id", UUID),
    sa.Column("candidate_status", sa.Text),
    sa.Column("session_id", sa.Text),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.ForeignKeyConstraint(["org_id", "user_id"], ["users.org_id", "users.id"]),
    sa.ForeignKeyConstraint(["org_id", "assessment_id"], ["assessments.org_id", "assessments.id"]),
    # The one index that does not begin with org_id: a key arrives before its organisation is known.
    # The policy of this table shows a row to whoever presents its digest (`app.key_digest`).
    sa.Index("api_keys_digest", "digest", unique=True),
    sa.Index("api_keys_session", "org_id", "session_id", postgresql_where=sa.text("session_id IS NOT NULL")),
    sa.Index("api_keys_assessment", "org_id", "assessment_id", postgresql_where=sa.text("assessment_id IS NOT NULL")),
)
