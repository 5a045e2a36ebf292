"""Having insights copied in a test, one job after the other, and a ClickHouse that is a dictionary."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

import persistence.insights.events
import persistence.job_runs
import persistence.jobs
from domain.errors import Unavailable
from domain.insights.facts import Fact
from domain.jobs import Job, JobKind
from domain.values import OrgId, SessionId
from persistence.database import Tenant
from persistence.insights.clickhouse.client import Client, Row, Settings
from persistence.insights.clickhouse.conditions import micros
from persistence.insights.events import Origin, Told
from persistence.jobs import EVERYTHING, jobs
from resolvers.context import Services
from resolvers.insight_copying import begin_copying
from resolvers.worker import RUNNERS
from tests.make_insights import Made


class FakeClickHouse:
    """Rows by what they are sorted by; of equal ones the newest version counts. It knows the feeder's statements."""

    def __init__(self) -> None:
        self.copy_id: str | None = None
        self.stored: dict[tuple[str, ...], dict[str, Any]] = {}
        self.away = False
        self.calls = 0

    @property
    def seen(self) -> list[dict[str, Any]]:
        return [row for row in self.stored.values() if not row.get("is_deleted")]

    async def rows(self, statement: str, values: Mapping[str, object], settings: Settings | None = None) -> list[Row]:
        self._answer()
        if "FROM insight_copy" in statement:
            return [{"id": self.copy_id, "layout": 1}] if self.copy_id else []
        if "DISTINCT" in statement:
            return [{"org": org} for org in {row["org_id"] for row in self.stored.values()}]
        mine = [row for row in self.seen if row["org_id"] == values["org"] and row["session_id"] in values["ids"]]  # type: ignore[operator]
        return [{**row, "ts_us": row["ts"]} for row in mine]

    async def insert(self, table: str, lines: Sequence[str]) -> None:
        self._answer()
        for line in lines:
            row = orjson.loads(line)
            row["ts"] = _micros(row["ts"])
            key = tuple(str(row[name]) for name in ("org_id", "event", "ts", "session_id", "id"))
            known = self.stored.get(key)
            if known is None or known["version"] <= row["version"]:
                self.stored[key] = row

    async def command(self, statement: str, values: Mapping[str, object] | None = None) -> None:
        self._answer()
        if statement.startswith("DROP"):
            self.stored = {}
        if statement.startswith("INSERT INTO insight_copy"):
            self.copy_id = str((values or {})["id"])
        if statement.startswith("ALTER"):
            org, ids = (values or {})["org"], (values or {}).get("ids")
            self.stored = {
                key: row
                for key, row in self.stored.items()
                if row["org_id"] != org or (ids is not None and row["session_id"] not in ids)  # type: ignore[operator]
            }

    async def close(self) -> None: ...

    def _answer(self) -> None:
        self.calls += 1
        if self.away:
            raise Unavailable("away")


def _micros(ts: str) -> int:
    """Of the two spellings that ClickHouse reads."""
    if "-" in ts[1:]:
        return micros(datetime.fromisoformat(f"{ts}+00:00"))
    seconds, fraction = ts.split(".")
    return int(seconds) * 1_000_000 + int(fraction)


async def begun(services: Services, client: Client) -> Services:
    """These services with a copying that goes on."""
    await begin_copying(services.database.urls, client)
    return replace(services, clickhouse=client)


async def claim(services: Services) -> list[Job]:
    async with persistence.jobs.scope(services.database) as db:
        await persistence.jobs.enqueue_waiting_copies(db)
        claimed = await persistence.job_runs.claim(db, 10, timedelta(seconds=20), "test")
    assert {job.kind for job in claimed} <= {JobKind.COPY_INSIGHTS}
    return claimed


async def copied(services: Services) -> None:
    """Runs the jobs of copying until nothing waits."""
    async with asyncio.timeout(20):
        while (claimed := await claim(services)) or await _unsettled(services):
            for job in claimed:
                await RUNNERS[job.kind](services, job)


async def _unsettled(services: Services) -> bool:
    """Whether all that is there could not be put among what is to be copied, for transactions of other tests that are
    going on: then that is tried again at once."""
    async with persistence.jobs.scope(services.database) as db:
        waiting = sa.and_(
            jobs.c.kind == JobKind.COPY_INSIGHTS, jobs.c.key == EVERYTHING, jobs.c.run_after > sa.func.now()
        )
        at_once = sa.update(jobs).where(waiting).values(run_after=sa.func.now())
        put_off = await db.execute(at_once.returning(jobs.c.org_id))
        found = bool(put_off.all())
    await asyncio.sleep(0.01 if found else 0)
    return found


async def save(services: Services, org_id: OrgId, events: Sequence[Made]) -> None:
    """As a derivation does: what is told of a session is all there is."""
    sessions: dict[SessionId, list[Made]] = {}
    for one in events:
        sessions.setdefault(one.session_id, []).append(one)
    told = {id: _told(own) for id, own in sessions.items()}
    async with services.database.write(Tenant(org_id)) as db:
        await persistence.insights.events.save(db, org_id, told)


async def erase(services: Services, org_id: OrgId, ids: Sequence[SessionId]) -> None:
    async with services.database.write(Tenant(org_id)) as db:
        await persistence.insights.events.erase(db, org_id, ids)


def _told(events: Sequence[Made]) -> Told:
    facts = [
        Fact(one.id, one.event, one.ts, one.ordinal, one.arc_id, one.model, one.tool, one.properties) for one in events
    ]
    return Told(Origin(events[0].user_id, events[0].agent, events[0].project), facts)
