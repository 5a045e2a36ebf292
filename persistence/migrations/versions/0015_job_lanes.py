"""Live work goes before work in the background.

Revision ID: 0015
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE jobs ADD COLUMN lane SMALLINT DEFAULT '0' NOT NULL")
    op.execute("DROP INDEX jobs_queued")
    op.execute("CREATE INDEX jobs_queued ON jobs (org_id, lane, run_after) WHERE state = 'queued'")


def downgrade() -> None:
    op.execute("DROP INDEX jobs_queued")
    op.execute("ALTER TABLE jobs DROP COLUMN lane")
    op.execute("CREATE INDEX jobs_queued ON jobs (org_id, run_after) WHERE state = 'queued'")
