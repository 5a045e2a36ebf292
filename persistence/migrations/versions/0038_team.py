"""Keys of an organisation as a list, and of a developer; settings that administrators change over the graph.

Revision ID: 0038
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The policy of `orgs` lets each organisation change its own row; of that nothing but the settings."""
    op.execute("CREATE INDEX api_keys_recent ON api_keys (org_id, created_at DESC, id DESC)")
    op.execute("CREATE INDEX api_keys_of_user ON api_keys (org_id, user_id)")
    op.execute("GRANT UPDATE (settings) ON orgs TO goalarc_app")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (settings) ON orgs FROM goalarc_app")
    op.execute("DROP INDEX api_keys_of_user")
    op.execute("DROP INDEX api_keys_recent")
