"""How times are written."""

from datetime import UTC, datetime


def rfc3339(at: datetime) -> str:
    """As all faces print a time: in UTC, with milliseconds and Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
