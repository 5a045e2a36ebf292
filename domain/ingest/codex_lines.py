"""What the lines of a Codex rollout tell, whichever version wrote them (event formats reference, section 5)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from domain.ingest import fields
from domain.values import JsonObject, JsonValue

SHELL_BY_HAND = "<user_shell_command>"


_REQUEST = re.compile(r"^## My request for Codex:[ \t]*\n?", re.MULTILINE)
_INJECTED = (
    "<environment_context>",
    "<user_instructions>",
    "<permissions instructions>",
    "<collaboration_mode>",
    "<subagent_notification>",
    "<turn_aborted>",
    "<skill>",
    "<skills_instructions>",
    "<INSTRUCTIONS>",
    "# AGENTS.md instructions",
)
_BY_HAND = re.compile(r"<command>\s*(.*?)\s*</command>(?:.*?Exit code: (-?\d{1,9}))?", re.DOTALL)
_DIRECTORY = re.compile(r"<cwd>(.{1,4096}?)</cwd>|^Current working directory: (.{1,4096})$", re.MULTILINE)


class What(Enum):
    """What a line tells of. The names of several versions mean the same; what is not listed tells nothing here."""

    META = auto()
    TURN = auto()
    PROMPT = auto()
    ANSWER = auto()
    CALL = auto()
    RESULT = auto()
    USAGE = auto()
    COMPACTED = auto()
    ABORTED = auto()
    EXECUTED = auto()
    PATCHED = auto()
    MCP = auto()
    PLAN = auto()
    REVIEW = auto()
    TITLE = auto()
    ERROR = auto()
    SHELL = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Told:
    """`form` is how the version says it: some write the same in two forms, each once."""

    what: What
    form: str
    body: JsonObject


_EVENTS: Mapping[str, What] = {
    "task_started": What.TURN,
    "turn_started": What.TURN,
    "user_message": What.PROMPT,
    "agent_message": What.ANSWER,
    "token_count": What.USAGE,
    "turn_aborted": What.ABORTED,
    "context_compacted": What.COMPACTED,
    "exec_command_end": What.EXECUTED,
    "patch_apply_end": What.PATCHED,
    "mcp_tool_call_end": What.MCP,
    "entered_review_mode": What.REVIEW,
    "thread_name_updated": What.TITLE,
    "error": What.ERROR,
    "stream_error": What.ERROR,
}
_ITEMS: Mapping[str, What] = {
    "UserMessage": What.PROMPT,
    "AgentMessage": What.ANSWER,
    "CommandExecution": What.EXECUTED,
    "FileChange": What.PATCHED,
    "McpToolCall": What.MCP,
    "Plan": What.PLAN,
    "ContextCompaction": What.COMPACTED,
}
_RESULTS = ("_call_output", "tool_search_output")


def told(record: JsonObject) -> Told:
    """What `record` tells: of a wrapped line its payload does, an old line stands bare."""
    type = record.get("type")
    body = fields.record(record, "payload")
    match type:
        case "session_meta":
            return Told(What.META, "meta", body)
        case "turn_context":
            return Told(What.TURN, "context", body)
        case "compacted":
            return Told(What.COMPACTED, "compacted", body)
        case "event_msg":
            return _event(body)
        case "response_item":
            return _item(body, bare=False)
        case _:
            return _bare(record)


def _event(body: JsonObject) -> Told:
    name = fields.name(body, "type") or ""
    if name == "item_completed":
        item = fields.record(body, "item")
        kind = fields.name(item, "type") or ""
        return Told(_ITEMS.get(kind, What.NOTHING), "item", item)
    return Told(_EVENTS.get(name, What.NOTHING), name, body)


def _bare(record: JsonObject) -> Told:
    """A line of the middle of 2025: the first tells of the session, all others are items."""
    if is_bare_meta(record):
        return Told(What.META, "meta", record)
    return _item(record, bare=True) if "payload" not in record else Told(What.NOTHING, "", record)


def is_bare_meta(record: JsonObject) -> bool:
    named = fields.name(record, "id") and fields.name(record, "timestamp")
    return bool(named) and "type" not in record and bool({"instructions", "git"} & record.keys())


def _item(body: JsonObject, *, bare: bool) -> Told:
    """What went to or came from the model. Its messages are prompts and answers only where nothing else tells them."""
    name = fields.name(body, "type") or ""
    if name.endswith("_call"):
        return Told(What.CALL, "item", body)
    if name.endswith(_RESULTS):
        return Told(What.RESULT, "item", body)
    if name != "message":
        return Told(What.NOTHING, name, body)
    role = body.get("role")
    if role == "user" and text_of(body.get("content")).lstrip().startswith(SHELL_BY_HAND):
        return Told(What.SHELL, "message", body)
    what = {"user": What.PROMPT, "assistant": What.ANSWER}.get(role) if bare and isinstance(role, str) else None
    return Told(what or What.NOTHING, "message", body)


def said(body: JsonObject) -> str:
    """The text of a prompt or an answer."""
    return fields.text(body, "message") or text_of(body.get("content")) or fields.text(body, "text") or ""


def text_of(content: JsonValue) -> str:
    """The texts in a list of blocks, or the one text that stands there instead."""
    if isinstance(content, str):
        return content
    return "\n".join(text for block in fields.records(content) if (text := fields.text(block, "text")))


def call_id(body: JsonObject) -> str | None:
    return fields.name(body, "call_id") or fields.name(body, "id")


def prompt_in(text: str) -> str:
    """What a person asked; "" for what Codex or an editor put into the person's mouth.

    Editors say before the request which files are open.
    """
    request = _REQUEST.search(text)
    bare = text[request.end() :].strip() if request else text.strip()
    return "" if bare.startswith(_INJECTED) else bare


def shell_line(text: str) -> tuple[str, int | None] | None:
    """A command that a person ran by hand, and its exit code."""
    found = _BY_HAND.search(text)
    if found is None or not found[1]:
        return None
    return found[1], int(found[2]) if found[2] else None


def directory_in(text: str) -> str | None:
    """Where the session works, in versions that told only the model."""
    found = _DIRECTORY.search(text) if "<environment_context>" in text else None
    return found and (found[1] or found[2]).strip()
