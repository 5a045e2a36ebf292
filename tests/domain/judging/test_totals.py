"""What a session amounts to."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.judging.totals import SessionTotals, totals
from domain.timeline import Attribution, Kind, Provenance, Tokens
from tests.make import BY_AI, BY_HAND, event, file_diff, prompt, tool_use


def test_a_session_without_events_amounts_to_nothing() -> None:
    assert totals([]) == SessionTotals(0, 0, 0, Tokens(), None, None)


def test_prompts_of_sub_agents_are_not_the_developers() -> None:
    assert totals([prompt("Fix it"), prompt("Search", agent_id="a1"), prompt("/clear")]).prompt_count == 2


def test_a_call_and_its_failed_result_are_one_call_and_one_error() -> None:
    use = tool_use("Bash", call_id="c1", input={"command": "make test"})
    result = event(Kind.TOOL_RESULT, 1, call_id="c1", tool="Bash", succeeded=False)
    found = totals([use, result])
    assert (found.tool_call_count, found.tool_error_count) == (1, 1)


def test_tokens_of_one_response_count_once() -> None:
    first = event(Kind.AI_RESPONSE, request_id="r1", tokens=Tokens(10, 1), cost_usd=Decimal("0.5"))
    last = event(Kind.AI_RESPONSE, 1, request_id="r1", tokens=Tokens(10, 7), cost_usd=Decimal("0.5"))
    found = totals([last, first])
    assert (found.tokens, found.cost_usd) == (Tokens(10, 7), Decimal("0.5"))


def test_attribution_weighs_changes_by_their_lines() -> None:
    revised = Provenance(Attribution.AI_REVISED_BY_HUMAN)
    unknown = file_diff("d", added=100, provenance=Provenance())
    changes = [
        file_diff("a", added=6, provenance=BY_AI),
        file_diff("b", added=1, removed=1, provenance=revised),
        file_diff("c", added=2, provenance=BY_HAND),
        unknown,
    ]
    assert totals(changes).ai_attribution_pct == 70.0
    assert totals([unknown]).ai_attribution_pct is None


def test_a_change_without_lines_weighs_one() -> None:
    touch = file_diff("a", added=0, provenance=BY_AI)
    assert totals([touch, file_diff("b", added=2, provenance=BY_HAND)]).ai_attribution_pct == 33.3


def test_shared_work_counts_half_and_halves_are_rounded_up() -> None:
    for shared in (Attribution.MIXED, Attribution.AI_REVISED_BY_HUMAN):
        assert totals([file_diff("a", added=3, provenance=Provenance(shared))]).ai_attribution_pct == 50.0
    sixteenth = [file_diff("a", added=1, provenance=BY_AI), file_diff("b", added=15, provenance=BY_HAND)]
    assert totals(sixteenth).ai_attribution_pct == 6.3
    by_system = file_diff("c", added=99, provenance=Provenance(Attribution.SYSTEM_GENERATED))
    assert totals([*sixteenth, by_system]).ai_attribution_pct == 6.3


@given(st.lists(st.tuples(st.integers(0, 500), st.booleans())))
def test_attribution_is_a_percentage(sizes: list[tuple[int, bool]]) -> None:
    changes = [file_diff("f", added=size, provenance=BY_AI if ai else BY_HAND) for size, ai in sizes]
    found = totals(changes).ai_attribution_pct
    assert found is None if not sizes else found is not None and 0 <= found <= 100
