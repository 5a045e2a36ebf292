"""What a session amounts to (domain reference, section 16.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.judging.edits import FILE_KINDS, line_counts
from domain.judging.substance import measure
from domain.timeline import Attribution, Event, Kind, Tokens

SHARE_BY_AI = {
    Attribution.LIKELY_AI: 2,
    Attribution.AI_REVISED_BY_HUMAN: 1,
    Attribution.MIXED: 1,
    Attribution.LIKELY_HUMAN: 0,
}
"""In halves."""
_REQUEST = "pull_request"


@dataclass(frozen=True, slots=True)
class SessionTotals:
    """`ai_attribution_pct` is 0-100 with one decimal, None without a file change of known origin.

    `tokens_are_lower_bound` as of Measures.
    """

    prompt_count: int
    tool_call_count: int
    tool_error_count: int
    tokens: Tokens
    cost_usd: Decimal | None
    ai_attribution_pct: float | None
    api_error_count: int = 0
    commit_count: int = 0
    pull_request_count: int = 0
    tokens_are_lower_bound: bool = False


def totals(events: Sequence[Event]) -> SessionTotals:
    """Over the events of a session that count, in any order. Prompts of sub-agents are not the developer's."""
    measures = measure(events)
    return SessionTotals(
        prompt_count=sum(event.kind is Kind.PROMPT and event.agent_id is None for event in events),
        tool_call_count=measures.mutating_tool_calls + measures.read_only_tool_calls,
        tool_error_count=measures.tool_errors,
        tokens=measures.tokens,
        cost_usd=measures.cost_usd,
        ai_attribution_pct=_ai_attribution_pct(events),
        api_error_count=sum(event.kind is Kind.API_ERROR for event in events),
        commit_count=sum(event.git_action == "commit" for event in events),
        pull_request_count=len({event.text("url") or event.id for event in events if event.git_action == _REQUEST}),
        tokens_are_lower_bound=measures.tokens_are_lower_bound,
    )


def _ai_attribution_pct(events: Sequence[Event]) -> float | None:
    """Each change weighs as many lines as it touched, at least one; unknown and system changes are left out.
    Rounded half up."""
    by_ai = size = 0
    for event in events:
        share = SHARE_BY_AI.get(event.provenance.attribution)
        if event.kind in FILE_KINDS and share is not None:
            lines = max(1, sum(line_counts(event)))
            by_ai, size = by_ai + share * lines, size + 2 * lines
    return (2000 * by_ai + size) // (2 * size) / 10 if size else None
