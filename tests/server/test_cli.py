"""The command line: what it takes, what it refuses, and how it ends."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from typer.testing import CliRunner

from persistence.embedded import ensure_running
from server.cli import app
from server.sample import write_sample
from tests.ports import free_port
from tests.server.goalarc import PATIENCE_S, PROJECT, Goalarc, wait_for

NOWHERE = "postgresql://nobody:secret@127.0.0.1:1/nothing"
COMMANDS = (
    "run", "serve", "worker", "import", "export scores", "export appeals", "keys create", "keys list", "keys revoke",
    "assessments create", "assessments list", "assessments get", "assessments delete", "candidates generate",
    "candidates list", "candidates set", "candidates revoke", "orgs get", "orgs set", "orgs revoke-links", "users set",
    "reports schedule", "reports schedules", "reports unschedule", "erase session", "erase user", "erase org",
    "documents add", "documents list", "documents remove",
    "hooks install", "hooks uninstall", "hooks status", "hooks deliver", "db migrate", "db status", "doctor",
    "insights ready-made", "insights copy",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GOALARC_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def goalarc(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Goalarc]:
    """A data directory with blanks and umlauts in its name, whose database stays up for all tests."""
    goalarc = Goalarc.copied(migrated, tmp_path_factory.mktemp("cli") / "dätä für goalarc")
    with ensure_running(goalarc.data_dir, {"fsync": "off"}):
        yield goalarc


def test_without_arguments_it_shows_what_there_is() -> None:
    shown = CliRunner().invoke(app, [])
    assert shown.exit_code == 2
    assert all(command.split()[0] in shown.output for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_the_options_of_all(command: str) -> None:
    shown = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert "--data-dir" in shown.output
    assert "--database-url" in shown.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--port", "99999"],
        ["serve", "--workers", "0"],
        ["serve", "--host", "host.invalid"],
        ["worker", "--concurrency", "0"],
        ["import"],
        ["documents", "add"],
        ["documents", "remove"],
        ["keys", "create", "--org", "o", "--user", "a@b", "--kind", "nonsense"],
        ["keys", "create", "--org", "o", "--user", "a@b", "--kind", "developer", "--budget", "0"],
        ["keys", "revoke", "nonsense"],
        ["assessments", "create", "--org", "o", "--title", "t", "--expires-in-days", "0"],
        ["assessments", "create", "--org", "o", "--title", "t", "--token-budget-usd", "much"],
        ["assessments", "create", "--org", "o", "--title", "t", "--allowed-tool", "vim"],
        ["candidates", "generate", "--assessment", str(UUID(int=1)), "--count", "51"],
        ["candidates", "generate", "--assessment", str(UUID(int=1)), "--count", "2", "--candidate", "kim@example.org"],
        ["candidates", "list", "--status", "nonsense"],
        ["candidates", "set", str(UUID(int=1)), "--status", "nonsense"],
        ["orgs", "set", "o", "redaction"],
        ["orgs", "set", "o", "redaction=maybe"],
        ["orgs", "set", "o", "retention_days=0"],
        ["orgs", "set", "o", "language=tlh"],
        ["reports", "schedule", "--org", "o", "--period", "custom"],
        ["reports", "schedule", "--org", "o", "--hour", "24"],
        ["reports", "schedule", "--org", "o", "--language", "tlh"],
        ["reports", "unschedule", "nonsense"],
        ["erase", "org", "o"],
        ["orgs", "set", "o", "score_default=v1"],
        ["orgs", "set", "o", "nonsense=on"],
        ["orgs", "set", "o", "webhook_secret=whsec_mine"],
        ["export", "scores", "--format", "xml"],
        ["db", "status", "--database-url", "mysql://db/x"],
        ["nonsense"],
    ],
)
def test_what_cannot_be_is_refused_with_2(arguments: list[str]) -> None:
    refused = CliRunner().invoke(app, arguments)
    assert refused.exit_code == 2, refused.output
    assert refused.stdout == ""
    assert refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("arguments", [["serve"], ["serve", "--workers", "2"], ["worker"], ["keys", "list"]])
def test_a_database_that_does_not_answer_is_told_in_one_line(goalarc: Goalarc, arguments: list[str]) -> None:
    port = ["--port", str(free_port())] if arguments[0] == "serve" else []
    ended = ran(goalarc, *arguments, *port, "--database-url", NOWHERE)
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"goalarc: cannot reach the database: ")
    assert len(ended.stderr.splitlines()) == 1
    assert b"secret" not in ended.stderr


def test_a_port_that_is_taken_is_told_and_its_holder_is_not_taken_for_us(goalarc: Goalarc, tmp_path: Path) -> None:
    with goalarc.serving() as server:
        ended = ran(goalarc, "run", "--port", str(server.port), "--data-dir", str(tmp_path))
    assert ended.returncode == 2
    assert b"cannot listen" in ended.stderr
    assert b"key" not in ended.stderr


def test_doctor_names_what_needs_doing(goalarc: Goalarc) -> None:
    goalarc.typed("db", "migrate")
    whole = {finding["check"]: finding["ok"] for finding in orjson.loads(goalarc.typed("doctor", "--json"))}
    assert whole == dict.fromkeys(("configuration", "database", "role", "clock", "queue", "disk"), True)
    sick = orjson.loads(goalarc.typed("doctor", "--json", "--database-url", NOWHERE, code=1))
    assert [finding["check"] for finding in sick if not finding["ok"]] == ["database"]


def test_a_key_from_its_making_to_its_end(goalarc: Goalarc) -> None:
    wish = ("keys", "create", "--org", "acme", "--user", "kim@example.org", "--kind")
    made = goalarc.typed_json(*wish, "developer", "--days", "1")
    assert made.keys() == {"id", "kind", "key", "org_id", "environment_id", "user_id", "scopes", "budget"}
    assert str(made["key"]).startswith("gck_")
    assessment = goalarc.typed_json("assessments", "create", "--org", "acme", "--title", "Fix the parser")["id"]
    candidate = goalarc.typed_json(*wish, "candidate", "--assessment", str(assessment), "--budget", "5000")
    assert str(candidate["key"]).startswith("PST-")
    goalarc.typed("keys", "revoke", str(made["id"]))
    listed = goalarc.typed("keys", "list", "--org", "acme", "--json")
    assert {key["id"]: key["state"] for key in orjson.loads(listed)} == {
        made["id"]: "revoked",
        candidate["id"]: "active",
    }
    assert {key["id"]: key["budget"] for key in orjson.loads(listed)} == {made["id"]: None, candidate["id"]: 5000}
    assert str(made["key"]).encode() not in listed


def test_an_assessment_and_its_candidates_from_their_making_to_their_end(goalarc: Goalarc) -> None:
    more = ("--role", "Backend", "--token-budget-usd", "12.50", "--allowed-tool", "codex", "--expires-in-days", "3")
    task = str(goalarc.typed_json("assessments", "create", "--org", "hires", "--title", "Round totals", *more)["id"])
    shown = goalarc.typed_json("assessments", "get", task)
    assert (shown["title"], shown["role"], shown["token_budget_usd"]) == ("Round totals", "Backend", 12.5)
    assert (shown["allowed_tools"], shown["expires_in_days"]) == (["codex"], 3)
    assert orjson.loads(goalarc.typed("assessments", "list", "--org", "hires", "--json")) == [shown]
    invite = ("candidates", "generate", "--assessment", task, "--json")
    named = orjson.loads(goalarc.typed(*invite, "--candidate", "Kim@example.org,Kim", "--candidate", "lee@example.org"))
    assert [(one["candidate_email"], one["candidate_name"]) for one in named] == [
        ("kim@example.org", "Kim"), ("lee@example.org", None),
    ]  # fmt: skip
    [kim, lee] = [str(one["id"]) for one in named]
    assert len(orjson.loads(goalarc.typed(*invite, "--count", "2"))) == 2
    assert goalarc.typed_json("candidates", "set", kim, "--status", "redeemed")["status"] == "active"
    assert goalarc.typed_json("candidates", "set", kim, "--status", "hired")["status"] == "hired"
    hired = goalarc.typed("candidates", "list", "--assessment", task, "--status", "hired", "--json")
    assert [one["id"] for one in orjson.loads(hired)] == [kim]
    assert str(named[0]["key"]).encode() not in goalarc.typed("candidates", "list", "--json")
    goalarc.typed("candidates", "revoke", lee)
    goalarc.typed("candidates", "set", lee, "--status", "hired", code=2)
    goalarc.typed("assessments", "delete", task)
    goalarc.typed("assessments", "get", task, code=2)
    goalarc.typed(*invite, code=2)
    left = goalarc.typed("candidates", "list", "--org", "hires")
    assert [line.split()[2] for line in left.splitlines()] == [b"hired"], "unused keys end with their assessment"


def test_reports_are_scheduled_listed_and_ended(goalarc: Goalarc) -> None:
    goalarc.typed("keys", "create", "--org", "regular", "--user", "kim@example.org", "--kind", "developer")
    goalarc.typed("orgs", "set", "regular", "language=de")
    wish = ("reports", "schedule", "--org", "regular")
    theirs = goalarc.typed_json(*wish, "--user", "kim@example.org", "--period", "daily", "--language", "ja")
    assert (theirs["kind"], theirs["user"], theirs["period"], theirs["hour"]) == ("v3.0", "kim@example.org", "daily", 6)
    ours = goalarc.typed_json(*wish, "--hour", "0", "--time-zone", "Asia/Tokyo", "--scope", "board")
    assert (ours["kind"], ours["user"], ours["language"], ours["scope"]) == ("v2.1", None, "de", "board")
    listed = orjson.loads(goalarc.typed("reports", "schedules", "--org", "regular", "--json"))
    assert [one["id"] for one in listed] == [ours["id"], theirs["id"]]
    goalarc.typed("reports", "unschedule", str(theirs["id"]))
    goalarc.typed("reports", "unschedule", str(theirs["id"]), code=2)
    left = goalarc.typed("reports", "schedules", "--org", "regular").split()
    assert left[:-1] == [str(ours["id"]).encode(), *b"regular - weekly 0 Asia/Tokyo de board".split()]
    goalarc.typed(*wish, "--user", "nobody@example.org", code=2)


def test_settings_of_an_organisation_are_changed_and_shown(goalarc: Goalarc) -> None:
    goalarc.typed_json("keys", "create", "--org", "settled", "--user", "kim@example.org", "--kind", "developer")
    usual = {
        "redaction": "on",
        "split_on_commit": "off",
        "score_default": "v3",
        "retention_days": "off",
        "ai_processing": "on",
        "language": "en",
    }
    shown = goalarc.typed_json("orgs", "get", "settled")["settings"]
    secret = shown.pop("webhook_secret")
    assert shown == usual
    changed = {
        **usual,
        "score_default": "v2",
        "redaction": "off",
        "retention_days": "90",
        "ai_processing": "off",
        "language": "zh-Hant",
    }
    wanted = ("score_default=v2", "redaction=off", "retention_days=90", "ai_processing=off", "language=zh-Hant")
    told = goalarc.typed_json("orgs", "set", "settled", *wanted, "webhook_secret=rotate")
    assert told["settings"] == goalarc.typed_json("orgs", "get", "settled")["settings"]
    assert told["settings"].pop("webhook_secret") != secret
    assert secret.startswith("whsec_")
    assert told["settings"] == changed
    assert b"score_default=v2" in goalarc.typed("orgs", "get", "settled")


def test_sessions_developers_and_organisations_are_erased(goalarc: Goalarc, tmp_path: Path) -> None:
    sample = str(write_sample(tmp_path / "sample", datetime.now(UTC)) / PROJECT)
    told = goalarc.typed_json("import", sample, "--org", "gone", "--user", "kim@example.org")
    [first, *_] = orjson.loads(goalarc.typed("export", "scores", "--org", "gone"))
    one = goalarc.typed_json("erase", "session", first["claude_session_id"], "--org", "gone", "--yes")
    assert (one["kind"], one["state"], one["sessions"]) == ("session", "done", 1)
    goalarc.typed("erase", "user", "kim@example.org", "--org", "gone", code=2)  # nobody said yes
    rest = goalarc.typed_json("erase", "user", "kim@example.org", "--org", "gone", "--yes")
    assert (rest["kind"], rest["sessions"]) == ("developer", told["sessions"] - 1)
    assert one["events"] + rest["events"] == told["events"]
    goalarc.typed("erase", "user", "kim@example.org", "--org", "gone", "--yes", code=2)
    assert goalarc.typed_json("erase", "org", "gone", "--yes")["state"] == "done"
    goalarc.typed("orgs", "get", "gone", code=2)


def test_odd_files_are_told_in_json_and_end_with_3(goalarc: Goalarc, tmp_path: Path) -> None:
    """A pipe that nobody writes to, and a name that is no text."""
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / os.fsdecode(b"caf\xe9.jsonl")).symlink_to("gone")
    summary = orjson.loads(goalarc.run("import", str(tmp_path), "--json", code=3))
    assert [error["line"] for error in summary["errors"]] == [0, 0]
    assert "caf\ufffd.jsonl" in str(summary["errors"])
    empty = tmp_path / "empty"
    empty.mkdir()
    assert b"no transcripts" in goalarc.typed("import", str(empty))


def test_a_reader_that_leaves_early_gets_no_traceback(goalarc: Goalarc) -> None:
    goalarc.log.unlink(missing_ok=True)
    process = replace(goalarc, forked=False).start("hooks", "status")
    assert process.stdout is not None
    process.stdout.close()
    process.wait(timeout=PATIENCE_S)
    assert "Traceback" not in goalarc.log.read_text()


def test_an_import_that_is_ended_leaves_no_database_behind(migrated: Path, tmp_path: Path) -> None:
    goalarc = Goalarc.copied(migrated, tmp_path / "data")
    process = goalarc.start("import", str(write_sample(tmp_path / "sample", datetime.now(UTC))))
    wait_for(lambda: bool(goalarc.postgres()))
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode in (130, 0)  # 0: it was done already
    assert goalarc.postgres() == []


def ran(goalarc: Goalarc, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    written = goalarc.log.stat().st_size if goalarc.log.exists() else 0
    process = goalarc.start(*arguments)
    process.communicate(timeout=PATIENCE_S)
    with goalarc.log.open("rb") as log:
        log.seek(written)
        return subprocess.CompletedProcess(arguments, process.returncode, b"", log.read())
