"""What sessions are searched, filtered and sorted by, and the parts they are made up of.

Revision ID: 0020
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TABLES = """
ALTER TABLE sessions
    ADD COLUMN given_title TEXT,
    ADD COLUMN api_error_count BIGINT DEFAULT '0' NOT NULL,
    ADD COLUMN commit_count BIGINT DEFAULT '0' NOT NULL,
    ADD COLUMN pull_request_count BIGINT DEFAULT '0' NOT NULL;

CREATE INDEX events_prompts ON events (org_id, session_id, ts, seq) WHERE kind = 'prompt';

CREATE TABLE session_figures (
    org_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    user_id UUID NOT NULL,
    source_service TEXT,
    project TEXT,
    branch TEXT,
    repository TEXT,
    started_at TIMESTAMP WITH TIME ZONE,
    last_activity_at TIMESTAMP WITH TIME ZONE,
    duration_ms BIGINT,
    total_tokens BIGINT DEFAULT '0' NOT NULL,
    cost_usd FLOAT,
    error_count BIGINT DEFAULT '0' NOT NULL,
    tool_error_count BIGINT DEFAULT '0' NOT NULL,
    api_error_count BIGINT DEFAULT '0' NOT NULL,
    commit_count BIGINT DEFAULT '0' NOT NULL,
    pull_request_count BIGINT DEFAULT '0' NOT NULL,
    qualifying_count BIGINT DEFAULT '0' NOT NULL,
    crushed_count BIGINT DEFAULT '0' NOT NULL,
    pending_count BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (org_id, session_id)
);

CREATE INDEX session_figures_of_project ON session_figures (org_id, project, last_activity_at DESC NULLS LAST);

CREATE TABLE session_texts (
    org_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    user_id UUID NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (org_id, session_id)
);

CREATE INDEX session_texts_words ON session_texts USING gin (words);

CREATE TABLE session_parts (
    org_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    user_id UUID NOT NULL,
    files JSONB NOT NULL,
    tools JSONB NOT NULL,
    models JSONB NOT NULL,
    agents JSONB NOT NULL,
    PRIMARY KEY (org_id, session_id)
)
"""

_SORTED_BY = ("started_at", "last_activity_at", "duration_ms", "total_tokens", "cost_usd", "error_count")

# No operator of text search is leakproof: under row-level security PostgreSQL would compare every text of the
# organisation before it looks into an index. This runs as the owner, whom the policy below lets read this one table,
# and asks for what the policy of everybody else asks for.
_FIND = """
CREATE FUNCTION find_session_texts(wanted tsquery, ranked boolean) RETURNS TABLE (session_id text, rank real)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 200
AS $$
    SELECT t.session_id, CASE WHEN ranked THEN ts_rank(t.words, wanted, 1) END FROM public.session_texts t
    WHERE t.words @@ wanted AND t.org_id = (SELECT public.app_org())
    AND ((SELECT public.app_sees_all_users()) OR t.user_id = (SELECT public.app_user()))
$$
"""

# A session stands in every list from the start, whoever makes it.
_NOTE = """
CREATE FUNCTION note_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO session_figures (org_id, session_id, user_id, source_service)
    VALUES (NEW.org_id, NEW.id, NEW.user_id, replace(NEW.source_service, '_', '-')) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""

# The figures of the sessions there are come with the next run over each, which the versions of this release ask for.
_FILL = """
INSERT INTO session_figures (org_id, session_id, user_id, source_service, project, branch, started_at, last_activity_at)
SELECT org_id, id, user_id, replace(source_service, '_', '-'), project, branch, started_at, last_activity_at
FROM sessions
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLES.split(";\n"):
        connection.exec_driver_sql(statement)
    for column in _SORTED_BY:
        op.execute(
            f"CREATE INDEX session_figures_{column} ON session_figures (org_id, {column} DESC NULLS LAST, session_id)"
        )
        op.execute(
            f"CREATE INDEX session_figures_{column}_of_user"
            f" ON session_figures (org_id, user_id, {column} DESC NULLS LAST, session_id)"
        )
    op.execute("ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY")
    op.execute(_FILL)
    op.execute("ALTER TABLE sessions FORCE ROW LEVEL SECURITY")
    for table in ("session_figures", "session_texts", "session_parts"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} USING (org_id = (SELECT app_org())"
            " AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user())))"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO goalarc_app")
    op.execute("CREATE POLICY searched ON session_texts FOR SELECT TO CURRENT_USER USING (true)")
    connection.exec_driver_sql(_FIND)
    op.execute("REVOKE EXECUTE ON FUNCTION find_session_texts(tsquery, boolean) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION find_session_texts(tsquery, boolean) TO goalarc_app")
    connection.exec_driver_sql(_NOTE)
    op.execute("CREATE TRIGGER noted AFTER INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION note_session()")


def downgrade() -> None:
    op.execute("DROP TRIGGER noted ON sessions")
    op.execute("DROP FUNCTION note_session()")
    op.execute("DROP FUNCTION find_session_texts(tsquery, boolean)")
    for table in ("session_parts", "session_texts", "session_figures"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP INDEX events_prompts")
    for column in ("given_title", "api_error_count", "commit_count", "pull_request_count"):
        op.execute(f"ALTER TABLE sessions DROP COLUMN {column}")
