"""Whether the tokens of an arc are a lower bound.

Revision ID: 0011
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # True where it should be with the next run over each session, which the prices that came with it ask for.
    op.execute("ALTER TABLE sub_sessions ADD COLUMN tokens_are_lower_bound BOOLEAN NOT NULL DEFAULT false")


def downgrade() -> None:
    op.execute("ALTER TABLE sub_sessions DROP COLUMN tokens_are_lower_bound")
