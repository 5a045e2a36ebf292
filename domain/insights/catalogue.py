"""The events that insights count and the properties they have: their names, types and meanings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.insights.file_types import LANGUAGES
from domain.insights.filters import (
    PropertySource,
    PropertyType,
)
from domain.judging.habits import BANDS
from domain.judging.records import CloseReason, FlagKind, Intent, ReworkKind, TriviaReason
from domain.timeline import Attribution, Kind

ACTIONS = ("checkout", "commit", "merge", "pull_request", "push", "reset", "restore", "revert")
ACTORS = ("ai", "human", "system")
ERRORS = ("exit_code", "other", "permission", "rejected", "timeout", "tool_use_error")
GRADES = (*(letter for _, letter, _ in BANDS), "A+")
SEVERITIES = ("info", "warn")
_ATTRIBUTIONS = tuple(sorted(set(Attribution) - {Attribution.UNKNOWN}))
PHASES = ("accepted", "prompt", "proposed", "rejected")


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
    """`column` is where it stands in the row of an event; those without one lie in the row's JSON under their key.

    `values` are all that a text can be; () where there is no end to them.
    """

    source: PropertySource
    key: str
    type: PropertyType
    description: str
    column: str | None = None
    values: tuple[str, ...] = ()


_EVENT, _PERSON, _SESSION = PropertySource.EVENT, PropertySource.PERSON, PropertySource.SESSION
_TEXT, _NUMBER, _BOOLEAN = PropertyType.TEXT, PropertyType.NUMBER, PropertyType.BOOLEAN
_DEFINITIONS = (
    PropertyDefinition(_EVENT, "event", _TEXT, "Its name.", "event"),
    PropertyDefinition(_EVENT, "timestamp", PropertyType.TIME, "When it happened.", "ts"),
    PropertyDefinition(_EVENT, "agent", _TEXT, "The coding agent, such as claude-code.", "agent"),
    PropertyDefinition(_EVENT, "project", _TEXT, "The name of the repository or folder that was worked in.", "project"),
    PropertyDefinition(_EVENT, "model", _TEXT, "The model that answered.", "model"),
    PropertyDefinition(_EVENT, "tool", _TEXT, "The tool that was called, as the agent names it.", "tool"),
    PropertyDefinition(_EVENT, "session_id", _TEXT, "The session it happened in.", "session_id"),
    PropertyDefinition(_EVENT, "arc_id", _TEXT, "The goal arc it belongs to.", "sub_session_id"),
    PropertyDefinition(_EVENT, "sub_agent", _BOOLEAN, "Whether a sub-agent did it."),
    PropertyDefinition(_EVENT, "actor", _TEXT, "Who did it: human, ai, system or unknown.", values=ACTORS),
    PropertyDefinition(
        _EVENT, "attribution", _TEXT, "Whose work a change is, as far as that is known.", values=_ATTRIBUTIONS
    ),
    PropertyDefinition(_EVENT, "input_tokens", _NUMBER, "Tokens read, those from the cache left out."),
    PropertyDefinition(_EVENT, "output_tokens", _NUMBER, "Tokens written."),
    PropertyDefinition(_EVENT, "cache_read_tokens", _NUMBER, "Tokens read from the cache."),
    PropertyDefinition(_EVENT, "cache_write_tokens", _NUMBER, "Tokens written to the cache."),
    PropertyDefinition(_EVENT, "cost_usd", _NUMBER, "What it cost, in US dollars; missing where there is no price."),
    PropertyDefinition(_EVENT, "duration_ms", _NUMBER, "How long it took, in milliseconds."),
    PropertyDefinition(_EVENT, "lines_added", _NUMBER, "Lines added."),
    PropertyDefinition(_EVENT, "lines_removed", _NUMBER, "Lines removed."),
    PropertyDefinition(
        _EVENT, "language", _TEXT, "The language of the file, by its extension.", values=tuple(LANGUAGES)
    ),
    PropertyDefinition(_EVENT, "extension", _TEXT, "The extension of the file, in lower case, without the dot."),
    PropertyDefinition(_EVENT, "exit_code", _NUMBER, "The exit code of the command."),
    PropertyDefinition(_EVENT, "succeeded", _BOOLEAN, "Whether it succeeded."),
    PropertyDefinition(
        _EVENT, "error_class", _TEXT, "Why a call failed, such as exit_code, rejected or timeout.", values=ERRORS
    ),
    PropertyDefinition(
        _EVENT, "action", _TEXT, "What was done with git: commit, push, revert and so on.", values=ACTIONS
    ),
    PropertyDefinition(_EVENT, "phase", _TEXT, "Of planning: prompt, proposed, accepted or rejected.", values=PHASES),
    PropertyDefinition(_EVENT, "tests_passed", _NUMBER, "How many tests passed."),
    PropertyDefinition(_EVENT, "tests_failed", _NUMBER, "How many tests failed."),
    PropertyDefinition(_EVENT, "prompt_chars", _NUMBER, "How long the prompt is, in characters."),
    PropertyDefinition(
        _EVENT, "intent", _TEXT, "What the developer wanted of the arc, such as bug_fix.", values=tuple(Intent)
    ),
    PropertyDefinition(_EVENT, "letter_grade", _TEXT, "The grade of the arc's prompting, F to A+.", values=GRADES),
    PropertyDefinition(_EVENT, "grade_points", _NUMBER, "The grade in points, 0 to 100."),
    PropertyDefinition(_EVENT, "goal_complete", _BOOLEAN, "Whether the arc's goal was reached."),
    PropertyDefinition(_EVENT, "completion_confidence", _NUMBER, "How sure that is, 0 to 1."),
    PropertyDefinition(_EVENT, "crushed", _BOOLEAN, "Whether the goal was reached and lasted."),
    PropertyDefinition(_EVENT, "time_to_crush_s", _NUMBER, "From the first prompt to the goal, in seconds."),
    PropertyDefinition(
        _EVENT, "rework_kind", _TEXT, "How the arc was undone: revert, rewrite or deletion.", values=tuple(ReworkKind)
    ),
    PropertyDefinition(_EVENT, "close_reason", _TEXT, "Why the arc ended.", values=tuple(CloseReason)),
    PropertyDefinition(_EVENT, "excluded_reason", _TEXT, "Why the arc does not count.", values=tuple(TriviaReason)),
    PropertyDefinition(_EVENT, "turn_count", _NUMBER, "How often the developer spoke."),
    PropertyDefinition(_EVENT, "net_loc", _NUMBER, "Lines added less lines removed, without a sign."),
    PropertyDefinition(_EVENT, "mutating_tool_calls", _NUMBER, "Calls that changed something."),
    PropertyDefinition(_EVENT, "read_only_tool_calls", _NUMBER, "Calls that changed nothing."),
    PropertyDefinition(_EVENT, "tool_errors", _NUMBER, "Calls that failed."),
    PropertyDefinition(_EVENT, "file_count", _NUMBER, "Files that the arc changed."),
    PropertyDefinition(
        _EVENT, "flag", _TEXT, "The kind of integrity flag, such as tiny_prompt_burst.", values=tuple(FlagKind)
    ),
    PropertyDefinition(_EVENT, "severity", _TEXT, "How grave the flag is.", values=SEVERITIES),
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


EVERYWHERE = ("event", "timestamp", "agent", "project", "session_id", "arc_id")
"""Properties of every event, as far as they are known."""
_WHO = ("model", "tool", "sub_agent", "actor", "attribution")
_HOW = ("duration_ms", "exit_code", "succeeded", "error_class")
_SPENT = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_usd")
_LINES = ("lines_added", "lines_removed", "language", "extension")
_TESTS = ("tests_passed", "tests_failed")
_CHANGE = (*_WHO, *_HOW, *_LINES)

_CAPTURED: Mapping[Kind, tuple[str, tuple[str, ...]]] = {
    Kind.PROMPT: ("The developer, or a sub-agent's parent, said something to the agent.", ("prompt_chars",)),
    Kind.AI_RESPONSE: ("The agent said something.", ()),
    Kind.FILE_DIFF: ("A file was changed.", _LINES),
    Kind.FILE_CREATE: ("A file was made.", _LINES),
    Kind.FILE_DELETE: ("A file was removed.", _LINES),
    Kind.COMMAND: ("A shell command was run.", ()),
    Kind.TEST_RUN: ("Tests were run, as a client reported; see test_passed and test_failed.", _TESTS),
    Kind.BUILD_RUN: ("A build was run, as a client reported; see build_passed and build_failed.", ()),
    Kind.GIT_ACTION: ("Something was done with git.", ("action",)),
    Kind.DECISION_EVENT: ("The developer decided something, as a client reported.", ()),
    Kind.SESSION_START: ("The agent said that the session began; see session_started.", ()),
    Kind.SESSION_END: ("The agent said that the session ended; see session_ended.", ()),
    Kind.CHECKPOINT: ("A state of the work was marked.", ()),
    Kind.TOOL_USE: ("The agent called a tool.", ()),
    Kind.TOOL_RESULT: ("A tool answered.", ()),
    Kind.PLANNING: ("A plan was asked for, proposed, accepted or rejected; see plan_mode.", ("phase",)),
    Kind.MCP_CALL: ("The agent called a tool of an MCP server.", ()),
    Kind.CONTEXT_CLEAR: ("The developer cleared the context.", ()),
    Kind.CONTEXT_COMPACT: ("The context was made smaller.", ()),
    Kind.API_REQUEST: ("A model was asked, as telemetry told.", ()),
    Kind.API_ERROR: ("A model could not be reached, or refused.", ()),
    Kind.SLASH_COMMAND: ("The developer gave the agent a command of its own.", ()),
    Kind.INTERRUPTION: ("The developer stopped the agent.", ()),
    Kind.SESSION_TITLE: ("The agent gave the session a title.", ()),
}
_ARC = (
    "model",
    *_SPENT,
    *("turn_count", "net_loc", "lines_added", "lines_removed", "mutating_tool_calls", "read_only_tool_calls"),
    *("tool_errors", "file_count", "duration_ms", "intent", "letter_grade", "grade_points", "goal_complete"),
    *("completion_confidence", "crushed", "time_to_crush_s", "rework_kind", "close_reason", "excluded_reason"),
)
_DERIVED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "session_started": ("A session began: its first event.", ()),
    "session_ended": (
        "A session ended, or came to rest; with what it came to.",
        ("duration_ms", "turn_count", "tool_errors", *_SPENT),
    ),
    "edit": ("A call changed files, or the developer did; with the lines of all its files.", _CHANGE),
    "test_passed": ("A test run passed.", (*_WHO, *_HOW, *_TESTS)),
    "test_failed": ("A test run failed.", (*_WHO, *_HOW, *_TESTS)),
    "build_passed": ("A build passed.", (*_WHO, *_HOW)),
    "build_failed": ("A build failed.", (*_WHO, *_HOW)),
    "tool_failed": ("A call of a tool failed.", (*_WHO, *_HOW)),
    "commit": ("Work was committed.", (*_WHO, *_HOW)),
    "push": ("Commits were pushed.", (*_WHO, *_HOW)),
    "revert": ("A commit was taken back.", (*_WHO, *_HOW)),
    "pull_request": ("A pull request was opened.", (*_WHO, *_HOW)),
    "plan_mode": ("Planning began: once between two prompts.", (*_WHO, *_HOW)),
    "arc_opened": ("A goal arc began.", _ARC),
    "arc_closed": ("A goal arc ended.", _ARC),
    "arc_judged": ("A goal arc got its verdict: told at its end.", _ARC),
    "arc_excluded": ("A goal arc turned out not to count.", _ARC),
    "arc_completed": ("The goal of an arc was reached.", _ARC),
    "arc_crushed": ("The goal of an arc was reached, and the work was not undone since.", _ARC),
    "arc_held": ("The goal of an arc was reached 7 days ago, and the work was not undone in them.", _ARC),
    "arc_reworked": ("A later arc undid the work of this one: when it did.", _ARC),
    "arc_appealed": ("The developer said otherwise than the judge.", _ARC),
    "integrity_flag": ("A goal arc bears an integrity flag: at its beginning.", (*_ARC, "flag", "severity")),
}


def _definitions() -> Iterator[EventDefinition]:
    for kind, (description, own) in sorted(_CAPTURED.items()):
        yield EventDefinition(kind, description, False, (*_WHO, *_HOW, *_SPENT, *own))
    for name, (description, properties) in sorted(_DERIVED.items()):
        yield EventDefinition(name, description, True, properties)


EVENTS: Mapping[str, EventDefinition] = {one.name: one for one in _definitions()}
"""By name; the captured ones first, each group in the order of the alphabet."""


def has_property(event: str, key: str) -> bool:
    """Whether events of this name may have it; those that are not known have none."""
    known = EVENTS.get(event)
    return known is not None and (key in EVERYWHERE or key in known.properties)
