"""The words of goal arcs, for full text search: their titles, their summaries and the prompts in them."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR, UUID

from domain.judging.records import State, SubSession
from domain.search import MOST_LABEL_CHARS, Weight, index
from domain.values import OrgId, SubSessionId
from persistence.database import Writing, metadata
from persistence.words import Words, vector

arc_texts = sa.Table(
    "arc_texts",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("sub_session_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("words", TSVECTOR, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "sub_session_id"),
    sa.Index("arc_texts_of_session", "org_id", "session_id"),
    sa.Index("arc_texts_words", "words", postgresql_using="gin"),
)

# Words of prompts stay where none are given, and so do their places: labels follow them.
_SAVE = sa.text(
    "INSERT INTO arc_texts (org_id, sub_session_id, session_id, user_id, words)"
    " SELECT :org_id, row.id, row.session_id, row.user_id,"
    "   coalesce(row.prompts::tsvector, ts_filter(old.words, '{d}'), '') || row.labels::tsvector"
    " FROM unnest(:ids, :session_ids, :user_ids, :prompts, :labels) AS row (id, session_id, user_id, prompts, labels)"
    " LEFT JOIN arc_texts old ON old.org_id = :org_id AND old.sub_session_id = row.id"
    " ON CONFLICT (org_id, sub_session_id) DO UPDATE"
    " SET words = excluded.words, session_id = excluded.session_id, user_id = excluded.user_id"
    " WHERE (arc_texts.words, arc_texts.session_id, arc_texts.user_id)"
    "   IS DISTINCT FROM (excluded.words, excluded.session_id, excluded.user_id)"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("ids", type_=ARRAY(UUID)),
    sa.bindparam("session_ids", type_=ARRAY(sa.Text)),
    sa.bindparam("user_ids", type_=ARRAY(UUID)),
    sa.bindparam("prompts", type_=ARRAY(sa.Text)),
    sa.bindparam("labels", type_=ARRAY(sa.Text)),
)
_NO_WORDS: Mapping[SubSessionId, Words] = {}


async def save(
    db: Writing, org_id: OrgId, arcs: Sequence[SubSession], prompts: Mapping[SubSessionId, Words] = _NO_WORDS
) -> None:
    """Makes these arcs found by their labels, and by the words of their `prompts`; those of an arc that is not named
    there stay as they are. Merged fragments are found by nothing."""
    standing = sorted((arc for arc in arcs if arc.state is not State.MERGED), key=lambda arc: arc.id)
    merged = [arc.id for arc in arcs if arc.state is State.MERGED]
    if merged:
        mine = arc_texts.c.org_id == org_id
        await db.execute(sa.delete(arc_texts).where(mine, arc_texts.c.sub_session_id.in_(merged)))
    if standing:
        values = {
            "org_id": org_id,
            "ids": [arc.id for arc in standing],
            "session_ids": [arc.session_id for arc in standing],
            "user_ids": [arc.user_id for arc in standing],
            "prompts": [vector(org_id, prompts[arc.id]) if arc.id in prompts else None for arc in standing],
            "labels": [vector(org_id, _labels(arc)) for arc in standing],
        }
        await db.execute(_SAVE, values)


def _labels(arc: SubSession) -> Words:
    texts = ((Weight.ARC_TITLE, arc.label.title), (Weight.SUMMARY, arc.label.summary))
    return index([(weight, text) for weight, text in texts if text], MOST_LABEL_CHARS)
