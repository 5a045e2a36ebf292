"""What insights count of a session: a fact for each event that counts, and those that follow from it.

Facts hold no text that people, agents or commands wrote, no paths and no commands: numbers, names from fixed lists,
and the names of tools, models, agents and projects.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple
from uuid import UUID, uuid5

from domain.insights.catalogue import ACTIONS, ACTORS, ERRORS, PHASES
from domain.insights.file_types import file_type
from domain.judging.arcs import SessionLog
from domain.judging.commands import refused_calls
from domain.judging.edits import FILE_KINDS, line_counts
from domain.judging.substance import is_failure
from domain.judging.totals import SessionTotals
from domain.judging.turns import prompt_text
from domain.judging.usage import Answered, answered
from domain.judging.work import BUILD, TESTS, told_run
from domain.timeline import Attribution, Event, Kind, Tokens
from domain.values import EventId, JsonObject, JsonValue, SubSessionId

VERSION = "1"
"""Changes whenever other facts follow from the same events; those of an older version are made again."""

MOST_CHARS = 100
"""Names of tools, models and projects are cut to so many characters."""
FIRST, LAST = -(10**6), 10**6
"""Among facts of the same time what opens comes first, and what closes last."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of insights. `ordinal` orders those of equal `ts` within a session."""

    id: UUID
    event: str
    ts: datetime
    ordinal: int
    arc_id: SubSessionId | None
    model: str | None
    tool: str | None
    properties: JsonObject


class _Told(NamedTuple):
    """A fact before it has its place; those of one event are ordered by `rank`."""

    name: str
    source: Event
    rank: int
    properties: JsonObject
    model: str | None = None


_MOST_TESTS = 10**9
_FARED = {TESTS: ("test_passed", "test_failed"), BUILD: ("build_passed", "build_failed")}


def session_facts(log: SessionLog, totals: SessionTotals, arc_of: Mapping[EventId, SubSessionId]) -> tuple[Fact, ...]:
    """Of a session's events, which may be in any order; `arc_of` says to which arcs they belong, if to any."""
    events = sorted(log.events, key=lambda event: (event.ts, event.ordinal, event.id))
    told = [*_captured(events), *_edits(events), *_runs(events), *_failures(events), *_of_git(events), *_plans(events)]
    return (*_placed(told, arc_of), *_bounds(log, events, totals))


def project_name(project: str | None) -> str | None:
    """The last part of a path or an address of a repository."""
    parts = (project or "").replace("\\", "/").replace(":", "/").rstrip("/").removesuffix(".git").split("/")
    return parts[-1][:MOST_CHARS] or None


def known(**properties: JsonValue) -> JsonObject:
    """Those that are told."""
    return {key: value for key, value in properties.items() if value is not None}


def spent(tokens: Tokens, cost_usd: Decimal | None) -> JsonObject:
    """What was used; missing where nothing was."""
    if tokens == Tokens() and cost_usd is None:
        return {}
    return known(
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write,
        cost_usd=None if cost_usd is None else float(cost_usd),
    )


def _placed(told: Iterable[_Told], arc_of: Mapping[EventId, SubSessionId]) -> Iterator[Fact]:
    """Counted anew for each time, so that an event that comes late moves only those of its own time."""
    ordered = sorted(told, key=lambda one: (one.source.ts, one.source.ordinal, one.source.id, one.rank, one.name))
    for ts, together in groupby(ordered, key=lambda one: one.source.ts):
        for ordinal, one in enumerate(together):
            source = one.source
            yield Fact(
                id=source.id if one.rank == 0 else uuid5(source.id, one.name),
                event=one.name,
                ts=ts,
                ordinal=ordinal,
                arc_id=arc_of.get(source.id),
                model=_name(one.model or source.model),
                tool=_name(source.tool),
                properties=one.properties,
            )


def _name(text: str | None) -> str | None:
    return text[:MOST_CHARS] if text else None


def _captured(events: Sequence[Event]) -> Iterator[_Told]:
    """Each event as it was told; what an API response used stands at the one that counts for it."""
    used = {one.event.id: one for one in answered(events)}
    for event in events:
        response = used.get(event.id)
        properties = {**_common(event), **_of_kind(event), **_used(response)}
        yield _Told(event.kind, event, 0, properties, response and response.model)


def _used(response: Answered | None) -> JsonObject:
    return {} if response is None else spent(response.usage.tokens, response.usage.cost_usd)


def _common(event: Event) -> JsonObject:
    attribution = event.provenance.attribution
    return known(
        sub_agent=event.agent_id is not None,
        actor=_one_of(ACTORS, event.actor),
        attribution=None if attribution is Attribution.UNKNOWN else attribution,
        duration_ms=event.duration_ms,
        exit_code=event.exit_code,
        succeeded=event.succeeded,
        error_class=_one_of(ERRORS, event.data.get("errorClass")),
    )


