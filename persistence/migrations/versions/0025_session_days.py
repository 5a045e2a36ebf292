"""What sessions left behind on each day, for the older score.

Revision ID: 0025
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the next run over each session, which the versions of this release ask for."""
    op.execute(
        """
        CREATE TABLE session_days (
            org_id UUID NOT NULL,
            user_id UUID NOT NULL,
            day DATE NOT NULL,
            session_id TEXT NOT NULL,
            runs INTEGER[] NOT NULL,
            asked_at INTEGER[] NOT NULL,
            reset_at INTEGER[] NOT NULL,
            used_at INTEGER[] NOT NULL,
            used BIGINT[] NOT NULL,
            prompts JSONB NOT NULL,
            took JSONB NOT NULL,
            PRIMARY KEY (org_id, user_id, day, session_id)
        )
        """
    )
    op.execute("CREATE INDEX session_days_of_session ON session_days (org_id, session_id)")
    op.execute("ALTER TABLE session_days ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON session_days USING (org_id = (SELECT app_org())"
        " AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user())))"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON session_days TO goalarc_app")


def downgrade() -> None:
    op.execute("DROP TABLE session_days")
