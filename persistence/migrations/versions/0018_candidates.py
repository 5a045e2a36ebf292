"""Assessments in full, the life of candidates' keys, and what cohorts are compared by.

Revision ID: 0018
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# Whoever may see a session is told how it compares, so all of an organisation's rows are read, and nothing of them is
# shown; each developer writes their own only. The policy for reading names no developer: an index that covers the
# statistics would have to hold that column, too.
_UP = """
ALTER TABLE assessments ADD COLUMN role TEXT, ADD COLUMN task_brief TEXT, ADD COLUMN repo_url TEXT,
    ADD COLUMN issue_id TEXT, ADD COLUMN time_limit_minutes INTEGER, ADD COLUMN token_budget_usd NUMERIC,
    ADD COLUMN allowed_tools TEXT[] DEFAULT '{claude,codex,cursor}' NOT NULL,
    ADD COLUMN expires_in_days INTEGER DEFAULT '7' NOT NULL, ADD COLUMN deleted_at TIMESTAMP WITH TIME ZONE;

CREATE INDEX assessments_recent ON assessments (org_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;

ALTER TABLE api_keys ADD COLUMN candidate_email TEXT, ADD COLUMN candidate_name TEXT,
    ADD COLUMN redeemed_at TIMESTAMP WITH TIME ZONE, ADD COLUMN completed_at TIMESTAMP WITH TIME ZONE;

DROP INDEX api_keys_assessment;

CREATE INDEX api_keys_assessment ON api_keys (org_id, assessment_id, created_at DESC, id DESC)
    WHERE assessment_id IS NOT NULL;

CREATE INDEX api_keys_candidates ON api_keys (org_id, created_at DESC, id DESC) WHERE assessment_id IS NOT NULL;

CREATE TABLE candidate_sessions (
    org_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    key_id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    user_id UUID NOT NULL,
    counts_from TIMESTAMP WITH TIME ZONE,
    duration_ms BIGINT,
    prompt_count BIGINT DEFAULT '0' NOT NULL,
    command_fail_rate FLOAT DEFAULT '0' NOT NULL,
    verify_intensity FLOAT DEFAULT '0' NOT NULL,
    manual_edit_ratio FLOAT DEFAULT '0' NOT NULL,
    first_change_latency_ms BIGINT,
    tests_passed BOOLEAN DEFAULT false NOT NULL,
    PRIMARY KEY (org_id, session_id)
);

CREATE INDEX candidate_sessions_of_key ON candidate_sessions (org_id, key_id);

CREATE INDEX candidate_sessions_cohort ON candidate_sessions (org_id, assessment_id, counts_from)
    INCLUDE (duration_ms, prompt_count, command_fail_rate, verify_intensity, manual_edit_ratio,
        first_change_latency_ms, tests_passed);

ALTER TABLE candidate_sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON candidate_sessions USING (org_id = (SELECT app_org()));

CREATE POLICY own_insert ON candidate_sessions AS RESTRICTIVE FOR INSERT
    WITH CHECK ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()));

CREATE POLICY own_update ON candidate_sessions AS RESTRICTIVE FOR UPDATE
    USING ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()));

CREATE POLICY own_delete ON candidate_sessions AS RESTRICTIVE FOR DELETE
    USING ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()));

GRANT SELECT, INSERT, UPDATE, DELETE ON candidate_sessions TO goalarc_app
"""

# Of two keys that share a session the older keeps it. What the sessions are compared by follows from deriving them.
_FILL = """
DO $$
DECLARE org uuid;
BEGIN
    PERFORM set_config('app.user_id', '*', true);
    FOR org IN SELECT id FROM orgs LOOP
        PERFORM set_config('app.org_id', org::text, true);
        INSERT INTO candidate_sessions (org_id, session_id, key_id, assessment_id, user_id)
            SELECT org_id, session_id, id, assessment_id, user_id FROM api_keys
            WHERE org_id = org AND session_id IS NOT NULL AND assessment_id IS NOT NULL
            ORDER BY created_at, id ON CONFLICT DO NOTHING;
        UPDATE api_keys k SET session_id = NULL WHERE org_id = org AND session_id IS NOT NULL AND NOT EXISTS
            (SELECT FROM candidate_sessions c WHERE c.org_id = org AND c.session_id = k.session_id AND c.key_id = k.id);
        UPDATE jobs SET revision = revision + 1, run_after = now(), attempts = 0,
            state = CASE state WHEN 'running' THEN 'running' ELSE 'queued' END
            WHERE org_id = org AND kind = 'derive_session'
            AND key IN (SELECT session_id FROM candidate_sessions WHERE org_id = org);
    END LOOP;
    PERFORM set_config('app.org_id', '', true);
    PERFORM set_config('app.user_id', '', true);
END $$
"""

_DOWN = """
DROP TABLE candidate_sessions;

DROP INDEX api_keys_candidates;

DROP INDEX api_keys_assessment;

CREATE INDEX api_keys_assessment ON api_keys (org_id, assessment_id) WHERE assessment_id IS NOT NULL;

ALTER TABLE api_keys DROP COLUMN candidate_email, DROP COLUMN candidate_name, DROP COLUMN redeemed_at,
    DROP COLUMN completed_at;

DROP INDEX assessments_recent;

ALTER TABLE assessments DROP COLUMN role, DROP COLUMN task_brief, DROP COLUMN repo_url, DROP COLUMN issue_id,
    DROP COLUMN time_limit_minutes, DROP COLUMN token_budget_usd, DROP COLUMN allowed_tools,
    DROP COLUMN expires_in_days, DROP COLUMN deleted_at
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in (*_UP.split(";\n"), _FILL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    for statement in _DOWN.split(";\n"):
        op.execute(statement)
