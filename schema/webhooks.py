"""What was told to servers elsewhere, how that went, and telling it again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import strawberry

import domain.webhooks
import resolvers.webhooks
from domain.access import Scope
from domain.errors import DomainError, Fault
from domain.webhooks import Delivery, WebhookErrorCode, WebhookId, WebhookState, event_id
from resolvers.context import Context
from resolvers.cursors import window
from schema import nodes
from schema.nodes import Node
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.user_errors import UserError, expected, read_id
from schema.values import Info, Long, describe

describe(
    WebhookState,
    "How far a delivery is.",
    {
        "pending": "It waits for its first or its next attempt.",
        "delivered": "The receiver took it.",
        "failed": "It was given up, after six attempts or because the address may not be called.",
    },
)
describe(
    WebhookErrorCode,
    "Why a delivery is not sent again.",
    {
        "invalid_id": "The id is none, or that of another type.",
        "not_found": "There is no such delivery for this key; or it was over a week ago.",
    },
)


@strawberry.type(description="One attempt at a delivery.")
class WebhookAttempt:
    started_at: datetime = strawberry.field(description="When it began.")
    duration_ms: Long | None = strawberry.field(
        description="How long it took; null while it runs or if it was cut off."
    )
    status: int | None = strawberry.field(name="statusCode", description="Of the answer; null without one.")
    error: str | None = strawberry.field(description="What went wrong, in plain words; null for a success.")


@strawberry.type(description="One event for one receiver, at the address that whoever asked for the work gave.")
class WebhookDelivery(Node):
    type: str = strawberry.field(name="eventType", description="What it tells of, such as `report.completed`.")
    url: str = strawberry.field(description="Where it goes, without the query, which may hold a secret.")
    header_names: list[str] = strawberry.field(
        description="Which headers of the caller's go with it; their values are not shown."
    )
    state: WebhookState = strawberry.field(description="How far it is.")
    attempts: list[WebhookAttempt] = strawberry.field(description="The latest ones, 30 at most, oldest first.")
    next_at: datetime | None = strawberry.field(
        name="nextAttemptAt", description="When it is tried again; null while it is tried and when it is over."
    )
    created_at: datetime = strawberry.field(description="When the event happened.")
    finished_at: datetime | None = strawberry.field(
        description="When it was delivered or given up; a week later it is forgotten. Null until then."
    )

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[Delivery]) -> str:
        return nodes.encode("WebhookDelivery", parent.id)

    @strawberry.field(
        name="eventId", description="The id that the receiver sees, the same at each attempt.", graphql_type=str
    )
    @staticmethod
    def event_id(parent: strawberry.Parent[Delivery]) -> str:
        return event_id(parent.id)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, Delivery)


@strawberry.input(description="Which delivery to send again.")
class ReplayWebhookInput:
    id: strawberry.ID = strawberry.field(description="The delivery.")


@strawberry.type(description="Why a delivery is not sent again.")
class WebhookError(UserError):
    code: WebhookErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="What became of the wish.")
class ReplayWebhookPayload:
    delivery: WebhookDelivery | None = strawberry.field(description="The delivery, now pending; null: nothing is sent.")
    user_errors: list[WebhookError] = strawberry.field(description="All that stands against it; empty if it is sent.")


class Replayed(NamedTuple):
    """What the payload shows."""

    delivery: Delivery | None = None
    user_errors: Sequence[Fault] = ()


def _delivery_id(id: str) -> WebhookId:
    return WebhookId(nodes.webhook_key(id))


async def _replay(info: Info, input: ReplayWebhookInput) -> Replayed:
    try:
        id = read_id(_delivery_id, input.id, WebhookErrorCode.INVALID_ID, "id")
        return Replayed(await resolvers.webhooks.replay_webhook(info.context, id))
    except DomainError as error:
        return Replayed(user_errors=expected(error))


@strawberry.type
class WebhookMutations:
    @strawberry.mutation(
        description="Sends an event again to whom it was for, under the same id, whatever became of it before; one that"
        " waits goes now. Of the developer's own work, or with the scope `org:read` any of the organisation.",
        graphql_type=ReplayWebhookPayload | None,
    )
    @staticmethod
    async def replay_webhook(
        info: Info, input: Annotated[ReplayWebhookInput, strawberry.argument(description="Which delivery.")]
    ) -> Replayed:
        return await _replay(info, input)


@strawberry.type
class WebhookQueries:
    @strawberry.field(
        description="What was told to servers elsewhere, newest first, until a week after it was over. Of the"
        " developer's own work, or with the scope `org:read` all of the organisation.",
        graphql_type=Connection[WebhookDelivery],
    )
    @staticmethod
    async def webhook_deliveries(
        info: Info,
        state: Annotated[WebhookState | None, strawberry.argument(description="Only those that are so far.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[Delivery]:
        page = await resolvers.webhooks.list_deliveries(info.context, state, window(first, after, last, before))
        return Listing(page, lambda: resolvers.webhooks.count_deliveries(info.context, state))


async def find_delivery(ctx: Context, key: str) -> domain.webhooks.Delivery | None:
    """None also for a key that may not read scores."""
    if not ctx.caller.may(Scope.SCORES_READ):
        return None
    return await resolvers.webhooks.find_delivery(ctx, WebhookId(nodes.uuid(key)))
