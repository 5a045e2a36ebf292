"""The document and the page that shows it."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from jsonschema_rs import Draft202012Validator, meta
from schemathesis.specs.openapi.definitions import OPENAPI_31

from rest_compat.docs_page import PAGE
from rest_compat.openapi import document
from rest_compat.routes import OPERATIONS
from tests.rest_compat.contract import ASKED_TOO, Endpoint, each_endpoint
from tests.rest_compat.house import House, client_of

DOCUMENT = json.loads(document())
FILE = Path(__file__).parents[2] / "rest_compat" / "openapi.json"
NEVER = {402}
"""Statuses of the contract that cannot be: nobody subscribes to a server of their own."""

each = pytest.mark.parametrize(
    "endpoint", each_endpoint(mappa=True, posthog=True), ids=lambda endpoint: getattr(endpoint, "id", "")
)


def nodes(value: object) -> Iterator[Mapping[str, object]]:
    """Every object inside `value`, itself first."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(inner)


def test_it_is_an_openapi_document() -> None:
    Draft202012Validator(OPENAPI_31).validate(DOCUMENT)


def test_its_schemas_are_schemas() -> None:
    for node in nodes(DOCUMENT):
        if isinstance(schema := node.get("schema"), dict):
            meta.validate(schema)
    for schema in DOCUMENT["components"]["schemas"].values():
        meta.validate(schema)


def test_what_it_refers_to_is_there() -> None:
    for node in nodes(DOCUMENT):
        if "$ref" in node:
            found: object = DOCUMENT
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]


def test_it_names_every_route_and_every_part_of_its_path() -> None:
    documented = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert documented == {(operation.method, operation.path) for operation in OPERATIONS}
    for operation in OPERATIONS:
        assert [one.name for one in operation.path_parameters] == re.findall(r"{(\w+)}", operation.path)


def test_operations_have_names_of_their_own() -> None:
    names = [one["operationId"] for methods in DOCUMENT["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))


def test_it_is_the_one_in_the_repository() -> None:
    """`goalarc openapi > rest_compat/openapi.json` brings the file up to date."""
    assert FILE.read_text() == document() + "\n"


def entry(endpoint: Endpoint) -> Mapping[str, object]:
    return DOCUMENT["paths"][endpoint.path][endpoint.method.lower()]


@each
def test_statuses_are_those_of_the_contract_and_ours(endpoint: Endpoint) -> None:
    documented = {int(status) for status in entry(endpoint)["responses"]}
    promised = {answer["status"] for answer in [*endpoint.spec["success"], *endpoint.spec["errors"]]}
    assert promised - NEVER <= documented
    assert documented - promised <= endpoint.ours


@each
def test_parameters_are_those_of_the_contract(endpoint: Endpoint) -> None:
    """But for headers that say nothing to this server, and what clients ask besides."""
    documented = {(one["name"], one["in"]): one["schema"].get("default") for one in entry(endpoint)["parameters"]}
    promised = {(one["name"], one["in"]): one["schema"].get("default") for one in endpoint.spec["params"]}
    unread = {one for one in promised if one[1] == "header"} - documented.keys()
    documented = {one: default for one, default in documented.items() if one not in ASKED_TOO.get(endpoint.id, ())}
    assert documented == {one: promised[one] for one in promised.keys() - unread}


@each
def test_samples_of_bodies_fit_or_fail_as_they_say(endpoint: Endpoint) -> None:
    if endpoint.spec["request"] is None:
        return
    schema = next(iter(entry(endpoint)["requestBody"]["content"].values()))["schema"]
    validator = Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    for valid in (True, False):
        for example in endpoint.examples("request", valid):
            assert validator.is_valid(example["value"]) is valid, example


async def test_it_is_served_to_everybody(house: House) -> None:
    answer = await client_of(house.services).get("/openapi.json")
    assert (answer.status_code, answer.json()) == (200, DOCUMENT)


async def test_the_page_asks_nobody_else(house: House) -> None:
    answer = await client_of(house.services).get("/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert not re.search(r"https?:|//[a-z]", PAGE.replace("<!doctype html>", ""))
    assert "connect-src 'self'" in answer.headers["content-security-policy"]
    assert not re.search('(href=|fetch\\()"/', PAGE), "a proxy may have put the server below a path of its own"
