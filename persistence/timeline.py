"""The event log: append-only, with the raw lines it was read from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, UUID

from domain.search import MOST_CHARS
from domain.timeline import Attribution, Event, Kind, Observability, Provenance, StoredEvent, Tokens
from domain.values import EventId, OrgId, SessionId
from persistence.database import ORG, Reading, Row, Xid8, among, metadata

_IS_PROMPT = sa.text(f"kind = '{Kind.PROMPT}'")
_IS_DECISION = sa.text(f"kind = '{Kind.DECISION_EVENT}'")

events = sa.Table(
    "events",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("ts", sa.DateTime(timezone=True), nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("xid", Xid8, nullable=False, server_default=sa.text("pg_current_xact_id()")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("agent_id", sa.Text),
    sa.Column("call_id", sa.Text),
    sa.Column("request_id", sa.Text),
    sa.Column("tool", sa.Text),
    sa.Column("path", sa.Text),
    sa.Column("exit_code", sa.BigInteger),
    sa.Column("succeeded", sa.Boolean),
    sa.Column("duration_ms", sa.BigInteger),
    sa.Column("model", sa.Text),
    sa.Column("input_tokens", sa.BigInteger),
    sa.Column("output_tokens", sa.BigInteger),
    sa.Column("cache_read_tokens", sa.BigInteger),
    sa.Column("cache_write_tokens", sa.BigInteger),
    sa.Column("cost_usd", sa.Numeric),
    sa.Column("lines_added", sa.BigInteger),
    sa.Column("lines_removed", sa.BigInteger),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("attribution", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("observability", sa.Text, nullable=False),
    sa.Column("source", JSONB, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("raw_digest", BYTEA),
    # `ts` stands in the key so that the table can be partitioned by time as it is.
    sa.PrimaryKeyConstraint("org_id", "session_id", "ts", "id"),
    # Finds an event by id: a repeated post, and lines that a resumed session copied from another.
    sa.Index("events_id", "org_id", "id"),
    # Follows the events of a session in the order in which they were stored.
    sa.Index("events_arrival", "org_id", "session_id", "seq"),
    # They are few among many.
    sa.Index("events_prompts", "org_id", "session_id", "ts", "seq", postgresql_where=_IS_PROMPT),
    sa.Index("events_decisions", "org_id", "session_id", "ts", "seq", postgresql_where=_IS_DECISION),
)

raw_payloads = sa.Table(
    "raw_payloads",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("org_id", "session_id", "digest"),
)


_PLACE = {"org_id", "user_id", "seq", "xid", "created_at"}
_EVENT = [column for column in events.c if column.name not in _PLACE]
STORED = [*_EVENT, events.c.seq, events.c.created_at]


def event_from(row: Row) -> Event:
    return Event(
        id=EventId(row["id"]),
        session_id=SessionId(row["session_id"]),
        ts=row["ts"],
        kind=_KINDS[row["kind"]],
        ordinal=row["ordinal"],
        agent_id=row["agent_id"],
        call_id=row["call_id"],
        request_id=row["request_id"],
        tool=row["tool"],
        path=row["path"],
        exit_code=row["exit_code"],
        succeeded=row["succeeded"],
        duration_ms=row["duration_ms"],
        model=row["model"],
        tokens=_tokens_from(row),
        cost_usd=row["cost_usd"],
        lines_added=row["lines_added"],
        lines_removed=row["lines_removed"],
        actor=row["actor"],
        provenance=_provenance(row["attribution"], row["confidence"], row["observability"]),
        source=row["source"],
        data=row["data"],
        raw_digest=row["raw_digest"],
    )


_KINDS: Mapping[str, Kind] = {kind: kind for kind in Kind}  # a look-up is many times as fast as `Kind(text)`


@lru_cache(maxsize=1_000)
def _provenance(attribution: str, confidence: float, observability: str) -> Provenance:
    """Thousands of events share a few."""
    return Provenance(Attribution(attribution), confidence, Observability(observability))


_UNTOLD = (None, None, None, None)


def _tokens_from(row: Row) -> Tokens | None:
    counts = (row["input_tokens"], row["output_tokens"], row["cache_read_tokens"], row["cache_write_tokens"])
    return None if counts == _UNTOLD else Tokens(*(count or 0 for count in counts))


def stored_from(row: Row) -> StoredEvent:
    return StoredEvent(event_from(row), row["seq"], row["created_at"])


async def events_of_session(db: Reading, org_id: OrgId, session_id: SessionId) -> list[Event]:
    """Every event of a session in canonical order (ts, ordinal, id), for derivation."""
    query = sa.select(*_EVENT).where(events.c.org_id == org_id, events.c.session_id == session_id)
    rows = await db.rows(query.order_by(events.c.ts, events.c.ordinal, events.c.id))
    return [event_from(row) for row in rows]


async def page(
    db: Reading, org_id: OrgId, session_id: SessionId, limit: int, after: EventId | None = None
) -> list[StoredEvent] | None:
    """Up to `limit` events by (ts, insertion order), those that follow `after`; None if `after` is no event here."""
    query = sa.select(*STORED).where(events.c.org_id == org_id, events.c.session_id == session_id)
    if after is not None:
        place = await _place(db, org_id, session_id, after)
        if place is None:
            return None
        query = query.where(sa.tuple_(events.c.ts, events.c.seq) > sa.tuple_(*place))
    rows = await db.rows(query.order_by(events.c.ts, events.c.seq).limit(limit))
    return [stored_from(row) for row in rows]


async def _place(db: Reading, org_id: OrgId, session_id: SessionId, id: EventId) -> tuple[datetime, int] | None:
    row = await db.row(
        sa.select(events.c.ts, events.c.seq).where(
            events.c.org_id == org_id, events.c.id == id, events.c.session_id == session_id
        )
    )
    return None if row is None else (row["ts"], row["seq"])


_DECISIONS = (
    sa.select(*STORED)
    .where(events.c.org_id == ORG, events.c.session_id == sa.bindparam("session_id"), _IS_DECISION)
    .order_by(events.c.ts, events.c.seq)
)


async def decisions(db: Reading, org_id: OrgId, session_id: SessionId) -> list[StoredEvent]:
    """Every decision of a session, by (ts, insertion order)."""
    rows = await db.rows(_DECISIONS, {"org_id": org_id, "session_id": session_id})
    return [stored_from(row) for row in rows]


# As much of each as is searched: its first prompts, as long as they are not too much together.
_PROMPT_TEXTS = sa.text(
    "SELECT given.session_id, told.id, told.ts, left(told.text, :most) AS text FROM unnest(:ids) AS given (session_id)"
    " CROSS JOIN LATERAL (SELECT said.*, sum(length(said.text)) OVER (ORDER BY said.ts, said.ordinal, said.id) AS upto"
    "   FROM (SELECT e.id, e.ts, e.ordinal, coalesce(e.data ->> 'text', e.data ->> 'prompt') AS text FROM events e"
    "     WHERE e.org_id = :org_id AND e.session_id = given.session_id AND e.kind = 'prompt' AND e.agent_id IS NULL"
    "   ) AS said WHERE said.text IS NOT NULL) AS told"
    " WHERE told.upto - length(told.text) < :most ORDER BY given.session_id, told.ts, told.ordinal, told.id"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("ids", type_=ARRAY(sa.Text)),
    sa.bindparam("most", MOST_CHARS, type_=sa.Integer),
)


async def prompt_texts_of_sessions(
    db: Reading, org_id: OrgId, ids: Sequence[SessionId]
) -> list[list[tuple[EventId, datetime, str]]]:
    """What the user wrote in each session, by time, as much of it as is searched; in the order of `ids`."""
    found: dict[str, list[tuple[EventId, datetime, str]]] = {}
    for row in await db.rows(_PROMPT_TEXTS, {"org_id": org_id, "ids": ids}):
        found.setdefault(row["session_id"], []).append((EventId(row["id"]), row["ts"], row["text"]))
    return [found.get(id, []) for id in ids]


_BY_ID = sa.select(*STORED).where(events.c.org_id == ORG, among(events.c.id)).order_by(events.c.seq)


async def events_by_id(
    db: Reading, org_id: OrgId, keys: Sequence[tuple[SessionId, EventId]]
) -> list[StoredEvent | None]:
    """Events by id, in the order of `keys`; None where one is not visible.

    A resumed session holds copies of an earlier one's events: the copy in the named session goes first, then the
    oldest, because a goal arc that spans sessions names events without their session.
    """
    own: dict[tuple[SessionId, EventId], StoredEvent] = {}
    oldest: dict[EventId, StoredEvent] = {}
    for row in await db.rows(_BY_ID, {"org_id": org_id, "ids": list({id for _, id in keys})}):
        stored = stored_from(row)
        own[stored.event.session_id, stored.event.id] = stored
        oldest.setdefault(stored.event.id, stored)
    return [own.get(key) or oldest.get(key[1]) for key in keys]
