"""From the filters, series and breakdowns of the wire to those of plans."""

from domain.insights.plans import Breakdown, Filter, Matched, Property, Subject
from domain.insights.query_dates import Frame
from domain.insights.query_models import RetentionEntity
from domain.insights.query_parts import BreakdownFilter, EventsNode, InsightQuery, Properties


def property_of(key: str, type: str | None = None) -> Property:
    """The property that a filter, breakdown or math means; unknown ones are texts that no event has."""
    raise NotImplementedError


def filter_of(properties: Properties, frame: Frame, place: tuple[str, ...] = ("properties",)) -> Filter:
    """All conditions together. Raises InvalidQuery, naming the place of the wrong one."""
    raise NotImplementedError


def matched(node: EventsNode | RetentionEntity | None, frame: Frame, place: tuple[str, ...] = ()) -> Matched:
    """The events that a series, a step, an exclusion or an entity means. None means any event."""
    raise NotImplementedError


def number_of(node: EventsNode, place: tuple[str, ...] = ()) -> Property | None:
    """What `sum` to `p99` are taken of; None for maths that count."""
    raise NotImplementedError


def breakdown_of(filter: BreakdownFilter | None) -> Breakdown | None:
    raise NotImplementedError


def subject_of(query: InsightQuery) -> Subject:
    raise NotImplementedError
