"""Whether the tokens of a session are a lower bound.

Revision ID: 0041
"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # True where it should be with the next run over each session, which the version of its parts asks for.
    for table in ("sessions", "session_figures"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN tokens_are_lower_bound BOOLEAN NOT NULL DEFAULT false")


def downgrade() -> None:
    for table in ("sessions", "session_figures"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN tokens_are_lower_bound")
