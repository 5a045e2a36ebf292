"""The development set, beside the repository: what the reader counts equals what the set's index counted."""

import json
from collections import Counter
from functools import cache
from pathlib import Path

import orjson
import pytest

from domain.ingest.claude_code import INLINE_AGENT, ClaudeCodeReader
from domain.ingest.clean import Reason
from domain.ingest.reading import LineError, Origin
from domain.timeline import Event, Kind, Tokens
from domain.values import EventId, SessionId

DATA = Path(__file__).parents[3].parent / "shared" / "data"
INDEX = DATA / "index.json"
LABELS = DATA / "labelled" / "labels.json"

pytestmark = pytest.mark.skipif(not INDEX.exists(), reason="the development set does not lie beside the repository")


COUNTED = ("prompts", "n_tools", "tool_results", "tool_errors", "interrupts", "compactions", "api_calls", "slash")

SYNTHETIC = "one of their API calls is <synthetic>: text of the tool itself, without a request and without tokens"
EXPLAINED: dict[str, tuple[str, int, int, str]] = {
    "03a1382e-ecd5-42c4-b3d4-5c659e165904": ("api_calls", 184, 185, SYNTHETIC),
    "a032db5a-df02-44d7-ab1e-fb024213ecc4": ("api_calls", 83, 84, SYNTHETIC),
    "1c38adc0-5071-4382-9e53-de8c30e2265f": ("api_calls", 46, 47, SYNTHETIC),
    "e5fcdc73-b9fc-4991-b532-6bf8440fd12d": ("api_calls", 38, 39, SYNTHETIC),
    "9e953218-585f-4692-89df-9e0747a31c68": (
        "prompts",
        11,
        4,
        "seven prompts stand in a text block behind an <ide_opened_file> block: they judge by the first block",
    ),
    "7acd37a8-2745-4b58-a8a9-46164b22ad9e": (
        "prompts",
        5,
        3,
        "two prompts stand in a text block behind <ide_opened_file> and <ide_selection>: they judge by the first block",
    ),
    "f6833005-7be4-4178-bb37-a0e9feadc36b": (
        "prompts",
        4,
        5,
        '"Operation stopped by hook: …" was written by the tool when a hook blocked a prompt; they count it as one',
    ),
    "35ea950f-b370-4441-934d-e6a994c53fd3": (
        "prompts",
        14,
        13,
        "the first request is the argument of a slash command (more than six words), which counts as a prompt here",
    ),
}
"""Session or agent: the one field that differs, ours, theirs, why."""

FROM_PROGRESS = {
    "03a1382e-ecd5-42c4-b3d4-5c659e165904": 22,
    "170cebcc-4cb9-42aa-a322-6e590fc9db0d": 64,
    "419f42f0-2fa1-44cc-8b4d-babf59901513": 21,
    "ffc44f28-b453-4499-9cb2-65c5b9f2c2ed": 12,
}
"""Tool calls of sub-agents whose own files are missing: read from progress lines, which the index leaves out."""


@cache
def index() -> dict[str, dict[str, int]]:
    """What the index counted in each Claude Code transcript, by the name of its file."""
    files = json.loads(INDEX.read_bytes())["files"]
    return {
        Path(file["file"]).name: {count: file[count] for count in COUNTED} | file["tokens"]
        for file in files
        if file["format"] == "claude-code-jsonl"
    }


def transcripts() -> list[Path]:
    """Those of the index and their copies in sample/."""
    found = [*(DATA / "claude-code").rglob("*.jsonl"), *(DATA / "sample" / "claude-projects").rglob("*.jsonl")]
    return sorted(found) if INDEX.exists() else []


def trajectories() -> list[Path]:
    return sorted((DATA / "labelled" / "trajectories").glob("*.jsonl"))


def agents_with_files(path: Path) -> set[str]:
    files = [*path.with_suffix("").rglob("agent-*.jsonl"), *path.parent.glob("agent-*.jsonl")]
    return {file.stem.removeprefix("agent-") for file in files}


