"""Timelines from afar: the few events of each session that an outline names, in one statement."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from domain.outlines import EVERY, PAUSE, Landmark, Outline, outline
from domain.timeline import Kind
from domain.values import EventId, OrgId, SessionId
from persistence.database import Reading

Wanted = tuple[SessionId, tuple[Kind, ...]]
"""A session, and the kinds of events that count; all without any."""

# Payloads are looked into only where the kind says that there is something, since most of them are long; and in the
# same go: looked up again one by one, each took a walk over the whole session before the first ANALYZE after an import.
_LANDMARKS = sa.text(
    "WITH told AS (SELECT session_id, id, ts, seq, kind, agent_id, call_id,"
    "   CASE WHEN kind = 'git_action' THEN data ->> 'action' END AS action,"
    "   CASE WHEN kind = 'test_run' THEN data -> 'failed' END AS failed_tests,"
    "   CASE WHEN kind = 'command' AND (succeeded IS FALSE OR exit_code <> 0)"
    "     THEN left(data ->> 'command', 2000) END AS command,"
    "   (succeeded IS FALSE OR exit_code <> 0) IS TRUE AS failed FROM events"
    "   WHERE org_id = :org_id AND session_id = ANY(:ids) AND (:any_kind OR kind = ANY(:kinds))),"
    " numbered AS (SELECT told.*, row_number() OVER placed - 1 AS index, lag(ts) OVER placed AS before,"
    "   lead(ts) OVER placed IS NULL AS last,"
    "   CASE WHEN kind = 'prompt' THEN agent_id IS NULL"
    "     WHEN kind IN ('api_error', 'interruption', 'context_clear') THEN true"
    "     WHEN kind = 'git_action' THEN coalesce(action IN ('commit', 'revert', 'pull_request'), false)"
    "     WHEN kind = 'test_run' THEN failed OR coalesce(jsonb_typeof(failed_tests) = 'number'"
    "       AND failed_tests <> '0', false)"
    "     WHEN kind IN ('tool_result', 'command', 'build_run') THEN failed ELSE false END AS stands_out"
    "   FROM told WINDOW placed AS (PARTITION BY session_id ORDER BY ts, seq))"
    " SELECT n.* FROM numbered n"
    " WHERE n.index = 0 OR n.last OR n.index % :every = :every - 1 OR n.stands_out OR n.ts - n.before > :pause"
    " ORDER BY n.session_id, n.index"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("ids", type_=ARRAY(sa.Text)),
    sa.bindparam("kinds", type_=ARRAY(sa.Text)),
    sa.bindparam("any_kind", type_=sa.Boolean),
    sa.bindparam("every", EVERY, type_=sa.Integer),
    sa.bindparam("pause", PAUSE, type_=sa.Interval),
)


async def outlines(db: Reading, org_id: OrgId, wanted: Sequence[Wanted]) -> list[Outline]:
    """In the order of `wanted`; one statement for each choice of kinds."""
    found: dict[Wanted, Outline] = {}
    for kinds in dict.fromkeys(kinds for _, kinds in wanted):
        ids = [id for id, asked in wanted if asked == kinds]
        values = {"org_id": org_id, "ids": ids, "kinds": list(kinds), "any_kind": not kinds}
        for id, landmarks in (await _landmarks(db, values)).items():
            found[id, kinds] = outline(landmarks)
    return [found.get(one, Outline()) for one in wanted]


async def _landmarks(db: Reading, values: Mapping[str, object]) -> dict[SessionId, list[Landmark]]:
    found: dict[SessionId, list[Landmark]] = {}
    for row in await db.rows(_LANDMARKS, values):
        landmark = Landmark(
            session_id=SessionId(row["session_id"]),
            index=row["index"],
            id=EventId(row["id"]),
            ts=row["ts"],
            seq=row["seq"],
            kind=Kind(row["kind"]),
            before=row["before"],
            stands_out=row["stands_out"],
            agent_id=row["agent_id"],
            call_id=row["call_id"],
            action=row["action"],
            command=row["command"],
        )
        found.setdefault(SessionId(row["session_id"]), []).append(landmark)
    return found
