"""The graph: all areas put together, with its limits."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

import strawberry
from strawberry.schema.config import StrawberryConfig

from domain.errors import DomainError, Invalid
from resolvers.context import Context
from schema import nodes
from schema.access import AccessMutations, AccessQueries, find_viewer
from schema.access_rules import AccessRuleQueries
from schema.alert_changes import AlertMutations
from schema.alerts import AlertQueries, AlertSubscriptions, find_alert, find_threshold
from schema.api_keys import ApiKeyMutations, ApiKeyQueries, find_api_key
from schema.arc_edits import ArcEditMutations
from schema.assessments import AssessmentMutations, AssessmentQueries, find_assessment
from schema.backfills import BackfillMutations, BackfillQueries, find_backfill
from schema.candidates import CandidateMutations, CandidateQueries, find_candidate
from schema.developers import DeveloperQueries, find_developer
from schema.drill_down import DrillDownQueries
from schema.erasure import ErasureMutations, ErasureQueries, find_erasure
from schema.event_definitions import EventDefinitionQueries
from schema.flags import FlagQueries, find_flag
from schema.ingest import IngestMutations
from schema.insight_advice import InsightAdviceMutations, InsightAdviceQueries
from schema.insight_changes import InsightMutations
from schema.insight_runs import InsightRunMutations, InsightRunQueries, InsightSubscriptions
from schema.insight_sharing import SharingMutations
from schema.insights import InsightQueries, find_insight
from schema.judging import JudgingQueries, find_sub_session
from schema.labels import LabelMutations
from schema.live import LiveSubscriptions
from schema.nodes import Id, Node
from schema.organisations import OrganisationMutations
from schema.published import Schema
from schema.ready_made import ReadyMadeMutations
from schema.report_schedules import ReportScheduleMutations, ReportScheduleQueries, find_report_schedule
from schema.reports import ReportMutations, ReportQueries, ReportSubscriptions, find_report
from schema.scores import ScoreQueries
from schema.session_changes import SessionMutations
from schema.sessions import SessionQueries, find_session
from schema.summaries_of_many import SessionInsightQueries
from schema.timeline import find_event, find_prompt
from schema.trends import TrendQueries
from schema.values import SCALARS, Info, read
from schema.verdict_appeals import AppealMutations
from schema.webhooks import WebhookMutations, WebhookQueries, find_delivery

_FIND: Mapping[str, Callable[[Context, str], Awaitable[object]]] = {
    "Session": find_session,
    "SubSession": find_sub_session,
    "Event": find_event,
    "Prompt": find_prompt,
    "Flag": find_flag,
    "Developer": find_developer,
    "Viewer": find_viewer,
    "ApiKey": find_api_key,
    "Backfill": find_backfill,
    "Erasure": find_erasure,
    "Assessment": find_assessment,
    "Candidate": find_candidate,
    "Report": find_report,
    "WebhookDelivery": find_delivery,
    "ReportSchedule": find_report_schedule,
    "Insight": find_insight,
    "InsightThreshold": find_threshold,
    "InsightAlert": find_alert,
}

MOST_NODES = 100


async def _find(ctx: Context, id: str) -> object:
    """The object; None if it is not there for the caller. Raises Invalid."""
    global_id = nodes.decode(id)
    return await _FIND[global_id.type](ctx, global_id.key)


async def _find_one_of_many(ctx: Context, id: str) -> object:
    """As `_find`; an error stands in the list for its own item and leaves the others alone."""
    try:
        return await _find(ctx, id)
    except DomainError as error:
        return error


@strawberry.type
class NodeQueries:
    @strawberry.field(
        description="Any object by its global id; null if it is not there for the caller.", graphql_type=Node | None
    )
    @staticmethod
    async def node(info: Info, id: Id) -> object:
        return await _find(info.context, id)

    @strawberry.field(
        description="Objects by their global ids, in that order; null where one is not there for the caller. An id that"
        " is none is an error of its place alone.",
        graphql_type=list[Node | None],
    )
    @staticmethod
    async def nodes(
        info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100.")]
    ) -> list[object]:
        if len(ids) > MOST_NODES:
            raise Invalid(f"at most {MOST_NODES} ids")
        return list(await asyncio.gather(*(_find_one_of_many(info.context, id) for id in ids)))


@strawberry.type(description="Everything that can be asked.")
class Query(
    AccessQueries,
    DeveloperQueries,
    AccessRuleQueries,
    ApiKeyQueries,
    NodeQueries,
    SessionQueries,
    JudgingQueries,
    ScoreQueries,
    TrendQueries,
    SessionInsightQueries,
    EventDefinitionQueries,
    FlagQueries,
    BackfillQueries,
    ErasureQueries,
    AssessmentQueries,
    CandidateQueries,
    ReportQueries,
    WebhookQueries,
    ReportScheduleQueries,
    InsightQueries,
    InsightRunQueries,
    InsightAdviceQueries,
    DrillDownQueries,
    AlertQueries,
):
    pass


@strawberry.type(description="Everything that can be changed.")
class Mutation(
    AccessMutations,
    ApiKeyMutations,
    OrganisationMutations,
    LabelMutations,
    AppealMutations,
    ArcEditMutations,
    IngestMutations,
    BackfillMutations,
    ErasureMutations,
    AssessmentMutations,
    CandidateMutations,
    SessionMutations,
    ReportMutations,
    WebhookMutations,
    ReportScheduleMutations,
    InsightMutations,
    ReadyMadeMutations,
    InsightRunMutations,
    InsightAdviceMutations,
    SharingMutations,
    AlertMutations,
):
    pass


@strawberry.type(description="Everything that can be followed.")
class Subscription(LiveSubscriptions, ReportSubscriptions, InsightSubscriptions, AlertSubscriptions):
    pass


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map=SCALARS, default_resolver=read, info_class=Info),
)
