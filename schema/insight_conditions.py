"""Conditions on the events of insights, properties and stretches of time: as they are given, and as they are shown."""

from typing import Annotated, Union

import strawberry

from domain.errors import Invalid
from domain.insights.query_models import RetentionEntity
from domain.insights.query_parts import DateRange, Properties, PropertyFilter, PropertyGroup
from domain.insights.query_parts import EventsNode as Node
from domain.values import JsonObject, JsonValue
from schema.event_definitions import PropertySource
from schema.insight_enums import InsightOperator

MOST_DEPTH = 10
"""Of conditions within each other."""


def given(**fields: JsonValue) -> JsonObject:
    """The fields of a document that say something."""
    return {name: value for name, value in fields.items() if value is not None}


@strawberry.input(description="A property of what happened; `propertyDefinitions` says which there are.")
class InsightPropertyInput:
    key: str = strawberry.field(description="What it is called.")
    source: PropertySource = strawberry.field(default=PropertySource.EVENT, description="What it is told of.")


@strawberry.input(description="A property, and what it is compared with.")
class InsightComparisonInput:
    property: InsightPropertyInput = strawberry.field(description="Which one.")
    operator: InsightOperator = strawberry.field(default=InsightOperator.EXACT, description="How it is compared.")
    values: list[str] | None = strawberry.field(
        default=None, description="With what; numbers, dates and truths as text. Two for BETWEEN, none for SET."
    )

    def document(self) -> JsonObject:
        key = {"type": self.property.source.value, "key": self.property.key, "operator": self.operator.value}
        return {**key, **given(value=None if self.values is None else [*self.values])}


@strawberry.input(description="A condition on events.", one_of=True)
class InsightConditionInput:
    compare: InsightComparisonInput | None = strawberry.field(
        default=strawberry.UNSET, description="A property compares so."
    )
    all: list["InsightConditionInput"] | None = strawberry.field(
        default=strawberry.UNSET, description="All of these hold."
    )
    any: list["InsightConditionInput"] | None = strawberry.field(
        default=strawberry.UNSET, description="At least one of these holds."
    )

    def document(self, depth: int = 0) -> JsonObject:
        """Raises Invalid for conditions that are nested too deep."""
        if depth >= MOST_DEPTH:
            raise Invalid(f"conditions stand at most {MOST_DEPTH} deep in each other")
        if self.compare:
            return self.compare.document()
        combinator, parts = ("AND", self.all) if self.all else ("OR", self.any)
        return {"type": combinator, "values": [part.document(depth + 1) for part in parts or ()]}


def properties(where: InsightConditionInput | None) -> JsonValue:
    """As it stands in a document."""
    if where is None:
        return None
    condition = where.document()
    return condition if "values" in condition else [condition]


@strawberry.input(
    description="A stretch of time: days (2026-03-02), times (2026-03-02T09:00:00Z), or told from now (-7d, -1mStart,"
    " dStart)."
)
class InsightRangeInput:
    date_from: str | None = strawberry.field(
        default=None, description="Where it begins; seven days ago if left out. `all`: with the first event."
    )
    date_to: str | None = strawberry.field(default=None, description="Where it ends; now if left out.")
    exact: bool = strawberry.field(
        default=False, description="Whether a start that is told from now is not moved back to that of its bucket."
    )

    def document(self) -> JsonObject:
        return given(date_from=self.date_from, date_to=self.date_to, explicitDate=self.exact or None)


def date_range(range: InsightRangeInput | None) -> JsonValue:
    """As it stands in a document."""
    return None if range is None else range.document()


@strawberry.input(description="Which events are meant; `eventDefinitions` says which there are.")
class InsightEventsInput:
    event: str | None = strawberry.field(default=None, description="Those of this name; of any if left out.")
    name: str | None = strawberry.field(default=None, description="What to call them instead.")
    where: InsightConditionInput | None = strawberry.field(default=None, description="Only those that pass.")

    def document(self) -> JsonObject:
        node = given(event=self.event, custom_name=self.name, properties=properties(self.where))
        return {"kind": "EventsNode", **node}


