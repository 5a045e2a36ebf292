"""What can be checked from the contract without reading its prose; and that each rule of the prose has a test."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from functools import cache
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from jsonschema_rs import ValidationError

from resolvers.context import Services
from tests.history import bug_fix, ended, recorded
from tests.make import arc_id, sub_session
from tests.reporting import writing
from tests.rest_compat.contract import Endpoint, each_endpoint
from tests.rest_compat.envelopes import INGEST, posted
from tests.rest_compat.house import Developer, House, client_of

SAMPLE_ID = "01234567-89ab-cdef-0123-456789abcdef"
EVENTS = 3


def each(which: Callable[[Endpoint], bool] = lambda _: True, streams: bool = True) -> pytest.MarkDecorator:
    """Once for each endpoint of which there is something to see."""
    found = each_endpoint(streams, which=which)
    return pytest.mark.parametrize("endpoint", found, ids=lambda endpoint: getattr(endpoint, "id", ""))


async def stage(endpoint: Endpoint, house: House) -> tuple[httpx2.AsyncClient, str]:
    """Somebody who may call the endpoint, and its path with the id of something that is there."""
    ada = await house.developer(admin=endpoint.spec["auth"].get("role") == "admin")
    if "/report" in endpoint.path:
        return ada.client, endpoint.path.replace("{id}", await a_report(ada, endpoint.path))
    if endpoint.path.startswith("/v1/score_v3"):
        await ada.has(sub_session(name := str(uuid4())))
        return ada.client, endpoint.path.replace("{id}", str(arc_id(name))) + required(endpoint)
    if endpoint.path.startswith("/v1/insights"):
        await ada.worked(told := recorded(*bug_fix(0), ended(8)))
        return ada.client, endpoint.path + required(endpoint, session_id=told.id)
    session = str(uuid4())
    await ada.client.post(INGEST, json=[posted(session, n) for n in range(EVENTS)])
    client = await house.candidate() if endpoint.path == INGEST else await house.reviewer()
    return client, endpoint.path.replace("{id}", session)


async def a_report(who: Developer, path: str) -> str:
    """The id of one that is finished."""
    async with writing(who.context.services, who.context.caller.org_id):
        answer = await who.client.post(f"{path.partition('/report')[0]}/report/generate")
    return answer.json()["id"]


@pytest.fixture(autouse=True)
async def at_work(services: Services) -> AsyncGenerator[None]:
    """Reports that are asked for are written."""
    async with writing(services):
        yield


def said(answer: httpx2.Response) -> object:
    """None of an answer that is to have no body."""
    if answer.status_code == 204:
        assert answer.content == b""
        return None
    return answer.json()


def required(endpoint: Endpoint, **given: str) -> str:
    """The part of a query that may not be missing: times, and what is given."""
    names = [one["name"] for one in query_parameters(endpoint) if one.get("required")]
    known = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-09T00:00:00Z", **given}
    return "?" + "&".join(f"{name}={known[name]}" for name in names) if names else ""


def body_of(endpoint: Endpoint) -> Mapping[str, object] | None:
    """A body that the endpoint takes, with ids of its own."""
    if endpoint.spec["request"] is None:
        return None
    samples = endpoint.examples("request", valid=True)
    return fresh(samples[0]["value"]) if samples else {}


def fresh(value: object) -> Mapping[str, object]:
    """The sample with another id: one was taken, or is known, after the first call."""
    return json.loads(json.dumps(value).replace(SAMPLE_ID, str(uuid4())))


async def call(endpoint: Endpoint, house: House, **params: object) -> httpx2.Response:
    client, path = await stage(endpoint, house)
    return await client.request(endpoint.method, asking(path, params), json=body_of(endpoint))


def asking(path: str, params: Mapping[str, object]) -> httpx2.URL:
    """The path with these parameters besides those that it has."""
    return httpx2.URL(path).copy_merge_params(params)


def statuses(endpoint: Endpoint) -> set[int]:
    return {answer["status"] for answer in endpoint.spec["success"]}


@each()
async def test_without_a_credential_it_is_401(endpoint: Endpoint, house: House) -> None:
    _, path = await stage(endpoint, house)
    answer = await client_of(house.services).request(endpoint.method, path, json=body_of(endpoint))
    assert answer.status_code == 401
    endpoint.check(401, answer.json())


@each(streams=False)
async def test_a_good_call_succeeds(endpoint: Endpoint, house: House) -> None:
    answer = await call(endpoint, house)
    assert answer.status_code in statuses(endpoint)
    if said(answer) is not None:
        endpoint.check(answer.status_code, answer.json())


@each(lambda endpoint: any("headers" in answer for answer in endpoint.spec["success"]), streams=False)
async def test_headers_are_those_of_the_contract(endpoint: Endpoint, house: House) -> None:
    answer = await call(endpoint, house)
    [spec] = [one for one in endpoint.spec["success"] if one["status"] == answer.status_code]
    for header in spec.get("headers", []):
        assert answer.headers[header["name"]].isdecimal()


@each(lambda endpoint: bool(endpoint.examples("request", valid=True)))
async def test_each_good_sample_is_taken(endpoint: Endpoint, house: House) -> None:
    for example in endpoint.examples("request", valid=True):
        client, path = await stage(endpoint, house)
        answer = await client.request(endpoint.method, path, json=fresh(example["value"]))
        assert answer.status_code in statuses(endpoint), (example, answer.text)


@each(lambda endpoint: bool(endpoint.examples("request", valid=False)))
async def test_each_bad_sample_is_refused(endpoint: Endpoint, house: House) -> None:
    for example in endpoint.examples("request", valid=False):
        client, path = await stage(endpoint, house)
        answer = await client.request(endpoint.method, path, json=fresh(example["value"]))
        assert answer.status_code == 400, (example, answer.text)
        endpoint.check(400, answer.json())


@each()
def test_samples_of_answers_fit_or_fail_as_they_say(endpoint: Endpoint) -> None:
    for example in endpoint.examples("response", valid=True):
        endpoint.check(example["status"], example["value"])
    for example in endpoint.examples("response", valid=False):
        with pytest.raises(ValidationError):
            endpoint.check(example["status"], example["value"])


def query_parameters(endpoint: Endpoint) -> list[Mapping[str, object]]:
    return [one for one in endpoint.spec["params"] if one["in"] == "query"]


def with_default(endpoint: Endpoint) -> list[Mapping[str, object]]:
    return [one for one in query_parameters(endpoint) if "default" in one["schema"]]


def clamped(endpoint: Endpoint) -> list[Mapping[str, object]]:
    return [one for one in query_parameters(endpoint) if one.get("out_of_range") == "clamp"]


# What is made anew is another each time.
@each(lambda endpoint: endpoint.method == "GET" and bool(with_default(endpoint)), streams=False)
async def test_a_default_is_as_if_it_were_sent(endpoint: Endpoint, house: House) -> None:
    client, path = await stage(endpoint, house)
    plain = said(await client.request(endpoint.method, path, json=body_of(endpoint)))
    for one in with_default(endpoint):
        answer = await client.get(asking(path, {one["name"]: one["schema"]["default"]}))
        assert answer.json() == plain, one["name"]


@each(lambda endpoint: bool(clamped(endpoint)))
async def test_a_number_out_of_bounds_is_moved_to_the_nearest(endpoint: Endpoint, house: House) -> None:
    client, path = await stage(endpoint, house)
    for one in clamped(endpoint):
        for bound, step in [(one["schema"].get("minimum"), -1), (one["schema"].get("maximum"), 1)]:
            if bound is not None:
                at, beyond = [(await client.get(asking(path, {one["name"]: bound + n * step}))).json() for n in (0, 1)]
                assert at == beyond, (one["name"], bound)


@each(lambda endpoint: bool(query_parameters(endpoint)), streams=False)
async def test_a_value_of_the_wrong_type_is_refused_or_dropped(endpoint: Endpoint, house: House) -> None:
    client, path = await stage(endpoint, house)
    plain = await client.request(endpoint.method, path, json=body_of(endpoint))
    for one in query_parameters(endpoint):
        wrong = {one["name"]: "" if is_any_text(one) else "no such value"}
        answer = await client.request(endpoint.method, asking(path, wrong), json=body_of(endpoint))
        match one.get("on_invalid"):
            case "400":
                assert answer.status_code == 400, one["name"]
                endpoint.check(400, answer.json())
            case "default" | "ignore":
                assert answer.json() == plain.json(), one["name"]
            case _ if endpoint.id.endswith("report.latest"):
                assert answer.status_code == 404, one["name"]  # any tag will do, but there is nothing of this one
            case _:
                assert answer.status_code == 200, one["name"]


def is_any_text(one: Mapping[str, object]) -> bool:
    """Whether only an empty text would be refused."""
    return one.get("on_invalid") == "400" and one["schema"].keys() == {"type", "minLength"}


@each(lambda endpoint: "{id}" in endpoint.path)
async def test_of_what_is_unknown_and_what_is_anothers_nobody_can_tell(
    endpoint: Endpoint, house: House, other_house: House
) -> None:
    client, _ = await stage(endpoint, house)
    _, theirs = await stage(endpoint, other_house)
    unknown = endpoint.path.replace("{id}", str(uuid4()))
    answers = [await client.request(endpoint.method, path, json=body_of(endpoint)) for path in (theirs, unknown)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


@each()
def test_each_rule_has_a_test_of_its_name(endpoint: Endpoint) -> None:
    """`score` + `developer-scope`: test_score_developer_scope."""
    short = endpoint.id.partition(".")[2].replace(".", "_")
    names = [f"async def test_{short}_{rule}(".replace("-", "_") for rule in endpoint.rules]
    assert [name for name in names if name not in written()] == []


@cache
def written() -> str:
    return "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
