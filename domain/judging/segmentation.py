"""Cutting a session into fragments, each the pursuit of one goal (domain reference, sections 4.1 and 4.2).

- A fragment opens with a prompt, or with work of the assistant that no prompt of this session asked for. It closes on
  `/clear`, on a topic shift, on a commit of its files (if the organisation wants that) and with the session; never on
  compaction and never on time alone.
- Nothing is lost: every event belongs to one fragment. What comes before the first prompt belongs to the first
  fragment. What comes between a close and the next opening (bookkeeping, local commands, sub-agents still at work)
  belongs to the closed fragment, and so does all that comes after the end of the session.
- Sub-agents work for the fragment that is open: they open and close none, and what they say does not vote.
- Where a developer cut by hand, a fragment begins, whatever the event is; what was open before it is over.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID, uuid5

from domain.judging.arcs import Fragment, Rules, SessionLog
from domain.judging.commands import line_of, steps
from domain.judging.edits import FILE_KINDS, clean_path, paths_of
from domain.judging.programs import CommandClass
from domain.judging.records import CloseReason
from domain.judging.substance import is_turn
from domain.judging.topics import Topic, share_a_file
from domain.judging.turns import prompt_text
from domain.timeline import Event, Kind
from domain.values import EventId, SubSessionId

_NAMESPACE = UUID("0d6b8f0e-5a0c-4d0e-9a53-8f5f3c1b7a42")

_NEUTRAL = frozenset(
    (
        Kind.PROMPT,
        Kind.SLASH_COMMAND,
        Kind.SESSION_START,
        Kind.SESSION_END,
        Kind.SESSION_TITLE,
        Kind.CONTEXT_CLEAR,
        Kind.CONTEXT_COMPACT,
        Kind.CHECKPOINT,
        Kind.INTERRUPTION,
        Kind.API_REQUEST,
        Kind.API_ERROR,
        Kind.TOOL_RESULT,
    )
)
"""Kinds that by themselves pursue no goal; a prompt does where it is a turn."""


@dataclass(slots=True)
class _Stretch:
    """A fragment in the making. One that a commit closed still takes the rest of its turn."""

    events: list[Event]
    topic: Topic = field(default_factory=Topic)
    turns: int = 0
    modified: set[str] = field(default_factory=set[str])
    closed: tuple[datetime, CloseReason] | None = None
    cut: int | None = None

    def close(self, at: datetime, reason: CloseReason) -> None:
        self.closed = self.closed or (at, reason)


class _Cutter:
    """Takes the events of one session in order; `cuts` are the numbers of the cuts by hand."""

    def __init__(self, rules: Rules, touched: Mapping[EventId, set[str]], cuts: Mapping[EventId, int]) -> None:
        self.rules = rules
        self.touched = touched
        self.cuts = cuts
        self.done: list[_Stretch] = []
        self.current: _Stretch | None = None
        self.waiting: list[Event] = []  # since the last close

    def take(self, event: Event) -> None:
        own = event.agent_id is None
        if own and event.kind in (Kind.PROMPT, Kind.SLASH_COMMAND) and self.current:
            self._end_before(self.current, event)
        if event.id in self.cuts:
            self.current = self._cut_off(self.cuts[event.id])
        elif self.current is None and own and _pursues(event):
            self.current = self._opened(event)
        if self.current is None:
            self.waiting.append(event)
            return
        self._add(self.current, event)
        if own and clears(event):
            self._end(self.current, event.ts, CloseReason.CLEAR)

    def take_late(self, event: Event) -> None:
        """What happens after the end of the session opens nothing, unless it was cut off by hand."""
        if event.id in self.cuts:
            self.take(event)
        elif self.current is None:
            self.waiting.append(event)
        else:
            self.current.events.append(event)

    def finish(self) -> list[_Stretch]:
        """All stretches; what never opened one goes to the last one."""
        if self.current:
            self.done.append(self.current)
        if self.waiting and self.done:
            self.done[-1].events += self.waiting
        elif self.waiting:
            self.done.append(_Stretch(self.waiting))
        return self.done

    def _end_before(self, current: _Stretch, event: Event) -> None:
        """Ends the current stretch where it is closed already or where this prompt leaves its topic."""
        if current.closed:
            self._end(current, *current.closed)
        elif (
            current.turns
            and is_turn(event)
            and current.topic.shifts(prompt_text(event), self.touched.get(event.id, ()))
        ):
            self._end(current, current.events[-1].ts, CloseReason.TOPIC_SHIFT)

    def _end(self, current: _Stretch, at: datetime, reason: CloseReason) -> None:
        current.close(at, reason)
        self.done.append(current)
        self.current = None

    def _cut_off(self, cut: int) -> _Stretch:
        """A new stretch that takes nothing along of what came before."""
        if self.current:
            self._end(self.current, self.current.events[-1].ts, CloseReason.MANUAL)
        before, self.waiting = self.waiting, []
        if self.done:
            self.done[-1].events += before
        elif before:
            self._end(_Stretch(before), before[-1].ts, CloseReason.MANUAL)
        return _Stretch([], cut=cut)

    def _opened(self, event: Event) -> _Stretch:
        """A new stretch. Work without a prompt begins with the slash command that may have asked for it."""
        waiting, self.waiting = self.waiting, []
        if not self.done:
            return _Stretch(waiting)
        asked = [i for i, one in enumerate(waiting) if one.kind is Kind.SLASH_COMMAND and one.agent_id is None]
        start = asked[-1] if asked and not is_turn(event) else len(waiting)
        self.done[-1].events += waiting[:start]
        return _Stretch(waiting[start:])

    def _add(self, current: _Stretch, event: Event) -> None:
        current.events.append(event)
        paths = paths_of(event)
        current.topic.files.update(paths)
        if event.kind in FILE_KINDS:
            current.modified.update(paths)
        if is_turn(event):
            current.turns += 1
            current.topic.add_turn(prompt_text(event))
        if self.rules.split_on_commit and event.agent_id is None and _commits(event, current.modified):
            current.close(event.ts, CloseReason.GIT_COMMIT)


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Events in canonical order, each once."""
    unique = {event.id: event for event in events}
    return tuple(sorted(unique.values(), key=lambda event: (event.ts, event.ordinal, event.id)))


