"""The kinds of insight, as lists of them are narrowed to."""

from enum import StrEnum


class InsightType(StrEnum):
    """What an insight's query is at its source; `JSON` is any stored query that is none of the others."""

    TRENDS = "TRENDS"
    FUNNELS = "FUNNELS"
    RETENTION = "RETENTION"
    PATHS = "PATHS"
    LIFECYCLE = "LIFECYCLE"
    STICKINESS = "STICKINESS"
    SQL = "SQL"
    JSON = "JSON"
