"""Prompts with what was judged of each, for lists that show many."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from domain.judging.prompts import JudgedPrompt, judged_prompts
from domain.judging.records import State, SubSession
from domain.timeline import Event, StoredEvent
from domain.values import EventId, OrgId, SessionId, SubSessionId
from persistence.arc_rows import sub_session_from
from persistence.database import ORG, Reading
from persistence.judging import sub_sessions
from persistence.timeline import events_by_id


class Asked(NamedTuple):
    """A prompt of a session; `arc_id` is the arc in which it is shown, None where that is to be found."""

    session_id: SessionId
    event_id: EventId
    arc_id: SubSessionId | None = None


# What began in these sessions, and the arcs of other sessions that it was joined to.
_part = sub_sessions.alias("part")
_OF_SESSIONS = sa.select(sa.func.coalesce(_part.c.merged_into_id, _part.c.id)).where(
    _part.c.org_id == ORG, _part.c.session_id == sa.any_(sa.bindparam("sessions", type_=ARRAY(sa.Text)))
)
_KNOWN = sa.select(sa.func.unnest(sa.bindparam("ids", type_=ARRAY(UUID))))
_ARCS = (
    sa.select(sub_sessions)
    .where(
        sub_sessions.c.org_id == ORG,
        sub_sessions.c.id.in_(_OF_SESSIONS.union(_KNOWN)),
        sub_sessions.c.state != State.MERGED,
    )
    .order_by(sub_sessions.c.started_at, sub_sessions.c.id)
)


async def prompts_judged(db: Reading, org_id: OrgId, asked: Sequence[Asked]) -> list[JudgedPrompt | None]:
    """Each prompt as it was judged in its arc, in the order of `asked`; None where it is in no arc that is visible."""
    found = await _arcs(db, org_id, asked)
    arcs = {arc.id: arc for arc in found if arc is not None}
    judged = await _judged(db, org_id, list(arcs.values()))
    return [None if arc is None else judged[arc.id].get(one.event_id) for one, arc in zip(asked, found, strict=True)]


async def _arcs(db: Reading, org_id: OrgId, asked: Sequence[Asked]) -> list[SubSession | None]:
    """The arc of each."""
    ids = list({one.arc_id for one in asked if one.arc_id is not None})
    sessions = list({one.session_id for one in asked if one.arc_id is None})
    rows = await db.rows(_ARCS, {"org_id": org_id, "ids": ids, "sessions": sessions})
    by_id = {arc.id: arc for arc in map(sub_session_from, rows)}
    by_prompt = {id: arc for arc in by_id.values() for id in arc.prompt_ids}
    return [by_prompt.get(one.event_id) if one.arc_id is None else by_id.get(one.arc_id) for one in asked]


async def _judged(
    db: Reading, org_id: OrgId, arcs: Sequence[SubSession]
) -> dict[SubSessionId, Mapping[EventId, JudgedPrompt]]:
    """What was judged of the prompts of each arc."""
    places = [(arc.session_id, id) for arc in arcs for id in arc.prompt_ids]
    stored = dict(zip(places, await events_by_id(db, org_id, places), strict=True)) if places else {}
    found: dict[SubSessionId, Mapping[EventId, JudgedPrompt]] = {}
    for arc in arcs:
        prompts = _in_order([stored[arc.session_id, id] for id in arc.prompt_ids])
        found[arc.id] = {one.event.id: one for one in judged_prompts(arc, prompts)}
    return found


def _in_order(found: Sequence[StoredEvent | None]) -> list[Event]:
    there = [stored for stored in found if stored is not None]
    return [stored.event for stored in sorted(there, key=lambda stored: (stored.event.ts, stored.seq))]
