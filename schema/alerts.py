"""Thresholds of insights and alerts at them: which there are, and what becomes of them."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Optional

import strawberry

import domain.access
import resolvers.alerts
from domain.access import Scope
from domain.insights.alerts import (
    Alert,
    AlertChange,
    AlertCondition,
    AlertId,
    AlertInterval,
    AlertState,
    ChangeKind,
    Threshold,
    ThresholdId,
    ThresholdType,
)
from domain.insights.saved import SavedInsight
from domain.live import Resync
from domain.webhooks import shown
from resolvers.context import Context
from resolvers.cursors import window
from schema import nodes
from schema.alert_watches import InsightWatch
from schema.developers import Developer
from schema.nodes import Node
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.values import Info, describe

if TYPE_CHECKING:
    from schema.insights import Insight

describe(
    ThresholdType,
    "What bounds are written in.",
    {
        "absolute": "The unit of the number that is watched.",
        "percentage": "Percent of the value before: 20 is a fifth.",
    },
    name="InsightThresholdType",
)
describe(
    AlertCondition,
    "What is held against the bounds.",
    {
        "absolute_value": "The number itself.",
        "relative_increase": "By how much it rose since the one before.",
        "relative_decrease": "By how much it fell since the one before.",
    },
    name="InsightAlertCondition",
)
describe(
    AlertState,
    "How an alert stands.",
    {
        "Firing": "The number was out of bounds when it was checked last.",
        "Not firing": "It was within them, or there is none yet.",
        "Errored": "It could not be computed; `reason` says why.",
        "Snoozed": "Nothing is checked for a while.",
    },
    name="InsightAlertState",
)
describe(
    AlertInterval,
    "How often an alert is checked, each time soon after the unit began.",
    {
        "hourly": "Once an hour.",
        "daily": "Once a day.",
        "weekly": "Once a week, on Monday.",
        "monthly": "Once a month, on its first day.",
    },
    name="InsightAlertInterval",
)
describe(
    ChangeKind,
    "What was done to an alert.",
    {
        "edited": "Somebody made, changed, snoozed or woke it.",
        "checked": "It was checked.",
        "deleted": "It is gone.",
    },
    name="InsightAlertChangeKind",
)


Told = AlertChange | Resync
_Insight = Annotated["Insight", strawberry.lazy("schema.insights")]


@strawberry.type(description="What a number is to stay within; a side that is null is open.")
class InsightBounds:
    lower: float | None = strawberry.field(description="No less than this.")
    upper: float | None = strawberry.field(description="No more than this.")


@strawberry.type(description="Bounds that numbers of an insight are held against.")
class InsightThreshold(Node):
    name: str = strawberry.field(description="What it is called.")
    type: ThresholdType = strawberry.field(description="What its bounds are written in.")
    bounds: InsightBounds = strawberry.field(description="What a number is to stay within.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[Threshold]) -> str:
        return nodes.encode("InsightThreshold", parent.id)

    @strawberry.field(description="As the REST routes know it.", graphql_type=strawberry.ID)
    @staticmethod
    def raw_id(parent: strawberry.Parent[Threshold]) -> str:
        return str(parent.id)

    @strawberry.field(description="Who made it; null where the key may not see who.", graphql_type=Developer | None)
    @staticmethod
    async def created_by(parent: strawberry.Parent[Threshold], info: Info) -> domain.access.User | None:
        return await info.context.loaders.user.load(parent.created_by)

    @strawberry.field(
        description="The alerts at it that this key sees, oldest first.", graphql_type=list["InsightAlert"]
    )
    @staticmethod
    async def alerts(parent: strawberry.Parent[Threshold], info: Info) -> list[Alert]:
        return await resolvers.alerts.alerts_at(info.context, parent.id)

    @strawberry.field(description="Whose bounds they are; null if it is gone.", graphql_type=Optional[_Insight])  # noqa: UP045 - lazy
    @staticmethod
    async def insight(parent: strawberry.Parent[Threshold], info: Info) -> SavedInsight | None:
        return await resolvers.alerts.insight_of(info.context, parent.insight_id)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, Threshold)


@strawberry.type(description="What one check of an alert came to.")
class InsightAlertCheck:
    at: datetime = strawberry.field(description="When it was.")
    state: AlertState = strawberry.field(description="How the alert stood then.")
    value: float | None = strawberry.field(description="The number; null where there was none.")
    reason: str | None = strawberry.field(description="What was wrong with it; null: nothing.")


@strawberry.type(description="A number of an insight that is checked regularly.")
class InsightAlert(Node):
    name: str | None = strawberry.field(description="What it is called; null without a name.")
    enabled: bool = strawberry.field(description="Whether it is checked at all.")
    condition: AlertCondition = strawberry.field(description="What is held against the bounds.")
    watch: InsightWatch = strawberry.field(description="Which number it is.")
    interval: AlertInterval = strawberry.field(description="How often it is checked.")
    time_zone: str = strawberry.field(description="Whose days and hours these are, by its IANA name.")
    skip_weekend: bool = strawberry.field(
        name="weekendSkipped", description="Whether nothing is checked on Saturdays and Sundays."
    )
    state: AlertState = strawberry.field(description="How it stands.")
    value: float | None = strawberry.field(description="The number when it was last there; null: it was not yet.")
    reason: str | None = strawberry.field(description="What was wrong at the last check; null: nothing.")
    snoozed_until: datetime | None = strawberry.field(
        name="snoozedUntilAt", description="When it wakes; null: it is awake."
    )
    checked_at: datetime | None = strawberry.field(description="When it was checked last; null: not yet.")
    next_at: datetime = strawberry.field(name="nextCheckAt", description="When the next check is due.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[Alert]) -> str:
        return nodes.encode("InsightAlert", parent.id)

    @strawberry.field(description="As the REST routes know it.", graphql_type=strawberry.ID)
    @staticmethod
    def raw_id(parent: strawberry.Parent[Alert]) -> str:
        return str(parent.id)

    @strawberry.field(
        description="Whose events it counts; null: everybody's, or the key may not see whose.",
        graphql_type=Developer | None,
    )
    @staticmethod
    async def developer(parent: strawberry.Parent[Alert], info: Info) -> domain.access.User | None:
        return None if parent.user_id is None else await info.context.loaders.user.load(parent.user_id)

    @strawberry.field(description="Who made it; null where the key may not see who.", graphql_type=Developer | None)
    @staticmethod
    async def created_by(parent: strawberry.Parent[Alert], info: Info) -> domain.access.User | None:
        return await info.context.loaders.user.load(parent.created_by)

    @strawberry.field(description="Those who follow it, as far as the key may see who.", graphql_type=list[Developer])
    @staticmethod
    async def subscribers(parent: strawberry.Parent[Alert], info: Info) -> list[domain.access.User]:
        found = await info.context.loaders.user.load_many(list(parent.subscribers))
        return [one for one in found if one is not None]

    @strawberry.field(
        description="Where it is told of changes, without the query, which may hold a secret; null: nowhere."
    )
    @staticmethod
    def webhook_url(parent: strawberry.Parent[Alert]) -> str | None:
        return None if parent.hook is None else shown(parent.hook.url)

    @strawberry.field(description="The bounds; null if they are gone.", graphql_type=InsightThreshold | None)
    @staticmethod
    async def threshold(parent: strawberry.Parent[Alert], info: Info) -> Threshold | None:
        return await info.context.loaders.threshold.load(parent.threshold_id)

    @strawberry.field(description="What it watches a number of; null if it is gone.", graphql_type=Optional[_Insight])  # noqa: UP045 - lazy
    @staticmethod
    async def insight(parent: strawberry.Parent[Alert], info: Info) -> SavedInsight | None:
        return await resolvers.alerts.insight_of(info.context, parent.insight_id)

    @strawberry.field(
        description="What its latest checks came to, the newest first; 500 are kept.",
        graphql_type=list[InsightAlertCheck],
    )
    @staticmethod
    async def checks(
        parent: strawberry.Parent[Alert],
        info: Info,
        count: Annotated[int, strawberry.argument(description="So many, 1-100.")] = 20,
    ) -> list[AlertChange]:
        return await resolvers.alerts.list_checks(info.context, parent, count)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, Alert)


@strawberry.type(description="Something became of an alert; or, with `resync`, the word to read anew what you show.")
class InsightAlertEvent:
    cursor: str = strawberry.field(
        description="The place of this event: give it as `after` to go on from here. Opaque."
    )

    @strawberry.field(
        description="Read anew what you show, then go on: the stream begins here without a cursor, or events after the"
        " cursor are gone. All but the cursor is null then."
    )
    @staticmethod
    def resync(parent: strawberry.Parent[Told]) -> bool:
        return isinstance(parent, Resync)

    @strawberry.field(description="What was done to it.")
    @staticmethod
    def kind(parent: strawberry.Parent[Told]) -> ChangeKind | None:
        return None if isinstance(parent, Resync) else parent.kind

    @strawberry.field(description="When it was done.")
    @staticmethod
    def at(parent: strawberry.Parent[Told]) -> datetime | None:
        return None if isinstance(parent, Resync) else parent.at

    @strawberry.field(description="How it stood before.")
    @staticmethod
    def state_before(parent: strawberry.Parent[Told]) -> AlertState | None:
        return None if isinstance(parent, Resync) else parent.before

    @strawberry.field(description="How it stood from then on.")
    @staticmethod
    def state(parent: strawberry.Parent[Told]) -> AlertState | None:
        return None if isinstance(parent, Resync) else parent.state

    @strawberry.field(description="The number then.")
    @staticmethod
    def value(parent: strawberry.Parent[Told]) -> float | None:
        return None if isinstance(parent, Resync) else parent.value

    @strawberry.field(description="What was wrong with it.")
    @staticmethod
    def reason(parent: strawberry.Parent[Told]) -> str | None:
        return None if isinstance(parent, Resync) else parent.reason

    @strawberry.field(description="Global id of the alert.", graphql_type=strawberry.ID | None)
    @staticmethod
    def alert_id(parent: strawberry.Parent[Told]) -> str | None:
        return None if isinstance(parent, Resync) else nodes.encode("InsightAlert", parent.alert_id)

    @strawberry.field(
        description="The alert as it is now, which may be later than the event; null if it is gone.",
        graphql_type=InsightAlert | None,
    )
    @staticmethod
    async def alert(parent: strawberry.Parent[Told], info: Info) -> Alert | None:
        return None if isinstance(parent, Resync) else await resolvers.alerts.find_alert(info.context, parent.alert_id)


@strawberry.type
class AlertQueries:
    @strawberry.field(description="One alert by its id; null if there is none.", graphql_type=InsightAlert | None)
    @staticmethod
    async def insight_alert(info: Info, id: nodes.Id) -> Alert | None:
        return await resolvers.alerts.find_alert(info.context, nodes.alert_id(id))

    @strawberry.field(
        description="The organisation's alerts, newest first; a key that counts one developer's events alone sees those"
        " that count the same.",
        graphql_type=Connection[InsightAlert],
    )
    @staticmethod
    async def insight_alerts(
        info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Listing[Alert]:
        page = await resolvers.alerts.list_alerts(info.context, window(first, after, last, before))
        return Listing(page, lambda: resolvers.alerts.count_alerts(info.context))


@strawberry.type
class AlertSubscriptions:
    @strawberry.subscription(
        description="What becomes of alerts: what was checked, changed or deleted after the cursor, then each as it"
        " comes, once. Without a cursor it begins with a `resync`.",
        graphql_type=InsightAlertEvent,
    )
    @staticmethod
    def alert_changes(
        info: Info,
        id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this one alone; of all if left out.")
        ] = None,
        after: After = None,
    ) -> AsyncGenerator[Sequence[Told]]:
        only = None if id is None else nodes.alert_id(id)
        return resolvers.alerts.watch_alerts(info.context, after, only)


async def find_alert(ctx: Context, key: str) -> Alert | None:
    """None also for a key that may not read alerts."""
    if not ctx.caller.may(Scope.ALERT_READ):
        return None
    return await resolvers.alerts.find_alert(ctx, AlertId(nodes.uuid(key)))


async def find_threshold(ctx: Context, key: str) -> Threshold | None:
    """None also for a key that may not read alerts."""
    if not ctx.caller.may(Scope.ALERT_READ):
        return None
    return await resolvers.alerts.find_threshold(ctx, ThresholdId(nodes.uuid(key)))
