"""What became of a developer's reports is found by them, to be erased.

Revision ID: 0030
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX report_changes_of_user ON report_changes (org_id, user_id)")


def downgrade() -> None:
    op.execute("DROP INDEX report_changes_of_user")
