"""What a developer's days add up to.

Revision ID: 0009
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Rows come with the next run over each session, which the rules of this version ask for.
_TABLE = """
CREATE TABLE score_days (
    org_id UUID NOT NULL,
    user_id UUID NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    qualifying BIGINT NOT NULL,
    crushed BIGINT NOT NULL,
    qualifying_tokens BIGINT NOT NULL,
    crushed_tokens BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    totals JSONB NOT NULL,
    PRIMARY KEY (org_id, user_id, starts_at)
);

ALTER TABLE score_days ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON score_days USING (
    org_id = (SELECT app_org()) AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()))
);

GRANT SELECT, INSERT, UPDATE, DELETE ON score_days TO goalarc_app;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLE.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("DROP TABLE score_days")
