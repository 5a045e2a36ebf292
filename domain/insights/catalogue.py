"""The events that insights count and the properties they have: their names, types and meanings."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.insights.plans import PropertySource, PropertyType
from domain.timeline import Kind


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """`derived` ones follow from the log and its verdicts; the others are kinds of captured events."""

    name: str
    description: str
    derived: bool
    properties: tuple[str, ...]
    """Keys of properties of the event, those that every event has left out."""


@dataclass(frozen=True, slots=True)
class PropertyDefinition:
    """`column` is where it stands in the row of an event; those without one lie in the row's JSON under their key."""

    source: PropertySource
    key: str
    type: PropertyType
    description: str
    column: str | None = None


_EVENT, _PERSON, _SESSION = PropertySource.EVENT, PropertySource.PERSON, PropertySource.SESSION
_TEXT, _NUMBER, _BOOLEAN = PropertyType.TEXT, PropertyType.NUMBER, PropertyType.BOOLEAN
_DEFINITIONS = (
    PropertyDefinition(_EVENT, "agent", _TEXT, "The coding agent, such as claude-code.", "agent"),
    PropertyDefinition(_EVENT, "project", _TEXT, "The name of the repository or folder that was worked in.", "project"),
    PropertyDefinition(_EVENT, "model", _TEXT, "The model that answered.", "model"),
    PropertyDefinition(_EVENT, "tool", _TEXT, "The tool that was called, as the agent names it.", "tool"),
    PropertyDefinition(_EVENT, "session_id", _TEXT, "The session it happened in.", "session_id"),
    PropertyDefinition(_EVENT, "arc_id", _TEXT, "The goal arc it belongs to.", "sub_session_id"),
    PropertyDefinition(_EVENT, "sub_agent", _BOOLEAN, "Whether a sub-agent did it."),
    PropertyDefinition(_EVENT, "actor", _TEXT, "Who did it: human, ai, system or unknown."),
    PropertyDefinition(_EVENT, "attribution", _TEXT, "Whose work a change is, as far as that is known."),
    PropertyDefinition(_EVENT, "input_tokens", _NUMBER, "Tokens read, those from the cache left out."),
    PropertyDefinition(_EVENT, "output_tokens", _NUMBER, "Tokens written."),
    PropertyDefinition(_EVENT, "cache_read_tokens", _NUMBER, "Tokens read from the cache."),
    PropertyDefinition(_EVENT, "cache_write_tokens", _NUMBER, "Tokens written to the cache."),
    PropertyDefinition(_EVENT, "cost_usd", _NUMBER, "What it cost, in US dollars; missing where there is no price."),
    PropertyDefinition(_EVENT, "duration_ms", _NUMBER, "How long it took, in milliseconds."),
    PropertyDefinition(_EVENT, "lines_added", _NUMBER, "Lines added."),
    PropertyDefinition(_EVENT, "lines_removed", _NUMBER, "Lines removed."),
    PropertyDefinition(_EVENT, "language", _TEXT, "The language of the file, by its extension."),
    PropertyDefinition(_EVENT, "extension", _TEXT, "The extension of the file, in lower case, without the dot."),
    PropertyDefinition(_EVENT, "exit_code", _NUMBER, "The exit code of the command."),
    PropertyDefinition(_EVENT, "succeeded", _BOOLEAN, "Whether it succeeded."),
    PropertyDefinition(_EVENT, "error_class", _TEXT, "Why a call failed, such as exit_code, rejected or timeout."),
    PropertyDefinition(_EVENT, "action", _TEXT, "What was done with git: commit, push, revert and so on."),
    PropertyDefinition(_EVENT, "phase", _TEXT, "Of planning: prompt, proposed or decided."),
    PropertyDefinition(_EVENT, "tests_passed", _NUMBER, "How many tests passed."),
    PropertyDefinition(_EVENT, "tests_failed", _NUMBER, "How many tests failed."),
    PropertyDefinition(_EVENT, "prompt_chars", _NUMBER, "How long the prompt is, in characters."),
    PropertyDefinition(_EVENT, "intent", _TEXT, "What the developer wanted of the arc, such as bug_fix."),
    PropertyDefinition(_EVENT, "letter_grade", _TEXT, "The grade of the arc's prompting, A to F."),
    PropertyDefinition(_EVENT, "grade_points", _NUMBER, "The grade in points, 0 to 100."),
    PropertyDefinition(_EVENT, "goal_complete", _BOOLEAN, "Whether the arc's goal was reached."),
    PropertyDefinition(_EVENT, "completion_confidence", _NUMBER, "How sure that is, 0 to 1."),
    PropertyDefinition(_EVENT, "crushed", _BOOLEAN, "Whether the goal was reached and lasted."),
    PropertyDefinition(_EVENT, "time_to_crush_s", _NUMBER, "From the first prompt to the goal, in seconds."),
    PropertyDefinition(_EVENT, "rework_kind", _TEXT, "How the arc was undone: revert, rewrite or deletion."),
    PropertyDefinition(_EVENT, "close_reason", _TEXT, "Why the arc ended."),
    PropertyDefinition(_EVENT, "excluded_reason", _TEXT, "Why the arc does not count."),
    PropertyDefinition(_EVENT, "turn_count", _NUMBER, "How often the developer spoke."),
    PropertyDefinition(_EVENT, "net_loc", _NUMBER, "Lines added less lines removed, without a sign."),
    PropertyDefinition(_EVENT, "mutating_tool_calls", _NUMBER, "Calls that changed something."),
    PropertyDefinition(_EVENT, "read_only_tool_calls", _NUMBER, "Calls that changed nothing."),
    PropertyDefinition(_EVENT, "tool_errors", _NUMBER, "Calls that failed."),
    PropertyDefinition(_EVENT, "file_count", _NUMBER, "Files that the arc changed."),
    PropertyDefinition(_EVENT, "flag", _TEXT, "The kind of integrity flag, such as tiny_prompt_burst."),
    PropertyDefinition(_EVENT, "severity", _TEXT, "How grave the flag is."),
    PropertyDefinition(_PERSON, "user_id", _TEXT, "The developer.", "user_id"),
    PropertyDefinition(_SESSION, "session_id", _TEXT, "The session.", "session_id"),
    PropertyDefinition(_SESSION, "agent", _TEXT, "The coding agent of the session.", "agent"),
    PropertyDefinition(_SESSION, "project", _TEXT, "The name of the repository or folder it worked in.", "project"),
)

PROPERTIES: Mapping[tuple[PropertySource, str], PropertyDefinition] = {
    (one.source, one.key): one for one in _DEFINITIONS
}
"""By source and key."""

COLUMNS = frozenset(("agent", "project", "model", "tool"))
"""Keys of the properties of events that builders and readers of rows know as columns of the same name."""


def property_type(source: PropertySource, key: str) -> PropertyType | None:
    """None where there is no such property."""
    known = PROPERTIES.get((source, key))
    return known and known.type


def property_column(source: PropertySource, key: str) -> str | None:
    """The column of insight_events that holds it; None where it lies in the JSON, or is not known at all."""
    known = PROPERTIES.get((source, key))
    return known and known.column


_CAPTURED: Mapping[Kind, tuple[str, tuple[str, ...]]] = {}
EVENTS: Mapping[str, EventDefinition] = {}
"""By name; the captured ones first, each group in the order of the alphabet."""
