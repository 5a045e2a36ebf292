"""Turns of a session: what each took, which of them mattered, how long work went on."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.judging.records import Measures, State, SubSession
from domain.judging.turns import turns
from domain.session_turns import (
    KEY_TURNS,
    MOST_OF_A_TURN,
    TurnRole,
    TurnTaken,
    TurnTool,
    key_turns,
    longest_focus,
    main_arc,
    turns_taken,
)
from domain.timeline import Event, Kind, Tokens
from tests.history import bug_fix
from tests.make import command, event, file_diff, outcome, prompt, response, sub_session, time, tool_use


def taken(*events: Event) -> list[TurnTaken]:
    return [*turns_taken(turns(events))]


def test_a_session_without_a_prompt_has_no_turns() -> None:
    assert taken() == taken(response("Hello!", 0), event(Kind.SESSION_END, 1)) == []


def test_commands_and_what_tools_write_open_no_turn() -> None:
    asked = prompt("Fix the totals, please", 0)
    others = [prompt("/compact", 1), prompt("<command-name>clear</command-name>", 2), prompt("Sub", 3, agent_id="a1")]
    [turn] = taken(asked, *others, response("Done.", 4))
    assert (turn.index, turn.prompt_id, turn.elapsed_ms) == (0, asked.id, 240_000)


def test_a_turn_adds_up_what_followed_its_prompt() -> None:
    used = {"model": "opus", "tokens": Tokens(100, 20, 3, 4), "cost_usd": Decimal("0.5")}
    [first, second] = taken(
        prompt("Fix the totals, please", 0),
        tool_use("Edit", 1, call_id="c1"),
        file_diff("a.py", 2, added=5, removed=2, call_id="c1"),
        event(Kind.TOOL_RESULT, 2, tool="Edit", call_id="c1", succeeded=False),
        response("Half of it.", 3, request_id="r1", **used),
        response("Half of it.", 3, request_id="r1", **used),
        response("All of it.", 3, model="haiku", tokens=Tokens(1, 1, 0, 0), cost_usd=Decimal(1), agent_id="a1"),
        prompt("Now the tax", 10),
    )
    assert (first.tools, first.call_count, first.error_count) == ((TurnTool("Edit", 1),), 1, 1)
    assert (first.files, first.lines_added, first.lines_removed) == (("a.py",), 5, 2)
    assert (first.tokens, first.cost_usd, first.model) == (Tokens(101, 21, 3, 4), Decimal("1.5"), "opus")
    assert (second.tokens, second.cost_usd, second.model, second.elapsed_ms) == (Tokens(), None, None, 0)


def test_a_busy_turn_keeps_its_busiest_tools_and_files() -> None:
    made = [tool_use(f"tool {n:02}", n, call_id=f"{n} {one}") for n in range(30) for one in range(1 + (n == 29))]
    edits = [file_diff(f"{n:02}.py", n) for n in range(30)]
    [turn] = taken(prompt("Change all files, please", 0), *made, *edits)
    assert len(turn.tools) == len(turn.files) == MOST_OF_A_TURN
    assert turn.tools[:2] == (TurnTool("tool 29", 2), TurnTool("tool 00", 1))
    assert turn.call_count == 61


def roles(*events: Event, arc: SubSession | None = None) -> list[tuple[int, TurnRole]]:
    said = turns(events)
    return [(turn.index, turn.role) for turn in key_turns(said, [*turns_taken(said)], arc)]


FIX = prompt("Fix the wrong rounding in shop/totals.py", 0)
STILL = prompt("it still fails for 0.135", 10)
EDIT = file_diff("shop/totals.py", 11, added=4)
TAX = prompt("Round the tax as well", 20)
THANKS = prompt("thanks, works", 30)
SESSION = [FIX, STILL, EDIT, TAX, file_diff("shop/tax.py", 21, added=40), THANKS]
ARC = sub_session(
    prompt_ids=tuple(one.id for one in (FIX, STILL, TAX, THANKS)), outcome=outcome(goal_completed_at=None)
)


@pytest.mark.parametrize(
    ("events", "arc", "expected"),
    [
        ([], None, []),
        ([FIX], None, [(0, TurnRole.GOAL)]),
        ([prompt("ok", 0), FIX], None, [(1, TurnRole.GOAL)]),
        ([FIX, STILL], None, [(0, TurnRole.GOAL), (1, TurnRole.SETBACK)]),
        ([FIX, EDIT], None, [(0, TurnRole.GOAL)]),
        (SESSION, None, [(0, TurnRole.GOAL), (1, TurnRole.SETBACK), (2, TurnRole.LARGEST_CHANGE)]),
        (SESSION, ARC, [(0, TurnRole.GOAL), (1, TurnRole.SETBACK), (2, TurnRole.LARGEST_CHANGE)]),
        (
            SESSION,
            replace(ARC, outcome=outcome(goal_completed_at=time(30))),
            [(0, TurnRole.GOAL), (1, TurnRole.SETBACK), (3, TurnRole.REACHED)],
        ),
        (
            SESSION,
            replace(ARC, outcome=outcome(goal_completed_at=time(29))),
            [(0, TurnRole.GOAL), (1, TurnRole.SETBACK), (2, TurnRole.REACHED)],
        ),
        (
            SESSION,
            replace(ARC, outcome=outcome(goal_complete=False, goal_completed_at=time(30))),
            [(0, TurnRole.GOAL), (1, TurnRole.SETBACK), (2, TurnRole.LARGEST_CHANGE)],
        ),
        (SESSION, replace(ARC, prompt_ids=(TAX.id, THANKS.id)), [(2, TurnRole.GOAL)]),
    ],
)  # fmt: skip
def test_the_turns_that_mattered(
    events: list[Event], arc: SubSession | None, expected: list[tuple[int, TurnRole]]
) -> None:
    assert roles(*events, arc=arc) == expected


def test_no_to_a_question_is_no_setback() -> None:
    asks = response("Shall I round the tax as well?", 1)
    assert roles(FIX, asks, prompt("no", 2)) == [(0, TurnRole.GOAL)]
    assert roles(FIX, response("Done.", 1), prompt("no", 2)) == [(0, TurnRole.GOAL), (1, TurnRole.SETBACK)]


def test_however_long_it_was_three_turns_are_enough() -> None:
    assert (
        len(roles(*bug_fix(0), *(one for n in range(1, 40) for one in (replace(STILL, ts=time(n)), EDIT)))) <= KEY_TURNS
    )


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([], 0),
        ([5], 0),
        ([0, 15, 30], 30),
        ([0, 15.01, 20], 4.99),
        ([0, 10, 60, 75, 85, 200], 25),
    ],
)
def test_a_pause_of_more_than_a_quarter_of_an_hour_ends_a_stretch(minutes: list[float], expected: float) -> None:
    found = longest_focus([command("ls", at) for at in minutes])
    assert found.total_seconds() == pytest.approx(60 * expected)


@pytest.mark.parametrize("kind", [Kind.CONTEXT_CLEAR, Kind.CONTEXT_COMPACT])
def test_a_reset_of_the_context_ends_a_stretch(kind: Kind) -> None:
    found = longest_focus([command("ls", 0), command("ls", 10), event(kind, 14), command("ls", 20)])
    assert found == timedelta(minutes=10)


def test_most_of_a_session_is_its_arc_with_most_tokens() -> None:
    def arc(name: str, tokens: int, turns: int, state: State = State.SCORED) -> SubSession:
        return sub_session(name, measures=Measures(turn_count=turns, tokens=Tokens(tokens)), state=state)

    small, long, merged = arc("a", 5, 9), arc("b", 10, 2), arc("c", 99, 9, State.MERGED)
    assert main_arc([small, long, merged]) == long
    assert main_arc([arc("d", 0, 1), small, arc("e", 5, 10)]) == arc("e", 5, 10)
    assert main_arc([merged]) is main_arc([]) is None
