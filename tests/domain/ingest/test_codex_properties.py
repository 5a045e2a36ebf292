"""What must hold for every rollout: no line raises, reading it again gives the same ids, memory is bounded."""

import json
import tracemalloc
from random import Random

import orjson
from hypothesis import given
from hypothesis import strategies as st

from domain.ingest.clean import Reason
from domain.ingest.codex import CodexReader
from domain.ingest.reading import Origin
from domain.timeline import Kind
from domain.values import EventId, JsonObject, JsonValue
from tests.domain.ingest.rollout import (
    THREAD,
    answer,
    call,
    counted,
    event,
    events_of,
    item,
    meta,
    output,
    patch,
    patched,
    prompt,
    ran,
    turn,
    uuid7,
    wrapped,
)
from tests.domain.ingest.test_claude_code_properties import orjson_or_nothing
from tests.domain.ingest.test_clean import ANY_JSON

PATCH = "*** Begin Patch\n*** Add File: a.py\n+x = 1\n*** End Patch"


def of_turn(number: int) -> list[JsonObject]:
    """What happens within a turn, each at its own time and independent of the rest but for calls and answers."""
    at = 100 * number
    id = f"call_{number}"
    return [
        prompt("fix it", at + 2),
        prompt("fix it", at + 3),
        answer("Looking.", at + 4),
        call("exec_command", {"cmd": "git push"}, id, at + 5),
        output(ran("ok"), id, at + 6),
        patch(PATCH, f"{id}p", at + 7),
        patched(id=f"{id}p", at=at + 8),
        item("web_search_call", at + 9, status="completed", action={"query": "x"}),
        counted(100 * number + 100, 10, (100, 10), at + 10),
        wrapped("compacted", {"message": "so far"}, at + 11),
        event("turn_aborted", at + 12, reason="interrupted"),
    ]


def by_id(lines: list[JsonObject]) -> dict[EventId, tuple[Kind, str]]:
    return {one.id: (one.kind, str(one.data)) for one in events_of(*lines)}


@given(st.integers(1, 3), st.randoms(use_true_random=False))
def test_lines_of_a_turn_in_any_order_and_with_copies_give_the_same_events(turns: int, random: Random) -> None:
    """The turn stands before its lines: which lines are whose follows from nothing else."""
    straight: list[JsonObject] = [meta()]
    shuffled: list[JsonObject] = [meta()]
    for number in range(turns):
        start, lines = turn(uuid7(100 * number + 1), 100 * number + 1), of_turn(number)
        mixed = [*lines, *random.sample(lines, 4)]
        random.shuffle(mixed)
        straight += [*start, *lines]
        shuffled += [*start, *start, *mixed]
    assert sorted(by_id(straight)) == sorted(by_id(shuffled))


@given(st.integers(0, 40))
def test_reading_a_longer_file_repeats_the_ids_of_the_shorter_one(length: int) -> None:
    lines = [meta(), *(line for number in range(3) for line in (*turn(uuid7(100 * number + 1)), *of_turn(number)))]
    early, late = events_of(*lines[:length]), by_id(lines)
    assert {one.id for one in early if one.tool or one.kind is not Kind.TOOL_RESULT} <= set(late)


def test_a_half_written_last_line_is_read_at_the_next_time() -> None:
    line = json.dumps(prompt("fix it")).encode()
    half = CodexReader(Origin(THREAD)).read(line[:-9], 1)
    assert half.error is not None
    assert half.error.reason is Reason.HALF_WRITTEN
    assert half.events == ()
    assert [one.kind for one in CodexReader(Origin(THREAD)).read(line, 1).events] == [Kind.PROMPT]


@given(st.lists(st.binary(max_size=80) | ANY_JSON.map(lambda value: orjson_or_nothing(value)), max_size=8))
def test_no_bytes_raise(lines: list[bytes]) -> None:
    reader = CodexReader(Origin(THREAD))
    for number, raw in enumerate(lines, 1):
        assert reader.read(raw, number).line == number
    reader.flush()


TYPES = st.sampled_from(
    (
        *("session_meta", "turn_context", "compacted", "task_started", "user_message", "agent_message", "token_count"),
        *("exec_command_end", "patch_apply_end", "mcp_tool_call_end", "turn_aborted", "thread_name_updated", "error"),
        *("function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output", "local_shell_call"),
        *("web_search_call", "message", "CommandExecution", "FileChange", "McpToolCall", "UserMessage", "Plan"),
    )
)
KEYS: st.SearchStrategy[str] = st.sampled_from(
    (
        *("id", "call_id", "turn_id", "source", "subagent", "thread_spawn", "parent_thread_id", "info", "ordinal"),
        *("total_token_usage", "last_token_usage", "input_tokens", "name", "arguments", "input", "output", "content"),
        *("text", "message", "changes", "a", "unified_diff", "move_path", "success", "invocation", "server", "tool"),
        *("result", "Ok", "isError", "duration", "secs", "process_id", "session_id", "cmd", "command", "action"),
        *("metadata", "exit_code", "role", "cwd", "git", "collaboration_mode", "mode", "images", "namespace"),
    )
)
WORDS: st.SearchStrategy[JsonValue] = st.sampled_from(
    ["exec", "exec_command", "apply_patch", "write_stdin", "user", "update", PATCH, '{"cmd":"ls"}', "plan", "1"]
)
FAMILIAR: st.SearchStrategy[JsonValue] = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=16,
)


@given(st.lists(st.tuples(TYPES, st.dictionaries(KEYS, FAMILIAR, max_size=6)), max_size=4))
def test_no_shape_of_a_line_raises(shapes: list[tuple[str, JsonObject]]) -> None:
    reader = CodexReader(Origin(THREAD))
    for type, fields in shapes:
        typed: JsonObject = {"type": type} | fields
        noted: JsonObject = {"type": "item_completed", "item": typed}
        for line in (wrapped("event_msg", typed), wrapped("response_item", typed), wrapped("event_msg", noted)):
            for one in reader.read(orjson_or_nothing(line), 1).events:
                orjson.dumps(one.data)
    reader.flush()


def test_memory_stays_flat_however_long_the_file_is() -> None:
    reader = CodexReader(Origin(THREAD))
    peaks: list[int] = []
    tracemalloc.start()
    try:
        for turns in (range(600), range(600, 700)):
            for number in turns:
                for line in long_turn(number):
                    assert reader.read(json.dumps(line).encode(), 1).error is None
            peaks.append(tracemalloc.get_traced_memory()[1])
        reader.flush()
    finally:
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2**18


def long_turn(number: int) -> list[JsonObject]:
    """40 KB: a command that runs on, a result whose call never comes, and what was said."""
    running = f"Wall time: 1 seconds\nProcess running with session ID {number}\nOutput:\n{'y' * 5000}"
    lines = [prompt(f"{number} {'words ' * 200}"), answer(f"{number} {'words ' * 20}")]
    return [
        *turn(uuid7(number)),
        *lines * 5,
        call("exec_command", {"cmd": f"echo {'x' * 16000}"}, f"call_{number}"),
        output(running, f"call_{number}"),
        output("z" * 9000, f"lost_{number}"),
        event("exec_command_end", call_id=f"call_{number}", aggregated_output="y" * 5000),
    ]
