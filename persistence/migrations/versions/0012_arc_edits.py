"""Where developers cut and join their own work by hand.

Revision ID: 0012
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# An edit names events by id and not by a key: they may turn out to belong to an older session.
_TABLE = """
CREATE TABLE arc_edits (
    org_id UUID NOT NULL,
    number BIGINT GENERATED ALWAYS AS IDENTITY,
    user_id UUID NOT NULL,
    kind TEXT NOT NULL,
    session_ids TEXT[] NOT NULL,
    event_ids UUID[] NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id, number)
);

CREATE INDEX arc_edits_of_user ON arc_edits (org_id, user_id);

ALTER TABLE arc_edits ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON arc_edits USING (
    org_id = (SELECT app_org()) AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()))
);

GRANT SELECT, INSERT, DELETE ON arc_edits TO goalarc_app;

ALTER TABLE sub_sessions ADD COLUMN split_by_hand BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN merged_by_hand BOOLEAN NOT NULL DEFAULT false;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLE.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE sub_sessions DROP COLUMN split_by_hand, DROP COLUMN merged_by_hand")
    op.execute("DROP TABLE arc_edits")
