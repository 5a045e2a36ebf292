"""Keys: made, presented, revoked; and what each may do."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

import persistence.jobs
import resolvers.access
from domain.access import CandidateStatus, KeyKind, OrgSettings, Scope
from domain.errors import Forbidden, Invalid, NotFound, Unauthenticated
from domain.score_versions import ScoreVersion
from domain.values import AssessmentId, KeyId, SessionId
from persistence.database import Tenant, Urls
from persistence.jobs import jobs
from resolvers.access import KeyWish, NewKey
from resolvers.context import Services
from resolvers.exports import score_rows
from tests.hiring import create_assessment

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def at(services: Services, moment: datetime) -> Services:
    return replace(services, now=lambda: moment)


async def make(urls: Urls, **wish: object) -> NewKey:
    asked = {"slug": f"org-{uuid4().hex[:8]}", "email": "Kim@Example.org", "kind": KeyKind.DEVELOPER} | wish
    return await resolvers.access.create_key(urls, KeyWish(**asked), NOW)


async def test_the_secret_opens_what_the_key_is_for(urls: Urls, services: Services) -> None:
    made = await make(urls, time_zone="Europe/Berlin")
    caller = await resolvers.access.authenticate(at(services, NOW), made.secret)
    assert (caller.org_id, caller.user_id, caller.key_id) == (made.org.id, made.user.id, made.key.id)
    assert (caller.kind, caller.time_zone) == (KeyKind.DEVELOPER, "Europe/Berlin")
    assert caller.visible_user == made.user.id


async def test_a_key_may_have_a_budget_of_its_own(urls: Urls, services: Services) -> None:
    for budget in (None, 1, 10**12):
        made = await make(urls, slug="budgets", budget=budget)
        caller = await resolvers.access.authenticate(at(services, NOW), made.secret)
        assert (made.key.budget, caller.budget) == (budget, budget)
        assert replace(caller, budget=7).shared() == caller.shared()
    listed = await resolvers.access.list_keys(urls, "budgets")
    assert {key.budget for _, key, _ in listed} == {None, 1, 10**12}


async def test_the_same_address_is_the_same_developer(urls: Urls) -> None:
    first = await make(urls, slug="same-dev", time_zone="Asia/Tokyo")
    again = await make(urls, slug="same-dev", email=" kim@example.ORG ")
    assert (again.user.id, again.user.time_zone) == (first.user.id, "Asia/Tokyo")


async def test_an_admin_sees_the_whole_organisation(urls: Urls, services: Services) -> None:
    made = await make(urls, admin=True)
    caller = await resolvers.access.authenticate(at(services, NOW), made.secret)
    assert caller.visible_user is None
    caller.require(Scope.ADMIN)


async def test_scopes_replace_those_of_the_kind(urls: Urls, services: Services) -> None:
    made = await make(urls, kind=KeyKind.PERSONAL, scopes=("insight:read",))
    caller = await resolvers.access.authenticate(at(services, NOW), made.secret)
    assert caller.scopes == {"insight:read"}
    with pytest.raises(Forbidden):
        caller.require(Scope.SESSIONS_READ)


@pytest.mark.parametrize("secret", ["", "gck_unknown", "\x00", "\ud800", "x" * 100_000])
async def test_an_unknown_secret_is_refused(services: Services, secret: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await resolvers.access.authenticate(services, secret)
    assert refused.value.reason == "unknown"


async def test_a_revoked_key_is_refused_at_once(urls: Urls, services: Services) -> None:
    made = await make(urls)
    await resolvers.access.revoke_key(urls, made.key.id, NOW)
    await resolvers.access.revoke_key(urls, made.key.id, NOW + timedelta(days=1))
    with pytest.raises(Unauthenticated) as refused:
        await resolvers.access.authenticate(at(services, NOW), made.secret)
    assert refused.value.reason == "inactive"
    [(_, key, _)] = await resolvers.access.list_keys(urls, made.org.slug)
    assert key.revoked_at == NOW


async def test_a_key_ends_at_its_time(urls: Urls, services: Services) -> None:
    made = await make(urls, expires_at=NOW + timedelta(days=1))
    await resolvers.access.authenticate(at(services, NOW + timedelta(hours=23)), made.secret)
    with pytest.raises(Unauthenticated):
        await resolvers.access.authenticate(at(services, NOW + timedelta(days=1)), made.secret)


async def test_last_used_is_noted_at_most_once_a_minute(urls: Urls, services: Services) -> None:
    made = await make(urls)
    seen: list[datetime | None] = []
    for seconds in (0, 30, 61):
        await resolvers.access.authenticate(at(services, NOW + timedelta(seconds=seconds)), made.secret)
        [(_, key, _)] = await resolvers.access.list_keys(urls, made.org.slug)
        seen.append(key.last_used_at)
    assert seen == [NOW, NOW, NOW + timedelta(seconds=61)]


async def test_a_candidate_key_needs_an_assessment_of_its_organisation(urls: Urls) -> None:
    assessment = await create_assessment(urls, "hiring", "Parser task")
    made = await make(urls, slug="hiring", kind=KeyKind.CANDIDATE, assessment_id=assessment)
    assert made.secret.startswith("PST-")
    assert made.key.candidate_status is CandidateStatus.PENDING
    for wish in (
        {"slug": "hiring", "kind": KeyKind.CANDIDATE},
        {"slug": "other-org", "kind": KeyKind.CANDIDATE, "assessment_id": assessment},
        {"slug": "hiring", "kind": KeyKind.CANDIDATE, "assessment_id": AssessmentId(uuid4())},
        {"slug": "hiring", "kind": KeyKind.DEVELOPER, "assessment_id": assessment},
    ):
        with pytest.raises(Invalid):
            await make(urls, **wish)


@pytest.mark.parametrize(
    "wish",
    [
        {"slug": "Acme"}, {"slug": ""}, {"slug": "a" * 64}, {"slug": "-a"}, {"email": "kim"}, {"email": "a@b c"},
        {"email": "a\x00@b"}, {"email": "a\udcff@b"}, {"time_zone": "Mars/Olympus"}, {"time_zone": "../etc/passwd"},
        {"scopes": ("nonsense",)}, {"scopes": ("sessions:read", "")}, {"scopes": ("a:b\x00",)},
        {"budget": 0}, {"budget": -1}, {"budget": 10**12 + 1},
    ],
)  # fmt: skip
async def test_names_that_cannot_be_are_refused(urls: Urls, wish: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        await make(urls, **wish)


async def test_secrets_are_listed_nowhere(urls: Urls) -> None:
    made = await make(urls)
    assert made.secret not in repr(await resolvers.access.list_keys(urls))


async def test_listing_an_unknown_organisation_is_not_found(urls: Urls) -> None:
    with pytest.raises(NotFound):
        await resolvers.access.list_keys(urls, "nobody-here")


async def test_an_export_for_an_unknown_name_is_not_found_and_not_empty(urls: Urls) -> None:
    made = await make(urls)
    for slug, email in (("nobody-here", None), (made.org.slug, "nobody@example.org")):
        with pytest.raises(NotFound):
            await anext(score_rows(urls, slug, email))
    assert [row async for row in score_rows(urls, made.org.slug, " KIM@example.org ")] == []


@pytest.mark.parametrize("title", ["", " ", "a\x00", "a\nb", "a\udcff", "x" * 201])
async def test_a_title_that_cannot_be_is_refused(urls: Urls, title: str) -> None:
    with pytest.raises(Invalid):
        await create_assessment(urls, "hiring", title)


async def test_a_setting_is_for_the_next_request_and_leaves_the_others(urls: Urls, services: Services) -> None:
    made = await make(urls)
    await resolvers.access.set_settings(urls, made.org.slug, {"redaction": "off"})
    org = await resolvers.access.set_settings(urls, made.org.slug, {"split_on_commit": "on"})
    org = await resolvers.access.set_settings(urls, made.org.slug, {"score_default": "v2"})
    assert org.settings == OrgSettings(redaction=False, split_on_commit=True, score_default=ScoreVersion.V2)
    assert await resolvers.access.get_org(urls, made.org.slug) == org
    assert (await resolvers.access.authenticate(at(services, NOW), made.secret)).settings == org.settings


async def test_sessions_are_derived_again_when_a_switch_of_the_rules_moves(urls: Urls, services: Services) -> None:
    made = await make(urls)
    caller = await resolvers.access.authenticate(at(services, NOW), made.secret)
    async with services.database.write(Tenant(caller.org_id)) as db:
        await persistence.jobs.enqueue(db, caller.org_id, caller.user_id, [SessionId("s")])
        await db.execute(sa.update(jobs).where(jobs.c.org_id == caller.org_id).values(state="idle"))
    for name, value, state in (
        ("redaction", "off", "idle"),
        ("score_default", "v2", "idle"),
        ("split_on_commit", "on", "queued"),
    ):
        await resolvers.access.set_settings(urls, made.org.slug, {name: value})
        async with services.database.read(Tenant(caller.org_id)) as db:
            row = await db.row(sa.select(jobs.c.state).where(jobs.c.org_id == caller.org_id))
        assert row is not None
        assert row["state"] == state


async def test_a_setting_that_does_not_exist_is_refused(urls: Urls) -> None:
    made = await make(urls)
    with pytest.raises(Invalid, match="redaction, ai_processing, split_on_commit, score_default, language"):
        await resolvers.access.set_settings(urls, made.org.slug, {"redaction": "off", "nonsense": "on"})
    for name, value in (("redaction", "v2"), ("redaction", ""), ("score_default", "on"), ("score_default", "V2")):
        with pytest.raises(Invalid, match=f"{name} is "):
            await resolvers.access.set_settings(urls, made.org.slug, {name: value})
    assert (await resolvers.access.get_org(urls, made.org.slug)).settings == OrgSettings()
    with pytest.raises(NotFound):
        await resolvers.access.set_settings(urls, "nobody-here", {"redaction": "on"})


async def test_a_time_zone_is_set_for_a_developer_who_exists(urls: Urls, services: Services) -> None:
    made = await make(urls)
    await resolvers.access.set_time_zone(urls, made.org.slug, "KIM@example.org", "Asia/Tokyo")
    assert (await resolvers.access.authenticate(at(services, NOW), made.secret)).time_zone == "Asia/Tokyo"
    with pytest.raises(NotFound):
        await resolvers.access.set_time_zone(urls, made.org.slug, "nobody@example.org", "Asia/Tokyo")
    with pytest.raises(Invalid):
        await resolvers.access.set_time_zone(urls, made.org.slug, "kim@example.org", "Mars/Olympus")


async def test_revoking_an_unknown_key_is_not_found(urls: Urls) -> None:
    with pytest.raises(NotFound):
        await resolvers.access.revoke_key(urls, KeyId(uuid4()), NOW)


async def test_one_organisation_is_made_however_many_ask(urls: Urls) -> None:
    made = await asyncio.gather(*(make(urls, slug="in-a-race") for _ in range(6)))
    assert len({key.org.id for key in made}) == 1
    assert len({key.user.id for key in made}) == 1
