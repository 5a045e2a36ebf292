"""What was edited, checked, committed and taken back."""

import pytest

from domain.judging.work import TRIAL, read_work
from domain.timeline import Event, Kind
from tests import make


def git(action: str, at: float, **data: object) -> Event:
    return make.event(Kind.GIT_ACTION, at, data={"action": action, **data})


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("pytest -q", "tests"),
        ("cd app && npm test 2>&1 | tail -5", "tests"),
        ("ruff check .", "lint"),
        ("tsc --noEmit", "type check"),
        ("cargo build", "build"),
        ("python reproduce_issue.py", TRIAL),
        ("node scripts/verify.js", TRIAL),
        ("bin/test core", TRIAL),
    ],
)
def test_a_check_is_known_by_its_name(line: str, name: str):
    (run,) = read_work((make.command(line),)).runs
    assert (run.name, run.check, run.passed) == (name, True, True)


def test_reading_is_no_run_and_other_commands_are_no_checks():
    assert read_work((make.command("git status", exit_code=1), make.command("grep -r x .", exit_code=1))).runs == ()
    (run,) = read_work((make.command("npm install", exit_code=1),)).runs
    assert (run.check, run.passed) == (False, False)


def test_tidying_up_and_what_could_not_start_are_no_runs():
    missing = make.command("pytest", exit_code=1, data={"command": "pytest", "stdout": "No module named pytest"})
    unknown = make.command("npm test", exit_code=127)
    assert read_work((missing, unknown, make.command("rm x.py && mkdir out", exit_code=1))).runs == ()


def test_a_failure_hidden_by_a_pipe_is_found_in_the_output():
    hidden = make.command("pytest | tail -3", data={"command": "pytest | tail -3", "stdout": "2 failed, 7 passed"})
    fine = make.command("pytest | tail -3", data={"command": "pytest | tail -3", "stdout": "0 failed, 7 passed"})
    assert [run.passed for run in read_work((hidden, fine)).runs] == [False, True]


def test_a_command_without_a_known_end_is_no_run():
    assert read_work((make.command("pytest", exit_code=None),)).runs == ()
    (run,) = read_work((make.command("pytest", exit_code=None, succeeded=False),)).runs
    assert not run.passed


def test_a_command_that_failed_and_now_passes_is_a_check():
    events = (make.command("./try.sh", 0, exit_code=1), make.command("./try.sh", 1))
    assert [(run.check, run.passed) for run in read_work(events).runs] == [(False, False), (True, True)]


def test_a_script_written_in_the_arc_is_a_check_only_once_it_failed_and_passes():
    made = make.event(Kind.FILE_CREATE, 0, path="/home/ada/shop/repro.py")
    by_shell = make.command("cat <<'E' > repro.py\nx\nE", 0)
    never_failed = make.command("python repro.py", 1)
    failed = make.command("python repro.py", 2, exit_code=1)
    assert [run.check for run in read_work((made, never_failed)).runs] == [False]
    assert read_work((by_shell, never_failed)).runs[-1].check is False
    assert read_work((made, failed, never_failed)).runs[-1].check is True


def test_runs_that_the_client_reports():
    events = (
        make.event(Kind.TEST_RUN, 0, data={"passed": 3, "failed": 0}),
        make.event(Kind.TEST_RUN, 1, data={"passed": 3, "failed": 1}),
        make.event(Kind.TEST_RUN, 2, data={}),
        make.event(Kind.BUILD_RUN, 3, exit_code=2),
        make.event(Kind.BUILD_RUN, 4),
        make.event(Kind.BUILD_RUN, 5, succeeded=True),
        make.event(Kind.TEST_RUN, 6, succeeded=False),
    )
    assert [run.passed for run in read_work(events).runs] == [True, False, False, True, False]


