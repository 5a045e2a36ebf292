"""Queries of insights as clients give them: each becomes the document that is stored, and that REST shows."""

from collections.abc import Sequence

import strawberry

from domain.insights.buckets import (
    Interval,
)
from domain.insights.plans import (
    Attribution,
    FunnelOrder,
    Math,
    RetentionKind,
    Subject,
)
from domain.values import JsonObject, JsonValue
from schema.insight_conditions import (
    InsightConditionInput,
    InsightEventsInput,
    InsightPropertyInput,
    InsightRangeInput,
    date_range,
    given,
    properties,
)
from schema.insight_enums import FunnelView, FunnelWindowUnit, TrendsDisplay

_SUBJECTS = {Subject.DEVELOPER: None, Subject.SESSION: 0, Subject.ARC: 1}


def _common(
    kind: str, range: InsightRangeInput | None, where: InsightConditionInput | None, subject: Subject
) -> JsonObject:
    asked = given(dateRange=date_range(range), properties=properties(where))
    return {"kind": kind, **asked, **given(aggregation_group_type_index=_SUBJECTS[subject])}


def _nodes(events: Sequence[InsightEventsInput]) -> JsonValue:
    return [one.document() for one in events]


@strawberry.input(description="What to tell apart: each combination of values for itself.")
class InsightBreakdownInput:
    properties: list[InsightPropertyInput] = strawberry.field(description="By what, one to three.")
    value_count: int | None = strawberry.field(
        default=None, description="So many, the most frequent ones; the rest stands together. 25 if left out."
    )
    without_rest: bool = strawberry.field(default=False, description="Whether the rest is left out.")

    def document(self) -> JsonObject:
        by: JsonValue = [{"type": one.source.value, "property": one.key} for one in self.properties]
        rest = given(
            breakdown_limit=self.value_count, breakdown_hide_other_aggregation=True if self.without_rest else None
        )
        return {"breakdowns": by, **rest}


def _breakdown(breakdown: InsightBreakdownInput | None) -> JsonValue:
    return None if breakdown is None else breakdown.document()


@strawberry.input(description="What is counted, and how.")
class TrendsSeriesInput:
    event: str | None = strawberry.field(default=None, description="Events of this name; of any if left out.")
    name: str | None = strawberry.field(default=None, description="What to call the line instead.")
    where: InsightConditionInput | None = strawberry.field(default=None, description="Only those that pass.")
    math: Math = strawberry.field(default=Math.TOTAL, description="How they become a number.")
    of: InsightPropertyInput | None = strawberry.field(
        default=None, description="Of which property, where the math needs one."
    )

    def document(self) -> JsonObject:
        node = InsightEventsInput(event=self.event, name=self.name, where=self.where).document()
        return {**node, "math": self.math.value, **self._of()}

    def _of(self) -> JsonObject:
        if self.of is None:
            return {}
        return {"math_property": self.of.key, "math_property_type": f"{self.of.source.value}_properties"}


@strawberry.input(description="A number made of series, which are A, B, C and so on.")
class InsightFormulaInput:
    formula: str = strawberry.field(description="Such as `A / B * 100`.")
    name: str | None = strawberry.field(default=None, description="What to call the line instead.")


