"""Whatever follows from /openapi.json, or breaks it, is answered as that document says."""

import json
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, settings, strategies
from requests import Session
from schemathesis import Case, GenerationMode
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.hypothesis.builder import InvalidHeadersExampleMark, MissingPathParameters
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi.checks import ignored_auth

from domain.access import KeyKind
from persistence.database import Urls
from resolvers.context import Services
from rest_compat.openapi import document
from tests.history import recorded, store
from tests.make import arc_id, prompt, sub_session, time
from tests.rest_compat.envelopes import INGEST, new_id, posted
from tests.rest_compat.house import house_of
from tests.rest_compat.posthog import TRENDS, project
from tests.rest_compat.serving import served
from tests.rest_compat.test_posthog_sharing import guarded

EXAMPLES = 2
"""Made up of each operation, beside those that cover its schema."""
MAPPA = ("reports", "jobs", "files")
"""The systems that take their key in a header of their own."""
POSTHOG = ("environments", "users", "personal_api_keys", "projects")

# RFC 3339 also has years that no calendar of Python has, leap seconds, and offsets that the contract does not write.
schemathesis.openapi.format(
    "date-time",
    strategies.datetimes(min_value=datetime(2, 1, 2), max_value=datetime(9998, 12, 30)).map(
        lambda at: at.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    ),
)
API = schemathesis.openapi.from_dict(
    json.loads(document()),
    config=schemathesis.Config.from_dict(
        # What another method hears, `test_protocol` asks of every path.
        {"generation": {"deterministic": True}, "phases": {"coverage": {"unexpected-methods": []}}}
    ),
)

# An answer that never ends is no case of it. Queries hold queries: making some up takes minutes, and tests of their own
# do. Each password takes its time, too, and what is never done has no good answer.
_ELSEWHERE = [
    "watch_realtime",
    "stream_job",
    "upload_file",
    "create_insight",
    "update_insight",
    "generate_metadata",
    "run_query",
    "create_share_password",
    "refuse_deletion",
]
OPERATIONS = {found.ok().label: found.ok() for found in API.exclude(operation_id=_ELSEWHERE).get_all_operations()}


@dataclass(frozen=True)
class Known:
    """Somebody's keys and the ids of what they have, by the system that knows them; and the id of an event."""

    secrets: dict[str, str]
    ids: dict[str, str]
    event_id: str


@pytest.fixture(scope="module")
async def known(services: Services) -> Known:
    house = house_of(services, time(480))
    ada, reviewer, session = await house.developer(), await house.key(KeyKind.REVIEWER), new_id()
    await store(ada.context, worked := recorded(prompt("Fix the totals.")))
    await ada.has(sub_session("known", session_id=worked.id))
    events = [
        posted(session, n, kind) for n, kind in enumerate(("prompt", "decision_event", "file_diff", "session_end"))
    ]
    events[2]["data"] = {"path": "a.py"}
    await (await house.candidate()).post(INGEST, json=events)
    await house.derived(session)
    service = await house.key(KeyKind.SERVICE)
    mine = await project(house)
    await mine.made(name="Crushed", query=TRENDS)
    threshold = await guarded(mine)
    await mine.client.patch(f"{mine.insights}/1/sharing", json={"password_required": True})
    return Known(
        {
            "score_v3": ada.key.secret,
            "insights": ada.key.secret,
            "sessions": reviewer.secret,
            "hooks": ada.key.secret,
            "transcripts": ada.key.secret,
            "logs": ada.key.secret,
            "metrics": ada.key.secret,
            "traces": ada.key.secret,
            **dict.fromkeys(MAPPA, service.secret),
            **dict.fromkeys(POSTHOG, mine.key.secret),
        },
        {
            **dict.fromkeys(MAPPA, session),
            **dict.fromkeys(POSTHOG, "1"),
            "score_v3": str(arc_id("known")),
            "sessions": session,
            "insights": session,
            "thresholds": threshold,
        },
        events[0]["id"],
    )


@pytest.fixture(scope="module")
def address(urls: Urls) -> Generator[str]:
    with served(urls) as address:
        yield address


@pytest.fixture(scope="module")
def session() -> Generator[Session]:
    with Session() as session:
        session.trust_env = False  # proxies and keys of this machine are none of our business
        yield session


@pytest.fixture(scope="module")
def without_key() -> set[str]:
    """The operations that were sent again without a key and with a wrong one: once is enough, as it is for the command
    line of the library."""
    return set()


