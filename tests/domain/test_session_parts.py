"""Files, tools, models and sub-agents of a session."""

from dataclasses import replace
from decimal import Decimal

from domain.session_parts import MOST_PARTS, FileTouched, ModelUsed, SubAgent, ToolUsed, session_parts
from domain.timeline import Kind, Tokens
from tests.make import command, event, file_diff, prompt, time, tool_use


def result(call: str, at: float, tool: str = "Bash", **facts: object) -> object:
    return event(Kind.TOOL_RESULT, at, tool=tool, call_id=call, **facts)


def response(model: str | None, at: float = 0, output: int = 10, **facts: object) -> object:
    return event(Kind.API_REQUEST, at, model=model, tokens=Tokens(1, output), **facts)


def test_nothing_has_no_parts() -> None:
    assert session_parts([]).files == session_parts([prompt("hello")]).tools == ()


def test_files_add_up_over_their_changes_the_most_changed_first() -> None:
    events = [
        file_diff("a.py", 0, 1, 1),
        file_diff("./b.py", 1, 5, 2),
        file_diff("b.py", 2, 4, 0),
        event(Kind.FILE_CREATE, 3, path="new.py", lines_added=3, lines_removed=0),
        event(Kind.FILE_DELETE, 4, path="old.py", lines_added=0, lines_removed=4),
    ]
    assert session_parts(events).files == (
        FileTouched("b.py", 9, 2, 2, created=False, deleted=False),
        FileTouched("old.py", 0, 4, 1, created=False, deleted=True),
        FileTouched("new.py", 3, 0, 1, created=True, deleted=False),
        FileTouched("a.py", 1, 1, 1, created=False, deleted=False),
    )


def test_a_call_counts_once_with_its_command_and_result() -> None:
    events = [
        tool_use("Bash", 0, call_id="1"),
        command("ls", 1, call_id="1", tool="Bash", duration_ms=40),
        result("1", 1, succeeded=True, duration_ms=50),
        tool_use("Bash", 2, call_id="2"),
        result("2", 3, succeeded=False, duration_ms=7),
        tool_use("Read", 4),
        result("3", 5, "Grep", succeeded=True),
        command("typed by hand", 6, actor="human", data={"command": "ls", "human": True}),
    ]
    assert session_parts(events).tools == (
        ToolUsed("Bash", 2, 1, 57),
        ToolUsed("Grep", 1, 0, None),
        ToolUsed("Read", 1, 0, None),
    )


def test_calls_that_change_something_are_told_apart() -> None:
    events = [
        tool_use("Bash", 0, call_id="1"),
        command("rm -rf build", 1, call_id="1", tool="Bash"),
        tool_use("Bash", 2, call_id="2"),
        command("ls", 3, call_id="2", tool="Bash"),
        tool_use("Edit", 4, call_id="3"),
    ]
    counts = {tool.name: (tool.call_count, tool.mutating_count) for tool in session_parts(events).tools}
    assert counts == {"Bash": (2, 1), "Edit": (1, 1)}


def test_models_are_priced_apart_and_the_unpriced_flagged() -> None:
    events = [
        response("m", cost_usd=Decimal("0.5"), request_id="r1"),
        response("m", output=30, cost_usd=Decimal("0.5"), request_id="r1"),
        response("m"),
        response("n", output=500, cost_usd=Decimal(2)),
        response(None, output=1, cost_usd=Decimal(1)),
        event(Kind.AI_RESPONSE, model="<synthetic>"),
    ]
    assert session_parts(events).models == (
        ModelUsed("n", 1, Tokens(1, 500), Decimal(2), 0, tokens_are_lower_bound=False),
        ModelUsed("m", 2, Tokens(2, 40), None, 1, tokens_are_lower_bound=False),
        ModelUsed(None, 1, Tokens(1, 1), Decimal(1), 0, tokens_are_lower_bound=False),
    )


def test_sub_agents_are_told_by_the_call_that_started_them() -> None:
    asked = {"subagent_type": "Explore", "description": "find it"}
    events = [
        tool_use("Task", 0, input=asked, call_id="t"),
        tool_use("Grep", 1, agent_id="a", call_id="g"),
        result("g", 2, "Grep", agent_id="a", succeeded=False),
        response("m", 3, agent_id="a", cost_usd=Decimal(1)),
        tool_use("Read", 4, agent_id="b"),
        result("t", 5, "Task", data={"subAgentId": "a"}),
        tool_use("Task", 6, input={"description": 7}, call_id="u"),
        tool_use("TaskOutput", 7, call_id="v"),
        result("v", 8, "TaskOutput", data={"subAgentId": "a"}),
        result("u", 9, "Task", data={"subAgentId": "c"}),
    ]
    assert session_parts(events).agents == (
        SubAgent("a", "Explore", "find it", 1, 1, Tokens(1, 10), Decimal(1), time(1), time(3)),
        SubAgent("b", None, None, 1, 0, Tokens(), None, time(4), time(4)),
        SubAgent("c", None, None, None, None, None, None, time(6), time(9)),
    )


def test_so_many_parts_are_kept() -> None:
    events = [file_diff(f"{n}.py", n / 100, n) for n in range(MOST_PARTS + 5)]
    files = session_parts([replace(one) for one in events]).files
    assert (len(files), files[0].lines_added) == (MOST_PARTS, MOST_PARTS + 4)
