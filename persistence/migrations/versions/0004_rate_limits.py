"""Counters of requests a minute.

Revision ID: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Unlogged: a crash may take the counters of the running minute, and counting costs no flush to disk.
_TABLE = """
CREATE UNLOGGED TABLE rate_limits (
    subject BYTEA NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    spent BIGINT NOT NULL,
    PRIMARY KEY (subject)
) WITH (fillfactor = 70);

CREATE INDEX rate_limits_age ON rate_limits (ends_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO goalarc_app;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLE.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("DROP TABLE rate_limits")
