"""What several witnesses tell is one event: who told of a session, and the ids under which it was told again.

Revision ID: 0021
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_SAID = (
    "ts", "kind", "ordinal", "agent_id", "call_id", "request_id", "tool", "path", "exit_code", "succeeded",
    "duration_ms", "model", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_usd",
    "lines_added", "lines_removed", "actor", "attribution", "confidence", "observability", "source", "data",
    "raw_digest",
)  # fmt: skip
_FIGURES = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_usd", "duration_ms")


def _figures(measured: str, other: str) -> dict[str, str]:
    """Of an API request what telemetry measured, which makes a lower bound of the transcript exact."""
    figures = {name: f"coalesce({measured}.{name}, {other}.{name})" for name in _FIGURES}
    return figures | {"data": f"({other}.data || {measured}.data) - 'outputIsLowerBound'"}


_RETOLD = {name: f"told.{name}" for name in _SAID}
_FUNCTIONS = {
    "retell_events": _RETOLD,
    "retell_measured_events": _RETOLD | _figures("kept", "told"),
    "measure_events": _figures("told", "kept"),
}


def _function(name: str, values: dict[str, str]) -> str:
    """Lets each event of `kept_ids` say what that of `told_ids` at the same place says, within one session of whoever
    is bound: the serving role itself may not rewrite the log."""
    return f"""
CREATE FUNCTION {name}(session text, kept_ids uuid[], told_ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE events kept SET {", ".join(f"{column} = {value}" for column, value in values.items())}
    FROM unnest(kept_ids, told_ids) AS pair (kept_id, told_id)
    JOIN events told ON told.org_id = app_org() AND told.session_id = session AND told.id = pair.told_id
    WHERE kept.org_id = app_org() AND kept.session_id = session AND kept.id = pair.kept_id
        AND (app_sees_all_users() OR kept.user_id = app_user())
$$
    """


_UP = (
    # Null says of older sessions that it was not noted.
    "ALTER TABLE sessions ADD COLUMN witnesses TEXT[]",
    "ALTER TABLE sessions ALTER COLUMN witnesses SET DEFAULT '{}'::text[]",
    """
CREATE TABLE retold_events (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    session_id TEXT NOT NULL,
    user_id UUID NOT NULL,
    told_as UUID NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (org_id, id, session_id)
)
    """,
    "CREATE INDEX retold_events_of_session ON retold_events (org_id, session_id)",
    "ALTER TABLE retold_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    """
CREATE POLICY tenant ON retold_events USING (
    org_id = (SELECT app_org()) AND ((SELECT app_sees_all_users()) OR user_id = (SELECT app_user()))
)
    """,
    "GRANT SELECT, INSERT, DELETE ON retold_events TO goalarc_app",
    *(_function(name, values) for name, values in _FUNCTIONS.items()),
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for name in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    op.execute("DROP TABLE retold_events")
    op.execute("ALTER TABLE sessions DROP COLUMN witnesses")
