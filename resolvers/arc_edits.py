"""Developers divide their own work: split, merge, and undo of each.

The arcs are looked at before anything is locked. The edit itself names events, so it stays true should new ones arrive
meanwhile; what follows from it is derived at once, and by a worker should this process end in between.
"""

from collections.abc import Iterable, Sequence

import persistence.arc_edits
import persistence.clusters
import persistence.jobs
import persistence.judging
from domain.access import Scope
from domain.judging.arc_edits import (
    Code,
    different,
    holder,
    last_cut,
    last_join,
    no_such_arc,
    not_in_arc,
    refused,
    seams,
)
from domain.judging.arcs import Fragment
from domain.judging.records import SubSession
from domain.judging.segmentation import begun_with
from domain.values import EventId, SessionId, SubSessionId
from persistence.database import Writing
from resolvers.clusters import Member, gather
from resolvers.context import Context
from resolvers.derivation import derive_now
from resolvers.judging import own_arc
from resolvers.sessions import within_reach


async def split_sub_session(ctx: Context, id: SubSessionId, at: EventId) -> list[SubSession]:
    """Cuts an arc of the caller's own in two before the event `at`, for good. Returns both, by start.

    Raises NotFound for another developer's arc, Invalid where the arc has no such event or nothing before it.
    """
    arc = await _own(ctx, id, "id")
    fragment = holder(_fragments(await _members(ctx, arc), arc, "id"), at)
    if not within_reach(ctx, fragment.session_id):
        raise not_in_arc()
    async with ctx.write() as db:
        await persistence.clusters.lock(db, ctx.caller.org_id, [ctx.caller.user_id])
        await persistence.arc_edits.save_cut(db, ctx.caller.org_id, ctx.caller.user_id, fragment.session_id, at)
        await _ask_again(ctx, db, {fragment.session_id})
    return await _derived(ctx, fragment.session_id, [arc.id, begun_with(at)])


async def merge_sub_sessions(ctx: Context, ids: Sequence[SubSessionId]) -> SubSession:
    """Joins arcs of the caller's own that follow on each other into one, for good.

    Raises NotFound for another developer's arc, Invalid for arcs that do not follow on each other, and for fewer than
    2 or more than 20 of them.
    """
    ctx.caller.require(Scope.LABELS_WRITE)
    arcs: dict[SubSessionId, list[Fragment]] = {}
    members: dict[SessionId, Member] = {}
    for place, id in enumerate(different(ids)):
        arc = await _own(ctx, id, "ids", str(place))
        if arc.session_id not in members:
            members |= {member.head.id: member for member in await _members(ctx, arc)}
        arcs[arc.id] = _fragments(members.values(), arc, "ids", str(place))
    found = seams([arcs[id] for id in different(arcs)], _all(members.values()))
    sessions = {part.session_id for parts in arcs.values() for part in parts}
    async with ctx.write() as db:
        await persistence.clusters.lock(db, ctx.caller.org_id, [ctx.caller.user_id])
        await persistence.arc_edits.save_join(db, ctx.caller.org_id, ctx.caller.user_id, sorted(sessions), found)
        await _ask_again(ctx, db, sessions)
    return (await _derived(ctx, min(sessions), arcs))[0]


async def undo_sub_session_split(ctx: Context, id: SubSessionId) -> list[SubSession]:
    """Takes the cut back that an arc of the caller's own begins with.

    Returns what it and the one before it in the session are now: one arc, unless the rules divide them as well.
    Raises NotFound for another developer's arc, Invalid for an arc that begins with no cut.
    """
    arc = await _own(ctx, id, "id")
    members = await _members(ctx, arc)
    parts = _fragments(members, arc, "id")
    await _forget(ctx, last_cut(parts), {arc.session_id}, Code.NOT_SPLIT)
    earlier = [one for one in _all(members) if one.session_id == arc.session_id and one.place < parts[0].place]
    before = [max(earlier, key=lambda one: one.place).id] if earlier else []
    return await _derived(ctx, arc.session_id, [*before, arc.id])


async def undo_sub_session_merge(ctx: Context, id: SubSessionId) -> list[SubSession]:
    """Takes the last join back that holds in an arc of the caller's own. Returns what its fragments belong to now.

    Raises NotFound for another developer's arc, Invalid for an arc in which nobody joined anything.
    """
    arc = await _own(ctx, id, "id")
    members = await _members(ctx, arc)
    parts = _fragments(members, arc, "id")
    joins = next(member.shape.joins for member in members if member.head.id == arc.session_id)
    number = last_join(parts, joins)
    await _forget(ctx, number, {part.session_id for part in parts}, Code.NOT_MERGED)
    return await _derived(ctx, arc.session_id, [part.id for part in parts])


async def _own(ctx: Context, id: SubSessionId, *field: str) -> SubSession:
    ctx.caller.require(Scope.LABELS_WRITE)
    async with ctx.read() as db:
        arc = await own_arc(ctx, db, id)
    if arc is None:
        raise no_such_arc(*field)
    return arc


async def _members(ctx: Context, arc: SubSession) -> Sequence[Member]:
    return (await gather(ctx.services, ctx.caller.org_id, arc.session_id)).members


def _all(members: Iterable[Member]) -> list[Fragment]:
    return [fragment for member in members for fragment in member.fragments]


def _fragments(members: Iterable[Member], arc: SubSession, *field: str) -> list[Fragment]:
    """The fragments of an arc by start. Raises NotFound where new events have left nothing of it."""
    found = sorted((one for one in _all(members) if one.id in arc.fragment_ids), key=lambda one: one.place)
    if not found or found[0].id != arc.id:
        raise no_such_arc(*field)
    return found


async def _forget(ctx: Context, number: int, sessions: set[SessionId], code: Code) -> None:
    async with ctx.write() as db:
        await persistence.clusters.lock(db, ctx.caller.org_id, [ctx.caller.user_id])
        if not await persistence.arc_edits.forget(db, ctx.caller.org_id, ctx.caller.user_id, number):
            raise refused(code, "this has been taken back already", "id")
        await _ask_again(ctx, db, sessions)


async def _ask_again(ctx: Context, db: Writing, sessions: set[SessionId]) -> None:
    await persistence.jobs.enqueue(db, ctx.caller.org_id, ctx.caller.user_id, sorted(sessions))


async def _derived(ctx: Context, session_id: SessionId, ids: Iterable[SubSessionId]) -> list[SubSession]:
    """The arcs that these fragments belong to once the session has been derived, in the order of `ids`."""
    await derive_now(ctx.services, ctx.caller.org_id, session_id)
    ctx.loaders.forget()
    async with ctx.read() as db:
        parts = await persistence.judging.sub_sessions_by_id(db, ctx.caller.org_id, list(ids))
        heads = dict.fromkeys(part.merged_into_id or part.id for part in parts if part is not None)
        found = await persistence.judging.sub_sessions_by_id(db, ctx.caller.org_id, list(heads))
    arcs = [arc for arc in found if arc is not None]
    if not arcs:  # new events have meanwhile moved their beginnings
        raise no_such_arc("id")
    return arcs
