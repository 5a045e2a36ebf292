"""From a folder of transcripts to scores on both faces, through the real program; with kills in between."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import orjson
import pytest

from server.sample import write_sample
from tests.server.goalarc import PATIENCE_S, Goalarc, wait_for

NOW = datetime.now(UTC) - timedelta(hours=2)


@pytest.fixture(scope="module")
def transcripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("transcripts"), NOW)


@pytest.fixture
def goalarc(tmp_path: Path, migrated: Path) -> Goalarc:
    return Goalarc.copied(migrated, tmp_path / "data")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, migrated: Path, transcripts: Path) -> list[dict[str, object]]:
    """What an import without any accident comes to."""
    goalarc = Goalarc.copied(migrated, tmp_path_factory.mktemp("undisturbed") / "data")
    goalarc.typed("import", str(transcripts))
    return goalarc.scores()


def test_transcripts_become_scores_on_both_faces(tmp_path: Path, transcripts: Path) -> None:
    goalarc = Goalarc(tmp_path / "data", forked=False)
    with goalarc.serving() as server:
        summary = goalarc.typed_json("import", str(transcripts))
        assert summary["errors"] == []
        key = str(
            goalarc.typed_json(
                "keys", "create", "--org", "local", "--user", "developer@localhost", "--kind", "developer"
            )["key"]
        )
        status, body = server.request("GET", "/v1/score_v3/score?window=monthly", key)
        rest = orjson.loads(body)
        assert status == 200
        query = (
            "{ score(window: MONTHLY) { prismScore crushedCount totalCount } subSessions(first: 50) { nodes {"
            " title intent letterGrade goalComplete verdict { evidence { criterion } } } } }"
        )
        status, body = server.request("POST", "/graphql", key, {"query": query})
        graph = orjson.loads(body)["data"]
        assert (graph["score"]["crushedCount"], graph["score"]["totalCount"]) == (
            rest["crushed_count"],
            rest["total_count"],
        )
        assert rest["total_count"] >= 3
        judged = [arc for arc in graph["subSessions"]["nodes"] if arc["goalComplete"] is not None]
        assert judged
        assert all(arc["title"] and arc["intent"] and arc["verdict"]["evidence"] for arc in judged)
    assert goalarc.postgres() == []


def test_a_killed_import_ends_the_same_when_run_again(
    goalarc: Goalarc, transcripts: Path, undisturbed: list[dict[str, object]]
) -> None:
    killed = goalarc.start("import", str(transcripts))
    wait_for(lambda: bool(goalarc.postgres()))
    time.sleep(0.5)  # about half of what it takes
    killed.kill()
    killed.communicate()
    goalarc.json("import", str(transcripts))
    assert goalarc.scores() == undisturbed
    again = goalarc.json("import", str(transcripts))
    assert again["events"] == 0
    assert goalarc.scores() == undisturbed


def test_killing_server_and_database_during_an_import_loses_nothing(
    goalarc: Goalarc, transcripts: Path, undisturbed: list[dict[str, object]]
) -> None:
    with goalarc.serving() as server:
        importing = goalarc.start("import", str(transcripts))
        time.sleep(0.5)
        for process in goalarc.postgres():
            process.send_signal(signal.SIGKILL)
        server.kill()
        importing.communicate(timeout=PATIENCE_S)
        server.start()
        goalarc.json("import", str(transcripts))
        assert goalarc.scores() == undisturbed


def test_an_acknowledged_event_survives_the_kill_of_everything(goalarc: Goalarc) -> None:
    """Also of those that share a transaction because they come at the same time; sent again, all are there once."""
    key = str(
        goalarc.typed_json("keys", "create", "--org", "acme", "--user", "a@example.org", "--kind", "developer")["key"]
    )
    session = str(uuid4())
    minutes, sent, acknowledged = count(), list[dict[str, object]](), list[dict[str, object]]()
    with goalarc.serving() as server:

        def send() -> None:
            for minute in minutes:
                sent.append(event := _event(session, minute))
                if server.request("POST", "/v1/hooks/ingest", key, event)[0] != 201:
                    return
                acknowledged.append(event)

        with ThreadPoolExecutor(6) as hands:
            for _ in range(6):
                hands.submit(send)
            wait_for(lambda: len(acknowledged) > 60)
            for process in goalarc.postgres():
                process.kill()
            server.kill()
        server.start()
        again = [
            server.request("POST", "/v1/hooks/ingest", key, sent[at : at + 900]) for at in range(0, len(sent), 900)
        ]
        items = [item for _, body in again for item in orjson.loads(body)["results"]]
        known = {event["id"] for event, item in zip(sent, items, strict=True) if item.get("skipped")}
        assert {event["id"] for event in acknowledged} <= known
        query = {"query": f'{{ session(id: "{session}") {{ eventCount }} }}'}
        _, body = server.request("POST", "/graphql", key, query)
        assert orjson.loads(body)["data"]["session"]["eventCount"] == len(sent)


def test_a_running_server_survives_the_kill_of_its_database(goalarc: Goalarc) -> None:
    key = str(
        goalarc.typed_json("keys", "create", "--org", "acme", "--user", "a@example.org", "--kind", "developer")["key"]
    )
    with goalarc.serving() as server:
        for process in goalarc.postgres():
            process.kill()
        wait_for(lambda: server.request("POST", "/v1/hooks/ingest", key, _event("s", 1))[0] in (200, 201))
        wait_for(server.ready)


def _event(session: str, minute: int) -> dict[str, object]:
    at = (NOW + timedelta(minutes=minute)).isoformat()
    return {
        "id": str(uuid4()),
        "sessionId": session,
        "ts": at,
        "kind": "planning",
        "source": "test",
        "v": 1,
        "data": {},
    }
