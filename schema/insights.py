"""Insights that an organisation keeps: one, a list, and what they come to."""

from datetime import datetime
from typing import Annotated

import strawberry

import domain.access
import domain.activity as activity
import resolvers.activity
import resolvers.alerts
import resolvers.insight_results
import resolvers.insights
import resolvers.sharing
from domain.access import Scope
from domain.activity import ActivityKind, ChangeAction
from domain.errors import NotFound
from domain.insights.alerts import Alert, Threshold
from domain.insights.query import InsightType
from domain.insights.runs import Refresh
from domain.insights.saved import InsightFilter, InsightOrder, InsightSort, SavedInsight
from domain.insights.sharing import Sharing
from domain.values import JsonValue
from resolvers.context import Context
from resolvers.cursors import window
from resolvers.insight_runs import Outcome
from schema import nodes
from schema.alerts import InsightAlert, InsightThreshold
from schema.developers import Developer
from schema.insight_outcomes import InsightOutcome
from schema.insight_queries import InsightQuery, Shown, shown_document
from schema.insight_sharing import InsightSharing
from schema.nodes import Node
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.session_filters import SortDirection
from schema.values import Info, Json, TimeRangeInput, describe, plain, span

describe(
    InsightSort,
    "What insights are sorted by; equal ones by their number.",
    {
        "id": "When they were made, by their numbers.",
        "order": "The places somebody gave them; without one last.",
        "name": "Their names.",
        "derived_name": "What clients call them by themselves.",
        "short_id": "Their short ids.",
        "favorited": "Whether they are favourites.",
        "saved": "Whether they are saved.",
        "created_at": "When they were made.",
        "updated_at": "When anything about them changed.",
        "last_modified_at": "When name, description, query or tags changed.",
        "last_viewed_at": "When somebody looked at them.",
    },
    name="InsightSortKey",
)
describe(
    ActivityKind,
    "What happened to an insight.",
    {
        "created": "It was made.",
        "updated": "Something about it was changed.",
        "deleted": "It was deleted.",
        "restored": "It was brought back.",
        "sharing enabled": "A link to it opens from now on.",
        "sharing disabled": "No link to it opens any more.",
        "access token refreshed": "Its link has another token.",
    },
    name="InsightActivityKind",
)
describe(
    ChangeAction,
    "What became of a field.",
    {"created": "It got a value.", "changed": "It got another one.", "deleted": "It lost its value."},
    name="InsightFieldAction",
)

RefreshArgument = Annotated[Refresh, strawberry.argument(description="How much is left to results that are kept.")]


