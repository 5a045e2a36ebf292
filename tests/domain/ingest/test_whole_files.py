"""What must hold for every format that is no list of lines, or has no ids: nothing raises, nothing is mistaken."""

import json
from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ingest.clean import Unreadable
from domain.ingest.formats import FORMATS
from domain.ingest.reading import Format, Origin
from domain.values import JsonObject, JsonValue, SessionId
from tests.domain.ingest import test_cursor, test_gemini, test_opencode, test_specstory
from tests.domain.ingest.test_clean import ANY_JSON
from tests.domain.ingest.transcript import is_read_or_reported
from tests.domain.ingest.whole_files import WRITTEN_AT, events_of_file, known, look_of

SAMPLES = {
    "gemini-session-json": test_gemini.whole(*test_gemini.MESSAGES),
    "gemini-session-jsonl": test_gemini.lines(test_gemini.head(), *test_gemini.MESSAGES),
    "opencode-export-json": test_opencode.export(*test_opencode.MESSAGES),
    "cursor-transcript-jsonl": test_cursor.file(*test_cursor.LINES),
    "specstory-markdown": test_specstory.old(*test_specstory.TURNS),
}
NEW = [format for format in FORMATS if format.name in SAMPLES]
AT = Origin(SessionId("s"), at=WRITTEN_AT)
_NAMES = (
    ("id", "type", "role", "info", "parts", "messages", "message", "content", "text", "tokens", "toolCalls", "state"),
    ("time", "$set", "args", "input", "result", "resultDisplay", "who", "at", "name", "status", "metadata", "files"),
)
NAMES = st.sampled_from([name for names in _NAMES for name in names])
WORDS = st.sampled_from(
    ["user", "gemini", "agent", "assistant", "tool", "bash", "text", "tool_use", "completed", "success", "step-finish"]
)
LOOKS_RIGHT: st.SearchStrategy[JsonValue] = st.recursive(
    ANY_JSON | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_is_known_to_one_format(name: str) -> None:
    look = look_of(SAMPLES[name])
    assert [format.name for format in FORMATS if format.heading(look) is not None] == [name]


@given(ANY_JSON, st.booleans())
def test_other_json_is_no_session(value: JsonValue, pretty: bool) -> None:
    assert known(json.dumps(value, indent=2 if pretty else None).encode("utf-8", "surrogatepass")) is None


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_other_bytes_are_no_session(raw: bytes) -> None:
    assert known(raw) is None


def pieces(format: Format, raw: bytes) -> list[bytes]:
    """The lines of a file; [] for one that has to be whole and is not."""
    try:
        return list(format.split(raw)) if format.split else raw.splitlines(keepends=True)
    except Unreadable:
        return []


@pytest.mark.parametrize("format", NEW, ids=lambda one: one.name)
@given(raw=st.binary(max_size=300))
def test_any_bytes_are_read_or_reported(format: Format, raw: bytes) -> None:
    reader = format.reader(AT, lambda value: (value, ()))
    for number, piece in enumerate(pieces(format, raw), 1):
        assert is_read_or_reported(reader.read(piece, number), piece)
    reader.flush()


@pytest.mark.parametrize("format", NEW, ids=lambda one: one.name)
@given(st.lists(st.dictionaries(NAMES, LOOKS_RIGHT, max_size=6), max_size=3))
def test_any_object_is_read_or_reported(format: Format, records: list[JsonObject]) -> None:
    reader = format.reader(AT, lambda value: (value, ()))
    for number, record in enumerate(records, 1):
        piece = json.dumps(record).encode("utf-8", "surrogatepass") + b"\n"
        assert is_read_or_reported(reader.read(piece, number), piece)


@pytest.mark.parametrize("name", SAMPLES)
@given(cut=st.floats(0, 1))
def test_half_of_a_file_tells_nothing_that_the_whole_does_not(name: str, cut: float) -> None:
    raw = SAMPLES[name]
    (format,) = (format for format in FORMATS if format.name == name)
    head = format.heading(look_of(raw))
    reader = format.reader(
        Origin((head and head.session_id) or AT.session_id, at=WRITTEN_AT), lambda value: (value, ())
    )
    reads = [reader.read(piece, at) for at, piece in enumerate(pieces(format, raw[: int(len(raw) * cut)]), 1)]
    if name == "specstory-markdown":  # what was said last may be cut short
        reads = reads[:-1]
    whole = {event.id for event in events_of_file(raw, "s")}
    assert {event.id for read in reads for event in read.events} <= whole


@pytest.mark.parametrize("name", SAMPLES)
def test_reading_twice_gives_the_same(name: str) -> None:
    assert events_of_file(SAMPLES[name]) == events_of_file(SAMPLES[name])


def nasty(times: int) -> list[str]:
    """Texts that take a careless pattern the square of their length."""
    endless = ["<think>", "<user_query>", "\nError: x", "```\nx\n````\n", "The file ", "`", "<timestamp> ", "\n---"]
    return [part * times for part in endless] + ["</think>" + "<think>" * times]


MAKERS: dict[str, Callable[[str], bytes]] = {
    "gemini": lambda text: test_gemini.whole(test_gemini.answered(text, 2, test_gemini.ran(f"Output: {text}."))),
    "opencode": lambda text: test_opencode.export(
        test_opencode.answered(test_opencode.text(text), test_opencode.tool("bash", {"command": "x"}, text))
    ),
    "cursor": lambda text: test_cursor.file(test_cursor.line("user", test_cursor.text(text)), test_cursor.LINES[1]),
    "specstory": lambda text: test_specstory.new(
        test_specstory.said("go"), test_specstory.agent(test_specstory.tool("write", "Edit", text) + text)
    ),
}


@pytest.mark.parametrize("agent", MAKERS)
def test_long_texts_take_no_longer_than_they_are_long(agent: str) -> None:
    began = process_time()
    for text in nasty(20_000):
        events_of_file(MAKERS[agent](text))
    assert process_time() - began < 5
