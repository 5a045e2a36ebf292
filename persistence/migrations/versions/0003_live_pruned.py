"""How far the log of live events was cut.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE live_pruned (
    org_id UUID NOT NULL,
    xid xid8 NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (org_id)
);

ALTER TABLE live_pruned ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- Of the whole organisation: a developer, too, is told that older events are gone.
CREATE POLICY tenant ON live_pruned USING (org_id = (SELECT app_org()));

GRANT SELECT, INSERT, UPDATE, DELETE ON live_pruned TO goalarc_app;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLE.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("DROP TABLE live_pruned")
