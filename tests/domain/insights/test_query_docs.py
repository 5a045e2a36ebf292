"""The page that tells of queries and the models agree; `UPDATE_GOLDEN=1` writes its tables."""

import os
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Literal, get_args, get_origin

import orjson
import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from domain.insights import query_models, query_parts, query_wrappers
from domain.insights.query import Overrides, read
from domain.insights.query_calendar import FORMS
from domain.insights.query_fields import Node, OneOf, Refused, Shown
from domain.insights.query_parts import EventsNode, InsightQuery
from domain.values import JsonObject

PAGE = Path(__file__).parents[3] / "docs" / "insights-queries.md"
MARK = re.compile(r"<!-- fields: (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)


def models() -> dict[str, type[Node]]:
    found: dict[str, type[Node]] = {"Overrides": Overrides}
    for module in (query_parts, query_models, query_wrappers):
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, Node) and value.__module__ == module.__name__:
                found[name] = value
    return found


def marks(field: FieldInfo) -> Iterator[object]:
    yield from field.metadata
    yield from marks_in(field.annotation)


def marks_in(annotation: object) -> Iterator[object]:
    if isinstance(annotation, type):
        return
    yield from getattr(annotation, "__metadata__", ())
    for part in get_args(annotation):
        yield from marks_in(part)


def mark(field: FieldInfo, kind: type[Shown] | type[Refused]) -> Shown | Refused | None:
    return next((one for one in field.metadata if isinstance(one, kind)), None)


def values(annotation: object, computed: frozenset[str] | None) -> Iterator[str]:
    """What a field may be, for people; of names only those that are computed."""
    if get_origin(annotation) is Literal:
        yield from (f"`{one}`" for one in get_args(annotation) if computed is None or one in computed)
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (f"`{one.value}`" for one in annotation)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation.__name__
    elif get_origin(annotation) is tuple:
        yield "list of " + " or ".join(dict.fromkeys(values(get_args(annotation)[0], computed)))
    elif get_origin(annotation) is dict:
        yield "object of " + " or ".join(values(get_args(annotation)[1], computed))
    elif annotation is not NoneType:
        named = {str: "text", int: "whole number", float: "number", bool: "true, false", object: "JSON"}
        if isinstance(annotation, type) and annotation in named:
            yield named[annotation]
        for part in get_args(annotation):
            yield from values(part, computed)


def row(name: str, field: FieldInfo) -> str:
    computed = next((one.computed for one in marks(field) if isinstance(one, OneOf)), None)
    told = ", ".join(dict.fromkeys(values(field.annotation, computed)))
    return f"| `{name}`{' (needed)' if field.is_required() else ''} | {told} |"


def refusal(name: str, one: Refused) -> str:
    harmless = [f"`{orjson.dumps(value, default=dump).decode()}`" for value in one.unless]
    unless = f" (but {' or '.join(harmless)})" if harmless else ""
    return f"- `{name}`{unless}: {one.instead}"


def dump(value: object) -> object:
    assert isinstance(value, BaseModel)
    return value.model_dump(exclude_none=True, by_alias=True)


def table(model: type[Node]) -> str:
    """The fields that count, those that are kept, and those that are refused; inherited ones stand once."""
    parents = [base for base in (InsightQuery, EventsNode) if issubclass(model, base) and model is not base]
    shared = {name for base in parents for name in base.model_fields}
    fields = {
        field.alias or name: field
        for name, field in model.model_fields.items()
        if name not in ("kind", "version", "response", *shared)
    }
    shown = {name: one for name, field in fields.items() if isinstance(one := mark(field, Shown), Shown)}
    refused = {name: one for name, field in fields.items() if isinstance(one := mark(field, Refused), Refused)}
    counted = [row(name, field) for name, field in fields.items() if name not in shown and name not in refused]
    parts = ["\n".join(("| field | values |", "|---|---|", *counted))] if counted else []
    if shown:
        told = [f"`{name}`{f' ({one.why[:-1]})' if one.why else ''}" for name, one in shown.items()]
        parts.append(f"Kept, without effect on numbers: {', '.join(told)}.")
    if refused:
        parts.append("\n".join(("Refused:", *(refusal(name, one) for name, one in refused.items()))))
    return "\n\n".join(parts) + "\n"


def test_the_tables_are_those_of_the_models() -> None:
    page = PAGE.read_text(encoding="utf-8")
    known = models()
    written = MARK.sub(lambda one: f"<!-- fields: {one[1]} -->\n{table(known[one[1]])}<!-- end -->", page)
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(written, encoding="utf-8")
    assert written == page or os.environ.get("UPDATE_GOLDEN")


def test_every_model_has_its_table() -> None:
    told = {found[1] for found in MARK.finditer(PAGE.read_text(encoding="utf-8"))}
    assert told == models().keys() - {"TableSource"}


def test_every_form_of_a_date_is_told() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [form for form in FORMS.split(", ") if f"`{form}`" not in page] == []


def examples() -> list[JsonObject]:
    blocks = re.findall(r"^```json\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [orjson.loads(block) for block in blocks]


@pytest.mark.parametrize("document", examples(), ids=lambda one: str(one["kind"]))
def test_every_example_is_a_query(document: JsonObject) -> None:
    assert read(document).source is not None


def test_there_is_an_example_of_every_kind() -> None:
    sources = [read(document).source for document in examples()]
    assert {source.kind for source in sources if source} == {
        model.model_fields["kind"].annotation.__args__[0]  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue] - a Literal
        for model in get_args(query_models.Query)
    }
