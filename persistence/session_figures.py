"""What lists of sessions are filtered and sorted by: one row each, as of the last derivation.

Beside the sessions themselves, because each batch of events writes those: an index on a time of last activity would
have every one of their indexes written again for each event.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from domain.values import OrgId, SessionId
from persistence.database import Writing, metadata

_COUNT = sa.text("'0'")

session_figures = sa.Table(
    "session_figures",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    # With `-` for `_`: `claude_code` and `claude-code` are one service.
    sa.Column("source_service", sa.Text),
    sa.Column("project", sa.Text),
    sa.Column("branch", sa.Text),
    sa.Column("repository", sa.Text),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("last_activity_at", sa.DateTime(timezone=True)),
    sa.Column("duration_ms", sa.BigInteger),
    sa.Column("total_tokens", sa.BigInteger, nullable=False, server_default=_COUNT),
    # Floating, because PostgreSQL looks no NUMERIC up in an index under row-level security.
    sa.Column("cost_usd", sa.Float),
    sa.Column("tokens_are_lower_bound", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("error_count", sa.BigInteger, nullable=False, server_default=_COUNT),
    sa.Column("tool_error_count", sa.BigInteger, nullable=False, server_default=_COUNT),
    sa.Column("api_error_count", sa.BigInteger, nullable=False, server_default=_COUNT),
    sa.Column("commit_count", sa.BigInteger, nullable=False, server_default=_COUNT),
    sa.Column("pull_request_count", sa.BigInteger, nullable=False, server_default=_COUNT),
    sa.Column("qualifying_count", sa.BigInteger, nullable=False, server_default=_COUNT),
    sa.Column("crushed_count", sa.BigInteger, nullable=False, server_default=_COUNT),
    sa.Column("pending_count", sa.BigInteger, nullable=False, server_default=_COUNT),
    sa.Column("sub_session_count", sa.BigInteger, nullable=False, server_default=_COUNT),
    sa.Column("prompt_count", sa.BigInteger, nullable=False, server_default=_COUNT),
    # The dominant one of its arcs: see domain.summaries.
    sa.Column("intent", sa.Text),
    sa.PrimaryKeyConstraint("org_id", "session_id"),
    sa.Index("session_figures_of_project", "org_id", "project", sa.text("last_activity_at DESC NULLS LAST")),
)

for _name in ("started_at", "last_activity_at", "duration_ms", "total_tokens", "cost_usd", "error_count"):
    _falling = sa.text(f"{_name} DESC NULLS LAST")
    _figures = session_figures.c
    sa.Index(f"session_figures_{_name}", _figures.org_id, _falling, _figures.session_id)
    sa.Index(f"session_figures_{_name}_of_user", _figures.org_id, _figures.user_id, _falling, _figures.session_id)

_NAMES = ", ".join(column.name for column in session_figures.c)
_FIGURES = ", ".join(column.name for column in session_figures.c if column.name not in {"org_id", "session_id"})
_NEW_FIGURES = ", ".join(f"excluded.{name}" for name in _FIGURES.split(", "))
_STORED_FIGURES = ", ".join(f"session_figures.{name}" for name in _FIGURES.split(", "))

# Where people clone it from, with or without what may stand at the end.
_REPOSITORY = r"regexp_replace(s.metadata ->> 'repoUrl', '(\.git)?/*$', '')"

_OWN = "a.org_id = s.org_id AND a.session_id = s.id AND a.state <> 'merged'"

# Work that is closed, past the floor and not yet judged is pending, as in a score.
_REFRESH = sa.text(
    f"INSERT INTO session_figures ({_NAMES})"
    " SELECT s.org_id, s.id, s.user_id, replace(s.source_service, '_', '-'), s.project, s.branch,"
    f" {_REPOSITORY}, s.started_at,"
    " s.last_activity_at,"
    " (extract(epoch FROM greatest(s.started_at, coalesce(s.ended_at, s.idle_ended_at, s.last_activity_at))"
    "   - s.started_at) * 1000)::bigint,"
    " s.input_tokens + s.output_tokens + s.cache_read_tokens + s.cache_write_tokens, s.cost_usd::float8,"
    " s.tokens_are_lower_bound,"
    " s.tool_error_count + s.api_error_count, s.tool_error_count, s.api_error_count, s.commit_count,"
    " s.pull_request_count, arcs.qualifying, arcs.crushed, arcs.pending, arcs.n, s.prompt_count, dominant.intent"
    " FROM sessions s CROSS JOIN LATERAL ("
    "   SELECT count(*) FILTER (WHERE a.qualifying) AS qualifying, count(*) FILTER (WHERE a.crushed) AS crushed,"
    "     count(*) FILTER (WHERE a.state = 'closed' AND a.substance_floor_passed) AS pending, count(*) AS n"
    f"   FROM sub_sessions a WHERE {_OWN}) AS arcs"
    " LEFT JOIN LATERAL (SELECT a.intent FROM sub_sessions a"
    f"   WHERE {_OWN} AND a.intent IS NOT NULL GROUP BY a.intent ORDER BY count(*) DESC,"
    '   sum(a.input_tokens + a.output_tokens + a.cache_read_tokens + a.cache_write_tokens) DESC, a.intent COLLATE "C"'
    "   LIMIT 1) AS dominant ON true"
    " WHERE s.org_id = :org_id AND s.id = ANY (:ids) ORDER BY s.id"
    " ON CONFLICT (org_id, session_id) DO UPDATE"
    f" SET ({_FIGURES}) = ROW ({_NEW_FIGURES})"
    f" WHERE ROW ({_STORED_FIGURES}) IS DISTINCT FROM ROW ({_NEW_FIGURES})"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("ids", type_=ARRAY(sa.Text)))


async def refresh(db: Writing, org_id: OrgId, ids: Iterable[SessionId]) -> None:
    """Brings the figures of these sessions up to date, after the sessions and their arcs in the same transaction."""
    if wanted := sorted(set(ids)):
        await db.execute(_REFRESH, {"org_id": org_id, "ids": wanted})
