"""PRISM Score v3.0: which version of the score a developer likes to be shown."""

from typing import Literal

from pydantic import ConfigDict, TypeAdapter, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.score_versions
from domain.score_versions import ScoreVersion, ScoreVersionChoice
from rest_compat.prism_score import DIALECT
from rest_compat.wire import read_body


@with_config(ConfigDict(extra="forbid"))
class ToggleBody(TypedDict):
    """null is the organisation's default."""

    pref: Literal["v2", "v3"] | None


TOGGLE = TypeAdapter(ToggleBody)


async def get_toggle(request: Request) -> Response:
    choice = await resolvers.score_versions.get_score_version(DIALECT.context(request))
    return DIALECT.answer(_toggle(choice))


async def put_toggle(request: Request) -> Response:
    ctx = DIALECT.context(request)
    body = await read_body(request, TOGGLE)
    pref = None if body["pref"] is None else ScoreVersion(body["pref"])
    return DIALECT.answer(_toggle(await resolvers.score_versions.set_score_version(ctx, pref)))


def _toggle(choice: ScoreVersionChoice) -> dict[str, str | None]:
    return {"pref": choice.preferred}
