"""`goalarc hooks`: what it does to the settings of agents, and what it refuses to do."""

import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from server.agent_settings import AGENT_SETTINGS
from server.cli import app
from tests.server.goalarc import wait_for
from tests.server.hook_server import answering

SECRET = "gck_not_to_be_seen"
FILES = {"claude-code": ".claude/settings.json", "codex": ".codex/hooks.json", "cursor": ".cursor/hooks.json"}
TYPED = '{\n  // mine\n  "model": "m",\n  "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say"}]}]},\n}\n'

Hooks = Callable[..., Result]


@pytest.fixture
def hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hooks:
    """`goalarc hooks …` in a home of its own, with the key that `goalarc run` makes."""
    for variable in ("CODEX_HOME", "CLAUDE_CONFIG_DIR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    data_dir = tmp_path / "da ta"
    data_dir.mkdir()
    (data_dir / "developer-key").write_text(SECRET)
    (data_dir / "developer-key").chmod(0o600)

    def run(*arguments: str, input: str | None = None) -> Result:
        return CliRunner().invoke(app, ["hooks", *arguments, "--data-dir", str(data_dir)], input=input)

    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("agent", FILES)
@pytest.mark.parametrize("typed", [None, "{}", TYPED])
def test_what_is_installed_is_uninstalled_to_the_letter(
    hooks: Hooks, tmp_path: Path, agent: str, typed: str | None
) -> None:
    file = tmp_path / FILES[agent]
    if typed is not None:
        file.parent.mkdir()
        file.write_text(typed)
        file.chmod(0o640)
    before = contents(tmp_path)
    assert hooks("install", "--agent", agent, "--yes").exit_code == 0
    installed = file.read_bytes()
    assert "up to date" in hooks("install", "--agent", agent).output
    assert file.read_bytes() == installed
    assert SECRET not in installed.decode()
    if typed is not None:
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
        assert [backup.read_text() for backup in file.parent.glob("*.bak")] == [typed]
    assert hooks("uninstall", "--agent", agent, "--yes").exit_code == 0
    assert {name: text for name, text in contents(tmp_path).items() if not name.endswith(".bak")} == before
    assert "not installed" in hooks("uninstall", "--agent", agent, "--yes").output


def test_settings_that_were_changed_since_keep_that_change(hooks: Hooks, tmp_path: Path) -> None:
    file = tmp_path / FILES["codex"]
    hooks("install", "--agent", "codex", "--yes")
    told = json.loads(file.read_text())
    told["hooks"]["Stop"].append({"hooks": [{"type": "command", "command": "say"}]})
    file.write_text(json.dumps(told))
    assert "outdated" not in hooks("status", "--agent", "codex").output
    hooks("uninstall", "--agent", "codex", "--yes")
    assert json.loads(file.read_text()) == {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say"}]}]}}


def test_nothing_is_changed_unless_somebody_agrees(hooks: Hooks, tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / FILES["claude-code"]).write_text(TYPED)
    before = contents(tmp_path)
    refused = hooks("install", "--agent", "claude-code")
    assert refused.exit_code == 2
    assert "+" in refused.output
    assert "run-claude-code" in refused.output
    assert contents(tmp_path) == before


@pytest.mark.parametrize("typed", ["not json", "[]", '{"hooks": 1}', '{"hooks": {"Stop": {}}}', "\udcff"])
def test_settings_of_another_shape_are_left_alone(hooks: Hooks, tmp_path: Path, typed: str) -> None:
    file = tmp_path / FILES["codex"]
    file.parent.mkdir()
    file.write_bytes(typed.encode(errors="surrogateescape"))
    before = contents(tmp_path)
    refused = hooks("install", "--agent", "codex", "--yes")
    assert (refused.exit_code, "nothing was changed" in refused.output) == (2, True)
    assert contents(tmp_path) == before
    assert ("unreadable" in hooks("status", "--agent", "codex").output) == (
        typed not in ("[]", '{"hooks": 1}', '{"hooks": {"Stop": {}}}')
    )


def test_read_only_settings_are_left_alone(hooks: Hooks, tmp_path: Path) -> None:
    file = tmp_path / FILES["cursor"]
    file.parent.mkdir()
    file.write_text("{}")
    file.chmod(0o444)
    refused = hooks("install", "--agent", "cursor", "--yes")
    assert (refused.exit_code, "read-only" in refused.output, file.read_text()) == (2, True, "{}")


def test_a_link_to_settings_elsewhere_stays_one(hooks: Hooks, tmp_path: Path) -> None:
    file = tmp_path / FILES["codex"]
    file.parent.mkdir()
    (tmp_path / "dotfiles.json").write_text("{}")
    file.symlink_to(tmp_path / "dotfiles.json")
    hooks("install", "--agent", "codex", "--yes")
    assert file.is_symlink()
    assert "run-codex" in (tmp_path / "dotfiles.json").read_text()


def test_a_project_has_hooks_of_its_own(hooks: Hooks, tmp_path: Path) -> None:
    for scope in ("user", "project"):
        hooks("install", "--agent", "cursor", "--scope", scope, "--yes")
    status = json.loads(hooks("status", "--agent", "cursor", "--json").stdout)
    places = [tmp_path / FILES["cursor"], tmp_path / "project" / FILES["cursor"]]
    assert status["agents"][0]["installed"] == {str(file): "installed" for file in places}
    hooks("uninstall", "--agent", "cursor", "--yes")
    assert "run-cursor" in places[1].read_text()
    assert (tmp_path / "da ta" / "hooks" / "run-cursor").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--url", "example.org"], "is not of the form"),
        (["--url", "ftp://example.org"], "is not of the form"),
        (["--url", "http://kim:secret@example.org"], "is not of the form"),
        (["--key-file", "nowhere"], "no key in"),
        (["--key-file", "open"], "chmod 600"),
        (["--key-file", "empty"], "is empty"),
        (["--key-file", "-"], "no key on standard input"),
    ],
)
def test_what_could_not_work_is_said_at_once(hooks: Hooks, tmp_path: Path, arguments: list[str], told: str) -> None:
    Path("open").write_text("key")
    Path("open").chmod(0o644)
    Path("empty").touch(mode=0o600)
    refused = hooks("install", "--agent", "codex", "--yes", *arguments, input="")
    assert (refused.exit_code, told in refused.output) == (2, True), refused.output
    assert not (tmp_path / ".codex").exists()


