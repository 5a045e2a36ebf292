"""Thresholds and alerts: making, changing, snoozing and deleting them."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import strawberry

import resolvers.alerts
from domain.errors import DomainError, Fault
from domain.insights.alert_wishes import AlertEdit, AlertWish, ThresholdEdit, ThresholdWish
from domain.insights.alerts import (
    Alert,
    AlertCondition,
    AlertErrorCode,
    AlertId,
    AlertInterval,
    Bounds,
    Threshold,
    ThresholdId,
    ThresholdType,
)
from domain.values import UNSET, UserId
from domain.webhooks import Hook
from schema import nodes, webhook_headers
from schema.alert_watches import InsightWatchInput
from schema.alerts import InsightAlert, InsightThreshold
from schema.user_errors import UserError, expected, read_id
from schema.values import Info, describe
from schema.webhook_headers import WebhookHeaderInput

describe(
    AlertErrorCode,
    "Why something about a threshold or an alert is not done.",
    {
        "bad_name": "The name is blank or too long.",
        "bad_bounds": "There is no bound, or the lower one lies above the upper one.",
        "bad_condition": "The condition does not fit what the bounds are written in.",
        "bad_watch": "There can be no such number.",
        "bad_subscriber": "A subscriber is no developer of the organisation, or there are too many.",
        "bad_webhook": "The webhook's address or headers cannot be.",
        "bad_snooze": "The moment is none within a year from now.",
        "too_many": "There are as many as there may be.",
        "invalid_id": "The id is none, or that of another type.",
        "not_found": "There is no such thing within reach.",
    },
    name="InsightAlertErrorCode",
)

_ALL = "All that stands against it; empty if it is done."


@strawberry.input(description="What a number is to stay within: one side or both.")
class InsightBoundsInput:
    lower: float | None = strawberry.field(default=None, description="No less than this.")
    upper: float | None = strawberry.field(default=None, description="No more than this.")

    def bounds(self) -> Bounds:
        return Bounds(self.lower, self.upper)


@strawberry.input(description="Bounds for numbers of an insight.")
class CreateInsightThresholdInput:
    insight_id: strawberry.ID = strawberry.field(description="The insight: its global id or its number.")
    name: str = strawberry.field(description="What to call it, 1-400 characters.")
    type: ThresholdType = strawberry.field(
        default=ThresholdType.ABSOLUTE, description="What its bounds are written in."
    )
    bounds: InsightBoundsInput = strawberry.field(description="What a number is to stay within.")


@strawberry.input(description="What to change of a threshold; what is left out stays.")
class UpdateInsightThresholdInput:
    id: strawberry.ID = strawberry.field(description="Its global id.")
    name: str | None = strawberry.field(default=None, description="What to call it.")
    type: ThresholdType | None = strawberry.field(default=None, description="What its bounds are written in.")
    bounds: InsightBoundsInput | None = strawberry.field(
        default=None, description="What a number is to stay within: both sides anew."
    )

    def edit(self) -> ThresholdEdit:
        return ThresholdEdit(
            name=UNSET if self.name is None else self.name,
            type=UNSET if self.type is None else self.type,
            bounds=UNSET if self.bounds is None else self.bounds.bounds(),
        )


@strawberry.input(description="Which threshold to delete.")
class DeleteInsightThresholdInput:
    id: strawberry.ID = strawberry.field(description="Its global id.")


@strawberry.input(
    description="A server elsewhere that is told when an alert fires, comes to rest or cannot be computed."
)
class InsightAlertWebhookInput:
    url: str = strawberry.field(description="An address that begins with http:// or https://.")
    headers: list[WebhookHeaderInput] | None = strawberry.field(
        default=None, description="What goes with it, at most 20; each name once."
    )

    def hook(self) -> Hook:
        """Raises Invalid for a header that stands there twice."""
        return webhook_headers.hook(self.url, self.headers, AlertErrorCode.BAD_WEBHOOK)


@strawberry.input(description="A number of an insight to check regularly.")
class CreateInsightAlertInput:
    threshold_id: strawberry.ID = strawberry.field(description="The bounds: their global id.")
    watch: InsightWatchInput = strawberry.field(description="Which number.")
    name: str | None = strawberry.field(default=None, description="What to call it.")
    enabled: bool = strawberry.field(default=True, description="Whether it is checked at all.")
    condition: AlertCondition = strawberry.field(
        default=AlertCondition.ABSOLUTE_VALUE, description="What is held against the bounds."
    )
    interval: AlertInterval = strawberry.field(default=AlertInterval.DAILY, description="How often it is checked.")
    weekend_skipped: bool = strawberry.field(
        default=False, description="Whether nothing is checked on Saturdays and Sundays."
    )
    webhook: InsightAlertWebhookInput | None = strawberry.field(
        default=None, description="Whom to tell; nobody if left out."
    )
    subscriber_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Developers who follow it, at most 50; oneself if left out."
    )

    def wish(self) -> AlertWish:
        return AlertWish(
            threshold_id=_threshold_id(self.threshold_id, "thresholdId"),
            watch=self.watch.watch(),
            name=self.name,
            enabled=self.enabled,
            condition=self.condition,
            interval=self.interval,
            skip_weekend=self.weekend_skipped,
            hook=None if self.webhook is None else self.webhook.hook(),
            subscribers=_user_ids(self.subscriber_ids),
        )


@strawberry.input(description="What to change of an alert; what is left out stays, null takes it away.")
class UpdateInsightAlertInput:
    id: strawberry.ID = strawberry.field(description="Its global id.")
    threshold_id: strawberry.ID | None = strawberry.field(
        default=None, description="Other bounds of the same insight: their global id."
    )
    watch: InsightWatchInput | None = strawberry.field(default=None, description="Which number.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="What to call it.")
    enabled: bool | None = strawberry.field(default=None, description="Whether it is checked at all.")
    condition: AlertCondition | None = strawberry.field(default=None, description="What is held against the bounds.")
    interval: AlertInterval | None = strawberry.field(default=None, description="How often it is checked.")
    weekend_skipped: bool | None = strawberry.field(
        default=None, description="Whether nothing is checked on Saturdays and Sundays."
    )
    webhook: InsightAlertWebhookInput | None = strawberry.field(default=strawberry.UNSET, description="Whom to tell.")
    subscriber_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Developers who follow it, in the place of those who do."
    )

    def edit(self) -> AlertEdit:
        hook, threshold, users = self.webhook, self.threshold_id, _user_ids(self.subscriber_ids)
        return AlertEdit(
            threshold_id=UNSET if threshold is None else _threshold_id(threshold, "thresholdId"),
            watch=UNSET if self.watch is None else self.watch.watch(),
            name=UNSET if self.name is strawberry.UNSET else self.name,
            enabled=UNSET if self.enabled is None else self.enabled,
            condition=UNSET if self.condition is None else self.condition,
            interval=UNSET if self.interval is None else self.interval,
            skip_weekend=UNSET if self.weekend_skipped is None else self.weekend_skipped,
            hook=UNSET if hook is strawberry.UNSET else None if hook is None else hook.hook(),
            subscribers=UNSET if users is None else users,
        )


@strawberry.input(description="Which alert to delete.")
class DeleteInsightAlertInput:
    id: strawberry.ID = strawberry.field(description="Its global id.")


@strawberry.input(description="How long an alert is to sleep.")
class SnoozeInsightAlertInput:
    id: strawberry.ID = strawberry.field(description="Its global id.")
    until: datetime | None = strawberry.field(
        name="untilAt", default=None, description="Until when; null or left out wakes it."
    )


@strawberry.type(description="Why something about a threshold or an alert is not done.")
class InsightAlertError(UserError):
    code: AlertErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="What became of the wish.")
class CreateInsightThresholdPayload:
    threshold: InsightThreshold | None = strawberry.field(description="The threshold; null: none was made.")
    user_errors: list[InsightAlertError] = strawberry.field(description=_ALL)


@strawberry.type(description="What became of the threshold.")
class UpdateInsightThresholdPayload:
    threshold: InsightThreshold | None = strawberry.field(description="As it is now; null: nothing was changed.")
    user_errors: list[InsightAlertError] = strawberry.field(description=_ALL)


@strawberry.type(description="What became of the threshold.")
class DeleteInsightThresholdPayload:
    threshold: InsightThreshold | None = strawberry.field(description="As it was; null: nothing was deleted.")
    user_errors: list[InsightAlertError] = strawberry.field(description=_ALL)


@strawberry.type(description="What became of the wish.")
class CreateInsightAlertPayload:
    alert: InsightAlert | None = strawberry.field(description="The alert; null: none was made.")
    user_errors: list[InsightAlertError] = strawberry.field(description=_ALL)


@strawberry.type(description="What became of the alert.")
class UpdateInsightAlertPayload:
    alert: InsightAlert | None = strawberry.field(description="As it is now; null: nothing was changed.")
    user_errors: list[InsightAlertError] = strawberry.field(description=_ALL)


@strawberry.type(description="What became of the alert.")
class DeleteInsightAlertPayload:
    alert: InsightAlert | None = strawberry.field(description="As it was; null: nothing was deleted.")
    user_errors: list[InsightAlertError] = strawberry.field(description=_ALL)


@strawberry.type(description="What became of the alert.")
class SnoozeInsightAlertPayload:
    alert: InsightAlert | None = strawberry.field(description="As it is now; null: nothing was changed.")
    user_errors: list[InsightAlertError] = strawberry.field(description=_ALL)


class Done(NamedTuple):
    """What a payload shows."""

    threshold: Threshold | None = None
    alert: Alert | None = None
    user_errors: Sequence[Fault] = ()


def _threshold_id(id: str, *field: str) -> ThresholdId:
    return read_id(nodes.threshold_id, id, AlertErrorCode.INVALID_ID, *field)


def _alert_id(id: str) -> AlertId:
    return read_id(nodes.alert_id, id, AlertErrorCode.INVALID_ID, "id")


def _user_ids(ids: Sequence[str] | None) -> tuple[UserId, ...] | None:
    if ids is None:
        return None
    return tuple(
        read_id(nodes.user_id, id, AlertErrorCode.INVALID_ID, "subscriberIds", str(place))
        for place, id in enumerate(ids)
    )


async def _answered(change: Awaitable[Threshold | Alert]) -> Done:
    try:
        done = await change
    except DomainError as error:
        return Done(user_errors=expected(error))
    return Done(threshold=done) if isinstance(done, Threshold) else Done(alert=done)


async def _create_threshold(info: Info, input: CreateInsightThresholdInput) -> Threshold:
    insight = read_id(nodes.insight_number, input.insight_id, AlertErrorCode.INVALID_ID, "insightId")
    wish = ThresholdWish(input.name, input.type, input.bounds.bounds())
    return await resolvers.alerts.create_threshold(info.context, insight, wish)


async def _update_threshold(info: Info, input: UpdateInsightThresholdInput) -> Threshold:
    return await resolvers.alerts.update_threshold(info.context, _threshold_id(input.id, "id"), input.edit())


async def _delete_threshold(info: Info, id: str) -> Threshold:
    return await resolvers.alerts.delete_threshold(info.context, _threshold_id(id, "id"))


async def _create_alert(info: Info, input: CreateInsightAlertInput) -> Alert:
    return await resolvers.alerts.create_alert(info.context, input.wish())


async def _update_alert(info: Info, input: UpdateInsightAlertInput) -> Alert:
    return await resolvers.alerts.update_alert(info.context, _alert_id(input.id), input.edit())


async def _delete_alert(info: Info, id: str) -> Alert:
    return await resolvers.alerts.delete_alert(info.context, _alert_id(id))


async def _snooze_alert(info: Info, input: SnoozeInsightAlertInput) -> Alert:
    return await resolvers.alerts.snooze_alert(info.context, _alert_id(input.id), input.until)


@strawberry.type
class AlertMutations:
    @strawberry.mutation(
        description="Makes bounds for numbers of an insight, 20 at most.",
        graphql_type=CreateInsightThresholdPayload | None,
    )
    @staticmethod
    async def create_insight_threshold(
        info: Info, input: Annotated[CreateInsightThresholdInput, strawberry.argument(description="Which ones.")]
    ) -> Done:
        return await _answered(_create_threshold(info, input))

    @strawberry.mutation(
        description="Changes bounds; alerts at them are checked anew.",
        graphql_type=UpdateInsightThresholdPayload | None,
    )
    @staticmethod
    async def update_insight_threshold(
        info: Info, input: Annotated[UpdateInsightThresholdInput, strawberry.argument(description="What to change.")]
    ) -> Done:
        return await _answered(_update_threshold(info, input))

    @strawberry.mutation(
        description="Deletes bounds with the alerts at them.", graphql_type=DeleteInsightThresholdPayload | None
    )
    @staticmethod
    async def delete_insight_threshold(
        info: Info, input: Annotated[DeleteInsightThresholdInput, strawberry.argument(description="Which ones.")]
    ) -> Done:
        return await _answered(_delete_threshold(info, input.id))

    @strawberry.mutation(
        description="Has a number of an insight checked now and regularly, over the events that this key counts.",
        graphql_type=CreateInsightAlertPayload | None,
    )
    @staticmethod
    async def create_insight_alert(
        info: Info, input: Annotated[CreateInsightAlertInput, strawberry.argument(description="Which one.")]
    ) -> Done:
        return await _answered(_create_alert(info, input))

    @strawberry.mutation(
        description="Changes an alert; one that checks something else now is checked at once.",
        graphql_type=UpdateInsightAlertPayload | None,
    )
    @staticmethod
    async def update_insight_alert(
        info: Info, input: Annotated[UpdateInsightAlertInput, strawberry.argument(description="What to change.")]
    ) -> Done:
        return await _answered(_update_alert(info, input))

    @strawberry.mutation(
        description="Deletes an alert with its history.", graphql_type=DeleteInsightAlertPayload | None
    )
    @staticmethod
    async def delete_insight_alert(
        info: Info, input: Annotated[DeleteInsightAlertInput, strawberry.argument(description="Which one.")]
    ) -> Done:
        return await _answered(_delete_alert(info, input.id))

    @strawberry.mutation(
        description="Has an alert sleep for a while, or wakes it: then it is checked at once.",
        graphql_type=SnoozeInsightAlertPayload | None,
    )
    @staticmethod
    async def snooze_insight_alert(
        info: Info, input: Annotated[SnoozeInsightAlertInput, strawberry.argument(description="Until when.")]
    ) -> Done:
        return await _answered(_snooze_alert(info, input))
