"""Whether the goal of a closed arc was reached (domain reference, section 8).

What was seen adds to or takes from a confidence of 0.30, in whole hundredths; the goal counts as reached when the
developer accepted the work and did not object later, or when the confidence is at least the floor of the intent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.judging.arcs import Arc
from domain.judging.rationale import rationale
from domain.judging.reactions import acceptance, doubt, ends_in_question, objection
from domain.judging.records import TALK, CloseReason, Evidence, Intent, Outcome
from domain.judging.text import bounded, quote
from domain.judging.turns import Speech, Turn, asks_delivery
from domain.judging.work import Run, Work, command_line
from domain.timeline import Event, Kind

BASE = 30
ACCEPTED = 90
"""Explicit acceptance lifts the confidence to this."""
FLOORS = {
    Intent.QUESTION: 50,
    Intent.INVESTIGATION: 60,
    Intent.REVIEW: 60,
    Intent.PLAN: 60,
    Intent.SMALL_CHANGE: 60,
    Intent.BUG_FIX: 70,
    Intent.FEATURE: 70,
    Intent.REFACTOR: 70,
}
ANSWER_CHARS = 200

TALK_POINTS = {"answer": 35, "verdict_words": 15, "moved_on": 10, "objection": -40, "interrupted": -40}
CODE_POINTS = {
    "answer": 5,
    "change": 20,
    "check_passed": 25,
    "commit": 20,
    "moved_on": 5,
    "objection": -40,
    "interrupted": -40,
    "last_run_failed": -35,
    "taken_back": -40,
}

_VERDICT_WORDS = re.compile(
    r"""\b(?:because|conclusions?|recommend(?:ed|ation|ations)?|root\ cause|the\ cause\ is|caused\ by|therefore
        |summary|verdict|findings?|the\ reason|in\ short)\b | (?:^[ \t]*(?:[-*•]|\d{1,2}[.)])[ ].*\n+){2,}""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_GAVE_UP = re.compile(
    r"""\bI(?:'m|\ am|\ was)?\ (?:unable\ to|not\ able\ to|could\ not|couldn't|cannot|can't)
        \ (?:complete|proceed|continue|finish|access|run|perform)\b
        | \bI\ (?:don't|do\ not)\ have\ (?:access|permission)\b""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sign:
    """One observation: what it speaks to, the events that show it (the last of them dates it), and a quote."""

    criterion: str
    events: tuple[Event, ...]
    quote: str | None = None

    @property
    def at(self) -> datetime:
        return self.events[-1].ts


@dataclass(frozen=True, slots=True)
class Course:
    """An arc as the outcome rules see it."""

    arc: Arc
    turns: Sequence[Turn]
    work: Work
    intent: Intent

    @property
    def events(self) -> Sequence[Event]:
        return self.arc.events

    @property
    def last_prompt(self) -> int:
        """The index of the last user turn's prompt; -1 without one."""
        return self.turns[-1].index if self.turns else -1

    @property
    def anchor(self) -> int:
        """Where evidence begins to count: at the last edit, or at the last turn where nothing was edited."""
        return self.last_prompt if self.work.last_edit is None else self.work.last_edit


def judge_outcome(
    arc: Arc, turns: Sequence[Turn], work: Work, intent: Intent | None
) -> tuple[Outcome, tuple[Evidence, ...]]:
    """The outcome of a closed arc and the evidence for it. An open arc, or one without an intent, stays unjudged."""
    if arc.closed_at is None or intent is None:
        return Outcome(None, None, False, None, None), ()
    course = Course(arc, turns, work, intent)
    accepted = _acceptance(course)
    signs = _talk_signs(course) if intent in TALK else _code_signs(course)
    points = TALK_POINTS if intent in TALK else CODE_POINTS
    weighed = [(sign, points[sign.criterion]) for sign in signs]
    confidence = min(100, max(0, BASE + sum(gain for _, gain in weighed)))
    if accepted is not None:
        weighed.insert(0, (accepted, max(0, ACCEPTED - confidence)))
        confidence = max(confidence, ACCEPTED)
    complete = accepted is not None or confidence >= FLOORS[intent]
    evidence = tuple(
        Evidence("outcome", sign.criterion, gain, tuple(event.id for event in sign.events), sign.quote)
        for sign, gain in weighed
    )
    outcome = Outcome(
        goal_complete=complete,
        completion_confidence=confidence / 100,
        explicit_acceptance=accepted is not None,
        goal_completed_at=_completed_at(weighed, FLOORS[intent], arc.closed_at, accepted) if complete else None,
        rationale=rationale(intent, complete, evidence, edited=bool(work.edits)),
    )
    return outcome, evidence


def _completed_at(
    weighed: Sequence[tuple[Sign, int]], floor: int, closed_at: datetime, accepted: Sign | None
) -> datetime:
    """When the evidence, taken in order of time, carried the confidence over the floor for good; else the close."""
    if accepted is not None:
        return accepted.at
    total, crossed = BASE, closed_at
    for sign, gain in sorted(weighed, key=lambda pair: pair[0].at):
        if total < floor <= total + gain:
            crossed = closed_at if sign.criterion == "moved_on" else sign.at
        total += gain
    return crossed


def _acceptance(course: Course) -> Sign | None:
    """The developer's acceptance that still stands: no later objection, failed check, interruption or revert."""
    found = _last_reaction(course)
    return None if found is None or any(sign.at > found.at for sign in _withdrawals(course)) else found


def _last_reaction(course: Course) -> Sign | None:
    """The last reaction to the work if it is acceptance; an objection is none. Without any, the approval of a plan."""
    for before, turn in reversed(list(zip(course.turns, course.turns[1:], strict=False))):
        if _objects(turn, before) is not None:
            return None
        if (said := acceptance(turn.text)) is not None:
            return Sign("acceptance", (turn.prompt,), said)
        if asks_delivery(turn.text) and (done := _delivered(course, turn)) is not None:
            return Sign("delivery", (turn.prompt, done), quote(turn.text))
    return _approved_plan(course)


def _approved_plan(course: Course) -> Sign | None:
    if course.intent is not Intent.PLAN:
        return None
    phases = [event for event in course.events if event.kind is Kind.PLANNING and "phase" in event.data]
    return Sign("plan_approved", (phases[-1],)) if phases and phases[-1].data["phase"] == "accepted" else None


def _delivered(course: Course, turn: Turn) -> Event | None:
    """The commit, push or pull request that was made in the turn that asked for it."""
    end = turn.index + len(turn.events)
    return next((course.events[i] for i in course.work.deliveries if turn.index < i <= end), None)


def _withdrawals(course: Course) -> list[Sign]:
    checks = [run for run in _late_runs(course) if run.check]
    failed = [Sign("last_run_failed", (run.event,)) for run in checks[-1:] if not run.passed]
    return [*failed, *_interrupted(course), *_taken_back(course)]


def _talk_signs(course: Course) -> list[Sign]:
    return [
        *_answer(course),
        *_verdict_words(course),
        *_moved_on(course),
        *_objection(course),
        *_interrupted(course),
    ]


def _code_signs(course: Course) -> list[Sign]:
    return [
        *_change(course),
        *_passed_check(course),
        *_commit(course),
        *_answer(course),
        *_moved_on(course),
        *_objection(course),
        *_interrupted(course),
        *_failed_run(course),
        *_taken_back(course),
    ]


def _last_message(course: Course) -> Event | None:
    """The assistant's last words in the last turn that asked for more than small talk or a delivery."""
    asked = [turn for turn in course.turns if turn.speech not in (Speech.CHATTER, Speech.DELIVERY)]
    spoken = [event for event in (asked[-1].events if asked else course.events) if _message(event)]
    return spoken[-1] if spoken else None


def _message(event: Event) -> str:
    text = event.data.get("text") if event.kind is Kind.AI_RESPONSE and event.agent_id is None else None
    return text.strip() if isinstance(text, str) else ""


def _answer(course: Course) -> list[Sign]:
    event = _last_message(course)
    if event is None or len(_message(event)) < ANSWER_CHARS or _GAVE_UP.search(bounded(_message(event))):
        return []
    return [Sign("answer", (event,), quote(_message(event)))]


def _verdict_words(course: Course) -> list[Sign]:
    event = _last_message(course)
    if event is None or _GAVE_UP.search(bounded(_message(event))):
        return []
    found = _VERDICT_WORDS.search(bounded(_message(event)))
    return [Sign("verdict_words", (event,), quote(found[0]))] if found else []


def _moved_on(course: Course) -> list[Sign]:
    """The developer went on to something else, or cleared the context, without a word against the work."""
    if course.arc.close_reason not in (CloseReason.TOPIC_SHIFT, CloseReason.CLEAR):
        return []
    return [] if _objection(course) or _interrupted(course) else [Sign("moved_on", (course.events[-1],))]


def _objection(course: Course) -> list[Sign]:
    """An objection or a doubt in the last user turn. An edit that follows it answers it, and has to prove itself."""
    if len(course.turns) < 2 or course.anchor > course.last_prompt:
        return []
    turn = course.turns[-1]
    said = _objects(turn, course.turns[-2]) or doubt(turn.text)
    return [] if said is None else [Sign("objection", (turn.prompt,), said)]


def _objects(turn: Turn, before: Turn) -> str | None:
    spoken = [text for event in before.events if (text := _message(event))]
    return objection(turn.text, answers_question=bool(spoken) and ends_in_question(spoken[-1]))


def _interrupted(course: Course) -> list[Sign]:
    """The developer stopped the assistant and the work was not taken up again: no word followed in that turn, and
    afterwards no edit, commit or passed check."""
    since = course.last_prompt if course.intent in TALK else min(course.anchor, course.last_prompt)
    stops = [i for i, event in enumerate(course.events) if event.kind is Kind.INTERRUPTION and event.agent_id is None]
    if not stops or stops[-1] < since:
        return []
    turn = [turn for turn in course.turns if turn.index < stops[-1]][-1:]
    end = turn[0].index + len(turn[0].events) if turn else len(course.events) - 1
    spoke = any(_message(event) for event in course.events[stops[-1] : end + 1])
    passed = [run.index for run in course.work.runs if run.check and run.passed]
    worked = any(index > stops[-1] for index in (*course.work.commits, *passed))
    return [] if spoke or worked else [Sign("interrupted", (course.events[stops[-1]],))]


def _change(course: Course) -> list[Sign]:
    if course.arc.measures.mutating_tool_calls == 0 and not course.work.edits:
        return []
    shown = [course.events[i] for i in course.work.edits] or [run.event for run in course.work.runs]
    event = shown[-1] if shown else course.events[-1]
    return [Sign("change", (event,), event.path or quote(command_line(event)) or None)]


def _late_runs(course: Course) -> list[Run]:
    return [run for run in course.work.runs if run.index >= course.anchor]


def _passed_check(course: Course) -> list[Sign]:
    passed = [run for run in _late_runs(course) if run.check and run.passed]
    return [Sign("check_passed", (passed[-1].event,), _shown(passed[-1]))] if passed else []


def _failed_run(course: Course) -> list[Sign]:
    """The last check, or the last command of all, ended in failure."""
    late = _late_runs(course)
    checks = [run for run in late if run.check]
    failed = [run for run in (*checks[-1:], *late[-1:]) if not run.passed]
    return [Sign("last_run_failed", (failed[0].event,), _shown(failed[0]))] if failed else []


def _shown(run: Run) -> str:
    return quote(command_line(run.event)) or run.name


def _commit(course: Course) -> list[Sign]:
    late = [course.events[i] for i in course.work.commits if i >= course.anchor]
    return [Sign("commit", (late[0],), None)] if late else []


def _taken_back(course: Course) -> list[Sign]:
    at = course.work.taken_back
    return (
        [] if at is None else [Sign("taken_back", (course.events[at],), quote(command_line(course.events[at])) or None)]
    )
