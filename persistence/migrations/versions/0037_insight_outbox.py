"""What of insights is still to be copied into another store, and whether anything is copied at all.

Revision ID: 0037
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE insight_copying (
    id UUID NOT NULL,
    PRIMARY KEY (id)
);
GRANT SELECT ON insight_copying TO goalarc_app;

CREATE SEQUENCE insight_versions;
GRANT USAGE ON SEQUENCE insight_versions TO goalarc_app;
CREATE TABLE insight_outbox (
    org_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    version BIGINT DEFAULT nextval('insight_versions') NOT NULL,
    erased BOOLEAN DEFAULT false NOT NULL,
    PRIMARY KEY (org_id, session_id)
);
CREATE INDEX insight_outbox_oldest ON insight_outbox (org_id, version);
CREATE INDEX insight_outbox_erased ON insight_outbox (org_id) WHERE erased;

CREATE TABLE insight_copied (
    org_id UUID NOT NULL,
    copy_id UUID NOT NULL,
    PRIMARY KEY (org_id)
)
"""


def upgrade() -> None:
    """Nothing is copied until a server is told where to."""
    for statement in _TABLES.split(";\n"):
        op.execute(statement)
    for table in ("insight_outbox", "insight_copied"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING (org_id = (SELECT app_org()))")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO goalarc_app")
    # Workers look for organisations that have something to copy.
    op.execute("CREATE POLICY worker ON insight_outbox FOR SELECT USING ((SELECT app_is_worker()))")


def downgrade() -> None:
    op.execute("DROP TABLE insight_copied")
    op.execute("DROP TABLE insight_outbox")
    op.execute("DROP SEQUENCE insight_versions")
    op.execute("DROP TABLE insight_copying")
