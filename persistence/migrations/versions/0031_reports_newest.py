"""Reports of whatever kind are listed along an index, however many there are.

Revision ID: 0031
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX reports_newest ON reports (org_id, created_at DESC, id DESC)")


def downgrade() -> None:
    op.execute("DROP INDEX reports_newest")
