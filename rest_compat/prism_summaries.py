"""PRISM Insights: how sessions went, one by one and as a list."""

from pydantic import ConfigDict, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.summaries
from domain.errors import Invalid
from domain.judging.records import Intent
from domain.languages import Language, Phrases
from domain.session_turns import TurnRole
from domain.summaries import Ending, SessionOutcome, SessionSummary
from domain.summary_texts import summary_text
from domain.values import SessionId, UserId
from rest_compat import prism_asked
from rest_compat.dialect import Parameter
from rest_compat.prism_insights import DIALECT, within, words
from rest_compat.prism_score import Count, Summary, Title, Uuid
from rest_compat.wire import Time, plain, uuid, whole_number

_USUAL, _MOST, _MOST_OFFSET = 50, 200, 10**15

SESSION = Parameter("session_id", "Id of the session.", {"type": "string", "minLength": 1}, required=True)
DEVELOPER = Parameter("user_id", "Only sessions of this developer.", {"type": "string", "format": "uuid"})
LIMIT = prism_asked.at_most(_USUAL, _MOST)
OFFSET = Parameter("offset", "How many sessions to leave out, from 0.", {"type": "integer", "default": 0})


class StepBody(TypedDict):
    """A goal on the way through a session."""

    sub_session_id: Uuid
    title: Title | None
    intent_class: Intent | None
    ending: Ending
    turn_count: Count


class KeyTurnBody(TypedDict):
    """A turn that mattered, and why. Turns of a session count from 0."""

    turn_index: Count
    role: TurnRole
    at: Time


class SessionSummaryBody(TypedDict):
    """How a session went that ended, written in `language`."""

    session_id: str
    user_id: Uuid
    title: Title | None
    summary: Summary
    goal: Title | None
    path: list[StepBody]
    outcome: SessionOutcome
    key_turns: list[KeyTurnBody]
    session_type: str
    started_at: Time
    ended_at: Time
    language: Language
    created_at: Time
    updated_at: Time


@with_config(ConfigDict(extra="forbid"))
class SessionSummariesBody(TypedDict):
    """Those of sessions that ended, newest first."""

    summaries: list[SessionSummaryBody]


def session_id(request: Request) -> SessionId:
    """Raises Invalid without one."""
    given = request.query_params.get(SESSION.name)
    if not given:
        raise Invalid("Invalid session_id")
    return SessionId(given)


async def get_session_summary(request: Request) -> Response:
    ctx, id = DIALECT.context(request), session_id(request)
    found = await resolvers.summaries.find_summary(ctx.services, resolvers.summaries.everybody(ctx), id)
    if found is None:
        raise Invalid("No summary exists for this session")
    return DIALECT.answer(_summary(found, words(ctx, request)))


async def list_session_summaries(request: Request) -> Response:
    ctx = DIALECT.context(request)
    reach, span = resolvers.summaries.everybody(ctx).narrowed(_developer(request)), within(ctx, request)
    limit, offset = prism_asked.limit(request, _USUAL, _MOST), _offset(request)
    found = await resolvers.summaries.list_summaries_at(ctx.services, reach, span, limit, offset)
    language = words(ctx, request)
    return DIALECT.answer({"summaries": [_summary(summary, language) for summary in found]})


def _developer(request: Request) -> UserId | None:
    given = request.query_params.get(DEVELOPER.name)
    if given is None:
        return None
    id = uuid(given)
    if id is None:
        raise Invalid("Invalid user_id")
    return UserId(id)


def _offset(request: Request) -> int:
    found = whole_number(request.query_params.get(OFFSET.name, "0"), 0, _MOST_OFFSET)
    if found is None:
        raise Invalid("Invalid offset")
    return found


def _summary(summary: SessionSummary, words: Phrases) -> dict[str, object]:
    return {
        "session_id": summary.session_id,
        "user_id": str(summary.user_id),
        "title": summary.title,
        "summary": summary_text(summary, words),
        "goal": summary.goal,
        "path": [
            {
                "sub_session_id": str(step.sub_session_id),
                "title": step.title,
                "intent_class": step.intent,
                "ending": step.ending,
                "turn_count": step.turn_count,
            }
            for step in summary.steps
        ],
        "outcome": summary.outcome,
        "key_turns": [
            {"turn_index": turn.index, "role": turn.role, "at": plain(turn.at)} for turn in summary.course.key_turns
        ],
        "session_type": summary.session_type or "unknown",
        "started_at": plain(summary.course.started_at),
        "ended_at": plain(summary.course.ended_at),
        "language": words.language,
        "created_at": plain(summary.created_at),
        "updated_at": plain(summary.updated_at),
    }
