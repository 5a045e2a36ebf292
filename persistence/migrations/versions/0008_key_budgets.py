"""What a key may ask of the graph in a minute.

Revision ID: 0008
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# As in 0001, where it says why, and with the budget: what a function returns can only be changed by making it anew.
_FIND_KEY = """
CREATE FUNCTION find_api_key(presented bytea) RETURNS TABLE (
    key_id uuid, org_id uuid, user_id uuid, kind text, scopes text[], expires_at timestamptz, revoked_at timestamptz,
    last_used_at timestamptz, assessment_id uuid, candidate_status text, session_id text, {budget_column}
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
        found_key.candidate_status, found_key.session_id, {budget} o.environment_id, o.settings, u.time_zone
        FROM orgs o, users u
        WHERE o.id = found_key.org_id AND u.org_id = found_key.org_id AND u.id = found_key.user_id;
END $$
"""


def upgrade() -> None:
    op.execute("ALTER TABLE api_keys ADD COLUMN budget BIGINT")
    op.execute("DROP FUNCTION find_api_key(bytea)")
    op.execute(_FIND_KEY.format(budget_column="budget bigint,", budget="found_key.budget,"))


def downgrade() -> None:
    op.execute("DROP FUNCTION find_api_key(bytea)")
    op.execute("ALTER TABLE api_keys DROP COLUMN budget")
    op.execute(_FIND_KEY.format(budget_column="", budget=""))