@pytest.mark.parametrize(
    "line",
    [
        "sed -i s/a/b/ x.py",
        "echo x > src/a.py",
        "bash -lc 'echo x > src/a.py'",
        "cat <<'E' > a.py\nx\nE",
        "mv a.py b.py",
        "git apply fix.patch",
    ],
)
def test_a_shell_line_that_writes_files_is_an_edit(line: str):
    assert read_work((make.command(line),)).last_edit == 0
    assert read_work((make.command(line, exit_code=1),)).last_edit is None


@pytest.mark.parametrize(
    "line", ["pytest > /tmp/out.txt", "npm test 2>&1 > run.log", "python x.py", "rm repro.py", "ls"]
)
def test_a_shell_line_that_writes_nothing_of_the_project_is_no_edit(line: str):
    assert read_work((make.command(line),)).last_edit is None


@pytest.mark.parametrize("folder", [".claude/plans", ".copilot/session-state/1"])
def test_what_an_agent_writes_down_for_itself_is_no_edit(folder: str):
    assert read_work((make.event(Kind.FILE_CREATE, path=f"/home/dev/{folder}/plan.md"),)).last_edit is None


def test_editing_documents_after_the_code_does_not_move_the_last_edit():
    events = (make.file_diff("a.py", 0), make.command("pytest", 1), make.file_diff("README.md", 2))
    assert read_work(events).last_edit == 0
    assert read_work(events[2:]).last_edit == 0


def test_removing_a_file_that_was_made_here_is_no_edit():
    made = make.event(Kind.FILE_CREATE, 0, path="repro.py")
    gone = make.event(Kind.FILE_DELETE, 1, path="repro.py")
    other = make.event(Kind.FILE_DELETE, 2, path="old.py")
    assert read_work((made, gone)).edits == (0,)
    assert read_work((made, gone, other)).edits == (0, 2)


def test_a_failed_edit_is_none():
    failed = make.event(Kind.TOOL_RESULT, tool="Edit", succeeded=False)
    worked = make.event(Kind.TOOL_RESULT, tool="Edit", succeeded=True)
    assert read_work((failed, worked)).edits == (1,)


def test_commits_and_deliveries():
    events = (
        git("commit", 0),
        make.command("git commit -m x", 1, exit_code=1),
        make.command("git push", 2),
        git("pull_request", 3),
        git("checkout", 4),
    )
    work = read_work(events)
    assert work.commits == (0,)
    assert work.deliveries == (0, 2, 3)


@pytest.mark.parametrize(
    "undo",
    [
        make.command("git checkout -- a.py", 5),
        make.command("git restore .", 5),
        make.command("git reset --hard", 5),
        git("restore", 5, paths=["/home/ada/shop/a.py"]),
        git("reset", 5, mode="hard"),
    ],
)
def test_bringing_its_files_back_takes_the_work_back(undo: Event):
    edit = make.file_diff("/home/ada/shop/a.py", 0)
    assert read_work((edit, undo)).taken_back == 1
    assert read_work((undo, edit)).taken_back is None
    assert read_work((edit, undo, make.file_diff("/home/ada/shop/a.py", 9))).taken_back is None


@pytest.mark.parametrize(
    "other",
    [
        make.command("git checkout -- b.py", 5),
        make.command("git checkout main", 5),
        make.command("git reset HEAD a.py", 5),
        git("revert", 5, ref="abc1234"),
        git("checkout", 5, ref="main"),
    ],
)
def test_other_moves_in_git_take_nothing_back(other: Event):
    assert read_work((make.file_diff("/home/ada/shop/a.py", 0), other)).taken_back is None


def test_a_revert_takes_back_a_commit_of_this_arc():
    edit = make.file_diff("a.py", 0)
    assert read_work((edit, git("commit", 1), git("revert", 2))).taken_back == 2


def test_restoring_one_of_many_files_is_a_correction():
    edits = tuple(make.file_diff(f"{name}.py", i) for i, name in enumerate("abc"))
    assert read_work((*edits, make.command("git checkout -- a.py", 5))).taken_back is None
    assert read_work((*edits, make.command("git checkout -- a.py b.py", 5))).taken_back == 3
