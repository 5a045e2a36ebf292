"""What can go wrong for a caller. Each face turns these into its own words and status."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Fault:
    """What exactly was wrong with an input, for programs: `code` is a member of its area's enum of error codes.

    `field` is the path in the input, with the names that clients use and positions in lists as text; None means the
    input as a whole.
    """

    code: StrEnum
    message: str
    field: tuple[str, ...] | None = None


class DomainError(Exception):
    """Base of every error a caller may be told about; `code` is stable, the message is for people.

    With `faults` it is an expected failure: the caller's input, or the object it names, explains it.
    """

    code = "ERROR"

    def __init__(self, message: str, *faults: Fault) -> None:
        super().__init__(message)
        self.faults = faults


class Unauthenticated(DomainError):
    """The credential is missing, unknown, revoked or expired; `reason` tells which."""

    code = "UNAUTHENTICATED"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Forbidden(DomainError):
    """A scope is missing or, with faults, an object is not this caller's to change."""

    code = "FORBIDDEN"


class NotFound(DomainError):
    """Also raised for an object of another tenant: its existence must not show."""

    code = "NOT_FOUND"


class Invalid(DomainError):
    """The input breaks a rule; `details` names the places, one entry each."""

    code = "BAD_USER_INPUT"

    def __init__(self, message: str, details: tuple[str, ...] = (), faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message, *faults)
        self.details = details


class Conflict(DomainError):
    code = "CONFLICT"

    def __init__(self, message: str, id: str | None = None) -> None:
        super().__init__(message)
        self.id = id


class TooMany(DomainError):
    """Over a limit; `retry_after_s` says when to come back."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(DomainError):
    """The database does not answer; the same call may succeed in a moment, and repeating it does no harm."""

    code = "UNAVAILABLE"