def segment(log: SessionLog, rules: Rules, cuts: Mapping[EventId, int] = MappingProxyType({})) -> list[Fragment]:
    """The fragments of a session in order; the last one is open while the session runs. None without events.

    The order of `log.events` does not matter, nor does it if one is given twice. `cuts` are the events, of any
    session, that a developer had something begin with, and the numbers of those edits.
    """
    events = in_order(log.events)
    cutter = _Cutter(rules, _touched_by_turn(events), cuts)
    for event in events:
        if log.ended_at is not None and event.ts > log.ended_at:
            cutter.take_late(event)
        else:
            cutter.take(event)
    stretches = cutter.finish()
    if stretches and log.ended_at is not None:
        stretches[-1].close(max(log.ended_at, stretches[-1].events[0].ts), CloseReason.SESSION_END)
    return [_fragment(log, stretch) for stretch in stretches]


def _fragment(log: SessionLog, stretch: _Stretch) -> Fragment:
    events = in_order(stretch.events)
    closed_at, reason = stretch.closed or (None, None)
    return Fragment(
        begun_with(events[0].id), log.session_id, log.user_id, log.project, events, closed_at, reason, stretch.cut
    )


def begun_with(id: EventId) -> SubSessionId:
    """The id of the fragment whose first event this is."""
    return SubSessionId(uuid5(_NAMESPACE, str(id)))


def _touched_by_turn(events: Iterable[Event]) -> Mapping[EventId, set[str]]:
    """The files that the tool calls of each user turn touched, sub-agents' left out."""
    touched: dict[EventId, set[str]] = defaultdict(set)
    turn: EventId | None = None
    for event in events:
        if event.agent_id is not None:
            continue
        if is_turn(event):
            turn = event.id
        elif turn is not None:
            touched[turn].update(paths_of(event))
    return touched


def clears(event: Event) -> bool:
    """Whether the context was cleared; clients that know no such event send the command as a prompt (section 2.3)."""
    return event.kind is Kind.CONTEXT_CLEAR or (event.kind is Kind.PROMPT and prompt_text(event) == "/clear")


def _pursues(event: Event) -> bool:
    """Whether a fragment opens here. What a person does without the assistant opens none."""
    by_hand = event.actor == "human" or event.data.get("human") is True
    return is_turn(event) or (event.kind not in _NEUTRAL and not by_hand)


def _commits(event: Event, modified: set[str]) -> bool:
    """Whether the event is a commit that holds a file of `modified`; one that does not tell its files may."""
    if event.kind is Kind.COMMAND:
        committed = event.exit_code == 0 and any(step.kind is CommandClass.COMMIT for step in steps(line_of(event)))
    else:
        committed = event.git_action == "commit"
    if not committed or not modified:
        return False
    named = [clean_path(path) for path in paths_of(event)]
    return not named or share_a_file(named, modified)