@strawberry.type(description="A property of what happened.")
class InsightProperty:
    key: str = strawberry.field(description="What it is called.")
    source: PropertySource = strawberry.field(description="What it is told of.")


@strawberry.type(description="A property, and what it is compared with.")
class InsightComparison:
    property: InsightProperty = strawberry.field(description="Which one.")
    operator: InsightOperator = strawberry.field(description="How it is compared.")
    values: list[str] = strawberry.field(description="With what; numbers, dates and truths as text.")


@strawberry.type(description="Conditions of which all hold, or at least one.")
class InsightConditionGroup:
    all_needed: bool = strawberry.field(name="everyNeeded", description="Whether all of them have to hold.")
    conditions: list["InsightCondition"] = strawberry.field(description="They may be groups in turn.")


InsightCondition = Annotated[
    Union[InsightComparison, InsightConditionGroup],  # noqa: UP007 - a union of the graph
    strawberry.union("InsightCondition", description="A condition on events."),
]


@strawberry.type(description="Which events are meant.")
class InsightEvents:
    event: str | None = strawberry.field(description="Those of this name; null: of any.")
    name: str | None = strawberry.field(description="What they are called instead; null: by their event.")
    where: InsightConditionGroup | None = strawberry.field(description="Only those that pass; null: all.")


@strawberry.type(description="A stretch of time as it was asked for.")
class InsightRange:
    date_from: str | None = strawberry.field(description="Where it begins; null: seven days ago.")
    date_to: str | None = strawberry.field(description="Where it ends; null: now.")
    exact: bool = strawberry.field(description="Whether its start is not moved back to that of its bucket.")


_SOURCES = {
    "person": PropertySource.PERSON,
    "person_properties": PropertySource.PERSON,
    "session": PropertySource.SESSION,
    "session_properties": PropertySource.SESSION,
}
_OPERATORS = {"in": InsightOperator.EXACT, "not_in": InsightOperator.IS_NOT}


def shown_property(key: str, type: str | None) -> InsightProperty:
    return InsightProperty(key=key, source=_SOURCES.get(type or "", PropertySource.EVENT))


def shown_where(properties: Properties) -> InsightConditionGroup | None:
    """None where nothing is asked."""
    if not properties:
        return None
    if isinstance(properties, PropertyGroup):
        return _group(properties)
    found = [_condition(one) for one in properties if not _is_empty(one)]
    return InsightConditionGroup(all_needed=True, conditions=found) if found else None


def _group(group: PropertyGroup) -> InsightConditionGroup:
    parts = [_condition(one) for one in group.values if not _is_empty(one)]
    return InsightConditionGroup(all_needed=group.type == "AND", conditions=parts)


def _is_empty(part: PropertyFilter | PropertyGroup) -> bool:
    return isinstance(part, PropertyFilter) and part.type == "empty"


def _condition(part: PropertyFilter | PropertyGroup) -> InsightComparison | InsightConditionGroup:
    if isinstance(part, PropertyGroup):
        return _group(part)
    values = part.value if isinstance(part.value, tuple) else () if part.value is None else (part.value,)
    return InsightComparison(
        property=shown_property(part.key or "", part.type),
        operator=_OPERATORS.get(part.operator or "exact") or InsightOperator(part.operator or "exact"),
        values=[_text(value) for value in values],
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def shown_events(node: Node | RetentionEntity | None) -> InsightEvents:
    if node is None:
        return InsightEvents(event=None, name=None, where=None)
    event = node.event if isinstance(node, Node) else None if node.id is None else str(node.id)
    return InsightEvents(event=event, name=node.custom_name, where=shown_where(node.properties))


def shown_range(range: DateRange | None) -> InsightRange | None:
    if range is None:
        return None
    return InsightRange(date_from=range.date_from, date_to=range.date_to, exact=bool(range.explicit_date))
