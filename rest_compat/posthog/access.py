"""What PostHog's clients ask before insights: who they are, what their key may, which projects it opens."""

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.access
from domain.access import Org
from rest_compat.dialect import Operation
from rest_compat.posthog.bodies import UserBody, Uuid, person_body
from rest_compat.posthog.dialect import DIALECT


class OrganisationBody(TypedDict):
    id: Uuid
    name: str
    slug: str


class ProjectBody(TypedDict):
    """An organisation has one, under its own name. `timezone` is that of whose key it is."""

    id: int
    name: str
    organization: Uuid
    timezone: str


class MeBody(UserBody):
    """`team` is the project."""

    organization: OrganisationBody
    organizations: list[OrganisationBody]
    team: ProjectBody


class KeyBody(TypedDict):
    """A key opens one organisation and its project."""

    id: Uuid
    scopes: list[str]
    scoped_organizations: list[Uuid]
    scoped_teams: list[int]


class ProjectsBody(TypedDict):
    count: int
    next: str | None
    previous: str | None
    results: list[ProjectBody]


async def get_me(request: Request) -> Response:
    ctx = DIALECT.context(request)
    org, user = await resolvers.access.get_organisation(ctx), await resolvers.access.get_viewer(ctx)
    organisation = _organisation(org)
    body: MeBody = {
        **person_body(user),
        "organization": organisation,
        "organizations": [organisation],
        "team": _project(org, ctx.caller.time_zone),
    }
    return DIALECT.answer(body)


async def get_key(request: Request) -> Response:
    caller = DIALECT.context(request).caller
    body: KeyBody = {
        "id": str(caller.key_id),
        "scopes": sorted(caller.scopes),
        "scoped_organizations": [str(caller.org_id)],
        "scoped_teams": [caller.environment_id],
    }
    return DIALECT.answer(body)


async def list_projects(request: Request) -> Response:
    ctx = DIALECT.context(request)
    project = _project(await resolvers.access.get_organisation(ctx), ctx.caller.time_zone)
    body: ProjectsBody = {"count": 1, "next": None, "previous": None, "results": [project]}
    return DIALECT.answer(body)


def _organisation(org: Org) -> OrganisationBody:
    return {"id": str(org.id), "name": org.slug, "slug": org.slug}


def _project(org: Org, time_zone: str) -> ProjectBody:
    return {"id": org.environment_id, "name": org.slug, "organization": str(org.id), "timezone": time_zone}


OPERATIONS = (
    Operation(DIALECT, "GET", "/api/users/@me", get_me, "Whose key it is", {200: MeBody}, (401, 404, 429),
              aliases=("/api/users/@me/",)),
    Operation(DIALECT, "GET", "/api/personal_api_keys/@current", get_key, "What the key may do", {200: KeyBody},
              (401, 429), aliases=("/api/personal_api_keys/@current/",)),
    Operation(DIALECT, "GET", "/api/projects", list_projects, "The project that the key opens", {200: ProjectsBody},
              (401, 404, 429), aliases=("/api/projects/",)),
)  # fmt: skip
