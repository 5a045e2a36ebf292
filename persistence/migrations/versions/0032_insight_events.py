"""The events that insights count, and their sums by quarters of an hour.

Revision ID: 0032
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE insight_events (
    org_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    event TEXT NOT NULL,
    ts TIMESTAMP WITH TIME ZONE NOT NULL,
    ordinal INTEGER NOT NULL,
    sub_session_id UUID,
    agent TEXT,
    project TEXT,
    model TEXT,
    tool TEXT,
    properties JSONB NOT NULL,
    {numbers}
    PRIMARY KEY (org_id, session_id, id)
);
CREATE INDEX insight_events_by_name ON insight_events (org_id, event, ts)
    INCLUDE (user_id, session_id, sub_session_id, ordinal, id, agent, project, model, tool, {names});
CREATE INDEX insight_events_of_user ON insight_events (org_id, user_id, ts);

CREATE TABLE insight_quarters (
    org_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    event TEXT NOT NULL,
    quarter TIMESTAMP WITH TIME ZONE NOT NULL,
    user_id UUID NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (org_id, session_id, event, quarter)
);
CREATE INDEX insight_quarters_by_name ON insight_quarters (org_id, event, quarter)
    INCLUDE (user_id, session_id, count);
CREATE INDEX insight_quarters_of_user ON insight_quarters (org_id, user_id);
"""


_NUMBERS = ("duration_ms", "cost_usd", "input_tokens", "output_tokens", "lines_added", "lines_removed")
_NUMBER = """{0} DOUBLE PRECISION GENERATED ALWAYS AS (CASE WHEN jsonb_typeof(properties -> '{0}') = 'number'
        AND length(properties ->> '{0}') < 300 THEN (properties -> '{0}')::float8 END) STORED,"""


def upgrade() -> None:
    """Filled by the next run over each session, which the versions of this release ask for.

    Functions that row-level security asks may be asked by parallel workers: they only read settings.
    """
    numbers = "\n    ".join(_NUMBER.format(name) for name in _NUMBERS)
    for statement in _TABLES.format(numbers=numbers, names=", ".join(_NUMBERS)).split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in ("insight_events", "insight_quarters"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} USING (org_id = (SELECT app_org())"
            " AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user())))"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO goalarc_app")
        # Only what was vacuumed is read from an index alone.
        op.execute(
            f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.03,"
            " autovacuum_vacuum_insert_scale_factor = 0.03, autovacuum_analyze_scale_factor = 0.03)"
        )
    for name in ("app_org", "app_user", "app_sees_all_users"):
        op.execute(f"ALTER FUNCTION {name}() PARALLEL SAFE")


def downgrade() -> None:
    op.execute("DROP TABLE insight_quarters")
    op.execute("DROP TABLE insight_events")
