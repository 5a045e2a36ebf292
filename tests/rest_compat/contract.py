"""The contract that the old systems' clients rely on, read from the file that lies beside the repository."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml
from jsonschema_rs import Draft202012Validator

PATH = Path(__file__).parents[3] / "shared" / "reference" / "rest-contract.yaml"
ABSENT = "the contract does not lie beside the repository"

SERVED = (
    "prism_score_v3.score",
    "prism_score_v3.speed",
    "prism_score_v3.speed.sessions",
    "prism_score_v3.sessions.prompts",
    "prism_score_v3.tokens",
    "prism_score_v3.tokens.trend",
    "prism_score_v3.skill",
    "prism_score_v3.insight.sessions",
    "prism_score_v3.insight.summary",
    "prism_score_v3.insight.sessions_range",
    "prism_score_v3.insight.backfill",
    "prism_score_v3.trivia",
    "prism_score_v3.trivia.trend",
    "prism_score_v3.integrity",
    "prism_score_v3.integrity.trend",
    "prism_score_v3.integrity.recent",
    "prism_score_v3.realtime.sub_sessions",
    "prism_score_v3.realtime.events",
    "prism_score_v3.toggle.get",
    "prism_score_v3.toggle.put",
    "prism_score_v3.sub_sessions.rename",
    "prism_score_v3.report.latest",
    "prism_score_v3.report.generate",
    "prism_score_v3.report.pending",
    "prism_score_v3.report.status",
    "prism_score_v3.report.cancel",
    "prism_score_v3.report.history",
    "prism_score_v3.report.get",
    "prism_score_v3.report.delete",
    "prism_insights.report.latest",
    "prism_insights.report.generate",
    "prism_insights.report.pending",
    "prism_insights.report.status",
    "prism_insights.report.cancel",
    "prism_insights.report.history",
    "prism_insights.report.get",
    "prism_insights.report.delete",
    "prism_insights.report.quick",
    "prism_insights.sessions.stats",
    "prism_insights.sessions.highlights",
    "prism_insights.sessions.summary",
    "prism_insights.sessions.summaries",
    "prism_insights.sessions.details",
    "prism_insights.daily_summary",
    "promptster_sessions.create",
    "promptster_sessions.list",
    "promptster_sessions.get",
    "promptster_sessions.update",
    "promptster_sessions.metadata.merge",
    "promptster_sessions.delete",
    "promptster_sessions.timeline",
    "promptster_sessions.decisions",
    "promptster_sessions.cohort_stats",
    "promptster_sessions.ingest",
)
MAPPA = (
    "mappa_reports.jobs.create",
    "mappa_reports.get",
    "mappa_reports.get_by_job",
    "mappa_reports.jobs.get",
    "mappa_reports.jobs.cancel",
    "mappa_reports.jobs.stream",
    "mappa_reports.files.upload",
    "mappa_reports.files.get",
)
"""These are held against it by themselves: what the others answer with 400 they answer with 422."""
POSTHOG = (
    "posthog_insights.list",
    "posthog_insights.create",
    "posthog_insights.all_activity",
    "posthog_insights.bulk_update_tags",
    "posthog_insights.generate_metadata",
    "posthog_insights.retrieve",
    "posthog_insights.update",
    "posthog_insights.destroy",
    "posthog_insights.activity",
    "posthog_insights.analyze",
    "posthog_insights.suggestions.get",
    "posthog_insights.suggestions.post",
    "posthog_insights.sharing.get",
    "posthog_insights.sharing.update",
    "posthog_insights.sharing.passwords.create",
    "posthog_insights.sharing.passwords.delete",
    "posthog_insights.sharing.refresh",
    "posthog_insights.thresholds.list",
    "posthog_insights.thresholds.get",
    "posthog_insights.cancel",
    "posthog_insights.query.run",
    "posthog_insights.query.status",
)
"""These, too: their paths name a project, and any other word than those of the first ones is an id."""
OURS = {403, 405, 413, 415, 503}
"""Statuses of errors that the contract does not speak of; all but 405 bear the system's error body."""
OURS_TOO = {
    "prism_score_v3.realtime.events": {400},
    "prism_score_v3.report.generate": {429},
    "prism_insights.report.generate": {429},
    "mappa_reports.files.upload": {409},
    **{id: {400, 404, 500} for id in POSTHOG if id != "posthog_insights.sharing.passwords.create"},
    "posthog_insights.sharing.passwords.create": {404, 500},
}
"""Those of one endpoint: an id to go on after may be none, too many reports wait, a key was used for another file, a
project is not the key's, a format is none."""
_LANGUAGE = ("Accept-Language", "header")
ASKED_TOO = {
    "prism_score_v3.realtime.sub_sessions": {("claude_session_id", "query")},
    "prism_insights.report.quick": {_LANGUAGE},
    "prism_insights.sessions.highlights": {_LANGUAGE},
    "prism_insights.sessions.summary": {_LANGUAGE},
    "prism_insights.sessions.summaries": {_LANGUAGE},
    "prism_insights.daily_summary": {_LANGUAGE},
    "mappa_reports.jobs.create": {_LANGUAGE},
}
"""Parameters that clients of one endpoint send, of which the contract does not speak."""


