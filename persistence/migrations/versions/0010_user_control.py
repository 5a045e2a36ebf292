"""What developers say of the verdicts on their own work.

Revision ID: 0010
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# An appeal names its arc by id and not by a key: the arc may vanish and come back, and the appeal waits for it.
_TABLE = """
CREATE TABLE verdict_appeals (
    org_id UUID NOT NULL,
    sub_session_id UUID NOT NULL,
    user_id UUID NOT NULL,
    goal_complete BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (org_id, sub_session_id)
);

ALTER TABLE verdict_appeals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON verdict_appeals USING (
    org_id = (SELECT app_org()) AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()))
);

GRANT SELECT, INSERT, UPDATE, DELETE ON verdict_appeals TO goalarc_app;

ALTER TABLE sub_sessions ADD COLUMN judged_goal_complete BOOLEAN, ADD COLUMN appeal_reason TEXT,
    ADD COLUMN appealed_at TIMESTAMP WITH TIME ZONE;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLE.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    op.execute(
        "ALTER TABLE sub_sessions DROP COLUMN judged_goal_complete, DROP COLUMN appeal_reason, DROP COLUMN appealed_at"
    )
    op.execute("DROP TABLE verdict_appeals")
