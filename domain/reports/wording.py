"""What the things a report speaks of are called, and the sentences that stand for a cause or give advice."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from domain.judging.records import Habit, SubSession
from domain.judging.text import quote
from domain.languages import Message, Phrases, msgid
from domain.redaction import redact
from domain.reports.facts import Facts, MissReason, quoted, reason_of

TITLE_CHARS, QUOTE_CHARS = 90, 240


def shown(text: str, most: int = QUOTE_CHARS) -> str:
    """What was captured, on one line, without secrets, and not longer than a reader likes."""
    return quote(redact(text).text, most)


def titled(arc: SubSession, say: Phrases) -> str:
    return shown(arc.label.title or "", TITLE_CHARS) or say.say("an untitled goal")


HABITS: Mapping[Habit, Message] = {
    Habit.GOAL_EXPLICIT: msgid("Saying what is wanted"),
    Habit.SCOPE_BOUNDED: msgid("Setting limits"),
    Habit.REFERENCES_CONCRETE: msgid("Naming files and functions"),
    Habit.CONTEXT_SUFFICIENT: msgid("Bringing the evidence along"),
    Habit.VERIFICATION_REQUESTED: msgid("Asking for a check"),
    Habit.ROOT_CAUSE_ORIENTED: msgid("Asking for the cause"),
    Habit.PLAN_FIRST: msgid("Planning first"),
}

TIPS: Mapping[Habit, Message] = {
    Habit.GOAL_EXPLICIT: msgid("Open with the result in one sentence: what should be true when it is done?"),
    Habit.SCOPE_BOUNDED: msgid(
        "Say what is to be left alone, or name the one file that it is about. Small changes are easy to check."
    ),
    Habit.REFERENCES_CONCRETE: msgid(
        "Name the file, the function or the line that you mean. It saves a search, and sometimes a wrong guess."
    ),
    Habit.CONTEXT_SUFFICIENT: msgid("Paste the error, the failing output or an example instead of describing it."),
    Habit.VERIFICATION_REQUESTED: msgid(
        "End a request with how it is to be proven: the test that must pass, or the command that must run."
    ),
    Habit.ROOT_CAUSE_ORIENTED: msgid("When something is broken, ask why it is before you ask for the fix."),
    Habit.PLAN_FIRST: msgid("For anything larger than a small change, agree on a plan before code is written."),
}


class Miss(NamedTuple):
    """How goals that were missed for one reason are headed, what happened to one of them, and what helps.

    The story may quote what the evidence to `criterion` shows. What somebody said needs no advice.
    """

    label: Message
    story: Message
    advice: Message | None = None
    criterion: str | None = None


_UNDONE = Miss(
    msgid("Undone later"),
    msgid("It was reached, but later work took it back."),
    msgid("Have a test written that fails without the change: what is proven is seldom undone."),
)

MISSES: Mapping[MissReason, Miss] = {
    MissReason.APPEALED: Miss(
        msgid("Not reached, says its developer"), msgid("Its developer says it was not reached.")
    ),
    MissReason.REVERTED: _UNDONE,
    MissReason.REWRITTEN: _UNDONE,
    MissReason.DELETED: _UNDONE,
    MissReason.TAKEN_BACK: Miss(
        msgid("Taken back"), msgid("In the end its own changes were taken back."), TIPS[Habit.PLAN_FIRST]
    ),
    MissReason.OBJECTION: Miss(
        msgid("Ended in an objection"),
        msgid("The last word on it was an objection: “{quote}”"),
        msgid("Say what you see and what you expected instead, and let that one thing be finished first."),
        "objection",
    ),
    MissReason.INTERRUPTED: Miss(
        msgid("Stopped half-way"),
        msgid("It was stopped half-way and not taken up again."),
        msgid("Ask for smaller steps: a wrong turn shows sooner and costs less."),
    ),
    MissReason.FAILED_RUN: Miss(
        msgid("The last run failed"),
        msgid("The last thing that ran had failed: {quote}"),
        TIPS[Habit.VERIFICATION_REQUESTED],
        "last_run_failed",
    ),
    MissReason.UNANSWERED: Miss(
        msgid("No full answer"),
        msgid("It ended without a full answer."),
        msgid("Ask one question at a time, and say what the answer is for."),
    ),
    MissReason.UNCHANGED: Miss(
        msgid("Nothing changed"), msgid("Nothing was changed in the end."), TIPS[Habit.GOAL_EXPLICIT]
    ),
    MissReason.UNPROVEN: Miss(
        msgid("Nothing shows that it works"),
        msgid("The change was made, but nothing shows that it works: no check, no commit, no word of thanks."),
        msgid("Close with a test run or a commit, so that it is known to work."),
    ),
}


def why_missed(arc: SubSession, say: Phrases) -> str:
    """A sentence, with what was said or run; its heading where that was not captured."""
    miss = MISSES[reason_of(arc)]
    if miss.criterion is None:
        return say.say(miss.story)
    words = quoted(arc, miss.criterion)
    return say.say(miss.label) if words is None else say.say(miss.story, quote=shown(words))


def why_reached(arc: SubSession, say: Phrases) -> str:
    """A sentence on what speaks for it most."""
    if words := quoted(arc, "acceptance"):
        return say.say("The work was accepted: “{quote}”", quote=shown(words))
    if check := quoted(arc, "check_passed"):
        return say.say("A check passed after the last change: {quote}", quote=shown(check))
    if any(item.criterion in ("commit", "delivery") for item in arc.evidence):
        return say.say("The result was committed.")
    return say.say("It came to a proper end, and nobody objected.")


@dataclass(frozen=True, slots=True)
class Category:
    """Goals that were missed in one way, with what they cost as far as it is known."""

    label: str
    count: int
    tokens: int
    cost_usd: Decimal
    advice: str | None


def categories(facts: Facts, say: Phrases) -> list[Category]:
    """How goals were missed, the most frequent way first; what came undone counts as one."""
    found: dict[str, Category] = {}
    for one in facts.missed:
        miss = MISSES[one.reason]
        label, advice = say.say(miss.label), None if miss.advice is None else say.say(miss.advice)
        old = found.get(label) or Category(label, 0, 0, Decimal(0), advice)
        found[label] = Category(
            label, old.count + one.count, old.tokens + one.tokens, old.cost_usd + one.cost_usd, advice
        )
    return sorted(found.values(), key=lambda one: -one.count)