@dataclass(frozen=True)
class Endpoint:
    id: str
    spec: Mapping[str, object]
    document: Mapping[str, object]

    @property
    def method(self) -> str:
        return self.spec["method"]

    @property
    def path(self) -> str:
        return self.spec["path"]

    @property
    def rules(self) -> list[str]:
        return [rule["id"] for rule in self.spec["semantics"]]

    @property
    def ours(self) -> set[int]:
        return OURS | OURS_TOO.get(self.id, set())

    @property
    def streams(self) -> bool:
        """Whether it answers for as long as somebody listens."""
        return any(answer["content_type"] == "text/event-stream" for answer in self.spec["success"])

    def answers_to(self, method: str, path: str) -> bool:
        mine, theirs = self.path.split("/"), _usual(path).split("/")
        fits = len(mine) == len(theirs) and all(a == b or a.startswith("{") for a, b in zip(mine, theirs, strict=True))
        return method == self.method and fits

    def examples(self, where: str, valid: bool) -> list[Mapping[str, object]]:
        return [e for e in self.spec["examples"] if e["where"] == where and e["valid"] is valid]

    def schema_of(self, status: int) -> Mapping[str, object]:
        """The schema of an answer; of a status that is ours, that of the system's errors."""
        listed = [*self.spec["success"], *self.spec["errors"]]
        found = [answer["schema"] for answer in listed if answer["status"] == status]
        if not found:
            assert status in self.ours, f"{self.id} answers {status}, which the contract does not list"
            return self.document["systems"][self.spec["system"]]["error_schema"]
        return found[0]

    def check(self, status: int, body: object) -> None:
        """Raises ValidationError when `body` is no answer of that status."""
        if (self.id, status) not in _VALIDATORS:
            schema = {**self.schema_of(status), "$defs": self.document["$defs"]}
            _VALIDATORS[self.id, status] = Draft202012Validator(schema, validate_formats=True)
        _VALIDATORS[self.id, status].validate(body)


_VALIDATORS: dict[tuple[str, int], Draft202012Validator] = {}


def _usual(path: str) -> str:
    """PostHog's paths have an alias, and may end with a slash."""
    return path.rstrip("/").replace("/api/projects/", "/api/environments/") if path.startswith("/api/") else path


@cache
def document() -> Mapping[str, object] | None:
    if not PATH.exists():
        return None
    return yaml.load(PATH.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def endpoints() -> Mapping[str, Endpoint]:
    """What this server serves so far, by id; empty without the contract."""
    whole = document()
    if whole is None:
        return {}
    by_id = {spec["id"]: spec for spec in whole["endpoints"]}
    return {id: Endpoint(id, by_id[id], whole) for id in (*SERVED, *MAPPA, *POSTHOG)}


def endpoint_of(method: str, path: str) -> Endpoint | None:
    return next((one for one in endpoints().values() if one.answers_to(method, path)), None)


def each_endpoint(
    streams: bool = True, mappa: bool = False, posthog: bool = False, which: Callable[[Endpoint], bool] = lambda _: True
) -> list[object]:
    """The parameters of a test that runs once for each endpoint; one that is skipped without the contract."""
    apart = {*(() if mappa else MAPPA), *(() if posthog else POSTHOG)}
    others = [one for id, one in endpoints().items() if id not in apart]
    found = [one for one in others if (streams or not one.streams) and which(one)]
    return [*found] or [pytest.param(None, marks=pytest.mark.skip(reason=ABSENT))]
