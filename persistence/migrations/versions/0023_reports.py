"""Reports with the jobs that make them, and how each of them went.

Revision ID: 0023
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE reports (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    user_id UUID,
    scope TEXT NOT NULL,
    label TEXT,
    period TEXT NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE,
    ends_at TIMESTAMP WITH TIME ZONE,
    time_zone TEXT NOT NULL,
    language TEXT NOT NULL,
    request JSONB NOT NULL,
    hook JSONB,
    status TEXT NOT NULL,
    stage TEXT NOT NULL,
    progress FLOAT DEFAULT '0' NOT NULL,
    seq BIGINT DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    deadline TIMESTAMP WITH TIME ZONE NOT NULL,
    failure JSONB,
    payload JSONB,
    document JSONB,
    session_ids TEXT[] DEFAULT '{}' NOT NULL,
    PRIMARY KEY (org_id, id)
);

CREATE INDEX reports_recent ON reports (org_id, kind, created_at DESC, id DESC);

CREATE INDEX reports_of_user ON reports (org_id, user_id, kind, created_at DESC, id DESC);

CREATE INDEX reports_of_scope ON reports (org_id, kind, scope, created_at DESC, id DESC);

CREATE INDEX reports_in_progress ON reports (org_id, deadline) WHERE finished_at IS NULL;

CREATE TABLE report_changes (
    org_id UUID NOT NULL,
    report_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    user_id UUID,
    status TEXT NOT NULL,
    stage TEXT NOT NULL,
    progress FLOAT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id, report_id, seq),
    FOREIGN KEY(org_id, report_id) REFERENCES reports (org_id, id) ON DELETE CASCADE
)
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLES.split(";\n"):
        connection.exec_driver_sql(statement)
    for table in ("reports", "report_changes"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} USING (org_id = (SELECT app_org())"
            " AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user())))"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO goalarc_app")


def downgrade() -> None:
    op.execute("DROP TABLE report_changes")
    op.execute("DROP TABLE reports")
