"""What can be checked of PostHog's endpoints without reading the contract's prose; and that each rule has a test."""

from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from jsonschema_rs import ValidationError

from domain.access import KeyKind
from domain.insights.alerts import Bounds, Threshold, ThresholdId, ThresholdType
from domain.insights.saved import InsightId
from domain.values import OrgId, UserId
from persistence.database import Tenant
from persistence.insights.alerts import save_threshold
from tests.make import START
from tests.rest_compat import contract
from tests.rest_compat.contract import POSTHOG, Endpoint, endpoints
from tests.rest_compat.house import House, client_of
from tests.rest_compat.posthog import TRENDS, Project, project

ENDPOINTS = (
    [endpoints()[id] for id in POSTHOG]
    if endpoints()
    else [pytest.param(None, marks=pytest.mark.skip(reason=contract.ABSENT))]
)
each = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: getattr(endpoint, "id", ""))


async def stage(endpoint: Endpoint, mine: Project) -> str:
    """The path with ids of what is there."""
    one = await mine.made(name="Crushed", query=TRENDS)
    path = endpoint.path.replace("{environment_id}", str(mine.key.org.environment_id))
    if "{insight_id}" in path:
        path = path.replace("{insight_id}", str(one["id"]))
        if "{password_id}" in path or path.endswith("/passwords"):
            await mine.client.patch(f"{mine.insights}/{one['id']}/sharing", json={"password_required": True})
        if "{password_id}" in path:
            path = path.replace("{password_id}", await a_password(mine, one["id"]))
        if "{id}" in path:
            path = path.replace("{id}", str(await a_threshold(mine, one["id"])))
    if "{query_id}" in path:
        path = path.replace("{query_id}", await a_run(mine))
    return path.replace("{id}", str(one["id"]))


async def a_run(mine: Project) -> str:
    wish = {"query": TRENDS, "refresh": "async"}
    return (await mine.client.post(f"{mine.base}/query", json=wish)).json()["query_status"]["id"]


async def a_password(mine: Project, id: object) -> str:
    answer = await mine.client.post(f"{mine.insights}/{id}/sharing/passwords", json={})
    return answer.json()["id"]


async def a_threshold(mine: Project, id: object) -> ThresholdId:
    return await threshold_of(mine.house, mine.org_id, InsightId(id), mine.user_id)


async def threshold_of(house: House, org_id: OrgId, insight_id: InsightId, user_id: UserId) -> ThresholdId:
    new = ThresholdId(uuid4())
    bounds = Bounds(lower=1.0, upper=None)
    made = Threshold(new, org_id, insight_id, "low", ThresholdType.ABSOLUTE, bounds, user_id, START)
    async with house.services.database.write(Tenant(org_id)) as db:
        await save_threshold(db, made)
    return new


def body_of(endpoint: Endpoint) -> Mapping[str, object] | None:
    if endpoint.spec["request"] is None:
        return None
    samples = endpoint.examples("request", valid=True)
    return samples[0]["value"] if samples else {}


async def call(client: httpx2.AsyncClient, endpoint: Endpoint, path: str) -> httpx2.Response:
    return await client.request(endpoint.method, path, json=body_of(endpoint))


def statuses(endpoint: Endpoint) -> set[int]:
    return {answer["status"] for answer in endpoint.spec["success"]}


@each
async def test_a_good_call_succeeds_at_all_its_paths(endpoint: Endpoint, house: House) -> None:
    """The client of the test holds every answer against the contract."""
    mine = await project(house)
    for spell in (str, _slashed, _aliased, lambda path: _slashed(_aliased(path)), _current):
        path = spell(await stage(endpoint, mine))
        answer = await call(mine.client, endpoint, path)
        assert answer.status_code in statuses(endpoint), (path, answer.text)
        without = {one["status"] for one in endpoint.spec["success"] if one["schema"] is None}
        assert (answer.content == b"") == (answer.status_code in without)


def _slashed(path: str) -> str:
    return f"{path}/"


def _aliased(path: str) -> str:
    return path.replace("/api/environments/", "/api/projects/")


def _current(path: str) -> str:
    parts = path.split("/")
    return "/".join([*parts[:3], "%40current" if len(parts) % 2 else "@current", *parts[4:]])


@each
async def test_without_a_personal_key_it_is_401(endpoint: Endpoint, house: House) -> None:
    path = await stage(endpoint, await project(house))
    others = [house.client(await house.key(kind)) for kind in (KeyKind.DEVELOPER, KeyKind.SERVICE)]
    in_other_header = house.client(await house.key(KeyKind.PERSONAL), "x-api-key")
    for client in (client_of(house.services), house.client("phx_nobody"), in_other_header, *others):
        answer = await call(client, endpoint, path)
        assert answer.status_code == 401
        assert answer.json()["code"] == "not_authenticated"


@each
async def test_each_needs_its_scope(endpoint: Endpoint, house: House) -> None:
    path = await stage(endpoint, await project(house))
    needed = set(endpoint.spec["auth"]["scopes"])
    all_scopes = {scope for one in ENDPOINTS for scope in one.spec["auth"]["scopes"]}
    without = await project(house, scopes=tuple(sorted(all_scopes - needed)))
    answer = await call(without.client, endpoint, path)
    assert answer.status_code == 403
    assert answer.json()["type"] == "authentication_error"
    only = await project(house, scopes=tuple(needed))
    assert (await call(only.client, endpoint, path)).status_code in statuses(endpoint)


