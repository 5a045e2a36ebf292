"""What erasing needs: rights to delete what was only added so far, and indexes by developer.

Revision ID: 0016
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_UP = (
    "CREATE INDEX label_edits_of_user ON label_edits (org_id, user_id)",
    "CREATE INDEX verdict_appeals_of_user ON verdict_appeals (org_id, user_id)",
    "GRANT DELETE ON session_ids, backfills TO goalarc_app",
)

_DOWN = (
    "REVOKE DELETE ON session_ids, backfills FROM goalarc_app",
    "DROP INDEX verdict_appeals_of_user",
    "DROP INDEX label_edits_of_user",
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
