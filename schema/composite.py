"""The older score: the composite of skill, efficiency and speed."""

from datetime import datetime

import strawberry

from domain.scores.composite import SkillTier
from schema.values import describe

describe(
    SkillTier,
    "How far somebody has come, by Skill.",
    {
        "novice": "Below 30.",
        "practitioner": "From 30.",
        "proficient": "From 50.",
        "expert": "From 70.",
        "elite": "From 90.",
    },
)


@strawberry.type(
    description="How prompts were put: means over the scored ones, 0-10 with two decimals, more is better."
)
class PromptMarks:
    context_leverage: float = strawberry.field(
        description="Share of what the work needs that prompts name (files, lines) and bring along (errors, code)."
    )
    information_density: float = strawberry.field(
        description="How many words carry something: full from five such words on and 40 % of all."
    )
    turn_economy: float = strawberry.field(
        description="10 / (1 + prompts right after it that objected or said the same again)."
    )
    ambiguity_cost: float = strawberry.field(
        description="Share of what is left open to no guess: the goal, the scope, how it is checked."
    )


@strawberry.type(
    description="The score of version 2.1, kept beside that of goal arcs: how somebody works with the assistant, what"
    " it takes, how much of it there is. Of a period as far as it is over."
)
class CompositeScore:
    period__start: datetime = strawberry.field(name="from", description="The first moment of the period.")
    period__end: datetime = strawberry.field(name="to", description="The first moment after it.")
    skill: float | None = strawberry.field(
        description="10 * (0.45 sse + 0.20 pes + 0.15 ie + 0.10 crr + 0.10 fc), 0-100, one decimal. What is null shares"
        " out its weight; null without a prompt."
    )
    skill_tier: SkillTier | None = strawberry.field(description="By the exact Skill; null with it.")
    sse: float | None = strawberry.field(
        description="Sub-Session Efficiency, 0-10, two decimals: mean over arcs of 7.5 + 5 raw, or 7.5 + 7.5 raw below"
        " 0, within 0 and 10, where raw weighs ln(usual / actual), cut to -1 and 1, of tokens (0.30), turns (0.25),"
        " human time (0.30) and response time (0.15). Usual is the median of the eight weeks before; null with fewer"
        " than three arcs in them, or none in the period."
    )
    pes: float | None = strawberry.field(
        description="Prompt Efficiency Score, 0-10, two decimals: 0.35 informationDensity + 0.25 contextLeverage"
        " + 0.25 ambiguityCost + 0.15 turnEconomy; null without a scored prompt."
    )
    ie: float = strawberry.field(
        description="Iteration Efficiency, 0-10, two decimals: 5 + 5 ln(usual / actual), cut to -1 and 1, of prompts"
        " for each active hour. Usual is the median of the eight like periods before, in the first four weeks of two;"
        " 5 without two such, or without activity."
    )
    crr: float | None = strawberry.field(
        description="Context Reset Rate, 0-10, two decimals: 10 (1 - |resets / prompts - 0.15| / 0.10), not below 0;"
        " null without a prompt. Contexts that the agent compacts by itself do not count."
    )
    fc: float = strawberry.field(
        description="Flow Continuity, 0-10, two decimals: median minutes of uninterrupted stretches / 9, 10 at most. A"
        " gap of 15 minutes in all sessions ends one, and so does a reset; 0 without any."
    )
    qr: float = strawberry.field(
        description="Quality Rate, 0-1, two decimals: 1 - added lines of reworked arcs / added lines, of the period and"
        " of no less than the 14 days that end with it; 1 without lines."
    )
    speed_hours: float = strawberry.field(
        description="Speed: active hours a week times qr, two decimals; of a period shorter than a week those of the"
        " seven days that end with it."
    )
    tokens_per_hour: float | None = strawberry.field(
        description="Efficiency: input and output tokens for each active hour, whole, less is better; null without"
        " active hours or tokens."
    )
    speed_10: float = strawberry.field(
        name="speedPoints",
        description="Of speedHours / 25 on 0-10, two decimals: with x its ln, cut to -1 and 1, 7 + 3x, or 7 + 7x where"
        " x is below 0; 0 without hours.",
    )
    efficiency_10: float | None = strawberry.field(
        name="efficiencyPoints",
        description="Of 75,000 / tokensPerHour on 0-10, as speedPoints; null with tokensPerHour.",
    )
    prism: float | None = strawberry.field(
        description="Developer PRISM: 0.50 skill / 10 + 0.30 efficiencyPoints + 0.20 speedPoints, 0-10, two decimals."
        " Without an efficiency its weight is shared out; null with skill."
    )
    letter_grade: str | None = strawberry.field(
        description="By the exact PRISM: A+ from 9.5, A 9, A- 8.5, B+ 8, B 7, B- 6.5, C+ 6, C 5, D 3, F; null with it."
    )
    rubric: PromptMarks | None = strawberry.field(name="promptMarks", description="What pes is made of; null with it.")
    rlr: float | None = strawberry.field(
        description="Retry loop rate: prompts that object to the answer before or repeat the prompt before, of all,"
        " 0-1, two decimals; null without a prompt."
    )
    first_try_rate: float | None = strawberry.field(
        description="Scored prompts after which nothing had to be put right, of all scored ones, 0-1, two decimals;"
        " null without any."
    )
    rework_rate: float | None = strawberry.field(
        description="Arcs that added lines and were reworked, of all that added lines, over the days of qr, 0-1, two"
        " decimals; null without any."
    )
    response_seconds: float | None = strawberry.field(
        description="Median seconds that the assistant worked on a prompt, five minutes of a gap at most; null without"
        " an answer."
    )
    pause_seconds: float | None = strawberry.field(
        description="Median seconds from the end of an answer to the next prompt, those of more than an hour left out;"
        " null without any."
    )
    active_hours: float = strawberry.field(
        description="Sum of the gaps between the events of a session, five minutes of each at most; sessions at the"
        " same time count once. Two decimals."
    )
    prompt_count: int = strawberry.field(description="Prompts of people, commands left out.")
    scored_prompt_count: int = strawberry.field(
        description="Those with marks: no questions, no talk about the assistant, no `go on`, `thanks` or `commit`."
    )
    arc_count: int = strawberry.field(description="Closed arcs past the floor that began in the period.")
    reset_count: int = strawberry.field(description="Contexts that were cleared or compacted by hand.")
    stretch_count: int = strawberry.field(description="Stretches of uninterrupted work.")
    developer_count: int = strawberry.field(description="Developers that this is of; those without a prompt left out.")