@each
async def test_another_project_is_none(endpoint: Endpoint, house: House, other_house: House) -> None:
    mine, theirs = await project(house), await project(other_house)
    path = await stage(endpoint, theirs)
    answer = await call(mine.client, endpoint, path)
    assert answer.status_code == 404
    assert answer.json() == {"type": "invalid_request", "code": "not_found", "detail": "Not found.", "attr": None}
    nowhere = path.replace(f"/{theirs.key.org.environment_id}/", "/0/")
    assert (await call(mine.client, endpoint, nowhere)).json() == answer.json()


@each
async def test_of_what_is_unknown_and_what_is_anothers_nobody_can_tell(
    endpoint: Endpoint, house: House, other_house: House
) -> None:
    ids = [part for part in ("{insight_id}", "{password_id}", "{id}") if part in endpoint.path]
    if not ids or (endpoint.method == "DELETE" and ids == ["{id}"]):
        return
    mine, theirs = await project(house), await project(other_house)
    for _ in range(3):
        await theirs.made()
    in_theirs = (await stage(endpoint, theirs)).replace(theirs.insights, mine.insights)
    for unknown in (in_theirs, *(_unknown(endpoint, mine, part) for part in ids)):
        answer = await call(mine.client, endpoint, unknown)
        assert (answer.status_code, answer.json()["detail"]) == (404, "Not found."), unknown


def _unknown(endpoint: Endpoint, mine: Project, part: str) -> str:
    path = endpoint.path.replace("{environment_id}", str(mine.key.org.environment_id))
    path = path.replace(part, str(uuid4()))
    return path.replace("{insight_id}", "999").replace("{password_id}", "x").replace("{id}", "998")


@each
async def test_each_sample_is_taken_or_refused_as_it_says(endpoint: Endpoint, house: House) -> None:
    """Samples of PostHog's own events name `$pageview`, which nobody here does: that is no error."""
    mine = await project(house)
    for valid, expected in ((True, statuses(endpoint)), (False, {400})):
        for example in endpoint.examples("request", valid=valid):
            path = await stage(endpoint, mine)
            answer = await mine.client.request(endpoint.method, path, json=example["value"])
            skipped = endpoint.id.endswith("bulk_update_tags")
            assert answer.status_code in expected, (example, answer.text)
            if valid and not skipped and answer.content:
                endpoint.check(answer.status_code, answer.json())


@each
def test_samples_of_answers_fit_or_fail_as_they_say(endpoint: Endpoint) -> None:
    for example in endpoint.examples("response", valid=True):
        endpoint.check(example["status"], example["value"])
    for example in endpoint.examples("response", valid=False):
        with pytest.raises(ValidationError):
            endpoint.check(example["status"], example["value"])


@each
async def test_parameters_have_their_defaults_and_bounds(endpoint: Endpoint, house: House) -> None:
    mine = await project(house)
    path = await stage(endpoint, mine)
    first = await call(mine.client, endpoint, path)
    for one in endpoint.spec["params"]:
        if one["in"] != "query" or endpoint.method != "GET":
            continue
        name, schema = one["name"], one["schema"]
        if "default" in schema:
            default = str(schema["default"]).lower()
            assert _without_links(await mine.client.get(path, params={name: default})) == _without_links(first)
        if one.get("out_of_range") == "clamp":
            for bound in ("minimum", "maximum"):
                if bound in schema:
                    beyond = schema[bound] + (1 if bound == "maximum" else -1)
                    at = [await mine.client.get(path, params={name: n}) for n in (schema[bound], beyond)]
                    assert _without_links(at[0]) == _without_links(at[1]), (name, bound)
        if one.get("on_invalid") == "400":
            answer = await mine.client.get(path, params={name: _wrong(schema)})
            assert answer.status_code == 400, name
            assert answer.json()["attr"] == name
        if one.get("on_invalid") == "default":
            answer = await mine.client.get(path, params={name: "no such value"})
            assert _without_links(answer) == _without_links(first)


def _wrong(schema: Mapping[str, object]) -> str:
    return "x" * (schema["maxLength"] + 1) if "maxLength" in schema else "no such value"


def _without_links(answer: httpx2.Response) -> object:
    body = answer.json()
    return (
        {name: value for name, value in body.items() if name not in ("next", "previous")}
        if isinstance(body, dict)
        else body
    )


@each
async def test_a_body_that_is_no_json_object_is_refused(endpoint: Endpoint, house: House) -> None:
    if endpoint.spec["request"] is None or endpoint.id.endswith("sharing.refresh"):
        return
    mine = await project(house)
    path = await stage(endpoint, mine)
    for body in (b"{", b"[]", b"1", b"null", b'"x"'):
        headers = {"content-type": "application/json"}
        answer = await mine.client.request(endpoint.method, path, content=body, headers=headers)
        assert answer.status_code == 400, body
    answer = await mine.client.request(endpoint.method, path, content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_each_rule_has_a_test_of_its_name() -> None:
    """`sharing.get` + `never-shared`: test_sharing_get_never_shared."""
    written = "".join(path.read_text() for path in Path(__file__).parent.glob("test_posthog*.py"))
    missing: list[str] = []
    for one in endpoints().values():
        if one.id.startswith("posthog_insights."):
            short = one.id.partition(".")[2].replace(".", "_")
            names = [f"async def test_{short}_{rule}(".replace("-", "_") for rule in one.rules]
            missing += [name for name in names if name not in written]
    assert missing == []
