"""PRISM Score v3.0: how prompts are written, by window, by goal arc and by prompt."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.pillars
import resolvers.score_rows
from domain.judging.prompts import JudgedPrompt
from domain.judging.records import Evidence, Habit, Intent, JudgeStatus, Rubric, SubSession, TitleSource
from domain.judging.turns import prompt_text
from domain.scores.board import Board
from domain.scores.summary import Summary as InsightSummary
from domain.scores.windows import WindowKind
from domain.values import Span
from rest_compat import prism_asked
from rest_compat.dialect import Parameter
from rest_compat.prism_score import DIALECT, Count, Grade, Summary, Title, Uuid, arc_id
from rest_compat.wire import Time, number, plain

Share = Annotated[float, Field(ge=0, le=1)]
_RECENT, _MOST_RECENT = 50, 500
_RANGE, _MOST_OF_RANGE = 200, 1_000

RECENT_LIMIT = prism_asked.at_most(_RECENT, _MOST_RECENT)
RANGE = (
    Parameter("from", "Goal arcs that started at this time or later.", prism_asked.TIME, required=True),
    Parameter("to", "Goal arcs that started before this time.", prism_asked.TIME, required=True),
    prism_asked.at_most(_RANGE, _MOST_OF_RANGE),
)


@with_config(ConfigDict(extra="forbid"))
class PerBooleanBody(TypedDict):
    """Share of the graded goal arcs in which a habit shows, of those it applies to; null where it applies to none."""

    goal_explicit: Share | None
    scope_bounded: Share | None
    references_concrete: Share | None
    context_sufficient: Share | None
    verification_requested: Share | None
    root_cause_oriented: Share | None
    plan_first: Share | None


@with_config(ConfigDict(extra="forbid"))
class SkillBody(TypedDict):
    """The average prompt grade of the current window, from 0 to 1, and its difference to the window before; null
    without graded arcs. `worst_pillar` is the habit that shows least."""

    window: WindowKind
    apg: Share | None
    delta_apg: Annotated[float, Field(ge=-1, le=1)] | None
    per_boolean: PerBooleanBody
    worst_pillar: Habit | None


class HabitsBody(TypedDict):
    """Whether each habit shows; null where it does not apply, or nothing was judged."""

    goal_explicit: bool | None
    scope_bounded: bool | None
    references_concrete: bool | None
    context_sufficient: bool | None
    verification_requested: bool | None
    root_cause_oriented: bool | None
    plan_first: bool | None


class ApplicabilityBody(TypedDict, total=False):
    """Which habits the intent asks for; empty while nothing was judged."""

    goal_explicit: bool
    scope_bounded: bool
    references_concrete: bool
    context_sufficient: bool
    verification_requested: bool
    root_cause_oriented: bool
    plan_first: bool


class HabitEvidenceBody(TypedDict):
    """The first prompt, or the planning, in which a habit shows, with a short quote."""

    habit: Habit
    event_ids: list[Uuid]
    quote: str | None


class RubricBody(HabitsBody):
    """How the prompts of a closed goal arc past the substance floor were graded. `created_at` is when it started."""

    score_v3_sub_session_id: Uuid
    intent_class: Intent | None
    letter_grade: Grade | None
    confidence: Share | None
    applicability: ApplicabilityBody
    judge_status: JudgeStatus
    title: Title | None
    summary: Summary | None
    title_source: TitleSource
    created_at: Time
    goal_complete: bool | None
    rework: bool
    judge_version: str
    evidence: list[HabitEvidenceBody]


@with_config(ConfigDict(extra="forbid"))
class IntentCountBody(TypedDict):
    intent_class: Intent | None
    count: Count


@with_config(ConfigDict(extra="forbid"))
class GradeCountBody(TypedDict):
    letter_grade: Grade
    count: Count


@with_config(ConfigDict(extra="forbid"))
class StatusCountBody(TypedDict):
    judge_status: JudgeStatus
    count: Count


@with_config(ConfigDict(extra="forbid"))
class InsightSummaryBody(TypedDict):
    """The rubric rows of the current window, `total` of them and `graded` with a grade, counted three ways.

    `apg` and `per_boolean` are those of skill; `letter_grade` is that of the average.
    """

    window: WindowKind
    total: Count
    graded: Count
    apg: Share | None
    letter_grade: Grade | None
    per_boolean: PerBooleanBody
    by_intent: list[IntentCountBody]
    by_grade: list[GradeCountBody]
    by_judge_status: list[StatusCountBody]


class PromptRubricBody(HabitsBody):
    """A prompt held to what applies to its arc; null what is looked for in the first two prompts only. Arcs have a
    grade and a confidence, prompts have none."""

    judge_status: Literal[JudgeStatus.OK]
    letter_grade: None
    confidence: None


class PromptBody(TypedDict):
    """What the developer wrote. Commands, and prompts of an arc that nobody judged, have no rubric."""

    prompt_id: Uuid
    turn_index: Count | None
    captured_at: Time
    prompt_text: str
    rubric: PromptRubricBody | None


async def get_skill(request: Request) -> Response:
    ctx, window = DIALECT.context(request), prism_asked.window(request)

    async def make() -> object:
        return _skill(await resolvers.pillars.get_board(ctx, window, count=2))

    return await DIALECT.kept(ctx, ("skill", window), make)


def _skill(board: Board) -> dict[str, object]:
    skill = board.skill
    return {
        "window": board.window.kind,
        "apg": number(skill.apg),
        "delta_apg": number(skill.delta_apg),
        "per_boolean": _per_boolean(skill.per_boolean),
        "worst_pillar": skill.worst_pillar,
    }


async def get_insight_summary(request: Request) -> Response:
    ctx, window = DIALECT.context(request), prism_asked.window(request)

    async def make() -> object:
        board = await resolvers.pillars.get_board(ctx, window, count=1)
        return {"window": board.window.kind, **_insight_summary(board.summary)}

    return await DIALECT.kept(ctx, ("insight summary", window), make)


def _insight_summary(summary: InsightSummary) -> dict[str, object]:
    return {
        "total": summary.total_count,
        "graded": summary.graded_count,
        "apg": number(summary.apg),
        "letter_grade": summary.letter_grade,
        "per_boolean": _per_boolean(summary.per_boolean),
        "by_intent": [{"intent_class": one.key, "count": one.count} for one in summary.by_intent],
        "by_grade": [{"letter_grade": one.key, "count": one.count} for one in summary.by_grade],
        "by_judge_status": [{"judge_status": one.key, "count": one.count} for one in summary.by_judge_status],
    }


def _per_boolean(shares: Mapping[Habit, Decimal | None]) -> dict[str, float | None]:
    return {habit.value: number(shares[habit]) for habit in Habit}


async def list_insight_sessions(request: Request) -> Response:
    ctx = DIALECT.context(request)
    limit = prism_asked.limit(request, _RECENT, _MOST_RECENT)
    arcs = await resolvers.score_rows.list_rubrics(ctx, limit)
    return DIALECT.answer([_rubric(arc) for arc in arcs])


async def list_insight_range(request: Request) -> Response:
    ctx = DIALECT.context(request)
    within = Span(prism_asked.required_time(request, "from"), prism_asked.required_time(request, "to"))
    limit = prism_asked.limit(request, _RANGE, _MOST_OF_RANGE)
    arcs = await resolvers.score_rows.list_rubrics(ctx, limit, within)
    return DIALECT.answer([_rubric(arc) for arc in arcs])


def _rubric(arc: SubSession) -> dict[str, object]:
    return {
        "score_v3_sub_session_id": str(arc.id),
        "intent_class": arc.rubric.intent,
        "letter_grade": arc.rubric.letter_grade,
        "confidence": arc.rubric.confidence,
        **_by_name(arc.rubric.habits),
        "applicability": _applicability(arc.rubric),
        "judge_status": arc.rubric.judge_status,
        "title": arc.label.title,
        "summary": arc.label.summary,
        "title_source": arc.label.title_source,
        "created_at": plain(arc.started_at),
        "goal_complete": arc.outcome.goal_complete,
        "rework": arc.rework is not None,
        "judge_version": arc.judge_version,
        "evidence": [_evidence(one) for one in arc.evidence if one.verdict == "rubric"],
    }


def _by_name(habits: Mapping[Habit, bool | None]) -> dict[str, bool | None]:
    return {habit.value: habits.get(habit) for habit in Habit}


def _applicability(rubric: Rubric) -> dict[str, bool]:
    if rubric.judge_status is not JudgeStatus.OK:
        return {}
    return {name: shown is not None for name, shown in _by_name(rubric.habits).items()}


def _evidence(evidence: Evidence) -> dict[str, object]:
    return {
        "habit": evidence.criterion,
        "event_ids": [str(id) for id in evidence.event_ids],
        "quote": evidence.quote,
    }


async def list_prompts(request: Request) -> Response:
    ctx = DIALECT.context(request)
    prompts = await resolvers.score_rows.list_prompts(ctx, arc_id(request))
    return DIALECT.answer([_prompt(prompt) for prompt in prompts])


def _prompt(prompt: JudgedPrompt) -> dict[str, object]:
    return {
        "prompt_id": str(prompt.event.id),
        "turn_index": prompt.turn_index,
        "captured_at": plain(prompt.event.ts),
        "prompt_text": prompt_text(prompt.event),
        "rubric": None if prompt.habits is None else _prompt_rubric(prompt.habits),
    }


def _prompt_rubric(habits: Mapping[Habit, bool | None]) -> dict[str, object]:
    return {"judge_status": JudgeStatus.OK, "letter_grade": None, "confidence": None, **_by_name(habits)}
