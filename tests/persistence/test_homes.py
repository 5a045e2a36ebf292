"""Whose a file is where only the place tells it."""

from pathlib import Path

import persistence.transcripts
from tests.domain.ingest import test_cursor, test_gemini


def whose(folder: Path) -> dict[str, tuple[str, str | None]]:
    found = persistence.transcripts.find([folder])
    assert (found.ignored, found.unreadable) == ([], [])
    return {file.path.name: (file.origin.session_id, file.origin.agent_id) for file in found.files}


def put(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)


def test_transcripts_of_cursor_are_named_after_session_and_sub_agent(tmp_path: Path) -> None:
    session = tmp_path / "agent-transcripts" / "ses"
    put(session / "ses.jsonl", test_cursor.file(*test_cursor.LINES))
    put(session / "subagents" / "child.jsonl", test_cursor.file(*test_cursor.LINES))
    assert whose(tmp_path) == {"ses.jsonl": ("ses", None), "child.jsonl": ("ses", "child")}


def test_sub_agents_of_gemini_lie_below_their_session(tmp_path: Path) -> None:
    main, child = test_gemini.head(), test_gemini.head(kind="subagent", sessionId="child")
    put(tmp_path / "chats" / "session-1.jsonl", test_gemini.lines(main, *test_gemini.MESSAGES))
    put(tmp_path / "chats" / test_gemini.SESSION / "child.jsonl", test_gemini.lines(child, *test_gemini.MESSAGES))
    put(tmp_path / "old.json", test_gemini.whole(*test_gemini.MESSAGES))
    assert whose(tmp_path) == {
        "session-1.jsonl": (test_gemini.SESSION, None),
        "old.json": (test_gemini.SESSION, None),
        "child.jsonl": (test_gemini.SESSION, "child"),
    }
