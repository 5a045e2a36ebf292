"""The rows that insights count: what is stored of a session, and what its quarters add up to."""

from collections import Counter

import sqlalchemy as sa

from persistence.database import Reading, Tenant
from persistence.insights.events import insight_events, insight_quarters
from resolvers.context import Context
from tests.make_insights import EPOCH, QUARTER, history, made, put_events


async def test_made_events_add_up_by_quarters(context: Context) -> None:
    org_id = context.caller.org_id
    events = [*history(1), made("prompt", 14.9, "ada", agent="codex"), made("prompt", 15, "ada", sub_agent=True)]
    async with context.services.database.write(Tenant(org_id)) as db:
        await put_events(db, org_id, events[:30])
        await put_events(db, org_id, events[30:])
        assert await _counts(db) == Counter(
            (one.session_id, one.event, EPOCH + (one.ts - EPOCH) // QUARTER * QUARTER, one.user_id) for one in events
        )
        stored = {row["id"]: row for row in await db.rows(sa.select(insight_events))}
        assert len(stored) == len(events)
        assert [stored[one.id]["agent"] for one in events] == [one.agent for one in events]
        assert [stored[one.id]["properties"] for one in events] == [one.properties for one in events]


async def _counts(db: Reading) -> Counter[tuple[object, ...]]:
    rows = await db.rows(sa.select(insight_quarters))
    return Counter({(row["session_id"], row["event"], row["quarter"], row["user_id"]): row["count"] for row in rows})
