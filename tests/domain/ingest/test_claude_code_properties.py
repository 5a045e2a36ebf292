"""What must hold for every transcript: no line raises, order and copies do not matter, memory is bounded."""

import tracemalloc
from random import Random

import orjson
from hypothesis import given
from hypothesis import strategies as st

from domain.ingest.claude_code import ClaudeCodeReader
from domain.ingest.reading import Origin
from domain.timeline import Event, Kind
from domain.values import EventId, JsonObject, JsonValue
from tests.domain.ingest.test_clean import ANY_JSON
from tests.domain.ingest.transcript import SESSION, assistant, call, encoded, events_of, line, result, user, uuid_of

PATCH: JsonObject = {"filePath": "/a.py", "structuredPatch": [{"lines": ["-a", "+b", "+c"]}]}
SCRIPTS = ("ls", "git commit -m x", "git push", "gh pr create")
URL = "https://github.com/o/r/pull/1"


@st.composite
def transcripts(draw: st.DrawFn) -> list[JsonObject]:
    """Turns of a prompt, an answer in two lines and a call with its result, each at its own time."""
    lines: list[JsonObject] = []
    for turn in range(draw(st.integers(1, 5))):
        at = turn * 10
        lines += [
            user(draw(st.sampled_from(("fix it", "<command-name>/clear</command-name>"))), f"u{turn}", at),
            *(_answer(turn, part, at, draw(st.integers(0, 9))) for part in (0, 1)),
            *draw(st.sampled_from((_edit, _script, _plan)))(turn, at),
        ]
        if draw(st.booleans()):
            lines.append({"type": "pr-link", "sessionId": SESSION, "prUrl": URL, "timestamp": "2026-02-01T11:00:00Z"})
    return [*lines, {"type": "summary", "summary": "All done", "leafUuid": uuid_of("u0")}]


def _answer(turn: int, part: int, at: int, output: int) -> JsonObject:
    text: JsonValue = [{"type": "text", "text": f"answer {part}"}]
    usage = {"input_tokens": 7, "output_tokens": output}
    return assistant(text, f"a{turn}.{part}", at + 1 + part, message_id=f"m{turn}", usage=usage)


def _edit(turn: int, at: int) -> list[JsonObject]:
    return _tool(turn, at, "Edit", {"file_path": "/a.py"}, "updated", PATCH)


def _script(turn: int, at: int) -> list[JsonObject]:
    script = SCRIPTS[turn % len(SCRIPTS)]
    return _tool(turn, at, "Bash", {"command": script}, f"[main abcdef{turn}] x\n{URL}", None)


def _plan(turn: int, at: int) -> list[JsonObject]:
    return _tool(turn, at, "ExitPlanMode", {"plan": "# Plan"}, "yes", None)


def _tool(turn: int, at: int, tool: str, arguments: JsonObject, answer: str, outcome: JsonValue) -> list[JsonObject]:
    id = f"toolu_{turn}"
    return [
        call(tool, arguments, id, f"c{turn}", at + 4),
        result(answer, outcome, id, f"r{turn}", at + 6),
    ]


def by_id(lines: list[JsonObject]) -> dict[EventId, Event]:
    return {event.id: event for event in events_of(*lines)}


@given(transcripts(), st.randoms(use_true_random=False), st.data())
def test_any_order_and_any_copies_of_the_lines_give_the_same_events(
    lines: list[JsonObject], random: Random, data: st.DataObject
) -> None:
    copies = data.draw(st.lists(st.sampled_from(lines), max_size=6))
    shuffled = [*lines, *copies]
    random.shuffle(shuffled)
    assert by_id(shuffled) == by_id(lines)


@given(st.lists(st.binary(max_size=80) | ANY_JSON.map(lambda value: orjson_or_nothing(value)), max_size=8))
def test_no_bytes_raise(lines: list[bytes]) -> None:
    reader = ClaudeCodeReader(Origin(SESSION))
    for number, raw in enumerate(lines, 1):
        read = reader.read(raw, number)
        assert read.line == number
    reader.flush()


LINE_TYPES = st.sampled_from(
    ("user", "assistant", "system", "attachment", "progress", "summary", "custom-title", "ai-title", "pr-link")
)
KEYS: st.SearchStrategy[str] = st.sampled_from(
    [
        "message",
        "content",
        "type",
        "data",
        "attachment",
        "toolUseResult",
        "usage",
        "id",
        "input",
        "text",
        "subtype",
        "prompt",
        "structuredPatch",
        "lines",
        "agentId",
        "tool_use_id",
        "is_error",
        "leafUuid",
        "summary",
        "sessionId",
        "uuid",
        "isSidechain",
    ]
)
WORDS: st.SearchStrategy[JsonValue] = st.sampled_from(
    ["text", "tool_use", "tool_result", "agent_progress", "queued_command", "compact_boundary", "Bash", "Edit", "x"]
)
FAMILIAR: st.SearchStrategy[JsonValue] = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=16,
)


@given(LINE_TYPES, st.dictionaries(KEYS, FAMILIAR, max_size=6))
def test_no_shape_of_a_line_raises(type: str, fields: JsonObject) -> None:
    reader = ClaudeCodeReader(Origin(SESSION))
    record = line(type) | fields | {"type": type}
    for event in (*reader.read(encoded(record), 1).events, *reader.flush()):
        orjson.dumps(event.data)


def orjson_or_nothing(value: JsonValue) -> bytes:
    try:
        return orjson.dumps(value) + b"\n"
    except (TypeError, ValueError):
        return b""


def test_memory_stays_flat_however_long_the_file_is() -> None:
    """More lines, the same peak: what the reader remembers is bounded."""
    reader = ClaudeCodeReader(Origin(SESSION))
    peaks: list[int] = []
    tracemalloc.start()
    try:
        for turns in (range(300), range(300, 400)):
            for turn in turns:
                for number, raw in enumerate(long_turn(turn), 4 * turn):
                    assert reader.read(raw, number).error is None
            peaks.append(tracemalloc.get_traced_memory()[1])
        reader.flush()
        peaks.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2**18
    assert peaks[2] < peaks[1] + 2**20
    assert peaks[2] < 16 * 2**20


LONG_TURN = [
    encoded(record | {"uuid": f"line {place} @@"})
    for place, record in enumerate(
        (
            user("prompt @@ " + "words " * 200),
            call("Bash", {"command": f"echo {'x' * 16000}"}, "toolu_@@"),
            result("y" * 5000, {"stdout": "y" * 5000}, "toolu_@@"),
            result("z" * 9000, None, "lost_@@"),
        )
    )
]


def long_turn(turn: int) -> list[bytes]:
    """40 KB with ids of their own: a call whose result comes, a result whose call never comes, and one response."""
    number = str(turn).encode()
    return [raw.replace(b"@@", number).replace(b"msg_1", b"msg_" + number) for raw in LONG_TURN]


def test_what_waits_too_long_is_not_lost() -> None:
    """Results without calls and responses come out though the memory for them is full."""
    reader = ClaudeCodeReader(Origin(SESSION))
    events: list[Event] = []
    turns = 1500
    for turn in range(turns):
        events += reader.read(encoded(result("z" * 9000, None, f"lost_{turn}", f"l{turn}")), turn).events
        events += reader.read(encoded(assistant([], f"a{turn}", message_id=f"m{turn}")), turn).events
    events += reader.flush()
    assert sum(event.kind is Kind.TOOL_RESULT for event in events) == turns
    assert sum(event.kind is Kind.API_REQUEST for event in events) == turns
