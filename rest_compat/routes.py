"""The table of contents of the REST face: every route, one line each."""

from starlette.routing import Route

from domain.ingest.envelope import Envelope
from rest_compat import prism_realtime, prism_score, promptster
from rest_compat.dialect import Dialect, Operation
from rest_compat.routing import Nothing, routes

_PRISM, _PROMPTSTER, _INGEST = prism_score.DIALECT, promptster.DIALECT, promptster.INGEST

OPERATIONS: tuple[Operation, ...] = (
    Operation(_PRISM, "GET", "/v1/score_v3/score", prism_score.get_score, "Headline score",
              {200: prism_score.ScoreBody}, (400, 401, 403), query=(prism_score.WINDOW,)),
    Operation(_PRISM, "GET", "/v1/score_v3/realtime/sub-sessions", prism_score.list_realtime, "Recent goal arcs",
              {200: list[prism_score.RealtimeBody]}, (400, 401, 403), query=(prism_score.LIMIT, prism_score.FROM)),
    Operation(_PRISM, "GET", "/v1/score_v3/realtime/events", prism_realtime.watch_realtime,
              "Follow one's goal arcs (Server-Sent Events)", {200: prism_realtime.SubSessionEventBody},
              (400, 401, 403), headers=(prism_realtime.LAST_EVENT_ID,), streams=True),
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
