"""Codex rollouts: raw lines in, events out, in bounded memory (event formats reference, section 5)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from domain.ingest import fields
from domain.ingest.calls import PLAN_CHARS
from domain.ingest.clean import excerpt
from domain.ingest.codex_lines import Told, What, directory_in, is_bare_meta, prompt_in, said, shell_line, text_of, told
from domain.ingest.codex_threads import Whereabouts, thread_of
from domain.ingest.codex_tools import Tools
from domain.ingest.codex_usage import Counters
from domain.ingest.facts import TITLE_CHARS, TitleRank
from domain.ingest.line import BY_HUMAN, Line, timestamp
from domain.ingest.reading import Format, Heading, LineRead, Look, Origin, Reader, Redact, keep_all
from domain.ingest.words import ANSWER_CHARS, NOTE_CHARS, prompt_data
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue, SessionId

SERVICE = "codex"
_WRAPPED = frozenset(("session_meta", "turn_context", "event_msg", "response_item", "compacted"))
_DESCRIBED = {
    "cli_version": "version",
    "originator": "originator",
    "source": "entrypoint",
    "forked_from_id": "forkedFrom",
}


def heading(look: Look) -> Heading | None:
    """None where no line is one of a rollout. What `codex exec --json` prints is none: it has neither prompts nor
    times, and the same run writes a rollout."""
    lines = [record for record in look.records if _is_wrapped(record) or is_bare_meta(record)]
    if not lines:
        return None
    metas = (fields.record(line, "payload") or line for line in lines if _is_meta(line))
    thread = next((thread for meta in metas if (thread := thread_of(meta)) is not None), None)
    session_id = None if thread is None else SessionId(thread.root or thread.id)
    return Heading(session_id, min((ts for line in lines if (ts := timestamp(line)) is not None), default=None))


def _is_wrapped(record: JsonObject) -> bool:
    return fields.name(record, "type") in _WRAPPED and isinstance(record.get("payload"), dict)


def _is_meta(record: JsonObject) -> bool:
    return record.get("type") == "session_meta" or is_bare_meta(record)


class CodexReader(Reader):
    """Reads the rollout of a thread from its beginning: most lines say neither their turn nor their model.

    The rollout of a sub-agent belongs to the session for which it works. Lines that a fork repeats of the thread it
    came from get the same ids as there, those that a sub-agent repeats tell nothing.
    """

    def __init__(self, origin: Origin, redact: Redact = keep_all) -> None:
        super().__init__(redact, SERVICE)
        self._origin = origin
        self._where = Whereabouts(origin)
        self._tools = Tools()
        self._counters = Counters()
        self._told = Told(What.NOTHING, "", {})
        self._ts: datetime | None = None
        self._place = 0
        self._cwd: str | None = None
        self._model: str | None = None
        self._version: str | None = None
        self._plans = False

    def read(self, raw: bytes | str, line: int) -> LineRead:
        """As every reader; what a sub-agent took over is not kept a second time."""
        read = super().read(raw, line)
        return replace(read, record=None) if self._where.tells_nothing else read

    def flush(self) -> tuple[Event, ...]:
        return tuple(self._tools.flush())

    def line(self, record: JsonObject, digest: bytes, redacted: tuple[str, ...]) -> Line:
        self._told = told(record)
        self._where.go_on(self._told, record)
        if self._told.what in (What.META, What.TURN):
            self._settle(self._told)
        written = fields.name(record, "timestamp")
        ts = timestamp(record) or self._ts or self._origin.at
        self._place = self._place + 1 if ts == self._ts else 0
        self._ts = ts
        return Line(
            session_id=self._where.session_id,
            agent_id=self._where.agent_id,
            ts=ts,
            key=self._where.name(self._told, told(self.unredacted), written),
            digest=digest,
            source=self.source(self._version),
            cwd=self._cwd,
            redacted=redacted,
            place=self._place,
        )

    def _settle(self, told: Told) -> None:
        """What holds until it is said anew."""
        self._cwd = fields.path(told.body, "cwd") or self._cwd
        self._model = fields.name(told.body, "model") or self._model
        self._version = self._version or fields.name(told.body, "cli_version")
        mode = fields.record(told.body, "collaboration_mode")
        self._plans = mode.get("mode") == "plan" if mode else self._plans

    def events(self, line: Line, record: JsonObject, size: int) -> Iterator[Event]:
        told = self._told
        if line.agent_id is None and not self._where.repeats:
            self._note(line, told)
        if told.what is What.USAGE:
            used = tuple(self._counters.events(line, fields.record(told.body, "info"), self._model))
            yield from () if self._where.tells_nothing else used
        elif not self._where.tells_nothing:
            yield from self._of_kind(line, told, size)

    def _of_kind(self, line: Line, told: Told, size: int) -> Iterator[Event]:
        match told.what:
            case What.CALL:
                yield from self._tools.call(line, told.body, size)
            case What.RESULT:
                yield from self._tools.result(line, told.body, size)
            case What.EXECUTED:
                yield from self._tools.executed(line, told.body)
            case What.PATCHED:
                yield from self._tools.patched(line, told.body, size)
            case What.MCP:
                yield from self._tools.asked_server(line, told.body, size)
            case What.ANSWER:
                yield from self._answer(line, said(told.body))
            case What.COMPACTED:
                yield line.event(Kind.CONTEXT_COMPACT, data={})
            case What.ERROR:
                yield _error(line, told)
            case _ if line.agent_id is None:
                yield from self._of_person(line, told)
            case _:
                pass

    def _of_person(self, line: Line, told: Told) -> Iterator[Event]:
        """What a person did or was shown; in the rollout of a sub-agent nobody speaks but the agents."""
        match told.what:
            case What.PROMPT if fields.name(told.body, "kind") in (None, "plain"):
                yield from self._prompt(line, told)
            case What.ABORTED if told.body.get("reason") in (None, "interrupted"):
                yield line.event(Kind.INTERRUPTION, data={})
            case What.SHELL:
                yield from _by_hand(line, text_of(told.body.get("content")))
            case What.REVIEW:
                hint = fields.text(told.body, "user_facing_hint") or ""
                data: JsonObject = {"name": "review", "args": excerpt(hint, NOTE_CHARS)}
                yield line.event(Kind.SLASH_COMMAND, data=data)
            case What.PLAN if plan := said(told.body):
                yield line.event(Kind.PLANNING, data={"phase": "proposed", "plan": excerpt(plan, PLAN_CHARS)})
            case What.TITLE if title := fields.text(told.body, "thread_name"):
                yield from self._titled(line, told.body, title[:TITLE_CHARS])
            case _:
                pass

    def _prompt(self, line: Line, told: Told) -> Iterator[Event]:
        """The prompt, and in plan mode a planning event beside it. Tokens are estimated as a quarter of the
        characters."""
        text = prompt_in(said(told.body))
        if not text:
            return
        data = prompt_data(text)
        more = {"promptId": self._where.turn, "images": _images(told.body)}
        data |= {name: value for name, value in more.items() if value}
        yield line.event(Kind.PROMPT, data=data)
        if self._plans:
            yield line.event(Kind.PLANNING, part=1, data={"phase": "prompt"}, actor="human", provenance=BY_HUMAN)

    def _answer(self, line: Line, text: str) -> Iterator[Event]:
        if text.strip():
            data: JsonObject = {"text": excerpt(text, ANSWER_CHARS)}
            yield line.event(Kind.AI_RESPONSE, data=data | ({"model": self._model} if self._model else {}))

    def _titled(self, line: Line, body: JsonObject, title: str) -> Iterator[Event]:
        """The name of this thread; a fork repeats that of the other."""
        if fields.name(body, "thread_id") in (None, line.session_id):
            self.facts.title(line.session_id, title, TitleRank.MODEL)
            yield line.event(Kind.SESSION_TITLE, data={"title": title, "givenBy": "model"})

    def _note(self, line: Line, told: Told) -> None:
        if told.what is What.META:
            git = fields.record(told.body, "git")
            self.facts.place(line.session_id, fields.path(told.body, "cwd"), fields.name(git, "branch"))
            self.facts.describe(line.session_id, "repository", fields.path(git, "repository_url"))
            self.facts.describe(line.session_id, "commit", fields.name(git, "commit_hash"))
            for name, known_as in _DESCRIBED.items():
                self.facts.describe(line.session_id, known_as, fields.name(told.body, name))
        elif told.what is What.TURN:
            self.facts.place(line.session_id, self._cwd, None)
            self.facts.describe(line.session_id, "model", self._model)
        elif told.what is What.PROMPT and self._cwd is None:
            self._cwd = directory_in(said(told.body))
            self.facts.place(line.session_id, self._cwd, None)


def _images(body: JsonObject) -> int:
    lists: list[JsonValue] = [body.get("images"), body.get("local_images")]
    return sum(len(images) for images in lists if isinstance(images, list))


def _by_hand(line: Line, text: str) -> Iterator[Event]:
    found = shell_line(text)
    if found is not None:
        command, code = found
        data: JsonObject = {"command": excerpt(command, NOTE_CHARS), "human": True}
        data |= {name: value for name, value in (("cwd", line.cwd), ("exitCode", code)) if value is not None}
        yield line.event(Kind.COMMAND, data=data, actor="human", provenance=BY_HUMAN, exit_code=code)


def _error(line: Line, told: Told) -> Event:
    """What ended a turn; a stream that broke is tried again."""
    data: JsonObject = {"message": excerpt(fields.text(told.body, "message") or "", NOTE_CHARS)}
    if told.form == "error":
        data["final"] = True
    return line.event(Kind.API_ERROR, data=data)


FORMAT = Format("codex-rollout-jsonl", heading, CodexReader)
