"""The pillars of a score: speed, tokens, skill; and what informs without scoring: verdicts, integrity, trivia."""

from types import SimpleNamespace

import strawberry

import domain.scores.skill
from domain.judging.records import FlagKind, Habit, Intent, JudgeStatus, TriviaReason
from domain.scores.integrity import IntegrityBand
from domain.scores.skill import HabitPillar, SkillBand
from domain.scores.speed import SpeedBand
from domain.scores.tokens import TokensBand
from domain.scores.trivia import TriviaBand
from schema.timeline import Tokens
from schema.values import describe

describe(
    SpeedBand,
    "How fast goals are crushed, by `cspw`.",
    {
        "stalled": "Below 0.5 a working day.",
        "light": "From 0.5.",
        "steady": "From 1.5.",
        "crushing": "From 3.",
    },
)
describe(
    TokensBand,
    "What a goal takes, by `medianTokensPerCrush`.",
    {
        "tight": "Below 15,000 tokens.",
        "healthy": "From 15,000.",
        "heavy": "From 35,000.",
        "bloated": "From 70,000.",
    },
)
describe(
    SkillBand,
    "How well prompts are written, by `apg`.",
    {"poor": "Below 0.4.", "weak": "From 0.4.", "fair": "From 0.55.", "good": "From 0.7."},
)
describe(
    IntegrityBand,
    "How many integrity flags there are.",
    {"clean": "No flag.", "fair": "One or two.", "weak": "Three to five.", "poor": "Six or more."},
)
describe(
    TriviaBand,
    "How much is left out of the score, by `exclusionRate`.",
    {"low": "Below 0.15.", "normal": "From 0.15.", "elevated": "From 0.35.", "high": "From 0.55."},
)
describe(
    HabitPillar,
    "Prompt habits that belong together.",
    {
        "clarity": "`GOAL_EXPLICIT` and `SCOPE_BOUNDED`.",
        "context": "`REFERENCES_CONCRETE` and `CONTEXT_SUFFICIENT`.",
        "verification": "`VERIFICATION_REQUESTED` alone.",
        "workflow": "`ROOT_CAUSE_ORIENTED` and `PLAN_FIRST`.",
    },
)


@strawberry.type(description="How fast goals are reached.")
class SpeedPillar:
    cspw: float = strawberry.field(
        description="Crushed arcs per working day: crushedCount / workingDayCount, two decimals; 0 without any."
    )
    delta_cspw: float | None = strawberry.field(
        description="`cspw` minus that of `comparedWith`, two decimals; null where nothing qualified then."
    )
    crushed_count: int = strawberry.field(description="Qualifying arcs whose goal was reached and that lasted.")
    working_days: int = strawberry.field(
        name="workingDayCount",
        description="Mondays to Fridays from the start of the window to today, or to its end; at least 1.",
    )
    ttc_median_seconds: float | None = strawberry.field(
        description="Time to crush: median seconds from the first prompt of a crushed arc until its goal was reached,"
        " one decimal; null where `timedCount` is 0."
    )
    timed_count: int = strawberry.field(description="Crushed arcs of which both moments are known.")
    band: SpeedBand = strawberry.field(description="By the exact rate, before it is rounded.")
    sparkline: list[float] = strawberry.field(description="`cspw` of the last four windows, this one last.")


@strawberry.type(description="What goals cost. Tokens of qualifying arcs alone are counted.")
class TokensPillar:
    crush_weight: float | None = strawberry.field(
        description="Share of the tokens that crushed arcs spent, of all four classes, 0-1 with two decimals; null"
        " without tokens."
    )
    median_tokens_per_crush: float | None = strawberry.field(
        description="Of a crushed arc, of all four classes, one decimal; null where `crushedCount` is 0."
    )
    tet: float | None = strawberry.field(
        description="Trend: `medianTokensPerCrush` divided by that of `comparedWith`, two decimals; below 1 is cheaper."
        " Null where either has no crushed arc, or there were no tokens before."
    )
    tpt: float | None = strawberry.field(
        description="Input and output tokens for each qualifying arc, one decimal; null where `totalCount` is 0."
    )
    tokens_per_turn: float | None = strawberry.field(
        description="Input and output tokens for each turn of a qualifying arc, one decimal; null where `turnCount`"
        " is 0."
    )
    cpcs_estimate: float | None = strawberry.field(
        name="medianCostPerCrushUsd",
        description="US dollars of a crushed arc by its own models and token classes, two decimals: what REST calls"
        " `cpcs_estimate`. Null where `pricedCount` is 0.",
    )
    total_count: int = strawberry.field(description="Qualifying arcs.")
    crushed_count: int = strawberry.field(description="Those whose goal was reached and that lasted.")
    priced_count: int = strawberry.field(
        description="Crushed arcs of which every response has a price; the others are left out, never taken for free."
    )
    turn_count: int = strawberry.field(description="Turns of qualifying arcs.")
    lower_bound_count: int = strawberry.field(
        description="Qualifying arcs whose source is known to tell too few output tokens: with any, token counts and"
        " costs are at least what is shown."
    )
    breakdown: Tokens = strawberry.field(description="Tokens of all qualifying arcs by class; zeros without any.")
    band: TokensBand | None = strawberry.field(
        description="Null without a crushed arc, and where no tokens were captured."
    )
    sparkline: list[float | None] = strawberry.field(
        description="`crushWeight` of the last four windows, this one last; null where there were no tokens."
    )


