"""What insights look like on PostHog's wire, and what may be said of one when it is made or changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, NotRequired

from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict

from domain.access import User
from domain.insights.alerts import Alert, AlertCondition, AlertInterval, AlertState
from domain.insights.query_models import Query
from domain.insights.query_wrappers import Wrapper
from domain.insights.runs import RunState, RunStatus
from domain.insights.saved import LONGEST_TEXT, SavedInsight
from domain.values import UserId
from resolvers.insight_results import Shown
from rest_compat.posthog.results import RangeBody, told
from rest_compat.wire import Time, plain

Json = object
"""Whatever JSON has; queries are read by their own rules."""


def _whole(value: object) -> object:
    """1.0 is a whole number in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def as_it_is(value: object) -> object:
    return value


AskedQuery = Annotated[dict[str, Json], BeforeValidator(as_it_is, json_schema_input_type=Wrapper | Query)]
"""A query that may be bare; it is read by its own rules, which say more of what is wrong with one."""
_LONG = Field(ge=-(2**63), lt=2**63)
Whole = Annotated[int, BeforeValidator(_whole, json_schema_input_type=Annotated[int, _LONG]), _LONG]
"""Of 64 bits at most, as they can be said again."""
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Uuid = Annotated[str, Field(json_schema_extra={"format": "uuid"})]


class UserBody(TypedDict):
    """`id` is a small number, the same for good; `first_name` what their address begins with."""

    id: int
    uuid: Uuid
    distinct_id: str | None
    first_name: str
    last_name: str
    email: str
    is_email_verified: bool | None


class QueryStatusBody(TypedDict):
    """A run of a query. `id` is what it is asked after by; `error_message` says what went wrong, `labels` are empty."""

    id: str | None
    team_id: int
    query_async: bool
    complete: bool
    error: bool
    error_message: str | None
    results: Json
    start_time: Time | None
    pickup_time: Time | None
    end_time: Time | None
    expiration_time: Time | None
    task_id: str | None
    insight_id: int | None
    dashboard_id: int | None
    labels: list[str] | None
    query_progress: dict[str, Json] | None


class ConditionBody(TypedDict):
    type: AlertCondition


class AlertBody(TypedDict):
    id: Uuid
    name: str | None
    enabled: bool
    state: AlertState
    condition: ConditionBody
    calculation_interval: AlertInterval
    subscribed_users: list[UserBody]
    created_at: Time
    created_by: UserBody | None


class InsightBasicBody(TypedDict):
    """An insight without its result. There are no dashboards here: nobody's insight is on one."""

    id: Annotated[int, Field(ge=1)]
    short_id: str
    name: str | None
    derived_name: str | None
    filters: dict[str, Json]
    query: dict[str, Json] | None
    order: int | None
    deleted: bool
    dashboards: list[int]
    dashboard_tiles: list[dict[str, Json]]
    description: str | None
    last_refresh: Time | None
    saved: bool
    tags: list[str]
    updated_at: Time
    created_by: UserBody | None
    created_at: Time
    last_modified_at: Time
    last_modified_by: UserBody | None
    favorited: bool
    user_access_level: str | None
    last_viewed_at: Time | None


class InsightBody(InsightBasicBody):
    """An insight with its result, whose shape depends on the kind of its query; null while there is none.

    `alerts` are those that the key may see, and none without `alert:read`.
    """

    cache_target_age: Time | None
    next_allowed_client_refresh: Time | None
    result: Json
    hasMore: bool | None
    columns: list[Json] | None
    types: list[Json] | None
    hogql: str | None
    is_sample: bool
    effective_restriction_level: Literal[21, 37]
    effective_privilege_level: Literal[21, 37]
    timezone: str | None
    is_cached: bool
    query_status: QueryStatusBody | None
    resolved_date_range: RangeBody | None
    alerts: list[AlertBody]
    filters_hash: str | None
    color: NotRequired[str | None]
    layouts: NotRequired[dict[str, Json] | None]


class InsightPageBody(TypedDict):
    """`next` and `previous` are whole addresses."""

    count: Annotated[int, Field(ge=0)]
    next: str | None
    previous: str | None
    results: list[InsightBody | InsightBasicBody]