@cache
def read(path: Path) -> tuple[tuple[Event, ...], tuple[LineError, ...]]:
    """The events of a file, each once, and the lines that could not be read."""
    agent = path.stem.removeprefix("agent-") if path.stem.startswith("agent-") else None
    session = SessionId(path.parent.parent.name if agent else path.stem)
    reader = ClaudeCodeReader(Origin(session, agent_id=agent, agents_with_files=agents_with_files(path)))
    events: dict[EventId, Event] = {}
    errors: list[LineError] = []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            found = reader.read(line, number)
            errors += [found.error] if found.error else []
            for event in found.events:
                events.setdefault(event.id, event)
    for event in reader.flush():
        events.setdefault(event.id, event)
    return tuple(events.values()), tuple(errors)


def own(path: Path) -> list[Event]:
    """The events of a file without those of sub-agents whose messages its progress lines repeat."""
    agent = path.stem.removeprefix("agent-")
    return [event for event in read(path)[0] if event.agent_id in (None, INLINE_AGENT, agent)]


def counts(events: list[Event]) -> dict[str, int]:
    kinds = Counter(event.kind for event in events)
    tokens = sum((event.tokens for event in events if event.tokens), Tokens())
    return {
        "prompts": kinds[Kind.PROMPT],
        "n_tools": kinds[Kind.TOOL_USE],
        "tool_results": kinds[Kind.TOOL_RESULT],
        "tool_errors": sum(event.kind is Kind.TOOL_RESULT and event.succeeded is False for event in events),
        "interrupts": kinds[Kind.INTERRUPTION],
        "compactions": kinds[Kind.CONTEXT_COMPACT],
        "api_calls": kinds[Kind.API_REQUEST],
        "slash": kinds[Kind.SLASH_COMMAND],
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cache_creation_input_tokens": tokens.cache_write,
        "cache_read_input_tokens": tokens.cache_read,
    }


@pytest.mark.parametrize("path", transcripts(), ids=lambda path: path.stem)
def test_counts_equal_those_of_the_index(path: Path) -> None:
    ours, theirs = counts(own(path)), index()[path.name]
    different = {field: (mine, theirs[field]) for field, mine in ours.items() if mine != theirs[field]}
    explained = EXPLAINED.get(path.stem)
    assert different == ({explained[0]: explained[1:3]} if explained else {})


def test_all_transcripts_of_the_index_were_read() -> None:
    assert {path.name for path in transcripts()} == set(index())
    assert set(EXPLAINED) | set(FROM_PROGRESS) <= {path.stem for path in transcripts()}


def test_the_progress_of_sub_agents_without_files_adds_their_tool_calls() -> None:
    added = {path.stem: _calls([*read(path)[0]]) - _calls(own(path)) for path in transcripts()}
    assert {stem: number for stem, number in added.items() if number} == FROM_PROGRESS


def _calls(events: list[Event]) -> int:
    return counts(events)["n_tools"]


def test_one_line_of_the_set_cannot_be_read() -> None:
    errors = {path.stem: read(path)[1] for path in [*transcripts(), *trajectories()] if read(path)[1]}
    assert errors == {"130d7b7e-5801-4345-9bd6-f32fd9b8429b": (LineError(128, Reason.NOT_JSON),)}


@pytest.mark.parametrize("path", trajectories(), ids=lambda path: path.stem)
def test_labelled_runs_have_the_calls_of_their_labels(path: Path) -> None:
    labels = {Path(label["file"]).name: label for label in json.loads(LABELS.read_bytes())["labels"]}
    label, ours = labels[path.name], counts(own(path))
    assert (ours["prompts"], ours["interrupts"], ours["compactions"]) == (1, 0, 0)
    assert ours["api_calls"] == label["api_calls"]
    assert (ours["n_tools"], ours["tool_errors"]) == (label["tool_calls"], label["tool_errors"])


def test_every_result_finds_its_call_and_every_event_can_be_stored() -> None:
    for path in [*transcripts(), *trajectories()]:
        for event in read(path)[0]:
            assert event.tool or event.kind is not Kind.TOOL_RESULT, (path, event)
            assert b"\\u0000" not in orjson.dumps(event.data)
            assert len(str(event.data)) < 300_000
            assert event.ts.tzinfo is not None


def test_ids_are_shared_by_copies_only() -> None:
    """No event of one transcript bears the id of another's; the copies in sample/ bear the same."""
    owners: dict[EventId, set[str]] = {}
    for path in transcripts():
        for event in read(path)[0]:
            owners.setdefault(event.id, set()).add(path.name)
    shared = {frozenset(names) for names in owners.values() if len(names) > 1}
    assert shared == set()
