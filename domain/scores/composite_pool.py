"""The composite of several developers together."""

from collections.abc import Sequence
from dataclasses import fields, replace

from domain.scores.composite import Composite, PromptRubric
from domain.scores.composite_skill import letter, tier
from domain.scores.composite_weights import shared_out

_MEANS = (
    "skill", "sse", "pes", "ie", "crr", "fc", "qr", "speed_hours", "tokens_per_hour", "speed_10", "efficiency_10",
    "prism", "rlr", "first_try_rate", "rework_rate", "response_seconds", "pause_seconds",
)  # fmt: skip
_SUMS = ("active_hours", "prompt_count", "scored_prompt_count", "arc_count", "reset_count", "stretch_count")


def pooled(all: Sequence[Composite], nobody: Composite) -> Composite:
    """Metric by metric the mean of those who have it, weighted by their prompts; counts and hours are added up.

    A single developer's figures stay exactly theirs. `nobody`: what there is to say where nobody asked anything.
    """
    if len(all) == 1:
        return all[0]
    means = {name: _mean(all, [getattr(one, name) for one in all]) for name in _MEANS}
    found = replace(
        nobody,
        **{name: value for name, value in means.items() if value is not None},
        **{name: sum(getattr(one, name) for one in all) for name in _SUMS},
        rubric=_rubric([one for one in all if one.rubric is not None]),
        developer_count=sum(one.prompt_count > 0 for one in all),
    )
    return replace(
        found,
        skill_tier=None if found.skill is None else tier(found.skill),
        letter_grade=None if found.prism is None else letter(found.prism),
    )


def _mean(all: Sequence[Composite], values: Sequence[float | None]) -> float | None:
    return shared_out((one.prompt_count, value) for one, value in zip(all, values, strict=True))


def _rubric(all: Sequence[Composite]) -> PromptRubric | None:
    means = {field.name: _mean(all, [getattr(one.rubric, field.name) for one in all]) for field in fields(PromptRubric)}
    known = {name: value for name, value in means.items() if value is not None}
    return PromptRubric(**known) if known else None