@strawberry.type(description="In what share of the graded arcs that it applies to each habit shows.")
class HabitShares:
    """One member for each Habit, so that a client can name the one it draws."""

    goal_explicit: float | None = strawberry.field(description="0-1, two decimals; null where it applied to no arc.")
    scope_bounded: float | None = strawberry.field(description="As `goalExplicit`: limited in files or features.")
    references_concrete: float | None = strawberry.field(description="As `goalExplicit`: cites files, lines or names.")
    context_sufficient: float | None = strawberry.field(description="As `goalExplicit`: supplies what is needed.")
    verification_requested: float | None = strawberry.field(description="As `goalExplicit`: asks for a check.")
    root_cause_oriented: float | None = strawberry.field(description="As `goalExplicit`: aims at the cause.")
    plan_first: float | None = strawberry.field(description="As `goalExplicit`: opens with exploring or planning.")


@strawberry.type(description="How often a habit showed.")
class HabitShare:
    habit: Habit = strawberry.field(description="Which of the seven.")
    share: float | None = strawberry.field(
        description="Shown of applicable: shownCount / applicableCount, two decimals; null where it applied to no arc."
    )
    shown: int = strawberry.field(name="shownCount", description="Graded arcs whose prompts show it.")
    applicable: int = strawberry.field(name="applicableCount", description="Graded arcs whose intent calls for it.")


@strawberry.type(description="How often the habits of a group showed, all arcs and habits of it together.")
class HabitPillarShare:
    pillar: HabitPillar = strawberry.field(description="Which group.")
    share: float | None = strawberry.field(
        description="Shown of applicable: shownCount / applicableCount, two decimals; null where none applied."
    )
    shown: int = strawberry.field(name="shownCount", description="Times that a habit of it showed.")
    applicable: int = strawberry.field(name="applicableCount", description="Times that a habit of it applied.")


@strawberry.type(description="How well prompts are written. Closed arcs past the substance floor with a grade count.")
class SkillPillar:
    apg: float | None = strawberry.field(
        description="Average prompt grade: mean grade points / 100, 0-1 with two decimals; null where `gradedCount`"
        " is 0."
    )
    delta_apg: float | None = strawberry.field(
        description="`apg` minus that of `comparedWith`, two decimals; null where either is."
    )
    graded_count: int = strawberry.field(description="Arcs with a grade.")
    habits: list[HabitShare] = strawberry.field(description="All seven, in a fixed order.")
    pillars: list[HabitPillarShare] = strawberry.field(description="All four groups of habits, in a fixed order.")
    worst_pillar: Habit | None = strawberry.field(
        description="The habit with the lowest share, of equals the first; null where none applied."
    )
    band: SkillBand | None = strawberry.field(description="By the exact mean; null with `apg`.")

    @strawberry.field(description="The shares of the seven habits, by name.", graphql_type=HabitShares)
    @staticmethod
    def per_boolean(parent: strawberry.Parent[domain.scores.skill.Skill]) -> SimpleNamespace:
        return SimpleNamespace(**{habit.value: share for habit, share in parent.per_boolean.items()})


@strawberry.type(description="Arcs of an intent.")
class IntentCount:
    key: Intent | None = strawberry.field(name="intent", description="Null: none was established.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="Arcs with a grade.")
class GradeCount:
    key: str = strawberry.field(name="letterGrade", description="Of the prompts, A+ to F.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="Arcs that the judge came to this with.")
class JudgeStatusCount:
    key: JudgeStatus = strawberry.field(name="judgeStatus", description="Whether there is a verdict.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="Closed arcs past the substance floor, graded or not, counted three ways.")
class VerdictCounts:
    total_count: int = strawberry.field(description="All of them.")
    graded_count: int = strawberry.field(description="Those with a grade.")
    letter_grade: str | None = strawberry.field(
        name="averageLetterGrade", description="Of the exact average of all grades, A+ to F; null without any."
    )
    by_intent: list[IntentCount] = strawberry.field(
        description="The most frequent first, those without an intent last; adds up to `totalCount`."
    )
    by_grade: list[GradeCount] = strawberry.field(description="The best first; adds up to `gradedCount`.")
    by_judge_status: list[JudgeStatusCount] = strawberry.field(
        description="The most frequent first; adds up to `totalCount`."
    )


@strawberry.type(description="Integrity flags of a kind.")
class FlagKindCount:
    key: FlagKind = strawberry.field(name="kind", description="What they point at.")
    count: int = strawberry.field(description="How many; an arc has one of a kind at most.")


@strawberry.type(description="Integrity flags on closed arcs: they inform and change no score.")
class IntegrityCounts:
    by_kind: list[FlagKindCount] = strawberry.field(
        description="The most frequent first; kinds without a flag are left out."
    )
    total: int = strawberry.field(name="totalCount", description="All flags; an arc may bear several.")
    band: IntegrityBand = strawberry.field(description="By `totalCount`.")


@strawberry.type(description="Arcs left out of the score for a reason.")
class ExclusionReasonCount:
    key: TriviaReason = strawberry.field(name="reason", description="Why they were left out.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="Closed arcs that no score counts: below the substance floor, or without an intent.")
class TriviaCounts:
    by_reason: list[ExclusionReasonCount] = strawberry.field(
        description="The most frequent first; reasons that were never met are left out."
    )
    total: int = strawberry.field(name="totalCount", description="All of them.")
    exclusion_rate: float | None = strawberry.field(
        description="Share left out: totalCount / (totalCount + qualifying arcs), 0-1 with two decimals; null where"
        " both are 0."
    )
    band: TriviaBand | None = strawberry.field(description="By the exact rate; null with it.")
