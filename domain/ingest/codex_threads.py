"""Whose lines a Codex rollout holds: a fork and a sub-agent begin by repeating the thread that they come from."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import orjson

from domain.ingest import fields
from domain.ingest.codex_lines import Told, What, call_id, said
from domain.ingest.reading import Origin
from domain.ingest.recent import Recent
from domain.values import JsonObject, JsonValue, SessionId

SAYINGS = 1024
REPETITIONS = 256
"""After so many the time says which of the same sayings it is: a copy with another time is no copy then."""
_IDENTIFIED = frozenset((What.CALL, What.RESULT, What.EXECUTED, What.PATCHED, What.MCP))
"""What bears the id of a call; everything else may be said twice in one turn, word by word."""


@dataclass(frozen=True, slots=True)
class Thread:
    """`root` is the thread for which a sub-agent works; None for a thread of its own.

    `own_from`: the lines before that number were taken over.
    """

    id: str
    root: str | None
    own_from: int | None


def thread_of(meta: JsonObject) -> Thread | None:
    """The thread that a `session_meta` describes."""
    id = fields.name(meta, "id")
    if id is None:
        return None
    spawned = fields.record(fields.record(fields.record(meta, "source"), "subagent"), "thread_spawn")
    parent = fields.name(meta, "parent_thread_id") or fields.name(spawned, "parent_thread_id")
    root = fields.name(meta, "session_id") or parent if is_sub_agent(meta) and parent else None
    base = fields.record(meta, "history_base")
    own_from = fields.whole(meta, "subagent_history_start_ordinal") or fields.whole(base, "end_ordinal_exclusive")
    return Thread(id, root, own_from)


def is_sub_agent(meta: JsonObject) -> bool:
    source = meta.get("source")
    return meta.get("thread_source") == "subagent" or (isinstance(source, dict) and "subagent" in source)


class Whereabouts:
    """Follows a rollout from its first line: whose thread is told, and in which turn."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._own: Thread | None = None
        self._of_agent = False
        self._repeats: str | None = None
        self._turn: str | None = None
        self._ordinal: int | None = None
        self._sayings: Recent[str, dict[str, int]] = Recent(SAYINGS)

    def go_on(self, told: Told, record: JsonObject) -> None:
        self._ordinal = fields.whole(record, "ordinal")
        if told.what is What.META:
            self._meta(told.body)
        elif told.what is What.TURN:
            self._turn = fields.name(told.body, "turn_id") or self._turn

    def _meta(self, meta: JsonObject) -> None:
        thread = thread_of(meta)
        if self._own is None:
            self._own = thread
            self._of_agent = is_sub_agent(meta)
        elif thread is not None and thread.id != self._own.id:
            self._repeats, self._turn = thread.id, None

    @property
    def repeats(self) -> bool:
        """Whether the line was taken over from another thread.

        The first own line is told by its number or by its turn: the ids of both turn and thread begin with the time
        they were made. What is copied may bear the time of the copy.
        """
        if self._repeats is None or self._own is None:
            return False
        if self._own.own_from is not None and self._ordinal is not None:
            return self._ordinal < self._own.own_from
        if self._turn is None:
            return True
        begun, made = _time_in(self._turn), _time_in(self._own.id)
        return begun is not None and made is not None and begun < made

    @property
    def session_id(self) -> SessionId:
        if self._own is None:
            return self._origin.session_id
        return SessionId(self._own.root or self._own.id)

    @property
    def agent_id(self) -> str | None:
        return self._own.id if self._own is not None and self._of_agent else None

    @property
    def tells_nothing(self) -> bool:
        """Whether the line is one that a sub-agent took over: it belongs to the session already, by its true time."""
        return self.repeats and self._own is not None and self._own.root is not None

    @property
    def turn(self) -> str | None:
        return self._turn

    def name(self, told: Told, unredacted: Told, time: str | None) -> str:
        """The same for the same line in every rollout that holds it, whatever time the copy bears."""
        thread = self._repeats if self.repeats else self._own and self._own.id
        scope = self._turn or thread or self._origin.session_id
        content = sha256(orjson.dumps([scope, *_content(unredacted)])).hexdigest()
        if told.what is What.USAGE or (told.what in _IDENTIFIED and call_id(told.body) is not None):
            return content
        times = self._sayings.get(f"{told.form}/{content}") or {}
        self._sayings.put(f"{told.form}/{content}", times)
        time = time or str(len(times))
        if time not in times and len(times) < REPETITIONS:
            times[time] = len(times)
        return f"{content}/{times.get(time, time)}"


def _content(told: Told) -> tuple[JsonValue, ...]:
    """What makes a line itself within its turn: not the form in which a version says it, nor the time."""
    body = told.body
    match told.what:
        case What.PROMPT | What.ANSWER | What.SHELL | What.PLAN:
            return (told.what.name, said(body))
        case What.COMPACTED | What.ABORTED:
            return (told.what.name,)
        case What.USAGE:
            info = fields.record(body, "info")
            return (told.what.name, info.get("total_token_usage"), info.get("last_token_usage"))
        case What.CALL | What.RESULT | What.EXECUTED | What.PATCHED | What.MCP:
            return (told.what.name, call_id(body) or body)
        case _:
            return (told.what.name, body)


def _time_in(id: str) -> int | None:
    """The milliseconds that a UUID of version 7 begins with."""
    try:
        uuid = UUID(id)
    except ValueError:
        return None
    return uuid.int >> 80 if uuid.version == 7 else None
