"""What a transcript tells of its sessions beside events: project, branch, version, title."""

from dataclasses import dataclass, field
from enum import IntEnum

from domain.ingest import fields
from domain.ingest.batch import SessionFacts
from domain.ingest.recent import Recent
from domain.values import JsonObject, JsonValue, SessionId

SERVICE = "claude-code"
KNOWN_SESSIONS = 256
_METADATA = {"version": "version", "slug": "slug", "entrypoint": "entrypoint"}


class TitleRank(IntEnum):
    """Who gave a title; a higher rank beats a lower one, the last of equals counts."""

    NONE = 0
    SUMMARY = 1
    MODEL = 2
    PERSON = 3


@dataclass(slots=True)
class _Known:
    project: str | None = None
    branch: str | None = None
    title: str | None = None
    rank: TitleRank = TitleRank.NONE
    metadata: JsonObject = field(default_factory=dict[str, JsonValue])
    told: bool = False

    def facts(self) -> SessionFacts:
        return SessionFacts(SERVICE, self.project, self.branch, self.title, dict(self.metadata))


class Sessions:
    """Adds up what the lines say. Facts are handed out only when they differ from those handed out before."""

    def __init__(self) -> None:
        self._known: Recent[SessionId, _Known] = Recent(KNOWN_SESSIONS)

    def note(self, session_id: SessionId, record: JsonObject) -> None:
        """Takes in the common fields of a line of the main conversation: the first project, the last branch."""
        known = self._of(session_id)
        if known.project is None and (cwd := fields.path(record, "cwd")):
            known.project, known.told = cwd, False
        branch = fields.name(record, "gitBranch")
        if branch not in (None, "HEAD", known.branch):
            known.branch, known.told = branch, False
        for source, target in _METADATA.items():
            self._describe(known, target, fields.name(record, source))

    def note_away_summary(self, session_id: SessionId, summary: str) -> None:
        self._describe(self._of(session_id), "awaySummary", summary)

    def note_title(self, session_id: SessionId, title: str, rank: TitleRank) -> None:
        known = self._of(session_id)
        if rank >= known.rank and (title, rank) != (known.title, known.rank):
            known.title, known.rank, known.told = title, rank, False

    def news(self, session_id: SessionId) -> SessionFacts | None:
        """All that is known of the session, if some of it is new since the last time."""
        known = self._known.get(session_id)
        if known is None or known.told:
            return None
        known.told = True
        return known.facts()

    def _of(self, session_id: SessionId) -> _Known:
        known = self._known.get(session_id)
        if known is None:
            known = _Known()
            self._known.put(session_id, known)
        return known

    @staticmethod
    def _describe(known: _Known, name: str, value: str | None) -> None:
        if value is not None and known.metadata.get(name) != value:
            known.metadata[name], known.told = value, False