class InsightWriteBody(TypedDict, total=False):
    """What is not given stays, or gets its default; members that are not known are passed over."""

    name: Text | None
    derived_name: Text | None
    query: AskedQuery | None
    order: Annotated[Whole, Field(ge=-(2**31), lt=2**31)] | None
    deleted: bool
    dashboards: list[Whole]
    description: Text | None
    tags: list[str]
    favorited: bool
    saved: bool
    filters: dict[str, Json]
    _create_in_folder: str


Users = Mapping[UserId, User]


def maybe(at: datetime | None) -> Time | None:
    return None if at is None else plain(at)


def user_body(user: User | None) -> UserBody | None:
    """None for somebody who was erased."""
    return None if user is None else person_body(user)


def person_body(user: User) -> UserBody:
    """Names are not known here, so the first one is made of the address."""
    return {
        "id": user.number,
        "uuid": str(user.id),
        "distinct_id": str(user.id),
        "first_name": user.email.partition("@")[0],
        "last_name": "",
        "email": user.email,
        "is_email_verified": None,
    }


def alert_body(alert: Alert, users: Users) -> AlertBody:
    """Without subscribers who were erased."""
    subscribed = [user_body(users.get(id)) for id in alert.subscribers]
    return {
        "id": str(alert.id),
        "name": alert.name,
        "enabled": alert.enabled,
        "state": alert.state,
        "condition": {"type": alert.condition},
        "calculation_interval": alert.interval,
        "subscribed_users": [user for user in subscribed if user is not None],
        "created_at": plain(alert.created_at),
        "created_by": user_body(users.get(alert.created_by)),
    }


def basic(insight: SavedInsight, users: Users, last_refresh: Time | None = None) -> InsightBasicBody:
    return {
        "id": insight.id,
        "short_id": insight.short_id,
        "name": insight.name,
        "derived_name": insight.derived_name,
        "filters": {} if insight.query is not None else dict[str, Json](insight.filters),
        "query": None if insight.query is None else dict[str, Json](insight.query),
        "order": insight.order,
        "deleted": insight.deleted,
        "dashboards": [],
        "dashboard_tiles": [],
        "description": insight.description,
        "last_refresh": last_refresh,
        "saved": insight.saved,
        "tags": list(insight.tags),
        "updated_at": plain(insight.updated_at),
        "created_by": user_body(users.get(insight.created_by)),
        "created_at": plain(insight.created_at),
        "last_modified_at": plain(insight.last_modified_at),
        "last_modified_by": user_body(users.get(insight.last_modified_by)),
        "favorited": insight.favorited,
        "user_access_level": "editor",
        "last_viewed_at": maybe(insight.last_viewed_at),
    }


def whole(shown: Shown, alerts: Sequence[Alert], users: Users, environment_id: int, time_zone: str) -> InsightBody:
    """With its result. `time_zone` is where the days are cut that are asked for."""
    outcome = shown.outcome
    found = None if outcome.result is None else told(outcome.result)
    return {
        **basic(shown.insight, users, maybe(outcome.last_refresh)),
        "cache_target_age": maybe(outcome.cache_target_age),
        "next_allowed_client_refresh": maybe(outcome.next_allowed_client_refresh),
        "result": None if found is None else found.result,
        "hasMore": None if found is None else found.has_more,
        "columns": None if found is None or found.columns is None else list(found.columns),
        "types": None if found is None or found.types is None else list(found.types),
        "hogql": None if found is None else found.hogql,
        "is_sample": False,
        "effective_restriction_level": 21,
        "effective_privilege_level": 37,
        "timezone": time_zone,
        "is_cached": outcome.is_cached,
        "query_status": None if outcome.status is None else query_status(outcome.status, environment_id),
        "resolved_date_range": None if found is None else found.resolved,
        "alerts": [alert_body(alert, users) for alert in alerts],
        "filters_hash": None,
    }


def query_status(status: RunStatus, environment_id: int, results: Json = None) -> QueryStatusBody:
    return {
        "id": status.id,
        "team_id": environment_id,
        "query_async": status.query_async,
        "complete": status.complete,
        "error": status.state in (RunState.FAILED, RunState.CANCELLED),
        "error_message": None if status.failure is None else status.failure.message,
        "results": results,
        "start_time": plain(status.started_at),
        "pickup_time": maybe(status.picked_up_at),
        "end_time": maybe(status.ended_at),
        "expiration_time": plain(status.expires_at),
        "task_id": None,
        "insight_id": status.insight_id,
        "dashboard_id": None,
        "labels": None,
        "query_progress": None,
    }
