"""Nothing of a Codex thread counts twice: counters told again, parents replayed by forks and sub-agents."""

import json

import pytest

from domain.ingest.codex import CodexReader
from domain.ingest.reading import Origin
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject
from tests.domain.ingest.rollout import (
    FORK,
    FORK_TURN,
    LATER_TURN,
    THREAD,
    TURN,
    again,
    answer,
    call,
    counted,
    event,
    events_of,
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
from tests.domain.ingest.transcript import of_kind

PATCH = "*** Begin Patch\n*** Add File: a.py\n+x = 1\n*** End Patch"


def used(*lines: JsonObject) -> list[Tokens | None]:
    return [event.tokens for event in of_kind(events_of(meta(), *turn(), *lines), Kind.API_REQUEST)]


def test_cached_input_is_part_of_the_input_and_reasoning_of_the_output() -> None:
    (request,) = of_kind(events_of(meta(), *turn(), counted(1000, 50, (1000, 50), cached=800)), Kind.API_REQUEST)
    assert request.tokens == Tokens(input=200, output=50, cache_read=800)
    assert request.data == {
        "inputTokens": 200,
        "outputTokens": 50,
        "cacheReadTokens": 800,
        "cacheWriteTokens": 0,
        "reasoningTokens": 25,
        "model": "gpt-5.4",
    }
    assert (request.model, request.request_id) == ("gpt-5.4", str(request.id))


ONE, TWO = Tokens(input=100, output=10), Tokens(input=50, output=5)
SIZE_ONLY: JsonObject = {"total_token_usage": {"total_tokens": 9}, "last_token_usage": {"total_tokens": 9}}
FIRST = counted(100, 10, (100, 10), at=3)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([FIRST, counted(100, 10, (100, 10), at=9), counted(150, 15, (50, 5), at=12)], [ONE, TWO]),
        ([FIRST, *turn(LATER_TURN, 100), counted(100, 10, (100, 10), at=101)], [ONE]),
        ([event("token_count", info=None), FIRST, event("token_count", info=None)], [ONE]),
        ([FIRST, counted(150, 15)], [ONE, TWO]),
        ([counted(150, 15, (150, 15)), counted(100, 10)], [Tokens(input=150, output=15), ONE]),
        ([counted(2**40, 2**40, (100, 10)), counted(2**40 + 50, 2**40 + 5, (50, 5), at=9)], [ONE, TWO]),
        ([event("token_count", info=SIZE_ONLY), FIRST], [ONE]),
        ([FIRST, wrapped("token_usage_record", {"response_id": "r1", "usage": {"input_tokens": 100}})], [ONE]),
        ([counted(100, 10, (100, 10)), FIRST], [ONE]),
    ],
    ids=[
        "told again",
        "told again in the next turn",
        "only rate limits",
        "no last response",
        "counters that begin anew",
        "totals beyond an integer column",
        "only the size of the context",
        "records beside the counters",
        "told again at another time",
    ],
)
def test_each_response_counts_once(lines: list[JsonObject], expected: list[Tokens]) -> None:
    assert used(*lines) == expected


def test_a_resumed_rollout_goes_on_counting() -> None:
    before = [meta(), *turn(), prompt("a"), FIRST]
    after = [meta(at=500), *turn(LATER_TURN, 501), counted(100, 10, (100, 10), 502), counted(150, 15, (50, 5), 503)]
    events = events_of(*before, *after)
    assert [e.tokens for e in of_kind(events, Kind.API_REQUEST)] == [ONE, TWO]
    assert {e.session_id for e in events} == {THREAD}


def parent() -> list[JsonObject]:
    return [
        *turn(TURN, 1, model="gpt-5.2"),
        prompt("fix it", 2),
        answer("Looking.", 3),
        call("exec_command", {"cmd": "git commit -m x"}, "call_1", 3),
        output(ran("[main abcdef1] x"), "call_1", 5),
        patch(PATCH, "call_2", 6),
        patched(id="call_2"),
        FIRST,
        event("turn_aborted", 9, turn_id=TURN, reason="interrupted"),
        *turn(LATER_TURN, 100, model="gpt-5.2"),
        prompt("go on", 101),
        prompt("and the tests", 102),
        counted(150, 15, (50, 5), at=103),
        wrapped("compacted", {"message": "All so far"}, 104),
    ]


def fork(copied: list[JsonObject], **more: str) -> list[JsonObject]:
    own = [
        *turn(FORK_TURN, 1001),
        prompt("go on", 1002),
        counted(150, 15, (50, 5), 1002),
        counted(250, 25, (100, 10), 1003),
    ]
    return [meta(FORK, 1000, forked_from_id=THREAD, **more), *again([meta(), *copied], 1000), *own]


