"""What can go wrong for a caller. Each face turns these into its own words and status."""


class DomainError(Exception):
    """Base of every error a caller may be told about; `code` is stable, the message is for people."""

    code = "ERROR"


class Unauthenticated(DomainError):
    """The credential is missing, unknown, revoked or expired; `reason` tells which."""

    code = "UNAUTHENTICATED"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Forbidden(DomainError):
    code = "FORBIDDEN"


class NotFound(DomainError):
    """Also raised for an object of another tenant: its existence must not show."""

    code = "NOT_FOUND"


class Invalid(DomainError):
    """The input breaks a rule; `details` names the places, one entry each."""

    code = "BAD_USER_INPUT"

    def __init__(self, message: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
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
