"""Sessions: one row each, with totals of the last derivation."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, UUID, insert

import persistence.access
from domain.sessions import Session, SessionFilter
from domain.timeline import Tokens
from domain.values import UNSET, JsonObject, OrgId, SessionId, Unset, UserId, Window
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
    sa.Column("title", sa.Text),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("idle_ended_at", sa.DateTime(timezone=True)),
    sa.Column("last_activity_at", sa.DateTime(timezone=True)),
    sa.Column("event_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("decision_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("prompt_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("tool_call_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("tool_error_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("input_tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("output_tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("cache_read_tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("cache_write_tokens", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("cost_usd", sa.Numeric),
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


_SESSION = [
    *(column for column in sessions.c if column.name not in {"idle_ended_at", "ended_at", "witnesses"}),
    sessions.c.ended_at.label("stopped_at"),
]
_ENDED = sa.func.coalesce(sessions.c.ended_at, sessions.c.idle_ended_at).label("ended_at")


def _session(row: Row) -> Session:
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
        tokens=Tokens(row["input_tokens"], row["output_tokens"], row["cache_read_tokens"], row["cache_write_tokens"]),
        cost_usd=row["cost_usd"],
        ai_attribution_pct=row["ai_attribution_pct"],
        metadata=row["metadata"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


async def find(db: Reading, org_id: OrgId, id: SessionId) -> Session | None:
    row = await db.row(sa.select(*_SESSION, _ENDED).where(sessions.c.org_id == org_id, sessions.c.id == id))
    return None if row is None else _session(row)


_BY_ID = sa.select(*_SESSION, _ENDED).where(sessions.c.org_id == ORG, among(sessions.c.id))


async def sessions_by_id(db: Reading, org_id: OrgId, ids: Sequence[SessionId]) -> list[Session | None]:
    """Sessions in the order of `ids`; None where one is not visible."""
    rows = await db.rows(_BY_ID, {"org_id": org_id, "ids": ids})
    found = {row["id"]: _session(row) for row in rows}
    return [found.get(id) for id in ids]


def _matching(org_id: OrgId, wanted: SessionFilter) -> list[sa.ColumnElement[bool]]:
    rules: list[sa.ColumnElement[bool]] = [sessions.c.org_id == org_id]
    if wanted.user_id is not None:
        rules.append(sessions.c.user_id == wanted.user_id)
    if wanted.source_service is not None:  # `claude_code` and `claude-code` are one service
        same = sa.func.replace(sessions.c.source_service, "_", "-")
        rules.append(same == wanted.source_service.replace("_", "-"))
    if wanted.within.start is not None:
        rules.append(sessions.c.started_at >= wanted.within.start)
    if wanted.within.end is not None:
        rules.append(sessions.c.started_at < wanted.within.end)
    if wanted.only is not None:
        rules.append(sessions.c.id == wanted.only)
    if wanted.assessment_id is not None:
        rules.append(sessions.c.id.in_(_of_assessment(org_id, wanted.assessment_id)))
    return rules


def _of_assessment(org_id: OrgId, assessment_id: str) -> sa.Select[tuple[str]]:
    """Sessions reached through the candidate keys of an assessment."""
    keys = persistence.access.api_keys
    return sa.select(keys.c.session_id).where(
        keys.c.org_id == org_id, sa.cast(keys.c.assessment_id, sa.Text) == assessment_id.lower()
    )


Place = tuple[datetime | None, SessionId]
"""When a session began, and which one it is."""

# By name alone, which orders a union as well.
_STARTED_AT, _ID = sa.column("started_at", sessions.c.started_at.type), sa.column("id", sa.Text)
_NEWEST_FIRST = (_STARTED_AT.desc().nulls_last(), _ID.asc())
_OLDEST_FIRST = (_STARTED_AT.asc().nulls_first(), _ID.desc())


async def page(db: Reading, org_id: OrgId, wanted: SessionFilter, window: Window[Place]) -> list[Session]:
    """Newest first, sessions without a start last, ties by id: those of the window, and one more if there are more."""
    found = [_session(row) for row in await db.rows(_windowed(org_id, wanted, window))]
    return found[::-1] if window.backwards else found


def _windowed(org_id: OrgId, wanted: SessionFilter, window: Window[Place]) -> sa.Executable:
    every = sa.select(*_SESSION, _ENDED).where(*_matching(org_id, wanted))
    order, limit = _OLDEST_FIRST if window.backwards else _NEWEST_FIRST, window.size + 1
    if window.after is None and window.before is None:
        return every.order_by(*order).limit(limit)
    # A single condition over both parts would have the index read from its beginning.
    parts = [every.where(*rules).order_by(*order).limit(limit) for rules in _parts(window)]
    return sa.union_all(*parts).order_by(*order).limit(limit)


_Rules = list[sa.ColumnElement[bool]]


def _parts(window: Window[Place]) -> tuple[_Rules, _Rules]:
    """What a window holds of the sessions that began, and of the others, which follow them all."""
    at, id = sessions.c.started_at, sessions.c.id
    began: _Rules = [at.is_not(None)]
    others: _Rules = [at.is_(None)]
    if window.after is not None:
        start, last = window.after
        began += [sa.false()] if start is None else [at <= start, sa.or_(at < start, id > last)]
        others += [id > last] if start is None else []
    if window.before is not None:
        start, first = window.before
        began += [] if start is None else [at >= start, sa.or_(at > start, id < first)]
        others += [id < first] if start is None else [sa.false()]
    return began, others


async def page_at(db: Reading, org_id: OrgId, wanted: SessionFilter, limit: int, offset: int) -> list[Session]:
    """As `page`, by offset: for the old system that pages so."""
    query = sa.select(*_SESSION, _ENDED).where(*_matching(org_id, wanted))
    return [_session(row) for row in await db.rows(query.order_by(*_NEWEST_FIRST).limit(limit).offset(offset))]


async def count(db: Reading, org_id: OrgId, wanted: SessionFilter) -> int:
    row = await db.row(sa.select(sa.func.count().label("n")).select_from(sessions).where(*_matching(org_id, wanted)))
    return 0 if row is None else row["n"]


def id_digest(id: SessionId) -> bytes:
    return sha256(id.encode("utf-8", "surrogatepass")).digest()


async def create(
    db: Writing, org_id: OrgId, user_id: UserId, id: SessionId, source_service: str | None, metadata: JsonObject
) -> Session | None:
    """A session without events; None when the id is taken, in whichever organisation."""
    claim = insert(session_ids).values(digest=id_digest(id)).on_conflict_do_nothing()
    if await db.row(claim.returning(session_ids.c.digest)) is None:
        return None
    await db.execute(
        sa.insert(sessions).values(
            org_id=org_id, id=id, user_id=user_id, source_service=source_service, metadata=metadata
        )
    )
    return await find(db, org_id, id)


async def locked(db: Writing, org_id: OrgId, id: SessionId) -> Session | None:
    """The session, which nobody else changes until the commit; None where it is not visible."""
    mine = sa.select(*_SESSION, _ENDED).where(sessions.c.org_id == org_id, sessions.c.id == id)
    row = await db.row(mine.with_for_update())
    return None if row is None else _session(row)


async def update(
    db: Writing,
    org_id: OrgId,
    id: SessionId,
    ended_at: datetime | Unset | None = UNSET,
    metadata: JsonObject | Unset = UNSET,
    merge: bool = False,
) -> None:
    """Sets what is given; `merge` keeps the other keys of the metadata. A row that is so already is not touched."""
    values: dict[str, object] = {}
    if not isinstance(ended_at, Unset):
        values["ended_at"] = ended_at
    if not isinstance(metadata, Unset):
        new = sa.literal(metadata, JSONB)
        values["metadata"] = sessions.c.metadata.op("||")(new) if merge else new
    changed = sa.or_(sa.false(), *(sessions.c[name].is_distinct_from(value) for name, value in values.items()))
    mine = sa.update(sessions).where(sessions.c.org_id == org_id, sessions.c.id == id, changed)
    await db.execute(mine.values(**values, updated_at=sa.func.now()))
