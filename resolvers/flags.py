"""Integrity flags: get, list."""

from dataclasses import replace
from uuid import UUID

import persistence.flags
from domain.access import Scope
from domain.judging.filters import FlagFilter
from domain.judging.records import Flag
from domain.values import Page, SessionId, Window
from persistence.flags import Listed
from resolvers import cursors
from resolvers.context import Context
from resolvers.sessions import only_session, within_reach


async def find_flag(ctx: Context, id: UUID) -> tuple[SessionId, Flag] | None:
    """A flag of an arc within the caller's reach, and the session that the arc began in."""
    ctx.caller.require(Scope.SCORES_READ)
    found = await ctx.loaders.flag.load(id)
    return found if found is not None and within_reach(ctx, found[0]) else None


async def list_flags(ctx: Context, wanted: FlagFilter, window: Window[str]) -> Page[Listed]:
    """Those whose arcs began last come first. Raises Invalid for a forged cursor."""
    ctx.caller.require(Scope.SCORES_READ)
    asked = window.placed(_place)
    async with ctx.read() as db:
        found = await persistence.flags.page(db, ctx.caller.org_id, _reachable(ctx, wanted), asked)
    return cursors.page(found, window, lambda one: cursors.encode(_LIST, one.flag.created_at, str(one.flag.id)))


async def count_flags(ctx: Context, wanted: FlagFilter) -> int:
    """How many `list_flags` would show in all."""
    ctx.caller.require(Scope.SCORES_READ)
    async with ctx.read() as db:
        return await persistence.flags.count(db, ctx.caller.org_id, _reachable(ctx, wanted))


def _reachable(ctx: Context, wanted: FlagFilter) -> FlagFilter:
    """A candidate is shown those of the one session tied to its key."""
    only = only_session(ctx)
    own = replace(wanted, user_id=wanted.user_id or ctx.caller.visible_user)
    return own if only is None else replace(own, session_id=only)


_LIST = "integrityFlags"


def _place(cursor: str) -> persistence.flags.Place:
    return cursors.time_and_id(cursor, _LIST)
