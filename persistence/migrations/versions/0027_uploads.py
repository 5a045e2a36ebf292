"""Uploaded transcripts, and the keys under which clients ask for something once.

Revision ID: 0027
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE uploads (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    key_id UUID NOT NULL,
    label TEXT NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    status TEXT NOT NULL,
    problem TEXT,
    session_id TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (org_id, id)
);

CREATE INDEX uploads_of_user ON uploads (org_id, user_id);

CREATE INDEX uploads_of_session ON uploads (org_id, session_id);

CREATE TABLE upload_pieces (
    org_id UUID NOT NULL,
    upload_id UUID NOT NULL,
    position INTEGER NOT NULL,
    user_id UUID NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (org_id, upload_id, position),
    FOREIGN KEY(org_id, upload_id) REFERENCES uploads (org_id, id) ON DELETE CASCADE
);

CREATE INDEX upload_pieces_of_user ON upload_pieces (org_id, user_id);

CREATE TABLE idempotency_keys (
    org_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    digest BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    made_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id, purpose, digest)
)
"""
_OF_USERS = ("uploads", "upload_pieces")


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLES.split(";\n"):
        connection.exec_driver_sql(statement)
    for table in (*_OF_USERS, "idempotency_keys"):
        mine = " AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()))" if table in _OF_USERS else ""
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING (org_id = (SELECT app_org()){mine})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO goalarc_app")


def downgrade() -> None:
    for table in ("idempotency_keys", "upload_pieces", "uploads"):
        op.execute(f"DROP TABLE {table}")
