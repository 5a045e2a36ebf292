"""GraphQL documents that front ends have registered.

Revision ID: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The serving role may only read: what is trusted is said by whoever operates the server.
_TABLE = """
CREATE TABLE trusted_documents (
    id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    text TEXT NOT NULL,
    operations TEXT[] NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);

GRANT SELECT ON trusted_documents TO goalarc_app;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLE.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("DROP TABLE trusted_documents")
