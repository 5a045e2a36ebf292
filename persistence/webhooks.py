"""Deliveries: the outbox of what is told to servers elsewhere, with the log of tries, and the secrets that sign it.

A delivery is saved in the transaction of what it tells of, together with the job that sends it: neither is there
without the other. A try is noted before it begins, so that one which kills its worker counts.
"""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID, insert

import persistence.jobs
from domain.values import JsonObject, OrgId, UserId, Window
from domain.webhooks import (
    KEPT,
    Attempt,
    Delivery,
    Hook,
    Outcome,
    Step,
    WebhookId,
    WebhookState,
    checked,
    error_of,
    event_body,
    secret_from,
    shown,
)
from persistence.database import Reading, Row, Writing, metadata
from persistence.identifiers import new_id
from persistence.pages import newest_first

_NEWEST = (sa.text("created_at DESC"), sa.text("id DESC"))
_OVER = sa.text("finished_at IS NOT NULL")

webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    # Whose work it tells of; NULL: the organisation's.
    sa.Column("user_id", UUID),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("headers", JSONB, nullable=False),
    # As it is sent: JSON would come back in another order, and the signature is one of bytes.
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    # Since it was saved or sent again; `attempts` holds those before as well, oldest first.
    sa.Column("tries", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("attempts", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("next_at", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.Index("webhook_deliveries_recent", "org_id", *_NEWEST),
    sa.Index("webhook_deliveries_of_user", "org_id", "user_id", *_NEWEST),
    sa.Index("webhook_deliveries_over", "org_id", "finished_at", postgresql_where=_OVER),
)

# In clear: whoever signs needs the secret itself, and so does whoever verifies.
webhook_secrets = sa.Table(
    "webhook_secrets",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("org_id"),
)


def hook_json(hook: Hook | None) -> JsonObject | None:
    """As it is stored with what it is to be told of."""
    return None if hook is None else {"url": hook.url, "headers": dict(hook.headers)}


def hook_from(stored: Row | None) -> Hook | None:
    """What `hook_json` made."""
    return None if stored is None else Hook(stored["url"], stored["headers"])


async def save(
    db: Writing,
    org_id: OrgId,
    hook: Hook,
    type: str,
    data: JsonObject,
    now: datetime,
    user_id: UserId | None = None,
) -> WebhookId:
    """Has `hook` told of an event once this transaction commits; announce JOBS then. `user_id`: whose work it is about,
    who may see the delivery and with whom it is erased. Without one it needs a scope of the organisation.

    Raises Invalid for a hook that cannot be called.
    """
    id = WebhookId(new_id())
    one = {"url": checked(hook).url, "headers": dict(hook.headers), "body": event_body(id, type, data, now)}
    when = {"created_at": now, "next_at": now}
    new = sa.insert(webhook_deliveries).values(org_id=org_id, id=id, user_id=user_id, type=type, **one, **when)
    await db.execute(new.values(state=WebhookState.PENDING))
    await persistence.jobs.enqueue_webhook(db, org_id, user_id, id)
    return id


class Parcel(NamedTuple):
    """What is sent, and how many tries there were."""

    hook: Hook
    body: str
    tries: int


def _one(org_id: OrgId, id: WebhookId) -> sa.ColumnElement[bool]:
    return sa.and_(webhook_deliveries.c.org_id == org_id, webhook_deliveries.c.id == id)


async def lock(db: Writing, org_id: OrgId, id: WebhookId) -> Parcel | None:
    """What is still to be delivered, for this transaction alone; None: nothing, any more."""
    pending = webhook_deliveries.c.state == WebhookState.PENDING
    row = await db.row(sa.select(webhook_deliveries).where(_one(org_id, id), pending).with_for_update())
    return None if row is None else Parcel(Hook(row["url"], row["headers"]), row["body"], row["tries"])


async def begin(db: Writing, org_id: OrgId, id: WebhookId, now: datetime) -> None:
    """Notes that a try begins."""
    attempt = sa.cast([{"startedAt": now.isoformat()}], JSONB)
    change = {"attempts": webhook_deliveries.c.attempts.op("||")(attempt), "tries": webhook_deliveries.c.tries + 1}
    await db.execute(sa.update(webhook_deliveries).where(_one(org_id, id)).values(**change, next_at=None))


async def note(db: Writing, org_id: OrgId, id: WebhookId, outcome: Outcome) -> None:
    """Notes how the try went that began last."""
    said = {"durationMs": outcome.duration_ms, "status": outcome.status, "error": error_of(outcome)}
    ended = webhook_deliveries.c.attempts[-1].op("||")(sa.cast(said, JSONB))
    attempts = sa.func.jsonb_set(webhook_deliveries.c.attempts, sa.text("'{-1}'"), ended)
    await db.execute(sa.update(webhook_deliveries).where(_one(org_id, id)).values(attempts=attempts))


async def step(db: Writing, org_id: OrgId, id: WebhookId, step: Step, now: datetime) -> None:
    """Says what becomes of a delivery now. What is over is kept for some days, and forgotten by a job."""
    over = step.pause is None
    when = {"next_at": None if step.pause is None else now + step.pause, "finished_at": now if over else None}
    await db.execute(sa.update(webhook_deliveries).where(_one(org_id, id)).values(state=step.state, **when))
    if over:
        await persistence.jobs.enqueue_forgetting(db, org_id, KEPT)


# However often somebody has it sent again, the log stays short.
_LATEST = sa.text("jsonb_path_query_array(attempts, '$[last - 23 to last]')")


async def restart(db: Writing, org_id: OrgId, id: WebhookId, now: datetime) -> Delivery | None:
    """Has a delivery sent again now, with all its tries before it, whatever became of it; None if there is none."""
    anew = {"state": WebhookState.PENDING, "tries": 0, "next_at": now, "finished_at": None, "attempts": _LATEST}
    again = sa.update(webhook_deliveries).where(_one(org_id, id)).values(**anew)
    row = await db.row(again.returning(webhook_deliveries))
    if row is None:
        return None
    await persistence.jobs.enqueue_webhook(db, org_id, row["user_id"], id)
    return _delivery(row)


async def forget(db: Writing, org_id: OrgId, now: datetime) -> timedelta | None:
    """Deletes what was over long enough ago; how long until the next one is, None without one."""
    finished_at = webhook_deliveries.c.finished_at
    mine = webhook_deliveries.c.org_id == org_id
    await db.execute(sa.delete(webhook_deliveries).where(mine, finished_at <= now - KEPT))
    row = await db.row(sa.select(sa.func.min(finished_at).label("first")).where(mine, finished_at.is_not(None)))
    return None if row is None or row["first"] is None else row["first"] + KEPT - now


async def find(db: Reading, org_id: OrgId, id: WebhookId) -> Delivery | None:
    row = await db.row(sa.select(webhook_deliveries).where(_one(org_id, id)))
    return None if row is None else _delivery(row)


def _listed(org_id: OrgId, state: WebhookState | None) -> sa.ColumnElement[bool]:
    mine = webhook_deliveries.c.org_id == org_id
    return mine if state is None else sa.and_(mine, webhook_deliveries.c.state == state)


async def page(
    db: Reading, org_id: OrgId, state: WebhookState | None, window: Window[tuple[datetime, WebhookId]]
) -> list[Delivery]:
    """Newest first, those in `state` alone unless that is None."""
    query = sa.select(webhook_deliveries).where(_listed(org_id, state))
    columns = webhook_deliveries.c
    return [_delivery(row) for row in await newest_first(db, query, columns.created_at, columns.id, window)]


async def count(db: Reading, org_id: OrgId, state: WebhookState | None) -> int:
    row = await db.row(sa.select(sa.func.count().label("n")).where(_listed(org_id, state)))
    return 0 if row is None else row["n"]


def _delivery(row: Row) -> Delivery:
    latest = len(row["attempts"]) if row["state"] == WebhookState.PENDING else 0
    return Delivery(
        id=WebhookId(row["id"]),
        type=row["type"],
        url=shown(row["url"]),
        header_names=tuple(sorted(row["headers"])),
        state=WebhookState(row["state"]),
        attempts=tuple(_attempt(one, number == latest) for number, one in enumerate(row["attempts"], 1)),
        next_at=row["next_at"],
        created_at=row["created_at"],
        finished_at=row["finished_at"],
    )


def _attempt(stored: Row, may_run: bool) -> Attempt:
    error = stored.get("error")
    if "durationMs" not in stored and not may_run:
        error = "interrupted: the worker was stopped"
    return Attempt(datetime.fromisoformat(stored["startedAt"]), stored.get("durationMs"), stored.get("status"), error)


async def secret(db: Writing, org_id: OrgId) -> str:
    """What signs the organisation's webhooks, made when first needed. Needs a scope of the organisation."""
    new = insert(webhook_secrets).values(org_id=org_id, secret=_new_secret())
    await db.execute(new.on_conflict_do_nothing(index_elements=["org_id"]))
    row = await db.row(sa.select(webhook_secrets).where(webhook_secrets.c.org_id == org_id))
    assert row is not None
    return row["secret"]


async def rotate_secret(db: Writing, org_id: OrgId) -> None:
    """From now on another secret signs."""
    new = insert(webhook_secrets).values(org_id=org_id, secret=_new_secret())
    change = {"secret": new.excluded.secret, "made_at": sa.func.now()}
    await db.execute(new.on_conflict_do_update(index_elements=["org_id"], set_=change))


def _new_secret() -> str:
    return secret_from(secrets.token_bytes(32))
