"""`goalarc watch` as a person runs it, against a real server; with kills in between."""

import asyncio
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

import persistence.access
from persistence.database import Row, Tenant, owner_scope
from server.commands.watch import known_folders
from server.postgres import open_urls
from server.sample import write_sample
from server.settings import Settings
from tests.server.goalarc import PATIENCE_S, PROJECT, Goalarc, Server, wait_for

NOW = datetime.now(UTC) - timedelta(hours=2)
STORED = (
    "SELECT to_jsonb(e) - '{org_id,user_id,seq,xid,created_at}'::text[] AS told FROM events e ORDER BY session_id, id",
    "SELECT session_id, encode(digest, 'hex') AS digest, format, position, body FROM raw_payloads ORDER BY 1, 2",
    "SELECT id, source_service, project, branch, title, metadata, started_at, ended_at, last_activity_at, event_count"
    " FROM sessions ORDER BY id",
)


@pytest.fixture
def goalarc(tmp_path: Path) -> Goalarc:
    """Without a database yet."""
    return Goalarc(tmp_path / "data")


def stored(goalarc: Goalarc) -> list[Sequence[Row]]:
    """Whatever there is of the sessions of `local`."""

    async def look() -> list[Sequence[Row]]:
        async with open_urls(Settings(data_dir=goalarc.data_dir)) as urls, owner_scope(urls) as db:
            [org] = await persistence.access.list_orgs(db)
            await db.bind(Tenant(org.id))
            return [[dict(row) for row in await db.rows(sa.text(sql))] for sql in STORED]

    return asyncio.run(look())


def key_file(goalarc: Goalarc, email: str = "developer@localhost") -> Path:
    made = goalarc.typed_json("keys", "create", "--org", "local", "--user", email, "--kind", "developer")
    file = goalarc.data_dir.parent / f"{email}.key"
    file.write_text(f"{made['key']}\n")
    return file


def _to(server: Server, key: Path) -> tuple[str, ...]:
    return "--url", f"http://127.0.0.1:{server.port}", "--key-file", str(key)


def count(server: Server, key: Path) -> int:
    """The events that a developer can see."""
    query = {"query": "{ sessions(first: 100) { nodes { eventCount } } }"}
    status, body = server.request("POST", "/graphql", key.read_text().strip(), query)
    if status != 200:
        return 0
    return sum(node["eventCount"] for node in orjson.loads(body)["data"]["sessions"]["nodes"])


class Written:
    """Transcripts that appear piece by piece, as agents write them."""

    def __init__(self, source: Path, folder: Path) -> None:
        self._left = {folder / file.relative_to(source): file.read_bytes() for file in sorted(source.rglob("*.jsonl"))}

    def go_on(self, share: float) -> None:
        """Writes so much of what is left of each file, mostly into the middle of a line."""
        for file, left in self._left.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("ab") as out:
                out.write(left[: (end := round(len(left) * share))])
            self._left[file] = left[end:]


def test_server_and_watcher_are_killed_and_every_event_is_there_once(migrated: Path, tmp_path: Path) -> None:
    goalarc = Goalarc.copied(migrated, tmp_path / "data")
    source, folder = write_sample(tmp_path / "source", NOW) / PROJECT, tmp_path / "projects"
    written = Written(source, folder)
    key = key_file(goalarc)
    with goalarc.serving() as server:
        written.go_on(0.3)
        watcher = goalarc.start("watch", *_to(server, key), str(folder))
        wait_for(lambda: count(server, key) > 0)
        written.go_on(0.2)
        server.kill()
        written.go_on(0.3)
        time.sleep(0.7)
        watcher.kill()
        watcher.communicate()
        server.start()
        before = count(server, key)
        watcher = goalarc.start("watch", *_to(server, key), str(folder))
        wait_for(lambda: count(server, key) > before)
        goalarc.typed("watch", "--once", *_to(server, key), str(folder), code=2)
        assert "another watcher is at work" in goalarc.log.read_text()
        written.go_on(1)
        watcher.send_signal(signal.SIGTERM)
        watcher.communicate(timeout=PATIENCE_S)
        assert watcher.returncode == 0
        assert goalarc.typed_json("watch", "--once", *_to(server, key), str(folder))["errors"] == []
        arrived = stored(goalarc)
        key.write_text("gk_dev_unknown\n")
        goalarc.typed("watch", "--once", *_to(server, key), str(source), code=2)
        assert "does not know this key" in goalarc.log.read_text()
    other = Goalarc.copied(migrated, tmp_path / "imported" / "data")
    other.typed_json("import", str(folder))
    assert arrived == stored(other)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "no key"),
        (["--key-file", "absent"], "cannot read the key"),
        (["--key-file", "empty"], "no key"),
        (["--key-file", "odd"], "that is no key"),
        (["--key-file", "good", "--url", "example.org"], "not an http or https address"),
        (["--key-file", "good", "--url", "http://a:b@example.org"], "neither a login"),
    ],
)
def test_what_it_needs_to_know(
    goalarc: Goalarc, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("empty", "\n"), ("odd", "two words"), ("good", "gk_x")):
        Path(name).write_text(text)
    goalarc.typed("watch", "--once", *arguments, code=2)
    assert told in goalarc.log.read_text()


def test_the_key_of_this_machine_is_shown_to_no_other(goalarc: Goalarc, tmp_path: Path) -> None:
    goalarc.data_dir.mkdir()
    (goalarc.data_dir / "developer-key").write_text("gk_x")
    assert goalarc.typed_json("watch", "--once", str(tmp_path / "data"))["files"] == 0
    goalarc.typed("watch", "--once", "--url", "https://example.org", str(tmp_path), code=2)
    assert "no key" in goalarc.log.read_text()


def test_a_path_that_is_not_there_is_told(goalarc: Goalarc, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("gk_x")
    told = goalarc.typed_json("watch", "--once", "--key-file", str(key), str(tmp_path / "absent"), code=3)
    assert [error["reason"] for error in told["errors"]] == ["there is no such file or folder"]
    (tmp_path / "home").mkdir()
    assert goalarc.typed_json("watch", "--once", "--key-file", str(key), str(tmp_path / "home"))["files"] == 0


def test_without_a_path_it_looks_where_agents_write() -> None:
    home = Path("/home/ada")
    assert [str(path.relative_to(home)) for path in known_folders(home, {})] == [
        ".claude/projects", ".codex/sessions", ".codex/archived_sessions", ".gemini/tmp", ".copilot/session-state",
        ".cursor/projects",
    ]  # fmt: skip
    elsewhere = known_folders(home, {"CLAUDE_CONFIG_DIR": "/c", "CODEX_HOME": "/x"})
    assert elsewhere[:2] == [Path("/c/projects"), Path("/x/sessions")]
