"""The first tables: access, sessions, events, verdicts, live events; row-level security on each.

Revision ID: 0001
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SETTINGS = """
CREATE FUNCTION app_org() RETURNS uuid LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('app.org_id', true), '')::uuid $$;
CREATE FUNCTION app_user() RETURNS uuid LANGUAGE sql STABLE
    AS $$ SELECT nullif(nullif(current_setting('app.user_id', true), ''), '*')::uuid $$;
CREATE FUNCTION app_sees_all_users() RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT coalesce(current_setting('app.user_id', true) = '*', false) $$;
CREATE FUNCTION app_key_digest() RETURNS bytea LANGUAGE sql STABLE
    AS $$ SELECT decode(nullif(current_setting('app.key_digest', true), ''), 'hex') $$;
"""

_TABLES = """
CREATE TABLE assessments (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    title TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id, id)
);

CREATE TABLE events (
    org_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    ts TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    kind TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    agent_id TEXT,
    call_id TEXT,
    request_id TEXT,
    tool TEXT,
    path TEXT,
    exit_code BIGINT,
    succeeded BOOLEAN,
    duration_ms BIGINT,
    model TEXT,
    input_tokens BIGINT,
    output_tokens BIGINT,
    cache_read_tokens BIGINT,
    cache_write_tokens BIGINT,
    cost_usd NUMERIC,
    lines_added BIGINT,
    lines_removed BIGINT,
    actor TEXT NOT NULL,
    attribution TEXT NOT NULL,
    confidence FLOAT NOT NULL,
    observability TEXT NOT NULL,
    source JSONB NOT NULL,
    data JSONB NOT NULL,
    raw_digest BYTEA,
    PRIMARY KEY (org_id, session_id, ts, id)
);

CREATE INDEX events_id ON events (org_id, id);

CREATE TABLE integrity_flags (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    sub_session_id UUID NOT NULL,
    kind TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    severity TEXT NOT NULL,
    detail TEXT NOT NULL,
    event_ids UUID[] NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, sub_session_id, kind)
);

CREATE INDEX integrity_flags_of_session ON integrity_flags (org_id, session_id);

CREATE INDEX integrity_flags_recent_of_user ON integrity_flags (org_id, user_id, created_at DESC, id);

CREATE TABLE label_edits (
    org_id UUID NOT NULL,
    sub_session_id UUID NOT NULL,
    user_id UUID NOT NULL,
    title TEXT,
    summary TEXT,
    edited_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id, sub_session_id)
);

CREATE TABLE live_events (
    org_id UUID NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    user_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    name TEXT NOT NULL,
    session_id TEXT NOT NULL,
    sub_session_id UUID NOT NULL,
    payload JSONB NOT NULL,
    PRIMARY KEY (org_id, xid, id)
);

CREATE INDEX live_events_age ON live_events (org_id, at);

CREATE INDEX live_events_of_user ON live_events (org_id, user_id, xid, id);

CREATE TABLE orgs (
    id UUID NOT NULL,
    slug TEXT NOT NULL,
    environment_id INTEGER GENERATED ALWAYS AS IDENTITY,
    settings JSONB DEFAULT '{}'::jsonb NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (slug),
    UNIQUE (environment_id)
);

CREATE TABLE raw_payloads (
    org_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    user_id UUID NOT NULL,
    format TEXT NOT NULL,
    position BIGINT NOT NULL,
    body TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id, session_id, digest)
);

CREATE TABLE session_ids (
    digest BYTEA NOT NULL,
    PRIMARY KEY (digest)
);

CREATE TABLE sub_session_files (
    org_id UUID NOT NULL,
    sub_session_id UUID NOT NULL,
    path TEXT NOT NULL,
    user_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    lines_added BIGINT NOT NULL,
    lines_removed BIGINT NOT NULL,
    created BOOLEAN NOT NULL,
    deleted BOOLEAN NOT NULL,
    restored BOOLEAN NOT NULL,
    added_lines BIGINT[] NOT NULL,
    removed_lines BIGINT[] NOT NULL,
    PRIMARY KEY (org_id, sub_session_id, path)
);

CREATE INDEX sub_session_files_of_session ON sub_session_files (org_id, session_id);

