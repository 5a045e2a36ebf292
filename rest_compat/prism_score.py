"""PRISM Score v3.0: snake_case, bare arrays, errors as {code, message}."""

from datetime import timedelta
from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, TypeAdapter, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.judging
import resolvers.scores
from domain.access import KeyKind
from domain.errors import Invalid, NotFound
from domain.judging.records import Intent, State, SubSession, TitleSource
from domain.judging.text import one_line
from domain.scores.headline import Headline
from domain.scores.windows import WindowKind
from domain.values import UNSET, SessionId, SubSessionId, Unset
from rest_compat import prism_asked
from rest_compat.dialect import Dialect, Parameter
from rest_compat.wire import Time, number, plain, read_body, uuid

Grade = Literal["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "D", "F"]
Percent = Annotated[float, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0)]
Title = Annotated[str, Field(max_length=60)]
Summary = Annotated[str, Field(max_length=240)]
Uuid = Annotated[str, Field(json_schema_extra={"format": "uuid"})]


@with_config(ConfigDict(extra="forbid"))
class PrismErrorBody(TypedDict):
    """`code` repeats the HTTP status."""

    code: Annotated[int, Field(ge=400, le=599)]
    message: Annotated[str, Field(min_length=1)]


@with_config(ConfigDict(extra="forbid"))
class ScoreBody(TypedDict):
    """The headline score of the current window; null where nothing qualified.

    `crush_weight` is the share of tokens that went into crushed arcs. `sparkline` holds the scores of the last four
    windows, this one last.
    """

    window: WindowKind
    prism_score: Percent | None
    letter_grade: Grade | None
    personal_tier: str | None
    crushed_count: Count
    total_count: Count
    crush_weight: Annotated[float, Field(ge=0)] | None
    sparkline: Annotated[list[Percent | None], Field(min_length=4, max_length=4)]


class SubSessionBody(TypedDict):
    """A goal arc and its labels."""

    id: Uuid
    claude_session_id: str
    title: Title | None
    summary: Summary | None
    title_source: TitleSource
    started_at: Time
    ended_at: Time | None


class RealtimeBody(SubSessionBody):
    """A recent goal arc. `sub_session_id` repeats `id`, for the clients that join rows with events by that name.

    `is_preview` marks an open arc that is graded as far as it goes; it stands in no window. `letter_grade` is the
    grade of such an arc, `prompt_grade` that of a settled one.
    """

    sub_session_id: Uuid
    status: Literal["open", "closed", "scored"]
    turns: Count
    total_tokens: Count
    crushed: bool | None
    is_preview: bool
    substance_floor_passed: bool | None
    intent_class: Intent | None
    letter_grade: Grade | None
    prompt_grade: Grade | None
    goal_complete: bool | None
    rework: bool


VISIBLE = r"[^\x01-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028-\u202f\u205f\u2066-\u2069\u3000]"
"""For the document only: blanks and control characters alone make no title."""


@with_config(ConfigDict(extra="forbid", strict=True))
class RenameBody(TypedDict):
    """New labels. Without `summary` the stored one stays, null removes it."""

    title: Annotated[str, Field(min_length=1, max_length=60, json_schema_extra={"pattern": VISIBLE})]
    summary: NotRequired[Summary | None]


RENAME = TypeAdapter(RenameBody)

_MOST = 200
LIMIT = prism_asked.at_most(_MOST, resolvers.judging.MOST_RECENT)
FROM = Parameter("from", "Only arcs that started at this time or later; without it, 24 hours ago.", prism_asked.TIME)
SESSION = Parameter("claude_session_id", "Only arcs of this session.", {"type": "string"})
ID = Parameter("id", "Id of the goal arc.", {"type": "string", "format": "uuid"})


def _word_error(status: int, error: Exception) -> PrismErrorBody:
    """There is one text only, so it also names the places that are wrong where they are not in it already."""
    message = str(error)
    details = [text for text in error.details if text not in message] if isinstance(error, Invalid) else []
    return {"code": status, "message": f"{message}: {'; '.join(details)}" if details else message}


DIALECT = Dialect(
    title="PRISM Score v3.0",
    kinds=frozenset({KeyKind.DEVELOPER}),
    key_prefix="gck_",
    word_error=_word_error,
    error_body=PrismErrorBody,
    refusals={
        "missing": "Missing API key",
        "prefix": "Invalid API key format",
        "unknown": "Invalid API key",
        "inactive": "API key not active or expired",
    },
)


async def get_score(request: Request) -> Response:
    ctx, window = DIALECT.context(request), prism_asked.window(request)

    async def make() -> object:
        return _score(await resolvers.scores.get_score(ctx, window))

    return await DIALECT.kept(ctx, ("score", window), make)


def _score(score: Headline) -> dict[str, object]:
    return {
        "window": score.window.kind,
        "prism_score": number(score.prism_score),
        "letter_grade": score.letter_grade,
        "personal_tier": score.personal_tier,
        "crushed_count": score.crushed_count,
        "total_count": score.total_count,
        "crush_weight": number(score.crush_weight),
        "sparkline": [number(one) for one in score.sparkline],
    }


async def rename_sub_session(request: Request) -> Response:
    ctx = DIALECT.context(request)
    id = arc_id(request)
    body = await read_body(request, RENAME)
    renamed = await resolvers.judging.rename_sub_session(ctx, id, body["title"], _summary(body))
    return DIALECT.answer(_sub_session(renamed))


def _summary(body: RenameBody) -> str | Unset | None:
    """A blank summary is none."""
    summary = body.get("summary", UNSET)
    return (summary if one_line(summary) else None) if isinstance(summary, str) else summary


def arc_id(request: Request) -> SubSessionId:
    id = uuid(request.path_params["id"])
    if id is None:
        raise NotFound("Sub-session not found")
    return SubSessionId(id)


def _sub_session(arc: SubSession) -> SubSessionBody:
    return {
        "id": str(arc.id),
        "claude_session_id": arc.session_id,
        "title": arc.label.title,
        "summary": arc.label.summary,
        "title_source": arc.label.title_source,
        "started_at": plain(arc.started_at),
        "ended_at": None if arc.ended_at is None else plain(arc.ended_at),
    }


async def list_realtime(request: Request) -> Response:
    ctx = DIALECT.context(request)
    since = prism_asked.time(request, "from") or ctx.now() - timedelta(hours=24)
    limit = prism_asked.limit(request, _MOST, resolvers.judging.MOST_RECENT)
    session = prism_asked.text(request, SESSION.name)
    only = None if session is None else SessionId(session)
    arcs = await resolvers.judging.list_recent_sub_sessions(ctx, since, limit, only)
    return DIALECT.answer([_realtime(arc) for arc in arcs])


def _realtime(arc: SubSession) -> dict[str, object]:
    settled = arc.state is State.SCORED
    preview = arc.state is State.OPEN and arc.rubric.letter_grade is not None
    return {
        **_sub_session(arc),
        "sub_session_id": str(arc.id),
        "status": "open" if arc.state is State.OPEN else "scored" if settled else "closed",
        "turns": arc.measures.turn_count,
        "total_tokens": arc.measures.tokens.total,
        "crushed": arc.crushed if arc.qualifying else None,
        "is_preview": preview,
        "substance_floor_passed": arc.substance_floor_passed,
        "intent_class": arc.rubric.intent,
        "letter_grade": arc.rubric.letter_grade if preview else None,
        "prompt_grade": arc.rubric.letter_grade if settled else None,
        "goal_complete": arc.outcome.goal_complete,
        "rework": arc.rework is not None,
    }
