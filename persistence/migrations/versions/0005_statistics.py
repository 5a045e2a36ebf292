"""What the planner believes about organisations.

Revision ID: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Statistics that list every organisation make PostgreSQL believe that a new one has no rows at all, until the next
# ANALYZE: then each index that begins with org_id looks as good as any other, and it reads the smallest of them from
# end to end for one session. Without statistics every organisation is taken to have one row in two hundred, so that
# the index with the most conditions wins: right for a log, which is read by session and by id.
_LOGS = ("events", "raw_payloads")

# Lists are cut short after some rows in order, for which it matters how many an organisation has: these tables keep
# their statistics, and have them taken five times as often as is usual.
_LISTS = ("sessions", "sub_sessions", "sub_session_files", "integrity_flags", "live_events", "jobs")


def upgrade() -> None:
    for table in _LOGS:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN org_id SET STATISTICS 0")
    for table in _LISTS:
        op.execute(f"ALTER TABLE {table} SET (autovacuum_analyze_scale_factor = 0.02)")


def downgrade() -> None:
    for table in _LOGS:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN org_id SET STATISTICS -1")
    for table in _LISTS:
        op.execute(f"ALTER TABLE {table} RESET (autovacuum_analyze_scale_factor)")