@strawberry.input(description="How much of something there is over time.")
class TrendsQueryInput:
    series: list[TrendsSeriesInput] = strawberry.field(description="What is counted, 1-26.")
    interval: Interval = strawberry.field(default=Interval.DAY, description="How time is cut.")
    range: InsightRangeInput | None = strawberry.field(default=None, description="Of when.")
    where: InsightConditionInput | None = strawberry.field(default=None, description="Only events that pass.")
    subject: Subject = strawberry.field(default=Subject.DEVELOPER, description="Of whom there are distinct ones.")
    breakdown: InsightBreakdownInput | None = strawberry.field(default=None, description="What to tell apart.")
    formulas: list[InsightFormulaInput] | None = strawberry.field(
        default=None, description="Shown instead of the series, at most 10."
    )
    display: TrendsDisplay = strawberry.field(default=TrendsDisplay.LINE, description="How it is drawn.")
    compared: bool = strawberry.field(default=False, description="Whether the time before stands beside it.")
    compared_with: str | None = strawberry.field(
        default=None, description="How much earlier that time is, such as -1w; right before if left out."
    )

    def document(self) -> JsonObject:
        formulas: JsonValue = [given(formula=one.formula, custom_name=one.name) for one in self.formulas or ()]
        shown = given(display=self.display.value, formulaNodes=formulas or None)
        compared = given(compare=True, compare_to=self.compared_with) if self.compared or self.compared_with else None
        return {
            **_common("TrendsQuery", self.range, self.where, self.subject),
            "series": [one.document() for one in self.series],
            "interval": self.interval.value,
            "trendsFilter": shown,
            **given(breakdownFilter=_breakdown(self.breakdown), compareFilter=compared),
        }


@strawberry.input(description="Events that take somebody out of a funnel who has one between two steps.")
class FunnelExclusionInput:
    events: InsightEventsInput = strawberry.field(description="Which ones.")
    after_step: int = strawberry.field(description="After which step, from 0.")
    before_step: int = strawberry.field(description="Before which one.")

    def document(self) -> JsonObject:
        return {**self.events.document(), "funnelFromStep": self.after_step, "funnelToStep": self.before_step}


@strawberry.input(description="How much time there is for a funnel.")
class FunnelWindowInput:
    count: int = strawberry.field(description="How many units.")
    unit: FunnelWindowUnit = strawberry.field(default=FunnelWindowUnit.DAY, description="Of what.")


@strawberry.input(description="How many get from one step to the next.")
class FunnelQueryInput:
    steps: list[InsightEventsInput] = strawberry.field(description="What has to happen, 1-20.")
    range: InsightRangeInput | None = strawberry.field(default=None, description="When the first one happens.")
    where: InsightConditionInput | None = strawberry.field(default=None, description="Only events that pass.")
    subject: Subject = strawberry.field(default=Subject.DEVELOPER, description="Who goes through it.")
    breakdown: InsightBreakdownInput | None = strawberry.field(default=None, description="What to tell apart.")
    attribution: Attribution = strawberry.field(
        default=Attribution.FIRST_TOUCH, description="Which event says what somebody is told apart by."
    )
    attribution_step: int | None = strawberry.field(default=None, description="Of which step, from 0, with STEP.")
    order: FunnelOrder = strawberry.field(default=FunnelOrder.ORDERED, description="In which order steps come.")
    window: FunnelWindowInput | None = strawberry.field(
        default=None, description="How long the whole may take; 14 days if left out."
    )
    exclusions: list[FunnelExclusionInput] | None = strawberry.field(
        default=None, description="What must not happen between, at most 10."
    )
    view: FunnelView = strawberry.field(default=FunnelView.STEPS, description="What it shows.")
    interval: Interval = strawberry.field(default=Interval.DAY, description="How time is cut, with OVER_TIME.")
    first_step: int | None = strawberry.field(
        default=None, description="Where times and shares begin, from 0; the first if left out."
    )
    last_step: int | None = strawberry.field(default=None, description="Where they end; the last if left out.")
    bin_count: int | None = strawberry.field(
        default=None, description="Into how many bins times are put, 1-90; as many as suit if left out."
    )

    def document(self) -> JsonObject:
        return {
            **_common("FunnelsQuery", self.range, self.where, self.subject),
            "series": _nodes(self.steps),
            "interval": self.interval.value,
            "funnelsFilter": {**self._filter(), **self._of_breakdown()},
            **given(breakdownFilter=_breakdown(self.breakdown)),
        }

    def _filter(self) -> JsonObject:
        exclusions: JsonValue = [one.document() for one in self.exclusions or ()]
        window = self.window
        return given(
            funnelVizType=self.view.value,
            funnelOrderType=self.order.value,
            funnelWindowInterval=None if window is None else window.count,
            funnelWindowIntervalUnit=None if window is None else window.unit.value,
            exclusions=exclusions or None,
            funnelFromStep=self.first_step,
            funnelToStep=self.last_step,
            binCount=self.bin_count,
        )

    def _of_breakdown(self) -> JsonObject:
        return given(
            breakdownAttributionType=None if self.breakdown is None else self.attribution.value,
            breakdownAttributionValue=self.attribution_step,
        )


