"""What several witnesses tell is one event: who told of a session, and the ids under which it was told again.

Revision ID: 0021
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_UP = (
    # Null says of older sessions that it was not noted.
    "ALTER TABLE sessions ADD COLUMN witnesses TEXT[]",
    "ALTER TABLE sessions ALTER COLUMN witnesses SET DEFAULT '{}'::text[]",
    """
CREATE TABLE retold_events (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    session_id TEXT NOT NULL,
    user_id UUID NOT NULL,
    told_as UUID NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (org_id, id, session_id)
)
    """,
    "CREATE INDEX retold_events_of_session ON retold_events (org_id, session_id)",
    "ALTER TABLE retold_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    """
CREATE POLICY tenant ON retold_events USING (
    org_id = (SELECT app_org()) AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()))
)
    """,
    "GRANT SELECT, INSERT, DELETE ON retold_events TO goalarc_app",
    "GRANT UPDATE ON events TO goalarc_app",
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("REVOKE UPDATE ON events FROM goalarc_app")
    op.execute("DROP TABLE retold_events")
    op.execute("ALTER TABLE sessions DROP COLUMN witnesses")
