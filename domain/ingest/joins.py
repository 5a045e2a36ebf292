"""What belongs together and lies apart in a transcript: found whichever part comes first, in bounded memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from domain.ingest.calls import Call, call_events
from domain.ingest.clean import Reason, Unreadable
from domain.ingest.git import GitAction
from domain.ingest.line import Line, event_id
from domain.ingest.outcomes import git_data
from domain.ingest.recent import Recent
from domain.timeline import Event, Kind
from domain.values import SessionId

CALL_BYTES = 4 * 2**20
RESULT_BYTES = 2 * 2**20
RUNNING_CHARS = 2**20
LINES = 1024
TITLES = 256
PULL_REQUESTS = 256


class Answer(Protocol):
    """The result of a call as an agent writes it, with the id of its call."""

    @property
    def line(self) -> Line: ...

    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=Answer)


class ToolCalls(Generic[R]):
    """Joins calls and results. Calls stay known after their result, so that a copied result finds its call too.

    `events` are those of a result, with its call if that is known.
    """

    def __init__(self, events: Callable[[R, Call | None], Iterable[Event]]) -> None:
        self._events = events
        self._calls: Recent[str, Call] = Recent(CALL_BYTES)
        self._waiting: Recent[str, _Waiting[R]] = Recent(RESULT_BYTES)

    def call(self, call: Call, size: int) -> Iterator[Event]:
        """The call's events and those of results that came before it. `size`: bytes of its line."""
        yield from call_events(call)
        self._calls.put(call.id, call, size)
        waiting = self._waiting.pop(call.id)
        for result in waiting.results if waiting else ():
            yield from self._events(result, call)

    def find(self, id: str) -> Call | None:
        """A call that was seen not too long ago."""
        return self._calls.get(id)

    def result(self, result: R, size: int) -> Iterator[Event]:
        """The result's events if its call is known; else those of results that waited too long for theirs.

        Raises Unreadable for one without a time: later it would cost the line at hand, or the end of the file.
        """
        call = self._calls.get(result.id)
        if call:
            yield from self._events(result, call)
            return
        if result.line.ts is None:
            raise Unreadable(Reason.NO_TIMESTAMP)
        before = self._waiting.get(result.id)
        waiting = before.joined_by(result, size) if before else _Waiting((result,), size)
        for old in self._waiting.put(result.id, waiting, waiting.size):
            yield from self._alone(old)

    def flush(self) -> Iterator[Event]:
        for waiting in self._waiting.drain():
            yield from self._alone(waiting)

    def _alone(self, waiting: "_Waiting[R]") -> Iterator[Event]:
        for result in waiting.results:
            yield from self._events(result, None)


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[R]):
    """Results of one call that has not been seen: several when lines were copied."""

    results: tuple[R, ...]
    size: int

    def joined_by(self, result: R, size: int) -> "_Waiting[R]":
        return _Waiting((*self.results, result), self.size + size)


class Background:
    """Commands that run on after their call has answered, by what the agent calls them: how they end is told later."""

    def __init__(self) -> None:
        self._running: Recent[str, Call] = Recent(RUNNING_CHARS)

    def goes_on(self, name: str, call: Call) -> None:
        self._running.put(name, call, 1024 + len(call.script or ""))

    def ended(self, name: str) -> Call | None:
        """The call that began it, once."""
        return self._running.pop(name)


class PullRequests:
    """Links to pull requests wait for the end: one that a command reported is no second pull request."""

    def __init__(self) -> None:
        self._reported: Recent[tuple[SessionId, str], None] = Recent(PULL_REQUESTS)
        self._linked: Recent[tuple[SessionId, str], Event] = Recent(PULL_REQUESTS)

    def reported(self, event: Event) -> None:
        """Takes note if the event is a pull request that a command made."""
        url = event.text("url")
        if event.git_action == "pull_request" and url:
            self._reported.put((event.session_id, url), None)

    def link(self, line: Line, url: str) -> list[Event]:
        """Returns links that waited too long."""
        id = event_id("pull_request", line.session_id, url)
        data = git_data(GitAction("pull_request", url=url))
        event = line.event(Kind.GIT_ACTION, data=data, id=id)
        known = self._linked.get((line.session_id, url))
        return self._linked.put((line.session_id, url), min(known, event, key=lambda e: e.ts) if known else event)

    def flush(self) -> list[Event]:
        reported = self._reported
        waiting = self._linked.drain()
        return [event for event in waiting if not reported.has((event.session_id, str(event.data["url"])))]


class Summaries:
    """Titles of old versions name the last line of a conversation, not a session, and may stand before it.

    A title whose line does not come belongs to another session and is dropped.
    """

    def __init__(self) -> None:
        self._lines: Recent[str, Line] = Recent(LINES)
        self._titles: Recent[str, _Summary] = Recent(TITLES)

    def line(self, uuid: str, line: Line) -> "_Summary | None":
        """The title that waited for this line."""
        self._lines.put(uuid, line)
        found = self._titles.pop(uuid)
        return found and found.of(line)

    def title(self, line: Line, title: str, leaf: str) -> "_Summary | None":
        """The title, if the line it names is known."""
        summary = _Summary(line, title)
        named = self._lines.get(leaf)
        if named is None:
            self._titles.put(leaf, summary)
        return named and summary.of(named)


@dataclass(frozen=True, slots=True)
class _Summary:
    line: Line
    title: str

    def of(self, named: Line) -> "_Summary":
        """The same, moved to the session and the time of the line it names."""
        key = f"{named.session_id}/{self.line.digest.hex()}"
        return replace(self, line=replace(self.line, session_id=named.session_id, ts=named.ts, key=key))