@strawberry.type(description="A question about the events of an organisation, kept under a name.")
class Insight(Node):
    short_id: strawberry.ID = strawberry.field(description="Eight characters, for links.")
    name: str | None = strawberry.field(description="What somebody called it; null: nobody did.")
    derived_name: str | None = strawberry.field(description="What a client calls it by itself.")
    description: str | None = strawberry.field(description="What it is about.")
    type: InsightType | None = strawberry.field(description="What kind of question it asks; null without a query.")
    tags: list[str] = strawberry.field(description="In order.")
    favorited: bool = strawberry.field(description="Whether it is a favourite of the organisation.")
    saved: bool = strawberry.field(description="Whether it was saved, and not only looked at.")
    folder: str | None = strawberry.field(description="Where it was put; null: nowhere.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When anything about it changed.")
    last_modified_at: datetime = strawberry.field(description="When name, description, query or tags changed.")
    last_viewed_at: datetime | None = strawberry.field(
        description="When somebody looked at it, to a minute; null: nobody did."
    )

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[SavedInsight]) -> str:
        return nodes.encode("Insight", parent.id)

    @strawberry.field(description="Its number, as the REST routes know it.", graphql_type=strawberry.ID)
    @staticmethod
    def raw_id(parent: strawberry.Parent[SavedInsight]) -> str:
        return str(parent.id)

    @strawberry.field(description="What it asks; null: nothing yet.", graphql_type=InsightQuery | None)
    @staticmethod
    def query(parent: strawberry.Parent[SavedInsight]) -> Shown | None:
        return None if parent.query is None else shown_document(parent.query)

    @strawberry.field(description="Who made it; null where the key may not see who.", graphql_type=Developer | None)
    @staticmethod
    async def created_by(parent: strawberry.Parent[SavedInsight], info: Info) -> domain.access.User | None:
        return await info.context.loaders.author.load(parent.created_by)

    @strawberry.field(
        description="Who changed it last; null where the key may not see who.", graphql_type=Developer | None
    )
    @staticmethod
    async def last_modified_by(parent: strawberry.Parent[SavedInsight], info: Info) -> domain.access.User | None:
        return await info.context.loaders.author.load(parent.last_modified_by)

    @strawberry.field(
        description="What it comes to, over the events that this key counts: without `refresh` what is kept. Null where"
        " that was to be computed and could not; `errors` says why.",
        graphql_type=InsightOutcome | None,
    )
    @staticmethod
    async def outcome(
        parent: strawberry.Parent[SavedInsight], info: Info, refresh: RefreshArgument = Refresh.FORCE_CACHE
    ) -> Outcome:
        if refresh is Refresh.FORCE_CACHE:
            return await resolvers.insight_results.kept_result_of(info.context, parent)
        return await resolvers.insight_results.new_result_of(info.context, parent, refresh)

    @strawberry.field(description="How it is shared by a link.", graphql_type=InsightSharing)
    @staticmethod
    async def sharing(parent: strawberry.Parent[SavedInsight], info: Info) -> Sharing:
        return await resolvers.sharing.sharing_of(info.context, parent.id)

    @strawberry.field(description="Its bounds, oldest first.", graphql_type=list[InsightThreshold])
    @staticmethod
    async def thresholds(parent: strawberry.Parent[SavedInsight], info: Info) -> list[Threshold]:
        return await resolvers.alerts.thresholds_of(info.context, parent.id)

    @strawberry.field(
        description="The alerts at them that this key sees, oldest first.", graphql_type=list[InsightAlert]
    )
    @staticmethod
    async def alerts(parent: strawberry.Parent[SavedInsight], info: Info) -> list[Alert]:
        return await resolvers.alerts.alerts_of(info.context, parent.id)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, SavedInsight)


@strawberry.input(description="Which insights a list holds; what is left out does not matter.")
class InsightFilterInput:
    type: InsightType | None = strawberry.field(default=None, description="Of this kind.")
    saved: bool | None = strawberry.field(default=None, description="Saved, or not.")
    favorited: bool | None = strawberry.field(default=None, description="Favourites, or not.")
    created_by_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, name="createdByIds", description="Made by one of these developers."
    )
    tags: list[str] | None = strawberry.field(default=None, description="With any of these tags.")
    folder: str | None = strawberry.field(default=None, description="In this folder.")
    search: str | None = strawberry.field(
        default=None, description="With this in name, description or a tag, whatever the case."
    )
    created: TimeRangeInput | None = strawberry.field(default=None, description="Made then; both ends are left out.")
    modified: TimeRangeInput | None = strawberry.field(
        default=None, description="Changed then; both ends are left out."
    )
    viewed: TimeRangeInput | None = strawberry.field(
        default=None, description="Looked at then; both ends are left out."
    )

    def wanted(self) -> InsightFilter:
        ids = self.created_by_ids
        return InsightFilter(
            type=self.type,
            saved=self.saved,
            favorited=self.favorited,
            created_by=None if ids is None else tuple(nodes.user_id(id) for id in ids),
            tags=None if self.tags is None else tuple(str(plain(tag)).strip().lower() for tag in self.tags),
            folder=plain(self.folder),
            search=plain(self.search),
            created=span(self.created),
            modified=span(self.modified),
            viewed=span(self.viewed),
        )


@strawberry.input(description="How insights are sorted.")
class InsightSortInput:
    by: InsightSort = strawberry.field(description="What they are sorted by.")
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Which way.")

    def wanted(self) -> InsightOrder:
        return InsightOrder(self.by, self.direction is SortDirection.DESC)


