"""Which version of the score a developer likes to be shown.

Revision ID: 0014
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE users ADD COLUMN score_version TEXT")


def downgrade() -> None:
    op.execute("ALTER TABLE users DROP COLUMN score_version")