def _one_of(names: Sequence[str], value: JsonValue) -> str | None:
    """Clients may send any text; only what is known stays."""
    return value if isinstance(value, str) and value in names else None


def _of_kind(event: Event) -> JsonObject:
    match event.kind:
        case Kind.PROMPT:
            return {"prompt_chars": len(prompt_text(event))}
        case Kind.FILE_DIFF | Kind.FILE_CREATE | Kind.FILE_DELETE:
            added, removed = line_counts(event)
            return {"lines_added": added, "lines_removed": removed, **_file(event.path)}
        case Kind.GIT_ACTION:
            return known(action=_one_of(ACTIONS, event.data.get("action")))
        case Kind.PLANNING:
            return known(phase=_one_of(PHASES, event.data.get("phase")))
        case Kind.TEST_RUN:
            return _tests(event)
        case _:
            return {}


def _file(path: str | None) -> JsonObject:
    found = file_type(path or "")
    return {} if found is None else known(language=found.language, extension=found.extension)


def _tests(event: Event) -> JsonObject:
    return known(tests_passed=_count(event, "passed"), tests_failed=_count(event, "failed"))


def _count(event: Event, name: str) -> int | None:
    """Clients may send any number; what no run can count says nothing."""
    value = event.data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TESTS else None


def _edits(events: Sequence[Event]) -> Iterator[_Told]:
    """One for each call that changed files, and for each change that belongs to no call."""
    changes: dict[str, list[Event]] = {}
    for event in events:
        if event.kind in FILE_KINDS:
            changes.setdefault(event.call_id or str(event.id), []).append(event)
    for together in changes.values():
        counts = [line_counts(event) for event in together]
        first, files = together[0], [_file(event.path) for event in together]
        yield _Told(
            "edit",
            first,
            1,
            {
                **_common(first),
                "lines_added": sum(added for added, _ in counts),
                "lines_removed": sum(removed for _, removed in counts),
                **(files[0] if all(file == files[0] for file in files) else {}),
            },
        )


def _runs(events: Sequence[Event]) -> Iterator[_Told]:
    """How runs of tests and builds fared. A command and what a client reports of the same call are one run."""
    refused = refused_calls(events)
    seen = set[str]()
    for event in events:
        call = event.call_id or str(event.id)
        if event.kind not in (Kind.COMMAND, Kind.TEST_RUN, Kind.BUILD_RUN) or call in refused:
            continue
        run = told_run(event)
        if run is not None and run.name in _FARED and call not in seen:
            seen.add(call)
            passed, failed = _FARED[run.name]
            yield _Told(passed if run.passed else failed, event, 2, _common(event) | _tests(event))


def _failures(events: Sequence[Event]) -> Iterator[_Told]:
    """Calls that failed, once each."""
    seen = set[str]()
    for event in events:
        call = event.call_id or str(event.id)
        if is_failure(event) and call not in seen:
            seen.add(call)
            yield _Told("tool_failed", event, 3, _common(event))


_OF_GIT = frozenset(("commit", "revert", "push", "pull_request"))


def _of_git(events: Sequence[Event]) -> Iterator[_Told]:
    """A pull request that is named again is the same one."""
    requests = set[str]()
    for event in events:
        action = event.git_action
        if action not in _OF_GIT:
            continue
        request = event.text("url") or str(event.id)
        if action == "pull_request" and request in requests:
            continue
        requests.add(request)
        yield _Told(action, event, 4, _common(event))


def _plans(events: Sequence[Event]) -> Iterator[_Told]:
    """Where planning began: at most once between two prompts."""
    planning = False
    for event in events:
        if event.kind is Kind.PROMPT and event.agent_id is None:
            planning = False
        elif event.kind is Kind.PLANNING and not planning:
            planning = True
            yield _Told("plan_mode", event, 5, _common(event))


_SESSIONS = UUID("0f0c65a7-6a5e-4a7b-9b0f-2b8d5a3c7e11")


def _bounds(log: SessionLog, events: Sequence[Event], totals: SessionTotals) -> Iterator[Fact]:
    """Begin and end of the session; their ids follow from its own."""
    if not events:
        return
    begin = events[0].ts
    yield _bound(log, "session_started", begin, FIRST, {})
    if log.ended_at is not None:
        end = max(log.ended_at, events[-1].ts)
        told = known(
            duration_ms=round((end - begin).total_seconds() * 1000),
            turn_count=totals.prompt_count,
            tool_errors=totals.tool_error_count,
        )
        yield _bound(log, "session_ended", end, LAST + 20, told | spent(totals.tokens, totals.cost_usd))


def _bound(log: SessionLog, name: str, ts: datetime, ordinal: int, properties: JsonObject) -> Fact:
    return Fact(uuid5(_SESSIONS, f"{name} {log.session_id}"), name, ts, ordinal, None, None, None, properties)
