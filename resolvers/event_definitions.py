"""Which events and properties insights know, and what was seen of them lately."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import persistence.insights.seen
from domain.access import Scope
from domain.insights.catalogue import EVENTS, PROPERTIES, EventDefinition, PropertyDefinition, has_property
from domain.insights.filters import (
    PropertySource,
)
from domain.insights.sql_views import VIEWS, View
from persistence.database import Tenant
from resolvers.context import Context

LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class EventSeen:
    """An event with its first and last time, to a quarter of an hour, and how often it happened lately."""

    definition: EventDefinition
    count: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class PropertySeen:
    """A property with the names of the events that may have it, and some of its values, the most frequent first where
    they come from what happened lately."""

    definition: PropertyDefinition
    event_names: Sequence[str]
    sample_values: Sequence[str]


async def list_event_definitions(ctx: Context) -> list[EventSeen]:
    """All events, the captured ones first; counted are those that the caller's insights count. Raises Forbidden."""
    ctx.caller.require(Scope.INSIGHT_READ)
    now = ctx.services.now()
    async with ctx.services.database.read(_tenant(ctx)) as db:
        seen = await persistence.insights.seen.events(db, _tenant(ctx), list(EVENTS), now - LATELY, now)
    return [
        EventSeen(one, found.count, found.first_seen_at, found.last_seen_at)
        for one, found in zip(EVENTS.values(), seen, strict=True)
    ]


async def list_property_definitions(ctx: Context, event: str | None = None) -> list[PropertySeen]:
    """All properties, or those that an event of this name may have. Raises Forbidden."""
    ctx.caller.require(Scope.INSIGHT_READ)
    now = ctx.services.now()
    async with ctx.services.database.read(_tenant(ctx)) as db:
        values = await persistence.insights.seen.values(db, _tenant(ctx), now - LATELY, now)
    return list(_properties(values, event))


async def list_sql_views(ctx: Context) -> list[View]:
    """What SQL may ask. Raises Forbidden."""
    ctx.caller.require(Scope.INSIGHT_READ)
    return list(VIEWS.values())


def _properties(values: Mapping[str, Sequence[str]], event: str | None) -> Iterator[PropertySeen]:
    for one in PROPERTIES.values():
        events = _events_with(one)
        if event is None or event in events:
            yield PropertySeen(one, events, one.values or values.get(one.column or "", ()))


def _events_with(definition: PropertyDefinition) -> list[str]:
    """Every event has a developer and a session."""
    everywhere = definition.source is not PropertySource.EVENT
    return [name for name in EVENTS if everywhere or has_property(name, definition.key)]


def _tenant(ctx: Context) -> Tenant:
    return Tenant(ctx.caller.org_id, ctx.caller.insights_of)
