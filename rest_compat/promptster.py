"""The Promptster dialect: camelCase, `{error, details?}`, reviewer keys as Bearer, candidate keys as X-API-Key."""

from dataclasses import replace
from typing import Annotated, NotRequired

from pydantic import ConfigDict, Field
from starlette.requests import Request
from typing_extensions import TypedDict

from domain.access import KeyKind
from domain.errors import Conflict, Invalid
from domain.ingest.clean import storable
from domain.values import SessionId
from rest_compat.dialect import Dialect, Limit, Parameter, address, key_or_address
from rest_compat.wire import whole_number

CLOSED = ConfigDict(extra="forbid", strict=True)
Count = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(min_length=1)]

# A value that is no number counts as absent and one out of bounds is moved, so any value is good.
NUMBER = {"type": ["integer", "string"]}
ID = Parameter("id", "Id of the session.", {"type": "string", "minLength": 1})


class PromptsterErrorBody(TypedDict):
    """`details` names the places that are wrong, one entry each."""

    error: Name
    details: NotRequired[list[str]]


def _word_error(status: int, error: Exception) -> dict[str, object]:
    body: dict[str, object] = {"error": str(error)}
    if isinstance(error, Invalid) and error.details:
        body["details"] = list(error.details)
    if isinstance(error, Conflict) and error.id is not None:
        body["id"] = error.id
    return body


DIALECT = Dialect(
    title="Promptster sessions",
    kinds=frozenset({KeyKind.REVIEWER, KeyKind.CANDIDATE}),
    word_error=_word_error,
    error_body=PromptsterErrorBody,
    refusals=dict.fromkeys(("missing", "prefix", "unknown", "inactive"), "Invalid or missing API key"),
    limit=Limit("promptster", 300, address),
)
INGEST = replace(
    DIALECT,
    kinds=frozenset({KeyKind.CANDIDATE, KeyKind.DEVELOPER}),
    limit=Limit("promptster ingest", 100, key_or_address),
)
"""Ingest takes candidates' keys, as the old system does, and developers', whose hooks post here."""


def session_id(request: Request) -> SessionId:
    """Of the path."""
    return SessionId(request.path_params["id"])


def number(request: Request, parameter: Parameter, least: int, most: int) -> int:
    """What was asked for, moved to the nearest bound; the default for what is no number."""
    default = parameter.schema["default"]
    assert isinstance(default, int)
    given = whole_number(request.query_params.get(parameter.name, ""), least, most)
    return default if given is None else given


def text(request: Request, parameter: Parameter) -> str | None:
    """As stored text is spelled, which never holds a NUL."""
    given = request.query_params.get(parameter.name)
    return None if given is None else str(storable(given))
