"""What became of the transcripts that were read."""

from dataclasses import dataclass, field

from domain.values import SessionId


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """A line that could not be read, or with line 0 a whole file."""

    file: str
    line: int
    reason: str


@dataclass(slots=True)
class ImportSummary:
    """`events` were new, `skipped` were there already; `ignored` files are no transcripts of a known agent."""

    files: int = 0
    ignored: int = 0
    sessions: set[SessionId] = field(default_factory=set[SessionId])
    events: int = 0
    skipped: int = 0
    sub_sessions: int = 0
    errors: list[ImportProblem] = field(default_factory=list[ImportProblem])

    @property
    def complete(self) -> bool:
        """Whether every file could be read, if not every line."""
        return all(error.line for error in self.errors)