CREATE TABLE sub_sessions (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    project TEXT,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    last_event_at TIMESTAMP WITH TIME ZONE NOT NULL,
    first_prompt_at TIMESTAMP WITH TIME ZONE,
    state TEXT NOT NULL,
    close_reason TEXT,
    merged_into_id UUID,
    fragment_ids UUID[] NOT NULL,
    turn_count BIGINT NOT NULL,
    net_loc BIGINT NOT NULL,
    lines_added BIGINT NOT NULL,
    lines_removed BIGINT NOT NULL,
    mutating_tool_calls BIGINT NOT NULL,
    read_only_tool_calls BIGINT NOT NULL,
    tool_errors BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cache_read_tokens BIGINT NOT NULL,
    cache_write_tokens BIGINT NOT NULL,
    cost_usd NUMERIC,
    substance_floor_passed BOOLEAN,
    excluded_reason TEXT,
    excluded_detail TEXT,
    judge_status TEXT NOT NULL,
    intent TEXT,
    intent_confidence FLOAT,
    habits JSONB NOT NULL,
    letter_grade TEXT,
    grade_points FLOAT,
    goal_complete BOOLEAN,
    completion_confidence FLOAT,
    explicit_acceptance BOOLEAN NOT NULL,
    goal_completed_at TIMESTAMP WITH TIME ZONE,
    rationale TEXT,
    rework_kind TEXT,
    reworked_by_id UUID,
    reworked_at TIMESTAMP WITH TIME ZONE,
    qualifying BOOLEAN NOT NULL,
    crushed BOOLEAN NOT NULL,
    title TEXT,
    summary TEXT,
    title_source TEXT NOT NULL,
    prompt_ids UUID[] NOT NULL,
    commit_refs TEXT[] NOT NULL,
    revert_refs TEXT[] NOT NULL,
    evidence JSONB NOT NULL,
    ruleset_version TEXT NOT NULL,
    judge_version TEXT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id, id)
);

CREATE INDEX sub_sessions_of_project ON sub_sessions (org_id, user_id, project, started_at);

CREATE INDEX sub_sessions_of_session ON sub_sessions (org_id, session_id, started_at, id);

CREATE INDEX sub_sessions_recent ON sub_sessions (org_id, started_at DESC, id DESC);

CREATE INDEX sub_sessions_recent_of_user ON sub_sessions (org_id, user_id, started_at DESC, id DESC);

CREATE TABLE users (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    email TEXT NOT NULL,
    time_zone TEXT DEFAULT 'UTC' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, email)
);

CREATE TABLE api_keys (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    digest BYTEA NOT NULL,
    user_id UUID NOT NULL,
    kind TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_used_at TIMESTAMP WITH TIME ZONE,
    assessment_id UUID,
    candidate_status TEXT,
    session_id TEXT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY(org_id, user_id) REFERENCES users (org_id, id),
    FOREIGN KEY(org_id, assessment_id) REFERENCES assessments (org_id, id)
);

CREATE INDEX api_keys_assessment ON api_keys (org_id, assessment_id) WHERE assessment_id IS NOT NULL;

CREATE UNIQUE INDEX api_keys_digest ON api_keys (digest);

CREATE INDEX api_keys_session ON api_keys (org_id, session_id) WHERE session_id IS NOT NULL;

CREATE TABLE sessions (
    org_id UUID NOT NULL,
    id TEXT NOT NULL,
    user_id UUID NOT NULL,
    source_service TEXT,
    project TEXT,
    branch TEXT,
    title TEXT,
    started_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    idle_ended_at TIMESTAMP WITH TIME ZONE,
    last_activity_at TIMESTAMP WITH TIME ZONE,
    event_count BIGINT DEFAULT '0' NOT NULL,
    decision_count BIGINT DEFAULT '0' NOT NULL,
    prompt_count BIGINT DEFAULT '0' NOT NULL,
    tool_call_count BIGINT DEFAULT '0' NOT NULL,
    tool_error_count BIGINT DEFAULT '0' NOT NULL,
    input_tokens BIGINT DEFAULT '0' NOT NULL,
    output_tokens BIGINT DEFAULT '0' NOT NULL,
    cache_read_tokens BIGINT DEFAULT '0' NOT NULL,
    cache_write_tokens BIGINT DEFAULT '0' NOT NULL,
    cost_usd NUMERIC,
    ai_attribution_pct FLOAT,
    metadata JSONB DEFAULT '{}'::jsonb NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY(org_id, user_id) REFERENCES users (org_id, id)
);

