"""The table of contents of the REST face: every route, one line each."""

from starlette.routing import Route

from domain.ingest.envelope import Envelope
from rest_compat import (
    prism_asked,
    prism_backfill,
    prism_integrity,
    prism_realtime,
    prism_score,
    prism_skill,
    prism_speed,
    prism_toggle,
    prism_tokens,
    prism_trivia,
    promptster,
)
from rest_compat.dialect import Dialect, Operation
from rest_compat.routing import Nothing, routes

_PRISM, _PROMPTSTER, _INGEST = prism_score.DIALECT, promptster.DIALECT, promptster.INGEST

OPERATIONS: tuple[Operation, ...] = (
    Operation(_PRISM, "GET", "/v1/score_v3/score", prism_score.get_score, "Headline score",
              {200: prism_score.ScoreBody}, (400, 401, 403), query=(prism_asked.WINDOW,)),
    Operation(_PRISM, "GET", "/v1/score_v3/speed", prism_speed.get_speed, "Goals crushed per working day",
              {200: prism_speed.SpeedBody}, (400, 401, 403), query=(prism_asked.WINDOW,)),
    Operation(_PRISM, "GET", "/v1/score_v3/speed/sessions", prism_speed.list_speed_sessions,
              "The goal arcs that the score counts", {200: list[prism_speed.SpeedSessionBody]}, (400, 401, 403),
              query=(prism_asked.WINDOW,)),
    Operation(_PRISM, "GET", "/v1/score_v3/sessions/{id}/prompts", prism_skill.list_prompts, "Prompts of a goal arc",
              {200: list[prism_skill.PromptBody]}, (401, 403, 404), path_parameters=(prism_score.ID,)),
    Operation(_PRISM, "GET", "/v1/score_v3/tokens", prism_tokens.get_tokens, "What goals cost",
              {200: prism_tokens.TokensBody}, (400, 401, 403), query=(prism_asked.WINDOW,)),
    Operation(_PRISM, "GET", "/v1/score_v3/tokens/trend", prism_tokens.get_tokens_trend, "What goals cost over time",
              {200: prism_tokens.TokensTrendBody}, (400, 401, 403), query=prism_asked.SERIES),
    Operation(_PRISM, "GET", "/v1/score_v3/skill", prism_skill.get_skill, "How well prompts are written",
              {200: prism_skill.SkillBody}, (400, 401, 403), query=(prism_asked.WINDOW,)),
    Operation(_PRISM, "GET", "/v1/score_v3/insight/sessions", prism_skill.list_insight_sessions,
              "Graded goal arcs, newest first", {200: list[prism_skill.RubricBody]}, (400, 401, 403),
              query=(prism_skill.RECENT_LIMIT,)),
    Operation(_PRISM, "GET", "/v1/score_v3/insight/summary", prism_skill.get_insight_summary, "Grades of a window",
              {200: prism_skill.InsightSummaryBody}, (400, 401, 403), query=(prism_asked.WINDOW,)),
    Operation(_PRISM, "GET", "/v1/score_v3/insight/sessions_range", prism_skill.list_insight_range,
              "Graded goal arcs of a stretch of time", {200: list[prism_skill.RubricBody]}, (400, 401, 403),
              query=prism_skill.RANGE),
    Operation(_PRISM, "POST", "/v1/score_v3/insight/backfill", prism_backfill.start_backfill,
              "Judge the goal arcs of a stretch of time again", {202: prism_backfill.BackfillBody},
              (400, 401, 403, 413, 415), body=prism_backfill.BackfillRequestBody),
    Operation(_PRISM, "GET", "/v1/score_v3/trivia", prism_trivia.list_trivia, "Goal arcs left out of the score",
              {200: list[prism_trivia.TriviaBody]}, (400, 401, 403), query=(prism_asked.WINDOW,)),
    Operation(_PRISM, "GET", "/v1/score_v3/trivia/trend", prism_trivia.get_trivia_trend, "How many were left out",
              {200: prism_trivia.TriviaTrendBody}, (400, 401, 403), query=prism_asked.SERIES),
    Operation(_PRISM, "GET", "/v1/score_v3/integrity", prism_integrity.get_integrity, "Flags of a window by kind",
              {200: prism_integrity.IntegrityBody}, (400, 401, 403), query=(prism_asked.WINDOW,)),
    Operation(_PRISM, "GET", "/v1/score_v3/integrity/trend", prism_integrity.get_integrity_trend, "Flags over time",
              {200: prism_integrity.IntegrityTrendBody}, (400, 401, 403), query=prism_asked.SERIES),
    Operation(_PRISM, "GET", "/v1/score_v3/integrity/recent", prism_integrity.list_integrity_flags,
              "Flags, newest first", {200: list[prism_integrity.FlagBody]}, (400, 401, 403),
              query=prism_integrity.RECENT),
    Operation(_PRISM, "GET", "/v1/score_v3/realtime/sub-sessions", prism_score.list_realtime, "Recent goal arcs",
              {200: list[prism_score.RealtimeBody]}, (400, 401, 403),
              query=(prism_score.LIMIT, prism_score.FROM, prism_score.SESSION)),
    Operation(_PRISM, "GET", "/v1/score_v3/realtime/events", prism_realtime.watch_realtime,
              "Follow one's goal arcs (Server-Sent Events)", {200: prism_realtime.SubSessionEventBody},
              (400, 401, 403), headers=(prism_realtime.LAST_EVENT_ID,), streams=True),
    Operation(_PRISM, "GET", "/v1/score_v3/toggle", prism_toggle.get_toggle, "Which version of the score to show",
              {200: prism_toggle.ToggleBody}, (401,)),
    Operation(_PRISM, "PUT", "/v1/score_v3/toggle", prism_toggle.put_toggle, "Keep which version to show",
              {200: prism_toggle.ToggleBody}, (400, 401, 403, 413, 415), body=prism_toggle.ToggleBody),
    Operation(_PRISM, "PATCH", "/v1/score_v3/sub-sessions/{id}", prism_score.rename_sub_session, "Rename a goal arc",
              {200: prism_score.SubSessionBody}, (400, 401, 403, 404, 413, 415),
              body=prism_score.RenameBody, path_parameters=(prism_score.ID,)),
    Operation(_PROMPTSTER, "POST", "/v1/sessions", promptster.create_session, "Register a session",
              {201: promptster.SessionEnvelopeBody, 409: promptster.ConflictBody}, (400, 401, 403, 413, 415, 429),
              body=promptster.CreateBody),
    Operation(_PROMPTSTER, "GET", "/v1/sessions", promptster.list_sessions, "Sessions, newest first",
              {200: promptster.SessionListBody}, (401, 403, 429),
              query=(promptster.ASSESSMENT, promptster.SERVICE, promptster.LIMIT, promptster.OFFSET)),
    Operation(_PROMPTSTER, "GET", "/v1/sessions/{id}", promptster.get_session, "One session",
              {200: promptster.SessionEnvelopeBody}, (401, 403, 404, 429), path_parameters=(promptster.ID,)),
    Operation(_PROMPTSTER, "GET", "/v1/sessions/{id}/timeline", promptster.list_timeline, "Events of a session",
              {200: promptster.TimelineBody}, (400, 401, 403, 404, 429),
              path_parameters=(promptster.ID,), query=(promptster.EVENT_LIMIT, promptster.AFTER)),
    Operation(_INGEST, "POST", "/v1/hooks/ingest", promptster.ingest, "Take in one event, or up to 1,000",
              {201: promptster.AcceptedBody | promptster.BatchBody, 200: promptster.SkippedBody | promptster.BatchBody},
              (400, 401, 403, 413, 415, 429), body=Envelope | promptster.Events),
)  # fmt: skip


def _owner(path: str) -> Dialect:
    """The system that a path would belong to; PRISM's where it is nobody's."""
    return _PROMPTSTER if path.split("/")[2] in ("sessions", "hooks") else _PRISM


ROUTES = [*routes(OPERATIONS), Route("/v1/{rest:path}", Nothing(_owner))]
