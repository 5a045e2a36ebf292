"""What sessions are made up of, and where they meet a search. Whoever holds the session has been let in already."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from domain import search
from domain.access import Scope
from domain.errors import Invalid
from domain.judging.records import SubSession
from domain.search import Fragment, Search
from domain.session_parts import MOST_PARTS, FileTouched, ModelUsed, SubAgent, ToolUsed
from domain.sessions import Session
from domain.values import EventId, SessionId, SubSessionId
from resolvers.context import Context

T = TypeVar("T")

PARTS = 20
"""So many of a kind are shown unless told."""
HIGHLIGHTS, MOST_HIGHLIGHTS = 3, 20
"""So many are shown unless told, and so many at most."""


async def files_of_session(ctx: Context, id: SessionId, first: int) -> Sequence[FileTouched]:
    """The files with the most changed lines. Raises Invalid for a number outside 1-1000, as all of these do."""
    return first_of(await ctx.loaders.files_of_session.load(id), first)


async def tools_of_session(ctx: Context, id: SessionId, first: int) -> Sequence[ToolUsed]:
    """The tools that were called most."""
    return first_of(await ctx.loaders.tools_of_session.load(id), first)


async def models_of_session(ctx: Context, id: SessionId, first: int) -> Sequence[ModelUsed]:
    """The models with the most tokens."""
    return first_of(await ctx.loaders.models_of_session.load(id), first)


async def agents_of_session(ctx: Context, id: SessionId, first: int) -> Sequence[SubAgent]:
    """The sub-agents, by start."""
    return first_of(await ctx.loaders.agents_of_session.load(id), first)


def first_of(parts: Sequence[T], first: int) -> Sequence[T]:
    """So many of them. Raises Invalid for a number outside 1-1000."""
    if not 1 <= first <= MOST_PARTS:
        raise Invalid(f"first must lie between 1 and {MOST_PARTS}")
    return parts[:first]


class TextSource(StrEnum):
    """Where a session was found by its words."""

    TITLE = "title"
    ARC_TITLE = "arc_title"
    SUMMARY = "summary"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Highlight:
    """A text that meets a search: that of the session, of one of its arcs, or of a prompt sent `at`."""

    source: TextSource
    fragments: tuple[Fragment, ...]
    session_id: SessionId
    sub_session_id: SubSessionId | None = None
    event_id: EventId | None = None
    at: datetime | None = None


async def highlights_of_session(ctx: Context, session: Session, text: str, first: int) -> Sequence[Highlight]:
    """Where a session meets the search `text`: titles first, then what arcs are about, then prompts by time.

    Raises Invalid for a text that is no search, and for a number outside 1-20.
    """
    if not 1 <= first <= MOST_HIGHLIGHTS:
        raise Invalid(f"first must lie between 1 and {MOST_HIGHLIGHTS}")
    wanted = search.read(text)
    arcs: Sequence[SubSession] = ()
    if ctx.caller.may(Scope.SCORES_READ):
        arcs = await ctx.loaders.sub_sessions_by_session.load(session.id)
    prompts = await ctx.loaders.prompt_texts_of_session.load(session.id)
    return await asyncio.to_thread(_met, wanted, [*_texts(session, arcs, prompts)], first)


def _texts(
    session: Session, arcs: Sequence[SubSession], prompts: Sequence[tuple[EventId, datetime, str]]
) -> Iterator[tuple[str | None, Highlight]]:
    id = session.id
    yield session.title, Highlight(TextSource.TITLE, (), id)
    for arc in arcs:
        yield arc.label.title, Highlight(TextSource.ARC_TITLE, (), id, arc.id, None, arc.started_at)
        yield arc.label.summary, Highlight(TextSource.SUMMARY, (), id, arc.id, None, arc.started_at)
    for event_id, at, text in prompts:
        yield text, Highlight(TextSource.PROMPT, (), id, None, event_id, at)


def _met(wanted: Search, texts: Sequence[tuple[str | None, Highlight]], first: int) -> Sequence[Highlight]:
    found: list[Highlight] = []
    for text, place in texts:
        fragments = search.highlight(text, wanted) if text else ()
        if fragments:
            found.append(replace(place, fragments=fragments))
        if len(found) == first:
            break
    return found
