"""The views that SQL may ask, and their columns: what the guard lets through, migrations make and the guide tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class SqlType(StrEnum):
    """What a column of a view or of a result holds."""

    TEXT = "text"
    UUID = "uuid"
    TIMESTAMP = "timestamp"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: SqlType
    says: str


@dataclass(frozen=True, slots=True)
class View:
    name: str
    says: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


_TEXT, _UUID, _TIME, _JSON = SqlType.TEXT, SqlType.UUID, SqlType.TIMESTAMP, SqlType.JSON
_INTEGER, _NUMBER, _BOOLEAN = SqlType.INTEGER, SqlType.NUMBER, SqlType.BOOLEAN
_PERSON = (
    Column("person_id", _UUID, "The developer."),
    Column("distinct_id", _TEXT, "The developer, as text."),
)
_PROJECT = Column("project", _TEXT, "The name of the repository or folder that was worked in.")
_COSTS = (
    Column("input_tokens", _INTEGER, "Tokens read, those from the cache left out."),
    Column("output_tokens", _INTEGER, "Tokens written."),
    Column("cache_read_tokens", _INTEGER, "Tokens read from the cache."),
    Column("cache_write_tokens", _INTEGER, "Tokens written to the cache."),
    Column("cost_usd", _NUMBER, "What it cost, in US dollars; null where there is no price."),
)

_EVENTS = View(
    "events",
    "Everything that was captured or follows from it: one row an event, none of the future.",
    (
        Column("id", _UUID, "The event."),
        Column("event", _TEXT, "Its name, such as prompt, edit, test_failed or arc_crushed."),
        Column("timestamp", _TIME, "When it happened."),
        *_PERSON,
        Column("session_id", _TEXT, "The session it happened in."),
        Column("arc_id", _UUID, "The goal arc it belongs to, where it belongs to one."),
        Column("agent", _TEXT, "The coding agent, such as claude-code."),
        _PROJECT,
        Column("model", _TEXT, "The model that answered."),
        Column("tool", _TEXT, "The tool that was called, as the agent names it."),
        Column("properties", _JSON, "All other properties by their names: properties.duration_ms and so on."),
    ),
)
_SESSIONS = View(
    "sessions",
    "One row a session of a coding agent, with its totals.",
    (
        Column("id", _TEXT, "The session."),
        *_PERSON,
        Column("agent", _TEXT, "The coding agent, such as claude-code."),
        _PROJECT,
        Column("started_at", _TIME, "Its first event."),
        Column("ended_at", _TIME, "When it was ended, or had rested for an hour; null while it goes on."),
        Column("last_activity_at", _TIME, "Its last event."),
        Column("event_count", _INTEGER, "Captured events."),
        Column("prompt_count", _INTEGER, "Prompts of the developer."),
        Column("decision_count", _INTEGER, "Decisions of the developer."),
        Column("tool_call_count", _INTEGER, "Calls of tools."),
        Column("tool_error_count", _INTEGER, "Calls that failed."),
        Column("api_error_count", _INTEGER, "Answers of a model that failed."),
        Column("commit_count", _INTEGER, "Commits."),
        Column("pull_request_count", _INTEGER, "Pull requests."),
        *_COSTS,
    ),
)
_ARCS = View(
    "arcs",
    "One row a goal arc: a stretch of a session that follows one goal, with its verdicts; none of what was merged.",
    (
        Column("id", _UUID, "The arc."),
        Column("session_id", _TEXT, "The session it begins in."),
        *_PERSON,
        _PROJECT,
        Column("started_at", _TIME, "When it began."),
        Column("ended_at", _TIME, "When it was closed; null while it is open."),
        Column("state", _TEXT, "Open, closed and so on."),
        Column("close_reason", _TEXT, "Why it ended."),
        Column("turn_count", _INTEGER, "How often the developer spoke."),
        Column("net_loc", _INTEGER, "Lines added less lines removed, without a sign."),
        Column("lines_added", _INTEGER, "Lines added."),
        Column("lines_removed", _INTEGER, "Lines removed."),
        Column("mutating_tool_calls", _INTEGER, "Calls that changed something."),
        Column("read_only_tool_calls", _INTEGER, "Calls that changed nothing."),
        Column("tool_errors", _INTEGER, "Calls that failed."),
        *_COSTS,
        Column("judge_status", _TEXT, "How far its judgement is."),
        Column("intent", _TEXT, "What the developer wanted, such as bug_fix."),
        Column("intent_confidence", _NUMBER, "How sure that is, 0 to 1."),
        Column("letter_grade", _TEXT, "The grade of its prompting, A to F."),
        Column("grade_points", _NUMBER, "The grade in points, 0 to 100."),
        Column("goal_complete", _BOOLEAN, "Whether the goal was reached."),
        Column("completion_confidence", _NUMBER, "How sure that is, 0 to 1."),
        Column("goal_completed_at", _TIME, "When the goal was reached."),
        Column("rework_kind", _TEXT, "How it was undone: revert, rewrite or deletion."),
        Column("reworked_at", _TIME, "When it was undone."),
        Column("qualifying", _BOOLEAN, "Whether it counts for scores."),
        Column("crushed", _BOOLEAN, "Whether the goal was reached and lasted."),
        Column("excluded_reason", _TEXT, "Why it does not count."),
    ),
)
_PERSONS = View(
    "persons",
    "One row a developer, without names and addresses.",
    (
        Column("id", _UUID, "The developer: person_id of the other views."),
        Column("distinct_id", _TEXT, "The developer, as text."),
        Column("time_zone", _TEXT, "Where their days are cut."),
        Column("created_at", _TIME, "When they were made known."),
    ),
)

VIEWS: Mapping[str, View] = {view.name: view for view in (_EVENTS, _SESSIONS, _ARCS, _PERSONS)}
"""By name."""
