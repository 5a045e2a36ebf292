"""What happened in a session: immutable events with their hot facts."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from domain.values import EventId, JsonObject, JsonValue, SessionId


class Kind(StrEnum):
    """Canonical kinds (domain reference, section 2.2, and operate reference).

    The kinds below the blank line are told only by readers of transcripts, here or on a developer's machine.
    """

    PROMPT = "prompt"
    AI_RESPONSE = "ai_response"
    FILE_DIFF = "file_diff"
    FILE_CREATE = "file_create"
    FILE_DELETE = "file_delete"
    COMMAND = "command"
    TEST_RUN = "test_run"
    BUILD_RUN = "build_run"
    GIT_ACTION = "git_action"
    DECISION_EVENT = "decision_event"
    SESSION_START = "session_start"
    SESSION_END = "session_end"
    CHECKPOINT = "checkpoint"
    TOOL_USE = "tool_use"
    TOOL_RESULT = "tool_result"
    PLANNING = "planning"
    MCP_CALL = "mcp_call"
    CONTEXT_CLEAR = "context_clear"
    CONTEXT_COMPACT = "context_compact"
    API_REQUEST = "api_request"
    API_ERROR = "api_error"

    SLASH_COMMAND = "slash_command"
    INTERRUPTION = "interruption"
    SESSION_TITLE = "session_title"


class Attribution(StrEnum):
    LIKELY_AI = "likely_ai"
    AI_REVISED_BY_HUMAN = "ai_revised_by_human"
    LIKELY_HUMAN = "likely_human"
    MIXED = "mixed"
    SYSTEM_GENERATED = "system_generated"
    UNKNOWN = "unknown"


class Observability(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    PARTIAL = "partial"
    LOW = "low"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Provenance:
    attribution: Attribution = Attribution.UNKNOWN
    confidence: float = 0.5
    observability: Observability = Observability.PARTIAL


@dataclass(frozen=True, slots=True)
class Tokens:
    """The four token classes of one or many API responses."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
        )

    @property
    def total(self) -> int:
        return self.input + self.output + self.cache_read + self.cache_write


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. Hot facts are fields; the rest of the payload stays in `data`.

    `ordinal` orders events of equal `ts` as their source had them. `call_id` joins a tool call to its results
    and diffs. `request_id` names the API response that `tokens` belong to: of several events with one
    `request_id` only that with the most output tokens counts. `data` holds JSON as the agent's envelope names it.
    """

    id: EventId
    session_id: SessionId
    ts: datetime
    kind: Kind
    ordinal: int = 0
    agent_id: str | None = None
    call_id: str | None = None
    request_id: str | None = None
    tool: str | None = None
    path: str | None = None
    exit_code: int | None = None
    succeeded: bool | None = None
    duration_ms: int | None = None
    model: str | None = None
    tokens: Tokens | None = None
    cost_usd: Decimal | None = None
    lines_added: int | None = None
    lines_removed: int | None = None
    actor: str = "unknown"
    provenance: Provenance = field(default_factory=Provenance)
    source: JsonObject = field(default_factory=dict[str, JsonValue])
    data: JsonObject = field(default_factory=dict[str, JsonValue])
    raw_digest: bytes | None = None

    @property
    def failed(self) -> bool:
        """Whether it is known to have failed. Old versions of Claude Code tell so without an exit code."""
        return self.succeeded is False or self.exit_code not in (None, 0)

    @property
    def git_action(self) -> str | None:
        """What was done with git: `commit`, `revert` and so on; None for events of other kinds."""
        return self.text("action") if self.kind is Kind.GIT_ACTION else None

    def text(self, name: str) -> str | None:
        """The non-empty text under `name` in `data`."""
        value = self.data.get(name)
        return value if isinstance(value, str) and value else None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its place in the log: `seq` is insertion order, `created_at` the time of receipt."""

    event: Event
    seq: int
    created_at: datetime
