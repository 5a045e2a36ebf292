"""Folders in which something cannot be read, or was put to do harm: it costs itself, and is told."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import resolvers.watching
from resolvers.watching import REST_S
from tests.resolvers.test_transcripts import line
from tests.resolvers.watched import Machine, caught_up, grow, imported


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    folder = tmp_path / "transcripts"
    folder.mkdir()
    return Machine(folder)


def test_what_cannot_be_read_now_is_told_once_and_tried_again(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drive that is away for a while leaves neither the time nor the size of a file changed."""
    grow(machine.folder / "s.jsonl", line("s", "a"))
    with machine.watcher() as watcher:
        with monkeypatch.context() as away:
            away.setattr(
                resolvers.watching, "look_at", lambda path, agents, found: found.unreadable.append((path, "x"))
            )
            for _ in range(3):
                caught_up(watcher)
                machine.clock[0] += REST_S
        caught_up(watcher)
    assert [one.reason for one in machine.problems] == ["x"]
    assert machine.shelf.told == imported(machine.folder).told


@contextlib.contextmanager
def nested_folders(folder: Path, levels: int) -> Iterator[None]:
    """They are gone afterwards: what clears up after tests uses recursion, too."""
    with contextlib.chdir(folder):
        for _ in range(levels):
            Path("d").mkdir()
            os.chdir("d")
        try:
            yield
        finally:
            for _ in range(levels):
                os.chdir("..")
                Path("d").rmdir()


def test_names_that_no_system_takes_and_folders_without_end_stop_nothing(machine: Machine) -> None:
    grow(machine.folder / "s.jsonl", line("s", "a"))
    roots = [Path("x" * 300), machine.folder]
    with nested_folders(machine.folder, 1_100), machine.watcher(*roots) as watcher:
        caught_up(watcher)
        assert len(machine.shelf.events) == len(imported(*roots).events) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_that_may_not_be_entered_is_told_at_the_end(machine: Machine) -> None:
    (machine.folder / "closed").mkdir(mode=0)
    assert [(Path(one.file).name, one.line) for one in machine.send_all().summary.errors] == [("closed", 0)]