# The library would make up all requests of all operations while tests are collected, and that in every process. What is
# sent as protobuf or as a form is made by other tests: no JSON Schema describes it.
@pytest.mark.parametrize("label", OPERATIONS)
def test_answers_are_as_the_document_says(
    label: str, address: str, known: Known, session: Session, without_key: set[str]
) -> None:
    examine = build_operation_test(
        config=API.config, operation=OPERATIONS[label], test_func=_examine, given_kwargs={}, feedback=FeedbackSources()
    )
    examine(address=address, known=known, session=session, without_key=without_key)
    assert not InvalidHeadersExampleMark.is_set(examine)
    assert not MissingPathParameters.get(examine)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def _examine(case: Case, address: str, known: Known, session: Session, without_key: set[str]) -> None:
    system = case.operation.path.split("/")[2]
    positive = case.meta.generation.mode is GenerationMode.POSITIVE
    if positive:
        id = _id(case, address, session, known)
        _point_at_what_is_there(case, id, known.event_id)
    answer = case.call_and_validate(
        base_url=address,
        session=session,
        headers=_key(known, system),
        excluded_checks=[ignored_auth] if case.operation.label in without_key else [],
    )
    if positive and answer.status_code < 300:
        without_key.add(case.operation.label)


def _id(case: Case, address: str, session: Session, known: Known) -> str | None:
    system = case.operation.path.split("/")[2]
    if case.method == "DELETE" and system == "sessions":
        return _new_session(address, session, known)
    return known.ids.get("thresholds" if "/thresholds/" in case.operation.path else system)


def _key(known: Known, system: str) -> dict[str, str]:
    secret = known.secrets[system]
    return {"Mappa-Api-Key": secret} if system in MAPPA else {"Authorization": f"Bearer {secret}"}


def _new_session(address: str, session: Session, known: Known) -> str:
    """One that may be deleted."""
    headers = {"Authorization": f"Bearer {known.secrets['sessions']}"}
    return session.post(f"{address}/v1/sessions", json={}, headers=headers).json()["session"]["id"]


def _point_at_what_is_there(case: Case, id: str | None, event_id: str) -> None:
    """Of ids made up, hardly any would be found; a cursor must be an event of the session; time goes forward."""
    if "environment_id" in case.path_parameters:
        _ask_the_project(case)
    if "id" in case.path_parameters:
        case.path_parameters["id"] = id
    if "mediaId" in case.path_parameters:
        case.path_parameters["mediaId"] = id
    if case.operation.path == "/v1/reports/jobs":
        _ask_what_can_be(case.body, id)
    if "after" in case.query:
        case.query["after"] = event_id
    if "session_id" in case.query:
        case.query["session_id"] = id
    if "from" in case.query and case.operation.path.endswith(_STRETCHES):
        case.query["to"] = _a_day_after(case.query["from"])


def _ask_the_project(case: Case) -> None:
    """No schema can say what is a date or a list written as text, nor when there must be a tag."""
    case.path_parameters["environment_id"] = "@current"
    for name in ("insight_id", "query_id"):
        if name in case.path_parameters:
            case.path_parameters[name] = "1"
    for name in _WRITTEN & case.query.keys():
        del case.query[name]
    if isinstance(case.body, dict) and "tags" in case.body:
        case.body["tags"] = ["web"]


_WRITTEN = {
    "created_by", "created_date_from", "created_date_to", "dashboards", "date_from", "date_to", "filters_override",
    "last_viewed_date_from", "last_viewed_date_to", "order", "tags", "variables_override",
}  # fmt: skip


def _ask_what_can_be(body: dict[str, object], id: str | None) -> None:
    """No schema can say what a strategy and a template need, nor which addresses can be called."""
    words = ("roleTitle", "roleDescription", "companyCulture", "idealProfile")
    body["media"] = {"mediaId": id}
    body["output"] = {**body["output"], "templateParams": dict.fromkeys(words, "tests")}
    body["target"] = {"strategy": "dominant"}
    for name in ("webhook", "idempotencyKey"):
        body.pop(name, None)


_STRETCHES = ("/trend", "_range", "/stats", "/highlights", "/summaries", "/report", "/generate", "/quick")


def _a_day_after(text: str) -> str:
    """No schema can say that one time must follow another, and not by too much."""
    return (datetime.fromisoformat(text) + timedelta(days=1)).isoformat().replace("+00:00", "Z")
