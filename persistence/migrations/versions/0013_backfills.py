"""Judging the arcs of a stretch of time again, with progress.

Revision ID: 0013
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE backfills (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_as TEXT,
    total BIGINT NOT NULL,
    done BIGINT DEFAULT '0' NOT NULL,
    failed BIGINT DEFAULT '0' NOT NULL,
    skipped BIGINT NOT NULL,
    qualifying_before BIGINT NOT NULL,
    crushed_before BIGINT NOT NULL,
    qualifying_after BIGINT,
    crushed_after BIGINT,
    created_by UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (org_id, id)
);

CREATE INDEX backfills_recent ON backfills (org_id, created_at DESC, id DESC);

CREATE INDEX backfills_unfinished ON backfills (org_id, id) WHERE finished_at IS NULL;

CREATE TABLE backfill_sessions (
    org_id UUID NOT NULL,
    backfill_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    arcs BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    state_before TEXT NOT NULL,
    run_after_before TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (org_id, backfill_id, session_id)
);

ALTER TABLE backfills ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON backfills USING (
    org_id = (SELECT app_org()) AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()))
);

ALTER TABLE backfill_sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON backfill_sessions USING (
    org_id = (SELECT app_org()) AND (SELECT app_sees_all_users())
);

GRANT SELECT, INSERT, UPDATE ON backfills TO goalarc_app;

GRANT SELECT, INSERT, DELETE ON backfill_sessions TO goalarc_app;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLE.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("DROP TABLE backfill_sessions")
    op.execute("DROP TABLE backfills")