@strawberry.type(description="A field of an insight that was changed.")
class InsightFieldChange:
    field: str = strawberry.field(description="Which one, as the REST routes name it.")
    action: ChangeAction = strawberry.field(description="What became of it.")

    @strawberry.field(description="What it held; null: nothing.", graphql_type=Json | None)
    @staticmethod
    def before(parent: strawberry.Parent[activity.Change]) -> JsonValue:
        return parent.before

    @strawberry.field(description="What it holds; null: nothing.", graphql_type=Json | None)
    @staticmethod
    def after(parent: strawberry.Parent[activity.Change]) -> JsonValue:
        return parent.after


@strawberry.type(description="Something that happened to an insight.")
class InsightActivity:
    kind: ActivityKind = strawberry.field(description="What happened.")
    name: str | None = strawberry.field(description="What the insight was called then.")
    short_id: strawberry.ID = strawberry.field(description="The short id of the insight.")
    changes: list[InsightFieldChange] = strawberry.field(description="The fields that were changed.")
    created_at: datetime = strawberry.field(name="at", description="When it happened.")

    @strawberry.field(description="As the REST routes know it.", graphql_type=strawberry.ID)
    @staticmethod
    def raw_id(parent: strawberry.Parent[activity.Activity]) -> str:
        return str(parent.id)

    @strawberry.field(description="Global id of the insight.", graphql_type=strawberry.ID)
    @staticmethod
    def insight_id(parent: strawberry.Parent[activity.Activity]) -> str:
        return nodes.encode("Insight", parent.insight_id)

    @strawberry.field(description="Who did it; null where the key may not see who.", graphql_type=Developer | None)
    @staticmethod
    async def developer(parent: strawberry.Parent[activity.Activity], info: Info) -> domain.access.User | None:
        return await info.context.loaders.author.load(parent.user_id)


_DEFAULT_ORDER = InsightOrder()


@strawberry.type
class InsightQueries:
    @strawberry.field(
        description="One insight, by its global id, its number or its short id; null if there is none. Notes that"
        " somebody looked at it.",
        graphql_type=Insight | None,
    )
    @staticmethod
    async def insight(info: Info, id: nodes.Id) -> SavedInsight | None:
        try:
            return await resolvers.insights.view_insight(info.context, nodes.insight_key(id))
        except NotFound:
            return None

    @strawberry.field(
        description="The organisation's insights, in the places somebody gave them.", graphql_type=Connection[Insight]
    )
    @staticmethod
    async def insights(
        info: Info,
        filter: Annotated[InsightFilterInput | None, strawberry.argument(description="Which ones.")] = None,
        sort: Annotated[InsightSortInput | None, strawberry.argument(description="In which order.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[SavedInsight]:
        wanted = InsightFilter() if filter is None else filter.wanted()
        order = _DEFAULT_ORDER if sort is None else sort.wanted()
        asked = window(first, after, last, before)
        page = await resolvers.insights.page_insights(info.context, wanted, order, asked)
        return Listing(page, lambda: resolvers.insights.count_insights(info.context, wanted))

    @strawberry.field(description="Every tag of an insight, in order.")
    @staticmethod
    async def insight_tags(info: Info) -> list[str]:
        return await resolvers.insights.list_tags(info.context)

    @strawberry.field(description="Every folder that insights were put in, in order.")
    @staticmethod
    async def insight_folders(info: Info) -> list[str]:
        return await resolvers.insights.list_folders(info.context)

    @strawberry.field(
        description="What happened to insights, newest first: to one, or to all, deleted ones too.",
        graphql_type=Connection[InsightActivity],
    )
    @staticmethod
    async def insight_activity(
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="To this one; to all if left out.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[activity.Activity]:
        only = None if id is None else nodes.insight_number(id)
        page = await resolvers.activity.page_activity(info.context, only, window(first, after, last, before))
        return Listing(page, lambda: resolvers.activity.count_activity(info.context, only))


async def find_insight(ctx: Context, key: str) -> SavedInsight | None:
    """None also for a key that may not read insights."""
    if not ctx.caller.may(Scope.INSIGHT_READ):
        return None
    return await resolvers.alerts.insight_of(ctx, nodes.insight_number(key))
