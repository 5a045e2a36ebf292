"""Erasures that were asked for, and the right to drop an organisation that is being erased.

Revision ID: 0019
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# The serving role may delete an organisation only while an erasure of it stands.
_UP = """
CREATE TABLE erasures (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    target TEXT,
    asked_by TEXT NOT NULL,
    session_count BIGINT NOT NULL,
    event_count BIGINT NOT NULL,
    sessions_erased BIGINT DEFAULT '0' NOT NULL,
    events_erased BIGINT DEFAULT '0' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (org_id, id)
);

CREATE INDEX erasures_recent ON erasures (org_id, created_at DESC, id DESC);

CREATE UNIQUE INDEX erasures_unfinished ON erasures (org_id, kind, coalesce(target, '')) WHERE finished_at IS NULL;

ALTER TABLE erasures ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON erasures USING (org_id = (SELECT app_org()) AND (SELECT app_sees_all_users()));

GRANT SELECT, INSERT, UPDATE, DELETE ON erasures TO goalarc_app;

CREATE POLICY erased ON orgs AS RESTRICTIVE FOR DELETE USING (EXISTS (
    SELECT FROM erasures WHERE erasures.org_id = orgs.id AND kind = 'organisation' AND finished_at IS NULL
));

GRANT DELETE ON orgs TO goalarc_app;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _UP.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("REVOKE DELETE ON orgs FROM goalarc_app")
    op.execute("DROP POLICY erased ON orgs")
    op.execute("DROP TABLE erasures")
