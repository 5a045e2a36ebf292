"""Many saved insights: what is read often is walked along an index."""

from contextlib import suppress

import pytest
import sqlalchemy as sa

import persistence.activity
import persistence.insights.saved
from domain.insights.saved import InsightFilter, InsightId, InsightOrder, InsightSort
from domain.values import Window
from persistence.database import Tenant
from resolvers.context import Context
from tests.make_context import NOW
from tests.persistence.test_reports import Explained

_INSIGHTS = sa.text(
    'INSERT INTO insights (org_id, id, short_id, name, filters, "order", saved, favorited, deleted, tags, created_at,'
    " created_by, updated_at, last_modified_at, last_modified_by)"
    " SELECT CAST(:org_id AS uuid), n, 's' || n, 'insight ' || n, '{}', nullif(n % 7, 0), true, false, n % 20 = 0,"
    " ARRAY['t' || n % 50], :now, CAST(:org_id AS uuid), :now, :now, CAST(:org_id AS uuid)"
    " FROM generate_series(1, 3000) AS n"
).bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))
_ACTIVITY = sa.text(
    "INSERT INTO activity (org_id, id, insight_id, kind, short_id, changes, created_at, created_by)"
    " SELECT CAST(:org_id AS uuid), gen_random_uuid(), n % 100, 'updated', 's', '[]', :now, CAST(:org_id AS uuid)"
    " FROM generate_series(1, 3000) AS n"
).bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))


class _Enough(Exception):
    """Nothing of it is kept."""


async def plan_of(context: Context, ask: object) -> str:
    """How PostgreSQL finds what `ask` asks for, among many, without sorting any."""
    org_id = context.caller.org_id
    with suppress(_Enough):
        async with context.services.database.write(Tenant(org_id)) as db:
            for statement in (_INSIGHTS, _ACTIVITY):
                await db.execute(statement, {"org_id": org_id, "now": NOW})
            for setting in ("enable_sort", "enable_incremental_sort", "enable_seqscan"):
                await db.execute(sa.text(f"SET LOCAL {setting} = off"))
            asked = Explained(db.connection)
            await ask(asked, org_id)
            raise _Enough
    return asked.plan


@pytest.mark.parametrize(
    "by", [InsightSort.ORDER, InsightSort.LAST_MODIFIED_AT, InsightSort.CREATED_AT, InsightSort.ID]
)
@pytest.mark.parametrize("descending", [False, True])
async def test_lists_in_the_usual_orders_are_walked_along_an_index(
    context: Context, by: InsightSort, descending: bool
) -> None:
    order = InsightOrder(by, descending)
    for ask in (
        lambda db, org_id: persistence.insights.saved.page(db, org_id, InsightFilter(), order, 10, 0),
        lambda db, org_id: persistence.insights.saved.window(db, org_id, InsightFilter(), order, Window(10)),
    ):
        plan = await plan_of(context, ask)
        assert "Sort" not in plan, plan
        [condition] = [line for line in plan.split("\n") if "Index Cond" in line]
        assert "org_id" in condition


async def test_one_insight_and_what_happened_are_found_along_an_index(context: Context) -> None:
    asked = (
        lambda db, org_id: persistence.activity.page(db, org_id, None, 10, 0),
        lambda db, org_id: persistence.activity.page(db, org_id, InsightId(7), 10, 0),
    )
    for ask, by in zip(asked, (("org_id",), ("org_id", "insight_id")), strict=True):
        plan = await plan_of(context, ask)
        assert "Sort" not in plan, plan
        [condition] = [line for line in plan.split("\n") if "Index Cond" in line]
        assert all(name in condition for name in by)
