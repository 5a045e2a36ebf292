"""Results of insights that are kept, and the runs that compute them.

Revision ID: 0034
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE insight_epochs (
    org_id UUID NOT NULL,
    epoch BIGINT NOT NULL,
    PRIMARY KEY (org_id)
);

CREATE TABLE insight_results (
    org_id UUID NOT NULL,
    key BYTEA NOT NULL,
    user_id UUID,
    run_id UUID NOT NULL,
    computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    cost_ms INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    payload BYTEA NOT NULL,
    PRIMARY KEY (org_id, key)
);
CREATE INDEX insight_results_read ON insight_results (org_id, read_at DESC) INCLUDE (bytes, key);
CREATE INDEX insight_results_of_user ON insight_results (org_id, user_id);

CREATE TABLE insight_runs (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    key BYTEA NOT NULL,
    user_id UUID,
    time_zone TEXT NOT NULL,
    query JSONB NOT NULL,
    state TEXT NOT NULL,
    token BIGINT DEFAULT 0 NOT NULL,
    cancel_requested BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    lease_until TIMESTAMP WITH TIME ZONE NOT NULL,
    fault TEXT,
    message TEXT,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX insight_runs_running ON insight_runs (org_id, key) WHERE state = 'running';
CREATE UNIQUE INDEX insight_runs_waiting ON insight_runs (org_id, key) WHERE state = 'waiting';
CREATE INDEX insight_runs_old ON insight_runs (org_id, created_at);
CREATE INDEX insight_runs_of_user ON insight_runs (org_id, user_id);

CREATE TABLE insight_run_names (
    org_id UUID NOT NULL,
    user_id UUID NOT NULL,
    name TEXT NOT NULL,
    run_id UUID NOT NULL,
    query_async BOOLEAN NOT NULL,
    insight_id BIGINT,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (org_id, user_id, name),
    FOREIGN KEY (org_id, run_id) REFERENCES insight_runs (org_id, id) ON DELETE CASCADE
);
CREATE INDEX insight_run_names_of_run ON insight_run_names (org_id, run_id);
"""

_OF_A_USER = "(org_id = (SELECT app_org()) AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user())))"


def upgrade() -> None:
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
    _secure("insight_epochs", "(org_id = (SELECT app_org()))")
    for table in ("insight_results", "insight_runs", "insight_run_names"):
        _secure(table, _OF_A_USER)


def _secure(table: str, policy: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING {policy}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO goalarc_app")


def downgrade() -> None:
    for table in ("insight_run_names", "insight_runs", "insight_results", "insight_epochs"):
        op.execute(f"DROP TABLE {table}")
