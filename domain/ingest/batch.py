"""What an importer hands over to be stored: events, the raw lines behind them, and facts of their sessions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.timeline import Event
from domain.values import EventId, JsonObject, JsonValue, SessionId


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What is known of a session beside its events; None means unknown, never "remove"."""

    source_service: str | None = None
    project: str | None = None
    branch: str | None = None
    title: str | None = None
    metadata: JsonObject = field(default_factory=dict[str, JsonValue])

    def then(self, later: "SessionFacts") -> "SessionFacts":
        """Both together: of services the first counts, of everything else the latest."""
        return SessionFacts(
            self.source_service or later.source_service,
            later.project or self.project,
            later.branch or self.branch,
            later.title or self.title,
            {**self.metadata, **later.metadata},
        )


@dataclass(frozen=True, slots=True)
class RawLine:
    """A raw line or payload as it was read, after redaction; `digest` is of the line before it."""

    session_id: SessionId
    digest: bytes
    position: int
    body: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Stored in one transaction. `format` names the reader that can read the raw lines again.

    `told` is what single events tell of their session; it counts if the event is new.
    """

    format: str
    sessions: dict[SessionId, SessionFacts]
    events: tuple[Event, ...]
    raw: tuple[RawLine, ...] = ()
    told: Mapping[tuple[SessionId, EventId], SessionFacts] = field(
        default_factory=dict[tuple[SessionId, EventId], SessionFacts]
    )
