"""One or two plain sentences for a verdict, as a colleague would write them."""

from collections.abc import Sequence

from domain.judging.records import Evidence, Intent

_REACHED = {
    Intent.QUESTION: "The question was answered and the developer did not ask back.",
    Intent.INVESTIGATION: "The investigation ended in a stated conclusion and the developer did not object.",
    Intent.REVIEW: "The review ended in a verdict that can be acted on, and the developer did not object.",
    Intent.PLAN: "A plan was laid out and the developer did not object.",
}
_UNANSWERED = {
    Intent.QUESTION: "No full answer followed the last prompt.",
    Intent.INVESTIGATION: "The assistant's last message states no conclusion.",
    Intent.REVIEW: "The assistant's last message gives no verdict.",
    Intent.PLAN: "The assistant's last message lays out no plan.",
}


def rationale(intent: Intent, complete: bool, evidence: Sequence[Evidence], *, edited: bool) -> str:
    """Why the goal counts as reached or not. `edited`: files were changed, not only commands run."""
    seen = {item.criterion: item for item in evidence}
    return _why_reached(intent, seen, edited=edited) if complete else _why_missed(intent, seen, edited=edited)


def _why_reached(intent: Intent, seen: dict[str, Evidence], *, edited: bool) -> str:
    if "acceptance" in seen:
        return f"The developer accepted the result: “{seen['acceptance'].quote}”."
    if "delivery" in seen:
        return "The developer asked for the work to be delivered, and that was done."
    if "plan_approved" in seen:
        return "The developer approved the plan."
    if intent in _REACHED:
        return _REACHED[intent]
    landed, after = ("The change landed", " after the last edit") if edited else ("The commands were run", "")
    if "check_passed" in seen and "commit" in seen:
        return f"{landed}, a check passed{after}, and it was committed."
    if "check_passed" in seen:
        return f"{landed} and a check passed{after}."
    return f"{landed} and it was committed." if "commit" in seen else f"{landed} and nobody objected."


def _why_missed(intent: Intent, seen: dict[str, Evidence], *, edited: bool) -> str:
    if "taken_back" in seen:
        return "The arc took its own edits back in the end."
    if "objection" in seen:
        return f"The developer's last word was an objection: “{seen['objection'].quote}”."
    if "interrupted" in seen:
        return "The developer stopped the last turn and the work did not go on."
    if "last_run_failed" in seen:
        return f"The last run failed: “{seen['last_run_failed'].quote}”."
    if intent in _UNANSWERED:
        return _UNANSWERED[intent]
    if "change" not in seen:
        return "Nothing was changed."
    landed = "The change landed" if edited else "Commands were run"
    return f"{landed}, but nothing shows that it works: no check passed after it, no commit, no word of acceptance."
