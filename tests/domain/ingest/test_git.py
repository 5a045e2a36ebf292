import time

import pytest

from domain.ingest.git import ACTIONS_PER_SCRIPT, GitAction, git_actions

COMMITTED = "[main 1a2b3c4] Add the reader\n 2 files changed, 7 insertions(+)\n"
PUSHED = "To github.com:o/r.git\n   0f9e8d7..1a2b3c4  main -> main\n"


def actions(script: str, output: str = "", *, succeeded: bool = True, cwd: str | None = None) -> list[GitAction]:
    return git_actions(script, output, succeeded=succeeded, cwd=cwd)


def test_a_commit_takes_hash_and_branch_from_what_git_printed() -> None:
    assert actions('git commit -m "Add the reader"', COMMITTED) == [
        GitAction("commit", ref="main", commit="1a2b3c4", message="Add the reader")
    ]


def test_the_first_commit_and_a_detached_head_are_read() -> None:
    root = actions("git commit -qam x", "[main (root-commit) 5d4c3b2] x")
    assert [(a.ref, a.commit, a.message) for a in root] == [("main", "5d4c3b2", "x")]
    assert actions("git commit --amend --no-edit", "[detached HEAD abc1234] old")[0] == GitAction(
        "commit", ref="detached HEAD", commit="abc1234", message="old", mode="amend"
    )


def test_a_commit_counts_though_the_push_after_it_failed() -> None:
    found = actions("git commit -m x && git push", COMMITTED + "error: failed to push", succeeded=False)
    assert [a.action for a in found] == ["commit"]


@pytest.mark.parametrize(
    "output",
    ["nothing to commit, working tree clean", "fatal: not a git repository", "FAILED: git commit\ntests failed"],
)
def test_a_commit_that_did_not_happen_is_none(output: str) -> None:
    assert actions("git commit -m x | tail -3", output) == []


def test_a_quiet_commit_counts_when_the_script_succeeded() -> None:
    assert actions("git commit -q -m x") == [GitAction("commit", message="x")]
    assert actions("git commit -q -m x", succeeded=False) == []


def test_several_commits_get_their_own_hashes() -> None:
    output = "[next aaaaaaa] one\n[next bbbbbbb] two\n"
    assert [a.commit for a in actions("git commit -m one; git commit -m two", output)] == ["aaaaaaa", "bbbbbbb"]


@pytest.mark.parametrize(
    "script",
    [
        "echo 'git commit -m x'",
        "cat .git/hooks/post-commit",
        'grep -rn "git push" .',
        "git commit --dry-run",
        "git rebase --continue",
        "git log --grep commit",
        "cat > x.sh <<'EOF'\ngit push\nEOF",
        "git restore --staged a.py",
        "gh pr view 12",
    ],
)
def test_mentioning_git_does_nothing(script: str) -> None:
    assert actions(script, COMMITTED) == []


def test_a_push_knows_its_branch() -> None:
    assert actions("git push -u origin fix/a", "branch set up") == [GitAction("push", ref="fix/a")]
    assert actions("git push", PUSHED) == [GitAction("push", ref="main")]
    assert actions("git push --force-with-lease", PUSHED)[0].mode == "force"
    assert actions("git push", " * [new branch]      topic -> topic", succeeded=False) == [
        GitAction("push", ref="topic")
    ]


def test_a_push_that_moved_nothing_is_none() -> None:
    assert actions("git push", "Everything up-to-date") == []
    assert actions("git push", " ! [rejected]        main -> main (fetch first)\nerror: failed to push") == []


def test_a_revert_knows_both_commits() -> None:
    assert actions("git revert --no-edit 1a2b3c4", '[main 1234567] Revert "x"') == [
        GitAction("revert", ref="1a2b3c4", commit="1234567", message='Revert "x"')
    ]