CREATE INDEX sessions_recent ON sessions (org_id, started_at DESC NULLS LAST, id);

CREATE INDEX sessions_recent_of_user ON sessions (org_id, user_id, started_at DESC NULLS LAST, id);
"""

_ORG = "org_id = (SELECT app_org())"
_OWN = f"{_ORG} AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()))"

# Each tenant table and who may see its rows; a row of another organisation is never visible.
_POLICIES = {
    "users": f"{_ORG} AND ((SELECT app_sees_all_users()) OR id = (SELECT app_user()))",
    "assessments": _ORG,
    "api_keys": _OWN,
    "sessions": _OWN,
    "events": _OWN,
    "raw_payloads": _OWN,
    "sub_sessions": _OWN,
    "sub_session_files": _OWN,
    "integrity_flags": _OWN,
    "label_edits": _OWN,
    "live_events": _OWN,
}

# One round trip from a presented secret's digest to everything a Caller needs.
_FIND_KEY = """
CREATE FUNCTION find_api_key(presented bytea) RETURNS TABLE (
    key_id uuid, org_id uuid, user_id uuid, kind text, scopes text[], expires_at timestamptz, revoked_at timestamptz,
    last_used_at timestamptz, assessment_id uuid, candidate_status text, session_id text,
    environment_id integer, settings jsonb, time_zone text
) LANGUAGE plpgsql AS $$
DECLARE found_key api_keys;
BEGIN
    PERFORM set_config('app.key_digest', encode(presented, 'hex'), true);
    SELECT * INTO found_key FROM api_keys k WHERE k.digest = presented;
    PERFORM set_config('app.key_digest', '', true);
    IF found_key.id IS NULL THEN RETURN; END IF;
    PERFORM set_config('app.org_id', found_key.org_id::text, true);
    PERFORM set_config('app.user_id', found_key.user_id::text, true);
    RETURN QUERY SELECT found_key.id, found_key.org_id, found_key.user_id, found_key.kind, found_key.scopes,
        found_key.expires_at, found_key.revoked_at, found_key.last_used_at, found_key.assessment_id,
        found_key.candidate_status, found_key.session_id, o.environment_id, o.settings, u.time_zone
        FROM orgs o, users u
        WHERE o.id = found_key.org_id AND u.org_id = found_key.org_id AND u.id = found_key.user_id;
END $$
"""

_APPEND_ONLY = {"events", "raw_payloads", "live_events"}


def upgrade() -> None:
    connection = op.get_bind()
    for statement in (_SETTINGS + _TABLES).split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)
    connection.exec_driver_sql("ALTER TABLE orgs ENABLE ROW LEVEL SECURITY")
    connection.exec_driver_sql("CREATE POLICY tenant ON orgs USING (id = (SELECT app_org()))")
    # The owner makes organisations and is the only one who may list them.
    for table, rule in _POLICIES.items():
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        connection.exec_driver_sql(f"CREATE POLICY tenant ON {table} USING ({rule})")
        connection.exec_driver_sql(f"GRANT SELECT, INSERT, DELETE ON {table} TO goalarc_app")
        if table not in _APPEND_ONLY:
            connection.exec_driver_sql(f"GRANT UPDATE ON {table} TO goalarc_app")
    # A key arrives before its organisation is known: whoever presents its digest may read that one row.
    connection.exec_driver_sql(
        "CREATE POLICY presented ON api_keys FOR SELECT USING (digest = (SELECT app_key_digest()))"
    )
    connection.exec_driver_sql(_FIND_KEY)
    connection.exec_driver_sql("GRANT SELECT ON orgs TO goalarc_app")
    connection.exec_driver_sql("GRANT SELECT, INSERT ON session_ids TO goalarc_app")


def downgrade() -> None:
    for table in [*reversed(_POLICIES), "session_ids", "orgs"]:
        op.execute(f"DROP TABLE {table} CASCADE")
    for function in ("app_org()", "app_user()", "app_sees_all_users()", "app_key_digest()", "find_api_key(bytea)"):
        op.execute(f"DROP FUNCTION {function}")
