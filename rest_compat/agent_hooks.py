"""`POST /v1/hooks/<agent>`: the agents' own payloads, unchanged, so that their HTTP hooks can point straight at us."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Required

from pydantic import ConfigDict, Field, ValidationError, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.hooks
from domain.errors import Invalid
from domain.ingest.clean import parse
from domain.ingest.envelope import EVENT_TIME
from domain.ingest.hook_agents import AGENTS, speaker
from rest_compat.dialect import Parameter
from rest_compat.promptster import CLOSED, INGEST
from rest_compat.wire import read_json

# An agent that works fires many hooks a second; each is small, and what all of them may hold is bounded by the body.
DIALECT = replace(INGEST, title="Hooks of agents", limit=None)
FIRED_AT = Parameter(
    "x-goalarc-fired-at", "When it was fired, if it was kept back.", {"type": "string", "format": "date-time"}
)
# Only what names the session may not be wrong: an agent is not told off for anything else.
Said = Annotated[object, Field(description="A text; what is none tells nothing.")]
Id = Annotated[str, Field(min_length=1, max_length=255)]


@with_config(ConfigDict(extra="allow"))
class ClaudeCodeBody(TypedDict, total=False):
    """A payload as Claude Code documents it; whatever else it holds is kept."""

    session_id: Required[Id]
    hook_event_name: Said


@with_config(ConfigDict(extra="allow"))
class CodexBody(TypedDict, total=False):
    """A payload of Codex, which speaks as Claude Code does."""

    session_id: Required[Id]
    turn_id: Said
    hook_event_name: Said


@with_config(ConfigDict(extra="allow"))
class CursorBody(TypedDict, total=False):
    """A payload of Cursor; `user_email` is not kept."""

    conversation_id: Required[Id]
    generation_id: Said
    hook_event_name: Said


@with_config(CLOSED)
class NeutralBody(TypedDict):
    """Nothing: the agent goes on as it would without the hook."""


async def ingest_claude_code(request: Request) -> Response:
    return await _ingest(request, "claude-code")


async def ingest_codex(request: Request) -> Response:
    return await _ingest(request, "codex")


async def ingest_cursor(request: Request) -> Response:
    return await _ingest(request, "cursor")


async def _ingest(request: Request, agent: str) -> Response:
    ctx = DIALECT.context(request)
    body, size = await read_json(request, parse)  # agents write what a tool printed, half characters too
    await resolvers.hooks.ingest_hook(ctx, speaker(AGENTS[agent], body), body, _fired_at(request), size)
    return DIALECT.answer({})


def _fired_at(request: Request) -> datetime | None:
    given = request.headers.get(FIRED_AT.name)
    try:
        return None if given is None else EVENT_TIME.validate_python(given)
    except ValidationError:
        raise Invalid("Invalid request", (f"{FIRED_AT.name}: must be an RFC 3339 time with an offset",)) from None
