"""Which sessions a list holds, and in which order."""

from enum import StrEnum
from typing import Annotated, TypeVar

import strawberry

from domain import search
from domain.errors import Invalid
from domain.sessions import ArcOutcome, Bounds, SessionFilter, SessionOrder, SessionSort
from schema import nodes
from schema.values import Long, TimeRangeInput, describe, plain, span

N = TypeVar("N", int, float)

describe(
    SessionOrder,
    "What sessions are sorted by.",
    {
        "start": "When they began.",
        "activity": "Their latest event.",
        "duration": "How long they took, to their end or latest event.",
        "tokens": "The tokens of all their responses.",
        "cost": "What they cost; those without a price come last.",
        "errors": "Their failed tool calls and errors of the model's service.",
        "relevance": "How well they meet `filter.search`.",
    },
    name="SessionSortKey",
)
describe(
    ArcOutcome,
    "How the work on a goal came out.",
    {
        "crushed": "The goal was reached, and nothing undid it.",
        "missed": "It counts for the score, and the goal was not reached or the work undone.",
        "pending": "Work has ended and is not judged yet.",
    },
)


class SortDirection(StrEnum):
    ASC = "asc"
    DESC = "desc"


describe(
    SortDirection,
    "Which way a list runs. What has no value comes last either way.",
    {"asc": "The least first.", "desc": "The most first."},
)


@strawberry.input(description="The order of a list of sessions.")
class SessionSortInput:
    by: SessionOrder = strawberry.field(description="What they are sorted by.")
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Which way.")

    def wanted(self) -> SessionSort:
        return SessionSort(self.by, self.direction is SortDirection.DESC)


@strawberry.input(description="Whole numbers between two bounds, which belong to it; a side left out is open.")
class LongRangeInput:
    least: Long | None = strawberry.field(name="min", default=None, description="The least.")
    most: Long | None = strawberry.field(name="max", default=None, description="The most.")


@strawberry.input(description="Numbers between two bounds, which belong to it; a side left out is open.")
class FloatRangeInput:
    least: float | None = strawberry.field(name="min", default=None, description="The least.")
    most: float | None = strawberry.field(name="max", default=None, description="The most.")


@strawberry.input(description="How the goal arcs that began in a session came out; all given conditions must hold.")
class SessionOutcomeInput:
    any: list[ArcOutcome] | None = strawberry.field(
        default=None, description="At least one arc came out in one of these ways."
    )
    crushed_share: FloatRangeInput | None = strawberry.field(
        default=None, description="Share of crushed arcs among those that count for the score, 0-1."
    )


@strawberry.input(description="Which sessions; all given conditions must hold. Figures are as of the last judging.")
class SessionFilterInput:
    started_at: TimeRangeInput | None = strawberry.field(default=None, description="When the session began.")
    developer: strawberry.ID | None = strawberry.field(default=None, description="Whose sessions: a developer's id.")
    assessment: strawberry.ID | None = strawberry.field(
        default=None, description="Those of candidates who were invited to this assessment."
    )
    source_service: str | None = strawberry.field(
        default=None, description="The tool, such as `claude-code`; `-` and `_` are the same."
    )
    search: str | None = strawberry.field(
        default=None,
        description="Words of its title, of the titles and summaries of its arcs, or of its prompts. All must be"
        ' there: `"half up"` as they stand, `round*` for a beginning, `-word` for what must not be there, `or` between'
        " alternatives. Case and accents do not matter; names such as `getUserName` are found by their parts, too.",
    )
    project: str | None = strawberry.field(default=None, description="As `Session.project` has it.")
    repository: str | None = strawberry.field(
        default=None, description="`repoUrl` of its metadata, with or without `.git` at the end."
    )
    branch: str | None = strawberry.field(default=None, description="As `Session.branch` has it.")
    last_activity_at: TimeRangeInput | None = strawberry.field(default=None, description="When its latest event was.")
    tokens: LongRangeInput | None = strawberry.field(default=None, description="Tokens of all its responses.")
    cost_usd: FloatRangeInput | None = strawberry.field(
        default=None, description="US dollars; sessions without a price have none."
    )
    outcome: SessionOutcomeInput | None = strawberry.field(default=None, description="How its goal arcs came out.")
    tool_errors: LongRangeInput | None = strawberry.field(default=None, description="Tool calls that failed.")
    api_errors: LongRangeInput | None = strawberry.field(default=None, description="Errors of the model's service.")
    has_commits: bool | None = strawberry.field(default=None, description="Whether it made a commit.")
    has_pull_request: bool | None = strawberry.field(default=None, description="Whether it opened a pull request.")

    def wanted(self) -> SessionFilter:
        """Raises Invalid."""
        outcome = self.outcome or SessionOutcomeInput()
        return SessionFilter(
            within=span(self.started_at),
            user_id=None if self.developer is None else nodes.user_id(self.developer),
            assessment_id=None if self.assessment is None else nodes.assessment_id(self.assessment),
            source_service=plain(self.source_service),
            project=plain(self.project),
            repository=plain(self.repository),
            branch=plain(self.branch),
            search=None if self.search is None else search.read(self.search),
            active=span(self.last_activity_at),
            tokens=_whole(self.tokens),
            cost_usd=_numbers(self.cost_usd),
            tool_errors=_whole(self.tool_errors),
            api_errors=_whole(self.api_errors),
            any_arc=tuple(dict.fromkeys(outcome.any or ())),
            crushed_share=_numbers(outcome.crushed_share),
            has_commits=self.has_commits,
            has_pull_request=self.has_pull_request,
        )


def _whole(given: LongRangeInput | None) -> Bounds[int]:
    return Bounds() if given is None else _bounds(given.least, given.most)


def _numbers(given: FloatRangeInput | None) -> Bounds[float]:
    return Bounds() if given is None else _bounds(given.least, given.most)


def _bounds(least: N | None, most: N | None) -> Bounds[N]:
    if least is not None and most is not None and least > most:
        raise Invalid("min must not be above max")
    return Bounds(least, most)


Filter = Annotated[SessionFilterInput | None, strawberry.argument(description="Which; all if left out.")]
Sort = Annotated[
    SessionSortInput | None,
    strawberry.argument(
        description="In which order. Left out: with a search by relevance, else by start, newest first."
    ),
]
