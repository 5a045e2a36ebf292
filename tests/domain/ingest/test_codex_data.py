"""The development set, beside the repository: what the reader counts equals what the set's index counted."""

import json
from collections import Counter
from functools import cache
from pathlib import Path

import orjson
import pytest

from domain.ingest.codex import CodexReader, heading
from domain.ingest.copilot import CopilotReader
from domain.ingest.copilot import heading as copilot_heading
from domain.ingest.reading import Look, Origin, Reader
from domain.timeline import Event, Kind, Tokens
from domain.values import EventId, SessionId

DATA = Path(__file__).parents[3].parent / "shared" / "data"
INDEX = DATA / "index.json"

pytestmark = pytest.mark.skipif(not INDEX.exists(), reason="the development set does not lie beside the repository")

EXPLAINED = {
    "378ab881-f02f-435c-9673-0c8d7c7d6bef": (
        "prompts",
        1,
        3,
        "two of their prompts were written by skills: a person typed one",
    )
}
"""Session: the one count that differs, ours, theirs, why."""


@cache
def index() -> dict[str, dict[str, int]]:
    """What the index counted in each file, by its name."""
    files = json.loads(INDEX.read_bytes())["files"]
    return {
        Path(file["file"]).name: {
            "prompts": file["prompts"],
            "n_tools": file["n_tools"],
            "tool_errors": file.get("tool_errors", -1),
            "input": file["tokens"].get("input_tokens", 0),
            "cached": file["tokens"].get("cached_input_tokens", 0),
            "output": file["tokens"]["output_tokens"],
        }
        for file in files
        if file["format"] in ("codex-rollout-jsonl", "copilot-events-jsonl")
    }


def rollouts() -> list[Path]:
    return sorted([*(DATA / "codex").rglob("*.jsonl"), *(DATA / "copilot-cli").rglob("*.jsonl")])


def reader_of(path: Path) -> Reader:
    origin = Origin(SessionId(path.stem))
    return CopilotReader(origin) if "copilot-cli" in path.parts else CodexReader(origin)


@cache
def read(path: Path) -> tuple[Event, ...]:
    reader = reader_of(path)
    events: dict[EventId, Event] = {}
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            found = reader.read(line, number)
            assert found.error is None
            for event in (*found.events, *(reader.flush() if not line.endswith(b"\n") else ())):
                assert event.id not in events
                events[event.id] = event
    events |= {event.id: event for event in reader.flush()}
    return tuple(events.values())


@pytest.mark.parametrize("path", rollouts(), ids=lambda path: path.stem)
def test_counts_equal_those_of_the_index(path: Path) -> None:
    events, theirs = read(path), index()[path.name]
    kinds = Counter(event.kind for event in events)
    tokens = sum((event.tokens for event in events if event.tokens), Tokens())
    failed = sum(event.kind is Kind.TOOL_RESULT and event.succeeded is False for event in events)
    ours = {
        "prompts": kinds[Kind.PROMPT],
        "n_tools": kinds[Kind.TOOL_USE],
        "tool_errors": failed if theirs["tool_errors"] >= 0 else -1,
        "input": tokens.input + tokens.cache_read + tokens.cache_write,
        "cached": tokens.cache_read,
        "output": tokens.output,
    }
    different = {name: (mine, theirs[name]) for name, mine in ours.items() if mine != theirs[name]}
    explained = EXPLAINED.get(path.stem)
    assert different == ({explained[0]: explained[1:3]} if explained else {})


@pytest.mark.parametrize("path", rollouts(), ids=lambda path: path.stem)
def test_every_result_finds_its_call_and_every_event_can_be_stored(path: Path) -> None:
    for event in read(path):
        assert event.session_id == path.stem
        assert event.tool or event.kind is not Kind.TOOL_RESULT
        assert event.exit_code is not None or event.kind is not Kind.COMMAND
        assert b"\\u0000" not in orjson.dumps(event.data)
        assert event.ts.tzinfo is not None


def test_the_copy_in_the_sample_has_the_ids_of_the_original() -> None:
    (copy,) = (DATA / "sample" / "codex-sessions").rglob("*.jsonl")
    (original,) = (path for path in rollouts() if copy.stem.endswith(path.stem))
    assert [event.id for event in read_of(copy)] == [event.id for event in read(original)]


def read_of(path: Path) -> list[Event]:
    reader = CodexReader(Origin(SessionId("by-name")))
    with path.open("rb") as lines:
        return [event for number, line in enumerate(lines, 1) for event in reader.read(line, number).events]


def test_each_file_is_known_to_one_format() -> None:
    for path in sorted(path for path in DATA.rglob("*.json*") if path.is_file() and "checkpoints" not in path.name):
        with path.open("rb") as file:
            look = Look([line for _, line in zip(range(50), file, strict=False)])
        assert (heading(look) is not None) == ("codex" in str(path.relative_to(DATA))), path
        assert (copilot_heading(look) is not None) == ("copilot-cli" in path.parts), path
