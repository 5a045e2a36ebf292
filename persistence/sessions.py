"""Sessions: one row each, with totals of the last derivation."""

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, UUID, insert

from domain.sessions import Session
from domain.timeline import Tokens
from domain.values import UNSET, JsonObject, OrgId, SessionId, Unset, UserId
from persistence.database import ORG, Reading, Row, Writing, among, metadata

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("source_service", sa.Text),
    sa.Column("project", sa.Text),
    sa.Column("branch", sa.Text),
    # As the tool called it, and as a person does.
    sa.Column("title", sa.Text),
    sa.Column("given_title", sa.Text),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("idle_ended_at", sa.DateTime(timezone=True)),
    sa.Column("last_activity_at", sa.DateTime(timezone=True)),
    sa.Column("event_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("decision_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("prompt_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("tool_call_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("tool_error_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("api_error_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("commit_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("pull_request_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("input_tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("output_tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("cache_read_tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("cache_write_tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("cost_usd", sa.Numeric),
    sa.Column("tokens_are_lower_bound", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("ai_attribution_pct", sa.Float),
    sa.Column("metadata", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    # Who told of it so far, as channels of events; null: not noted, because it was stored by an earlier version.
    sa.Column("witnesses", ARRAY(sa.Text), server_default=sa.text("'{}'::text[]")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.ForeignKeyConstraint(["org_id", "user_id"], ["users.org_id", "users.id"]),
    sa.Index("sessions_recent", "org_id", sa.text("started_at DESC NULLS LAST"), "id"),
    sa.Index("sessions_recent_of_user", "org_id", "user_id", sa.text("started_at DESC NULLS LAST"), "id"),
)

# Which session ids are taken on this server, by digest and without their owner: a second organisation that
# registers a taken id is refused, and learns nothing else. Not a tenant's table.
session_ids = sa.Table("session_ids", metadata, sa.Column("digest", BYTEA, primary_key=True))


_OTHERWISE_SHOWN = {"idle_ended_at", "ended_at", "title", "given_title", "witnesses"}
SHOWN = [
    *(column for column in sessions.c if column.name not in _OTHERWISE_SHOWN),
    sa.func.coalesce(sessions.c.given_title, sessions.c.title).label("title"),
    sessions.c.ended_at.label("stopped_at"),
    sa.func.coalesce(sessions.c.ended_at, sessions.c.idle_ended_at).label("ended_at"),
]
"""The columns that make a Session."""


def session_from(row: Row) -> Session:
    return Session(
        id=SessionId(row["id"]),
        org_id=OrgId(row["org_id"]),
        user_id=UserId(row["user_id"]),
        source_service=row["source_service"],
        project=row["project"],
        title=row["title"],
        branch=row["branch"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        stopped_at=row["stopped_at"],
        last_activity_at=row["last_activity_at"],
        event_count=row["event_count"],
        decision_count=row["decision_count"],
        prompt_count=row["prompt_count"],
        tool_call_count=row["tool_call_count"],
        tool_error_count=row["tool_error_count"],
        api_error_count=row["api_error_count"],
        commit_count=row["commit_count"],
        pull_request_count=row["pull_request_count"],
        tokens=Tokens(row["input_tokens"], row["output_tokens"], row["cache_read_tokens"], row["cache_write_tokens"]),
        cost_usd=row["cost_usd"],
        tokens_are_lower_bound=row["tokens_are_lower_bound"],
        ai_attribution_pct=row["ai_attribution_pct"],
        metadata=row["metadata"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


async def find(db: Reading, org_id: OrgId, id: SessionId) -> Session | None:
    row = await db.row(sa.select(*SHOWN).where(sessions.c.org_id == org_id, sessions.c.id == id))
    return None if row is None else session_from(row)


_BY_ID = sa.select(*SHOWN).where(sessions.c.org_id == ORG, among(sessions.c.id))


async def sessions_by_id(db: Reading, org_id: OrgId, ids: Sequence[SessionId]) -> list[Session | None]:
    """Sessions in the order of `ids`; None where one is not visible."""
    rows = await db.rows(_BY_ID, {"org_id": org_id, "ids": ids})
    found = {row["id"]: session_from(row) for row in rows}
    return [found.get(id) for id in ids]


def id_digest(id: SessionId) -> bytes:
    return sha256(id.encode("utf-8", "surrogatepass")).digest()


async def create(
    db: Writing, org_id: OrgId, user_id: UserId, id: SessionId, source_service: str | None, metadata: JsonObject
) -> Session | None:
    """A session without events; None when the id is taken, in whichever organisation."""
    claim = insert(session_ids).values(digest=id_digest(id)).on_conflict_do_nothing()
    if await db.row(claim.returning(session_ids.c.digest)) is None:
        return None
    values = {"org_id": org_id, "id": id, "user_id": user_id, "source_service": source_service, "metadata": metadata}
    # The claim of an id is gone when another organisation erased a session of the same id.
    made = insert(sessions).values(values).on_conflict_do_nothing().returning(sessions.c.id)
    return None if await db.row(made) is None else await find(db, org_id, id)


async def locked(db: Writing, org_id: OrgId, id: SessionId) -> Session | None:
    """The session, which nobody else changes until the commit; None where it is not visible."""
    mine = sa.select(*SHOWN).where(sessions.c.org_id == org_id, sessions.c.id == id)
    row = await db.row(mine.with_for_update())
    return None if row is None else session_from(row)


_HELD = (
    sa.select(sessions.c.id).where(sessions.c.org_id == ORG, among(sessions.c.id)).order_by(sessions.c.id)
).with_for_update(read=True, key_share=True)


async def hold(db: Writing, org_id: OrgId, ids: Collection[SessionId]) -> bool:
    """Whether all of them are there; none is erased until the commit. Others may change them."""
    return not ids or len(await db.rows(_HELD, {"org_id": org_id, "ids": list(ids)})) == len(ids)


async def update(
    db: Writing,
    org_id: OrgId,
    id: SessionId,
    ended_at: datetime | Unset | None = UNSET,
    metadata: JsonObject | Unset = UNSET,
    merge: bool = False,
    given_title: str | Unset | None = UNSET,
) -> None:
    """Sets what is given; `merge` keeps the other keys of the metadata. A row that is so already is not touched."""
    given = {"ended_at": ended_at, "given_title": given_title}
    values: dict[str, object] = {name: value for name, value in given.items() if value is not UNSET}
    if not isinstance(metadata, Unset):
        new = sa.literal(metadata, JSONB)
        values["metadata"] = sessions.c.metadata.op("||")(new) if merge else new
    changed = sa.or_(sa.false(), *(sessions.c[name].is_distinct_from(value) for name, value in values.items()))
    mine = sa.update(sessions).where(sessions.c.org_id == org_id, sessions.c.id == id, changed)
    await db.execute(mine.values(**values, updated_at=sa.func.now()))


async def describe(db: Writing, org_id: OrgId, id: SessionId, metadata: JsonObject) -> None:
    """Adds what nobody has told yet."""
    new = sa.literal(metadata, JSONB).op("||")(sessions.c.metadata)
    await db.execute(sa.update(sessions).where(sessions.c.org_id == org_id, sessions.c.id == id).values(metadata=new))


_CLAIM = sa.text(
    "UPDATE sessions SET user_id = :user_id, updated_at = now()"
    " WHERE org_id = :org_id AND id = ANY (:ids) AND event_count = 0 AND NOT EXISTS"
    " (SELECT FROM candidate_sessions c WHERE c.org_id = :org_id AND c.session_id = sessions.id) RETURNING id"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("user_id", type_=UUID),
    sa.bindparam("ids", type_=sa.ARRAY(sa.Text)),
)


async def claim(db: Writing, org_id: OrgId, user_id: UserId, ids: Sequence[SessionId]) -> bool:
    """Gives sessions without events to another developer; False where one has events, or a candidate. Those that
    have none are given all the same."""
    rows = await db.rows(_CLAIM, {"org_id": org_id, "user_id": user_id, "ids": ids})
    return len(rows) == len(set(ids))
