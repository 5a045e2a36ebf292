"""Live hooks: an agent tells of single moments while it works, in payloads of its own.

No payload bears a time: it is stamped when it is received or, from a spool, when it was fired. Where the agent names
what it tells of, a payload that comes twice gives the same events.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import orjson

from domain.errors import Invalid
from domain.ingest import fields
from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.ingest.calls import INPUT_CHARS, Call, call_events
from domain.ingest.clean import bounded, storable
from domain.ingest.line import Line
from domain.ingest.outcomes import Outcome, effect_events, outcome_events
from domain.ingest.reading import Redact
from domain.ingest.witnesses import UNNAMED
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue, SessionId


@dataclass(frozen=True, slots=True)
class Hooks:
    """The hooks of one agent: where a payload names its session, and what it tells; `facts` is the session's.

    `private` members of a payload are about the person and nobody's business: they are not kept at all.
    """

    service: str
    session: Callable[[JsonObject], str | None]
    events: Callable[[Line, JsonObject], Iterator[Event]]
    facts: Callable[[JsonObject], SessionFacts]
    private: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload as it was sent, and when that was."""

    body: JsonValue
    at: datetime


def read(hooks: Hooks, payloads: Iterable[Payload], redact: Redact) -> Batch:
    """What these payloads tell. Raises Invalid for one that is no object, or names no session."""
    events: list[Event] = []
    raw: list[RawLine] = []
    sessions: dict[SessionId, SessionFacts] = {}
    for position, payload in enumerate(payloads):
        body, found = redact(_public(hooks, storable(payload.body)))
        line = _line(hooks, body, found, payload.at)
        assert isinstance(body, dict)
        events += hooks.events(line, body)
        raw.append(RawLine(line.session_id, line.digest, position, orjson.dumps(body).decode()))
        facts = hooks.facts(body)
        sessions[line.session_id] = sessions[line.session_id].then(facts) if line.session_id in sessions else facts
    return Batch(f"{hooks.service}-hook", sessions, tuple(events), tuple(raw))


def _public(hooks: Hooks, body: JsonValue) -> JsonValue:
    if not isinstance(body, dict) or hooks.private.isdisjoint(body):
        return body
    return {name: value for name, value in body.items() if name not in hooks.private}


def _line(hooks: Hooks, body: JsonValue, redacted: tuple[str, ...], at: datetime) -> Line:
    if not isinstance(body, dict):
        raise Invalid("Invalid request body", ("body: must be an object",))
    session_id = hooks.session(body)
    if session_id is None:
        raise Invalid("Invalid request body", ("body: names no session",))
    # The same may be fired again; what was received at another time is another moment.
    digest = sha256(orjson.dumps([body, at])).digest()
    return Line(
        session_id=SessionId(session_id),
        agent_id=fields.name(body, "agent_id"),
        ts=at,
        key=f"hook/{session_id}/{digest.hex()}",
        digest=digest,
        source={"channel": "hook", "integration": hooks.service},
        cwd=fields.path(body, "cwd"),
        redacted=redacted,
    )


def named(line: Line, *names: str | None) -> Line:
    """The line, known by what the agent calls the thing it tells of, if it does."""
    told = "/".join(name for name in names if name)
    return replace(line, key=f"hook/{line.session_id}/{told}") if all(names) else line


def text_name(text: str) -> str:
    """A name for what was said, where one id of the agent stands for several sayings."""
    return sha256(text.encode()).hexdigest()[:32]


def call_id(tool: str, arguments: JsonObject) -> str:
    """Made up for a call that the agent does not name: equal calls share it."""
    said = orjson.dumps([tool, arguments], option=orjson.OPT_SORT_KEYS)
    return f"{UNNAMED}{sha256(said).hexdigest()[:32]}"


def timeless(call: Call) -> Call:
    """The call as its end tells of it: when it began is not known, so neither is how long it took, unless told."""
    return replace(call, line=replace(call.line, ts=None))


def events_of_call(call: Call, outcome: Outcome | None) -> Iterator[Event]:
    """Of a call that begins, or has ended with `outcome`: either may come alone, or first.

    A call that the agent does not name is told by its beginning only, lest it count twice.
    """
    unnamed = call.id.startswith(UNNAMED)
    if outcome is None or not unnamed:
        yield from _findable(call, call_events(call))
    if outcome is not None:
        yield from _findable(call, _honest(outcome, outcome_events(outcome, call)))


def events_of_effects(call: Call, outcome: Outcome) -> Iterator[Event]:
    """What a call did, where others tell of the call itself."""
    yield from _findable(call, _honest(outcome, effect_events(outcome, call)))


def _findable(call: Call, events: Iterable[Event]) -> Iterator[Event]:
    """Without an id, what was called is all that joins them to the call in the transcript."""
    input = bounded(call.arguments, INPUT_CHARS)
    for event in events:
        if call.id.startswith(UNNAMED) and event.kind is not Kind.TOOL_USE:
            event = replace(event, data={**event.data, "call": {"toolName": call.tool, "input": input}})
        yield event


def _honest(outcome: Outcome, events: Iterable[Event]) -> Iterator[Event]:
    """Whether a command worked is not known of one whose exit code an agent keeps to itself."""
    silent = outcome.ran is not None and outcome.ran.exit_code is None and not outcome.failed
    for event in events:
        yield replace(event, succeeded=None) if silent and event.kind is Kind.COMMAND else event
