"""A transcript is known by its content, whatever its name."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ingest.claude_code import ClaudeCodeReader, heading
from domain.ingest.reading import Heading, Look, Origin
from domain.values import JsonValue, SessionId
from tests.domain.ingest.transcript import OTHER, SESSION, assistant, encoded, line, read_lines, user

DATA = Path(__file__).parents[3].parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the development set does not lie beside the repository")

TEN = datetime(2026, 2, 1, 10, tzinfo=UTC)


def of(*records: JsonValue) -> Heading | None:
    return heading(Look([encoded(record) for record in records]))


def test_a_transcript_tells_its_session_and_its_earliest_time() -> None:
    assert of(user("hi", at=9), assistant("hello", at=3)) == Heading(SESSION, TEN.replace(second=3))


def test_what_stands_before_the_conversation_does_not_matter() -> None:
    title: JsonValue = {"type": "summary", "summary": "Old work", "leafUuid": "x", "sessionId": OTHER}
    assert of(title, {"type": "file-history-snapshot"}, [], line("system", content="x"), user("hi")) == Heading(
        SESSION, TEN
    )


def test_the_first_session_named_is_the_files() -> None:
    assert of(user("hi") | {"sessionId": None}, user("hi", sessionId=OTHER), user("hi")) == Heading(OTHER, TEN)


def test_a_conversation_that_names_no_session_or_time_is_one_still() -> None:
    assert of({"type": "user", "message": {"role": "user", "content": "hi"}}) == Heading(None, None)
    assert of(user("hi", sessionId="", timestamp="yesterday")) == Heading(None, None)


@pytest.mark.parametrize("length", [255, 256])
def test_the_reader_takes_the_same_ids(length: int) -> None:
    """An id too long for a key is none; the name of the file stands in."""
    record = user("hi", sessionId="s" * length)
    told = of(record)
    (read,) = read_lines([record], ClaudeCodeReader(Origin(SessionId("named-by-file"))))
    assert told is not None
    assert (told.session_id or SessionId("named-by-file")) == read.session_id


CODEX = [
    {"timestamp": "2026-02-01T10:00:00Z", "type": "session_meta", "payload": {"id": "x", "cwd": "/w"}},
    {"timestamp": "2026-02-01T10:00:00Z", "type": "event_msg", "payload": {"type": "user_message", "message": "hi"}},
    {"timestamp": "2026-02-01T10:00:00Z", "type": "response_item", "payload": {"type": "message", "role": "user"}},
]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b""],
        [b"\n", b" \n"],
        [encoded(record) for record in CODEX],
        [encoded({"type": "summary", "summary": "Old work", "leafUuid": "x"})] * 3,
        [encoded({"role": "user", "message": {"content": [{"type": "text", "text": "hi"}]}})],
        [encoded({"type": "user.message", "data": {"content": "hi"}, "id": "x"})],
        [encoded({"type": "user", "message": "hi"}), encoded({"type": "user"}), encoded({"type": ["user"]})],
        [encoded(value) for value in (None, 7, "user", [user("hi")])],
        [encoded(user("hi"))[:-20]],
        [b"\x89PNG\r\n", b"\x1a\n\x00\x00\x00\rIHDR", bytes(range(256))],
        [b'{"type":"user","message":' + b'{"a":' * 5000],
        [encoded(user("hi")).decode().encode("utf-16")],
    ],
    ids=lambda lines: repr(lines)[:40],
)
def test_anything_else_is_no_transcript(lines: list[bytes]) -> None:
    assert heading(Look(lines)) is None


def test_lines_that_cannot_be_read_cost_those_lines_only() -> None:
    half = encoded(user("hi", at=1))[:-20] + b"\n"
    assert heading(Look([half, b"\xff\xfe\n", encoded(user("hi", at=2))])) == Heading(SESSION, TEN.replace(second=2))


@given(st.lists(st.binary() | st.sampled_from([encoded(user("hi")), encoded(assistant("x")), b"{}", b"[1]"])))
def test_nothing_raises(lines: list[bytes]) -> None:
    known = any(line.rstrip(b"\n") in (encoded(user("hi"))[:-1], encoded(assistant("x"))[:-1]) for line in lines)
    assert (heading(Look(lines)) is not None) >= known


def head(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return [line for _, line in zip(range(50), file, strict=False)]


@needs_data
@pytest.mark.parametrize("agent", ["codex", "copilot-cli", "cursor", "gemini-cli", "opencode", "hooks"])
def test_sessions_of_other_agents_are_no_transcripts(agent: str) -> None:
    files = [path for path in (DATA / agent).rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if heading(Look(head(path)))] == []


@needs_data
def test_every_transcript_of_the_set_is_known() -> None:
    files = [*(DATA / "claude-code").rglob("*.jsonl"), *(DATA / "labelled" / "trajectories").glob("*.jsonl")]
    known = {path: heading(Look(head(path))) for path in files}
    assert len(known) > 80
    assert [path.name for path, told in known.items() if told is None or told.started_at is None] == []
