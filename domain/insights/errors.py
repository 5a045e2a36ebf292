"""What can be wrong with an insight or its query, for programs."""

from enum import StrEnum

from domain.errors import Fault, Invalid


class InsightFault(StrEnum):
    """Codes of expected failures."""

    INVALID_QUERY = "INVALID_QUERY"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    NOT_SUPPORTED = "NOT_SUPPORTED"
    TOO_COSTLY = "TOO_COSTLY"
    CANCELLED = "CANCELLED"
    INVALID = "INVALID"
    INVALID_ID = "INVALID_ID"
    NOT_FOUND = "NOT_FOUND"


class InvalidQuery(Invalid):
    """The query cannot be run as it stands; `field` is the place in it, such as ("series", "0", "math")."""

    def __init__(
        self, message: str, field: tuple[str, ...] | None = None, code: InsightFault = InsightFault.INVALID_QUERY
    ) -> None:
        super().__init__(message, (), (Fault(code, message, field),))


class TooCostly(InvalidQuery):
    """It ran into the time-out, or the bound on memory or rows; the message says what to ask less of."""

    def __init__(self, message: str) -> None:
        super().__init__(message, None, InsightFault.TOO_COSTLY)


LEVERS = "a shorter date range, a longer interval, no breakdown, or fewer series and steps"
"""What a query that was too costly may ask for instead."""