def test_what_a_fork_copies_keeps_its_ids_whatever_time_the_copy_bears() -> None:
    there, here = events_of(meta(), *parent()), events_of(*fork(parent()))
    copied, own = here[: len(there)], here[len(there) :]
    assert [e.id for e in copied] == [e.id for e in there]
    assert [(e.kind, e.model, e.data) for e in copied] == [(e.kind, e.model, e.data) for e in there]
    assert {e.session_id for e in here} == {FORK}
    assert [e.kind for e in own] == [Kind.PROMPT, Kind.API_REQUEST]
    assert own[1].tokens == ONE
    assert own[1].model == "gpt-5.4"


def test_a_fork_of_a_fork_copies_both() -> None:
    grandchild, its_turn = uuid7(2000), uuid7(2001)
    child = fork(parent())
    lines = [meta(grandchild, 2000, forked_from_id=FORK), *again(child, 2000), *turn(its_turn, 2001), prompt("more")]
    there, here = events_of(*child), events_of(*lines)
    assert [e.id for e in here[: len(there)]] == [e.id for e in there]
    assert [e.data["text"] for e in here[len(there) :]] == ["more"]


def test_what_is_said_alike_in_both_branches_is_no_copy() -> None:
    there = events_of(meta(), *parent(), *turn(uuid7(900), 900), prompt("tests?", 901))
    here = events_of(*fork(parent()), prompt("tests?", 1003))
    said = [e.id for events in (there, here) for e in of_kind(events, Kind.PROMPT) if e.data["text"] == "tests?"]
    assert len(set(said)) == 2


AGENT, AGENT_TURN = uuid7(60), uuid7(61)
SPAWNED: JsonObject = {"subagent": {"thread_spawn": {"parent_thread_id": THREAD, "depth": 1}}}


def agent_file(copied: list[JsonObject], **more: object) -> list[JsonObject]:
    own = [
        *turn(AGENT_TURN, 61),
        prompt("look around", 61),
        call("exec_command", {"cmd": "ls"}, "call_a", 62),
        output(ran("a"), "call_a", 63),
        counted(120, 12, (20, 2), 64),
        event("turn_aborted", 65, turn_id=AGENT_TURN),
    ]
    described = json.loads(json.dumps({"source": SPAWNED, **more}))
    return [meta(AGENT, 60, **described), *again([meta(), *copied] if copied else [], 60), *own]


def early() -> list[JsonObject]:
    """What the parent had said when the sub-agent began."""
    return parent()[: parent().index(FIRST) + 1]


@pytest.mark.parametrize("copied", [early(), []], ids=["replayed", "alone"])
def test_a_sub_agent_works_for_the_session_of_its_parent_and_tells_its_own_alone(copied: list[JsonObject]) -> None:
    events = events_of(*agent_file(copied))
    assert [e.kind for e in events] == [Kind.TOOL_USE, Kind.TOOL_RESULT, Kind.COMMAND, Kind.API_REQUEST]
    assert {(e.session_id, e.agent_id) for e in events} == {(THREAD, AGENT)}
    assert events[-1].tokens == Tokens(input=20, output=2)


def test_what_a_sub_agent_took_over_is_kept_in_one_place() -> None:
    reader, lines = CodexReader(Origin(THREAD)), agent_file(early())
    kept = [reader.read(json.dumps(line).encode(), 1).record for line in lines]
    assert [record for record in kept if record] == [lines[0], *lines[len(early()) + 2 :]]


def test_newer_sub_agents_tell_by_number_where_their_own_lines_begin() -> None:
    lines = agent_file(early(), subagent_history_start_ordinal=len(early()) + 2)
    numbered: list[JsonObject] = [line | {"ordinal": number} for number, line in enumerate(lines)]
    assert [e.id for e in events_of(*numbered)] == [e.id for e in events_of(*lines)]


def test_a_sub_agent_names_no_session() -> None:
    reader = CodexReader(Origin(THREAD))
    told = [reader.read(json.dumps(line).encode(), 1).facts for line in agent_file(early())]
    assert [facts for facts in told if facts] == []


def test_an_old_fork_without_turns_keeps_the_ids_of_its_parent() -> None:
    old = [prompt("fix it", 2), answer("Done.", 3), counted(100, 10, (100, 10))]
    there = events_of(meta(), *old)
    here = events_of(meta(FORK, 1000), *again([meta(), *old], 1000), prompt("more", 1005))
    assert [e.id for e in here[:-1]] == [e.id for e in there]


def test_equal_beginnings_of_strangers_are_no_copies() -> None:
    def run(number: int) -> list[Event]:
        return events_of(meta(uuid7(number)), *turn(uuid7(number + 1)), prompt("fix it"), FIRST)

    assert not {e.id for e in run(10)} & {e.id for e in run(20)}
