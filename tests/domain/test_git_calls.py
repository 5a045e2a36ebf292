import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.git_calls import (
    Arguments,
    GitCall,
    git_calls,
    removed_paths,
    restored_paths,
    undone_commits,
    unstages,
)


def only(script: str, cwd: str | None = None) -> GitCall:
    (call,) = git_calls(script, cwd)
    return call


@pytest.mark.parametrize(
    ("script", "name", "cwd"),
    [
        ("git status", "status", "/w"),
        ("/usr/bin/git --no-pager -c a=b log", "log", "/w"),
        ("git -C sub -C lib push", "push", "/w/sub/lib"),
        ("git -C $X push", "push", None),
        ("cd /x; sudo git push", "push", "/x"),
        ("cd /x; bash -c 'cd y; git push' | tail", "push", "/x/y"),
        ("git.exe push", "push", "/w"),
        ("git", "", "/w"),
        ("git -C", "", "/w"),
    ],
)
def test_a_call_knows_its_subcommand_and_where_it_runs(script: str, name: str, cwd: str | None) -> None:
    call = only(script, "/w")
    assert (call.name, call.cwd) == (name, cwd)


def test_only_git_is_a_call_of_git() -> None:
    assert list(git_calls("echo 'git push'; gitk; cat git; A=git; # git push")) == []


def test_a_call_that_may_not_have_run_is_uncertain() -> None:
    assert [call.certain for call in git_calls("git a; git b || bash -c 'git c'")] == [True, False, False]


def test_options_take_their_values_along() -> None:
    told = only("git commit -qam 'Fix -x' --author=Ada --amend a.py -- -b c").arguments
    assert told == Arguments((("-m", "Fix -x"), ("--author", "Ada"), ("--amend", None)), ("a.py",), ("-b", "c"))
    assert (told.value("--message", "-m"), told.has("--amend"), told.has("-m")) == ("Fix -x", True, True)
    assert (told.word(0), told.word(1), told.first_of("fixup", "amend")) == ("a.py", None, "amend")
    assert only("git commit -m").arguments.value("-m") is None


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        ("git checkout -- a b/c", ("/w/a", "/w/b/c")),
        ("git checkout HEAD~2 -- a.py", ("/w/a.py",)),
        ("git checkout main a", ("/w/a",)),
        ("git checkout a.py", ("/w/a.py",)),
        ("git checkout .", ("/w",)),
        ("git checkout .gitignore", ("/w/.gitignore",)),
        ("git checkout ../a.py", ("/a.py",)),
        ("git checkout main", ()),
        ("git checkout feature/x", ()),
        ("git checkout -b fix.it", ()),
        ("git checkout -t origin/v1.2 x", ()),
        ("git checkout --orphan a.b", ()),
        ("git switch a.b", ()),
        ("git restore a.py", ("/w/a.py",)),
        ("git restore -s HEAD~1 a", ("/w/a",)),
        ("git restore --source HEAD~1 a.py", ("/w/a.py",)),
        ("git restore --staged a.py", ()),
        ("git restore --staged --worktree a.py", ("/w/a.py",)),
        ("git restore -SW -- a", ("/w/a",)),
        ("git restore -S a", ()),
        ("git rm a", ()),
    ],
)
def test_paths_that_are_brought_back(script: str, paths: tuple[str, ...]) -> None:
    assert restored_paths(only(script, "/w")) == paths


def test_paths_that_are_deleted() -> None:
    assert removed_paths(only("git -C lib rm -rf a -- -b", "/w")) == ("/w/lib/a", "/w/lib/-b")
    assert removed_paths(only("git rm --cached a", "/w")) == ()
    assert removed_paths(only("git mv a b", "/w")) == ()


def test_paths_stay_as_written_where_nobody_knows_where_it_ran() -> None:
    assert restored_paths(only("git checkout -- . ./a.py")) == (".", "./a.py")
    assert restored_paths(only("cd x && git -C y restore a.py")) == ("a.py",)


@pytest.mark.parametrize(
    ("script", "refs"),
    [
        ("git revert abc1234", ("abc1234",)),
        ("git revert -m 1 abc1234", ("abc1234",)),
        ("git revert --no-edit abc1234 def5678", ("abc1234", "def5678")),
        ("git reset --hard abc1234^", ("abc1234",)),
        ("git reset --hard abc1234~2", ("abc1234",)),
        ("git reset --keep abc1234^^", ("abc1234",)),
        ("git reset --hard abc1234~0", ()),
        ("git reset --hard abc1234", ()),
        ("git reset --hard HEAD~1", ()),
        ("git reset --soft abc1234^", ()),
        ("git reset abc1234~3", ()),
        ("git reset", ()),
        ("git log abc1234", ()),
    ],
)
def test_commits_that_are_taken_back(script: str, refs: tuple[str, ...]) -> None:
    assert undone_commits(only(script)) == refs


@pytest.mark.parametrize(
    ("script", "files_only"),
    [
        ("git reset a b", True),
        ("git reset -q HEAD a", True),
        ("git reset -- a", True),
        ("git reset --hard HEAD~1", False),
        ("git reset", False),
        ("git restore a b", False),
    ],
)
def test_a_reset_of_files_only_unstages_them(script: str, files_only: bool) -> None:
    assert unstages(only(script)) is files_only


@given(st.lists(st.sampled_from(["git", "-C", "--", "-m", "a.py", "checkout", "rm", "revert", "-b", ";", "--x=", "-"])))
def test_any_call_can_be_read(words: list[str]) -> None:
    for call in git_calls(" ".join(words), "/w"):
        restored_paths(call)
        removed_paths(call)
        undone_commits(call)
