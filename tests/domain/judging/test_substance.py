from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging.records import Measures, TriviaReason
from domain.judging.substance import is_turn, measure, passes_floor, trivia_reason
from domain.timeline import Attribution, Event, Kind, Provenance, Tokens
from tests import make


def result(call: str | None = None, tool: str | None = None, succeeded: bool = True) -> Event:
    return make.event(Kind.TOOL_RESULT, call_id=call, tool=tool, succeeded=succeeded)


def bash(line: str, call: str) -> tuple[Event, ...]:
    """What an importer makes of one shell call."""
    use = make.tool_use("Bash", input={"command": line}, call_id=call)
    return (use, make.command(line, call_id=call), result(call, "Bash"))


def edit(path: str, call: str, added: int = 1) -> tuple[Event, ...]:
    use = make.tool_use("Edit", path=path, call_id=call)
    return (use, make.file_diff(path, added=added, call_id=call, tool="Edit"), result(call, "Edit"))


def test_nothing_is_measured_of_no_events() -> None:
    assert measure(()) == Measures() == Measures(0, 0, 0, 0, 0, 0, 0, Tokens(0, 0, 0, 0), None)


@pytest.mark.parametrize(
    "text", ["fix it", "", "/home/ada/shop.py is broken", "what does ! mean?", "<div> is unclosed"]
)
def test_prompts_are_turns(text: str) -> None:
    assert is_turn(make.prompt(text))


@pytest.mark.parametrize(
    "text", ["/model opus", "/review-pr 12", "/mcp:tool", "!ls", " !git status", "<bash-input>ls</bash-input>"]
)
def test_commands_and_passthrough_are_no_turns(text: str) -> None:
    assert not is_turn(make.prompt(text))


def test_other_events_and_prompts_of_sub_agents_are_no_turns() -> None:
    assert not is_turn(make.event(Kind.SLASH_COMMAND, data={"name": "init"}))
    assert not is_turn(make.prompt("look for callers", agent_id="a1"))
    assert not is_turn(make.response("done"))


def test_net_lines_are_the_absolute_difference_over_all_files_whoever_typed_them() -> None:
    by_hand = make.file_diff("a", added=3, removed=20, provenance=make.BY_HAND)
    measures = measure((by_hand, make.file_diff("b", added=5)))
    assert (measures.lines_added, measures.lines_removed, measures.net_loc) == (8, 20, 12)


def test_all_events_of_one_call_are_one_call() -> None:
    assert measure(edit("a", "c1")).mutating_tool_calls == 1
    assert measure(bash("rm a", "c2")).mutating_tool_calls == 1
    assert measure((*edit("a", "c1"), *edit("a", "c3"), *bash("rm a", "c2"))).mutating_tool_calls == 3


def test_reading_and_checking_calls_change_nothing() -> None:
    events = (*bash("git status", "1"), *bash("npm test", "2"), make.tool_use("Read", call_id="3"), result("3", "Read"))
    assert (measure(events).mutating_tool_calls, measure(events).read_only_tool_calls) == (0, 3)


@pytest.mark.parametrize("tool", ["Edit", "MultiEdit", "Write", "NotebookEdit", "apply_patch"])
def test_editing_tools_change(tool: str) -> None:
    assert measure((make.tool_use(tool),)).mutating_tool_calls == 1


def test_an_mcp_call_beside_its_tool_use_is_one_reading_call() -> None:
    events = (make.tool_use("mcp__git__log", call_id="1"), make.event(Kind.MCP_CALL, call_id="1"))
    assert (measure(events).mutating_tool_calls, measure(events).read_only_tool_calls) == (0, 1)


@pytest.mark.parametrize(
    ("attribution", "count"),
    [
        (Attribution.LIKELY_AI, 1),
        (Attribution.AI_REVISED_BY_HUMAN, 1),
        (Attribution.MIXED, 1),
        (Attribution.LIKELY_HUMAN, 0),
        (Attribution.SYSTEM_GENERATED, 0),
        (Attribution.UNKNOWN, 0),
    ],
)
@pytest.mark.parametrize("kind", [Kind.FILE_DIFF, Kind.FILE_CREATE, Kind.FILE_DELETE])
def test_file_events_count_as_calls_by_attribution(kind: Kind, attribution: Attribution, count: int) -> None:
    event = make.event(kind, path="a", provenance=Provenance(attribution))
    assert measure((event,)).mutating_tool_calls == count


@pytest.mark.parametrize(
    ("command", "count"),
    [
        (make.command("rm a"), 1),
        (make.command("rm a", actor="unknown", call_id="c"), 1),
        (make.command("rm a", actor="unknown", provenance=make.BY_AI), 1),
        (make.command("rm a", actor="unknown"), 0),
        (make.command("rm a", actor="human"), 0),
        (make.command("rm a", data={"command": "rm a", "human": True}), 0),
    ],
)
def test_a_command_counts_if_the_assistant_ran_it(command: Event, count: int) -> None:
    assert measure((command,)).mutating_tool_calls == count


