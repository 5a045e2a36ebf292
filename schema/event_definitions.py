"""The events that insights count, and their properties: what a query may name."""

from datetime import datetime
from typing import Annotated

import strawberry

import resolvers.event_definitions as definitions
from domain.insights.filters import (
    PropertySource,
    PropertyType,
)
from domain.insights.sql_views import View
from schema.values import Info, Long, describe

describe(
    PropertySource,
    "What a property is told of.",
    {
        "event": "The event by itself.",
        "person": "The developer whose event it is.",
        "session": "The session it happened in.",
    },
)
describe(
    PropertyType,
    "What the values of a property are.",
    {
        "text": "Texts, compared letter by letter.",
        "number": "Numbers, which sums and means may be taken of.",
        "boolean": "True or false.",
        "time": "Moments, to a microsecond.",
    },
)


@strawberry.type(description="A property that filters, breakdowns and sums may name, by its source and name.")
class PropertyDefinition:
    definition__key: str = strawberry.field(name="name", description="What queries call it.")
    definition__description: str = strawberry.field(name="description", description="What it tells.")
    definition__source: PropertySource = strawberry.field(name="source", description="What it is told of.")
    definition__type: PropertyType = strawberry.field(name="type", description="What its values are.")
    event_names: list[str] = strawberry.field(description="The events that may have it.")
    sample_values: list[str] = strawberry.field(
        description="All its values, where there are only so many; of names of agents, projects, models and tools up"
        " to ten that were seen in the last 30 days, the most frequent first; else none."
    )


@strawberry.type(description="An event that insights count, by its name.")
class EventDefinition:
    definition__name: str = strawberry.field(name="name", description="What queries call it.")
    definition__description: str = strawberry.field(name="description", description="When it happens.")
    definition__derived: bool = strawberry.field(
        name="derived", description="Whether it follows from events and verdicts; else it is a kind of captured event."
    )
    definition__properties: list[str] = strawberry.field(
        name="propertyNames",
        description="Properties it may have, beside those that every event has: see propertyDefinitions.",
    )
    count: Long = strawberry.field(
        name="recentCount", description="How often it happened in the last 30 days, as far as this key sees."
    )
    first_seen_at: datetime | None = strawberry.field(
        description="When it first happened, to a quarter of an hour; null: never yet."
    )
    last_seen_at: datetime | None = strawberry.field(
        description="When it last happened, to a quarter of an hour; null: never yet."
    )


@strawberry.type(description="A column of a view that SQL may ask.")
class SqlViewColumn:
    name: str = strawberry.field(description="What statements call it.")
    type: str = strawberry.field(description="What it holds, such as text, integer or timestamp.")
    says: str = strawberry.field(name="description", description="What it tells.")


@strawberry.type(description="A view that SQL may ask.")
class SqlView:
    name: str = strawberry.field(description="What statements call it.")
    says: str = strawberry.field(name="description", description="What a row of it is.")
    columns: list[SqlViewColumn] = strawberry.field(description="In the order of `*`.")


@strawberry.type
class EventDefinitionQueries:
    @strawberry.field(
        description="All events that insights count, the captured ones first. Needs insight:read.",
        graphql_type=list[EventDefinition],
    )
    @staticmethod
    async def event_definitions(info: Info) -> list[definitions.EventSeen]:
        return await definitions.list_event_definitions(info.context)

    @strawberry.field(
        description="All properties of events, or those that one event may have. Needs insight:read.",
        graphql_type=list[PropertyDefinition],
    )
    @staticmethod
    async def property_definitions(
        info: Info,
        event: Annotated[str | None, strawberry.argument(description="The name of an event; any if left out.")] = None,
    ) -> list[definitions.PropertySeen]:
        return await definitions.list_property_definitions(info.context, event)

    @strawberry.field(
        description="The views that SQL may ask, with their columns. Needs insight:read.", graphql_type=list[SqlView]
    )
    @staticmethod
    async def sql_views(info: Info) -> list[View]:
        return await definitions.list_sql_views(info.context)
