"""Turns a story of the demo sample into Claude Code transcripts (event formats reference, section 1).

From what is said and done follow the lines: their ids and chain, the times, the tokens, the diffs. All of it depends on
the story and on the moment it starts, and on nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from uuid import UUID, uuid5

from domain.values import JsonObject, JsonValue
from server.sample.story import Agent, Bash, Call, Clear, Edit, Prompt, Read, Reply, Story, Write

VERSION = "2.1.158"
MODEL = "claude-opus-4-7"
_NAMESPACE = UUID("0d9b7b0e-5a3c-5f5e-8f0e-6c1d2b7a4e90")
_SYSTEM_TOKENS = 14_200
"""What the tool itself puts before the first prompt."""
_CHARS_PER_TOKEN = 4
_CHARS_PER_SECOND = 40
_THINKING_TOKENS = 120


@dataclass(frozen=True, slots=True)
class Subagent:
    id: str
    description: str
    lines: tuple[JsonObject, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """One session file and the sub-agent files beside it."""

    session_id: str
    cwd: str
    lines: tuple[JsonObject, ...]
    subagents: tuple[Subagent, ...]
    ended_at: datetime


def transcripts(story: Story, start: datetime) -> list[Transcript]:
    """The sessions of a story that starts at `start`, which is in UTC: one, and one more for each `/clear` in it."""
    recorders = [_Recorder(story, start, "main", dict(story.files))]
    recorders[0].open()
    for step in story.steps:
        recorder = recorders[-1]
        match step:
            case Prompt():
                recorder.prompt(step)
            case Reply():
                recorder.reply(step)
            case Clear():
                recorders.append(recorder.cleared(step, f"clear-{len(recorders)}"))
    return [recorder.transcript() for recorder in recorders]


def duration(story: Story) -> timedelta:
    """From the first line of a story to its last."""
    start = datetime.fromisoformat("2000-01-03T00:00:00Z")
    return transcripts(story, start)[-1].ended_at - start


@dataclass(frozen=True, slots=True)
class _Ran:
    """A call that was carried out: its input, what the model is told, the structured result."""

    tool: str
    input: JsonObject
    answer: str
    result: JsonValue
    failed: bool = False
    seconds: int = 1


@dataclass(slots=True)
class _Recorder:
    """Writes one file: the lines so far, the clock, the end of the chain, the size of the context."""

    story: Story
    clock: datetime
    name: str
    files: dict[str, str]
    agent_id: str | None = None
    session_id: str = ""
    lines: list[JsonObject] = field(default_factory=list[JsonObject])
    subagents: list[Subagent] = field(default_factory=list[Subagent])
    parent: str | None = None
    prompt_id: str = ""
    turn_began: datetime | None = None
    made: int = 0
    context: int = _SYSTEM_TOKENS
    fresh: int = 0
    origin: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.origin = self.clock
        self.session_id = self.session_id or self._uuid("session")

    def open(self) -> None:
        self.prompt_id = self._uuid("prompt")
        self._state("permission-mode", permissionMode="default")

    def prompt(self, step: Prompt) -> None:
        self._end_turn()
        self._wait(step.after_s)
        self.turn_began = self.clock
        self.prompt_id = self._uuid("prompt")
        self.fresh += _tokens(step.text)
        uuid = self._user(step.text, permissionMode="default", origin={"kind": "human"})
        snapshot: JsonObject = {"messageId": uuid, "trackedFileBackups": {}, "timestamp": _stamp(self.clock)}
        self.lines.append(
            {"type": "file-history-snapshot", "messageId": uuid, "snapshot": snapshot, "isSnapshotUpdate": False}
        )
        self._state("last-prompt", lastPrompt=step.text[:200], leafUuid=uuid)

    def reply(self, step: Reply) -> None:
        """One line for each block of the response, all with its id and usage; then a line for each result."""
        self._wait(5 + len(step.text) // _CHARS_PER_SECOND)
        message = self._message(step)
        self._assistant(message, {"type": "thinking", "thinking": "", "signature": self._key("", 64)})
        if step.text:
            self._assistant(message, {"type": "text", "text": step.text})
        begun: list[tuple[str, str, _Ran]] = []
        for call in step.calls:
            ran, id = self._run(call), self._key("toolu_01", 22)
            block: JsonObject = {"type": "tool_use", "id": id, "name": ran.tool, "input": ran.input}
            begun.append((self._assistant(message, block), id, ran))
        for uuid, id, ran in begun:
            self._result(uuid, id, ran)

    def cleared(self, step: Clear, name: str) -> "_Recorder":
        """The session after this one; it begins with the command, as the tool writes it."""
        self._end_turn()
        after = _Recorder(self.story, self.clock + timedelta(seconds=step.after_s), name, self.files)
        after.open()
        after._user("<local-command-caveat>Local commands follow.</local-command-caveat>", isMeta=True)
        after._user(
            "<command-name>/clear</command-name>\n<command-message>clear</command-message>\n<command-args></command-args>"
        )
        after._user("<local-command-stdout></local-command-stdout>")
        return after

    def transcript(self) -> Transcript:
        self._end_turn()
        self._state("ai-title", aiTitle=self.story.title)
        return Transcript(
            self.session_id, self.story.cwd, tuple(self.lines), tuple(self.subagents), ended_at=self.clock
        )

    def _end_turn(self) -> None:
        if self.turn_began is None:
            return
        took = int((self.clock - self.turn_began).total_seconds() * 1000)
        self._line("system", subtype="turn_duration", durationMs=took, messageCount=len(self.lines), isMeta=False)
        self.turn_began = None

    def _message(self, step: Reply) -> JsonObject:
        """What all lines of one response share, without its content."""
        written = _THINKING_TOKENS + _tokens(step.text) + sum(_tokens(str(call)) for call in step.calls)
        usage: JsonObject = {
            "input_tokens": 4,
            "cache_creation_input_tokens": self.fresh,
            "cache_read_input_tokens": self.context,
            "output_tokens": written,
            "service_tier": "standard",
            "cache_creation": {"ephemeral_5m_input_tokens": self.fresh, "ephemeral_1h_input_tokens": 0},
        }
        self.context += self.fresh + written
        self.fresh = 0
        return {
            "model": MODEL,
            "id": self._key("msg_01", 22),
            "type": "message",
            "role": "assistant",
            "stop_reason": "tool_use" if step.calls else "end_turn",
            "stop_sequence": None,
            "usage": usage,
        }

    def _run(self, call: Call) -> _Ran:
        match call:
            case Read():
                return self._read(call)
            case Edit():
                return self._edit(call)
            case Write():
                return self._write(call)
            case Bash():
                return _bash(call)
            case Agent():
                return self._agent(call)

    def _read(self, call: Read) -> _Ran:
        path, content = self._absolute(call.path), self.files[call.path]
        lines = content.splitlines()
        numbered = "\n".join(f"{number}\t{line}" for number, line in enumerate(lines, 1))
        file: JsonObject = {"filePath": path, "content": content, "startLine": 1}
        file |= {"numLines": len(lines), "totalLines": len(lines)}
        return _Ran("Read", {"file_path": path}, numbered, {"type": "text", "file": file})

    def _edit(self, call: Edit) -> _Ran:
        path, before = self._absolute(call.path), self.files[call.path]
        if before.count(call.old) != 1:
            raise ValueError(f"{self.story.key}: not once in {call.path}: {call.old!r}")
        after = self.files[call.path] = before.replace(call.old, call.new)
        arguments: JsonObject = {"file_path": path, "old_string": call.old, "new_string": call.new}
        result: JsonObject = {
            "filePath": path,
            "oldString": call.old,
            "newString": call.new,
            "originalFile": before,
            "structuredPatch": list(_hunks(before, after)),
            "userModified": False,
            "replaceAll": False,
        }
        return _Ran(
            "Edit", {**arguments, "replace_all": False}, f"The file {path} has been updated successfully.", result
        )

    def _write(self, call: Write) -> _Ran:
        path, before = self._absolute(call.path), self.files.get(call.path)
        self.files[call.path] = call.content
        result: JsonObject = {
            "type": "create" if before is None else "update",
            "filePath": path,
            "content": call.content,
            "structuredPatch": [] if before is None else list(_hunks(before, call.content)),
            "originalFile": before,
            "userModified": False,
        }
        answer = f"File created successfully at: {path}" if before is None else f"The file {path} has been updated."
        return _Ran("Write", {"file_path": path, "content": call.content}, answer, result)

    def _agent(self, call: Agent) -> _Ran:
        id = "a" + self._key("", 16)
        recorder = _Recorder(self.story, self.clock, id, self.files, agent_id=id, session_id=self.session_id)
        recorder._user(call.prompt)
        for step in call.replies:
            recorder.reply(step)
        self.subagents.append(Subagent(id, call.what, tuple(recorder.lines)))
        seconds = int((recorder.clock - self.clock).total_seconds())
        content: list[JsonValue] = [{"type": "text", "text": call.replies[-1].text}]
        result: JsonObject = {
            "status": "completed",
            "prompt": call.prompt,
            "agentId": id,
            "agentType": "Explore",
            "content": content,
            "totalDurationMs": seconds * 1000,
            "totalTokens": recorder.context,
            "totalToolUseCount": sum(len(step.calls) for step in call.replies),
        }
        asked: JsonObject = {"description": call.what, "subagent_type": "Explore", "prompt": call.prompt}
        return _Ran("Agent", asked, call.replies[-1].text, result, seconds=seconds)

    def _result(self, parent: str, id: str, ran: _Ran) -> None:
        self._wait(ran.seconds)
        self.fresh += _tokens(ran.answer)
        block: JsonObject = {"tool_use_id": id, "type": "tool_result", "content": ran.answer, "is_error": ran.failed}
        self.parent = parent
        self._user([block], toolUseResult=ran.result, sourceToolAssistantUUID=parent)

    def _assistant(self, message: JsonObject, block: JsonObject) -> str:
        request = "req_011" + str(message["id"])[-21:]
        self._wait(1)
        return self._line("assistant", message={**message, "content": [block]}, requestId=request)

    def _user(self, content: JsonValue, **more: JsonValue) -> str:
        return self._line("user", promptId=self.prompt_id, message={"role": "user", "content": content}, **more)

    def _line(self, type_: str, **more: JsonValue) -> str:
        """A line of the conversation, after the last one. Returns its uuid."""
        uuid = self._uuid()
        agent: JsonObject = {} if self.agent_id is None else {"agentId": self.agent_id}
        self.lines.append(
            {
                "parentUuid": self.parent,
                "isSidechain": self.agent_id is not None,
                **agent,
                "type": type_,
                **more,
                "uuid": uuid,
                "timestamp": _stamp(self.clock),
                "userType": "external",
                "entrypoint": "cli",
                "cwd": self.story.cwd,
                "sessionId": self.session_id,
                "version": VERSION,
                "gitBranch": self.story.branch,
            }
        )
        self.parent = uuid
        return uuid

    def _state(self, type_: str, **more: JsonValue) -> None:
        """A line that hangs on the session, not on the conversation."""
        self.lines.append({"type": type_, **more, "sessionId": self.session_id})

    def _wait(self, seconds: int) -> None:
        self.clock += timedelta(seconds=seconds)

    def _absolute(self, path: str) -> str:
        return f"{self.story.cwd}/{path}"

    def _uuid(self, what: str = "") -> str:
        """A new id from the story, its start, the file and the count: another start makes other ids."""
        self.made += 1
        parts = (self.story.key, self.origin.isoformat(), self.name, what, str(self.made))
        return str(uuid5(_NAMESPACE, "/".join(parts)))

    def _key(self, prefix: str, length: int) -> str:
        return (prefix + (self._uuid() + self._uuid()).replace("-", ""))[: len(prefix) + length]


def _bash(call: Bash) -> _Ran:
    asked: JsonObject = {"command": call.command, "description": call.what}
    if call.exit_code:
        answer = f"Exit code {call.exit_code}\n{call.output}"
        return _Ran("Bash", asked, answer, f"Error: {answer}", failed=True, seconds=call.seconds)
    result: JsonObject = {"stdout": call.output, "stderr": "", "interrupted": False, "isImage": False}
    return _Ran("Bash", asked, call.output, result, seconds=call.seconds)


def _hunks(before: str, after: str) -> Iterator[JsonObject]:
    """The changes between two texts with three lines around them, as Claude Code writes them."""
    old, new = before.splitlines(), after.splitlines()
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(3):
        (_, i1, _, j1, _), (_, _, i2, _, j2) = group[0], group[-1]
        lines: list[JsonValue] = []
        for tag, a1, a2, b1, b2 in group:
            if tag == "equal":
                lines += [f" {line}" for line in old[a1:a2]]
            else:
                lines += [f"-{line}" for line in old[a1:a2]] + [f"+{line}" for line in new[b1:b2]]
        yield {"oldStart": i1 + 1, "oldLines": i2 - i1, "newStart": j1 + 1, "newLines": j2 - j1, "lines": lines}


def _tokens(text: str) -> int:
    return len(text) // _CHARS_PER_TOKEN + 1


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
