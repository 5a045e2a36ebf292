"""How sessions of one assessment compare."""

import strawberry

from schema.values import Long


@strawberry.type(description="Means over the sessions of a cohort that have a value; null where none has.")
class CohortMetrics:
    avg_duration_ms: Long | None = strawberry.field(description="Milliseconds from start to end, or last activity.")
    avg_prompt_count: float = strawberry.field(description="Prompts of the candidate, one decimal.")
    avg_command_fail_rate: float = strawberry.field(
        description="Commands that failed by those whose exit code is known, 0-1, three decimals."
    )
    avg_verify_intensity: float = strawberry.field(
        description="Runs of tests, linters, type checkers and builds by file change, two decimals."
    )
    avg_manual_edit_ratio: float = strawberry.field(
        description="Edits by hand, those revised by hand as half ones, by edits of known origin, 0-1, two decimals."
    )
    avg_first_change_latency_ms: Long | None = strawberry.field(
        description="Milliseconds from the start to the first file change."
    )
    test_pass_rate: float = strawberry.field(
        description="Percentage, 0-100, of sessions whose last run of tests had some that passed and none that failed."
    )


@strawberry.type(
    description="The share of the other sessions that one beats, 0-1 with three decimals: 1 is the best, ties beat"
    " nobody. Null where it has no value, or nobody else has."
)
class CohortPercentiles:
    duration_ms: float | None = strawberry.field(description="Shorter is better.")
    prompt_count: float | None = strawberry.field(description="Fewer are better.")
    command_fail_rate: float | None = strawberry.field(description="Lower is better.")
    verify_intensity: float | None = strawberry.field(description="Higher is better.")
    manual_edit_ratio: float | None = strawberry.field(description="Higher is better.")
    first_change_latency_ms: float | None = strawberry.field(description="Earlier is better.")


@strawberry.type(
    description="A session beside its cohort: the sessions of its assessment whose candidates completed it, ran out of"
    " time or were hired."
)
class CohortStats:
    session_count: int = strawberry.field(description="Sessions in the cohort.")
    metrics: CohortMetrics = strawberry.field(description="What the cohort is like.")
    percentiles: CohortPercentiles | None = strawberry.field(
        description="Where the session stands; null for one outside the cohort, and in a cohort of one."
    )
