"""Live hooks of agents: kept at once, judged later."""

from datetime import datetime

import domain.ingest.hooks
from domain.access import Scope
from domain.ingest.hooks import Hooks, Payload
from domain.redaction import redact_json
from domain.values import JsonValue
from resolvers.aside import aside
from resolvers.context import Context
from resolvers.ingest import keep, save_batch


async def ingest_hook(
    ctx: Context, hooks: Hooks, body: JsonValue, fired_at: datetime | None = None, size: int = 0
) -> None:
    """Keeps what one payload of `size` bytes tells; returns once it is committed. `fired_at`: when, if it was kept back
    meanwhile.

    Raises Invalid for what is no payload, Forbidden for a session that is not the caller's to write.
    """
    ctx.caller.require(Scope.EVENTS_WRITE)
    now = ctx.services.now()
    payload = Payload(body, now if fired_at is None else min(fired_at, now))
    redact = redact_json if ctx.caller.settings.redaction else keep
    batch = await aside(size, lambda: domain.ingest.hooks.read(hooks, [payload], redact))
    await save_batch(ctx.services, ctx.caller, batch)
