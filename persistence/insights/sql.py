"""Runs queries of SQL that the guard has written, under a role that can read the documented views and nothing else."""

from domain.insights.plans import SqlPlan, Table
from persistence.database import Database, Tenant


async def run(database: Database, tenant: Tenant, plan: SqlPlan) -> Table:
    """The rows as JSON values. Raises InvalidQuery where PostgreSQL cannot make sense of it, and TooCostly where a bound
    on time, memory or size was reached."""
    raise NotImplementedError
