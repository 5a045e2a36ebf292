"""The words of sessions, for full text search: their titles, the labels of their arcs, their prompts."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR, UUID

from domain.judging.records import State
from domain.search import MOST_LABEL_CHARS, Search, Weight, index
from domain.values import OrgId, SessionId
from persistence.database import ORG, Writing, among, metadata
from persistence.judging import sub_sessions
from persistence.sessions import sessions
from persistence.words import Words, query, vector

session_texts = sa.Table(
    "session_texts",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("words", TSVECTOR, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "session_id"),
    sa.Index("session_texts_words", "words", postgresql_using="gin"),
)

_LABELS_OF = (
    sa.select(
        sub_sessions.c.session_id,
        sub_sessions.c.title,
        sub_sessions.c.summary,
    )
    .where(sub_sessions.c.org_id == ORG, among(sub_sessions.c.session_id), sub_sessions.c.state != State.MERGED)
    .order_by(sub_sessions.c.started_at, sub_sessions.c.id)
)
_TITLES_OF = (
    sa.select(
        sessions.c.id, sessions.c.user_id, sa.func.coalesce(sessions.c.given_title, sessions.c.title).label("title")
    )
    .where(sessions.c.org_id == ORG, among(sessions.c.id))
    .order_by(sessions.c.id)
)

# Words of prompts stay, and so do their places: labels follow them.
_SAVE = sa.text(
    "INSERT INTO session_texts (org_id, session_id, user_id, words)"
    " SELECT :org_id, row.id, row.user_id, coalesce(row.prompts::tsvector, ts_filter(old.words, '{d}'), '') ||"
    "   row.labels::tsvector"
    " FROM unnest(:ids, :user_ids, :prompts, :labels) AS row (id, user_id, prompts, labels)"
    " LEFT JOIN session_texts old ON old.org_id = :org_id AND old.session_id = row.id"
    " ON CONFLICT (org_id, session_id) DO UPDATE SET words = excluded.words, user_id = excluded.user_id"
    " WHERE session_texts.words IS DISTINCT FROM excluded.words"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("ids", type_=ARRAY(sa.Text)),
    sa.bindparam("user_ids", type_=ARRAY(UUID)),
    sa.bindparam("prompts", type_=ARRAY(sa.Text)),
    sa.bindparam("labels", type_=ARRAY(sa.Text)),
)
_NO_WORDS: Mapping[SessionId, Words] = {}


async def refresh(
    db: Writing, org_id: OrgId, ids: Iterable[SessionId], prompts: Mapping[SessionId, Words] = _NO_WORDS
) -> None:
    """Makes these sessions found by their titles and labels as stored now, and by the words of their `prompts`; those
    of a session that is not named there stay as they are."""
    wanted = {"org_id": org_id, "ids": sorted(set(ids))}
    titled = await db.rows(_TITLES_OF, wanted)
    labelled: dict[str, list[tuple[Weight, str]]] = {row["id"]: [(Weight.TITLE, row["title"] or "")] for row in titled}
    for arc in await db.rows(_LABELS_OF, wanted):
        texts = ((Weight.ARC_TITLE, arc["title"]), (Weight.SUMMARY, arc["summary"]))
        if session := labelled.get(arc["session_id"]):  # gone meanwhile, it is found by nothing
            session += [(weight, text) for weight, text in texts if text]
    if titled:
        values = {
            "org_id": org_id,
            "ids": [row["id"] for row in titled],
            "user_ids": [row["user_id"] for row in titled],
            "prompts": [vector(org_id, prompts[id]) if (id := row["id"]) in prompts else None for row in titled],
            "labels": [vector(org_id, index(labelled[row["id"]], MOST_LABEL_CHARS)) for row in titled],
        }
        await db.execute(_SAVE, values)


def found(org_id: OrgId, search: Search, ranked: bool, of_arcs: bool) -> sa.FromClause:
    """Sessions whose words meet the search: `session_id`, and `rank` if asked for, the higher the better. Without
    `of_arcs` the labels of arcs are as if they were not there."""
    wanted = query(org_id, search, () if of_arcs else (Weight.TITLE, Weight.PROMPT))
    columns = (sa.column("session_id", sa.Text), sa.column("rank", sa.REAL))
    return sa.func.find_session_texts(wanted, ranked).table_valued(*columns, name="met")
