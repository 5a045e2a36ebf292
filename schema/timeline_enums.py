"""The words of timelines, as the graph describes them."""

from enum import StrEnum

from domain.timeline import Attribution, Kind, Observability
from schema.values import describe

describe(
    Kind,
    "What an event is about.",
    {
        "prompt": "The user wrote to the assistant.",
        "ai_response": "The assistant wrote to the user.",
        "file_diff": "A file changed.",
        "file_create": "A file was made.",
        "file_delete": "A file was removed.",
        "command": "A shell command ran.",
        "test_run": "Tests ran.",
        "build_run": "A build ran.",
        "git_action": "Git did something: a commit, a push, a revert.",
        "decision_event": "A decision worth noting was made.",
        "session_start": "The session began.",
        "session_end": "The session was ended by somebody, not by resting.",
        "checkpoint": "The state was noted down.",
        "tool_use": "The assistant called a tool.",
        "tool_result": "A tool answered.",
        "planning": "A turn in plan mode.",
        "mcp_call": "A tool of an MCP server was called.",
        "context_clear": "The conversation was cleared: this closes a goal arc.",
        "context_compact": "The conversation was summarised: this closes nothing.",
        "api_request": "The model was called.",
        "api_error": "The model's service answered with an error.",
        "slash_command": "The user ran a command of the tool. Written by our own importers only.",
        "interruption": "The user stopped the assistant. Written by our own importers only.",
        "session_title": "The tool named the session. Written by our own importers only.",
    },
    name="EventKind",
)
describe(
    Attribution,
    "Who a change is ascribed to.",
    {
        "likely_ai": "The assistant.",
        "ai_revised_by_human": "The assistant, then revised by hand.",
        "likely_human": "A person.",
        "mixed": "The assistant and a person.",
        "system_generated": "Neither: a formatter, a generator, the tool itself.",
        "unknown": "Nobody said.",
    },
)
describe(
    Observability,
    "How well the source could see what happened.",
    {
        "high": "Everything was seen.",
        "medium": "Most was seen.",
        "partial": "Some was seen; the default.",
        "low": "Little was seen.",
        "unknown": "Nobody said.",
    },
)


class ActorType(StrEnum):
    AI = "ai"
    HUMAN = "human"
    SYSTEM = "system"
    UNKNOWN = "unknown"


describe(
    ActorType,
    "Who did it.",
    {
        "ai": "The assistant.",
        "human": "A person.",
        "system": "Neither: the tool itself.",
        "unknown": "Nobody said.",
    },
)
