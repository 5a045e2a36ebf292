"""How the pages get into an installation, with Node and without, with a registry and without."""

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

HOUSE = Path(__file__).parents[2]


@pytest.fixture
def build_page(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_page", HOUSE / "web" / "build_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _command(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of commands that is all this machine has."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_npm_of_the_machine_is_taken_where_node_is_new_enough(build_page: ModuleType, machine: Path) -> None:
    _command(machine, "npm", "exit 0")
    _command(machine, "node", "echo v20.19.0")
    assert build_page.find_npm() == (["npm"], str(machine))


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.9", ""])
def test_an_old_node_is_passed_over_for_the_one_in_the_environment(
    build_page: ModuleType, machine: Path, version: str
) -> None:
    _command(machine, "npm", "exit 0")
    _command(machine, "node", f"echo {version}")
    command, path = build_page.find_npm()
    assert command[0] == sys.executable
    first, *others = path.split(os.pathsep)
    assert (Path(first) / "node").exists(), "what npm starts calls it by its name"
    assert others == [str(machine)]


def test_scripts_call_no_npm_since_that_of_the_python_package_has_no_name() -> None:
    scripts = json.loads((HOUSE / "web" / "package.json").read_text())["scripts"]
    assert "npm" not in scripts["build"]


@pytest.mark.parametrize("version", [None, "v18.20.4"])
def test_without_a_node_that_will_do_it_is_said_what_is_missing(
    build_page: ModuleType,
    machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    version: str | None,
) -> None:
    _command(machine, "npm", "exit 0")
    if version:
        _command(machine, "node", f"echo {version}")
    monkeypatch.setattr(build_page, "find_spec", lambda name: None)
    assert not build_page.is_ready(machine / "static"), "so that `make` fetches one"
    monkeypatch.setattr(sys, "argv", ["build_page.py"])
    monkeypatch.setattr(build_page, "STATIC", machine / "static")
    monkeypatch.setattr(build_page.build, "__defaults__", (machine / "static",))
    assert build_page.main() == 1
    told = capsys.readouterr().err
    assert "Node.js 20.19 or newer" in told
    assert "The server runs without it" in told


def test_without_a_registry_the_server_goes_on_without_a_dashboard(
    build_page: ModuleType, machine: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build_page, "_is_installed", lambda: False)
    _command(machine, "npm", f'echo "$@" >> {machine}/asked; exit 1')
    _command(machine, "node", "echo v22.0.0")
    monkeypatch.setattr(sys, "argv", ["build_page.py"])
    monkeypatch.setattr(build_page.build, "__defaults__", (machine / "static",))
    assert build_page.main() == 1
    assert "is its registry reachable?" in capfd.readouterr().err
    assert "--fetch-retries=1" in (machine / "asked").read_text(), "npm itself would try for more than a minute"
    assert not (machine / "static" / ".built").exists()


def test_a_build_whose_sources_did_not_change_is_not_made_again(
    build_page: ModuleType, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _command(machine, "node", "echo v22.0.0")
    _command(machine, "npm", f'echo "$@" >> {machine}/asked; echo "$GOALARC_PAGE_DIR" >> {machine}/asked')
    monkeypatch.setattr(build_page, "_is_installed", lambda: True)
    static = machine / "static"
    static.mkdir()
    (static / "index.html").write_text("the build before")
    assert build_page.build(static)
    assert not build_page.build(static)
    assert (machine / "asked").read_text().split() == ["run", "--silent", "build", f"{static}.new"]
    assert [file.name for file in static.iterdir()] == [".built"]
    assert sorted(file.name for file in machine.iterdir() if file.is_dir()) == ["static"]


def test_a_build_that_fails_leaves_the_one_before(
    build_page: ModuleType, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _command(machine, "node", "echo v22.0.0")
    _command(machine, "npm", "exit 1")
    monkeypatch.setattr(build_page, "_is_installed", lambda: True)
    static = machine / "static"
    static.mkdir()
    (static / "index.html").write_text("the build before")
    with pytest.raises(build_page.NotBuilt):
        build_page.build(static)
    assert [file.name for file in static.iterdir()] == ["index.html"]


@pytest.mark.skipif(not (HOUSE / "server" / "static").exists(), reason="the pages are not built: `make page`")
def test_the_wheel_brings_the_pages(tmp_path: Path) -> None:
    environment = {**os.environ, "GOALARC_PAGE": "skip"}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=HOUSE, env=environment, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "server/static/index.html" in names
    assert "server/static/graphiql.html" in names
    assert [name for name in names if name.startswith("server/static/assets/dashboard") and name.endswith(".js.gz")]
    assert not [name for name in names if name.startswith(("web/", "tests/")) or "node_modules" in name]