def test_a_reset_knows_its_mode() -> None:
    assert actions("git reset --hard HEAD~1") == [GitAction("reset", ref="HEAD~1", mode="hard")]
    assert actions("git reset HEAD~1") == [GitAction("reset", ref="HEAD~1", mode="mixed")]


def test_unstaging_files_resets_nothing() -> None:
    assert actions("git reset -q HEAD a.py && git reset -- b.py") == []


@pytest.mark.parametrize(
    ("script", "output", "expected"),
    [
        ("git checkout -b fix/a main", "", GitAction("checkout", ref="fix/a")),
        ("git switch -c fix/a", "", GitAction("checkout", ref="fix/a")),
        ("git checkout main", "Switched to branch 'main'", GitAction("checkout", ref="main")),
        ("git checkout -- a.py b.py", "", GitAction("checkout", paths=("/w/a.py", "/w/b.py"))),
        ("git checkout HEAD~1 a.py", "", GitAction("checkout", ref="HEAD~1", paths=("/w/a.py",))),
        ("git checkout src/a.py", "Updated 1 path from the index", GitAction("checkout", paths=("/w/src/a.py",))),
        ("cd sub && git restore a.py", "", GitAction("restore", paths=("/w/sub/a.py",))),
        ("git -C lib restore --source=HEAD~2 a", "", GitAction("restore", ref="HEAD~2", paths=("/w/lib/a",))),
    ],
)
def test_checkout_tells_branches_from_files(script: str, output: str, expected: GitAction) -> None:
    assert actions(script, output, cwd="/w") == [expected]


def test_files_brought_back_count_though_the_tests_after_it_failed() -> None:
    output = "Updated 1 path from the index\n1 failed"
    found = actions("git checkout a.py\npytest", output, succeeded=False, cwd="/w")
    assert found == [GitAction("checkout", paths=("/w/a.py",))]


def test_what_stands_beside_an_alternative_needs_proof() -> None:
    assert actions('git checkout a.py 2>/dev/null || echo "none"', "none") == []
    assert [a.action for a in actions("git commit -m x || true", COMMITTED)] == ["commit"]


def test_what_stands_in_a_branch_needs_proof() -> None:
    script = "if git diff --quiet; then echo none; else git commit -qm x && git push; fi"
    assert actions(script) == []
    assert [a.action for a in actions(script, PUSHED)] == ["push"]
    assert [a.action for a in actions("for f in a b; do git commit -qm $f; done")] == ["commit"]


def test_a_call_behind_wrappers_counts() -> None:
    found = actions("cd sub && bash -lc 'git checkout -- a.py && timeout 9 git push origin main'", cwd="/w")
    assert found == [GitAction("checkout", paths=("/w/sub/a.py",)), GitAction("push", ref="main")]


def test_a_revert_of_several_commits_is_one_action_each() -> None:
    output = '[main aaaaaaa] Revert "x"\n[main bbbbbbb] Revert "y"\n'
    found = actions("git revert --no-edit 1111111 2222222", output)
    assert [(a.ref, a.commit) for a in found] == [("1111111", "aaaaaaa"), ("2222222", "bbbbbbb")]


def test_a_pull_request_needs_its_address() -> None:
    script = 'gh pr create --title "Fix it" --body "see https://github.com/o/r/pull/1"'
    url = "https://github.com/o/r/pull/401"
    assert actions(script, f"{url}\n") == [GitAction("pull_request", message="Fix it", url=url)]
    assert actions(script, "pull request create failed") == []


def test_a_script_yields_only_so_many_actions() -> None:
    assert len(actions("git commit -qm x\n" * 500)) == ACTIONS_PER_SCRIPT


@pytest.mark.parametrize("evil", ["git commit -m '" * 2000, "git <<A\n" * 4000, "git ((((" * 8000, 'git "\\' * 8000])
def test_hostile_scripts_take_no_time(evil: str) -> None:
    started = time.perf_counter()
    actions(evil, "[main " * 5000)
    assert time.perf_counter() - started < 2
