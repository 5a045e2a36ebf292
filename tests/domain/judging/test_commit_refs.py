from collections.abc import Sequence

import pytest

from domain.judging import commit_refs
from domain.judging.commit_refs import made
from domain.timeline import Event, Kind
from tests import make


def git(action: str, **data: str) -> Event:
    return make.event(Kind.GIT_ACTION, data={"action": action, **data})


def taken_back(events: Sequence[Event]) -> tuple[str, ...]:
    return commit_refs.taken_back(events, {})


def test_commits_are_known_by_their_hash_else_by_their_ref_each_once() -> None:
    events = (
        git("commit", commit="abc1234", ref="main"),
        git("commit", ref="def5678"),
        git("commit", commit="abc1234"),
    )
    assert made(events) == ("abc1234", "def5678")
    assert made((git("commit"), git("push", commit="abc1234"), make.command("git commit"))) == ()


def test_a_revert_makes_a_commit_and_takes_one_back() -> None:
    assert made((git("revert", ref="abc1234", commit="def5678"),)) == ("def5678",)
    assert taken_back((git("revert", ref="abc1234", commit="def5678"),)) == ("abc1234",)
    assert taken_back((git("revert", commit="abc1234"),)) == ("abc1234",)
    assert made((git("revert", commit="abc1234"),)) == ()


@pytest.mark.parametrize(
    ("event", "lost"),
    [
        (git("reset", ref="abc1234^", mode="hard"), ("abc1234",)),
        (git("reset", ref="abc1234~1"), ("abc1234",)),
        (git("reset", ref="abc1234"), ()),
        (git("reset", ref="HEAD~1"), ()),
        (git("reset", ref="abc1234^", mode="soft"), ()),
        (git("reset", commit="abc1234"), ("abc1234",)),
        (git("checkout", ref="abc1234"), ()),
        (make.command("git revert --no-edit abc1234"), ("abc1234",)),
        (make.command("git revert --no-edit abc1234", exit_code=1), ()),
    ],
)
def test_a_reset_loses_what_came_after_the_commit_it_names(event: Event, lost: tuple[str, ...]) -> None:
    assert taken_back((event,)) == lost


def test_a_command_is_not_read_where_a_git_action_of_its_call_tells() -> None:
    action = make.event(Kind.GIT_ACTION, call_id="c", data={"action": "revert", "ref": "abc1234"})
    assert taken_back((make.command("git revert abc", call_id="c"), action)) == ("abc1234",)
