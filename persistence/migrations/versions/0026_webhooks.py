"""What is told to servers elsewhere, and the secrets that sign it.

Revision ID: 0026
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE webhook_deliveries (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID,
    type TEXT NOT NULL,
    url TEXT NOT NULL,
    headers JSONB NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    tries SMALLINT DEFAULT '0' NOT NULL,
    attempts JSONB DEFAULT '[]'::jsonb NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (org_id, id)
);

CREATE INDEX webhook_deliveries_recent ON webhook_deliveries (org_id, created_at DESC, id DESC);

CREATE INDEX webhook_deliveries_of_user ON webhook_deliveries (org_id, user_id, created_at DESC, id DESC);

CREATE INDEX webhook_deliveries_over ON webhook_deliveries (org_id, finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE webhook_secrets (
    org_id UUID NOT NULL,
    secret TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id)
);

ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON webhook_deliveries USING (
    org_id = (SELECT app_org()) AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()))
);

ALTER TABLE webhook_secrets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON webhook_secrets USING (
    org_id = (SELECT app_org()) AND (SELECT app_sees_all_users())
);

GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_deliveries, webhook_secrets TO goalarc_app;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("DROP TABLE webhook_secrets")
    op.execute("DROP TABLE webhook_deliveries")
