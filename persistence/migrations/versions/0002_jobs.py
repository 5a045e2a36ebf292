"""The queue of background jobs, and what finding the neighbours of a session needs.

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLE = """
CREATE FUNCTION app_is_worker() RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT coalesce(current_setting('app.worker', true) = 'on', false) $$;

CREATE TABLE jobs (
    org_id UUID NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    user_id UUID,
    state TEXT NOT NULL,
    revision BIGINT DEFAULT '0' NOT NULL,
    done_revision BIGINT DEFAULT '0' NOT NULL,
    version TEXT,
    done_version TEXT,
    run_after TIMESTAMP WITH TIME ZONE,
    attempts INTEGER DEFAULT '0' NOT NULL,
    token BIGINT DEFAULT '0' NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE,
    last_error TEXT,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id, kind, key)
) WITH (fillfactor = 70);

CREATE INDEX jobs_queued ON jobs (org_id, run_after) WHERE state = 'queued';

CREATE INDEX jobs_running ON jobs (org_id, lease_until) WHERE state = 'running';

CREATE INDEX jobs_failed ON jobs (org_id, changed_at) WHERE state = 'failed';

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON jobs USING (
    org_id = (SELECT app_org()) AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user())));

-- A worker looks for due jobs before it knows whose they are; a row holds ids and no content.
CREATE POLICY worker ON jobs USING ((SELECT app_is_worker()));

GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO goalarc_app;

CREATE INDEX sub_sessions_of_project_ended ON sub_sessions (org_id, user_id, project, ended_at);
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLE.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("DROP INDEX sub_sessions_of_project_ended")
    op.execute("DROP TABLE jobs")
    op.execute("DROP FUNCTION app_is_worker()")
