"""Developers: list, and how much of their work there is."""

from dataclasses import replace

import persistence.developers
from domain.access import KeyKind, Scope, User
from domain.developers import DeveloperActivity, DeveloperFilter, stretch
from domain.values import Page, Span, UserId, Window
from resolvers import cursors
from resolvers.context import Context

_LIST = "developers"


async def list_developers(ctx: Context, wanted: DeveloperFilter, window: Window[str]) -> Page[User]:
    """By address; without the right to the whole organisation only the caller's own. Raises Invalid for a forged
    cursor, Forbidden for a key that may not read sessions."""
    reachable, asked = _reachable(ctx, wanted), window.placed(_place)
    async with ctx.read() as db:
        found = await persistence.developers.page(db, ctx.caller.org_id, reachable, asked)
    return cursors.page(found, window, lambda user: cursors.encode(_LIST, user.email))


async def count_developers(ctx: Context, wanted: DeveloperFilter) -> int:
    """How many `list_developers` would show in all."""
    reachable = _reachable(ctx, wanted)
    async with ctx.read() as db:
        return await persistence.developers.count(db, ctx.caller.org_id, reachable)


def _reachable(ctx: Context, wanted: DeveloperFilter) -> DeveloperFilter:
    """A candidate is shown nobody else, whatever scopes the key has."""
    ctx.caller.require(Scope.SESSIONS_READ)
    own = ctx.caller.user_id if ctx.caller.kind is KeyKind.CANDIDATE else ctx.caller.visible_user
    return replace(wanted, only=own)


def _place(cursor: str) -> persistence.developers.Place:
    [email] = cursors.decode(cursor, _LIST, 1)
    if not isinstance(email, str) or "\x00" in email:
        raise cursors.forged()
    return email


async def find_activity(ctx: Context, id: UserId, within: Span | None) -> DeveloperActivity | None:
    """How much of a developer's work there is; None where the caller may not read it all."""
    if not _reads_all_of(ctx, id):
        return None
    return await ctx.loaders.activity_of_developer.load(stretch(id, within, ctx.now()))


def _reads_all_of(ctx: Context, id: UserId) -> bool:
    caller = ctx.caller
    may = caller.may(Scope.SESSIONS_READ) and caller.may(Scope.SCORES_READ)
    return may and caller.kind is not KeyKind.CANDIDATE and caller.visible_user in (None, id)
