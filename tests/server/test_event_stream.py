"""Goal arcs are followed over kills of the real program as by `curl -N` in a loop: nothing is missed or told twice."""

import threading
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from uuid import uuid4

import orjson

from server.sample import write_sample
from tests.server.goalarc import Goalarc, Server, wait_for
from tests.server.test_end_to_end import NOW

ARCS = "/v1/score_v3/realtime/sub-sessions?limit=10&from=2020-01-01T00:00:00Z"
PATH = "/v1/score_v3/realtime/events"


class Follower:
    """Reads line by line, and comes back with the last id whenever the stream ends."""

    def __init__(self, port: int, key: str, last_id: str = "") -> None:
        self.first_id, self._last_id = last_id, last_id
        self.told: list[tuple[str, str]] = []
        """Id and name of each event."""
        self.streams = 0
        self._port, self._key = port, key
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        while not self._over.is_set():
            connection = HTTPConnection("127.0.0.1", self._port, timeout=20)
            try:
                self._read(connection)
            except (OSError, HTTPException):
                self._over.wait(0.05)
            finally:
                connection.close()

    def _read(self, connection: HTTPConnection) -> None:
        last = {"last-event-id": self._last_id} if self._last_id else {}
        connection.request("GET", PATH, headers={"authorization": f"Bearer {self._key}", **last})
        answer = connection.getresponse()
        if answer.status != 200:
            self._over.wait(0.05)
            return
        self.streams += 1
        id = name = ""
        while (line := answer.readline().decode()) and not self._over.is_set():
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "id":
                id = value
            elif field == "event":
                name = value
            elif not line.strip() and id:  # the event is whole: not before
                if name:
                    self.told.append((id, name))
                self.first_id, self._last_id, id, name = self.first_id or id, id, "", ""

    def stop(self) -> None:
        self._over.set()


def renamed(server: Server, key: str, arc: str) -> bool:
    status, _ = server.request("PATCH", f"/v1/score_v3/sub-sessions/{arc}", key, {"title": f"Title {uuid4()}"})
    return status == 200


def rename(server: Server, key: str, arcs: list[str]) -> int:
    """How many were acknowledged."""
    return sum(renamed(server, key, arc) for arc in arcs)


def test_a_stream_survives_kills_and_restarts_without_a_gap_and_without_doubles(migrated: Path, tmp_path: Path) -> None:
    goalarc = Goalarc.copied(migrated, tmp_path / "data")
    goalarc.typed("import", str(write_sample(tmp_path / "transcripts", NOW)))
    wish = ("keys", "create", "--org", "local", "--user", "developer@localhost", "--kind", "developer")
    key = str(goalarc.typed_json(*wish)["key"])
    with goalarc.serving() as server:
        arcs = [row["id"] for row in orjson.loads(server.request("GET", ARCS, key)[1])]
        assert arcs
        follower = Follower(server.port, key)
        wait_for(lambda: bool(follower.first_id))
        done = rename(server, key, arcs)
        for end in (server.kill, server.stop, server.kill):
            followed = follower.streams
            renaming = threading.Thread(target=rename, args=(server, key, arcs))
            renaming.start()  # into the kill: some are committed and never acknowledged
            end()
            renaming.join()
            server.start()
            wait_for(lambda followed=followed: follower.streams > followed)
            done += rename(server, key, arcs)
        assert done == 4 * len(arcs)
        replayed = Follower(server.port, key, follower.first_id)
        wait_for(lambda: len(replayed.told) >= done and follower.told == replayed.told)
        for each in (follower, replayed):
            each.stop()
    assert follower.streams >= 4
    assert replayed.streams == 1
    assert len(set(follower.told)) == len(follower.told)
    assert {name for _, name in follower.told} == {"prism.score_v3.sub_session.updated"}
