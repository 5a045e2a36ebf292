"""Whether a developer's figures may have changed since somebody last looked.

Revision ID: 0022
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE score_revisions (
    org_id UUID NOT NULL,
    user_id UUID NOT NULL,
    revision UUID NOT NULL,
    PRIMARY KEY (org_id, user_id),
    FOREIGN KEY(org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
);

ALTER TABLE score_revisions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON score_revisions USING (
    org_id = (SELECT app_org()) AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()))
);

GRANT SELECT, INSERT, UPDATE, DELETE ON score_revisions TO goalarc_app;
"""

# Once for each transaction and developer in a row. It works as whoever changed the rows, bound to their developer.
_REVISE = """
CREATE FUNCTION revise_scores(org uuid, developer uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    whose text := org || ' ' || developer;
    bound_org text := coalesce(current_setting('app.org_id', true), '');
    bound_user text := coalesce(current_setting('app.user_id', true), '');
BEGIN
    IF current_setting('app.revised', true) = whose THEN RETURN; END IF;
    PERFORM set_config('app.org_id', org::text, true), set_config('app.user_id', developer::text, true);
    INSERT INTO score_revisions AS kept (org_id, user_id, revision)
        SELECT u.org_id, u.id, gen_random_uuid() FROM users u WHERE u.org_id = org AND u.id = developer
        ON CONFLICT (org_id, user_id) DO UPDATE SET revision = excluded.revision;
    PERFORM set_config('app.revised', whose, true), set_config('app.org_id', bound_org, true),
        set_config('app.user_id', bound_user, true);
END $$
"""

# Of a row that changes, the developer it had and, only if that is another one, the developer it has.
_NOTE = """
CREATE FUNCTION note_changed_scores() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM revise_scores(OLD.org_id, OLD.user_id); END IF;
    IF TG_OP = 'INSERT' OR NEW.user_id <> OLD.user_id OR NEW.org_id <> OLD.org_id THEN
        PERFORM revise_scores(NEW.org_id, NEW.user_id);
    END IF;
    RETURN NULL;
END $$
"""

# That of the developer who is bound; the nil UUID where nothing has changed since this table is there.
_FIND = """
CREATE FUNCTION score_revision() RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    RETURN coalesce(
        (SELECT revision FROM score_revisions WHERE org_id = app_org() AND user_id = app_user()),
        '00000000-0000-0000-0000-000000000000'::uuid
    );
END $$
"""

# At the end of the transaction, when all other locks are taken: who waits for a revision holds up nobody who has it.
_TRIGGER = """
CREATE CONSTRAINT TRIGGER changes_scores AFTER INSERT OR UPDATE OR DELETE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_changed_scores()
"""
_RESTED_ON = ("score_days", "sub_sessions", "integrity_flags")


def upgrade() -> None:
    connection = op.get_bind()
    for statement in _TABLE.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)
    for function in (_REVISE, _NOTE, _FIND):
        connection.exec_driver_sql(function)
    for table in _RESTED_ON:
        connection.exec_driver_sql(_TRIGGER.format(table=table))


def downgrade() -> None:
    for table in _RESTED_ON:
        op.execute(f"DROP TRIGGER changes_scores ON {table}")
    for function in ("note_changed_scores()", "revise_scores(uuid, uuid)", "score_revision()"):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP TABLE score_revisions")
