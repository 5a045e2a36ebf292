"""What a transcript tells of its sessions beside events: project, branch, version, title."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from domain.ingest.batch import SessionFacts
from domain.ingest.recent import Recent
from domain.values import JsonObject, JsonValue, SessionId

KNOWN_SESSIONS = 256
TITLE_CHARS = 500


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

    def facts(self, service: str) -> SessionFacts:
        return SessionFacts(service, self.project, self.branch, self.title, dict(self.metadata))


class Facts:
    """Adds up what the lines say. Facts are handed out only when they differ from those handed out before."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._known: Recent[SessionId, _Known] = Recent(KNOWN_SESSIONS)

    def place(self, session_id: SessionId, project: str | None, branch: str | None) -> None:
        """Where the session works: the first project counts, and the last branch."""
        known = self._of(session_id)
        if known.project is None and project:
            known.project, known.told = project, False
        if branch not in (None, "HEAD", known.branch):
            known.branch, known.told = branch, False

    def describe(self, session_id: SessionId, name: str, value: str | None) -> None:
        """Something for the metadata of the session; None says nothing."""
        known = self._of(session_id)
        if value is not None and known.metadata.get(name) != value:
            known.metadata[name], known.told = value, False

    def title(self, session_id: SessionId, title: str, rank: TitleRank) -> None:
        known = self._of(session_id)
        if rank >= known.rank and (title, rank) != (known.title, known.rank):
            known.title, known.rank, known.told = title[:TITLE_CHARS], rank, False

    def news(self, session_ids: Iterable[SessionId]) -> dict[SessionId, SessionFacts]:
        """All that is known of each of these sessions of which something is new since the last time."""
        news: dict[SessionId, SessionFacts] = {}
        for id in session_ids:
            known = self._known.get(id)
            if known is not None and not known.told:
                known.told = True
                news[id] = known.facts(self._service)
        return news

    def _of(self, session_id: SessionId) -> _Known:
        known = self._known.get(session_id)
        if known is None:
            known = _Known()
            self._known.put(session_id, known)
        return known
