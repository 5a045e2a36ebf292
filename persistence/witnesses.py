"""Keeping one event of what several witnesses tell: hooks, telemetry and the transcript of a session overlap.

The event that was there first stays, so that whatever was built on its id stays good: arcs, cuts, cursors. It takes on
what the best witness says. The ids of the others are noted, so that whoever tells again is known.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.sql.base import Executable

from domain.ingest.witnesses import (
    CHANNELS,
    COPY,
    EDITS,
    UNNAMED,
    Account,
    Happening,
    Witness,
    happenings,
    outdo_copies,
)
from domain.timeline import Kind
from domain.values import EventId, OrgId, SessionId, UserId
from persistence.database import Reading, Row, Writing, metadata

retold_events = sa.Table(
    "retold_events",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("told_as", UUID, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "id", "session_id"),
    sa.Index("retold_events_of_session", "org_id", "session_id"),
)

_ORG_AND_SESSION = (sa.bindparam("org_id", type_=UUID), sa.bindparam("session_id", type_=sa.Text))

# What makes two accounts the same: the agent's own id of it, or what was said or done.
_ACCOUNTS = sa.text(
    "SELECT session_id, id, kind, ts, ordinal, coalesce(source ->> 'witness', source ->> 'channel') AS channel,"
    " CASE kind WHEN 'prompt' THEN data ->> 'promptId'"
    "  WHEN 'api_request' THEN data ->> 'requestId' ELSE call_id END AS name,"
    " CASE WHEN kind IN ('prompt', 'ai_response') THEN md5(data ->> 'text')"
    "  WHEN kind = 'tool_use' AND (data -> 'input' <> '{}' OR source ->> 'channel' <> 'otlp')"
    "   THEN md5(concat(tool, data ->> 'input'))"
    "  WHEN kind = 'api_request' AND num_nulls(input_tokens, cache_read_tokens, cache_write_tokens) = 0"
    "   AND input_tokens + cache_read_tokens + cache_write_tokens > 0"
    "   THEN concat_ws(' ', input_tokens, cache_read_tokens, cache_write_tokens)"
    "  WHEN kind = 'command' THEN md5(data ->> 'command') WHEN kind = 'git_action' THEN data ->> 'action'"
    "  WHEN kind IN ('file_create', 'file_diff', 'file_delete') THEN md5(path)"
    "  WHEN starts_with(call_id, :unnamed) THEN md5(concat(data #>> '{call,toolName}', data #>> '{call,input}'))"
    "  WHEN kind = 'session_start' THEN data ->> 'source'"
    "  WHEN kind = 'slash_command' THEN data ->> 'name'"
    "  WHEN kind NOT IN ('api_request', 'tool_use') AND call_id IS NULL AND source ->> 'channel' <> 'otlp' THEN ''"
    " END AS text"
    " FROM events WHERE org_id = :org_id AND session_id = ANY (:session_ids) AND kind = ANY (:kinds)"
    " AND coalesce(source ->> 'witness', source ->> 'channel') = ANY (:channels)"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("session_ids", type_=ARRAY(sa.Text)),
    sa.bindparam("kinds", type_=ARRAY(sa.Text)),
    sa.bindparam("channels", type_=ARRAY(sa.Text)),
    sa.bindparam("unnamed", UNNAMED, sa.Text),
)


async def reconcile(
    db: Writing,
    org_id: OrgId,
    user_id: UserId,
    ids: Sequence[SessionId],
    kinds: Iterable[Kind],
    fresh: Collection[tuple[SessionId, EventId]],
) -> frozenset[tuple[SessionId, EventId]]:
    """Leaves one event of each happening in these sessions, which are locked. Returns those that went."""
    if not ids or not fresh:
        return frozenset()
    wanted = {*kinds, Kind.TOOL_USE}  # whose input tells calls apart that have no id
    wanted |= EDITS if wanted & EDITS else frozenset()
    values = {"org_id": org_id, "session_ids": list(ids), "kinds": sorted(wanted), "channels": list(CHANNELS)}
    told: dict[SessionId, list[Account]] = {id: [] for id in ids}
    heard = await _heard(db, org_id, ids)
    for row in await db.rows(_ACCOUNTS, values):
        key = row["session_id"], row["id"]
        told[row["session_id"]].append(_account(row, key in fresh, frozenset(heard[key])))
    gone: set[tuple[SessionId, EventId]] = set()
    for id, accounts in told.items():
        same = happenings(accounts)
        await _keep_one(db, org_id, user_id, id, same)
        gone |= {(id, other.id) for happening in same for other in happening.others}
        if outdo_copies(accounts):
            gone |= {(id, copy) for copy in await _drop_copies(db, org_id, user_id, id)}
    return frozenset(gone)


_HEARD = sa.text(
    "SELECT session_id, told_as, channel FROM retold_events WHERE org_id = :org_id AND session_id = ANY (:session_ids)"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("session_ids", type_=ARRAY(sa.Text)))


async def _heard(
    db: Reading, org_id: OrgId, ids: Sequence[SessionId]
) -> defaultdict[tuple[SessionId, EventId], set[Witness]]:
    """Whose accounts each event has taken in."""
    heard: defaultdict[tuple[SessionId, EventId], set[Witness]] = defaultdict(set)
    for row in await db.rows(_HEARD, {"org_id": org_id, "session_ids": list(ids)}):
        heard[row["session_id"], row["told_as"]].add(CHANNELS[row["channel"]])
    return heard


def _account(row: Row, fresh: bool, heard: frozenset[Witness]) -> Account:
    at = row["ts"], row["ordinal"]
    return Account(row["id"], Kind(row["kind"]), CHANNELS[row["channel"]], at, row["name"], row["text"], fresh, heard)


# The serving role may not rewrite the log: these functions let one event of a session say what another one says.
_RETELL, _RETELL_MEASURED, _MEASURE = (
    sa.text(f"SELECT {function}(:session_id, :kept_ids, :told_ids)").bindparams(
        sa.bindparam("session_id", type_=sa.Text),
        sa.bindparam("kept_ids", type_=ARRAY(UUID)),
        sa.bindparam("told_ids", type_=ARRAY(UUID)),
    )
    for function in ("retell_events", "retell_measured_events", "measure_events")
)
_REMOVE = sa.text(
    "DELETE FROM events WHERE org_id = :org_id AND session_id = :session_id AND id = ANY (CAST(:told_ids AS uuid[]))"
).bindparams(*_ORG_AND_SESSION)
_NOTE = sa.text(
    "INSERT INTO retold_events (org_id, id, session_id, user_id, told_as, channel)"
    " SELECT :org_id, id, :session_id, :user_id, told_as, channel"
    " FROM unnest(CAST(:told_ids AS uuid[]), CAST(:kept_ids AS uuid[]), :channels) AS pair (id, told_as, channel)"
    " ON CONFLICT DO NOTHING"
).bindparams(*_ORG_AND_SESSION, sa.bindparam("user_id", type_=UUID), sa.bindparam("channels", type_=ARRAY(sa.Text)))
_CHANNELS = {witness: channel for channel, witness in CHANNELS.items()}


async def _keep_one(db: Writing, org_id: OrgId, user_id: UserId, id: SessionId, same: Sequence[Happening]) -> None:
    if not same:
        return
    session = {"org_id": org_id, "session_id": id}
    for statement, pairs in _changes(same):
        if pairs:
            await db.execute(statement, {"session_id": id} | _ids(pairs))
    others = [(happening.kept, other) for happening in same for other in happening.others]
    # The one that is kept is noted as well: once it says what another told, it does not show who told it first.
    told = [*others, *((happening.kept, happening.kept) for happening in same)]
    channels = [_CHANNELS[account.witness] for _, account in told]
    await db.execute(_NOTE, session | {"user_id": user_id, "channels": channels} | _ids(told))
    await db.execute(_REMOVE, session | _ids(others))


_COPIES = sa.text(
    "SELECT id FROM events WHERE org_id = :org_id AND session_id = :session_id AND source ->> 'witness' = :copy"
).bindparams(*_ORG_AND_SESSION, sa.bindparam("copy", COPY, sa.Text))


async def _drop_copies(db: Writing, org_id: OrgId, user_id: UserId, id: SessionId) -> list[EventId]:
    """They are noted, so that they stay away when they are told again."""
    session = {"org_id": org_id, "session_id": id}
    copies = [EventId(row["id"]) for row in await db.rows(_COPIES, session)]
    if copies:
        noted = {"kept_ids": copies, "told_ids": copies, "channels": [COPY] * len(copies)}
        await db.execute(_NOTE, session | {"user_id": user_id} | noted)
        await db.execute(_REMOVE, session | {"told_ids": copies})
    return copies


_Pairs = list[tuple[Account, Account]]


def _changes(same: Iterable[Happening]) -> list[tuple[Executable, _Pairs]]:
    retold: _Pairs = []
    retold_measured: _Pairs = []
    measured: _Pairs = []
    for one in same:
        if one.best is not one.kept:
            (retold_measured if _measures(one.kept) else retold).append((one.kept, one.best))
        measured += [(one.kept, other) for other in one.others if _measures(other)]
    return [(_RETELL, retold), (_RETELL_MEASURED, retold_measured), (_MEASURE, measured)]


def _measures(account: Account) -> bool:
    return account.witness is Witness.TELEMETRY and account.kind is Kind.API_REQUEST


def _ids(pairs: _Pairs) -> dict[str, object]:
    return {"kept_ids": [kept.id for kept, _ in pairs], "told_ids": [told.id for _, told in pairs]}


_EXTENT = sa.text(
    "UPDATE sessions s SET"
    " started_at = (SELECT ts FROM events e WHERE e.org_id = s.org_id AND e.session_id = s.id ORDER BY ts LIMIT 1),"
    " last_activity_at ="
    "  (SELECT ts FROM events e WHERE e.org_id = s.org_id AND e.session_id = s.id ORDER BY ts DESC LIMIT 1)"
    " WHERE s.org_id = :org_id AND s.id = ANY (:session_ids)"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("session_ids", type_=ARRAY(sa.Text)))


async def measure(db: Writing, org_id: OrgId, ids: Sequence[SessionId]) -> None:
    """From when to when these sessions last: who tells late stamps late, until it is told better."""
    if ids:
        await db.execute(_EXTENT, {"org_id": org_id, "session_ids": list(ids)})
