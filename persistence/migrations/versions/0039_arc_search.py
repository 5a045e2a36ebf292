"""The words of goal arcs, which lists of them are searched by.

Revision ID: 0039
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE arc_texts (
    org_id UUID NOT NULL,
    sub_session_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    user_id UUID NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (org_id, sub_session_id)
);

CREATE INDEX arc_texts_of_session ON arc_texts (org_id, session_id);

CREATE INDEX arc_texts_words ON arc_texts USING gin (words);

ALTER TABLE arc_texts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON arc_texts USING (org_id = (SELECT app_org())
    AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user())));

GRANT SELECT, INSERT, UPDATE, DELETE ON arc_texts TO goalarc_app;

CREATE POLICY searched ON arc_texts FOR SELECT TO CURRENT_USER USING (true)
"""

# As for the words of sessions: text search is not leakproof, so under row-level security its index would not be used.
_FIND = """
CREATE FUNCTION find_arc_texts(wanted tsquery) RETURNS TABLE (sub_session_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 200
AS $$
    SELECT t.sub_session_id FROM public.arc_texts t
    WHERE t.words @@ wanted AND t.org_id = (SELECT public.app_org())
    AND ((SELECT public.app_sees_all_users()) OR t.user_id = (SELECT public.app_user()))
$$
"""


def upgrade() -> None:
    """Words come with the next run over each session, which the versions of this release ask for."""
    connection = op.get_bind()
    for statement in _TABLE.split(";\n"):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(_FIND)
    op.execute("REVOKE EXECUTE ON FUNCTION find_arc_texts(tsquery) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION find_arc_texts(tsquery) TO goalarc_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION find_arc_texts(tsquery)")
    op.execute("DROP TABLE arc_texts")
