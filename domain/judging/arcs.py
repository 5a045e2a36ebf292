"""What the judge looks at: fragments cut from sessions, and the arcs they make up."""

from dataclasses import dataclass
from datetime import datetime

from domain.judging.records import CloseReason, FileEdits, Label, Measures
from domain.timeline import Event
from domain.values import EventId, SessionId, SubSessionId, UserId

RULESET_VERSION = "2026-11-3"
"""Changes whenever a rule changes what is derived; rows of an older version are derived again."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The switches of an organisation that change what is derived."""

    split_on_commit: bool = False


@dataclass(frozen=True, slots=True)
class SessionLog:
    """All events of one session that count (copies of another session's lines left out), in any order.

    `ended_at` is the end of the session if it has ended (explicitly or by rest), None while it runs.
    """

    session_id: SessionId
    user_id: UserId
    project: str | None
    ended_at: datetime | None
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class LabelEdit:
    """A title or summary that a person wrote for a fragment, which locks it."""

    label: Label
    edited_at: datetime


@dataclass(frozen=True, slots=True)
class Fragment:
    """A contiguous stretch of one session that pursues one goal, before merging.

    `events` are in canonical order: (ts, ordinal, id). `id` follows from the id of the first event.
    `closed_at` and `close_reason` are None while it is open. `cut` is the number of the edit by which its developer had
    it begin here.
    """

    id: SubSessionId
    session_id: SessionId
    user_id: UserId
    project: str | None
    events: tuple[Event, ...]
    closed_at: datetime | None
    close_reason: CloseReason | None
    cut: int | None = None

    @property
    def started_at(self) -> datetime:
        return self.events[0].ts

    @property
    def place(self) -> tuple[datetime, int, EventId]:
        """Where it stands among others: that of its first event."""
        first = self.events[0]
        return first.ts, first.ordinal, first.id


@dataclass(frozen=True, slots=True)
class Arc:
    """A goal arc: one fragment, or several merged, with what was measured over all of them."""

    fragments: tuple[Fragment, ...]
    events: tuple[Event, ...]
    measures: Measures
    files: tuple[FileEdits, ...]

    @property
    def id(self) -> SubSessionId:
        return self.fragments[0].id

    @property
    def started_at(self) -> datetime:
        return self.fragments[0].started_at

    @property
    def closed_at(self) -> datetime | None:
        return self._close[0]

    @property
    def close_reason(self) -> CloseReason | None:
        return self._close[1]

    @property
    def _close(self) -> tuple[datetime | None, CloseReason | None]:
        """That of the fragment that closed last: fragments joined by hand may lie side by side."""
        last = self.fragments[-1]
        for fragment in reversed(self.fragments):
            if fragment.closed_at is None:
                return None, None
            if last.closed_at is not None and fragment.closed_at > last.closed_at:
                last = fragment
        return last.closed_at, last.close_reason