def test_a_result_whose_use_was_never_sent_stands_for_its_call() -> None:
    assert measure((result(None, "Edit"), result(None, "Read"))).mutating_tool_calls == 1
    both = measure((make.tool_use("Edit"), result(None, "Edit")))
    assert (both.mutating_tool_calls, both.read_only_tool_calls) == (1, 0)


def test_shell_calls_of_other_agents_are_read_too() -> None:
    use = make.tool_use("shell", input={"command": ["bash", "-lc", "rm a && echo 'gone'"]})
    assert measure((use,)).mutating_tool_calls == 1
    assert measure((make.tool_use("exec_command", input={"cmd": "rm a"}),)).mutating_tool_calls == 1
    assert measure((make.tool_use("shell_command", input={"command": "rm a"}),)).mutating_tool_calls == 1
    assert measure((make.tool_use("shell", input={"command": ["ls", "-la"]}),)).mutating_tool_calls == 0


def test_errors_are_failed_calls() -> None:
    failed_call = (*bash("rm a", "c")[:2], result("c", "Bash", succeeded=False))
    alone = make.command("rm a", exit_code=1)
    by_hand = make.command("rm a", exit_code=1, actor="human")
    untold = make.command("rm a", exit_code=None, succeeded=False)
    assert measure((*failed_call, alone, by_hand, untold, *edit("a", "d"))).tool_errors == 3


def test_a_result_that_does_not_tell_how_it_ended_is_no_error() -> None:
    assert measure((make.event(Kind.TOOL_RESULT, tool="Read", call_id="c"),)).tool_errors == 0


def test_tokens_count_once_a_response_and_the_largest_output_wins() -> None:
    events = (
        make.response("a", request_id="r1", tokens=Tokens(100, 1, 50, 5)),
        make.response("b", request_id="r1", tokens=Tokens(100, 40, 50, 5)),
        make.event(Kind.API_REQUEST, tokens=Tokens(10, 2)),
        make.event(Kind.API_REQUEST, tokens=Tokens(10, 2)),
    )
    assert measure(events).tokens == Tokens(120, 44, 50, 5)
    assert measure(events[::-1]).tokens == Tokens(120, 44, 50, 5)


def test_cost_is_summed_where_present_and_none_where_it_is_nowhere() -> None:
    one = make.response("a", request_id="r1", cost_usd=Decimal("0.10"))
    assert measure((make.response("x"),)).cost_usd is None
    assert measure((one, make.response("b", request_id="r1", cost_usd=Decimal("0.10")))).cost_usd == Decimal("0.10")
    assert measure((one, make.event(Kind.API_REQUEST, cost_usd=Decimal("0.2")))).cost_usd == Decimal("0.30")


@pytest.mark.parametrize(
    ("measures", "passes"),
    [
        (Measures(turn_count=3), True),
        (Measures(net_loc=10), True),
        (Measures(mutating_tool_calls=1), True),
        (Measures(turn_count=2, net_loc=9, read_only_tool_calls=99, tokens=Tokens(10**9)), False),
        (Measures(lines_added=500, lines_removed=495, net_loc=5), False),
    ],
)
def test_any_one_of_three_passes_the_floor(measures: Measures, passes: bool) -> None:
    assert passes_floor(measures) is passes


@pytest.mark.parametrize(
    ("measures", "reason"),
    [
        (Measures(), TriviaReason.NO_REAL_WORK),
        (Measures(read_only_tool_calls=5), TriviaReason.NO_REAL_WORK),
        (Measures(turn_count=2, net_loc=9, read_only_tool_calls=3), TriviaReason.TOO_FEW_LINES),
        (Measures(net_loc=1), TriviaReason.TOO_FEW_LINES),
        (Measures(turn_count=1, read_only_tool_calls=1), TriviaReason.NO_MUTATING_TOOL_CALLS),
        (Measures(turn_count=1), TriviaReason.TOO_FEW_TURNS),
        (Measures(turn_count=2), TriviaReason.TOO_FEW_TURNS),
    ],
)
def test_the_first_reason_that_fits_is_given(measures: Measures, reason: TriviaReason) -> None:
    assert trivia_reason(measures) is reason


def test_hand_typed_lines_and_reading_fail_the_floor_and_one_edit_passes_it() -> None:
    """Worked check 4 of the domain reference."""
    events = [
        make.prompt("explain this"),
        make.prompt("and that"),
        make.file_diff("a", added=9, provenance=make.BY_HAND),
    ]
    events += [make.tool_use("Read", path="a", call_id=f"r{n}") for n in range(4)]
    measures = measure(events)
    assert not passes_floor(measures)
    assert trivia_reason(measures) is TriviaReason.TOO_FEW_LINES
    assert passes_floor(measure([*events, make.tool_use("Edit", path="a", call_id="e")]))


@given(st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(random: Random) -> None:
    events = [*edit("a", "1", 4), *bash("rm b", "2"), *bash("ls", "3"), make.prompt("go"), result("9", "Grep", False)]
    events += [make.response("x", request_id="r", tokens=Tokens(1, n), cost_usd=Decimal(n)) for n in range(3)]
    expected = measure(events)
    random.shuffle(events)
    assert measure(events) == expected
