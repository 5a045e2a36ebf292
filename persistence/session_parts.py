"""The parts of sessions, as the last derivation found them; each kind in a column of its own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import JSONB, UUID, insert

from domain.session_parts import FileTouched, ModelUsed, SessionParts, SubAgent, ToolUsed
from domain.session_turns import TurnTaken
from domain.values import OrgId, SessionId, UserId
from persistence.database import ORG, Reading, Writing, among, metadata

T = TypeVar("T")

session_parts = sa.Table(
    "session_parts",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("files", JSONB, nullable=False),
    sa.Column("tools", JSONB, nullable=False),
    sa.Column("models", JSONB, nullable=False),
    sa.Column("agents", JSONB, nullable=False),
    sa.Column("turns", JSONB, nullable=False, server_default=sa.text("'[]'")),
    sa.PrimaryKeyConstraint("org_id", "session_id"),
)

_PARTS = TypeAdapter(SessionParts)
_KINDS = ("files", "tools", "models", "agents", "turns")

_INSERT = insert(session_parts)
_NEW = {kind: _INSERT.excluded[kind] for kind in _KINDS}
_SAVE = _INSERT.on_conflict_do_update(
    index_elements=["org_id", "session_id"],
    set_=_NEW,
    where=sa.or_(*(session_parts.c[kind].is_distinct_from(new) for kind, new in _NEW.items())),
)


async def save(db: Writing, org_id: OrgId, parts: Mapping[SessionId, tuple[UserId, SessionParts]]) -> None:
    """Stores the parts of sessions with their developers; a row that is so already is not touched."""
    rows = [
        {"org_id": org_id, "session_id": id, "user_id": user_id, **_PARTS.dump_python(told, mode="json")}
        for id, (user_id, told) in sorted(parts.items())
    ]
    if rows:
        await db.execute(_SAVE, rows)


def _by_session(column: sa.Column[object], adapter: TypeAdapter[tuple[T, ...]]) -> "Batch[T]":
    query = sa.select(session_parts.c.session_id, column.label("parts")).where(
        session_parts.c.org_id == ORG, among(session_parts.c.session_id)
    )

    async def by_session(db: Reading, org_id: OrgId, ids: Sequence[SessionId]) -> list[tuple[T, ...]]:
        rows = await db.rows(query, {"org_id": org_id, "ids": ids})
        found = {row["session_id"]: adapter.validate_python(row["parts"]) for row in rows}
        return [found.get(id, ()) for id in ids]

    return by_session


Batch = Callable[[Reading, OrgId, Sequence[SessionId]], Awaitable[list[tuple[T, ...]]]]
"""The parts of each session, in the order of the ids; () where nothing was derived yet."""

files_by_session = _by_session(session_parts.c.files, TypeAdapter(tuple[FileTouched, ...]))
tools_by_session = _by_session(session_parts.c.tools, TypeAdapter(tuple[ToolUsed, ...]))
models_by_session = _by_session(session_parts.c.models, TypeAdapter(tuple[ModelUsed, ...]))
agents_by_session = _by_session(session_parts.c.agents, TypeAdapter(tuple[SubAgent, ...]))
turns_by_session = _by_session(session_parts.c.turns, TypeAdapter(tuple[TurnTaken, ...]))
