"""The composite of version 2.1, kept beside the score of goal arcs (domain reference, section 19).

Skill says how somebody works with the assistant, Efficiency what that takes, Speed how much of it there is and lasts.
Each part has a file of its own: `composite_efficiency`, `composite_prompts`, `composite_rhythm`, `composite_skill`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from domain.scores.rounding import rounded
from domain.scores.windows import Bounds
from domain.values import UserId


class SkillTier(StrEnum):
    """By Skill: from 0, 30, 50, 70 and 90."""

    NOVICE = "novice"
    PRACTITIONER = "practitioner"
    PROFICIENT = "proficient"
    EXPERT = "expert"
    ELITE = "elite"


@dataclass(frozen=True, slots=True)
class PromptRubric:
    """The four marks of a prompt, or the means of many: 0-10 each, and more is better also of `ambiguity_cost`."""

    context_leverage: float
    information_density: float
    turn_economy: float
    ambiguity_cost: float


@dataclass(frozen=True, slots=True)
class Composite:
    """Of one developer in one period, or of several together.

    `skill` is 0-100; `sse`, `pes`, `ie`, `crr`, `fc`, `speed_10`, `efficiency_10` and `prism` are 0-10; `qr` and rates
    are shares. None where there was nothing to measure: `skill` and all that rests on it without a prompt, `sse`
    without closed arcs or a history to compare them with, `pes` and `rubric` without a scored prompt, `crr`, `rlr`
    and `first_try_rate` without a prompt. `ie` is 5.0 without enough history, `fc` 0.0 without a stretch of work.
    """

    period: Bounds
    skill: float | None
    skill_tier: SkillTier | None
    sse: float | None
    """Sub-Session Efficiency: what arcs took, against the developer's own eight weeks before; 7.5 is as usual."""
    pes: float | None
    """Prompt Efficiency Score: how well prompts are put."""
    ie: float
    """Iteration Efficiency: prompts for each active hour, against the periods before; 5.0 is as usual."""
    crr: float | None
    """Context Reset Rate: 10.0 where 15 % of the prompts begin with a fresh or compacted context."""
    fc: float
    """Flow Continuity: 10.0 from a median of 90 uninterrupted minutes on."""
    qr: float
    """Quality Rate: the share of added lines that no later arc took back; 1.0 without lines."""
    speed_hours: float
    """Active hours a week, times `qr`."""
    tokens_per_hour: float | None
    """Efficiency: input and output tokens for each active hour, less is better; None without hours or tokens."""
    speed_10: float
    efficiency_10: float | None
    prism: float | None
    """Developer PRISM, of skill, efficiency and speed."""
    letter_grade: str | None
    rubric: PromptRubric | None
    """The means that `pes` is made of."""
    rlr: float | None
    """Retry loop rate: prompts that object to the answer before or say the same again, of all prompts."""
    first_try_rate: float | None
    """Scored prompts that nothing had to be put right after, of all scored ones."""
    rework_rate: float | None
    """Arcs that added lines and were reworked, of all that added lines; None without any."""
    response_seconds: float | None
    """Median time that the assistant worked on a prompt, gaps of more than five minutes cut to five."""
    pause_seconds: float | None
    """Median time from the end of an answer to the next prompt; absences of more than an hour left out."""
    active_hours: float
    prompt_count: int = 0
    scored_prompt_count: int = 0
    arc_count: int = 0
    """Closed arcs past the floor that began in the period; `sse` is the mean over those that can be compared."""
    reset_count: int = 0
    stretch_count: int = 0
    """Stretches of uninterrupted work, which `fc` is the median of."""
    developer_count: int = 0
    """Those with prompts: whose figures these are the mean of, weighted by them."""

    @property
    def rounded(self) -> "Composite":
        """As it is shown: half up, two decimals, `skill` and seconds one, `tokens_per_hour` none."""
        known = {name: value for name in _PLACES if (value := getattr(self, name)) is not None}
        given = {name: _shown(value, _PLACES[name]) for name, value in known.items()}
        marks = self.rubric and PromptRubric(**{name: _shown(getattr(self.rubric, name), 2) for name in _MARKS})
        return replace(self, rubric=marks, **given)


_MARKS = ("context_leverage", "information_density", "turn_economy", "ambiguity_cost")
_PLACES = dict.fromkeys(
    (
        *("sse", "pes", "ie", "crr", "fc", "qr", "speed_hours", "speed_10", "efficiency_10", "prism"),
        *("rlr", "first_try_rate", "rework_rate", "active_hours"),
    ),
    2,
) | {"skill": 1, "response_seconds": 1, "pause_seconds": 1, "tokens_per_hour": 0}


def _shown(value: float, places: int) -> float:
    return float(rounded(Fraction(str(value)), places))


@dataclass(frozen=True, slots=True)
class Composites:
    """One composite for each of `periods`, in their order: of each developer asked for, and of all of them together.

    Several developers are pooled metric by metric: the mean of those who have it, weighted by their prompts; a single
    one's figures stay exactly theirs.
    """

    periods: tuple[Bounds, ...]
    by_developer: Mapping[UserId, tuple[Composite, ...]]
    pooled: tuple[Composite, ...]
