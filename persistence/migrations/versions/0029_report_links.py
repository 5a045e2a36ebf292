"""PDFs of reports, and what links to reports are signed with.

Revision ID: 0029
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE artifacts (
    org_id UUID NOT NULL,
    report_id UUID NOT NULL,
    user_id UUID,
    edition BYTEA NOT NULL,
    data BYTEA NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    PRIMARY KEY (org_id, report_id),
    FOREIGN KEY(org_id, report_id) REFERENCES reports (org_id, id) ON DELETE CASCADE
);

CREATE INDEX artifacts_of_user ON artifacts (org_id, user_id);

CREATE TABLE link_secrets (
    org_id UUID NOT NULL,
    secret BYTEA NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id)
);

CREATE POLICY tenant ON artifacts USING (
    org_id = (SELECT app_org()) AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()))
);

CREATE POLICY tenant ON link_secrets USING (org_id = (SELECT app_org()))
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLES.split(";\n"):
        connection.exec_driver_sql(statement)
    for table in ("artifacts", "link_secrets"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO goalarc_app")


def downgrade() -> None:
    op.execute("DROP TABLE artifacts")
    op.execute("DROP TABLE link_secrets")