@strawberry.input(description="How many come back.")
class RetentionQueryInput:
    target: InsightEventsInput | None = strawberry.field(
        default=None, description="What puts somebody into a cohort; any event if left out."
    )
    returning: InsightEventsInput | None = strawberry.field(
        default=None, description="What counts as coming back; any event if left out."
    )
    interval: Interval = strawberry.field(default=Interval.DAY, description="How long a period is: never a MINUTE.")
    period_count: int | None = strawberry.field(default=None, description="How many there are, 1-100.")
    kind: RetentionKind = strawberry.field(default=RetentionKind.RECURRING, description="Which cohorts somebody is in.")
    cumulative: bool = strawberry.field(
        default=False, description="Whether who comes back later counts for the periods before, too."
    )
    range: InsightRangeInput | None = strawberry.field(default=None, description="Until when.")
    where: InsightConditionInput | None = strawberry.field(default=None, description="Only events that pass.")
    subject: Subject = strawberry.field(default=Subject.DEVELOPER, description="Who comes back.")
    breakdown: InsightBreakdownInput | None = strawberry.field(default=None, description="What to tell apart.")

    def document(self) -> JsonObject:
        filter = given(
            targetEntity=_entity(self.target),
            returningEntity=_entity(self.returning),
            period=self.interval.value.capitalize(),
            totalIntervals=self.period_count,
            retentionType=self.kind.value,
            cumulative=True if self.cumulative else None,
        )
        common = _common("RetentionQuery", self.range, self.where, self.subject)
        return {**common, "retentionFilter": filter, **given(breakdownFilter=_breakdown(self.breakdown))}


def _entity(events: InsightEventsInput | None) -> JsonValue:
    if events is None:
        return None
    named = given(id=events.event, name=events.event, custom_name=events.name, properties=properties(events.where))
    return {"type": "events", **named}


@strawberry.input(description="Names that are all called the same.")
class PathCleaningInput:
    regex: str = strawberry.field(description="Those that match this regular expression.")
    alias: str = strawberry.field(description="What they are called.")


@strawberry.input(description="What follows what.")
class PathsQueryInput:
    range: InsightRangeInput | None = strawberry.field(default=None, description="Of when.")
    where: InsightConditionInput | None = strawberry.field(default=None, description="Only events that pass.")
    subject: Subject = strawberry.field(default=Subject.DEVELOPER, description="Whose paths.")
    start_event: str | None = strawberry.field(default=None, description="Paths are cut to begin with it.")
    end_event: str | None = strawberry.field(default=None, description="Paths are cut to end with it.")
    excluded_events: list[str] | None = strawberry.field(default=None, description="Events that do not count.")
    step_count: int | None = strawberry.field(default=None, description="How long a path is, 1-20; 5 if left out.")
    edge_count: int | None = strawberry.field(
        default=None, description="How many edges there are, the most frequent ones; 50 if left out."
    )
    min_edge_count: int | None = strawberry.field(default=None, description="Only edges that so many take.")
    max_edge_count: int | None = strawberry.field(default=None, description="Only edges that no more take.")
    cleaning: list[PathCleaningInput] | None = strawberry.field(default=None, description="How names are put together.")

    def document(self) -> JsonObject:
        cleaning: JsonValue = [{"regex": one.regex, "alias": one.alias} for one in self.cleaning or ()]
        excluded: JsonValue = [*(self.excluded_events or ())]
        filter = given(
            startPoint=self.start_event,
            endPoint=self.end_event,
            excludeEvents=excluded or None,
            stepLimit=self.step_count,
            edgeLimit=self.edge_count,
            minEdgeWeight=self.min_edge_count,
            maxEdgeWeight=self.max_edge_count,
            localPathCleaningFilters=cleaning or None,
        )
        return {**_common("PathsQuery", self.range, self.where, self.subject), "pathsFilter": filter}


