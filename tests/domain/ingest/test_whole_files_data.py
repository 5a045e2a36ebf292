"""The development set, beside the repository: what other agents' files give equals what the set's index counted."""

import json
from collections import Counter
from functools import cache
from pathlib import Path

import orjson
import pytest

from domain.ingest.formats import FORMATS
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject
from tests.domain.ingest.whole_files import events_of_file, look_of

DATA = Path(__file__).parents[3].parent / "shared" / "data"
INDEX = DATA / "index.json"
AGENTS = {
    "gemini-cli": "gemini-session-json",
    "opencode": "opencode-export-json",
    "cursor": "specstory-markdown",
    "codex": "codex-rollout-jsonl",
    "copilot-cli": "copilot-events-jsonl",
    "claude-code": "claude-code-jsonl",
}

pytestmark = pytest.mark.skipif(not INDEX.exists(), reason="the development set does not lie beside the repository")


def files(*agents: str) -> list[Path]:
    paths = [path for agent in agents for path in sorted((DATA / agent).rglob("*.*"))]
    return [path for path in paths if path.is_file() and "checkpoints" not in path.name]


@cache
def index() -> dict[str, JsonObject]:
    told: list[JsonObject] = json.loads(INDEX.read_bytes())["files"]
    return {Path(str(file["file"])).name: file for file in told}


@cache
def read(path: Path) -> tuple[Event, ...]:
    return tuple(events_of_file(path.read_bytes(), str(path)))


@pytest.mark.parametrize("path", files("gemini-cli", "opencode"), ids=lambda path: path.stem)
def test_counts_equal_those_of_the_index(path: Path) -> None:
    """The index counts cached input within the input of Gemini, and thoughts and reasoning beside the output."""
    events, theirs = read(path), index()[path.name]
    counted: dict[str, int] = orjson.loads(orjson.dumps(theirs["tokens"]))
    tokens = sum((event.tokens for event in events if event.tokens), Tokens())
    kinds = Counter(event.kind for event in events)
    assert (kinds[Kind.PROMPT], kinds[Kind.TOOL_USE]) == (theirs["prompts"], theirs["n_tools"])
    assert Counter(event.tool for event in events if event.kind is Kind.TOOL_USE) == theirs["tools"]
    assert sum(event.kind is Kind.TOOL_RESULT and event.succeeded is False for event in events) == theirs["tool_errors"]
    cached = counted.get("cached", counted.get("cache_read", 0))
    assert tokens.cache_read == cached
    assert tokens.input == counted["input"] - (cached if "cached" in counted else 0) + counted.get("tool", 0)
    assert tokens.output == counted["output"] + counted.get("thoughts", 0) + counted.get("reasoning", 0)


@pytest.mark.parametrize("path", files("cursor"), ids=lambda path: path.stem)
def test_markdown_has_the_prompts_of_the_index_and_more_calls(path: Path) -> None:
    """The index counts what stands in `<details>`; commands and changes stand in code alone."""
    events, theirs = read(path), index()[path.name]
    tools = Counter(event.tool for event in events if event.kind is Kind.TOOL_USE)
    assert sum(event.kind is Kind.PROMPT for event in events) == theirs["prompts"]
    assert tools.total() - tools["run_terminal_cmd"] - tools["edit_file"] == theirs["n_tools"]
    assert tools["unknown"] == 0


@pytest.mark.parametrize("path", files("gemini-cli", "opencode", "cursor"), ids=lambda path: path.stem)
def test_every_event_can_be_stored(path: Path) -> None:
    for event in read(path):
        assert event.tool or event.kind is not Kind.TOOL_RESULT
        assert event.ts.tzinfo is not None
        assert b"\\u0000" not in orjson.dumps(event.data)
        assert "originalContent" not in event.data


@pytest.mark.parametrize("path", files("gemini-cli", "opencode"), ids=lambda path: path.stem)
def test_commands_and_edits_tell_how_they_ended_and_where(path: Path) -> None:
    events = read(path)
    assert all(event.exit_code is not None for event in events if event.kind is Kind.COMMAND)
    edits = [event for event in events if event.kind in (Kind.FILE_DIFF, Kind.FILE_CREATE)]
    assert edits
    assert all((event.path or "").startswith("/") and (event.lines_added or event.lines_removed) for event in edits)


def test_each_file_of_the_set_is_known_to_one_format() -> None:
    for agent, name in AGENTS.items():
        for path in files(agent):
            look = look_of(path.read_bytes())
            known = [format.name for format in FORMATS if format.heading(look) is not None]
            assert known in ([name], []) if agent == "claude-code" else known == [name], path


def test_what_lies_beside_sessions_is_no_session() -> None:
    for path in [INDEX, DATA / "README.md", *DATA.rglob("*.checkpoints.json"), *(DATA / "hooks").rglob("*.json")]:
        assert [format.name for format in FORMATS if format.heading(look_of(path.read_bytes()))] == [], path
