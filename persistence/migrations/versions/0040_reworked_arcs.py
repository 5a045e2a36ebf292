"""From an arc to those that it undid.

Revision ID: 0040
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX sub_sessions_reworked ON sub_sessions (org_id, reworked_by_id) WHERE reworked_by_id IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX sub_sessions_reworked")
