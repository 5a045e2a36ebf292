"""What PostHog's clients ask before they ask for insights."""

import pytest

from domain.access import KeyKind
from tests.rest_compat.house import House
from tests.rest_compat.posthog import Project, project

PATHS = ("/api/users/@me", "/api/personal_api_keys/@current", "/api/projects")


@pytest.fixture
async def here(house: House) -> Project:
    return await project(house)


async def test_a_key_says_whose_it_is_and_which_project_it_opens(here: Project) -> None:
    org = here.key.org
    me = (await here.client.get("/api/users/@me/")).json()
    assert (me["email"], me["distinct_id"]) == (here.key.user.email, str(here.user_id))
    assert me["organization"] == {"id": str(org.id), "name": org.slug, "slug": org.slug} == me["organizations"][0]
    assert (me["team"]["id"], me["team"]["organization"]) == (org.environment_id, str(org.id))
    listed = (await here.client.get("/api/projects/")).json()
    assert (listed["count"], listed["results"]) == (1, [me["team"]])


async def test_a_key_says_what_it_may(here: Project) -> None:
    key = (await here.client.get("/api/personal_api_keys/@current")).json()
    assert "insight:write" in key["scopes"]
    assert (key["scoped_teams"], key["scoped_organizations"]) == ([here.key.org.environment_id], [str(here.org_id)])


@pytest.mark.parametrize("path", PATHS)
async def test_only_personal_keys_are_answered(here: Project, path: str) -> None:
    assert (await here.client.get(path)).status_code == 200
    other = here.house.client(await here.house.key(KeyKind.DEVELOPER, "dev@example.org"))
    assert (await other.get(path)).json()["type"] == "authentication_error"
