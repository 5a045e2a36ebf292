"""What `HEAD` meant when a commit was taken back."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging.arcs import Rules
from domain.judging.derive import derive
from domain.judging.heads import taken_back_from_head
from domain.judging.records import ReworkKind
from domain.judging.rework import find_rework
from domain.judging.rule_judge import RuleJudge
from domain.timeline import Event, Kind
from tests import make

A, B, C, D = "aaaaaaa", "bbbbbbb", "ccccccc", "ddddddd"


def action(name: str, at: float = 0, call: str | None = None, **data: object) -> Event:
    known = {key: value for key, value in data.items() if value is not None}
    return make.event(Kind.GIT_ACTION, at, call_id=call, ordinal=2, data={"action": name, **known})


def commits(*hashes: str) -> list[Event]:
    return [action("commit", at, commit=commit) for at, commit in enumerate(hashes)]


def run(line: str, at: float, *told: Event, cwd: str | None = "/srv", **facts: object) -> list[Event]:
    """A call of the assistant: its command, and the git actions that were seen in it."""
    data = {"command": line} if cwd is None else {"command": line, "cwd": cwd}
    call = f"call {at}"
    actions = [make.event(Kind.GIT_ACTION, at, call_id=call, ordinal=2 + n, data=e.data) for n, e in enumerate(told)]
    return [make.command(line, at, call_id=call, ordinal=1, data=data, **facts), *actions]


def lost(*events: Event) -> list[str]:
    return [commit for commits in taken_back_from_head(events).values() for commit in commits]


@pytest.mark.parametrize(
    ("undo", "expected"),
    [
        (action("revert", 9, ref="HEAD"), [C]),
        (action("revert", 9, ref="@"), [C]),
        (action("revert", 9, ref="HEAD~0"), [C]),
        (action("revert", 9, ref="HEAD^"), [B]),
        (action("revert", 9, ref="HEAD~2"), [A]),
        (action("revert", 9, ref="HEAD~3"), []),
        (action("revert", 9, ref="HEAD~2^"), []),
        (action("revert", 9, ref="HEAD^2"), []),
        (action("revert", 9, ref="ORIG_HEAD"), []),
        (action("revert", 9, ref=A), []),
        (action("revert", 9), []),
        (action("reset", 9, ref="HEAD~1", mode="hard"), [C]),
        (action("reset", 9, ref="HEAD^^", mode="hard"), [B, C]),
        (action("reset", 9, ref="HEAD~9", mode="hard"), [A, B, C]),
        (action("reset", 9, ref="HEAD~1"), [C]),
        (action("reset", 9, ref="HEAD~1", mode="soft"), []),
        (action("reset", 9, ref="HEAD~1", mode="mixed"), []),
        (action("reset", 9, ref="HEAD", mode="hard"), []),
        (action("reset", 9, mode="hard"), []),
        (action("reset", 9, ref="main", mode="hard"), []),
    ],
)
def test_commits_named_from_head(undo: Event, expected: list[str]) -> None:
    assert lost(*commits(A, B, C), undo) == expected


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        (action("push", 5), [B]),
        (action("pull_request", 5), [B]),
        (action("checkout", 5, paths=["a.py"]), [B]),
        (action("restore", 5, paths=["a.py"]), [B]),
        (action("reset", 5, ref="HEAD", mode="hard"), [B]),
        (action("reset", 5, ref="HEAD~1", mode="soft"), [A]),
        (action("commit", 5, commit=C), [C]),
        (action("commit", 5, commit=C, mode="amend"), [C]),
        (action("revert", 5, ref="HEAD", commit=C), [B, C]),
        (action("revert", 5, ref="HEAD"), [B]),
        (action("checkout", 5, ref="main"), []),
        (action("merge", 5, ref="main"), []),
        (action("commit", 5), []),
        (action("reset", 5, ref="main"), []),
        (action("reset", 5, ref="HEAD~2"), [A, B]),
        (make.event(Kind.GIT_ACTION, 5, succeeded=False, data={"action": "merge"}), [B]),
        (make.command("git pull", 5), []),
        (make.command("git pull --rebase && git push", 5, exit_code=1), []),
        (make.command("git ci -m x", 5), []),
        (make.command("gh pr checkout 7", 5), []),
        (make.command("git commit -m 'by hand'", 5, actor="human"), []),
        (
            make.command(
                "git push; git fetch; git stash; git log; git add .; git reset a.py b.py; git checkout -- .", 5
            ),
            [B],
        ),
        (make.command("gh pr view 7; pytest; echo git pull", 5), [B]),
    ],
)
def test_what_may_have_moved_head_in_between(between: Event, expected: list[str]) -> None:
    assert lost(*commits(A, B), between, action("revert", 9, ref="HEAD")) == expected


def test_amending_replaces_the_last_commit() -> None:
    amended = action("commit", 5, commit=C, mode="amend")
    assert lost(*commits(A, B), amended, action("reset", 9, ref="HEAD~2", mode="hard")) == [A, C]


def test_commands_and_their_actions_are_one() -> None:
    made = run("git add . && git commit -qm x && git push", 1, action("commit", commit=A), action("push"))
    undone = run("git revert --no-edit HEAD", 2, action("revert", ref="HEAD", commit=B))
    again = run("git reset --hard @~1", 3, action("reset", ref="@~1", mode="hard"))
    assert lost(*made, *undone, *again) == [A, B]
    assert lost(*again, *made, *undone) == [A, B]


UNDO = run("git reset --hard HEAD~1", 9, action("reset", ref="HEAD~1", mode="hard"))


@pytest.mark.parametrize(
    "made",
    [
        run("git commit -m x", 1, action("commit", commit=A), cwd="/srv/other"),
        run("git commit -m x", 1, action("commit", commit=A), cwd=None),
        run("cd $DIR && git commit -m x", 1, action("commit", commit=A)),
        run("git -C lib commit -m x", 1, action("commit", commit=A)),
        run("git commit -m x; cd lib; git commit -m y", 1, action("commit", commit=A), action("commit", commit=B)),
        run("git commit -m x; git commit -qm y", 1, action("commit", commit=A)),
        run("git commit -m x && git pull --rebase", 1, action("commit", commit=A)),
        run("git pull && git commit -m x", 1, action("commit", commit=A)),
        run("git checkout v1.2 && git commit -m x", 1, action("checkout", ref="v1.2"), action("commit", commit=A)),
    ],
)
def test_a_commit_of_an_uncertain_place_or_order_is_not_resolved(made: list[Event]) -> None:
    assert lost(*made, *UNDO) == []


@pytest.mark.parametrize(
    "made",
    [
        run("git commit -m x && pytest", 1, action("commit", commit=A), exit_code=1),
        run("cd lib && cd .. && git commit -m x", 1, action("commit", commit=A)),
        run("git pull", 0) + run("git commit -m x", 1, action("commit", commit=A)),
        run("git checkout main && git commit -m x", 1, action("checkout", ref="main"), action("commit", commit=A)),
        run("git checkout -- b && git commit -m x", 1, action("checkout", paths=["b"]), action("commit", commit=A)),
    ],
)
def test_a_commit_of_a_certain_place_is_resolved(made: list[Event]) -> None:
    assert lost(*made, *UNDO) == [A]


def test_an_arc_whose_commit_a_later_arc_of_the_session_reverts_is_reworked() -> None:
    change = make.file_diff("/srv/a.py", 1, diff="@@ -0,0 +1,1 @@\n+x = 1")
    first = [make.prompt("Add x to a.py", 0), change, *run("git commit -m x", 2, action("commit", commit=A))]
    clear = make.event(Kind.CONTEXT_CLEAR, 3)
    undo = run("git revert --no-edit HEAD", 40, action("revert", ref="HEAD", commit=B))
    log = make.session_log(*first, clear, make.prompt("Undo that", 39), *undo, ended_at=50)
    earlier, later = derive([log], Rules(), RuleJudge())
    assert (earlier.commit_refs, later.revert_refs) == ((A,), (A,))
    found = find_rework(earlier, [later])
    assert found is not None
    assert found.kind is ReworkKind.REVERT
    (alone,) = derive([make.session_log(*undo, ended_at=50)], Rules(), RuleJudge())
    assert alone.revert_refs == ("HEAD",)


GIT = st.builds(
    action,
    st.sampled_from(["commit", "revert", "reset", "checkout", "push", "merge"]),
    st.integers(0, 9),
    ref=st.sampled_from(["HEAD", "HEAD~1", "@^", "HEAD~9999", "HEAD~0", "main", None]),
    commit=st.sampled_from([A, B, C, None]),
    mode=st.sampled_from(["hard", "soft", "amend", None]),
)


@given(st.lists(GIT), st.randoms(use_true_random=False))
def test_only_commits_of_the_session_are_named_in_any_order(events: list[Event], random: Random) -> None:
    found = taken_back_from_head(events)
    random.shuffle(events)
    assert taken_back_from_head(events) == found
    assert {commit for commits in found.values() for commit in commits} <= {A, B, C}
