"""Events of single lines: what a person said, what the model answered, what Claude Code noted by itself."""

from collections.abc import Iterator
from dataclasses import replace

from domain.ingest import fields
from domain.ingest.claude_text import Said, Voice, is_request, said_in, said_on, texts
from domain.ingest.claude_usage import SYNTHETIC
from domain.ingest.clean import excerpt
from domain.ingest.line import BY_HUMAN, Line, event_id
from domain.ingest.words import ANSWER_CHARS, NOTE_CHARS, prompt_data
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue

_NO_CONTENT = "(no content)"
_PROMPT_FACTS = ("permissionMode", "promptId", "promptSource")


def user_events(line: Line, record: JsonObject, content: JsonValue) -> Iterator[Event]:
    """What a person said on a user line, ordered behind its tool results."""
    block = _blocks(content, "tool_result")
    for said in said_on(record, content):
        match said.voice:
            case Voice.PROMPT:
                yield from _prompt_events(line, record, said.text, block, {"images": _blocks(content, "image")})
            case Voice.COMMAND:
                yield from _command_events(line, record, said, block)
            case Voice.SHELL:
                data = _known({"command": excerpt(said.text, NOTE_CHARS), "human": True, "cwd": line.cwd})
                yield line.event(Kind.COMMAND, block, data=data, actor="human", provenance=BY_HUMAN)
            case Voice.INTERRUPTION:
                yield line.event(Kind.INTERRUPTION, block, data={"duringTool": "for tool use" in said.text})
            case Voice.SUMMARY:
                # The id is that of the boundary line before it: with one, the compaction counts once.
                boundary = replace(line, key=fields.name(record, "parentUuid") or line.key)
                yield boundary.event(Kind.CONTEXT_COMPACT, data={})
            case Voice.TOOL:
                pass


def attachment_events(line: Line, attachment: JsonObject) -> Iterator[Event]:
    """A prompt typed while the model worked and handed over in the middle of its turn, or the hook of a start."""
    if attachment.get("type") == "queued_command" and attachment.get("commandMode", "prompt") == "prompt":
        yield from user_events(line, attachment, attachment.get("prompt"))
    yield from start_events(line, attachment, fields.name(attachment, "toolUseID"))


def _blocks(content: JsonValue, type: str) -> int:
    return sum(block.get("type") == type for block in fields.records(content))


def _prompt_events(line: Line, record: JsonObject, text: str, block: int, more: JsonObject) -> Iterator[Event]:
    """The prompt, and in plan mode a planning event beside it. Tokens are estimated as a quarter of the characters."""
    data = prompt_data(text)
    data |= {fact: told for fact in _PROMPT_FACTS if (told := fields.name(record, fact))}
    more |= {"origin": fields.name(fields.record(record, "origin"), "kind"), "handsOverPlan": "planContent" in record}
    data |= {name: value for name, value in more.items() if value}
    yield line.event(Kind.PROMPT, block, 1, data=data)
    if record.get("permissionMode") == "plan":
        yield line.event(Kind.PLANNING, block, 2, data={"phase": "prompt"}, actor="human", provenance=BY_HUMAN)


def _command_events(line: Line, record: JsonObject, said: Said, block: int) -> Iterator[Event]:
    """A slash command. `/clear` also clears the context, mostly as the first thing in the file of the new session.

    `/compact` is no compaction by itself: it may fail, and if it works a boundary or a summary line says so.
    """
    data: JsonObject = {"name": said.name, "args": excerpt(said.text, NOTE_CHARS)}
    yield line.event(Kind.SLASH_COMMAND, block, 0, data=data)
    if said.name == "clear":
        yield line.event(Kind.CONTEXT_CLEAR, block, 0, data={"trigger": "command"})
    if is_request(said.text):
        yield from _prompt_events(line, record, said.text, block, {"command": said.name})


def response_events(line: Line, record: JsonObject, message: JsonObject) -> Iterator[Event]:
    """The texts of an assistant line; thinking is not kept. Text that Claude Code made itself is at most an error."""
    if fields.flag(record, "isApiErrorMessage"):
        said = "\n".join(texts(message.get("content")))
        told = {"status": fields.whole(record, "apiErrorStatus"), "error": fields.name(record, "error")}
        yield line.event(Kind.API_ERROR, data=_known({"message": excerpt(said, NOTE_CHARS), "final": True, **told}))
        return
    if message.get("model") == SYNTHETIC:
        return
    model = fields.name(message, "model")
    id = fields.name(message, "id")
    for index, text in _text_blocks(message.get("content")):
        data = _known({"text": excerpt(text, ANSWER_CHARS), "model": model})
        yield line.event(Kind.AI_RESPONSE, index, data=data, model=model, request_id=id)


def _text_blocks(content: JsonValue) -> Iterator[tuple[int, str]]:
    """Texts worth keeping, each with the place of its block."""
    blocks: list[JsonValue] = content if isinstance(content, list) else [content]
    for index, block in enumerate(blocks):
        text = fields.text(block, "text") if isinstance(block, dict) else block
        if isinstance(text, str) and text.strip() and text != _NO_CONTENT:
            yield index, text


def system_events(line: Line, record: JsonObject) -> Iterator[Event]:
    match record.get("subtype"):
        case "compact_boundary":
            metadata = fields.record(record, "compactMetadata")
            trigger, tokens = fields.name(metadata, "trigger"), fields.whole(metadata, "preTokens")
            yield line.event(Kind.CONTEXT_COMPACT, data=_known({"trigger": trigger, "preTokens": tokens}))
        case "api_error":
            yield line.event(Kind.API_ERROR, data=_api_error(record))
        case "local_command":
            said = said_in(fields.text(record, "content") or "")
            if said.voice is Voice.COMMAND:
                yield from _command_events(line, record, said, 0)
        case _:
            return


def _api_error(record: JsonObject) -> JsonObject:
    """One failed try; the client goes on trying until `maxRetries`."""
    error = fields.record(record, "error")
    cause = fields.record(error, "cause") or fields.record(record, "cause")
    inner = fields.record(fields.record(error, "error"), "error") or fields.record(error, "error")
    message = fields.text(inner, "message") or fields.text(error, "message") or fields.text(cause, "code")
    return _known(
        {
            "status": fields.whole(error, "status"),
            "message": excerpt(message, NOTE_CHARS) if message else None,
            "attempt": fields.whole(record, "retryAttempt"),
            "maxRetries": fields.whole(record, "maxRetries"),
            "retryInMs": fields.number(record, "retryInMs"),
        }
    )


def start_events(line: Line, hook: JsonObject, firing: str | None) -> Iterator[Event]:
    """The start that a SessionStart hook witnesses; several hooks of one `firing` witness one start.

    After a compaction the hooks fire as well, but nothing starts.
    """
    name, _, trigger = (fields.name(hook, "hookName") or "").partition(":")
    if name != "SessionStart" or trigger in ("", "compact") or firing is None:
        return
    id = event_id("session_start", firing)
    yield line.event(Kind.SESSION_START, id=id, data=_known({"source": trigger, "cwd": line.cwd}))


def title_event(line: Line, title: str, given_by: str) -> Event:
    return line.event(Kind.SESSION_TITLE, data={"title": title, "givenBy": given_by})


def _known(data: JsonObject) -> JsonObject:
    return {name: value for name, value in data.items() if value is not None}
