"""Settings of an organisation: everybody reads them, administrators change them."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

import persistence.jobs
import resolvers.access
from domain.access import OrgSettings
from domain.jobs import JobKind
from domain.score_versions import ScoreVersion
from domain.values import JsonObject, SessionId
from persistence.access import orgs
from persistence.database import Tenant
from persistence.jobs import jobs
from resolvers.context import Services
from tests.schema.asking import Asker, make_asker

SETTINGS = "settings { redaction splitOnCommit scoreDefault retentionDays aiProcessing language }"
READ = f"{{ viewer {{ organisation {{ {SETTINGS} }} }} }}"
UPDATE = f"""mutation ($input: UpdateOrganisationSettingsInput!) {{ updateOrganisationSettings(input: $input) {{
  organisation {{ slug {SETTINGS} }} userErrors {{ field code }} }} }}"""
DEFAULTS = {
    "redaction": True,
    "splitOnCommit": False,
    "scoreDefault": "V3",
    "retentionDays": None,
    "aiProcessing": True,
    "language": "EN",
}


@pytest.fixture
async def boss(judged: Services) -> Asker:
    return await make_asker(judged, admin=True)


async def read(asker: Asker) -> JsonObject:
    return (await asker.data(READ))["viewer"]["organisation"]["settings"]


async def update(asker: Asker, **input: object) -> JsonObject:
    return (await asker.data(UPDATE, input=input))["updateOrganisationSettings"]


async def kinds_waiting(asker: Asker) -> set[str]:
    org_id = asker.ctx.caller.org_id
    async with asker.ctx.services.database.read(Tenant(org_id)) as db:
        waiting = sa.select(jobs.c.kind).where(jobs.c.org_id == org_id, jobs.c.state == "queued")
        return {row["kind"] for row in await db.rows(waiting)}


async def test_what_is_left_out_stays_and_the_next_request_knows(boss: Asker) -> None:
    plain = await make_asker(boss.ctx.services, boss.slug)
    assert await read(plain) == DEFAULTS
    for input in (
        {"redaction": False, "scoreDefault": "V2"},
        {"retentionDays": 90, "language": "JA"},
        {"aiProcessing": False, "splitOnCommit": True, "redaction": None},
        {"retentionDays": None},
    ):
        changed = await update(boss, **input)
        assert changed["userErrors"] == []
        assert (await read(plain)) == changed["organisation"]["settings"]
    expected = DEFAULTS | {"redaction": False, "scoreDefault": "V2", "language": "JA", "aiProcessing": False}
    assert await read(boss) == expected | {"splitOnCommit": True}
    stored = await resolvers.access.get_org(boss.ctx.services.database.urls, boss.slug)
    assert (stored.settings.score_default, stored.settings.retention_days) == (ScoreVersion.V2, None)


async def test_changes_that_reach_stored_work_are_carried_out(boss: Asker) -> None:
    org_id, user_id = boss.ctx.caller.org_id, boss.ctx.caller.user_id
    async with boss.ctx.services.database.write(Tenant(org_id)) as db:
        await persistence.jobs.enqueue(db, org_id, user_id, [SessionId("s")])
        await db.execute(sa.update(jobs).where(jobs.c.org_id == org_id).values(state="idle"))
    for input, kinds in (
        ({"redaction": False}, set[str]()),
        ({"splitOnCommit": True}, {JobKind.DERIVE_SESSION}),
        ({"retentionDays": 30}, {JobKind.DERIVE_SESSION, JobKind.EXPIRE_SESSIONS}),
    ):
        await update(boss, **input)
        assert await kinds_waiting(boss) == kinds


@pytest.mark.parametrize(
    ("input", "field", "code"),
    [
        ({}, None, "NOTHING_TO_CHANGE"),
        ({"redaction": None}, None, "NOTHING_TO_CHANGE"),
        ({"retentionDays": 0, "redaction": False}, ["retentionDays"], "INVALID_RETENTION"),
        ({"retentionDays": 36_501}, ["retentionDays"], "INVALID_RETENTION"),
    ],
)
async def test_what_cannot_be_is_refused(boss: Asker, input: JsonObject, field: list[str] | None, code: str) -> None:
    refused = await update(boss, **input)
    assert refused == {"organisation": None, "userErrors": [{"field": field, "code": code}]}
    assert await read(boss) == DEFAULTS


async def test_others_change_nothing(boss: Asker) -> None:
    plain = await make_asker(boss.ctx.services, boss.slug)
    assert await plain.code(UPDATE, input={"redaction": False}) == "FORBIDDEN"
    stranger = await make_asker(boss.ctx.services, admin=True)
    await update(stranger, redaction=False)
    assert await read(boss) == DEFAULTS


async def test_the_serving_role_changes_settings_of_the_bound_organisation_and_nothing_else(boss: Asker) -> None:
    stranger = await make_asker(boss.ctx.services, admin=True)
    database, mine = boss.ctx.services.database, Tenant(boss.ctx.caller.org_id)
    async with database.write(mine) as db:
        await db.execute(sa.update(orgs).values(settings={"redaction": False}))
    assert (await read(stranger), (await read(boss))["redaction"]) == (DEFAULTS, False)
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.write(mine) as db:
            await db.execute(sa.update(orgs).values(slug="taken"))
    assert boss.ctx.caller.settings == OrgSettings()
