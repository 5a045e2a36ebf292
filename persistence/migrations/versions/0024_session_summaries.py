"""What sessions that ended are summed up from, their turns, and what types of sessions are counted by.

Revision ID: 0024
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# Those of the sessions there are come with the next run over each, which the versions of this release ask for.
_TABLES = """
CREATE TABLE session_summaries (
    org_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    user_id UUID NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    turn_count BIGINT NOT NULL,
    file_count BIGINT NOT NULL,
    lines_added BIGINT NOT NULL,
    lines_removed BIGINT NOT NULL,
    focus_ms BIGINT NOT NULL,
    key_turns JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id, session_id)
);

CREATE INDEX session_summaries_recent ON session_summaries (org_id, started_at DESC, session_id);

CREATE INDEX session_summaries_recent_of_user ON session_summaries (org_id, user_id, started_at DESC, session_id);

ALTER TABLE session_parts ADD COLUMN turns JSONB DEFAULT '[]' NOT NULL;

ALTER TABLE session_figures
    ADD COLUMN sub_session_count BIGINT DEFAULT '0' NOT NULL,
    ADD COLUMN prompt_count BIGINT DEFAULT '0' NOT NULL,
    ADD COLUMN intent TEXT;

ALTER TABLE session_summaries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON session_summaries USING (
    org_id = (SELECT app_org()) AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()))
);

GRANT SELECT, INSERT, UPDATE, DELETE ON session_summaries TO goalarc_app
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLES.split(";\n"):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("DROP TABLE session_summaries")
    op.execute("ALTER TABLE session_parts DROP COLUMN turns")
    for column in ("sub_session_count", "prompt_count", "intent"):
        op.execute(f"ALTER TABLE session_figures DROP COLUMN {column}")
