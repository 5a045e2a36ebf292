"""The views that SQL may ask, and the functions it has beyond PostgreSQL's own.

Revision ID: 0036

The role goalarc_sql can read these views and nothing else. A view shows rows of whom `sql_tenants` names, a table
whose rows nobody ever sees but the transaction that wrote them: the settings that row-level security asks for can be
changed by any query that gets to call set_config, a row cannot be written by one that may not write.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_TABLE = """
CREATE UNLOGGED TABLE sql_tenants (
    org_id UUID NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    user_id UUID,
    PRIMARY KEY (org_id, xid)
);
ALTER TABLE sql_tenants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sql_tenants USING (org_id = (SELECT app_org()));
GRANT SELECT, INSERT, DELETE ON sql_tenants TO goalarc_app;
CREATE SCHEMA insights_sql;
GRANT USAGE ON SCHEMA insights_sql TO goalarc_sql;
CREATE VIEW insights_sql.served AS
    SELECT org_id, user_id FROM sql_tenants WHERE xid = pg_current_xact_id_if_assigned();
"""

# Plans are made for a known organisation, to which these are then compared once; of `IS NULL` outside of the sub-query
# PostgreSQL would expect one row in two hundred.
_SERVED = """{0}.org_id = (SELECT org_id FROM insights_sql.served)
    AND ((SELECT user_id IS NULL FROM insights_sql.served) OR {1} = (SELECT user_id FROM insights_sql.served))"""

# Names of projects are told as events tell them: without the folders they lie in.
_PROJECT = (
    r"nullif(left(substring(regexp_replace(rtrim(translate({0}.project, '\:', '//'), '/'), '\.git$', '')"
    " FROM '[^/]*$'), 100), '') AS project"
)
_TOKENS = "{0}.input_tokens, {0}.output_tokens, {0}.cache_read_tokens, {0}.cache_write_tokens, {0}.cost_usd"

_VIEWS = {
    "events": f"""SELECT e.org_id, e.id, e.event, e.ts AS "timestamp", e.user_id AS person_id,
    e.user_id::text AS distinct_id, e.session_id, e.sub_session_id AS arc_id, e.agent, e.project, e.model, e.tool,
    e.properties
    FROM insight_events e WHERE {_SERVED.format("e", "e.user_id")} AND e.ts <= now()""",
    "sessions": f"""SELECT s.org_id, s.id, s.user_id AS person_id, s.user_id::text AS distinct_id,
    replace(s.source_service, '_', '-') AS agent, {_PROJECT.format("s")}, s.started_at,
    coalesce(s.ended_at, s.idle_ended_at) AS ended_at, s.last_activity_at, s.event_count, s.prompt_count,
    s.decision_count, s.tool_call_count, s.tool_error_count, s.api_error_count, s.commit_count,
    s.pull_request_count, {_TOKENS.format("s")}
    FROM sessions s WHERE {_SERVED.format("s", "s.user_id")}""",
    "arcs": f"""SELECT a.org_id, a.id, a.session_id, a.user_id AS person_id, a.user_id::text AS distinct_id,
    {_PROJECT.format("a")}, a.started_at, a.ended_at, a.state, a.close_reason, a.turn_count, a.net_loc, a.lines_added,
    a.lines_removed, a.mutating_tool_calls, a.read_only_tool_calls, a.tool_errors, {_TOKENS.format("a")},
    a.judge_status, a.intent, a.intent_confidence, a.letter_grade, a.grade_points, a.goal_complete,
    a.completion_confidence, a.goal_completed_at, a.rework_kind, a.reworked_at, a.qualifying, a.crushed,
    a.excluded_reason
    FROM sub_sessions a WHERE {_SERVED.format("a", "a.user_id")} AND a.merged_into_id IS NULL""",
    "persons": f"""SELECT u.org_id, u.id, u.id::text AS distinct_id, u.time_zone, u.created_at
    FROM users u WHERE {_SERVED.format("u", "u.id")}""",
}

# Their bodies are read when they are made, whatever a search_path says when they are called.
_FUNCTIONS = r"""
CREATE FUNCTION insights_sql.to_float(written text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN length(written) < 60
        AND written ~ '^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?\s*$'
        THEN written::double precision END;
CREATE FUNCTION insights_sql.to_int(written text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN written ~ '^\s*[-+]?[0-9]{1,18}(\.[0-9]{0,40})?\s*$' THEN trunc(written::numeric)::bigint END;
CREATE FUNCTION insights_sql.date_diff(unit text, since timestamptz, until timestamptz) RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE unit
        WHEN 'second' THEN extract(epoch FROM date_trunc('second', until) - date_trunc('second', since))
        WHEN 'minute' THEN extract(epoch FROM date_trunc('minute', until) - date_trunc('minute', since)) / 60
        WHEN 'hour' THEN extract(epoch FROM date_trunc('hour', until) - date_trunc('hour', since)) / 3600
        WHEN 'day' THEN until::date - since::date
        WHEN 'week' THEN (date_trunc('week', until)::date - date_trunc('week', since)::date) / 7
        WHEN 'month' THEN (extract(year FROM until) - extract(year FROM since)) * 12
            + extract(month FROM until) - extract(month FROM since)
        WHEN 'quarter' THEN (extract(year FROM until) - extract(year FROM since)) * 4
            + extract(quarter FROM until) - extract(quarter FROM since)
        WHEN 'year' THEN extract(year FROM until) - extract(year FROM since)
    END::bigint;
CREATE FUNCTION insights_sql.keep_first(kept anyelement, next anyelement) RETURNS anyelement
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT kept';
CREATE AGGREGATE insights_sql.first_of(anyelement) (SFUNC = insights_sql.keep_first, STYPE = anyelement);
CREATE FUNCTION insights_sql.fits(bytes integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$ BEGIN
    IF bytes > 1000000 THEN
        RAISE EXCEPTION 'a row of the result is too large' USING ERRCODE = '54000';
    END IF;
    RETURN true;
END $$;
CREATE FUNCTION insights_sql.keep_few(kept anyarray, next anyelement) RETURNS anyarray
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS 'SELECT CASE WHEN cardinality(kept) >= 1000 OR next IS NULL THEN kept
        WHEN pg_column_size(kept) < 500000 AND pg_column_size(next) < 500000
            OR insights_sql.fits(pg_column_size(kept) + pg_column_size(next))
        THEN array_append(kept, next) END';
CREATE AGGREGATE insights_sql.few_of(anyelement) (SFUNC = insights_sql.keep_few, STYPE = anyarray, INITCOND = '{}')
"""

# Some run as the owner. What policies ask for is called by whoever reads.
_RIGHTS = """
DO $$ DECLARE found regprocedure; BEGIN
    FOR found IN SELECT oid FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole AND prokind = 'f'
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', found);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO goalarc_app', found);
    END LOOP;
    GRANT EXECUTE ON FUNCTION app_org(), app_user(), app_sees_all_users() TO goalarc_sql;
END $$
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLE.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for view, select in _VIEWS.items():
        connection.exec_driver_sql(f"CREATE VIEW insights_sql.{view} WITH (security_barrier) AS {select}")
        connection.exec_driver_sql(f"GRANT SELECT ON insights_sql.{view} TO goalarc_sql")
    connection.exec_driver_sql(_RIGHTS)
    for statement in _FUNCTIONS.split(";\nCREATE"):
        text = statement.strip()
        connection.exec_driver_sql(text if text.startswith("CREATE") else f"CREATE {text}")


def downgrade() -> None:
    op.execute("DROP SCHEMA insights_sql CASCADE")
    op.execute("DROP TABLE sql_tenants")
