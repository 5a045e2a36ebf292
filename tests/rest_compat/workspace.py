"""A workspace of Mappa: an organisation with a recorded session, asked with its service key."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import httpx2
import orjson
import sqlalchemy as sa

import resolvers.uploads
from domain.access import KeyKind
from domain.jobs import Job, JobKind
from domain.values import JsonObject, OrgId, SessionId, UserId
from persistence.database import Tenant
from persistence.jobs import jobs
from resolvers.access import NewKey
from tests.history import Recorded, bug_fix, ended, recorded
from tests.reporting import write_reports
from tests.rest_compat import contract
from tests.rest_compat.house import Developer, House

JOBS, FILES, REPORTS = "/v1/reports/jobs", "/v1/files", "/v1/reports"
LINE = {
    "type": "user", "sessionId": "5f0c1a2e-0000-4000-8000-000000000001", "cwd": "/home/ada/shop", "version": "2.0.1",
    "uuid": "5f0c1a2e-0000-4000-8000-0000000000a1", "timestamp": "2026-03-02T09:00:00.000Z",
    "message": {"role": "user", "content": "Fix the wrong rounding of totals in shop/totals.py and run the tests."},
}  # fmt: skip
ANSWER = {
    "type": "assistant", "sessionId": LINE["sessionId"], "cwd": LINE["cwd"], "version": "2.0.1",
    "uuid": "5f0c1a2e-0000-4000-8000-0000000000a2", "timestamp": "2026-03-02T09:01:00.000Z",
    "message": {
        "id": "msg_1", "role": "assistant", "model": "claude-sonnet-4-5", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "The totals are rounded half up now."}],
        "usage": {"input_tokens": 10, "output_tokens": 20},
    },
}  # fmt: skip


def transcript(*lines: JsonObject) -> bytes:
    return b"".join(orjson.dumps(line) + b"\n" for line in lines or (LINE, ANSWER))


def wish(medium: str, template: str = "general_report", **more: object) -> dict[str, object]:
    """A good body of a job; `more` are any of its keys, and those of its output under `params`."""
    output: dict[str, object] = {"template": template}
    if (params := more.pop("params", None)) is not None:
        output["templateParams"] = params
    return {"media": {"mediaId": medium}, "output": output, "target": {"strategy": "dominant"}, **more}


@dataclass
class Workspace:
    house: House
    key: NewKey
    client: httpx2.AsyncClient
    ada: Developer
    session: SessionId

    @property
    def org_id(self) -> OrgId:
        return self.key.org.id

    async def ask(self, headers: Mapping[str, str] | None = None, **more: object) -> httpx2.Response:
        """Asks for a report of the recorded session."""
        return await self.client.post(JOBS, json=wish(self.session, **more), headers=headers)

    async def asked(self, **more: object) -> str:
        answer = await self.ask(**more)
        assert answer.status_code == 200, answer.text
        return answer.json()["jobId"]

    async def written(self, **more: object) -> tuple[str, dict[str, object]]:
        """A job that is done, and its report."""
        job = await self.asked(**more)
        await self.write()
        return job, (await self.client.get(f"{REPORTS}/by-job/{job}")).json()

    async def write(self) -> None:
        """What the worker would do in a moment."""
        await write_reports(self.house.services, self.org_id)

    async def read(self) -> None:
        """Reads what was uploaded."""
        for job in await self._claimed(JobKind.READ_UPLOAD):
            await resolvers.uploads.read_upload(self.house.services, job)

    async def _claimed(self, kind: JobKind) -> list[Job]:
        queued = sa.and_(jobs.c.org_id == self.org_id, jobs.c.kind == kind, jobs.c.state == "queued")
        claim = sa.update(jobs).where(queued).values(state="running", token=jobs.c.token + 1, run_after=None)
        async with self.house.services.database.write(Tenant(self.org_id)) as db:
            rows = await db.rows(claim.returning(*jobs.c))
        return [Job(self.org_id, kind, row["key"], UserId(row["user_id"]), 1, row["token"], 1) for row in rows]

    async def upload(self, body: bytes, name: str = "talk.jsonl", **more: object) -> httpx2.Response:
        headers = more.pop("headers", None)
        return await self.client.post(FILES, files={"file": (name, body)}, data=more, headers=headers)

    async def job(self, id: str) -> dict[str, object]:
        return (await self.client.get(f"/v1/jobs/{id}")).json()


async def workspace(house: House, told: Recorded | None = None) -> Workspace:
    ada = await house.developer()
    told = told or recorded(*bug_fix(0), ended(8))
    await ada.worked(told)
    key = await house.key(KeyKind.SERVICE, "lead@example.org")
    return Workspace(house, key, house.client(key, "mappa-api-key"), ada, told.id)


def endpoint(id: str) -> contract.Endpoint:
    return contract.endpoints()[f"mappa_reports.{id}"]


def uuid_of(name: str) -> UUID:
    """Of a job or a report."""
    return UUID(hex=name.rpartition("_")[2])