def test_without_a_key_nothing_is_installed(hooks: Hooks, tmp_path: Path) -> None:
    (tmp_path / "da ta" / "developer-key").unlink()
    refused = hooks("install", "--agent", "codex", "--yes")
    assert (refused.exit_code, "--key-file" in refused.output) == (2, True)


def test_a_key_that_is_handed_over_is_kept_for_the_owner_alone(hooks: Hooks, tmp_path: Path) -> None:
    hooks("install", "--agent", "codex", "--yes", "--key-file", "-", input="gck_other\n")
    kept = tmp_path / "da ta" / "hooks" / "codex.key"
    assert (kept.read_text(), stat.S_IMODE(kept.stat().st_mode)) == ("gck_other\n", 0o600)
    assert "up to date" in hooks("install", "--agent", "codex").output
    hooks("uninstall", "--agent", "codex", "--yes")
    assert not kept.exists()


def test_the_installed_command_delivers_and_status_says_so(hooks: Hooks, tmp_path: Path) -> None:
    with answering() as server:
        hooks("install", "--agent", "cursor", "--url", server.url, "--yes")
        sender = tmp_path / "da ta" / "hooks" / "sender.py"
        assert "installed" in hooks("status", "--agent", "cursor").output
        installed = json.loads((tmp_path / FILES["cursor"]).read_text())
        assert set(installed["hooks"]) == set(AGENT_SETTINGS["cursor"].events)
        [entry] = installed["hooks"]["stop"]
        sender.write_text(sender.read_text().replace("LINGER_S = 15.0", "LINGER_S = 0.0"))
        ran = subprocess.run(["sh", "-c", entry["command"]], input=b'{"conversation_id": "c"}', capture_output=True)
        assert (ran.returncode, ran.stdout) == (0, b"{}\n")
        wait_for(lambda: "taken" in hooks("status", "--agent", "cursor").output)
        told = json.loads(hooks("status", "--agent", "cursor", "--json").stdout)["agents"][0]
    assert [path for path, _, _ in server.heard] == ["/v1/hooks/cursor"]
    assert (told["reachable"], told["waiting"], told["refused"]) == (True, 0, 0)
    assert set(told["installed"].values()) == {"outdated"}  # the sender is not as it was written


def test_what_waits_is_sent_when_asked_for(hooks: Hooks, tmp_path: Path) -> None:
    waits = tmp_path / "da ta" / "hooks" / "new" / "01772442000000000000-1.codex"
    hooks("install", "--agent", "codex", "--url", "http://127.0.0.1:1", "--yes")
    waits.write_text("{}")
    assert "1 waiting" in hooks("status", "--agent", "codex").output
    with answering(400) as server:
        hooks("install", "--agent", "codex", "--url", server.url, "--yes")
        assert "0 sent, 1 refused, 0 still waiting" in hooks("deliver").output
    assert "does not answer; 0 waiting, 1 refused" in hooks("status", "--agent", "codex").output


def test_who_has_no_home_is_told_so(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    refused = hooks("install", "--agent", "cursor", "--yes")
    assert (refused.exit_code, "set HOME" in refused.output) == (2, True)
