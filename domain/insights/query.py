"""Reading queries as they come from clients, and laying a reader's own filters over them."""

from dataclasses import dataclass
from enum import StrEnum

from domain.insights.query_models import Query
from domain.values import JsonObject


class InsightType(StrEnum):
    """What lists of insights are filtered by; `JSON` is everything that is none of the others."""

    TRENDS = "TRENDS"
    FUNNELS = "FUNNELS"
    RETENTION = "RETENTION"
    PATHS = "PATHS"
    LIFECYCLE = "LIFECYCLE"
    STICKINESS = "STICKINESS"
    SQL = "SQL"
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """`document` is what is stored: as it came, bare queries wrapped. `source` is what is run: None for kinds that are
    stored and not computed."""

    document: JsonObject
    source: Query | None
    type: InsightType


def read(document: JsonObject) -> StoredQuery:
    """Reads a wrapper, or a bare query and wraps it.

    Raises InvalidQuery naming the field and its place: UNKNOWN_FIELD for names that nobody knows, NOT_SUPPORTED for
    known ones that would change numbers and are not computed, INVALID_QUERY for the rest.
    """
    raise NotImplementedError


def override(query: StoredQuery, filters: JsonObject | None, variables: JsonObject | None) -> StoredQuery:
    """The same query for one read: `filters` (date_from, date_to, explicitDate, properties, interval,
    breakdown_filter) replace or narrow what the query says, `variables` (by variable id) the values of its variables.

    Raises InvalidQuery, also for variables the query does not have.
    """
    raise NotImplementedError
