"""What a query of insights comes to at a moment: a result, how old it is, and how a run stands."""

from datetime import datetime

import strawberry

import domain.insights.runs as runs
from domain.insights.errors import InsightFault
from domain.insights.runs import Refresh, RunState
from schema.insight_results import InsightResult
from schema.values import describe

describe(
    Refresh,
    "How much is left to results that are kept.",
    {
        "force_cache": "Whatever is kept, however old; nothing is computed.",
        "blocking": "Computed first, unless what is kept is fresh.",
        "async": "What is kept at once; computed meanwhile unless it is fresh.",
        "lazy_async": "The same, with more patience.",
        "async_except_on_cache_miss": "As ASYNC where something is kept, as BLOCKING where nothing is.",
        "force_blocking": "Computed first, whatever is kept.",
        "force_async": "Computed meanwhile, whatever is kept.",
    },
    name="InsightRefresh",
)
describe(
    RunState,
    "How far a run is.",
    {
        "waiting": "Nobody has begun it.",
        "running": "It is being computed.",
        "completed": "There is a result.",
        "failed": "There is none; `failure` says why.",
        "cancelled": "Nobody wanted it any more.",
    },
    name="InsightRunState",
)
describe(
    InsightFault,
    "What is wrong with a query, or with what was to be done.",
    {
        InsightFault.INVALID_QUERY: "It cannot be computed as it stands.",
        InsightFault.UNKNOWN_FIELD: "It says something that nobody knows.",
        InsightFault.NOT_SUPPORTED: "It asks for something that is not computed here.",
        InsightFault.TOO_COSTLY: "It took too much time or memory; the message says what to ask less of.",
        InsightFault.CANCELLED: "It was taken back.",
        InsightFault.INVALID: "Something else in the input cannot be.",
        InsightFault.INVALID_ID: "The id is none, or that of another type.",
        InsightFault.NOT_FOUND: "There is no such thing within reach.",
    },
    name="InsightErrorCode",
)


@strawberry.type(description="Why a run has no result.")
class InsightRunFailure:
    code: InsightFault = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people.")


@strawberry.type(description="A computation in the background, as whoever asked for it sees it.")
class InsightRun:
    state: RunState = strawberry.field(description="How far it is.")
    failure: InsightRunFailure | None = strawberry.field(description="Why it has failed; null unless it has.")
    started_at: datetime = strawberry.field(description="When it was asked for.")
    picked_up_at: datetime | None = strawberry.field(description="When it was begun; null until then.")
    ended_at: datetime | None = strawberry.field(description="When it was over; null until then.")
    expires_at: datetime = strawberry.field(description="When it is forgotten.")

    @strawberry.field(description="What to ask after it, or cancel it, by.")
    @staticmethod
    def query_id(parent: strawberry.Parent[runs.RunStatus]) -> str:
        return parent.id


@strawberry.type(description="A result, if there is one, and how old it is.")
class InsightOutcome:
    result: InsightResult | None = strawberry.field(
        description="Null where nothing is kept and nothing was computed, and of queries that are only stored."
    )
    is_cached: bool = strawberry.field(name="cached", description="Whether it was kept from before.")
    last_refresh: datetime | None = strawberry.field(
        name="lastRefreshAt", description="When it was computed; null without one."
    )
    cache_target_age: datetime | None = strawberry.field(
        name="staleAt", description="Until when it is fresh; null without one."
    )
    next_allowed_client_refresh: datetime | None = strawberry.field(
        name="nextRefreshAt", description="When to ask for a newer one; null without one."
    )
    status: InsightRun | None = strawberry.field(
        name="run", description="The computation that goes on in the background; null: none."
    )
    cursor: str | None = strawberry.field(
        description="Names this result: `insightResult` goes on after it. Null without one."
    )
