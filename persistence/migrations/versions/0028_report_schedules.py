"""Reports that are written again and again.

Revision ID: 0028
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE report_schedules (
            org_id UUID NOT NULL,
            id UUID NOT NULL,
            user_id UUID,
            period TEXT NOT NULL,
            hour SMALLINT NOT NULL,
            time_zone TEXT,
            language TEXT NOT NULL,
            scope TEXT NOT NULL,
            hook JSONB,
            done DATE[] DEFAULT '{}' NOT NULL,
            next_at TIMESTAMP WITH TIME ZONE NOT NULL,
            last_report_id UUID,
            created_by UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (org_id, id),
            FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX report_schedules_due ON report_schedules (org_id, next_at)")
    op.execute("CREATE INDEX report_schedules_recent ON report_schedules (org_id, created_at DESC, id DESC)")
    op.execute("CREATE INDEX report_schedules_of_user ON report_schedules (org_id, user_id)")
    op.execute("ALTER TABLE report_schedules ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON report_schedules USING (org_id = (SELECT app_org())"
        " AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user())))"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON report_schedules TO goalarc_app")


def downgrade() -> None:
    op.execute("DROP TABLE report_schedules")
