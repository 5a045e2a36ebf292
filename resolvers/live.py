"""Following what changes as it changes.

Streams without a cursor begin with a Resync and go on from there: read what you show once you have it, and nothing is
missed between reading and following. It also comes when events after the cursor are gone.
"""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass

from domain.access import KeyKind, Scope
from domain.errors import NotFound
from domain.judging.changes import ANY_ARC, is_of_sub_session
from domain.live import Arrival, Cursor, LiveEvent, Resync, read_cursor
from domain.timeline import Kind
from domain.values import SessionId
from persistence.database import Tenant
from persistence.live_feeds import everything
from persistence.logs import ArrivalLog, ChangeLog, E, Log
from resolvers.context import Context
from resolvers.sessions import get_session, only_session


async def watch_sub_sessions(ctx: Context, after: str | None) -> AsyncGenerator[list[LiveEvent | Resync]]:
    """The events of the caller's goal arcs after the cursor, then as they come, each once; a page at a time.

    Raises Invalid for a cursor that is not the caller's organisation's, NotFound for a candidate without a session.
    """
    ctx.caller.require(Scope.SCORES_READ)
    if ctx.caller.kind is KeyKind.CANDIDATE and ctx.caller.session_id is None:
        raise NotFound("this key is tied to no session yet: send an event first")

    log, wanted = ChangeLog(ctx.caller.org_id), _OfSubSessions(only_session(ctx))
    async with aclosing(_told(follow(ctx, log, ctx.tenant, _start(log, after), wanted))) as pages:
        async for page in pages:
            yield page


def watch_own_sub_sessions(ctx: Context, after: str | None) -> AsyncGenerator[list[LiveEvent | Resync]]:
    """As `watch_sub_sessions`, but of the caller's own goal arcs alone, whatever else the key may read.

    Raises before anything is followed.
    """
    ctx.caller.require(Scope.SCORES_READ)
    log, own = ChangeLog(ctx.caller.org_id), Tenant(ctx.caller.org_id, ctx.caller.user_id)
    return _told(follow(ctx, log, own, _start(log, after), _OfSubSessions()))


async def _told(
    pages: AsyncGenerator[list[LiveEvent | Resync]],
) -> AsyncGenerator[list[LiveEvent | Resync]]:
    """Of erased arcs nothing is known any more but that all is to be shown anew."""
    async with aclosing(pages):
        async for page in pages:
            yield [Resync(one.cursor) if _is_of_any_arc(one) else one for one in page]


def _is_of_any_arc(told: LiveEvent | Resync) -> bool:
    return isinstance(told, LiveEvent) and told.sub_session_id == ANY_ARC


async def watch_timeline(
    ctx: Context, session_id: SessionId, after: str | None, kinds: Iterable[Kind] = ()
) -> AsyncGenerator[list[Arrival | Resync]]:
    """The events of a session in the order in which they arrive, late ones too, each once; a page at a time. Only
    those of `kinds`, of all if there are none.

    Ends when the session is deleted. Raises NotFound for a session out of reach, Invalid for a cursor of another one.
    """
    session = await get_session(ctx, session_id)
    log = ArrivalLog(ctx.caller.org_id, session.id)
    wanted = _OfKinds(frozenset(kinds) or frozenset(Kind))
    async with aclosing(follow(ctx, log, ctx.tenant, _start(log, after), wanted)) as pages:
        async for page in pages:
            yield page


@dataclass(frozen=True, slots=True)
class _OfKinds:
    """Whether an event is of one of these. Equal ones share what they pick."""

    kinds: frozenset[Kind]

    def __call__(self, arrival: Arrival) -> bool:
        return arrival.kind in self.kinds


@dataclass(frozen=True, slots=True)
class _OfSubSessions:
    """Whether an event tells of a goal arc, in one session alone unless it is None. Equal ones share what they pick."""

    only: SessionId | None = None

    def __call__(self, event: LiveEvent) -> bool:
        return is_of_sub_session(event.name) and self.only in (None, event.session_id)


def _start(log: Log[E], after: str | None) -> Cursor | None:
    return None if after is None else read_cursor(after, log.org_id, log.name)


async def follow(
    ctx: Context, log: Log[E], tenant: Tenant, start: Cursor | None, wanted: Callable[[E], bool] = everything
) -> AsyncGenerator[list[E | Resync]]:
    """What of the log `tenant` may see and is wanted, from the cursor on; ends with the log."""
    if start is None:
        start = await ctx.services.live.now(log, tenant)
        yield [Resync(start)]
    async with ctx.services.live.reading(log, tenant, start, wanted) as reader:
        while (page := await reader.next_page()) is not None:
            if page:
                yield page