@strawberry.input(description="Who is new, stays, comes back or falls silent.")
class LifecycleQueryInput:
    events: InsightEventsInput = strawberry.field(description="What shows that somebody is there.")
    interval: Interval = strawberry.field(default=Interval.DAY, description="How time is cut.")
    range: InsightRangeInput | None = strawberry.field(default=None, description="Of when.")
    where: InsightConditionInput | None = strawberry.field(default=None, description="Only events that pass.")
    subject: Subject = strawberry.field(default=Subject.DEVELOPER, description="Who that is.")

    def document(self) -> JsonObject:
        common = _common("LifecycleQuery", self.range, self.where, self.subject)
        return {**common, "series": _nodes([self.events]), "interval": self.interval.value}


@strawberry.input(description="How regularly something is done.")
class StickinessQueryInput:
    series: list[InsightEventsInput] = strawberry.field(description="What is done, 1-26.")
    interval: Interval = strawberry.field(default=Interval.DAY, description="How time is cut.")
    range: InsightRangeInput | None = strawberry.field(default=None, description="Of when.")
    where: InsightConditionInput | None = strawberry.field(default=None, description="Only events that pass.")
    subject: Subject = strawberry.field(default=Subject.DEVELOPER, description="Who does it.")
    cumulative: bool = strawberry.field(
        default=False, description="Whether who is counted for more buckets is counted for fewer, too."
    )

    def document(self) -> JsonObject:
        common = _common("StickinessQuery", self.range, self.where, self.subject)
        filter: JsonObject = {"stickinessFilter": {"computedAs": "cumulative"}} if self.cumulative else {}
        return {**common, "series": _nodes(self.series), "interval": self.interval.value, **filter}


@strawberry.input(description="A value that stands for a name in a statement.")
class SqlValueInput:
    name: str = strawberry.field(description="It is written {name} there.")
    text: str | None = strawberry.field(default=None, description="If it is a text.")
    number: float | None = strawberry.field(default=None, description="If it is a number.")


@strawberry.input(description="A statement over the documented views.")
class SqlQueryInput:
    statement: str = strawberry.field(description="One SELECT.")
    values: list[SqlValueInput] | None = strawberry.field(default=None, description="What stands for its names.")
    range: InsightRangeInput | None = strawberry.field(default=None, description="What {filters} stands for.")

    def document(self) -> JsonObject:
        values: JsonObject = {one.name: one.number if one.text is None else one.text for one in self.values or ()}
        filters = None if self.range is None else given(dateRange=date_range(self.range))
        return {"kind": "HogQLQuery", "query": self.statement, **given(values=values or None, filters=filters)}


@strawberry.input(description="What an insight asks.", one_of=True)
class InsightQueryInput:
    trends: TrendsQueryInput | None = strawberry.field(
        default=strawberry.UNSET, description="How much of something there is over time."
    )
    funnel: FunnelQueryInput | None = strawberry.field(
        default=strawberry.UNSET, description="How many get from one step to the next."
    )
    retention: RetentionQueryInput | None = strawberry.field(
        default=strawberry.UNSET, description="How many come back."
    )
    paths: PathsQueryInput | None = strawberry.field(default=strawberry.UNSET, description="What follows what.")
    lifecycle: LifecycleQueryInput | None = strawberry.field(
        default=strawberry.UNSET, description="Who is new, stays, comes back or falls silent."
    )
    stickiness: StickinessQueryInput | None = strawberry.field(
        default=strawberry.UNSET, description="How regularly something is done."
    )
    sql: SqlQueryInput | None = strawberry.field(
        default=strawberry.UNSET, description="A statement over the documented views."
    )

    def document(self) -> JsonObject:
        """As it is stored. Raises Invalid for conditions that are nested too deep."""
        kinds = (self.trends, self.funnel, self.retention, self.paths, self.lifecycle, self.stickiness, self.sql)
        [asked] = [kind for kind in kinds if kind]
        return asked.document()
