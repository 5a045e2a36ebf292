"""Hooks in the settings of agents: added, known again, taken out."""

import json
from pathlib import Path

import pytest

from server.agent_settings import AGENT_SETTINGS, AgentSettings, codex_warnings, command, installed, with_hooks
from server.agent_settings import without_hooks as stripped
from server.json_text import parse

SCRIPT = Path("/home/kim/da ta/hooks/run-x")
OTHERS = '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}], "stop": [{"command": "say"}]}}'
AGENTS = pytest.mark.parametrize("settings", AGENT_SETTINGS.values(), ids=list(AGENT_SETTINGS))


@AGENTS
@pytest.mark.parametrize("text", ["{}\n", OTHERS, '{"hooks": {}, "version": 1}'])
def test_each_event_has_one_entry_however_often_it_is_installed(settings: AgentSettings, text: str) -> None:
    added = with_hooks(text, settings, settings.events, SCRIPT)
    assert with_hooks(added, settings, settings.events, SCRIPT) == added
    assert installed(text, SCRIPT) == {}
    ours = installed(added, SCRIPT)
    assert ours == {event: [settings.entry(command(SCRIPT))] for event in settings.events}


@AGENTS
def test_what_is_not_ours_stays(settings: AgentSettings) -> None:
    rest = stripped(with_hooks(OTHERS, settings, settings.events, SCRIPT), SCRIPT)
    before, after = json.loads(OTHERS), json.loads(rest)
    after.pop("version", None)
    assert after == before


def test_an_entry_that_somebody_has_added_to_is_left_to_them() -> None:
    claude = AGENT_SETTINGS["claude-code"]
    ours = claude.entry(command(SCRIPT))["hooks"]
    assert isinstance(ours, list)
    text = json.dumps({"hooks": {"Stop": [{"matcher": "", "hooks": [*ours, {"type": "command", "command": "say"}]}]}})
    assert json.loads(stripped(text, SCRIPT)) == {
        "hooks": {"Stop": [{"matcher": "", "hooks": [{"type": "command", "command": "say"}]}]}
    }


@AGENTS
def test_lists_that_were_made_for_ours_go_with_them(settings: AgentSettings) -> None:
    added = with_hooks('{"a": 1}', settings, settings.events, SCRIPT)
    rest = parse(stripped(added, SCRIPT)).value
    assert isinstance(rest, dict)
    assert rest.keys() - {"version"} == {"a"}


def test_other_events_of_an_earlier_version_are_replaced() -> None:
    codex = AGENT_SETTINGS["codex"]
    old = with_hooks("{}", codex, ["Stop", "Gone"], SCRIPT)
    assert set(installed(with_hooks(old, codex, codex.events, SCRIPT), SCRIPT)) == set(codex.events)


@pytest.mark.parametrize(
    ("says", "missing"),
    [
        ("echo '2.1.219 (Claude Code)'", set[str]()),
        ("echo 2.1.80", {"CwdChanged", "PermissionDenied", "UserPromptExpansion", "PostToolBatch"}),
        ("exit 1", {"StopFailure", "CwdChanged", "PermissionDenied", "UserPromptExpansion", "PostToolBatch",
                    "PostToolUseFailure"}),
    ],
)  # fmt: skip
def test_claude_code_hears_only_of_events_that_it_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, missing: set[str]
) -> None:
    """One event too many, and it leaves all of its settings unread."""
    program = tmp_path / "claude"
    program.write_text(f"#!/bin/sh\n{says}\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    claude = AGENT_SETTINGS["claude-code"]
    assert set(claude.events) - set(claude.known_events()) == missing


def test_settings_lie_where_the_agent_looks_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CODEX_HOME", raising=False)
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    files = {
        name: [str(one.file(scope).relative_to(tmp_path)) for scope in ("user", "project")]
        for name, one in AGENT_SETTINGS.items()
    }
    assert files == {
        "claude-code": [".claude/settings.json", ".claude/settings.local.json"],
        "codex": [".codex/hooks.json", ".codex/hooks.json"],
        "cursor": [".cursor/hooks.json", ".cursor/hooks.json"],
    }
    monkeypatch.setenv("CODEX_HOME", str(tmp_path / "x"))
    assert AGENT_SETTINGS["codex"].file("user") == tmp_path / "x" / "hooks.json"


@pytest.mark.parametrize(
    ("config", "warnings"),
    [
        ("", 0),
        ("[features]\nhooks = true", 0),
        ("[features]\nhooks = false", 1),
        ("[hooks.state]\nx = 1", 0),
        ("[[hooks.Stop]]\nhooks = []", 1),
        ("no [toml", 0),
    ],
)
def test_what_keeps_codex_from_running_hooks_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str, warnings: int
) -> None:
    monkeypatch.setenv("CODEX_HOME", str(tmp_path))
    (tmp_path / "config.toml").write_text(config)
    assert len(codex_warnings()) == warnings
